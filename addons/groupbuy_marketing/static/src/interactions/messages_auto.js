import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

/** Unsubscribes whoever has opened the link of a mail; without a script a button does. */
export class MessagesAuto extends Interaction {
    static selector = ".gb-messages-auto";

    start() {
        this.el.requestSubmit(this.el.querySelector("button[type=submit]"));
    }
}

registry
    .category("public.interactions")
    .add("groupbuy_marketing.messages_auto", MessagesAuto);
