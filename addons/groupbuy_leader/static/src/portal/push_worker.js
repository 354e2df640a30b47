/* Shows the notifications of a leader, and opens the portal when one is tapped. */

self.addEventListener("push", (event) => {
    const {title, options} = event.data ? event.data.json() : {};
    if (title) {
        event.waitUntil(self.registration.showNotification(title, options || {}));
    }
});

self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const wanted = (event.notification.data || {}).url || "/my/leader";
    // Only pages of this portal, whatever the message says.
    const url = wanted.startsWith("/my/leader") ? wanted : "/my/leader";
    event.waitUntil(
        self.clients.matchAll({type: "window"}).then((windows) => {
            const open = windows.find((client) =>
                new URL(client.url).pathname.startsWith("/my/leader")
            );
            return open
                ? open.focus().then(() => open.navigate(url))
                : self.clients.openWindow(url);
        })
    );
});
