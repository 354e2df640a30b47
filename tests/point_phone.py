# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A pickup point with goods, and its managers' phones: real browsers."""

import io
import re
from contextlib import contextmanager

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from gbtools.browser import executable

PHONE = {"width": 390, "height": 844}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)

# Goods of so many residents lie at the point; two managers with a phone each.
DELIVER = """
def deliver(people, managers=("li", "zhao")):
    campaign = make_shop(people)
    for number in range(people):
        join(campaign, number)
        get_resident(number).write({"phone": f"+86 571 5550 {1000 + number}"})
    campaign.action_close_now()
    env.cr.commit()
    run_jobs()
    campaign.purchase_order_ids.button_confirm()
    for role in (False, "to_point"):
        env.invalidate_all()
        pickings = campaign.purchase_order_ids.picking_ids
        if role:
            pickings = campaign.picking_ids.filtered(
                lambda picking: picking.groupbuy_role == role
            )
        pickings.action_assign()
        for move in pickings.move_ids:
            move.quantity = move.product_uom_qty
        pickings.move_ids.picked = True
        assert pickings.with_context(skip_backorder=True).button_validate() is True
    env.cr.commit()
    env.invalidate_all()
    users = env["res.users"].with_context(no_reset_password=True)
    point = campaign.pickup_point_ids
    names = {"li": "Li Na", "zhao": "Zhao Lei"}
    point.manager_user_ids = users.create(
        [
            {
                "name": names[login], "login": login, "password": login,
                "group_ids": [Command.set(env.ref("base.group_portal").ids)],
            }
            for login in managers
        ]
    )
    env.cr.commit()
    return campaign


def get_transfer(number):
    return env["stock.picking"].search(
        [("partner_id", "=", get_resident(number).id),
         ("groupbuy_role", "=", "to_resident")], order="id desc", limit=1
    )


def get_code(number):
    return env["groupbuy.pickup.code"].search(
        [("picking_id", "=", get_transfer(number).id), ("state", "=", "open")]
    )
"""


def write_camera_picture(png, path):
    """Write what a camera sees that is held before a picture of a QR code.

    A film in the format that Chromium's false camera reads: the code before a grey
    wall, nearer and turned a little in each picture, as no hand is still. ZXing misses
    about one in twenty of such pictures, and the same one again and again.

    :param bytes png: the picture of the code.
    :param Path path: the file, with the suffix y4m.
    """
    width, height, pictures = 640, 480, 12
    grey = bytes([128]) * (width * height // 2)
    header = f"YUV4MPEG2 W{width} H{height} F5:1 Ip A1:1 C420jpeg\n".encode()
    film = [header]
    code = Image.open(io.BytesIO(png)).convert("L")
    for number in range(pictures):
        side = 300 + 10 * number
        seen = code.resize((side, side)).rotate(
            number - pictures / 2, Image.BICUBIC, expand=True, fillcolor=190
        )
        wall = Image.new("L", (width, height), 190)
        wall.paste(seen, ((width - seen.width) // 2, (height - seen.height) // 2))
        film.append(b"FRAME\n" + wall.tobytes() + grey)
    path.write_bytes(b"".join(film))


class Phone:
    """A manager's phone with the scan app of a point.

    :param context: a browser context of Playwright.
    :param str url: the server.
    :param int point_id: the point.
    """

    def __init__(self, context, url, point_id):
        self.context = context
        self.url = url
        self.path = f"/my/points/{point_id}/scan"
        self.page = context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def sign_in(self, login):
        """Sign in by the form and open the app."""
        self.page.goto(f"{self.url}/web/login?redirect={self.path}")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", login)
        self.page.click("form.oe_login_form button[type=submit]")
        self.page.wait_for_url(f"**{self.path}")
        self.wait_ready()

    def wait_ready(self):
        """Wait until the list is there."""
        self.page.wait_for_selector(".gbv-hand-out[data-ready='1']", timeout=60_000)

    def wait_kept(self):
        """Wait until the service worker has kept what the app is made of."""
        self.page.evaluate("() => navigator.serviceWorker.ready")
        # Asked again and again: `wait_for_function` takes the promise itself for true.
        for _attempt in range(60):
            is_kept = self.page.evaluate(
                """async (path) => {
                    const cache = await caches.open("groupbuy-scan");
                    const keys = (await cache.keys()).map((request) => request.url);
                    const has = (part) => keys.some((url) => url.includes(part));
                    return has(path) && has("/web/assets/") && has("translations")
                        && has("zxing");
                }""",
                self.path,
            )
            if is_kept:
                return
            self.page.wait_for_timeout(500)
        raise AssertionError("The app was not kept within 30 seconds")

    def row(self, name):
        """Return the line of a resident in the list."""
        return self.page.locator(".gbv-row").filter(
            has=self.page.get_by_text(name, exact=True)
        )

    def hand_out(self, name):
        """Tap the button of a resident's line."""
        self.row(name).locator(".gbv-row-do").click()

    def sheet(self, status):
        """Return the sheet at the bottom, once it shows an answer of this kind."""
        sheet = self.page.locator(f".gbv-sheet[data-status={status}]")
        expect(sheet).to_be_visible(timeout=15_000)
        return sheet

    def close_sheet(self):
        """Close the sheet."""
        self.page.locator(".gbv-sheet .gbv-close").click()

    def go_offline(self):
        """Switch the network off."""
        self.context.set_offline(True)
        self.page.wait_for_selector(".gbv-hand-out[data-online='0']", timeout=30_000)

    def go_online(self):
        """Switch the network on again."""
        self.context.set_offline(False)
        self.page.wait_for_selector(".gbv-hand-out[data-online='1']", timeout=60_000)

    def wait_empty(self, name):
        """Wait until nothing lies in a store of the phone's database.

        :raises AssertionError: when something is left after 30 seconds.
        """
        for _attempt in range(60):
            if not self.read_database(name):
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(f"Left in {name}: {self.read_database(name)}")

    def get_queue(self):
        """Return how many events wait to be sent."""
        queue = self.page.locator(".gbv-queue")
        return int(queue.inner_text()) if queue.count() else 0

    def read_database(self, name):
        """Return what lies in a store of the phone's database."""
        return self.page.evaluate(
            """(name) => new Promise((resolve, reject) => {
                const request = indexedDB.open("groupbuy_scan");
                request.onerror = () => reject(request.error);
                request.onsuccess = () => {
                    const all = request.result.transaction(name).objectStore(name)
                        .getAll();
                    all.onsuccess = () => {
                        request.result.close();
                        resolve(all.result);
                    };
                };
            })""",
            name,
        )


@contextmanager
def browser(*flags):
    """Yield a browser of Playwright on the system's Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable(), args=[*FLAGS, *flags]
        )
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def phone(chromium, url, point_id, login, **options):
    """Yield a phone on which a manager has opened the app.

    :param str login: of the manager.
    """
    context = chromium.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, **options
    )
    try:
        one = Phone(context, url, point_id)
        one.sign_in(login)
        yield one
        assert not one.errors, one.errors
    finally:
        context.close()


def normalize(text):
    """Return a text with single spaces."""
    return re.sub(r"\s+", " ", text).strip()
