import {whenReady} from "@odoo/owl";
import {mountComponent} from "@web/env";
import {ScanApp} from "./scan_app";

/**
 * Tell the service worker what this page is made of, so that it opens without a network.
 *
 * @param {ServiceWorkerRegistration} registration
 * @param {String} scope
 */
async function keepForLater(registration, scope) {
    const loaded = performance
        .getEntriesByType("resource")
        .map((entry) => entry.name)
        .filter((url) => url.startsWith(window.location.origin));
    registration.active.postMessage({
        type: "groupbuy_keep",
        scope,
        urls: [
            scope,
            ...new Set(loaded),
            // Loaded when the camera is opened for the first time only.
            "/web/static/lib/zxing-library/zxing-library.js",
            "/web/static/img/transform.svg",
        ],
    });
}

async function registerServiceWorker() {
    if (!navigator.serviceWorker) {
        return;
    }
    const scope = window.location.pathname;
    try {
        await navigator.serviceWorker.register("/my/points/scan/service-worker.js", {
            scope,
        });
        await keepForLater(await navigator.serviceWorker.ready, scope);
    } catch (error) {
        // Everything works but opening the page without a network.
        console.warn("The app cannot be kept for the time without a network.", error);
    }
}

(async () => {
    await whenReady();
    await mountComponent(ScanApp, document.body, {props: odoo.groupbuyScan});
    await registerServiceWorker();
})();
