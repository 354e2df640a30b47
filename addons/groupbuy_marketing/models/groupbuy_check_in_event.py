# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import hmac
import re
import secrets
import time

import qrcode
from qrcode.image.svg import SvgPathImage

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.community_groupbuy.formatting import format_moment, format_window
from odoo.addons.community_groupbuy.utils import parse_id

_TOKEN = re.compile(r"(\d{1,12})-([0-9a-f]{32})", re.ASCII)


class GroupBuyCheckInEvent(models.Model):
    """Something that residents come to, such as a tasting, and check in at (打卡).

    A screen at the event shows a QR code that changes every few seconds. It says the
    present step of time, signed with a secret of the event, so a photo of it that is
    sent to somebody at home is worth nothing a little later.
    """

    _name = "groupbuy.check.in.event"
    _inherit = ["mail.thread"]
    _description = "Event with Check-in"
    _order = "start_at desc, id desc"

    name = fields.Char(required=True, translate=True, tracking=True)
    description = fields.Text(translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    community_id = fields.Many2one(
        comodel_name="groupbuy.community",
        index="btree_not_null",
        domain="[('company_id', 'in', (False, company_id))]",
        help="Only its residents can check in. Empty: everybody.",
    )
    place = fields.Char(required=True, translate=True, tracking=True)
    start_at = fields.Datetime(string="From", required=True, tracking=True)
    end_at = fields.Datetime(string="Until", required=True, tracking=True)
    tz = fields.Selection(
        selection=_tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "Asia/Shanghai",
    )
    step_seconds = fields.Integer(
        string="Code Changes Every",
        required=True,
        default=15,
        help="Seconds for which the screen shows one code.",
    )
    tolerance = fields.Integer(
        string="Codes Taken After",
        required=True,
        default=3,
        help="How many changes ago a code may be, for slow phones and networks.",
    )
    points_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        string="Points Program",
        domain="[('program_type', '=', 'loyalty'),"
        " ('company_id', 'in', (False, company_id))]",
        index="btree_not_null",
        ondelete="restrict",
    )
    points = fields.Float(digits=(16, 2), default=10.0)
    lottery_id = fields.Many2one(
        comodel_name="groupbuy.lottery",
        string="Draw",
        domain="[('company_id', '=', company_id), ('state', 'in', ('draft', 'open'))]",
        index="btree_not_null",
        ondelete="restrict",
        help="Who checks in gets a ticket of this draw, while it is open.",
    )
    # What codes are signed with; nobody has the right to read it.
    secret = fields.Char(copy=False, readonly=True, groups=fields.NO_ACCESS)
    visit_ids = fields.One2many(
        comodel_name="groupbuy.check.in.visit", inverse_name="event_id"
    )
    visit_count = fields.Integer(string="Checked In", compute="_compute_visit_count")

    _window_valid = models.Constraint(
        "CHECK (end_at > start_at)", "The end of an event must be after its beginning."
    )
    _steps_valid = models.Constraint(
        "CHECK (step_seconds BETWEEN 5 AND 300 AND tolerance BETWEEN 0 AND 20)",
        "A code is shown for 5 to 300 seconds, and taken for 20 changes at most.",
    )
    _points_positive = models.Constraint(
        "CHECK (COALESCE(points, 0) >= 0)", "Points cannot be negative."
    )

    def _compute_visit_count(self):
        counts = dict(
            self.env["groupbuy.check.in.visit"]._read_group(
                [("event_id", "in", self.ids)], ["event_id"], ["__count"]
            )
        )
        for event in self:
            event.visit_count = counts.get(event, 0)

    @api.constrains("points_program_id", "lottery_id", "company_id", "community_id")
    def _check_rewards(self):
        for event in self:
            company = event.company_id
            program = event.points_program_id
            if program and (
                program.program_type != "loyalty"
                or program.company_id not in (company, company.browse())
            ):
                raise ValidationError(
                    self.env._("Points of an event are those of a loyalty program.")
                )
            if event.lottery_id and event.lottery_id.company_id != company:
                raise ValidationError(
                    self.env._("The draw of an event is one of its company.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        # Elevated: the secret is nobody's to read or write.
        for event in events.sudo():
            event.secret = secrets.token_hex(32)
        return events

    @api.ondelete(at_uninstall=False)
    def _unlink_except_visited(self):
        if self.sudo().visit_ids:
            raise UserError(
                self.env._("Residents have checked in here: archive the event instead.")
            )

    def action_open_visits(self):
        """Show who has checked in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Checked in: %s", self.name),
            "res_model": "groupbuy.check.in.visit",
            "view_mode": "list",
            "domain": [("event_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_open_screen(self):
        """Open the page with the code, for a screen at the event."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/group-buy/check-in/{self.id}/screen",
            "target": "new",
        }

    # === CODES === #

    def _get_step(self):
        """Return the present step of time.

        :rtype: int
        """
        self.ensure_one()
        return int(time.time()) // self.step_seconds

    def _sign(self, step):
        """Return the signature of a step: 128 bits of an HMAC-SHA256.

        :param int step: A step of time.
        :rtype: str
        """
        self.ensure_one()
        # Elevated: the secret is nobody's to read; the signature does not tell it.
        key = bytes.fromhex(self.sudo().secret)
        message = f"groupbuy-check-in:{self.id}:{step}".encode()
        return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]

    def _make_token(self):
        """Return what the code says now.

        :rtype: str
        """
        step = self._get_step()
        return f"{step}-{self._sign(step)}"

    def _get_token_problem(self, token):
        """Return what is wrong with a token that a browser sent.

        :param token: Anything.
        :return: A sentence, or an empty string when it is good now.
        :rtype: str
        """
        self.ensure_one()
        match = _TOKEN.fullmatch(token) if isinstance(token, str) else None
        step = int(match[1]) if match else 0
        if not match or not hmac.compare_digest(match[2], self._sign(step)):
            return self.env._(
                "This code is not one of this event. Please scan the code on the screen"
                " at the event."
            )
        # A node's clock may be a step ahead.
        if not -1 <= self._get_step() - step <= self.tolerance:
            return self.env._(
                "This code is too old: it changes every %s seconds. Please scan the one"
                " that the screen shows now.",
                self.step_seconds,
            )
        return ""

    def _render_code(self, website):
        """Return the code of the moment, for the screen at the event.

        :param website website: The website whose address the code holds.
        :return: An SVG picture.
        :rtype: bytes
        """
        self.ensure_one()
        url = f"{website.get_base_url()}/group-buy/check-in/{self.id}"
        return qrcode.make(
            f"{url}?code={self._make_token()}",
            image_factory=SvgPathImage,
            border=2,
        ).to_string()

    # === CHECKING IN === #

    @api.model
    def _find_for_website(self, website, value):
        """Look up the event that a browser named.

        :param website website: The website.
        :param value: An id, or anything.
        :return: An event with elevated rights, or nothing. Visitors have no rights on
            events; what a page shows is chosen by it.
        :rtype: groupbuy.check.in.event
        """
        events = self.sudo()
        number = parse_id(value)
        if not number:
            return events
        return events.search(
            Domain("id", "=", number)
            & Domain("company_id", "=", website.company_id.id),
            limit=1,
        )

    def _get_refusal(self, partner):
        """Return why a resident cannot check in now.

        :param res.partner partner: The resident; nobody while anonymous.
        :return: A sentence, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        env = self.env
        now = fields.Datetime.now()
        if now < self.start_at:
            return env._(
                "“%(event)s” begins on %(date)s. Please check in when you are there.",
                event=self.name,
                date=format_moment(env, self.start_at, self.tz),
            )
        if now >= self.end_at:
            return env._("“%s” is over.", self.name)
        community = partner.sudo().groupbuy_community_id
        if partner and self.community_id and community != self.community_id:
            return env._(
                "“%(event)s” is for residents of %(community)s. Is that where you live?"
                " Then choose it as your community first.",
                event=self.name,
                community=self.community_id.name,
            )
        return ""

    def _check_in(self, partner):
        """Check a resident in, who has shown a good code.

        Why it is safe: the resident's standing is taken first, so of two requests at
        once the second is repeated and finds the visit; visits are unique for event
        and resident, and the keys of points and ticket name the visit.

        :param res.partner partner: The resident.
        :return: The visit.
        :rtype: groupbuy.check.in.visit
        :raise UserError: If the resident has checked in before, or cannot now.
        """
        self.ensure_one()
        if refusal := self._get_refusal(partner):
            raise UserError(refusal)
        self.env["groupbuy.standing"]._touch(self.company_id, partner)
        visits = self.env["groupbuy.check.in.visit"].sudo()
        if visits.search_count(
            [("event_id", "=", self.id), ("partner_id", "=", partner.id)], limit=1
        ):
            raise UserError(self.env._("You have checked in here already. Thank you."))
        visit = visits.create(
            {
                "event_id": self.id,
                "partner_id": partner.id,
                "company_id": self.company_id.id,
            }
        )
        visit._give_points()
        visit._give_ticket()
        return visit

    def _get_texts(self):
        """Return when, and what for, as the page says it.

        :return: when and reward.
        :rtype: dict[str, str]
        """
        self.ensure_one()
        env = self.env
        rewards = []
        if self.points_program_id.active and self.points > 0:
            rewards.append(env._("%s points", f"{self.points:g}"))
        if self.lottery_id.state == "open":
            rewards.append(env._("A ticket of the draw “%s”", self.lottery_id.name))
        return {
            "when": format_window(env, self.start_at, self.end_at, self.tz),
            "rewards": rewards,
        }
