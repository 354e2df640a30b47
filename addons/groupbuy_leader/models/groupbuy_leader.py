# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import secrets

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import request

# States in which a leader works.
WORKING_STATES = ("active", "warned")

# Papers that a leader may have sent without any being checked.
MAX_WAITING_PAPERS = 10


class GroupBuyLeader(models.Model):
    """A resident who brings a community together, and is paid for it (团长)."""

    _name = "groupbuy.leader"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Leader"
    _rec_name = "partner_id"
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        selection=[("leader", "Leader"), ("koc", "Sharer")],
        required=True,
        default="leader",
        help="A sharer brings orders by links and runs no pickup point.",
    )
    state = fields.Selection(
        selection=[
            ("active", "Active"),
            ("warned", "Warned"),
            ("paused", "Paused"),
            ("exiting", "Leaving"),
            ("left", "Left"),
        ],
        required=True,
        default="active",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    tier_id = fields.Many2one(
        comodel_name="groupbuy.leader.tier",
        tracking=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    point_ids = fields.One2many(
        comodel_name="groupbuy.pickup.point",
        inverse_name="leader_id",
        string="Pickup Points",
    )
    inviter_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="Invited By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="One level only: who invited the inviter gets nothing.",
    )
    share_token = fields.Char(
        readonly=True,
        copy=False,
        index="btree_not_null",
        default=lambda self: self._default_share_token(),
        help="Names the leader in links; it opens nothing.",
    )
    share_url = fields.Char(string="Share Link", compute="_compute_share_url")
    invite_url = fields.Char(string="Invitation Link", compute="_compute_share_url")
    date_start = fields.Date(
        string="Since",
        required=True,
        default=fields.Date.context_today,
        readonly=True,
        copy=False,
    )
    date_end = fields.Date(string="Left On", readonly=True, copy=False)
    application_id = fields.Many2one(
        comodel_name="groupbuy.leader.application",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    handles_food = fields.Boolean(
        help="Opens or prepares food, for which a food licence is needed."
    )
    is_paused_by_staff = fields.Boolean(readonly=True, copy=False)
    staff_pause_reason = fields.Char(readonly=True, copy=False)
    pause_reason = fields.Char(
        string="Why Paused", readonly=True, copy=False, tracking=True
    )
    warning_deadline = fields.Date(
        readonly=True,
        copy=False,
        tracking=True,
        help="Until when the figures have to be good again.",
    )
    tier_held_until = fields.Date(
        readonly=True,
        copy=False,
        help="The staff decided on the tier: the assessment leaves it until then.",
    )
    paper_ids = fields.One2many(
        comodel_name="groupbuy.leader.paper", inverse_name="leader_id", string="Papers"
    )
    assessment_ids = fields.One2many(
        comodel_name="groupbuy.leader.assessment",
        inverse_name="leader_id",
        string="Assessments",
    )
    resident_ids = fields.One2many(
        comodel_name="res.partner",
        inverse_name="groupbuy_leader_id",
        string="Residents",
    )
    resident_count = fields.Integer(
        string="Residents Bound", compute="_compute_resident_count"
    )
    order_count = fields.Integer(string="Group Orders", compute="_compute_order_count")
    invited_ids = fields.One2many(
        comodel_name="groupbuy.leader", inverse_name="inviter_id"
    )
    next_tier_text = fields.Text(
        string="Missing for the Next Tier", compute="_compute_next_tier_text"
    )

    _share_token_uniq = models.UniqueIndex("(share_token)")
    _partner_uniq = models.UniqueIndex(
        "(partner_id, company_id) WHERE state != 'left'",
        "This resident is a leader of the company already.",
    )

    # === COMPUTE === #

    @api.model
    def _default_share_token(self):
        return secrets.token_urlsafe(9)

    @api.depends("share_token")
    def _compute_share_url(self):
        for leader in self:
            base = leader.get_base_url()
            leader.share_url = f"{base}/l/{leader.share_token}"
            leader.invite_url = f"{base}/become-a-leader?from={leader.share_token}"

    def _compute_resident_count(self):
        counts = dict(
            self.env["res.partner"]
            .sudo()
            ._read_group(
                [("groupbuy_leader_id", "in", self.ids)],
                ["groupbuy_leader_id"],
                ["__count"],
            )
        )
        for leader in self:
            leader.resident_count = counts.get(leader, 0)

    def _compute_order_count(self):
        counts = {}
        for name in ("groupbuy_leader_id", "groupbuy_sharer_id"):
            for leader, count in (
                self.env["sale.order"]
                .sudo()
                ._read_group([(name, "in", self.ids)], [name], ["__count"])
            ):
                counts[leader.id] = counts.get(leader.id, 0) + count
        for leader in self:
            leader.order_count = counts.get(leader.id, 0)

    def _compute_next_tier_text(self):
        for leader in self:
            progress = leader._get_tier_progress() if leader._origin else {}
            leader.next_tier_text = "\n".join(
                condition["text"] for condition in progress.get("missing", [])
            )

    @api.constrains("inviter_id", "partner_id")
    def _check_inviter(self):
        for leader in self.filtered("inviter_id"):
            if problem := leader.inviter_id._get_invitation_problem(leader.partner_id):
                raise ValidationError(problem)

    @api.constrains("kind", "point_ids")
    def _check_kind(self):
        for leader in self:
            if leader.kind == "koc" and leader.point_ids:
                raise ValidationError(
                    self.env._(
                        "A sharer runs no pickup point: %s.", leader.display_name
                    )
                )

    # === LIFE === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to let the portal users of leaders read their own entries."""
        leaders = super().create(vals_list)
        leaders._grant_group()
        return leaders

    def _grant_group(self):
        """Put the portal users of these leaders into the group of leaders."""
        # Elevated: who approves a leader manages no users, and the group shows nobody
        # more than what is their own.
        users = self.sudo().partner_id.user_ids.filtered(lambda user: user._is_portal())
        group = self.env.ref("groupbuy_leader.group_leader")
        users.group_ids = [fields.Command.link(group.id)]

    def _on_approved(self):
        """Hook for other addons: the leader has just been made from an application."""
        self.ensure_one()

    def _on_left(self):
        """Hook for other addons: the leader is gone; settle what is owed.

        Called once, in the transaction of the exit, after points, goods and residents
        were handed over.
        """
        self.ensure_one()

    def _check_manager(self):
        """Check that the user manages leaders.

        :raise AccessError: If not.
        """
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(
            "groupbuy_leader.group_leader_manager"
        ):
            raise AccessError(self.env._("Only leader managers decide on leaders."))

    def _refresh_state(self):
        """Derive the state from papers, pause and warning.

        Leaders who leave or have left stay as they are. Running it twice changes
        nothing.
        """
        leaders = self.sudo().filtered(
            lambda leader: leader.state not in ("exiting", "left")
        )
        missing = self.env["groupbuy.leader.paper"].sudo()._get_missing_types(leaders)
        template = self.env.ref("groupbuy_leader.mail_template_paused")
        for leader in leaders:
            reason = False
            if leader.is_paused_by_staff:
                reason = leader.staff_pause_reason
            elif missing[leader.id]:
                reason = self.env._(
                    "No valid paper: %s", ", ".join(missing[leader.id].mapped("name"))
                )
            state = "active"
            if reason:
                state = "paused"
            elif leader.warning_deadline:
                state = "warned"
            if (leader.state, leader.pause_reason or False) == (state, reason):
                continue
            was_paused = leader.state == "paused"
            leader.write({"state": state, "pause_reason": reason})
            if state == "paused" and not was_paused:
                template.with_user(SUPERUSER_ID).send_mail(leader.id, force_send=False)

    def _get_pause_text(self):
        """Return why new campaigns leave the leaders' points out, for the staff.

        :return: A sentence for each paused or leaving leader.
        :rtype: list[str]
        """
        return [
            self.env._(
                "%(leader)s is paused: %(reason)s.",
                leader=leader.partner_id.name,
                reason=leader.pause_reason,
            )
            if leader.state == "paused"
            else self.env._("%s is leaving.", leader.partner_id.name)
            for leader in self
            if leader.state not in WORKING_STATES
        ]

    def _submit_paper(self, vals):
        """Keep a paper that the leader sent, and ask the staff to check it.

        :param dict vals: Values of the paper, read and checked.
        :return: The paper.
        :rtype: groupbuy.leader.paper
        :raise UserError: If too many wait to be checked.
        """
        self.ensure_one()
        leader = self.sudo()
        waiting = leader.paper_ids.filtered(lambda paper: paper.state == "submitted")
        if len(waiting) >= MAX_WAITING_PAPERS:
            raise UserError(self.env._("We check the papers that you have sent first."))
        paper = leader.env["groupbuy.leader.paper"].create(
            {**vals, "leader_id": leader.id}
        )
        paper.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=leader._get_responsible_user().id,
            summary=self.env._("Check the new paper"),
        )
        return paper

    def _get_responsible_user(self):
        """Return who of the staff looks after a leader: who decided on it.

        :rtype: res.users
        """
        self.ensure_one()
        application = self.sudo().application_id
        user = application.user_id or application.decided_by
        return user if user.active else self.env["res.users"].browse(SUPERUSER_ID)

    def action_pause(self):
        """Ask why leaders are paused.

        :rtype: dict
        """
        return self._open_decision("pause", self.env._("Pause"))

    def action_resume(self):
        """End a pause that the staff decided on.

        :raise UserError: If a paper is what is missing.
        """
        self._check_manager()
        if self.filtered(lambda leader: not leader.is_paused_by_staff):
            raise UserError(
                self.env._(
                    "The staff did not pause this leader. A pause for a paper ends"
                    " when a valid one is accepted."
                )
            )
        self.write({"is_paused_by_staff": False, "staff_pause_reason": False})
        self._refresh_state()

    def action_override(self):
        """Ask for another tier and the reason.

        :rtype: dict
        """
        return self._open_decision("tier", self.env._("Decide on the Tier"))

    def _open_decision(self, kind, name):
        """Open the form of a decision of the staff."""
        self.ensure_one()
        self._check_manager()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "groupbuy.leader.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_leader_id": self.id, "default_kind": kind},
        }

    def action_exit(self):
        """Open the preview of handing everything over to another point.

        :rtype: dict
        """
        self.ensure_one()
        self._check_manager()
        if self.state == "left":
            raise UserError(self.env._("This leader has left already."))
        wizard = self.env["groupbuy.leader.exit"].create({"leader_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Over and Leave"),
            "res_model": "groupbuy.leader.exit",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_view_residents(self):
        """Open the residents who are bound to the leader.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Residents"),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": [("groupbuy_leader_id", "=", self.id)],
        }

    def action_view_orders(self):
        """Open the orders that the leader brought.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "community_groupbuy.sale_order_action"
        )
        action["domain"] = [
            "|",
            ("groupbuy_leader_id", "=", self.id),
            ("groupbuy_sharer_id", "=", self.id),
        ]
        action["context"] = {}
        return action

    # === LOOKING UP === #

    @api.model
    def _find_by_token(self, token, company):
        """Return the working leader that a link names.

        :param token: Anything that came from a browser.
        :param res.company company: The company of the website.
        :return: The leader with elevated rights, or nothing.
        :rtype: groupbuy.leader
        """
        if not isinstance(token, str) or not 8 <= len(token) <= 32:
            return self.sudo().browse()
        return self.sudo().search(
            [
                ("share_token", "=", token),
                ("company_id", "=", company.id),
                ("state", "not in", ("exiting", "left")),
            ],
            limit=1,
        )

    @api.model
    def _bind_from_session(self, partner):
        """Bind a resident to the leader by whose link the visitor came.

        :param res.partner partner: The resident.
        """
        if not request:
            return
        token = request.session.get("groupbuy_leader_token")
        if not token:
            return
        # A payment provider's call belongs to no website.
        website = getattr(request, "website", None)
        company = website.company_id if website else self.env.company
        leader = self._find_by_token(token, company)
        partner._groupbuy_bind_if_free(leader, "link")
        request.session.pop("groupbuy_leader_token", None)

    @api.model
    def _get_choices(self, partner, company):
        """Return the leaders that a resident can choose from.

        Those who run an open point of the resident's community, the best tier first.

        :param res.partner partner: The resident.
        :param res.company company: The company of the website.
        :return: The leaders with elevated rights.
        :rtype: groupbuy.leader
        """
        community = partner.sudo().groupbuy_community_id
        if not community:
            return self.sudo().browse()
        leaders = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "in", WORKING_STATES),
                ("kind", "=", "leader"),
                ("partner_id", "!=", partner.id),
                (
                    "point_ids",
                    "any",
                    [
                        ("active", "=", True),
                        ("is_paused", "=", False),
                        ("community_ids", "in", community.ids),
                    ],
                ),
            ]
        )
        return leaders.sorted(lambda lead: (lead.tier_id.sequence, lead.id))

    def _get_invitation_problem(self, partner):
        """Tell why the leader cannot be the inviter of somebody.

        :param res.partner partner: Who would be invited.
        :return: A sentence; empty when there is nothing against it.
        :rtype: str
        """
        self.ensure_one()
        mine = self.partner_id
        same = partner and (
            partner.commercial_partner_id == mine.commercial_partner_id
            or (
                partner.email_normalized
                and partner.email_normalized == mine.email_normalized
            )
        )
        if same:
            return self.env._("Nobody can invite themselves.")
        if self.inviter_id:
            return self.env._(
                "%s was invited by another leader. Invitations go one level only.",
                mine.name,
            )
        return ""

    @api.model
    def _get_for_user(self, user):
        """Return the leader that a user is, in the companies the user may see.

        :param res.users user: The user who asks; may be a portal user.
        :return: The leaders, with elevated rights.
        :rtype: groupbuy.leader
        """
        if user._is_public():
            return self.sudo().browse()
        return self.sudo().search(
            [
                ("partner_id", "=", user.partner_id.id),
                ("company_id", "in", user.company_ids.ids),
                ("state", "!=", "left"),
            ]
        )
