import {scanBarcode} from "@web/core/barcode/barcode_dialog";
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {ConnectionLostError, rpc} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

import {readPhoto} from "./photo";

/**
 * Receives a transfer at a pickup point: count, check who gets less, confirm.
 *
 * What has been typed is kept in the browser until the server has taken it, with the
 * key of the request: a page that is loaded again after a lost answer asks for the same
 * thing once more, and gets the same answer.
 */
export class Receipt extends Interaction {
    static selector = "form.o_gbv_receipt";
    dynamicContent = {
        _root: {"t-on-submit.prevent": this.locked(this.onCheck, true)},
        ".gbv-back": {"t-on-click": () => this.showStep("count")},
        ".gbv-confirm": {"t-on-click": this.locked(this.onConfirm, true)},
        ".gbv-scan": {"t-on-click": this.onScan},
        "[name=find]": {
            "t-on-input": (ev) => this.filter(ev.target.value),
            "t-on-keydown": this.onFindKeydown,
        },
        "[data-gbv-by]": {"t-on-click": this.onStep},
        ".gbv-line": {"t-on-input": this.onInput, "t-on-change": this.onInput},
        "[name=transfer_note]": {"t-on-change": () => this.save()},
        "[name=photo]": {"t-on-change": this.onPhotos},
        ".gbv-photos": {"t-on-click": this.onPhotosClick},
    };

    setup() {
        this.storageKey = `groupbuy_receipt/${this.el.dataset.picking}`;
        this.requestKey = this.newKey();
        this.plan = null;
        this.photos = new Map();
        this.lines = [...this.el.querySelectorAll(".gbv-line")];
    }

    start() {
        this.restore();
        for (const line of this.lines) {
            this.showLine(line);
        }
    }

    newKey() {
        const bytes = crypto.getRandomValues(new Uint8Array(16));
        return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }

    // --- what was typed

    get(line, name) {
        return line.querySelector(`[name="${name}"]`);
    }

    number(input) {
        const value = Number(input.value.trim().replace(",", "."));
        return Number.isFinite(value) ? value : NaN;
    }

    readLine(line, withPhotos) {
        const values = {
            product_id: Number(line.dataset.product),
            received: this.get(line, "received").value.trim(),
            damaged: this.get(line, "damaged").value.trim() || "0",
            rest_follows: Boolean(this.get(line, "rest_follows")?.checked),
            short_responsible: this.get(line, "short_responsible").value,
            damaged_responsible: this.get(line, "damaged_responsible").value,
            note: this.get(line, "note").value,
        };
        if (withPhotos) {
            values.photos = this.photos.get(line) || [];
        }
        return values;
    }

    read(withPhotos = false) {
        return this.lines.map((line) => this.readLine(line, withPhotos));
    }

    save() {
        const draft = {
            key: this.requestKey,
            note: this.get(this.el, "transfer_note").value,
            lines: this.read(),
        };
        try {
            browser.localStorage.setItem(this.storageKey, JSON.stringify(draft));
        } catch {
            // A full or forbidden storage: the page works without a draft.
        }
    }

    restore() {
        let draft = null;
        try {
            draft = JSON.parse(browser.localStorage.getItem(this.storageKey));
        } catch {
            // Nothing that can be read.
        }
        if (!draft || !Array.isArray(draft.lines)) {
            return;
        }
        this.requestKey = draft.key || this.requestKey;
        this.get(this.el, "transfer_note").value = draft.note || "";
        for (const values of draft.lines) {
            const line = this.lines.find(
                (el) => Number(el.dataset.product) === values.product_id
            );
            if (!line) {
                continue;
            }
            for (const name of [
                "received",
                "damaged",
                "short_responsible",
                "damaged_responsible",
                "note",
            ]) {
                this.get(line, name).value = values[name];
            }
            const follows = this.get(line, "rest_follows");
            if (follows) {
                follows.checked = values.rest_follows;
            }
        }
    }

