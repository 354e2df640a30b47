import {_t} from "@web/core/l10n/translation";
import {Component, onWillStart, reactive, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useBus, useService} from "@web/core/utils/hooks";
import {user} from "@web/core/user";
import {HandOut} from "../../hand_out/hand_out";
import {HandOutModel} from "../../hand_out/hand_out_model";
import {MemoryStore} from "../../hand_out/memory_store";
import {call} from "../../hand_out/api";

const REMEMBERED = "groupbuy_verification.hand_out_point";

/**
 * Handing out in the back office: the screen of the managers' phones for a point that
 * staff choose, and scanners that type.
 */
export class HandOutAction extends Component {
    static template = "groupbuy_verification.HandOutAction";
    static components = {HandOut};
    static props = {...standardActionServiceProps};

    setup() {
        this.state = useState({points: [], pointId: null, error: ""});
        const barcode = useService("barcode");
        useBus(barcode.bus, "barcode_scanned", (ev) =>
            this.finder?.(ev.detail.barcode)
        );
        onWillStart(async () => {
            try {
                this.state.points = await call("/groupbuy/scan/points", {});
            } catch {
                this.state.error = _t("The pickup points could not be loaded.");
                return;
            }
            const {context = {}, params = {}} = this.props.action;
            const wanted =
                params.point_id ||
                context.default_point_id ||
                Number(browser.localStorage.getItem(REMEMBERED));
            const point =
                this.state.points.find(({id}) => id === wanted) || this.state.points[0];
            if (point) {
                this.choose(point.id);
            }
        });
    }

    choose(pointId) {
        const point = this.state.points.find(({id}) => id === Number(pointId));
        browser.localStorage.setItem(REMEMBERED, point.id);
        this.finder = null;
        this.model = reactive(
            new HandOutModel({point, userId: user.userId, store: new MemoryStore()})
        );
        this.state.pointId = point.id;
    }

    setFinder(finder) {
        this.finder = finder;
    }
}

registry
    .category("actions")
    .add("groupbuy_verification.hand_out_action", HandOutAction);
