import {rpc} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

/** Chooses a community at once; without a script there is the button. */
export class CommunityPicker extends Interaction {
    static selector = ".gb-community";
    dynamicContent = {
        select: {"t-on-change": () => this.el.submit()},
        "button[type=submit]": {"t-att-class": () => ({"d-none": true})},
    };
}

/** Keeps whether neighbours may see who has joined. */
export class ShowName extends Interaction {
    static selector = ".gb-show-name";
    dynamicContent = {
        _root: {"t-on-change": this.locked(this.onChange)},
    };

    async onChange() {
        this.el.checked = await this.waitFor(
            rpc("/group-buy/show-name", {show: this.el.checked})
        );
    }
}

registry
    .category("public.interactions")
    .add("community_groupbuy.community_picker", CommunityPicker)
    .add("community_groupbuy.show_name", ShowName);
