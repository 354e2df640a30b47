import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** A line that is sold out: its visitor gets in line. */
tours.add("groupbuy_waitlist", {
    steps: () => [
        {
            content: "What is sold out cannot be put into the cart",
            trigger: ".gb-line.is-sold-out .gb-join:not(:visible)",
        },
        {
            content: "Get in line",
            trigger: ".gb-line.is-sold-out .gb-waitlist button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page says so",
            trigger: ".gb-campaign .alert-success",
        },
        {
            content: "There is no second place in line for the same product",
            trigger:
                ".gb-line.is-sold-out .gb-waitlist:not(:has([name=quantity])) .fa-check",
        },
        {
            content: "Who has changed his mind leaves it",
            trigger: ".gb-line.is-sold-out .gb-waitlist form[action$='/leave'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "And may come back",
            trigger:
                ".gb-line.is-sold-out .gb-waitlist form:not([action$='/leave']) button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "In line again",
            trigger: ".gb-line.is-sold-out .gb-waitlist .fa-check",
        },
    ],
});

/** On the page of a paid order: one piece is enough. */
export const takeOneInstead = () => [
    {
        content: "One instead of three",
        trigger: ".gb-change input[type=number]",
        run: "edit 1",
    },
    {
        content: "Save",
        trigger: ".gb-change button[type=submit]",
        run: "click",
        expectUnloadPage: true,
    },
];

/** A paid order is made smaller, then cancelled, on the page of the order. */
tours.add("groupbuy_change_order", {
    steps: () => [
        {
            content: "The list of group orders",
            trigger: ".gb-order .gb-order-title",
            run: "click",
            expectUnloadPage: true,
        },
        ...takeOneInstead(),
        {
            content: "It was changed",
            trigger: ".gb-order-page .alert-success",
        },
        {
            content: "No more than what is ordered now",
            trigger: ".gb-change input[type=number][max='1']",
        },
        {
            content: "Cancel: look at what it means first",
            trigger: ".gb-order-page details summary",
            run: "click",
        },
        {
            content: "Cancel",
            trigger: ".gb-order-page details[open] .gb-btn-danger",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is cancelled, and there is nothing left to change",
            trigger: ".gb-order-page .alert-success",
        },
        {
            content: "The way back to what is open",
            trigger: ".gb-order-page:not(:has(.gb-change)) a[href$='/group-buy']",
        },
    ],
});

/** The cart holds one campaign: another is asked about, and nothing changes by itself. */
tours.add("groupbuy_mixed_cart", {
    steps: () => [
        {
            content: "Join the second campaign while the cart holds the first",
            trigger: ".gb-join button[type=submit]",
            run: "click",
        },
        {
            content: "Keep the cart",
            trigger: ".modal footer .btn-secondary",
            run: "click",
        },
        {
            content: "Try once more",
            trigger: "body:not(:has(.o_dialog)) .gb-join button[type=submit]",
            run: "click",
        },
        {
            content: "Start a new cart",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "The new one holds the second campaign only",
            trigger: ".gb-cartbar:not(.d-none) [data-gb=cart-quantity]:text(1)",
        },
        {
            content: "Go to the cart",
            trigger: ".gb-cartbar:not(.d-none) a[href*='/shop/cart']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It says which campaign it is for",
            trigger: ".gb-cart .gb-cart-title:contains(Second Campaign)",
        },
    ],
});
