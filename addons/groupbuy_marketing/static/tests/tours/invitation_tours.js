import {registry} from "@web/core/registry";

// No step looks at a word, so that the tours run in each language.
registry.category("web_tour.tours").add("groupbuy_invitations", {
    steps: () => [
        {
            content: "Open the page from the account",
            trigger: ".o_portal_my_home a[href*='/my/invitations']:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The link is there to be read",
            trigger: ".gb-invitations a.gb-invitation-link[href*='/i/']",
        },
        {
            content: "Show the QR code",
            trigger: ".gb-invitations .gb-share summary",
            run: "click",
        },
        {
            content: "It is a picture",
            trigger: ".gb-share details[open] img[src*='/my/invitations/qr.svg']",
        },
        {
            content: "A neighbour counts",
            trigger: ".gb-invitations section .badge.text-bg-success",
        },
        {
            content: "The milestone is still to come",
            trigger: ".gb-invitations .gb-step-number ~ .badge.text-bg-secondary",
        },
    ],
});

registry.category("web_tour.tours").add("groupbuy_trial", {
    steps: () => [
        {
            content: "Promise a review",
            trigger: ".gb-trials input[name='promise']",
            run: "click",
        },
        {
            content: "Try it",
            trigger: ".gb-trials form button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The coupon is there",
            trigger: ".gb-trials code",
        },
    ],
});