    onInput(ev) {
        this.showLine(ev.currentTarget);
        this.save();
    }

    onStep(ev) {
        const button = ev.currentTarget;
        const input = button.parentElement.querySelector("input");
        const line = button.closest(".gbv-line");
        const most =
            input.name === "received"
                ? Number(line.dataset.expected)
                : this.number(this.get(line, "received"));
        const value = (this.number(input) || 0) + Number(button.dataset.gbvBy);
        input.value = String(Math.min(Math.max(value, 0), most));
        this.showLine(line);
        this.save();
    }

    showLine(line) {
        const expected = Number(line.dataset.expected);
        const received = this.number(this.get(line, "received"));
        const damaged = this.number(this.get(line, "damaged"));
        const isShort = received < expected;
        const isWrong = !(received >= 0 && received <= expected && damaged >= 0);
        line.classList.toggle("is-short", isShort);
        line.classList.toggle("is-damaged", damaged > 0);
        line.classList.toggle("is-different", isShort || damaged > 0 || isWrong);
        line.classList.toggle(
            "is-following",
            Boolean(this.get(line, "rest_follows")?.checked)
        );
        this.el.querySelector(".gbv-count").textContent = this.lines.filter((el) =>
            el.classList.contains("is-different")
        ).length;
    }

    // --- finding a product

    matches(line, text) {
        const {barcode, code} = line.dataset;
        const name = line.querySelector(".gbv-name").textContent;
        return [name, barcode, code].some((value) =>
            (value || "").toLowerCase().includes(text)
        );
    }

    filter(value) {
        const text = value.trim().toLowerCase();
        let count = 0;
        for (const line of this.lines) {
            const isShown = !text || this.matches(line, text);
            line.classList.toggle("d-none", !isShown);
            count += isShown;
        }
        this.el.querySelector(".gbv-none").classList.toggle("d-none", count > 0);
    }

    /** A hardware scanner types the code and ends it with Enter. */
    onFindKeydown(ev) {
        if (ev.key !== "Enter") {
            return;
        }
        ev.preventDefault();
        this.jumpTo(ev.target.value);
    }

    async onScan() {
        const code = await this.waitFor(scanBarcode(this.env));
        this.protectSyncAfterAsync(() => this.jumpTo(code))();
    }

    jumpTo(value) {
        const text = value.trim();
        const line =
            this.lines.find((el) => text && el.dataset.barcode === text) ||
            this.lines.find((el) => text && el.dataset.code === text) ||
            this.lines.find((el) => text && this.matches(el, text.toLowerCase()));
        const find = this.get(this.el, "find");
        this.filter("");
        find.value = "";
        this.el.querySelector(".gbv-none").classList.toggle("d-none", Boolean(line));
        if (!line) {
            find.value = text;
            find.select();
            return;
        }
        line.open = true;
        line.scrollIntoView({block: "center"});
        const input = this.get(line, "received");
        input.focus();
        input.select();
        for (const other of this.lines) {
            other.classList.toggle("is-found", other === line);
        }
    }

    // --- photos

    async onPhotos(ev) {
        const line = ev.currentTarget.closest(".gbv-line");
        const files = [...ev.currentTarget.files];
        ev.currentTarget.value = "";
        const most = Number(this.el.dataset.maxPhotos);
        for (const file of files) {
            const photos = this.photos.get(line) || [];
            if (photos.length >= most) {
                this.say(_t("At most %s photos are kept of a product.", most));
                break;
            }
            let photo = null;
            try {
                photo = await this.waitFor(readPhoto(file));
            } catch {
                this.say(_t("“%s” is no photo that can be read.", file.name));
                continue;
            }
            this.photos.set(line, [...photos, photo]);
        }
        this.showPhotos(line);
    }

