import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

const INTERVAL = 10000;
const LONGEST_INTERVAL = 120000;

/**
 * Refreshes the numbers of a campaign's page without a reload.
 *
 * The server sends the very sentences that it wrote into the page, so both always say
 * the same in the visitor's language. Nothing is asked for while the page is hidden,
 * and less and less often while the server does not answer.
 */
export class CampaignLive extends Interaction {
    static selector = ".gb-campaign[data-live-url]";
    dynamicContent = {
        _document: {"t-on-visibilitychange": () => this.onVisibilityChange()},
        _root: {"t-on-groupbuy_refresh": () => this.refresh()},
    };

    start() {
        this.delay = INTERVAL;
        if (["open", "scheduled", "closing"].includes(this.el.dataset.state)) {
            this.plan();
        }
    }

    destroy() {
        clearTimeout(this.timer);
    }

    plan() {
        clearTimeout(this.timer);
        // Spread out, so that the pages of many visitors do not ask all at once.
        this.timer = setTimeout(
            () => this.refresh(),
            this.delay * (0.8 + 0.4 * Math.random())
        );
    }

    onVisibilityChange() {
        if (document.hidden) {
            clearTimeout(this.timer);
        } else if (this.timer) {
            this.refresh();
        }
    }

    async refresh() {
        clearTimeout(this.timer);
        const ids = [...this.el.querySelectorAll("[data-gb-line]")].map(
            (el) => el.dataset.gbLine
        );
        const url = `${this.el.dataset.liveUrl}?lines=${ids.join(",")}`;
        try {
            const response = await this.waitFor(fetch(url));
            if (!response.ok) {
                throw new Error(response.statusText);
            }
            const values = await this.waitFor(response.json());
            this.protectSyncAfterAsync(() => this.show(values))();
            this.delay = INTERVAL;
        } catch {
            this.delay = Math.min(this.delay * 2, LONGEST_INTERVAL);
        }
        this.plan();
    }

    show(values) {
        if (values.state !== this.el.dataset.state) {
            // Opened or closed: other buttons and sentences, a page of its own.
            window.location.reload();
            return;
        }
        this.setText(this.el, "people", values.people_text);
        this.setText(this.el, "goal", values.goal_text);
        for (const bar of values.bars) {
            this.showBar(bar);
        }
        this.showJoiners(values.joiners);
        for (const el of this.el.querySelectorAll("[data-gb-line]")) {
            const line = values.lines[el.dataset.gbLine];
            if (line) {
                this.showLine(el, line);
            }
        }
    }

    showBar(bar) {
        const el = this.el.querySelector(`[data-gb-measure="${bar.measure}"]`);
        if (!el) {
            return;
        }
        const progress = el.querySelector("[data-gb=bar]");
        progress.setAttribute("aria-valuenow", bar.percent);
        progress.setAttribute("aria-valuetext", bar.text);
        progress.setAttribute("aria-label", bar.text);
        el.querySelector("[data-gb=bar-fill]").style.width = `${bar.percent}%`;
        this.setText(el, "bar-text", bar.text);
    }

    showJoiners(names) {
        const el = this.el.querySelector("[data-gb=joiners]");
        const shown = [...el.children].map((item) => item.textContent);
        el.classList.toggle("d-none", !names.length);
        if (shown.join("\n") === names.join("\n")) {
            return;
        }
        el.replaceChildren(
            ...names.map((name) => {
                const item = document.createElement("li");
                item.textContent = name;
                return item;
            })
        );
    }

    showLine(el, line) {
        this.setText(el, "price", line.price_text);
        this.setText(el, "missing", line.missing_text);
        this.setText(el, "left", line.left_text);
        this.setText(el, "sold", line.sold_text);
        el.querySelector("[data-gb=percent]")?.style.setProperty(
            "width",
            `${line.percent}%`
        );
        el.querySelector("[data-gb=start]")?.classList.toggle("d-none", !line.is_lower);
        el.classList.toggle("is-sold-out", line.is_sold_out);
        const steps = el.querySelectorAll(".gb-ladder > li");
        steps.forEach((step, position) => {
            step.classList.toggle("is-reached", position <= line.step);
            step.classList.toggle("is-current", position === line.step);
            if (position === line.step) {
                step.setAttribute("aria-current", "step");
            } else {
                step.removeAttribute("aria-current");
            }
        });
    }

    /** Write a text only when it changed: screen readers announce each change. */
    setText(el, name, text) {
        const target = el.querySelector(`[data-gb="${name}"]`);
        if (target && target.textContent !== text) {
            target.textContent = text;
        }
    }
}

registry
    .category("public.interactions")
    .add("community_groupbuy.campaign_live", CampaignLive);
