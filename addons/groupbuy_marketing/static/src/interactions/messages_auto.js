import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

/** Unsubscribes whoever has opened the link of a mail; without a script a button does. */
export class MessagesAuto extends Interaction {
    static selector = ".gb-messages-auto";

    async willStart() {
        let text = "";
        try {
            const response = await this.waitFor(
                fetch(this.el.action, {method: "POST", body: new FormData(this.el)})
            );
            text = response.ok ? await this.waitFor(response.text()) : "";
        } catch {
            // No connection: the button is still there.
        }
        const page = new DOMParser().parseFromString(text, "text/html");
        const form = page.querySelector("#wrap form");
        if (form) {
            this.el.replaceChildren(...form.childNodes);
        }
    }
}

registry
    .category("public.interactions")
    .add("groupbuy_marketing.messages_auto", MessagesAuto);
