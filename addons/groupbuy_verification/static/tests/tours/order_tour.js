import {registry} from "@web/core/registry";

/** The order's page looks at itself again, and keeps what it has just told. */
registry.category("web_tour.tours").add("groupbuy_order_message_stays", {
    steps: () => [
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
        {
            content: "It was changed; now the page has something to bring up to date",
            trigger: ".gb-order-page .alert-success",
            run() {
                document.querySelector("#gb_order_title").dataset.old = "1";
                document.querySelector("#gb_order_title").append("?");
                document.dispatchEvent(new Event("visibilitychange"));
            },
        },
        {
            content: "It has looked again",
            trigger: ".gb-order-page #gb_order_title:not([data-old])",
        },
        {
            content: "The message is still there",
            trigger: ".gb-order-page .alert-success",
        },
    ],
});
