# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import time

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import Controller, request, route
from odoo.tools.translate import LazyTranslate

from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.portal.controllers.portal import CustomerPortal

_lt = LazyTranslate(__name__)

TICKETS_PER_PAGE = 100
DRAWS_PER_PAGE = 20
# Seconds for which a visitor who has scanned a good code may sign in and press the
# button; the code itself is older by then.
PROOF_SECONDS = 600
PROOF_KEY = "groupbuy_check_in"


class TasksPortal(CustomerPortal):
    """A resident's tasks, tickets, prizes and rights to a low price."""

    @route("/my/group-tasks", type="http", auth="user", website=True)
    def portal_my_tasks(self, **kwargs):
        """Show what the signed-in resident can do, has done, and has got for it."""
        env = request.env
        partner = env.user.partner_id
        website = request.website
        tasks = env["groupbuy.task"]._get_for_resident(partner, website.company_id)
        # Elevated: residents have no rights on these models; only their own is read.
        mine = [
            ("partner_id", "=", partner.id),
            ("company_id", "=", website.company_id.id),
        ]
        tickets = (
            env["groupbuy.lottery.ticket"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", partner.id),
                    ("lottery_id", "any", self._get_shown_draws(website)),
                ],
                limit=200,
            )
        )
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "tasks",
                "flash": take_message(),
                "cards": tasks._get_cards(partner),
                "draws": tickets.grouped("lottery_id"),
                "awards": env["groupbuy.lottery.award"].sudo().search(mine, limit=50),
                "earned": env["groupbuy.task.completion"].sudo().search(mine, limit=20),
                "rights": env["groupbuy.price.right"]
                .sudo()
                .search(
                    [
                        ("partner_id", "=", partner.id),
                        ("line_id.company_id", "=", website.company_id.id),
                    ],
                    limit=20,
                ),
            }
        )
        return request.render("groupbuy_marketing.portal_my_tasks", values)

    def _get_shown_draws(self, website):
        """Return which draws a resident's tickets are shown of."""
        return request.env["groupbuy.lottery"]._get_public_domain(website)


