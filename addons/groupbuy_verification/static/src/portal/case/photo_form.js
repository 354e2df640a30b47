import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

const MAX_PHOTOS = 6;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_SIDE = 1600;

/**
 * Makes photos small before they are sent, and says at once what the server would
 * refuse. Without a script the server makes them small, and refuses.
 */
export class PhotoForm extends Interaction {
    static selector = ".gbv-photo-form";
    dynamicContent = {
        ".gbv-photos": {"t-on-change": this.locked(this.onChange, true)},
        ".gbv-photos-message": {"t-out": () => this.message},
        _root: {"t-on-submit": this.onSubmit},
    };

    setup() {
        this.message = "";
    }

    async onChange(event) {
        const input = event.currentTarget;
        const files = [...input.files];
        this.message = "";
        if (files.length > MAX_PHOTOS) {
            this.refuse(input, _t("Please send at most %s photos.", MAX_PHOTOS));
            return;
        }
        const shrunk = await this.waitFor(Promise.all(files.map(shrink)));
        const large = shrunk.find((file) => file.size > MAX_BYTES);
        if (large) {
            this.refuse(
                input,
                _t("“%s” is too large. Please choose a smaller photo.", large.name)
            );
            return;
        }
        const transfer = new DataTransfer();
        for (const file of shrunk) {
            transfer.items.add(file);
        }
        input.files = transfer.files;
    }

    /** Nothing that would be refused is sent. */
    refuse(input, message) {
        input.value = "";
        this.message = message;
    }

    /** A second tap does not send the same thing once more. */
    onSubmit() {
        for (const button of this.el.querySelectorAll("button[type=submit]")) {
            button.disabled = true;
        }
    }
}

/**
 * Returns the photo with at most MAX_SIDE pixels a side, or the file itself when the
 * browser cannot read it: the server then says what is wrong with it.
 *
 * @param {File} file
 * @returns {Promise<File>}
 */
async function shrink(file) {
    let picture = null;
    try {
        picture = await createImageBitmap(file);
    } catch {
        return file;
    }
    const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < MAX_BYTES / 8) {
        return file;
    }
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) =>
        canvas.toBlob(resolve, "image/jpeg", 0.85)
    );
    return blob ? new File([blob], file.name, {type: "image/jpeg"}) : file;
}

registry
    .category("public.interactions")
    .add("groupbuy_verification.photo_form", PhotoForm);
