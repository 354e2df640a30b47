# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..brackets import exact


class GroupBuyCommissionAdjustment(models.Model):
    """A correction of the ledger by a person, with a reason (佣金调整).

    Above the company's limit a second person has to approve it. Only then is the entry
    written; a correction of a correction is another one.
    """

    _name = "groupbuy.commission.adjustment"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Commission Adjustment"
    _order = "id desc"
    _rec_name = "reason"
    _check_company_auto = True

    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(related="leader_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Whose cost it is, if it is one campaign's.",
    )
    amount = fields.Monetary(
        required=True,
        tracking=True,
        help="Above zero for the leader, below zero against.",
    )
    reason = fields.Char(required=True, tracking=True)
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("to_approve", "To Approve"),
            ("done", "Booked"),
            ("refused", "Refused"),
        ],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    requested_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    approved_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    entry_id = fields.Many2one(
        comodel_name="groupbuy.commission.entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    _amount_not_zero = models.Constraint(
        "CHECK (amount <> 0)", "An adjustment of zero changes nothing."
    )

    @api.constrains("reason")
    def _check_reason(self):
        """Refuse a reason that says nothing: the leader reads it."""
        if any(not (adjustment.reason or "").strip() for adjustment in self):
            raise ValidationError(self.env._("Say why the ledger is corrected."))

    @api.model_create_multi
    def create(self, vals_list):
        """Begin every adjustment as a draft, whatever a browser sends."""
        for vals in vals_list:
            for name in ("state", "requested_by_id", "approved_by_id", "entry_id"):
                vals.pop(name, None)
        return super().create(vals_list)

    def write(self, vals):
        """Refuse changes of what has been submitted, and of the status.

        :raise AccessError: if a person changes more than a draft's content.
        """
        own = {"leader_id", "campaign_id", "amount", "reason"}
        status = {"state", "requested_by_id", "approved_by_id", "entry_id"}
        if not self.env.su and (
            vals.keys() & status
            or (vals.keys() & own and any(rec.state != "draft" for rec in self))
        ):
            raise AccessError(
                self.env._("Only a draft can be changed; its status by the buttons.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(adjustment.state != "draft" for adjustment in self):
            raise UserError(self.env._("Only a draft can be deleted."))

    def _check_can(self, group, state, message):
        """Check who presses a button, and on what."""
        if not self.env.user.has_group(f"groupbuy_leader.{group}"):
            raise AccessError(
                self.env._("Only the staff who settle commissions can do this.")
            )
        self.check_access("read")
        self.sudo().lock_for_update()
        self.invalidate_recordset()
        if any(adjustment.state != state for adjustment in self):
            raise UserError(message)

    def action_submit(self):
        """Book small adjustments, and hand large ones over to approval."""
        self._check_can(
            "group_settlement_user",
            "draft",
            self.env._("Only a draft can be submitted."),
        )
        large = self.filtered(
            lambda rec: (
                rec.currency_id.compare_amounts(
                    abs(rec.amount), rec.company_id.groupbuy_adjustment_approval_amount
                )
                > 0
            )
        )
        self.sudo().write({"requested_by_id": self.env.uid})
        large.sudo().write({"state": "to_approve"})
        (self - large)._book()

    def action_approve(self):
        """Book adjustments that somebody else has asked for."""
        self._check_can(
            "group_settlement_approver",
            "to_approve",
            self.env._("Only adjustments that wait for approval can be approved."),
        )
        if any(self.env.user in (rec.requested_by_id, rec.create_uid) for rec in self):
            raise UserError(
                self.env._(
                    "You have asked for this adjustment yourself. Somebody else has to"
                    " approve it."
                )
            )
        self.sudo().write({"approved_by_id": self.env.uid})
        self._book()

    def action_refuse(self):
        """Refuse adjustments that wait for approval."""
        self._check_can(
            "group_settlement_approver",
            "to_approve",
            self.env._("Only adjustments that wait for approval can be refused."),
        )
        self.sudo().write({"state": "refused"})

    def _book(self):
        """Write the entries; the key makes each adjustment count once."""
        entries = self.env["groupbuy.commission.entry"].sudo()
        entries._post(
            [
                {
                    "key": f"adjustment/{rec.id}",
                    "kind": "adjustment",
                    "leader_id": rec.leader_id.id,
                    "company_id": rec.company_id.id,
                    "currency_id": rec.currency_id.id,
                    "campaign_id": rec.campaign_id.id or None,
                    "amount": exact(rec.currency_id.round(rec.amount)),
                    "note": rec.reason,
                }
                for rec in self
            ]
        )
        booked = {
            entry.key: entry
            for entry in entries.search(
                [("key", "in", [f"adjustment/{rec.id}" for rec in self])]
            )
        }
        for rec in self.sudo():
            rec.write({"state": "done", "entry_id": booked[f"adjustment/{rec.id}"].id})
