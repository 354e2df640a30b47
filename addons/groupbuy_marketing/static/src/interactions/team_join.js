import {Join} from "@community_groupbuy/interactions/join";
import {patch} from "@web/core/utils/patch";

// What is chosen on a team's page goes into that team.
patch(Join.prototype, {
    getParams() {
        const team = this.el.closest("[data-gb-team]")?.dataset.gbTeam;
        return {...super.getParams(), ...(team ? {groupbuy_team: team} : {})};
    },
});
