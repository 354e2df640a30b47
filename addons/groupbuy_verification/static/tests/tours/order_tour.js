import {registry} from "@web/core/registry";
import {takeOneInstead} from "@community_groupbuy/../tests/tours/resident_tours";

/** The order's page looks at itself again, and keeps what it has just told. */
registry.category("web_tour.tours").add("groupbuy_order_message_stays", {
    steps: () => [
        ...takeOneInstead(),
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