class Draws(Controller):
    """The public pages of draws: what is promised, and the proof afterwards.

    Visitors have no rights on draws. Each record is looked up among the public draws
    of this website, and what a page shows of it is chosen by the model.
    """

    def _get_draw(self, slug):
        """Look up the draw that a request names.

        :raise NotFound: If there is none, or it is not public.
        """
        draw = request.env["groupbuy.lottery"]._find_for_website(request.website, slug)
        if not draw:
            raise request.not_found()
        return draw

    @route(
        ["/group-buy/draws", "/group-buy/draws/page/<int:page>"],
        type="http",
        auth="public",
        website=True,
        sitemap=True,
        list_as_website_content=_lt("Draws"),
    )
    def draws(self, page=1, **kwargs):
        """List the draws that are open or were made.

        :param int page: Page of the list, from 1.
        """
        # Elevated: searched among the public draws only.
        draws = request.env["groupbuy.lottery"].sudo()
        domain = draws._get_public_domain(request.website)
        pager = request.website.pager(
            url="/group-buy/draws",
            total=draws.search_count(domain),
            page=page,
            step=DRAWS_PER_PAGE,
        )
        return request.render(
            "groupbuy_marketing.draws",
            {
                "draws": draws.search(
                    domain, limit=DRAWS_PER_PAGE, offset=pager["offset"]
                ),
                "pager": pager,
            },
        )

    @route(
        [
            "/group-buy/draws/<string:slug>",
            "/group-buy/draws/<string:slug>/page/<int:page>",
        ],
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def draw(self, slug, page=1, **kwargs):
        """Show a draw: its prizes and hash, and after it the winners and the proof.

        :param str slug: Slug of the draw.
        :param int page: Page of the list of tickets, from 1.
        """
        draw = self._get_draw(slug)
        tickets = request.env["groupbuy.lottery.ticket"].sudo()
        # Before the freezing there are no numbers to list them by.
        is_frozen = draw.state != "open"
        domain = Domain("lottery_id", "=", draw.id) & Domain("number", ">", 0)
        pager = request.website.pager(
            url=draw.website_url,
            total=tickets.search_count(domain) if is_frozen else 0,
            page=page,
            step=TICKETS_PER_PAGE,
        )
        shown = tickets
        if is_frozen:
            shown = tickets.search(
                domain, order="number", limit=TICKETS_PER_PAGE, offset=pager["offset"]
            )
        user = request.env.user
        own = tickets
        if not user._is_public():
            own = tickets.search(
                [
                    ("lottery_id", "=", draw.id),
                    ("partner_id", "=", user.partner_id.id),
                ],
                limit=50,
            )
        return request.render(
            "groupbuy_marketing.draw",
            {
                "draw": draw._get_page_values(shown),
                "draw_url": draw.website_url,
                "own_tickets": own,
                "pager": pager,
            },
        )

    @route(
        "/group-buy/draws/<string:slug>/draw.json",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def draw_proof(self, slug, **kwargs):
        """Return all that is needed to recompute a draw that was made.

        :param str slug: Slug of the draw.
        """
        proof = self._get_draw(slug)._get_proof()
        if not proof:
            raise request.not_found()
        return request.make_response(
            proof,
            headers=[
                ("Content-Type", "application/json; charset=utf-8"),
                ("Content-Disposition", 'attachment; filename="draw.json"'),
            ],
        )

    @route(
        "/group-buy/draws/<string:slug>/qr.svg",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def draw_qr(self, slug, **kwargs):
        """Return the QR code of a draw's page as a picture."""
        return request.make_response(
            self._get_draw(slug)._render_code(request.website),
            headers=[
                ("Content-Type", "image/svg+xml"),
                ("Cache-Control", "public, max-age=3600"),
            ],
        )


class CheckIn(Controller):
    """Checking in at an event with the code on its screen.

    The code lives for seconds. Whoever opens its address gets a proof in the session,
    good for some minutes and one check-in, so that there is time to sign in; then the
    address is left, so it says nothing to whoever sees it later. Nothing is booked by
    opening an address.
    """

    def _get_event(self, event_id):
        event = request.env["groupbuy.check.in.event"]._find_for_website(
            request.website, event_id
        )
        if not event:
            raise request.not_found()
        return event

    def _has_proof(self, event):
        """Return whether this visitor has shown a good code of the event lately."""
        proof = request.session.get(PROOF_KEY) or {}
        shown_at = proof.get(str(event.id))
        return bool(shown_at) and time.time() - shown_at < PROOF_SECONDS

    @route(
        "/group-buy/check-in/<int:event_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def check_in(self, event_id, code=None, **kwargs):
        """Show an event; with a good code, offer to check in.

        :param int event_id: The event.
        :param str code: What the screen at the event shows.
        """
        event = self._get_event(event_id)
        user = request.env.user
        partner = user.partner_id.browse() if user._is_public() else user.partner_id
        problem = ""
        if code is not None:
            problem = event._get_token_problem(code)
            if not problem:
                # A new dict, so that the session notices. One event at a time.
                request.session[PROOF_KEY] = {str(event.id): int(time.time())}
                return request.redirect(f"/group-buy/check-in/{event.id}")
        visit = request.env["groupbuy.check.in.visit"].sudo()
        if partner:
            visit = visit.search(
                [("event_id", "=", event.id), ("partner_id", "=", partner.id)], limit=1
            )
        refusal = event._get_refusal(partner)
        return request.render(
            "groupbuy_marketing.check_in",
            {
                "event": event,
                "texts": event._get_texts(),
                "flash": take_message(),
                "problem": problem,
                "refusal": refusal,
                "visit": visit,
                "has_proof": self._has_proof(event) and not refusal,
                "is_known": bool(partner),
            },
        )

    @route(
        "/group-buy/check-in/<int:event_id>/confirm",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def check_in_confirm(self, event_id, **kwargs):
        """Check the signed-in resident in, who has scanned a good code.

        :param int event_id: The event.
        """
        event = self._get_event(event_id)
        has_proof = self._has_proof(event)
        # One proof, one attempt: nobody signs in a second time with it.
        request.session.pop(PROOF_KEY, None)
        if not has_proof:
            put_message(
                request.env._(
                    "Please scan the code on the screen at the event first. If you did,"
                    " it was too long ago: scan it again."
                ),
                "warning",
            )
        else:
            try:
                visit = event._check_in(request.env.user.partner_id)
                put_message(visit._get_text())
            except UserError as error:
                put_message(error, "warning")
        return request.redirect(f"/group-buy/check-in/{event.id}")

    def _get_own_event(self, event_id):
        """Look up an event for staff, with their own rights.

        :raise NotFound: If the user is no staff, or the event of another company.
        """
        user = request.env.user
        if not user.has_group("community_groupbuy.group_groupbuy_user"):
            raise request.not_found()
        event = request.env["groupbuy.check.in.event"].search(
            [("id", "=", event_id)], limit=1
        )
        if not event:
            raise request.not_found()
        return event

    @route(
        "/group-buy/check-in/<int:event_id>/screen",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def check_in_screen(self, event_id, **kwargs):
        """Show staff the page with the changing code, for a screen at the event."""
        event = self._get_own_event(event_id)
        return request.render(
            "groupbuy_marketing.check_in_screen",
            {
                "event": event,
                "texts": event.sudo()._get_texts(),
                "code_url": f"/group-buy/check-in/{event.id}/code.svg",
                "stamp": int(time.time()),
            },
        )

    @route(
        "/group-buy/check-in/<int:event_id>/code.svg",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def check_in_code(self, event_id, **kwargs):
        """Return the code of this moment, for staff, as a picture."""
        return request.make_response(
            self._get_own_event(event_id)._render_code(request.website),
            headers=[
                ("Content-Type", "image/svg+xml"),
                ("Cache-Control", "no-store"),
            ],
        )
