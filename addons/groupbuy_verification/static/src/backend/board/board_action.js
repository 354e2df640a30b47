import {_t} from "@web/core/l10n/translation";
import {Component, onWillStart, onWillUnmount, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";

// Milliseconds between two looks where the bus does not get through.
const INTERVAL = 30000;

/**
 * What happens at the pickup points right now. The bus tells that something has
 * happened, and where; the figures are asked for with the user's own rights.
 */
export class BoardAction extends Component {
    static template = "groupbuy_verification.BoardAction";
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.state = useState({board: null, isStale: false, changed: []});
        onWillStart(() => this.load());
        this.onMessage = ({point_ids: pointIds}) => {
            this.state.changed = pointIds;
            this.plan(400 + 600 * Math.random());
        };
        this.bus.subscribe("groupbuy_board", this.onMessage);
        onWillUnmount(() => {
            this.isClosed = true;
            clearTimeout(this.timer);
            this.bus.unsubscribe("groupbuy_board", this.onMessage);
        });
    }

    plan(delay) {
        clearTimeout(this.timer);
        if (!this.isClosed) {
            this.timer = setTimeout(() => this.load(), delay);
        }
    }

    async load() {
        try {
            this.state.board = await this.orm.silent.call(
                "groupbuy.board",
                "get_board",
                []
            );
            this.state.isStale = false;
        } catch (error) {
            if (!this.state.board) {
                throw error;
            }
            this.state.isStale = true;
        }
        this.plan(INTERVAL);
    }

    get figures() {
        return [
            {name: "expected", label: _t("Expected")},
            {name: "arrived", label: _t("Waiting here")},
            {name: "collected", label: _t("Collected")},
            {name: "overdue", label: _t("Overdue"), icon: "fa-hourglass-end"},
            {
                name: "conflicts",
                label: _t("Conflicts"),
                icon: "fa-exclamation-triangle",
            },
            {name: "pace", label: _t("A minute")},
        ];
    }

    format(name, value) {
        return name === "pace" ? value.toFixed(1) : value;
    }

    /** The bars of the small chart, in a box of 30 units in height. */
    getBars(row) {
        const highest = Math.max(...row.bars, 1);
        return row.bars.map((count, position) => {
            const height = 1 + (28 * count) / highest;
            return {x: position * 5, y: 30 - height, height};
        });
    }

    get updated() {
        return new Date(this.state.board.at).toLocaleTimeString();
    }

    open(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: row.name,
            res_model: "stock.picking",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [
                ["groupbuy_point_id", "=", row.point_id],
                ["groupbuy_role", "=", "to_resident"],
                ["state", "not in", ["done", "cancel"]],
            ],
        });
    }

    handOut(row) {
        this.action.doAction("groupbuy_verification.groupbuy_hand_out_action", {
            additionalContext: {default_point_id: row.point_id},
        });
    }
}

registry.category("actions").add("groupbuy_verification.board_action", BoardAction);
