import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

/** Fills the building block with the campaigns that are open now. */
export class CampaignsSnippet extends Interaction {
    static selector = ".s_groupbuy_campaigns";

    setup() {
        this.list = this.el.querySelector(".s_groupbuy_campaigns_list");
    }

    async willStart() {
        if (!this.list) {
            return;
        }
        const limit = encodeURIComponent(this.el.dataset.limit || 3);
        try {
            const response = await this.waitFor(
                fetch(`/group-buy/snippet?limit=${limit}`)
            );
            this.html = response.ok ? await this.waitFor(response.text()) : "";
        } catch {
            // The block's own button still leads to the campaigns.
            this.html = "";
        }
    }

    start() {
        if (!this.html) {
            return;
        }
        const content = new DOMParser().parseFromString(this.html, "text/html");
        for (const el of [...content.body.children]) {
            // Taken out again when the page is edited: it is never saved with it.
            this.insert(el, this.list);
        }
    }
}

registry
    .category("public.interactions")
    .add("community_groupbuy.campaigns_snippet", CampaignsSnippet);

registry
    .category("public.interactions.edit")
    .add("community_groupbuy.campaigns_snippet", {Interaction: CampaignsSnippet});
