import {registry} from "@web/core/registry";

/** Opens another page of the portal by its tab. */
function openTab(path) {
    return {
        content: `Open ${path}`,
        trigger: `.gb-tabs a[href$='${path}']`,
        run: "click",
        expectUnloadPage: true,
    };
}

/**
 * A leader looks at the day, shares a campaign, writes to the joiners, looks at what is
 * earned, takes a day off and chooses how to be told of new orders. No step looks at a
 * word, so that it runs in each language.
 */
registry.category("web_tour.tours").add("groupbuy_leader_portal", {
    steps: () => [
        {
            content: "The account leads to the portal",
            trigger: "a[href$='/my/leader']:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Two residents have joined",
            trigger: ".gb-tile[data-gb='new'] b:contains(2)",
        },
        openTab("/my/leader/campaigns"),
        {
            content: "Open the campaign",
            trigger: ".gb-list a.gb-row:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The link is the leader's own",
            trigger: "a.gb-link[href*='/l/']",
        },
        {
            content: "Show the QR code",
            trigger: ".gb-share summary",
            run: "click",
        },
        {
            content: "The QR code is there",
            trigger: ".gb-share details[open] img",
            run() {
                const picture = this.anchor;
                return new Promise((resolve, reject) => {
                    const check = () =>
                        picture.naturalWidth
                            ? resolve()
                            : reject(new Error("The QR code is no picture"));
                    if (picture.complete) {
                        check();
                    } else {
                        picture.addEventListener("load", check);
                        picture.addEventListener("error", check);
                    }
                });
            },
        },
        {
            content: "The first names are there",
            trigger: ".gb-joiner b:contains(Anna M.)",
        },
        {
            content: "Write to all of them",
            trigger: "#gb_message",
            run: "edit Please bring a bag.",
        },
        {
            content: "Send",
            trigger: "form[action$='/message'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is sent",
            trigger: ".alert-success",
        },
        {
            content: "It is kept",
            trigger: ".gb-lines-kept:contains(Please bring a bag.)",
        },
        openTab("/my/leader/statement"),
        {
            content: "Limit it to what waits for the pickup",
            trigger: "#gb_state",
            run: "select pickup",
        },
        {
            content: "Show",
            trigger: ".gb-filter-form button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "An entry waits",
            trigger: ".gb-entry .badge",
        },
        openTab("/my/leader/days-off"),
        {
            content: "First day",
            trigger: "#gb_from",
            run() {
                const day = new Date(Date.now() + 30 * 24 * 3600 * 1000);
                this.anchor.value = day.toISOString().slice(0, 10);
            },
        },
        {
            content: "Reason",
            trigger: "#gb_reason",
            run: "edit Family visit",
        },
        {
            content: "Close the point",
            trigger: "form[action$='/days-off'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is closed",
            trigger: "[data-gb='days-off'] .gb-row:contains(Family visit)",
        },
        openTab("/my/leader/tier"),
        {
            content: "The tier is there",
            trigger: "[data-gb='tier'] .gb-people",
        },
        openTab("/my/leader"),
        {
            content: "How to be told of new orders",
            trigger: "a[href$='/my/leader/announcements']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "At once",
            trigger: "#gb_mode_at_once",
            run: "click",
        },
        {
            content: "Save",
            trigger: ".gb-part button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is saved",
            trigger: ".alert-success",
        },
    ],
});
