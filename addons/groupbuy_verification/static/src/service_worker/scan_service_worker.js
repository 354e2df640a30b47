/* eslint-env serviceworker */
/*
 * Opens the scan app without a network.
 *
 * It keeps the app's own page and what that is made of, nothing else: residents' data
 * lies in the browser's database, which this never touches, and nothing that changes
 * something on the server is ever answered from here.
 */

const CACHE = "groupbuy-scan";
// How long a navigation waits for a network that carries nothing.
const PATIENCE = 4000;

const isPage = (url) => /^\/my\/points\/\d+\/scan\/?$/.test(url.pathname);
// Their address changes with what they hold, or with Odoo itself.
const isFixed = (url) => /^\/web\/(assets|static)\//.test(url.pathname);
const isTranslation = (url) => url.pathname === "/groupbuy/scan/translations";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
    if (event.data?.type === "groupbuy_keep") {
        event.waitUntil(keep(event.data.scope, event.data.urls));
    } else if (event.data === "groupbuy_forget") {
        event.waitUntil(caches.delete(CACHE));
    }
});

self.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== self.location.origin) {
        return;
    }
    if (event.request.mode === "navigate") {
        if (isPage(url)) {
            event.respondWith(openPage(event.request));
        }
    } else if (isFixed(url)) {
        event.respondWith(fromCacheFirst(event.request));
    } else if (isTranslation(url)) {
        event.respondWith(fromNetworkFirst(event.request));
    }
});

/**
 * Keep what an app is made of, and drop what an older version of it was.
 *
 * @param {String} scope address of the page
 * @param {String[]} urls
 */
async function keep(scope, urls) {
    const cache = await caches.open(CACHE);
    const wanted = new Map();
    for (const address of urls) {
        const url = new URL(address, self.location.origin);
        if (isPage(url) || isFixed(url) || isTranslation(url)) {
            wanted.set(getKey(url), url.href);
        }
    }
    for (const [key, href] of wanted) {
        const isKept = await cache.match(key);
        if (isKept && isFixed(new URL(href))) {
            continue;
        }
        try {
            await store(cache, key, await fetch(href));
        } catch {
            // The network has gone meanwhile: the next opening keeps the rest.
        }
    }
    for (const request of await cache.keys()) {
        const url = new URL(request.url);
        // Pages of other points are made of the same.
        if (!wanted.has(getKey(url)) && url.pathname.startsWith("/web/assets/")) {
            await cache.delete(request);
        }
    }
}

/** The translations' address carries what the phone has already. */
function getKey(url) {
    if (isTranslation(url)) {
        return `${url.pathname}?lang=${url.searchParams.get("lang")}`;
    }
    return url.pathname + url.search;
}

/** A page that is not the app itself (a sign-in, an error) must not be kept as it. */
async function store(cache, key, response) {
    if (response.ok && !response.redirected) {
        await cache.put(key, response);
    }
}

async function openPage(request) {
    const cache = await caches.open(CACHE);
    const key = new URL(request.url).pathname;
    try {
        const response = await fetch(request, {signal: AbortSignal.timeout(PATIENCE)});
        if (response.status < 500) {
            return response;
        }
        throw new Error(response.statusText);
    } catch (error) {
        const kept = await cache.match(key);
        if (kept) {
            return kept;
        }
        throw error;
    }
}

async function fromCacheFirst(request) {
    const cache = await caches.open(CACHE);
    const kept = await cache.match(getKey(new URL(request.url)));
    return kept || fetch(request);
}

async function fromNetworkFirst(request) {
    const url = new URL(request.url);
    const cache = await caches.open(CACHE);
    try {
        const response = await fetch(request);
        // Only an answer in full is good for a phone that has nothing.
        if (response.ok && !url.searchParams.get("hash")) {
            await store(cache, getKey(url), response.clone());
        }
        return response;
    } catch (error) {
        const kept = await cache.match(getKey(url));
        if (kept) {
            return kept;
        }
        throw error;
    }
}
