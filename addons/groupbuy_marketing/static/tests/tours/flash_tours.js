import {registry} from "@web/core/registry";

/** The shop binds this button late: click until the selector is there. */
async function openLocationSelector({anchor}) {
    for (let attempt = 0; attempt < 6; attempt++) {
        anchor.click();
        await new Promise((resolve) => setTimeout(resolve, 1500));
        if (document.querySelector(".o_location_selector")) {
            return;
        }
    }
}

const CHECKOUT = [
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
        content: "The delivery methods have been loaded",
        trigger: "input[name='o_delivery_radio']:checked:not(:disabled)",
    },
    {
        content: "Choose a pickup point",
        trigger: "button[name='o_pickup_location_selector']:visible",
        run: openLocationSelector,
    },
    {
        content: "The first point",
        trigger: ".o_location_selector button[id^='location-']:first",
        run: "click",
    },
    {
        content: "Take it",
        trigger: ".o_location_selector button.btn-primary:visible",
        run: "click",
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
];

// From the page that waits for the start to "paid". It opens without a reload.
registry.category("web_tour.tours").add("groupbuy_flash_checkout", {
    steps: () => [
        {
            content: "The page waits for the start",
            trigger: ".gb-campaign.is-flash-waiting .gb-flash-early:visible",
        },
        {
            content: "The start is near: the server's clock is asked again",
            trigger: ".gb-campaign.is-flash-waiting .gb-countdown",
            run: () => {
                document.cookie = "flash_tour_go_on=1; path=/";
                document.dispatchEvent(new Event("visibilitychange"));
            },
        },
        {
            content: "It opens by itself",
            trigger: ".gb-campaign.is-flash-on:not(.is-flash-waiting) .gb-join:visible",
        },
        {
            content: "Get in line; it is our turn at once",
            trigger: ".gb-join button[type=submit]:visible:enabled",
            run: "click",
        },
        {
            content: "One is in the cart",
            trigger: ".gb-cartbar:not(.d-none) [data-gb=cart-quantity]:text(1)",
        },
        ...CHECKOUT,
    ],
});

// Somebody else has the last unit: wait in line until the turn comes.
registry.category("web_tour.tours").add("groupbuy_flash_wait", {
    steps: () => [
        {
            content: "Get in line",
            trigger: ".gb-join button[type=submit]:visible:enabled",
            run: "click",
        },
        {
            content: "The place is shown",
            trigger: ".gb-queue:not(.d-none) b:contains(2)",
        },
    ],
});
