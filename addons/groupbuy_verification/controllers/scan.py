# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytz

from odoo import fields
from odoo.http import request, route
from odoo.tools import file_open
from odoo.tools.misc import hmac

from odoo.addons.community_groupbuy.utils import parse_id
from odoo.addons.web.controllers.webmanifest import WebManifest

from .point import PointPortal

APP = "groupbuy_verification"
STAFF = "community_groupbuy.group_groupbuy_user"
# Ways of handing out that a browser may name. The others are the server's own.
METHODS = ("scan", "code", "list", "name", "batch", "self", "offline")
# Longest texts that are read; a token has about 200 characters.
MAX_TEXT = 1000
MAX_REASON = 500
MAX_KEY = 64
# Transfers of one batch: a neighbour collects for several, not for a town.
MAX_BATCH = 200
MAX_LINES = 500


class ScanPortal(PointPortal):
    """The screens on which goods are handed out.

    A manager's phone and the client action of the back office call the same routes.
    Each looks the point up among those of the user who asks, and each transfer among
    those of the point: whatever else a browser sends is refused by the engine.
    """

    # === PAGES === #

    @route("/my/points/<int:point_id>/scan", type="http", auth="user", readonly=True)
    def portal_scan(self, point_id, **kwargs):
        """Show the scan app of a point.

        The page itself holds no resident's data, so that the phone may keep it for
        the time without a network. It is no page of the website: one address in all
        languages is what a service worker and an installed app need.
        """
        self._use_portal_language()
        point = self._get_point(point_id)
        response = request.render(
            "groupbuy_verification.scan_app", self._prepare_scan_values(point)
        )
        # What is kept is kept by the service worker, which forgets it at sign-out.
        response.headers["Cache-Control"] = "no-store"
        return response

    def _prepare_scan_values(self, point):
        """Return what the page of the scan app needs.

        :param groupbuy.pickup.point point: The point.
        :rtype: dict
        """
        user = request.env.user
        lang = request.env.context.get("lang") or user.lang or "en_US"
        path = f"my/points/{point.id}/scan"
        app = {"app_id": APP, "path": path, "app_name": point.name}
        return {
            "point": point,
            "html_lang": lang.replace("_", "-"),
            "direction": request.env["res.lang"]._get_data(code=lang).direction,
            # This route wants the path as it is, the one that installs without "/".
            "manifest_url": "/web/manifest.scoped_app_manifest?"
            + urlencode({**app, "path": f"/{path}"}),
            "icon_url": f"/scoped_app_icon_png?app_id={APP}",
            "session_info": {
                "uid": user.id,
                "user_context": {"lang": lang, "tz": point.tz, "uid": user.id},
                # What the web client keys its store of translations with.
                "registry_hash": hmac(
                    request.env(su=True),
                    "webclient-cache",
                    request.env.registry.registry_sequence,
                ),
                "translationURL": "/groupbuy/scan/translations",
                "is_frontend": True,
                "is_internal_user": False,
            },
            "scan_info": {
                "point": {"id": point.id, "name": point.name},
                "user": {"id": user.id, "name": user.name},
                "install_url": f"/scoped_app?{urlencode(app)}",
            },
        }

    @route(
        "/my/points/scan/service-worker.js",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
    )
    def scan_service_worker(self, **kwargs):
        """Return the service worker; a page registers it for its own address."""
        path = "groupbuy_verification/static/src/service_worker/scan_service_worker.js"
        with file_open(path) as file:
            content = file.read()
        return request.make_response(
            content,
            [
                ("Content-Type", "text/javascript"),
                ("Service-Worker-Allowed", "/my/points/"),
                ("Cache-Control", "no-cache"),
            ],
        )

    @route(
        "/groupbuy/scan/translations",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
    )
    def scan_translations(self, hash=None, lang=None, **kwargs):  # noqa: A002
        """Return the words of the scan app, and not those of all of Odoo.

        The web client asks for them in this form, with the parameters' names of
        Odoo's own route.

        :param str hash: What the phone has already.
        :param str lang: Code of the language.
        """
        installed = {code for code, _name in request.env["res.lang"].get_installed()}
        lang = lang if lang in installed else None
        mods = ["web", APP]
        http = request.env["ir.http"]
        current = http._get_web_translations_hash(mods, lang)
        body = {"lang": lang, "hash": current}
        if current != hash:
            modules, parameters = http._get_translations_for_webclient(mods, lang)
            body.update(
                modules=modules,
                lang_parameters=parameters,
                multi_lang=len(installed) > 1,
            )
        return request.make_json_response(body, [("Cache-Control", "no-store")])

    # === WHOSE POINT === #

    def _get_hand_out_point(self, value):
        """Return a point at which the user hands out goods.

        :param value: What the browser sent as the id.
        :return: The point with elevated rights: one that is entrusted to the user,
            or, for staff, one of the companies that the user may see.
        :rtype: groupbuy.pickup.point
        :raise NotFound: If there is none; the answer does not tell whether there is
            one of somebody else.
        """
        point_id = parse_id(value)
        self._use_portal_language()
        point = self._get_points().filtered(lambda point: point.id == point_id)
        if not point and point_id and request.env.user.has_group(STAFF):
            # Found with the rights of the staff who ask, elevated for what lies there.
            point = (
                request.env["groupbuy.pickup.point"]
                .with_context(allowed_company_ids=request.env.user.company_ids.ids)
                .search([("id", "=", point_id)])
                .sudo()
            )
        if not point:
            raise request.not_found()
        return point.with_context(allowed_company_ids=point.company_id.ids)

    def _use_portal_language(self):
        """Answer a manager in the language in which the portal was read last.

        The portal's pages have it in their address; the app has one address in all
        languages. Staff come from the back office, which has the user's own.
        """
        lang = request.cookies.get("frontend_lang")
        if lang and not request.env.user._is_internal():
            installed = [
                code for code, _name in request.env["res.lang"].get_installed()
            ]
            if lang in installed:
                request.update_context(lang=lang)

    def _get_engine(self, point):
        """Return the model that hands out, in the point's company.

        :rtype: groupbuy.verification
        """
        return request.env["groupbuy.verification"].with_company(point.company_id)

    def _refuse(self, message):
        """Return the answer to a request that no screen of ours sends."""
        return {
            "status": "refused",
            "refusal": "bad_request",
            "message": message,
            "details": {},
        }

    # === THE LIST === #

    @route("/groupbuy/scan/points", type="jsonrpc", auth="user", readonly=True)
    def scan_points(self):
        """Return the points at which the user may hand out.

        :return: Dicts with id and name.
        :rtype: list[dict]
        """
        points = self._get_points()
        if request.env.user.has_group(STAFF):
            # Found with their own rights; elevated as those of managers are.
            points |= (
                request.env["groupbuy.pickup.point"]
                .with_context(allowed_company_ids=request.env.user.company_ids.ids)
                .search([])
                .sudo()
            )
        return [
            {"id": point.id, "name": point.name} for point in points.sorted("sequence")
        ]

    @route("/groupbuy/scan/list", type="jsonrpc", auth="user")
    def scan_list(self, point_id, search=None, limit=None, offset=0):
        """Return what is to be handed out at a point today, and who waits there.

        :param int point_id: The point.
        :param str search: Only residents whose name contains this text, or whose
            telephone ends with it.
        :param int limit: At most so many.
        :param int offset: After so many.
        :return: rows, waiting, stamp (changes when the list does), jwk (the key that
            codes are checked with), database (what they name it), valid_until (ISO: a
            phone has to forget the list then) and now.
        :rtype: dict
        """
        point = self._get_hand_out_point(point_id)
        engine = self._get_engine(point)
        search = search[:MAX_TEXT].strip() if isinstance(search, str) else None
        rows = engine._get_day_list(
            point,
            search=search or None,
            limit=parse_id(limit),
            offset=parse_id(offset) or 0,
        )
        return {
            "rows": rows,
            "waiting": request.env["groupbuy.check.in"]._get_waiting(point),
            "stamp": point._get_list_stamp(),
            "jwk": engine._get_public_jwk(),
            "database": request.env["groupbuy.pickup.code"]._get_database_name(),
            "valid_until": self._get_end_of_day(point),
            "now": f"{fields.Datetime.now().isoformat()}Z",
        }

    @route("/groupbuy/scan/state", type="jsonrpc", auth="user", readonly=True)
    def scan_state(self, point_id):
        """Tell an open screen whether its list is still the latest.

        Asked for every few seconds: two small statements beside the look-up.

        :param int point_id: The point.
        :return: stamp and waiting, as :meth:`scan_list` gives them.
        :rtype: dict
        """
        point = self._get_hand_out_point(point_id)
        return {
            "stamp": point._get_list_stamp(),
            "waiting": request.env["groupbuy.check.in"]._get_waiting(point),
        }

    def _get_end_of_day(self, point):
        """Return midnight in the zone of the point, as ISO text in UTC."""
        zone = pytz.timezone(point.tz)
        today = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
        midnight = datetime.combine(today + timedelta(days=1), datetime.min.time())
        return zone.localize(midnight).astimezone(pytz.utc).isoformat()

    # === HANDING OUT === #

    @route("/groupbuy/scan/find", type="jsonrpc", auth="user")
    def scan_find(self, point_id, text):
        """Look up what a code stands for.

        :param int point_id: The point.
        :param str text: A code that was typed, or what a QR code holds.
        :return: As `groupbuy.verification._find` says.
        :rtype: dict
        """
        point = self._get_hand_out_point(point_id)
        if not isinstance(text, str) or not text.strip():
            return self._refuse(request.env._("Please scan or type a code."))
        engine = self._get_engine(point)
        answer = engine._find(point, text[:MAX_TEXT].strip())
        if answer["status"] == "found" and not any(
            line["quantity"] > line["blocked"] for line in answer["lines"]
        ):
            # Nothing of it may be handed out now, so there is nothing to tap.
            return engine._refuse("case_open", point)
        return answer

    @route("/groupbuy/scan/hand-out", type="jsonrpc", auth="user")
    def scan_hand_out(
        self,
        point_id,
        picking_ids,
        method,
        request_key,
        quantities=None,
        code=None,
        reason=None,
        device_time=None,
        device=None,
    ):
        """Hand out transfers, whole or in part.

        :param int point_id: The point.
        :param list picking_ids: The residents' transfers; with quantities one only.
        :param str method: How the resident was recognised, see METHODS.
        :param str request_key: Made up by the browser; the same key gives the same
            answer, however often it is sent.
        :param dict quantities: Stock move id → quantity; None is everything.
        :param str code: What was scanned or typed.
        :param str reason: Why it is done outside of the opening hours.
        :param str device_time: When it was done on the phone, ISO.
        :param str device: What the browser calls the device.
        :return: As `groupbuy.verification._verify` says.
        :rtype: dict
        """
        point = self._get_hand_out_point(point_id)
        if method not in METHODS or not self._is_key(request_key):
            return self._refuse(request.env._("This request is not complete."))
        pickings = self._get_pickings(point, picking_ids)
        if not pickings:
            return self._refuse(
                request.env._("There is nothing of this kind at %s.", point.name)
            )
        parsed = self._parse_quantities(quantities)
        if quantities is not None and (not parsed or len(pickings) > 1):
            return self._refuse(request.env._("Please enter how much is handed out."))
        engine = self._get_engine(point)
        reason = self._parse_text(reason, MAX_REASON)
        if len(pickings) > 1:
            return engine._verify_batch(
                point, pickings, method=method, request_key=request_key, reason=reason
            )
        return engine._verify(
            point,
            pickings,
            method=method,
            request_key=request_key,
            quantities=parsed,
            code=self._parse_text(code, MAX_TEXT),
            reason=reason,
            device_time=self._parse_time(device_time),
            device=self._parse_text(device, 100),
        )

    @route("/groupbuy/scan/undo", type="jsonrpc", auth="user")
    def scan_undo(
        self, point_id, reason, request_key, verification_id=None, undone_key=None
    ):
        """Take a verification back.

        :param int point_id: The point.
        :param str reason: Why.
        :param str request_key: As in :meth:`scan_hand_out`.
        :param int verification_id: What is taken back, or
        :param str undone_key: the request key it was made with, which is all that a
            phone knows that has had no network since.
        :return: As `groupbuy.verification._undo` says.
        :rtype: dict
        """
        point = self._get_hand_out_point(point_id)
        reason = self._parse_text(reason, MAX_REASON)
        if not reason or not self._is_key(request_key):
            return self._refuse(request.env._("Please say why it is undone."))
        # Elevated, and bound to the point: the engine says who may take it back.
        engine = self._get_engine(point).sudo()
        domain = [("point_id", "=", point.id)]
        if self._is_key(undone_key):
            domain.append(("request_key", "=", undone_key))
        else:
            domain.append(("id", "=", parse_id(verification_id) or 0))
        verification = engine.search(domain, limit=1)
        if not verification:
            return self._refuse(
                request.env._("There is nothing of this kind at %s.", point.name)
            )
        return self._get_engine(point)._undo(
            verification, reason=reason, request_key=request_key
        )

    # === READING WHAT A BROWSER SENT === #

    def _is_key(self, value):
        return isinstance(value, str) and 8 <= len(value) <= MAX_KEY

    def _parse_text(self, value, length):
        """Return a text without spaces around it, None for anything else."""
        return (value[:length].strip() or None) if isinstance(value, str) else None

    def _parse_time(self, value):
        """Return naive UTC to the second, None for what is no time.

        A clock that is fast stays so here: the engine corrects it, and a repeated
        request has to say the same.
        """
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except (AttributeError, ValueError):
            return None
        if moment.tzinfo:
            try:
                moment = moment.astimezone(pytz.utc).replace(tzinfo=None)
            except OverflowError:
                return None
        return moment.replace(microsecond=0)

    def _parse_quantities(self, value):
        """Return stock move id → quantity, None for what cannot be read.

        Whether the moves are of the transfer, and how much is left, the engine says.
        """
        if not isinstance(value, dict) or not 0 < len(value) <= MAX_LINES:
            return None
        quantities = {}
        for key, number in value.items():
            move_id = parse_id(key)
            if (
                not move_id
                or isinstance(number, bool)
                or not isinstance(number, int | float)
                or not 0 <= number < 1_000_000
            ):
                return None
            quantities[move_id] = float(number)
        return quantities if any(quantities.values()) else None

    def _get_pickings(self, point, values):
        """Return residents' transfers of a point.

        :param groupbuy.pickup.point point: The point.
        :param values: What the browser sent as their ids.
        :return: With elevated rights; nothing when one of them is not there.
        :rtype: stock.picking
        """
        # Elevated, and bound to the point below.
        pickings = request.env["stock.picking"].sudo()
        if not isinstance(values, list) or not 0 < len(values) <= MAX_BATCH:
            return pickings
        ids = {parse_id(value) for value in values}
        if None in ids:
            return pickings
        found = pickings.search(
            [
                ("id", "in", list(ids)),
                ("groupbuy_point_id", "=", point.id),
                # A phone without a network may not know that it was taken back.
                ("groupbuy_role", "in", ("to_resident", "undone")),
            ]
        )
        return found if len(found) == len(ids) else pickings


class ScanManifest(WebManifest):
    """What the scan app is called and looks like when it is installed."""

    def _get_scoped_app_name(self, app_id):
        """Override of `web` to name the app after what it does."""
        if app_id == APP:
            return request.env._("Hand Out")
        return super()._get_scoped_app_name(app_id)

    def _get_scoped_app_icons(self, app_id):
        """Override of `web` to give the app its own icons."""
        if app_id != APP:
            return super()._get_scoped_app_icons(app_id)
        return [
            {
                "src": f"/{APP}/static/description/app-{size}.png",
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size in (192, 512)
            for purpose in ("any", "maskable")
        ]
