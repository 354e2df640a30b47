import {_t} from "@web/core/l10n/translation";
import {user} from "@web/core/user";

/**
 * How an answer looks: a colour, an icon and a title, never the colour alone.
 *
 * @param {Object} answer what the server, or the phone without a network, said
 * @returns {{style: String, icon: String, title: String}}
 */
export function getAnswerLooks(answer) {
    if (answer.status === "found") {
        return {style: "info", icon: "fa-shopping-basket", title: answer.resident};
    }
    if (answer.status === "verified") {
        return {style: "success", icon: "fa-check-circle", title: _t("Handed out")};
    }
    if (answer.status === "saved") {
        return {
            style: "warning",
            icon: "fa-cloud-upload",
            title: _t("Handed out, kept on this phone"),
        };
    }
    if (answer.status === "undone") {
        return {style: "info", icon: "fa-undo", title: _t("Taken back")};
    }
    return REFUSALS[answer.refusal]?.() || REFUSALS.bad_request();
}

const REFUSALS = {
    unknown: () => ({
        style: "danger",
        icon: "fa-question-circle",
        title: _t("Unknown code"),
    }),
    wrong_point: () => ({
        style: "danger",
        icon: "fa-map-marker",
        title: _t("Another pickup point"),
    }),
    not_arrived: () => ({
        style: "warning",
        icon: "fa-truck",
        title: _t("Not arrived yet"),
    }),
    already_collected: () => ({
        style: "danger",
        icon: "fa-ban",
        title: _t("Already collected"),
    }),
    replaced: () => ({
        style: "danger",
        icon: "fa-refresh",
        title: _t("Replaced by a newer code"),
    }),
    expired: () => ({
        style: "danger",
        icon: "fa-hourglass-end",
        title: _t("The code has expired"),
    }),
    case_open: () => ({
        style: "warning",
        icon: "fa-life-ring",
        title: _t("After-sales request open"),
    }),
    not_successful: () => ({
        style: "danger",
        icon: "fa-times-circle",
        title: _t("The campaign did not succeed"),
    }),
    too_many_tries: () => ({
        style: "danger",
        icon: "fa-pause-circle",
        title: _t("Too many wrong codes"),
    }),
    outside_hours: () => ({
        style: "warning",
        icon: "fa-clock-o",
        title: _t("Outside of the opening hours"),
    }),
    too_much: () => ({
        style: "danger",
        icon: "fa-balance-scale",
        title: _t("More than is left"),
    }),
    undo_too_late: () => ({
        style: "warning",
        icon: "fa-hourglass-end",
        title: _t("Too late to take back"),
    }),
    undo_not_allowed: () => ({
        style: "danger",
        icon: "fa-lock",
        title: _t("Not yours to take back"),
    }),
    undo_done: () => ({
        style: "info",
        icon: "fa-undo",
        title: _t("Taken back already"),
    }),
    bad_request: () => ({
        style: "danger",
        icon: "fa-exclamation-triangle",
        title: _t("This did not work"),
    }),
    no_network: () => ({
        style: "warning",
        icon: "fa-plug",
        title: _t("No network"),
    }),
};

/**
 * How a resident's line in the list looks.
 *
 * @param {String} state of the list
 * @returns {{icon: String, label: String}}
 */
export function getStateLooks(state) {
    return {
        due: () => ({icon: "fa-shopping-basket", label: _t("To hand out")}),
        overdue: () => ({icon: "fa-hourglass-end", label: _t("Overdue")}),
        blocked: () => ({icon: "fa-life-ring", label: _t("Blocked by a request")}),
        collected: () => ({icon: "fa-check-circle", label: _t("Collected")}),
        saved: () => ({icon: "fa-cloud-upload", label: _t("Kept on this phone")}),
    }[state]();
}

const getLang = () => user.lang || document.documentElement.lang || "en";
const numbers = new Map();

/**
 * Write a quantity as people of this language do.
 *
 * @param {Number} quantity
 * @returns {String}
 */
export function formatQuantity(quantity) {
    const lang = getLang();
    if (!numbers.has(lang)) {
        numbers.set(lang, new Intl.NumberFormat(lang, {maximumFractionDigits: 3}));
    }
    return numbers.get(lang).format(quantity);
}

/**
 * Write a moment as a time of the day, with the date unless it is today.
 *
 * @param {String} iso
 * @returns {String}
 */
export function formatMoment(iso) {
    const moment = new Date(/Z|[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso}Z`);
    const isToday = moment.toDateString() === new Date().toDateString();
    const lang = getLang();
    return new Intl.DateTimeFormat(lang, {
        timeStyle: "short",
        ...(isToday ? {} : {dateStyle: "medium"}),
    }).format(moment);
}
