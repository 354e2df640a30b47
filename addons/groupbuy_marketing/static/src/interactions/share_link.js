import {Share} from "@community_groupbuy/interactions/share";
import {rpc} from "@web/core/network/rpc";
import {patch} from "@web/core/utils/patch";

// Who is signed in shares an own link. It is made when it is wanted, not with the page.
patch(Share.prototype, {
    async onShare() {
        const data = this.el.dataset;
        if (data.campaignId) {
            try {
                const {url} = await this.waitFor(
                    rpc("/group-buy/share/link", {
                        campaign_id: data.campaignId,
                        team: data.team || null,
                    })
                );
                if (url) {
                    data.url = url;
                }
            } catch {
                // No connection: the page's own address can still be shared.
            }
            delete data.campaignId;
        }
        return super.onShare();
    },
});
