import {CampaignLive} from "@community_groupbuy/interactions/campaign_live";
import {patch} from "@web/core/utils/patch";

// Who joins while the page is open takes a seat on it.
patch(CampaignLive.prototype, {
    show(values) {
        super.show(values);
        const list = this.el.querySelector("[data-gb=faces]");
        if (list && values.faces) {
            this.showFaces(list, values.faces);
        }
    },

    showFaces(list, faces) {
        const wanted = faces.map((face) => face.initial + face.name).join("\n");
        const shown = [...list.children]
            .map((item) => item.textContent.replace(/\s+/g, " ").trim())
            .join("\n");
        if (shown.replaceAll(" ", "") === wanted.replaceAll(" ", "")) {
            return;
        }
        list.replaceChildren(
            ...faces.map((face) => {
                const item = document.createElement("li");
                item.classList.toggle("is-free", face.is_free);
                const circle = document.createElement("span");
                circle.className = "gb-face";
                circle.setAttribute("aria-hidden", "true");
                circle.textContent = face.initial;
                item.append(circle, face.name);
                return item;
            })
        );
    },
});
