import {Component} from "@odoo/owl";
import {BarcodeVideoScanner} from "@web/core/barcode/barcode_video_scanner";

/** The frame around what the camera sees. */
class Viewfinder extends Component {
    static template = "groupbuy_verification.Viewfinder";
    static props = {onResize: Function, isReady: Boolean, slots: Object};
}

/**
 * Odoo's scanner for square codes: instead of the strip that suits barcodes, it looks at
 * the square that the screen shows, which is the middle of the camera's picture.
 */
export class QrScanner extends BarcodeVideoScanner {
    static components = {CropOverlay: Viewfinder};

    async isVideoReady() {
        const isReady = await super.isVideoReady();
        if (isReady) {
            // Looking for all kinds of barcodes takes six times as long for a picture.
            this.detector = new this.detector.constructor({formats: ["qr_code"]});
        }
        if (isReady && this.isZXingBarcodeDetector()) {
            const {videoWidth: width, videoHeight: height} = this.videoPreviewRef.el;
            const side = Math.min(width, height);
            this.detector.setCropArea({
                x: (width - side) / 2,
                y: (height - side) / 2,
                width: side,
                height: side,
            });
        }
        return isReady;
    }
}
