import {buildZXingBarcodeDetector} from "@web/core/barcode/ZXingBarcodeDetector";
import {Interaction} from "@web/public/interaction";
import {loadJS} from "@web/core/assets";
import {registry} from "@web/core/registry";

const PAUSE = 200;

/**
 * The camera at a merchant's counter: what it reads goes into the form, as if it had been
 * typed. Without a camera, or without a secure page, the button does not show.
 */
export class MerchantScan extends Interaction {
    static selector = ".gb-merchant-form";
    dynamicContent = {
        "[data-gb=scan]": {
            "t-att-class": () => ({"d-none": !this.isSupported || this.isScanning}),
            "t-on-click": this.scan,
        },
        "[data-gb=video]": {"t-att-class": () => ({"d-none": !this.isScanning})},
    };

    setup() {
        this.isSupported = Boolean(navigator.mediaDevices?.getUserMedia);
        this.isScanning = false;
        this.registerCleanup(() => this.stop());
    }

    async scan() {
        try {
            this.stream = await this.waitFor(
                navigator.mediaDevices.getUserMedia({
                    video: {facingMode: "environment"},
                    audio: false,
                })
            );
        } catch {
            // No camera, or not allowed: the code is typed.
            this.isSupported = false;
            this.el.querySelector("input[name=code]").focus();
            return;
        }
        this.isScanning = true;
        this.updateContent();
        const video = this.el.querySelector("[data-gb=video]");
        video.srcObject = this.stream;
        await this.waitFor(video.play());
        const detector = await this.waitFor(this.makeDetector());
        this.look(video, detector);
    }

    async makeDetector() {
        const options = {formats: ["qr_code"]};
        if ("BarcodeDetector" in window) {
            const formats = await window.BarcodeDetector.getSupportedFormats();
            if (formats.includes("qr_code")) {
                return new window.BarcodeDetector(options);
            }
        }
        await loadJS("/web/static/lib/zxing-library/zxing-library.js");
        const Detector = buildZXingBarcodeDetector(window.ZXing);
        return new Detector(options);
    }

    async look(video, detector) {
        while (this.isScanning && !this.isDestroyed) {
            let codes = [];
            try {
                codes = await detector.detect(video);
            } catch {
                // A picture without a code.
            }
            if (codes.length && this.isScanning) {
                this.stop();
                this.el.querySelector("input[name=code]").value = codes[0].rawValue;
                this.el.requestSubmit();
                return;
            }
            await new Promise((resolve) => setTimeout(resolve, PAUSE));
        }
    }

    stop() {
        this.isScanning = false;
        for (const track of this.stream?.getTracks() ?? []) {
            track.stop();
        }
        this.stream = null;
    }
}

registry
    .category("public.interactions")
    .add("groupbuy_marketing.merchant_scan", MerchantScan);
