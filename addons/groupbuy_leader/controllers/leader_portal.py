# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import ipaddress
import re
from datetime import date
from urllib.parse import urlsplit

from odoo.exceptions import UserError
from odoo.http import content_disposition, request, route
from odoo.tools import file_open

from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.community_groupbuy.utils import parse_id
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.groupbuy_leader_messaging import MAX_LENGTH
from ..models.groupbuy_leader_portal import (
    CAMPAIGNS_PER_PAGE,
    ENTRIES_PER_PAGE,
    JOINERS_PER_PAGE,
)
from .settlement import XLSX

PDF = "application/pdf"
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
# The longest address of a browser's push service that is kept.
MAX_ENDPOINT = 1024


class LeaderPortal(CustomerPortal):
    """The pages of a leader, made for a phone.

    Portal users have no rights on leaders, campaigns, orders of others or transfers.
    Ownership is decided here, in :meth:`_get_leader` and the look-ups below it, each of
    which gives the leader's own records with elevated rights, or "not found". What is
    read from them is limited to that leader by the models (see
    `models/groupbuy_leader_portal.py`).
    """

    # === LOOKING UP WHAT A BROWSER SENT === #

    def _get_leader(self, with_former=False):
        """Return the leader who is logged in, in the company of the website.

        :param bool with_former: Whether somebody who has left may see the page.
        :rtype: groupbuy.leader
        :raise NotFound: If the user is no leader here.
        """
        leader = request.env["groupbuy.leader"]._find_for_portal(
            request.env.user, request.website.company_id, with_former
        )
        if not leader:
            raise request.not_found()
        return leader

    def _get_campaign(self, leader, campaign_id):
        """Return one of the leader's campaigns.

        :raise NotFound: If there is none, or the leader takes no part in it.
        """
        campaign = leader._find_campaign(request.website, parse_id(campaign_id) or 0)
        if not campaign:
            raise request.not_found()
        return campaign

    def _get_settlement(self, settlement_id):
        """Return one of the settlements of who is logged in.

        :raise NotFound: If there is none, or it is somebody else's.
        """
        leader = self._get_leader(with_former=True)
        settlement = leader.env["groupbuy.settlement"].search(
            [("id", "=", parse_id(settlement_id)), ("leader_id", "=", leader.id)]
        )
        if not settlement:
            raise request.not_found()
        return settlement

    # === RENDERING === #

    def _render_page(self, template, leader, page_name, **values):
        """Render a page of the portal.

        :param str template: Name of the template in this addon.
        :param groupbuy.leader leader: Who is logged in, with elevated rights.
        :param str page_name: What the navigation marks.
        """
        return request.render(
            f"groupbuy_leader.{template}",
            {
                **self._prepare_portal_layout_values(),
                "page_name": page_name,
                "leader": leader,
                "currency": leader.currency_id,
                "flash": take_message(),
                "errors": [],
                **values,
            },
        )

    def _try(self, url, action, message):
        """Do something that may be refused, and go back to a page that says so.

        :param str url: The page to go back to.
        :param action: A function without parameters.
        :param message: What to say when it is done: a text, or a function of the
            result of the action.
        """
        try:
            # All or nothing: what was refused leaves no trace.
            with request.env.cr.savepoint():
                result = action()
        except UserError as error:
            put_message(error, "warning")
        else:
            put_message(message(result) if callable(message) else message)
        return request.redirect(url)

    def _make_file(self, content, filename, mimetype):
        """Return a response that downloads a file.

        :param bytes content: The file.
        :param str filename: Its name.
        :param str mimetype: Its kind.
        """
        return request.make_response(
            content,
            headers=[
                ("Content-Type", mimetype),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(filename)),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
            ],
        )

    def _get_offset(self, page, step):
        """Return how many rows come before a page; nonsense is the first page."""
        return (min(max(page, 1), 10**6) - 1) * step

    # === TODAY === #

    @route("/my/leader", type="http", auth="user", methods=["GET"], website=True)
    def leader_today(self, **kwargs):
        """Show what is to be done today, and what was earned."""
        leader = self._get_leader(with_former=True)
        if leader.state == "left":
            return request.redirect("/my/leader/statement")
        return self._render_page(
            "portal_leader_today",
            leader,
            "leader_today",
            today=leader._get_today(),
            share={
                "url": leader.share_url,
                "title": leader.company_id.name,
                "text": request.env._("Let us buy together with our neighbours:"),
            },
        )

    # === CAMPAIGNS === #

    @route(
        ["/my/leader/campaigns", "/my/leader/campaigns/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_campaigns(self, page=1, **kwargs):
        """List the leader's campaigns, the open ones first.

        :param int page: Page of the list, from 1.
        """
        leader = self._get_leader()
        campaigns = leader.env["groupbuy.campaign"]
        domain = leader._get_campaign_domain(request.website)
        total = campaigns.search_count(domain)
        pager = portal_pager(
            url="/my/leader/campaigns",
            total=total,
            page=page,
            step=CAMPAIGNS_PER_PAGE,
        )
        shown = campaigns.search(
            domain,
            order="close_at desc, id desc",
            limit=CAMPAIGNS_PER_PAGE,
            offset=pager["offset"],
        )
        return self._render_page(
            "portal_leader_campaigns",
            leader,
            "leader_campaigns",
            campaigns=shown,
            counts=leader._get_own_counts(shown),
            pager=pager,
            states=dict(shown._fields["state"]._description_selection(request.env)),
        )

    @route(
        [
            "/my/leader/campaigns/<int:campaign_id>",
            "/my/leader/campaigns/<int:campaign_id>/page/<int:page>",
        ],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_campaign(self, campaign_id, page=1, **kwargs):
        """Show a campaign of the leader: link, progress, joiners, message.

        :param int campaign_id: The campaign.
        :param int page: Page of the joiners, from 1.
        """
        leader = self._get_leader()
        campaign = self._get_campaign(leader, campaign_id)
        return self._render_campaign(leader, campaign, page)

    def _render_campaign(self, leader, campaign, page=1, draft="", errors=()):
        """Render the page of a campaign.

        :param str draft: What the leader wanted to send, when it was refused.
        :param list[str] errors: Why.
        """
        joiners, total = leader._get_joiners(
            campaign, JOINERS_PER_PAGE, self._get_offset(page, JOINERS_PER_PAGE)
        )
        url = f"/my/leader/campaigns/{campaign.id}"
        share = campaign._get_share_values(request.website)
        share.update(
            url=leader._get_share_link(campaign),
            qr=f"{url}/qr.svg",
        )
        states = campaign._fields["state"]._description_selection(request.env)
        return self._render_page(
            "portal_leader_campaign",
            leader,
            "leader_campaign",
            campaign=campaign,
            state_label=dict(states)[campaign.state],
            card=campaign._get_card_values(previews=0)[campaign.id],
            count=leader._get_own_counts(campaign).get(campaign, {}),
            share=share,
            joiners=joiners,
            total=total,
            pager=portal_pager(url=url, total=total, page=page, step=JOINERS_PER_PAGE),
            messages=leader.env["groupbuy.leader.message"].search(
                [("leader_id", "=", leader.id), ("campaign_id", "=", campaign.id)],
                limit=10,
            ),
            max_length=MAX_LENGTH,
            draft=draft,
            errors=list(errors),
        )

    @route(
        [
            "/my/leader/qr.svg",
            "/my/leader/campaigns/<int:campaign_id>/qr.svg",
        ],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def leader_qr(self, campaign_id=None, **kwargs):
        """Return the leader's link as a picture, for a neighbour's phone.

        :param int campaign_id: The campaign that it leads to; all by default.
        """
        leader = self._get_leader()
        campaign = (
            self._get_campaign(leader, campaign_id)
            if campaign_id is not None
            else leader.env["groupbuy.campaign"]
        )
        return request.make_response(
            leader._render_share_code(campaign),
            headers=[
                ("Content-Type", "image/svg+xml"),
                ("Cache-Control", "private, max-age=86400"),
            ],
        )

    @route(
        "/my/leader/campaigns/<int:campaign_id>/message",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def leader_message(self, campaign_id, body="", **kwargs):
        """Write to the joiners of a campaign.

        :param int campaign_id: The campaign.
        :param str body: Plain text.
        """
        leader = self._get_leader()
        campaign = self._get_campaign(leader, campaign_id)
        text = str(body)
        try:
            with request.env.cr.savepoint():
                message = leader._send_message(campaign, text)
        except UserError as error:
            # What was typed is not lost.
            return self._render_campaign(
                leader, campaign, draft=text[: 4 * MAX_LENGTH], errors=[str(error)]
            )
        put_message(
            request.env._("Your message goes to 1 resident.")
            if message.recipient_count == 1
            else request.env._(
                "Your message goes to %s residents.", message.recipient_count
            )
        )
        return request.redirect(f"/my/leader/campaigns/{campaign.id}")

    # === HANDING OUT === #

    @route(
        "/my/leader/campaigns/<int:campaign_id>/hand-out",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_pick_list(self, campaign_id, **kwargs):
        """Show what each resident gets at the own points.

        :param int campaign_id: The campaign.
        """
        leader = self._get_leader()
        campaign = self._get_campaign(leader, campaign_id)
        problem, labels = "", []
        try:
            labels = leader._get_pick_list(campaign)["labels"]
        except UserError as error:
            problem = str(error)
        return self._render_page(
            "portal_leader_pick_list",
            leader,
            "leader_pick_list",
            campaign=campaign,
            labels=labels,
            problem=problem,
        )

    @route(
        "/my/leader/campaigns/<int:campaign_id>/hand-out.pdf",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_pick_list_pdf(self, campaign_id, **kwargs):
        """Download the hand-out list and the labels, to print.

        :param int campaign_id: The campaign.
        """
        leader = self._get_leader()
        campaign = self._get_campaign(leader, campaign_id)
        try:
            # Checked first, so that a refusal is a sentence on the page.
            leader._get_pick_list(campaign)
        except UserError as error:
            put_message(error, "warning")
            return request.redirect(f"/my/leader/campaigns/{campaign.id}/hand-out")
        # Elevated: the report is for staff; the points are the leader's own.
        content, _kind = (
            request.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf(
                "community_groupbuy.action_report_paper_by_resident",
                data={
                    "campaign_ids": campaign.ids,
                    "point_ids": leader.point_ids.ids,
                },
            )
        )
        return self._make_file(content, f"{campaign.reference or campaign.id}.pdf", PDF)

    # === STATEMENT === #

    @route(
        ["/my/leader/statement", "/my/leader/statement/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_statement(self, page=1, month=None, state=None, **kwargs):
        """Show the ledger of the leader, with what is waiting and why.

        :param int page: Page of the entries, from 1.
        :param str month: A month such as "2026-07"; anything else shows all.
        :param str state: How far the entries are; anything else shows all.
        """
        leader = self._get_leader(with_former=True)
        months = leader._get_months()
        states = leader._get_entry_states()
        month = month if month in dict(months) and MONTH.fullmatch(month) else None
        state = state if state in states else None
        statement = leader._get_statement(
            month, state, self._get_offset(page, ENTRIES_PER_PAGE)
        )
        url_args = {
            name: value for name, value in (("month", month), ("state", state)) if value
        }
        return self._render_page(
            "portal_leader_statement",
            leader,
            "leader_statement",
            months=months,
            month=month,
            states=states,
            state=state,
            statement=statement,
            earnings=leader._get_earnings(),
            pager=portal_pager(
                url="/my/leader/statement",
                url_args=url_args,
                total=statement["total"],
                page=page,
                step=ENTRIES_PER_PAGE,
            ),
        )

    @route(
        ["/my/leader/settlements", "/my/leader/settlements/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_settlements(self, page=1, **kwargs):
        """List the settlements of the leader, with their papers.

        :param int page: Page of the list, from 1.
        """
        leader = self._get_leader(with_former=True)
        settlements, total = leader._get_portal_settlements(
            ENTRIES_PER_PAGE, self._get_offset(page, ENTRIES_PER_PAGE)
        )
        return self._render_page(
            "portal_leader_settlements",
            leader,
            "leader_settlements",
            settlements=settlements,
            labels=dict(
                settlements._fields["state"]._description_selection(request.env)
            ),
            pager=portal_pager(
                url="/my/leader/settlements",
                total=total,
                page=page,
                step=ENTRIES_PER_PAGE,
            ),
        )

    @route(
        "/my/leader/settlements/<int:settlement_id>/statement.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_settlement_xlsx(self, settlement_id, **kwargs):
        """Download the statement of a settlement as a workbook.

        :param int settlement_id: One of the leader's own.
        """
        settlement = self._get_settlement(settlement_id)
        content = settlement.env["groupbuy.statement"]._render_xlsx(settlement)
        return self._make_file(content, f"{self._get_name(settlement)}.xlsx", XLSX)

    @route(
        "/my/leader/settlements/<int:settlement_id>/statement.pdf",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_settlement_pdf(self, settlement_id, **kwargs):
        """Download the statement of a settlement, to print.

        :param int settlement_id: One of the leader's own.
        """
        settlement = self._get_settlement(settlement_id)
        # Elevated: the settlement is the leader's own.
        content, _kind = (
            request.env["ir.actions.report"]
            .sudo()
            .with_context(groupbuy_statement_lang=request.env.lang)
            ._render_qweb_pdf("groupbuy_leader.action_report_statement", settlement.ids)
        )
        return self._make_file(content, f"{self._get_name(settlement)}.pdf", PDF)

    @route(
        "/my/leader/settlements/<int:settlement_id>/bill.pdf",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_settlement_bill(self, settlement_id, **kwargs):
        """Download the vendor bill that was made in the leader's name.

        :param int settlement_id: One of the leader's own.
        """
        settlement = self._get_settlement(settlement_id)
        bill = settlement.bill_id
        if not bill or bill.state != "posted":
            raise request.not_found()
        # Elevated: the bill is that of the leader's own settlement.
        content, _kind = (
            request.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf("account.account_invoices", bill.ids)
        )
        return self._make_file(content, f"{self._get_name(bill)}.pdf", PDF)

    def _get_name(self, record):
        """Return the number of a paper as the name of a file."""
        return record.name.replace("/", "-")

    # === REST DAYS === #

    @route(
        "/my/leader/days-off", type="http", auth="user", methods=["GET"], website=True
    )
    def leader_days_off(self, **kwargs):
        """Show on which days the own points are closed."""
        leader = self._get_leader()
        return self._render_days_off(leader)

    def _render_days_off(self, leader, form=None, errors=()):
        """Render the page of the days off.

        :param dict form: What the leader typed, when it was refused.
        :param list[str] errors: Why.
        """
        return self._render_page(
            "portal_leader_days_off",
            leader,
            "leader_days_off",
            days_off=leader._get_days_off(),
            form=form or {},
            errors=list(errors),
        )

    @route(
        "/my/leader/days-off", type="http", auth="user", methods=["POST"], website=True
    )
    def leader_days_off_add(
        self, point_id=None, date_from="", date_to="", name="", **kwargs
    ):
        """Close an own point on some days.

        :param str point_id: One of the leader's points.
        :param str date_from: First day, such as 2026-07-01.
        :param str date_to: Last day; the first by default.
        :param str name: What residents may read.
        """
        leader = self._get_leader()
        chosen = parse_id(point_id)
        point = leader.point_ids.filtered(lambda p: p.id == chosen)
        try:
            with request.env.cr.savepoint():
                first = self._read_day(date_from)
                leader._add_day_off(
                    point,
                    first,
                    self._read_day(date_to) if date_to else first,
                    str(name).replace("\x00", "").strip()[:64],
                )
        except UserError as error:
            form = {
                "point_id": chosen,
                "date_from": date_from,
                "date_to": date_to,
                "name": name,
            }
            return self._render_days_off(leader, form, [str(error)])
        put_message(
            request.env._(
                "Your point is closed on these days. Residents see it at the checkout."
            )
        )
        return request.redirect("/my/leader/days-off")

    def _read_day(self, text):
        """Read a day that a browser sent.

        :rtype: date
        :raise UserError: If it is none.
        """
        try:
            return date.fromisoformat(str(text))
        except ValueError:
            raise UserError(request.env._("Please choose a first day.")) from None

    @route(
        "/my/leader/days-off/<int:day_off_id>/delete",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def leader_days_off_delete(self, day_off_id, **kwargs):
        """Open an own point again.

        :param int day_off_id: One of the leader's own.
        """
        leader = self._get_leader()
        if not leader._remove_day_off(day_off_id):
            raise request.not_found()
        put_message(request.env._("Your point is open again on these days."))
        return request.redirect("/my/leader/days-off")

    # === TIER === #

    @route("/my/leader/tier", type="http", auth="user", methods=["GET"], website=True)
    def leader_tier(self, **kwargs):
        """Show the own figures, and what is missing for the next tier."""
        leader = self._get_leader()
        return self._render_page(
            "portal_leader_tier",
            leader,
            "leader_tier",
            progress=leader._get_tier_page(),
        )

    # === ANNOUNCEMENTS === #

    @route(
        "/my/leader/announcements",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def leader_announcements(self, **kwargs):
        """Show how the leader is told of new orders."""
        leader = self._get_leader()
        return self._render_announcements(leader)

    def _render_announcements(self, leader):
        """Render the page of the announcements."""
        return self._render_page(
            "portal_leader_announcements",
            leader,
            "leader_announcements",
            hours=range(24),
            tz=leader._get_portal_tz(),
            # Elevated: a key for everybody's browser, made when there is none yet.
            push_key=request.env["mail.push.device"]
            .sudo()
            .get_web_push_vapid_public_key(),
        )

    @route(
        "/my/leader/announcements",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def leader_announcements_save(self, mode=None, hour=None, **kwargs):
        """Keep how the leader wants to be told of new orders.

        :param str mode: at_once, digest or off.
        :param str hour: Hour of the digest, 0 to 23.
        """
        leader = self._get_leader()
        return self._try(
            "/my/leader/announcements",
            lambda: leader.write(self._read_announcements(leader, mode, hour, kwargs)),
            request.env._("Saved."),
        )

    def _read_announcements(self, leader, mode, hour, form):
        """Read the form of the announcements. Hook for addons with more ways.

        :param groupbuy.leader leader: Who is logged in.
        :param str mode: What the browser sent.
        :param str hour: What the browser sent.
        :param dict form: The rest of the form.
        :return: Values of the leader.
        :rtype: dict
        :raise UserError: If something was not offered.
        """
        if mode not in dict(leader._fields["announce_mode"].selection):
            raise UserError(
                request.env._("Please choose when new orders are announced.")
            )
        vals = {
            "announce_mode": mode,
            "announce_by_mail": bool(form.get("by_mail")),
            "announce_by_push": bool(form.get("by_push")),
        }
        if mode == "digest":
            if not re.fullmatch(r"\d|1\d|2[0-3]", str(hour)):
                raise UserError(request.env._("Please choose an hour of the day."))
            vals["announce_hour"] = int(hour)
        return vals

    @route(
        "/my/leader/push-worker.js",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def leader_push_worker(self, **kwargs):
        """Return the script that shows notifications, for the pages of the portal."""
        self._get_leader()
        with file_open("groupbuy_leader/static/src/portal/push_worker.js") as script:
            content = script.read()
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "text/javascript; charset=utf-8"),
                ("Service-Worker-Allowed", "/my/leader"),
                ("Cache-Control", "no-cache"),
            ],
        )

    @route(
        "/my/leader/push-device",
        type="jsonrpc",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def leader_push_device(self, endpoint=None, keys=None, vapid_public_key=None):
        """Keep a browser on which the leader wants to be notified.

        :param str endpoint: Address of the browser's push service.
        :param dict keys: Its keys, p256dh and auth.
        :param str vapid_public_key: The key it subscribed with.
        :return: Whether it is kept.
        :rtype: bool
        """
        self._get_leader()
        if not self._is_push_service(endpoint) or not self._are_push_keys(keys):
            return False
        devices = request.env["mail.push.device"]
        if not devices._verify_vapid_public_key(vapid_public_key):
            return False
        devices.register_devices(
            endpoint=endpoint,
            keys={name: keys[name] for name in ("p256dh", "auth")},
            vapid_public_key=vapid_public_key,
        )
        return True

    def _is_push_service(self, endpoint):
        """Tell whether an address may be a browser's push service.

        The server will send requests there, so nothing inside of its own network.
        """
        if not isinstance(endpoint, str) or len(endpoint) > MAX_ENDPOINT:
            return False
        try:
            parts = urlsplit(endpoint)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.scheme != "https" or port not in (None, 443) or "." not in host:
            return False
        if host.endswith((".local", ".internal", ".localhost")):
            return False
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return True
        return False

    def _are_push_keys(self, keys):
        """Tell whether keys of a browser have the form that they must have."""
        if not isinstance(keys, dict):
            return False
        return all(
            isinstance(keys.get(name), str)
            and re.fullmatch(r"[A-Za-z0-9_-]{16,128}={0,2}", keys[name])
            for name in ("p256dh", "auth")
        )
