import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Nothing sticks out of the screen. */
function checkWidth() {
    const width = document.documentElement.scrollWidth;
    if (width > window.innerWidth) {
        throw new Error(`The page is ${width} wide, the screen ${window.innerWidth}`);
    }
}

tours.add("groupbuy_share_poster", {
    steps: () => [
        {
            content: "Open poster and link",
            trigger: ".gb-share-page",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The poster is drawn",
            trigger: "img.gb-poster",
            async run() {
                await this.anchor.decode();
                if (this.anchor.naturalWidth !== 900) {
                    throw new Error("The poster was not drawn");
                }
                checkWidth();
            },
        },
        {
            content: "The own link stands there",
            trigger: "#gb_link",
            run() {
                if (!/\/s\/[\w-]{16}$/.test(this.anchor.value)) {
                    throw new Error(`No own link: ${this.anchor.value}`);
                }
            },
        },
        {trigger: "a[href*='poster.pdf?link=']"},
    ],
});

tours.add("groupbuy_share_copy", {
    steps: () => [
        {
            content: "Share the campaign on a screen that cannot share",
            trigger: ".gb-share[data-campaign-id] .gb-share-button",
            run: "click",
        },
        {
            content: "The own link was copied, or is shown to be copied",
            trigger: ".gb-share-done:not(:empty)",
            run() {
                const share = this.anchor.closest(".gb-share");
                if (!/\/s\/[\w-]{16}$/.test(share.dataset.url)) {
                    throw new Error(`Not the own link: ${share.dataset.url}`);
                }
            },
        },
    ],
});

tours.add("groupbuy_share_dialog", {
    steps: () => [
        {
            content: "Share the campaign on a phone, which has a dialog for it",
            trigger: ".gb-share[data-campaign-id] .gb-share-button",
            run({click}) {
                Object.defineProperty(navigator, "share", {
                    value: async (data) => {
                        document.body.dataset.shared = `${data.title} ${data.url}`;
                    },
                    configurable: true,
                });
                return click();
            },
        },
        {
            content: "The dialog got the own link",
            trigger: "body[data-shared]",
            run() {
                const {shared} = this.anchor.dataset;
                if (!/^Weekend Vegetables.* http.*\/s\/[\w-]{16}$/.test(shared)) {
                    throw new Error(`Not the own link: ${shared}`);
                }
                checkWidth();
            },
        },
    ],
});

tours.add("groupbuy_comment", {
    steps: () => [
        {
            content: "Write a comment",
            trigger: "#gb_comment",
            run: "edit Very fresh",
        },
        {
            content: "Send it",
            trigger: "#comments button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It waits",
            trigger: ".gb-comment-pending:contains(Very fresh)",
            run: checkWidth,
        },
    ],
});

tours.add("groupbuy_unsubscribe", {
    steps: () => [
        {
            content: "Opening the link was enough",
            trigger: "button:contains(Send me messages again)",
            run: checkWidth,
        },
    ],
});
