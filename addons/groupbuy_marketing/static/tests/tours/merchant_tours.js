import {registry} from "@web/core/registry";

// A clerk types the code that a resident shows, and redeems the coupon. No step looks at
// a word, so that the tour runs in each language.
registry.category("web_tour.tours").add("groupbuy_merchant_redeem", {
    steps: () => [
        {
            content: "Type the code",
            trigger: "#gb_merchant_code",
            run: "edit TOUR-COFFEE",
        },
        {
            content: "Look what it is for",
            trigger: ".gb-merchant-form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Redeem it",
            trigger: "button[name=gb_redeem]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It was redeemed",
            trigger: ".gb-merchant .alert-success",
        },
        {
            content: "It stands in the list",
            trigger: ".gb-merchant time",
        },
    ],
});

// A resident opens a coupon to show it.
registry.category("web_tour.tours").add("groupbuy_coupon_show", {
    steps: () => [
        {
            content: "Open the coupon",
            trigger: ".gb-coupons a[href*='/my/coupons/']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The code and its picture are there",
            trigger: ".gb-coupon code:contains(TOUR-COFFEE)",
        },
        {
            content: "The picture has been drawn",
            trigger: ".gb-coupon-qr",
            run({anchor}) {
                if (!anchor.naturalWidth) {
                    throw new Error("The picture of the code is broken");
                }
            },
        },
    ],
});
