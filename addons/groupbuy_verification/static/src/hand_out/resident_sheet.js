import {_t} from "@web/core/l10n/translation";
import {
    Component,
    onMounted,
    onWillUnmount,
    onWillUpdateProps,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {formatMoment, formatQuantity, getAnswerLooks, getStateLooks} from "./looks";
import {giveFeedback} from "./feedback";

/**
 * The sheet at the bottom: what a code stands for, what was done, or why it was refused.
 */
export class ResidentSheet extends Component {
    static template = "groupbuy_verification.ResidentSheet";
    static props = {
        answer: Object,
        // What the list says of the resident by now.
        row: {type: Object, optional: true},
        onClose: Function,
        onHandOut: Function,
        onUndo: Function,
        onTryAgain: Function,
        onLookUp: Function,
        getResident: Function,
    };

    setup() {
        this.formatQuantity = formatQuantity;
        this.formatMoment = formatMoment;
        this.rootRef = useRef("root");
        this.state = useState(this.makeState());
        onWillUpdateProps((next) => {
            if (next.answer !== this.props.answer) {
                Object.assign(this.state, this.makeState());
            }
        });
        useEffect(
            (answer) => {
                this.announce(answer);
            },
            () => [this.props.answer]
        );
        onMounted(() => {
            this.timer = setInterval(() => {
                this.state.now = Date.now();
            }, 1000);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    makeState() {
        return {
            isPart: false,
            quantities: {},
            hasSeen: false,
            reason: "",
            isUndoing: false,
            isBusy: false,
            now: Date.now(),
        };
    }

    announce(answer) {
        this.rootRef.el?.focus({preventScroll: true});
        const {style} = this.looks;
        if (answer.status === "verified" || answer.status === "saved") {
            giveFeedback("success");
        } else if (answer.status === "refused") {
            giveFeedback(style === "danger" ? "danger" : "warning");
        } else if (answer.method === "scan" || answer.method === "code") {
            navigator.vibrate?.(40);
        }
    }

    get looks() {
        const {answer} = this.props;
        if (answer.status === "shown") {
            const {icon} = getStateLooks(this.row.state);
            return {style: "info", icon, title: answer.resident};
        }
        return getAnswerLooks(answer);
    }

    get row() {
        return this.props.row || this.props.answer.row;
    }

    get hasFacts() {
        const {details, message} = this.props.answer;
        // The server's words name them already.
        return Boolean(details?.by && !message?.includes(details.by));
    }

    /** Of somebody of the list who has the goods: who gave them, and when. */
    get collection() {
        const {answer} = this.props;
        const isCollected =
            answer.status === "shown" && this.row?.state === "collected";
        return isCollected && this.row.collected_at ? this.row : null;
    }

    get isBlocked() {
        return this.props.answer.status === "shown" && this.row?.state === "blocked";
    }

    /** Where no code helps, the list does. */
    get canLookUp() {
        return ["unknown", "too_many_tries", "replaced"].includes(
            this.props.answer.refusal
        );
    }

    /** Of a batch: what was handed out, and what was refused and why. */
    get results() {
        return (this.props.answer.results || []).map((result) => ({
            ...result,
            looks: getAnswerLooks(result),
            name: result.resident || this.props.getResident(result.picking_id),
        }));
    }

    get stateLabel() {
        return this.row && getStateLooks(this.row.state).label;
    }

    /** Found by name or telephone: the code was not shown, so something else has to be. */
    get needsProof() {
        return this.props.answer.method === "name";
    }

    get isConflict() {
        const {answer} = this.props;
        return Boolean(answer.conflict || answer.details?.conflict);
    }

    get undoUntil() {
        const {answer} = this.props;
        return answer.undo_until || this.row?.undo_until;
    }

    get canUndo() {
        const {answer} = this.props;
        if (answer.status === "saved" || this.row?.state === "saved") {
            return true;
        }
        const id = answer.verification_id || this.row?.verification_id;
        const isDone = answer.status === "verified" || this.row?.state === "collected";
        return Boolean(isDone && id && this.secondsLeft > 0);
    }

    get secondsLeft() {
        if (!this.undoUntil) {
            return 0;
        }
        const until = this.undoUntil;
        const moment = Date.parse(
            /Z|[+-]\d\d:?\d\d$/.test(until) ? until : `${until}Z`
        );
        return Math.max(0, Math.round((moment - this.state.now) / 1000));
    }

    get countdown() {
        const seconds = this.secondsLeft;
        if (!seconds) {
            return "";
        }
        return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }

    get undoReasons() {
        return [
            _t("Tapped by mistake"),
            _t("Wrong resident"),
            _t("The resident left it here"),
        ];
    }

    /** What is handed out of a line: everything that may be, unless it was changed. */
    getQuantity(line) {
        return this.state.quantities[line.move_id] ?? this.getMost(line);
    }

    getMost(line) {
        return Math.max(line.quantity - (line.blocked || 0), 0);
    }

    changeQuantity(line, value) {
        const number = Number(value);
        this.state.quantities[line.move_id] = Math.min(
            Math.max(Number.isFinite(number) ? number : 0, 0),
            this.getMost(line)
        );
    }

    get isNothingChosen() {
        const {lines} = this.props.answer;
        return this.state.isPart && !lines.some((line) => this.getQuantity(line) > 0);
    }

    async handOut() {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        const {answer} = this.props;
        // What a case blocks stays here, so the rest is a part.
        const isPart = this.state.isPart || answer.lines.some((line) => line.blocked);
        const params = {
            picking_ids: [answer.picking_id],
            method: answer.method,
            code: answer.code || null,
        };
        if (isPart) {
            params.quantities = Object.fromEntries(
                answer.lines
                    .map((line) => [line.move_id, this.getQuantity(line)])
                    .filter(([, quantity]) => quantity > 0)
            );
        }
        await this.props.onHandOut(params);
        this.state.isBusy = false;
    }

    async handOutAnyway() {
        if (this.state.isBusy || !this.state.reason.trim()) {
            return;
        }
        this.state.isBusy = true;
        await this.props.onHandOut({
            ...this.props.answer.params,
            reason: this.state.reason.trim(),
        });
        this.state.isBusy = false;
    }

    async undo(reason) {
        if (this.state.isBusy || !reason.trim()) {
            return;
        }
        this.state.isBusy = true;
        const {answer} = this.props;
        await this.props.onUndo(
            {
                resident: answer.resident,
                verification_id: answer.verification_id || this.row?.verification_id,
                savedKey: answer.savedKey || this.row?.savedKey,
            },
            reason.trim()
        );
        this.state.isBusy = false;
    }

    onKeydown(ev) {
        if (ev.key === "Escape") {
            this.props.onClose();
        }
    }
}
