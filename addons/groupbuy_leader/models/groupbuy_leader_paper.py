# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
import binascii
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..papers import MAX_PAPER_SIZE, detect_paper_type

# Days before the expiry at which the leader is reminded, the farthest first.
WARN_DAYS = (30, 7)

FILE_FIELDS = frozenset(
    ("type_id", "number", "date_expiry", "file", "filename", "mimetype",
     "application_id", "leader_id")
)  # fmt: skip


class GroupBuyLeaderPaper(models.Model):
    """A paper of an applicant or leader, with its number and expiry (证件)."""

    _name = "groupbuy.leader.paper"
    _description = "Paper of a Leader"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_expiry, id"
    _rec_name = "number"
    _check_company_auto = True

    application_id = fields.Many2one(
        comodel_name="groupbuy.leader.application",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        check_company=True,
    )
    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, readonly=True
    )
    type_id = fields.Many2one(
        comodel_name="groupbuy.leader.paper.type",
        string="Kind",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    number = fields.Char(required=True)
    date_expiry = fields.Date(string="Valid Until", index=True)
    file = fields.Binary(attachment=True, required=True)
    filename = fields.Char()
    mimetype = fields.Char(readonly=True)
    state = fields.Selection(
        selection=[
            ("submitted", "To Check"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("replaced", "Replaced"),
        ],
        required=True,
        default="submitted",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    checked_by = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    checked_at = fields.Datetime(string="Checked On", readonly=True, copy=False)
    accepted_at = fields.Datetime(
        readonly=True, copy=False, help="Kept when a newer paper takes its place."
    )
    refusal_reason = fields.Char(copy=False)
    warned_days = fields.Integer(
        readonly=True,
        copy=False,
        help="The last reminder was sent so many days before the expiry; 0 for none.",
    )
    is_expired = fields.Boolean(compute="_compute_is_expired")
    is_expiring = fields.Boolean(string="Expires Soon", compute="_compute_is_expired")

    _has_owner = models.Constraint(
        "CHECK (application_id IS NOT NULL OR leader_id IS NOT NULL)",
        "A paper belongs to an application or a leader.",
    )

    @api.depends("date_expiry")
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for paper in self:
            left = (paper.date_expiry - today).days if paper.date_expiry else None
            paper.is_expired = left is not None and left < 0
            paper.is_expiring = left is not None and 0 <= left <= max(WARN_DAYS)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Check each file before it is kept.

        :raise ValidationError: If a file is too large or neither PDF nor picture.
        """
        checked = []
        for vals in vals_list:
            vals = dict(vals)
            owner = self.env["groupbuy.leader"].browse(vals.get("leader_id"))
            if not owner:
                owner = self.env["groupbuy.leader.application"].browse(
                    vals.get("application_id")
                )
            vals["company_id"] = owner.sudo().company_id.id
            vals["state"] = "submitted"
            vals |= self._check_file(vals.get("file"))
            checked.append(vals)
        return super().create(checked)

    def write(self, vals):
        """Refuse to change what was checked: a new paper takes its place."""
        if FILE_FIELDS & vals.keys() and not self.env.su:
            if self.filtered(lambda paper: paper.state != "submitted"):
                raise UserError(
                    self.env._("A paper that was checked stays. Add the new one.")
                )
        if "file" in vals:
            vals = vals | self._check_file(vals["file"])
        return super().write(vals)

    @api.model
    def _check_file(self, encoded):
        """Return what a file is.

        :param encoded: The file in Base64.
        :return: The value of `mimetype`.
        :rtype: dict
        :raise ValidationError: If it is missing, too large, or no PDF or picture.
        """
        try:
            content = base64.b64decode(encoded or b"", validate=False)
        except (binascii.Error, ValueError, TypeError):
            content = b""
        if not content:
            raise ValidationError(self.env._("Add the file of the paper."))
        if len(content) > MAX_PAPER_SIZE:
            raise ValidationError(
                self.env._(
                    "The file is larger than %s MB. Please send a smaller one.",
                    MAX_PAPER_SIZE // 1024**2,
                )
            )
        mimetype = detect_paper_type(content)
        if not mimetype:
            raise ValidationError(
                self.env._(
                    "Only PDF files and pictures (JPEG, PNG) that can be opened are"
                    " accepted."
                )
            )
        return {"mimetype": mimetype}

    @api.constrains("type_id", "date_expiry")
    def _check_date_expiry(self):
        for paper in self:
            if paper.type_id.has_expiry and not paper.date_expiry:
                raise ValidationError(
                    self.env._(
                        "Enter until when this paper holds: %s.", paper.type_id.name
                    )
                )

    # === ACTIONS === #

    def action_accept(self):
        """Accept papers; older ones of the same kind are replaced.

        :raise UserError: If a paper has expired already or was refused.
        """
        self.check_access("write")
        for paper in self:
            if paper.state == "accepted":
                continue
            if paper.state != "submitted":
                raise UserError(self.env._("Only a paper to check can be accepted."))
            if paper.is_expired:
                raise UserError(
                    self.env._(
                        "%(kind)s %(number)s expired on %(date)s. Refuse it and ask"
                        " for a valid one.",
                        kind=paper.type_id.name,
                        number=paper.number,
                        date=paper.date_expiry,
                    )
                )
        fresh = self.filtered(lambda paper: paper.state == "submitted")
        older = self.search(
            [
                ("state", "=", "accepted"),
                ("leader_id", "in", fresh.leader_id.ids),
                ("type_id", "in", fresh.type_id.ids),
            ]
        )
        keys = {(paper.leader_id, paper.type_id) for paper in fresh if paper.leader_id}
        older.filtered(lambda p: (p.leader_id, p.type_id) in keys).state = "replaced"
        now = fields.Datetime.now()
        fresh.write(
            {
                "state": "accepted",
                "checked_by": self.env.user.id,
                "checked_at": now,
                "accepted_at": now,
                "refusal_reason": False,
            }
        )
        fresh.leader_id._refresh_state()

    def action_refuse(self):
        """Refuse papers, for the reason that was entered on them.

        :raise UserError: If no reason was entered.
        """
        self.check_access("write")
        for paper in self:
            if not (paper.refusal_reason or "").strip():
                raise UserError(
                    self.env._("Enter why the paper is refused: the leader reads it.")
                )
            if paper.state not in ("submitted", "accepted"):
                raise UserError(self.env._("This paper does not count any more."))
        self.write(
            {
                "state": "refused",
                "checked_by": self.env.user.id,
                "checked_at": fields.Datetime.now(),
            }
        )
        self.leader_id._refresh_state()
        template = self.env.ref("groupbuy_leader.mail_template_paper_refused")
        for paper in self.filtered("leader_id"):
            template.with_user(SUPERUSER_ID).send_mail(paper.id, force_send=False)

    # === SCHEDULED JOB === #

    @api.model
    def _cron_check_expiry(self):
        """Remind of papers that expire soon, and pause leaders whose have expired.

        Chosen by `<=` and by what was sent already, so that after downtime nobody is
        forgotten and nobody is reminded twice.
        """
        today = fields.Date.context_today(self)
        template = self.env.ref("groupbuy_leader.mail_template_paper_expires")
        commit = self.env["ir.cron"]._commit_progress
        papers = self.search(
            [
                ("state", "=", "accepted"),
                ("leader_id.state", "not in", (False, "left")),
                ("date_expiry", ">=", today),
                ("date_expiry", "<=", today + timedelta(days=max(WARN_DAYS))),
            ]
        )
        for paper in papers:
            paper = paper[0]
            left = (paper.date_expiry - today).days
            step = min(days for days in WARN_DAYS if left <= days)
            if paper.warned_days and paper.warned_days <= step:
                continue
            paper.warned_days = step
            template.send_mail(paper.id, force_send=False)
            commit(processed=1)
        leaders = self.env["groupbuy.leader"].search([("state", "!=", "left")])
        leaders._refresh_state()
        commit(processed=len(leaders))

    @api.model
    def _get_missing_types(self, leaders):
        """Return which required papers leaders have no valid one of.

        :param groupbuy.leader leaders: The leaders.
        :return: Leader id → kinds of papers.
        :rtype: dict[int, groupbuy.leader.paper.type]
        """
        today = fields.Date.context_today(self)
        valid = {
            (leader.id, paper_type.id)
            for leader, paper_type in self._read_group(
                [
                    ("leader_id", "in", leaders.ids),
                    ("state", "=", "accepted"),
                    "|",
                    ("date_expiry", "=", False),
                    ("date_expiry", ">=", today),
                ],
                ["leader_id", "type_id"],
            )
        }
        known = {
            (leader.id, paper_type.id)
            for leader, paper_type in self._read_group(
                [("leader_id", "in", leaders.ids), ("accepted_at", "!=", False)],
                ["leader_id", "type_id"],
            )
        }
        types = self.env["groupbuy.leader.paper.type"]
        keys = {(lead.company_id, lead.kind, lead.handles_food) for lead in leaders}
        required = {key: types._get_required(*key) for key in keys}
        # Who was made a leader before papers were asked for is not paused for them:
        # only a paper that was there once can expire.
        return {
            leader.id: required[
                leader.company_id, leader.kind, leader.handles_food
            ].filtered(
                lambda t, leader=leader: (
                    (leader.id, t.id) in known and (leader.id, t.id) not in valid
                )
            )
            for leader in leaders
        }

    @api.model
    def _prepare_from_upload(self, paper_type, number, date_expiry, upload):
        """Return the values of a paper that was sent by a form of the website.

        :param groupbuy.leader.paper.type paper_type: The kind.
        :param str number: The number.
        :param str date_expiry: The date as browsers send it, or empty.
        :param werkzeug.datastructures.FileStorage upload: The file.
        :rtype: dict
        :raise ValidationError: If something is missing or wrong.
        """
        number = (number or "").strip()
        name = paper_type.name
        if not number or len(number) > 64:
            raise ValidationError(
                self.env._("Enter the number of this paper: %s.", name)
            )
        expiry = False
        if paper_type.has_expiry:
            try:
                expiry = fields.Date.to_date((date_expiry or "").strip()[:10])
            except ValueError:
                expiry = False
            if not expiry:
                raise ValidationError(
                    self.env._("Enter until when this paper holds: %s.", name)
                )
            if expiry < fields.Date.context_today(self):
                raise ValidationError(self.env._("This paper has expired: %s.", name))
        # One byte more than allowed is enough to know that it is too large.
        content = upload.read(MAX_PAPER_SIZE + 1) if upload else b""
        encoded = base64.b64encode(content)
        try:
            self._check_file(encoded)
        except ValidationError as error:
            raise ValidationError(
                self.env._("%(kind)s: %(problem)s", kind=name, problem=str(error))
            ) from error
        return {
            "type_id": paper_type.id,
            "number": number,
            "date_expiry": expiry,
            "file": encoded,
            "filename": (upload.filename or name)[-128:],
        }
