import {_t} from "@web/core/l10n/translation";
import {isBarcodeScannerSupported} from "@web/core/barcode/barcode_video_scanner";
import {loadJS} from "@web/core/assets";
import {
    Component,
    onWillDestroy,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {QrScanner} from "./qr_scanner";
import {ResidentSheet} from "./resident_sheet";
import {formatMoment, formatQuantity, getStateLooks} from "./looks";

// Lines of the list that are drawn at once.
const STEP = 60;

/**
 * Handing out at a point: camera, typed code, the list of today, and the sheet that
 * says what comes of it. The same on a manager's phone and in the back office.
 */
export class HandOut extends Component {
    static template = "groupbuy_verification.HandOut";
    static components = {QrScanner, ResidentSheet};
    static props = {
        model: Object,
        // Calls with the method find(text), for scanners that type.
        setFinder: {type: Function, optional: true},
    };

    setup() {
        this.model = useState(this.props.model);
        this.getStateLooks = getStateLooks;
        this.formatMoment = formatMoment;
        this.formatQuantity = formatQuantity;
        this.codeRef = useRef("code");
        this.searchRef = useRef("search");
        this.state = useState({
            isCamera: false,
            cameraError: "",
            isTyping: false,
            code: "",
            search: "",
            filter: "open",
            shown: STEP,
            isSelecting: false,
            selected: [],
            isBatchConfirmed: false,
            isConfirming: false,
            isFinding: false,
        });
        this.props.setFinder?.((text) => this.find(text));
        useExternalListener(window, "online", () => this.model.tick());
        useExternalListener(window, "offline", () => this.model.setOffline());
        useExternalListener(document, "visibilitychange", () => {
            if (document.hidden) {
                // A camera that nobody looks at empties the battery.
                this.state.isCamera = false;
            } else {
                this.model.tick();
            }
        });
        this.model.start();
        onWillDestroy(() => this.model.stop());
    }

    // === CODES === //

    async toggleCamera() {
        this.state.cameraError = isBarcodeScannerSupported()
            ? ""
            : _t("This browser does not give the camera away. Type the code instead.");
        if (!this.state.isCamera && !this.state.cameraError) {
            await this.loadScanner();
        }
        this.state.isCamera = !this.state.isCamera && !this.state.cameraError;
        this.state.isTyping = Boolean(this.state.cameraError);
        this.lastText = null;
    }

    /**
     * Load what Odoo's scanner would load itself, where a failure would end the app: a
     * phone may have lost the network before that was kept.
     */
    async loadScanner() {
        if ("BarcodeDetector" in window) {
            return;
        }
        try {
            await loadJS("/web/static/lib/zxing-library/zxing-library.js");
        } catch {
            this.state.cameraError = _t(
                "The scanner is not on this phone yet. Type the code, and open this page once with a network."
            );
        }
    }

    /** Say what there is to do, and offer it. */
    onCameraError() {
        this.state.isCamera = false;
        this.state.isTyping = true;
        this.state.cameraError = _t(
            "The camera cannot be used. Allow it for this page in the browser's settings, or type the code."
        );
    }

    async onScanned(text) {
        const {answer} = this.model;
        if (answer?.status === "found" || this.state.isConfirming) {
            // Somebody is about to tap, and the resident must not change underneath.
            return;
        }
        // The camera sees a code that is held before it again and again.
        const isRepeated = text === this.lastText && Date.now() - this.lastAt < 4000;
        this.lastText = text;
        this.lastAt = Date.now();
        if (!isRepeated) {
            await this.find(text);
        }
    }

    toggleTyping() {
        this.state.isTyping = !this.state.isTyping;
        this.state.isCamera = false;
        if (this.state.isTyping) {
            setTimeout(() => this.codeRef.el?.focus());
        }
    }

    async onSubmitCode() {
        const text = this.state.code;
        if (text.trim()) {
            this.codeRef.el?.blur();
            await this.find(text);
            // A code with a wrong character is compared, not typed again.
            if (this.model.answer && this.model.answer.refusal !== "unknown") {
                this.state.code = "";
            }
        }
    }

    async find(text) {
        if (this.state.isFinding) {
            return;
        }
        this.state.isFinding = true;
        try {
            await this.model.find(text);
        } finally {
            this.state.isFinding = false;
        }
    }

    // === THE LIST === //

    get filters() {
        const rows = this.rows;
        const count = (test) => rows.filter(test).length;
        return [
            {name: "open", label: _t("To hand out"), count: count(isOpen)},
            {
                name: "overdue",
                label: _t("Overdue"),
                count: count((row) => row.state === "overdue"),
            },
            {name: "done", label: _t("Collected"), count: count(isDone)},
        ];
    }

    get rows() {
        return this.model.getRows();
    }

    get found() {
        const tests = {
            open: isOpen,
            overdue: (row) => row.state === "overdue",
            done: isDone,
        };
        const words = normalize(this.state.search).split(/\s+/).filter(Boolean);
        return this.rows.filter((row) =>
            words.length
                ? words.every((word) => matches(row, word))
                : tests[this.state.filter](row)
        );
    }

    onSearch(ev) {
        this.state.search = ev.target.value;
        this.state.shown = STEP;
    }

    setFilter(name) {
        this.state.filter = name;
        this.state.shown = STEP;
    }

    showMore() {
        this.state.shown += STEP;
    }

    isOpen(row) {
        return row.state === "due" || row.state === "overdue";
    }

    /** What somebody who waits is going to get, in a line. */
    getGoods(pickingIds) {
        return this.rows
            .filter((row) => pickingIds.includes(row.picking_id))
            .flatMap((row) => row.lines)
            .map((line) => `${formatQuantity(line.quantity)} × ${line.product}`)
            .join(", ");
    }

    /** Who was searched for by name or telephone has shown no code. */
    getMethod() {
        return this.state.search.trim() ? "name" : "list";
    }

    show(row) {
        this.model.show(row, this.getMethod());
    }

    async onTap(row) {
        const method = this.getMethod();
        if (method === "name" || row.lines.some((line) => line.blocked)) {
            this.show(row);
            return;
        }
        await this.model.handOut({picking_ids: [row.picking_id], method});
    }

    async onWaiting(waiting) {
        await this.model.handOut({picking_ids: waiting.picking_ids, method: "self"});
    }

    // === SEVERAL FOR A NEIGHBOUR === //

    toggleSelecting() {
        Object.assign(this.state, {
            isSelecting: !this.state.isSelecting,
            selected: [],
            isConfirming: false,
            isBatchConfirmed: false,
        });
    }

    toggleSelected(row) {
        const {selected} = this.state;
        this.state.selected = selected.includes(row.picking_id)
            ? selected.filter((id) => id !== row.picking_id)
            : [...selected, row.picking_id];
    }

    get selectedRows() {
        return this.rows.filter((row) => this.state.selected.includes(row.picking_id));
    }

    async handOutSelected() {
        const ids = this.selectedRows.map((row) => row.picking_id);
        await this.model.handOut({picking_ids: ids, method: "batch"});
        this.toggleSelecting();
    }

    // === WHAT WAITS, WHAT WENT WRONG === //

    get refused() {
        return this.model.refused.map((event) => ({
            event,
            resident: (event.params.picking_ids || [])
                .map((id) => this.rows.find((row) => row.picking_id === id)?.resident)
                .filter(Boolean)
                .join(", "),
            message: event.answer?.message || event.error,
            isConflict: Boolean(event.answer?.conflict),
        }));
    }

    closeSheet() {
        this.model.answer = null;
    }

    /** Without a code that works: look for the resident in the list. */
    lookUp() {
        this.closeSheet();
        Object.assign(this.state, {isCamera: false, isTyping: false});
        this.searchRef.el?.focus();
    }
}

const isOpen = (row) => ["due", "overdue", "blocked"].includes(row.state);
const isDone = (row) => ["collected", "saved"].includes(row.state);

function normalize(text) {
    return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}

function matches(row, word) {
    const digits = word.replace(/\D/g, "");
    return Boolean(
        normalize(row.resident).includes(word) ||
        // One or two characters are in nearly every order's number.
        (word.length > 2 && normalize(row.orders || "").includes(word)) ||
        (digits.length > 1 && row.phone_end?.includes(digits.slice(-4)))
    );
}
