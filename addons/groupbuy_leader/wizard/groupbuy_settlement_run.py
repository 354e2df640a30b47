# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class GroupBuySettlementRun(models.TransientModel):
    """Settle leaders now, instead of waiting for the scheduled job."""

    _name = "groupbuy.settlement.run"
    _description = "Settle Leaders"
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
    )
    mode = fields.Selection(
        selection=[
            ("plan", "The last complete period of each plan"),
            ("custom", "These days"),
        ],
        string="Period",
        required=True,
        default="plan",
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    leader_ids = fields.Many2many(
        comodel_name="groupbuy.leader",
        string="Leaders",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        help="All when empty.",
    )

    @api.constrains("mode", "date_from", "date_to")
    def _check_dates(self):
        for run in self:
            if run.mode == "custom" and (
                not run.date_from or not run.date_to or run.date_from > run.date_to
            ):
                raise ValidationError(
                    self.env._("Enter the first and the last day, in this order.")
                )

    def action_settle(self):
        """Settle, and show what came of it.

        :return: an action dictionary
        :rtype: dict
        :raise UserError: If nothing is payable; it says what is waiting for what.
        """
        self.ensure_one()
        if not self.env.user.has_group("groupbuy_leader.group_settlement_user"):
            raise AccessError(
                self.env._("Only the staff who settle commissions can do this.")
            )
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Switch to the company first."))
        settlements = self.env["groupbuy.settlement"]
        leaders = self.leader_ids or self.env["groupbuy.leader"].search(
            [("company_id", "=", self.company_id.id)]
        )
        period = (self.date_from, self.date_to) if self.mode == "custom" else None
        made = settlements.sudo()._settle(self.company_id, leaders, period)
        if not made:
            waiting = settlements._get_waiting_summary(self.company_id, leaders)
            raise UserError(
                self.env._(
                    "Nothing was payable by the end of the period, or it is settled"
                    " already. %s",
                    self.env._("Waiting for: %s.", waiting) if waiting else "",
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_leader.groupbuy_settlement_action"
        )
        return action | {"domain": [("id", "in", made.ids)], "context": {}}
