import {registry} from "@web/core/registry";

/**
 * The shop binds this button when it has asked the server for the delivery methods. On
 * a slow machine it is to be seen before that, and a click does nothing: click again,
 * as a resident would.
 */
async function openLocationSelector({anchor}) {
    for (let attempt = 0; attempt < 6; attempt++) {
        anchor.click();
        await new Promise((resolve) => setTimeout(resolve, 1500));
        if (document.querySelector(".o_location_selector")) {
            return;
        }
    }
}

/**
 * From the list of campaigns to "paid and waiting", as a resident does it. No step
 * looks at a word, so that it runs in each language; test_tours.py looks at the words.
 */
registry.category("web_tour.tours").add("groupbuy_join", {
    steps: () => [
        {
            content: "The campaign is in the list",
            trigger: ".gb-card a[href*='/group-buy/']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The price ladder is there",
            trigger: ".gb-campaign .gb-line .gb-ladder",
        },
        {
            content: "One more",
            trigger: ".gb-join [data-gb-step='1']",
            run: "click",
        },
        {
            content: "Join",
            trigger: ".gb-join button[type=submit]",
            run: "click",
        },
        {
            content: "The bar at the bottom leads to the cart",
            trigger: ".gb-cartbar:not(.d-none) [data-gb=cart-quantity]:text(2)",
        },
        {
            content: "Go to the cart",
            trigger: ".gb-cartbar:not(.d-none) a[href*='/shop/cart']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Go to the checkout",
            trigger: "a[name='website_sale_main_button']:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The delivery methods and their prices have been loaded",
            trigger: "input[name='o_delivery_radio']:checked:not(:disabled)",
        },
        {
            content: "Choose a pickup point",
            trigger: "button[name='o_pickup_location_selector']:visible",
            run: openLocationSelector,
        },
        {
            content: "The second point",
            trigger: ".o_location_selector button[id^='location-']:last",
            run: "click",
        },
        {
            content: "There is no map from abroad",
            trigger: ".o_location_selector:not(:has(.o_map_container))",
        },
        {
            content: "Take it",
            trigger: ".o_location_selector button.btn-primary:visible",
            run: "click",
        },
        {
            content: "It is shown",
            trigger: "[name='o_pickup_location_name']:contains(South Gate)",
        },
        {
            content: "Go to the payment",
            trigger: "a[name='website_sale_main_button']:not(.disabled):visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Card number",
            trigger: "input[name='customer_input']",
            run: "edit 4242424242424242",
        },
        {
            content: "Pay",
            trigger: "button[name='o_payment_submit_button']:not(:disabled):visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Paid and waiting",
            trigger: ".gb-waiting .fa-check-circle",
        },
    ],
});
