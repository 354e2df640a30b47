import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

/**
 * Helps with the form for leaders, which works without it: the dot of the chosen
 * community is marked on the map, and Monday's hours can be copied to the other
 * days.
 */
export class LeaderApplication extends Interaction {
    static selector = ".gb-application";
    dynamicContent = {
        "input[name='community_id']": {"t-on-change": this.markPlace},
        ".gb-copy-hours": {
            "t-on-click.prevent": this.copyHours,
            // Does nothing without a script, so it is only shown with one.
            "t-att-class": () => ({"d-none": false}),
        },
    };

    start() {
        this.markPlace();
    }

    markPlace() {
        const chosen = this.el.querySelector("input[name='community_id']:checked");
        for (const place of this.el.querySelectorAll(".gb-map-place")) {
            place.classList.toggle(
                "is-chosen",
                place.dataset.community === chosen?.value
            );
        }
    }

    copyHours() {
        const from = this.el.querySelector("input[name='from_0']").value;
        const to = this.el.querySelector("input[name='to_0']").value;
        const rest = [...this.el.querySelectorAll(".gb-hours input")].slice(2);
        for (const input of rest) {
            input.value = input.name.startsWith("from_") ? from : to;
        }
    }
}

registry
    .category("public.interactions")
    .add("groupbuy_leader.application", LeaderApplication);