    showPhotos(line) {
        const box = line.querySelector(".gbv-photos");
        box.replaceChildren(
            ...(this.photos.get(line) || []).map((photo, position) => {
                const button = document.createElement("button");
                button.type = "button";
                button.dataset.position = position;
                button.title = _t("Remove this photo");
                const image = document.createElement("img");
                image.src = photo;
                image.alt = button.title;
                button.append(image);
                return button;
            })
        );
    }

    onPhotosClick(ev) {
        const button = ev.target.closest("[data-position]");
        const line = ev.currentTarget.closest(".gbv-line");
        if (button) {
            const photos = this.photos.get(line) || [];
            photos.splice(Number(button.dataset.position), 1);
            this.showPhotos(line);
        }
    }

    // --- steps

    showStep(name) {
        for (const step of this.el.querySelectorAll("[data-gbv-step]")) {
            step.classList.toggle("d-none", step.dataset.gbvStep !== name);
        }
        const isPreview = name === "preview";
        this.el.querySelector(".gbv-back").classList.toggle("d-none", !isPreview);
        this.el.querySelector(".gbv-confirm").classList.toggle("d-none", !isPreview);
        this.el.querySelector(".gbv-check").classList.toggle("d-none", isPreview);
        this.el.querySelector(".gbv-summary").classList.toggle("d-none", isPreview);
        this.say("");
        if (isPreview) {
            this.el.querySelector("[data-gbv-step=preview]").focus();
            this.el.scrollIntoView();
        }
    }

    /** Show a message: at the product that it is about, else above the buttons. */
    say(message, line = null) {
        const box = this.el.querySelector(".gbv-message");
        if (line) {
            line.before(box);
        } else {
            this.el.querySelector(".gbv-offline").before(box);
        }
        box.textContent = message;
        box.classList.toggle("d-none", !message);
        if (message) {
            box.scrollIntoView({block: "center"});
        }
    }

    /** Ask the server; that there is no answer is said and changes nothing here. */
    async ask(action, params) {
        const offline = this.el.querySelector(".gbv-offline");
        try {
            const answer = await this.waitFor(
                rpc(`${this.el.dataset.url}/${action}`, params)
            );
            offline.classList.add("d-none");
            return answer;
        } catch (error) {
            const isLost = error instanceof ConnectionLostError;
            offline.classList.toggle("d-none", !isLost);
            if (!isLost) {
                // Such as a login that has ended: what was typed is kept.
                this.say(_t("This did not work. Reload the page and try again."));
            }
            return null;
        }
    }

    refuse(answer) {
        this.showStep("count");
        const productId = answer.details.product_id;
        const line = this.lines.find((el) => Number(el.dataset.product) === productId);
        if (line) {
            line.open = true;
            this.get(line, "received").focus({preventScroll: true});
        }
        this.say(answer.message, line);
    }

    async onCheck() {
        const answer = await this.ask("preview", {lines: this.read()});
        if (!answer) {
            return;
        }
        if (answer.status !== "preview") {
            this.refuse(answer);
            return;
        }
        this.plan = answer.plan;
        const page = new DOMParser().parseFromString(answer.html, "text/html");
        this.el
            .querySelector("[data-gbv-step=preview]")
            .replaceChildren(...page.body.childNodes);
        this.showStep("preview");
    }

    async onConfirm() {
        const answer = await this.ask("confirm", {
            lines: this.read(true),
            note: this.get(this.el, "transfer_note").value,
            plan: this.plan,
            request_key: this.requestKey,
        });
        if (!answer) {
            return;
        }
        if (answer.status === "confirmed") {
            browser.localStorage.removeItem(this.storageKey);
            browser.location.reload();
            // The page is about to go: nothing can be pressed twice until then.
            await new Promise(() => {});
        } else if (answer.refusal === "changed") {
            await this.onCheck();
            this.say(answer.message);
        } else {
            this.refuse(answer);
        }
    }
}

registry.category("public.interactions").add("groupbuy_verification.receipt", Receipt);
