import {registry} from "@web/core/registry";

// No step looks at a word, so that the tours run in each language.

registry.category("web_tour.tours").add("groupbuy_points_membership", {
    steps: () => [
        {
            content: "The page offers a membership",
            trigger: "section[aria-labelledby='gb_member_title'] a.btn[href*='/shop/']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Take it",
            trigger: "#add_to_cart:not(.disabled)",
            run: "click",
        },
        {
            content: "It is in the cart",
            trigger: "a[href='/shop/cart']:has(.my_cart_quantity:text(1)):visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "To the payment: there is nothing to deliver",
            trigger: "a[name='website_sale_main_button']:visible",
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
            content: "Paid; back to the page of rewards",
            trigger: "[name='order_confirmation']",
            run: () => {
                window.location.href = "/my/rewards";
            },
            expectUnloadPage: true,
        },
        {
            content: "The membership runs",
            trigger: "section[aria-labelledby='gb_member_title'] li > span",
        },
        {
            content: "Exchange points for a coupon",
            trigger: ".gb-loyalty form[action='/my/rewards/exchange'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Here it is",
            trigger:
                ".gb-loyalty:has(.alert-success)" +
                " section[aria-labelledby='gb_coupons_title'] code",
        },
        {
            content: "And what is left is not enough for another one",
            trigger: ".gb-loyalty:not(:has(form[action='/my/rewards/exchange']))",
        },
    ],
});
