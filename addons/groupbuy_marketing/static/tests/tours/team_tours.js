import {registry} from "@web/core/registry";

/**
 * The shop binds this button when it has asked the server for the delivery methods. On
 * a slow machine it is to be seen before that: click again, as a resident would.
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

// From the price of a team to "paid and waiting". No step looks at a word, so that the
// tours run in each language.
const buySteps = [
    {
        content: "Choose something",
        trigger: ".gb-join button[type=submit]",
        run: "click",
    },
    {
        content: "Go to the cart",
        trigger: ".gb-cartbar:not(.d-none) a[href*='/shop/cart']",
        run: "click",
        expectUnloadPage: true,
    },
    {
        content: "The cart says which team it is for",
        trigger: ".gb-cart .gb-cart-team:not(:has(.text-danger))",
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
        content: "What is shared is the team",
        trigger: ".gb-waiting .gb-share[data-url*='/team/']",
    },
    {
        content: "Look at the team",
        trigger: ".gb-waiting a[href*='/team/']",
        run: "click",
        expectUnloadPage: true,
    },
];

registry.category("web_tour.tours").add("groupbuy_team_start", {
    steps: () => [
        {
            content: "No team yet, and the ladder says what one brings",
            trigger: "#teams:not(:has(.gb-team)), .gb-line .gb-ladder",
        },
        ...buySteps,
        {
            content: "One face, two free seats, and the time that is left",
            trigger:
                ".gb-team-page:has(.alert-success):has(.gb-faces li:not(.is-free))" +
                ":has(.gb-faces li.is-free + li.is-free) .gb-countdown:not(.d-none)",
        },
    ],
});

registry.category("web_tour.tours").add("groupbuy_team_join", {
    steps: () => [
        {
            content: "The team that a neighbour shared has two joiners",
            trigger: ".gb-team-page .gb-faces li:not(.is-free) + li:not(.is-free)",
        },
        {
            content: "The price counts whoever joins",
            trigger: ".gb-line [data-gb=price]:contains(7)",
        },
        ...buySteps,
        {
            content: "All three are there",
            trigger: ".gb-team-page .gb-faces:not(:has(.is-free)) li:nth-child(3)",
        },
    ],
});
