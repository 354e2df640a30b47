# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re

from werkzeug.datastructures import FileStorage

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.http import Controller, request, route
from odoo.tools import email_normalize, hmac
from odoo.tools.translate import LazyTranslate

from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.community_groupbuy.utils import parse_id

_lt = LazyTranslate(__name__)

# Characters that a field of the form may have; more is refused, not cut.
TEXT_FIELDS = {
    "name": 128,
    "email": 254,
    "phone": 32,
    "point_name": 128,
    "street": 128,
    "street2": 128,
    "zip": 24,
    "city": 64,
    "note": 2000,
}

# What a person may send from one browser in a day.
SESSION_LIMIT = 3

# Seconds that a session remembers what it sent.
SESSION_SECONDS = 24 * 3600

# A field that people do not see. Programs that fill in forms fill it in, too.
TRAP = "homepage"

PHONE = re.compile(r"\+?[\d\s().-]{5,32}")

TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")


def sitemap_become_a_leader(env, rule, qs):
    """Yield the page for the site map."""
    if not qs or qs.lower() in "/become-a-leader":
        yield {"loc": "/become-a-leader"}


class LeaderApplication(Controller):
    # === THE PAGE === #

    @route(
        "/become-a-leader",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=sitemap_become_a_leader,
        list_as_website_content=_lt("Become a Leader"),
    )
    def become_a_leader(self, **kwargs):
        """Show what a leader does, and the form, or how an application stands.

        :param str from: Token of the leader whose invitation was followed.
        """
        token = kwargs.get("from")
        leaders = request.env["groupbuy.leader"]
        if token and leaders._find_by_token(token, request.website.company_id):
            request.session["groupbuy_inviter_token"] = token
        return self._render_page({}, [])

    def _render_page(self, form, errors):
        """Render the page.

        :param dict form: What was sent, to show it again; empty at first.
        :param list[str] errors: What was wrong with it.
        """
        return request.render(
            "groupbuy_leader.become_a_leader", self._prepare_page_values(form, errors)
        )

    def _prepare_page_values(self, form, errors):
        """Return the values of the page.

        Elevated where visitors have no rights; only names and texts are shown.
        """
        website = request.website
        company = website.company_id
        user = request.env.user
        partner = user.partner_id if not user._is_public() else None
        applications = request.env["groupbuy.leader.application"].sudo()
        application = applications
        leader = request.env["groupbuy.leader"].sudo()
        if partner:
            application = applications.search(
                [("partner_id", "=", partner.id), ("company_id", "=", company.id)],
                limit=1,
            )
            leader = leader._get_for_user(user).filtered(
                lambda lead: lead.company_id == company
            )[:1]
            form = form or {
                "name": partner.name or "",
                "email": partner.email or "",
                "phone": partner.phone or "",
                "street": partner.street or "",
                "street2": partner.street2 or "",
                "zip": partner.zip or "",
                "city": partner.city or "",
                "community_id": str(partner.sudo().groupbuy_community_id.id or ""),
            }
        communities = website._get_groupbuy_communities()
        inviter = self._get_inviter()
        return {
            "form": form,
            "errors": errors,
            "communities": communities,
            "places": self._get_places(communities),
            "paper_types": request.env["groupbuy.leader.paper.type"]
            .sudo()
            ._get_for(company),
            "days": request.env["groupbuy.leader.application.hours"]
            ._fields["dayofweek"]
            ._description_selection(request.env),
            "consent": request.env["groupbuy.leader.consent"]
            .sudo()
            ._get_current(company),
            "application": application,
            "is_open": application.state in ("submitted", "review"),
            "leader": leader,
            "inviter_name": inviter.partner_id._groupbuy_public_name()
            if inviter
            else "",
            "today": fields.Date.to_string(fields.Date.context_today(applications)),
            "trap": TRAP,
            "flash": take_message(),
        }

    def _get_places(self, communities):
        """Return where communities are on the map of the page, in percent.

        The map is drawn from the positions of the communities: nothing is asked of a
        map service, so nobody outside learns who looks at the page.

        :param groupbuy.community communities: The communities.
        :return: Rows of id, name, left and top; without those whose position is
            unknown.
        :rtype: list[dict]
        """
        known = communities.filtered(lambda place: place.latitude or place.longitude)
        if len(known) < 2:
            return []
        west, east = min(known.mapped("longitude")), max(known.mapped("longitude"))
        south, north = min(known.mapped("latitude")), max(known.mapped("latitude"))
        # Places that lie on one line are shown in the middle of the other direction.
        width, height = east - west, north - south
        return [
            {
                "id": place.id,
                "name": place.name,
                "left": round(
                    14 + 72 * (place.longitude - west) / width if width else 50, 2
                ),
                "top": round(
                    14 + 58 * (north - place.latitude) / height if height else 50, 2
                ),
            }
            for place in known
        ]

    def _get_inviter(self):
        """Return the leader whose invitation the visitor followed.

        :rtype: groupbuy.leader
        """
        return request.env["groupbuy.leader"]._find_by_token(
            request.session.get("groupbuy_inviter_token"), request.website.company_id
        )

    # === SENDING === #

    @route(
        "/become-a-leader",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def become_a_leader_submit(self, **kwargs):
        """Keep an application, or show the form again with what is wrong.

        Only the keys that the form has are read; what else was sent is ignored.
        """
        if kwargs.get(TRAP):
            # A program gets the same answer as a person, and nothing is kept.
            return request.redirect("/become-a-leader/thank-you")
        form = {
            key: str(value)
            for key, value in kwargs.items()
            if not isinstance(value, FileStorage)
        }
        try:
            with request.env.cr.savepoint():
                self._submit(form, request.httprequest.files)
        except ValidationError as error:
            return self._render_page(form, str(error).split("\n"))
        return request.redirect("/become-a-leader/thank-you")

    def _submit(self, form, files):
        """Read, check and keep an application.

        :param dict form: What the browser sent.
        :param werkzeug.datastructures.MultiDict files: The files.
        :raise ValidationError: With everything that is wrong, one a line.
        """
        website = request.website
        company = website.company_id
        user = request.env.user
        partner = (
            user.partner_id if not user._is_public() else request.env["res.partner"]
        )
        self._check_flood()
        problems = []
        vals = self._read_person(form, problems)
        vals |= {
            "company_id": company.id,
            "website_id": website.id,
            "country_id": company.country_id.id,
            "source_hash": self._get_source_hash(),
        }
        is_leader = vals["kind"] == "leader"
        vals["community_id"] = self._read_community(form, is_leader, problems)
        hours = self._read_hours(form, problems) if is_leader else []
        if is_leader:
            self._check_address(vals, problems)
        papers = self._read_papers(vals, form, files, problems)
        consent = request.env["groupbuy.leader.consent"].sudo()._get_current(company)
        # The version that was read, not only a tick.
        if not consent or parse_id(form.get("consent")) != consent.id:
            problems.append(
                request.env._("Please read what you agree to, and tick it.")
            )
        if problems:
            raise ValidationError("\n".join(problems))
        inviter = self._get_inviter()
        if inviter and (
            inviter._get_invitation_problem(partner)
            or vals["email"] == inviter.partner_id.email_normalized
        ):
            inviter = inviter.browse()
        request.env["groupbuy.leader.application"]._submit(
            vals, papers, hours, consent, inviter, partner
        )
        request.session.pop("groupbuy_inviter_token", None)
        request.session["groupbuy_applications"] = [
            *self._get_session_times(),
            fields.Datetime.now().timestamp(),
        ]

    def _get_session_times(self):
        """Return when this browser sent applications in the last day."""
        limit = fields.Datetime.now().timestamp() - SESSION_SECONDS
        times = request.session.get("groupbuy_applications") or []
        return [moment for moment in times if moment > limit]

    def _get_source_hash(self):
        """Return the visitor's network address so that it can be counted, not read."""
        return hmac(
            request.env(su=True),
            "groupbuy-leader-application",
            request.httprequest.remote_addr or "",
        )

    def _check_flood(self):
        """Refuse more applications than people send.

        :raise ValidationError: If there were too many from here.
        """
        applications = request.env["groupbuy.leader.application"]
        if len(self._get_session_times()) >= SESSION_LIMIT or applications._is_flooded(
            self._get_source_hash()
        ):
            raise ValidationError(
                request.env._(
                    "Too many applications came from here today. Please try again"
                    " tomorrow."
                )
            )

    def _read_person(self, form, problems):
        """Read the plain fields.

        :param dict form: What the browser sent.
        :param list[str] problems: Filled with what is wrong.
        :rtype: dict
        """
        vals = {}
        for name, size in TEXT_FIELDS.items():
            value = (form.get(name) or "").strip()
            if len(value) > size:
                problems.append(
                    request.env._(
                        "Please enter at most %(size)s characters in each field:"
                        " %(field)s.",
                        size=size,
                        field=self._get_label(name),
                    )
                )
                value = ""
            vals[name] = value
        vals["email"] = email_normalize(vals["email"]) or ""
        if not vals["name"]:
            problems.append(request.env._("Please enter your name."))
        if not vals["email"]:
            problems.append(request.env._("Please enter a valid e-mail address."))
        if not PHONE.fullmatch(vals["phone"]):
            problems.append(request.env._("Please enter a valid phone number."))
        kind = form.get("kind") or "leader"
        if kind not in ("leader", "koc"):
            problems.append(request.env._("Please choose what you want to become."))
            kind = "leader"
        vals["kind"] = kind
        vals["handles_food"] = form.get("handles_food") == "1" and kind == "leader"
        capacity = (form.get("daily_capacity") or "0").strip()
        if not re.fullmatch(r"\d{1,4}", capacity):
            problems.append(
                request.env._("Residents a day: please enter a whole number.")
            )
            capacity = "0"
        vals["daily_capacity"] = int(capacity)
        return vals

    def _get_label(self, name):
        """Return the name of a field as the visitor reads it."""
        field = request.env["groupbuy.leader.application"]._fields[name]
        return field._description_string(request.env)

    def _read_community(self, form, is_required, problems):
        """Look up the community; only those of this website can be chosen."""
        community = request.env["groupbuy.community"].sudo()
        community_id = parse_id(form.get("community_id"))
        if community_id:
            community = request.website._get_groupbuy_communities().filtered(
                lambda place: place.id == community_id
            )
        if not community and (is_required or form.get("community_id")):
            problems.append(request.env._("Please choose your community."))
        return community.id

    def _check_address(self, vals, problems):
        """Check the address of the point."""
        if not vals["street"] or not vals["city"]:
            problems.append(
                request.env._("Please enter street and city of the pickup point.")
            )

    def _read_hours(self, form, problems):
        """Read the opening hours: one period a day.

        :rtype: list[dict]
        """
        rows = []
        for day in "0123456":
            start = (form.get(f"from_{day}") or "").strip()
            end = (form.get(f"to_{day}") or "").strip()
            if not start and not end:
                continue
            if not TIME.fullmatch(start) or not TIME.fullmatch(end):
                problems.append(
                    request.env._(
                        "Opening hours: please enter both times, such as 08:00 and"
                        " 20:00."
                    )
                )
                return []
            hour_from, hour_to = self._to_hours(start), self._to_hours(end)
            if hour_from >= hour_to:
                problems.append(
                    request.env._("Opening hours: a day has to open before it closes.")
                )
                return []
            rows.append({"dayofweek": day, "hour_from": hour_from, "hour_to": hour_to})
        if not rows:
            problems.append(request.env._("Please enter when the point is open."))
        return rows

    def _to_hours(self, text):
        """Return a time such as 08:30 as hours."""
        hours, minutes = text.split(":")
        return int(hours) + int(minutes) / 60

    def _read_papers(self, vals, form, files, problems):
        """Read the papers, each with its number, expiry and file.

        :rtype: list[dict]
        """
        types = request.env["groupbuy.leader.paper.type"].sudo()
        required = types._get_required(
            request.website.company_id, vals["kind"], vals["handles_food"]
        )
        papers = request.env["groupbuy.leader.paper"].sudo()
        rows = []
        for paper_type in types._get_for(request.website.company_id):
            number = form.get(f"paper_number_{paper_type.id}") or ""
            expiry = form.get(f"paper_expiry_{paper_type.id}") or ""
            upload = files.get(f"paper_file_{paper_type.id}")
            is_given = bool(number.strip() or (upload and upload.filename))
            if not is_given and paper_type not in required:
                continue
            try:
                rows.append(
                    papers._prepare_from_upload(paper_type, number, expiry, upload)
                )
            except ValidationError as error:
                problems.append(str(error))
        return rows

    @route(
        "/become-a-leader/thank-you",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def become_a_leader_thanks(self, **kwargs):
        """Tell that the application has arrived."""
        return request.render("groupbuy_leader.become_a_leader_thanks", {})

    # === PAPERS OF A LEADER === #

    @route("/my/leader/papers", type="http", auth="user", methods=["GET"], website=True)
    def leader_papers(self, **kwargs):
        """Show a leader the own papers, and the form for a new one."""
        return self._render_papers([])

    def _render_papers(self, errors):
        """Render the page of the papers of who is logged in."""
        leader = self._get_own_leader()
        return request.render(
            "groupbuy_leader.portal_papers",
            {
                "page_name": "leader_papers",
                "leader": leader,
                "papers": leader.paper_ids.filtered(lambda p: p.state != "replaced"),
                "paper_types": request.env["groupbuy.leader.paper.type"]
                .sudo()
                ._get_for(leader.company_id),
                "today": fields.Date.to_string(fields.Date.context_today(leader)),
                "errors": errors,
                "flash": take_message(),
            },
        )

    def _get_own_leader(self):
        """Return the leader that is logged in, in the company of the website.

        :rtype: groupbuy.leader
        :raise NotFound: If the user is no leader here.
        """
        leader = (
            request.env["groupbuy.leader"]
            ._get_for_user(request.env.user)
            .filtered(lambda lead: lead.company_id == request.website.company_id)[:1]
        )
        if not leader:
            raise request.not_found()
        return leader

    @route(
        "/my/leader/papers", type="http", auth="user", methods=["POST"], website=True
    )
    def leader_papers_submit(self, paper_type=None, number="", expiry="", **kwargs):
        """Keep a paper of who is logged in; the staff check it.

        :param str paper_type: Id of the kind.
        :param str number: The number.
        :param str expiry: The date until which it holds.
        """
        leader = self._get_own_leader()
        type_id = parse_id(paper_type)
        kind = (
            request.env["groupbuy.leader.paper.type"]
            .sudo()
            ._get_for(leader.company_id)
            .filtered(lambda record: record.id == type_id)
        )
        try:
            if not kind:
                raise ValidationError(request.env._("Please choose the kind of paper."))
            with request.env.cr.savepoint():
                leader._submit_paper(
                    request.env["groupbuy.leader.paper"]
                    .sudo()
                    ._prepare_from_upload(
                        kind,
                        str(number),
                        str(expiry),
                        request.httprequest.files.get("paper_file"),
                    )
                )
        except UserError as error:
            return self._render_papers([str(error)])
        put_message(request.env._("Thank you. We check the paper soon."))
        return request.redirect("/my/leader/papers")
