# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class GroupBuyLeaderInvitation(models.Model):
    """A leader was won by another one, who gets a bonus for some time.

    The terms are those of the day on which the invited leader began; a change of the
    settings changes no invitation that runs. There is one level: an inviter who was
    invited gets nothing, and so does whoever invited the inviter.
    """

    _name = "groupbuy.leader.invitation"
    _description = "Invitation of a Leader"
    _order = "id desc"
    _rec_name = "invited_id"
    _check_company_auto = True

    inviter_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    invited_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        required=True,
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(string="From", required=True, readonly=True)
    date_end = fields.Date(
        string="Until", required=True, readonly=True, help="The last day that counts."
    )
    amount_per_order = fields.Monetary(readonly=True)
    amount_max = fields.Monetary(string="At Most", readonly=True)
    bonus_ids = fields.One2many(
        comodel_name="groupbuy.leader.invitation.bonus", inverse_name="invitation_id"
    )
    amount_granted = fields.Monetary(
        string="Granted", compute="_compute_amount_granted"
    )

    _invited_uniq = models.UniqueIndex(
        "(invited_id)", "This leader was invited by somebody already."
    )
    _not_self = models.Constraint(
        "CHECK (inviter_id != invited_id)", "Nobody can invite themselves."
    )
    _limits = models.Constraint(
        "CHECK (amount_per_order >= 0 AND amount_max >= 0 AND date_end >= date_start)",
        "Amounts cannot be negative, and an end does not lie before the beginning.",
    )

    @api.depends("bonus_ids.amount")
    def _compute_amount_granted(self):
        sums = dict(
            self.env["groupbuy.leader.invitation.bonus"]
            .sudo()
            ._read_group(
                [("invitation_id", "in", self.ids)], ["invitation_id"], ["amount:sum"]
            )
        )
        for invitation in self:
            invitation.amount_granted = sums.get(invitation, 0.0)

    @api.model
    def _start(self, leader):
        """Begin the bonus for a leader who was just approved.

        :param groupbuy.leader leader: The invited leader.
        :return: The invitation; empty when the company pays no bonus.
        :rtype: groupbuy.leader.invitation
        """
        company = leader.company_id
        if (
            not company.groupbuy_invitation_amount
            or not company.groupbuy_invitation_max
        ):
            return self.browse()
        return self.create(
            {
                "inviter_id": leader.inviter_id.id,
                "invited_id": leader.id,
                "company_id": company.id,
                "date_start": leader.date_start,
                "date_end": leader.date_start
                + timedelta(days=company.groupbuy_invitation_days),
                "amount_per_order": company.groupbuy_invitation_amount,
                "amount_max": company.groupbuy_invitation_max,
            }
        )

    @api.model
    def _grant_for_orders(self, orders):
        """Grant the bonus for orders of invited leaders whose goods were handed out.

        Why it is safe: the invitation's row is locked, so two transfers that are done
        at once see each other's sum and never exceed the limit together; an order is
        counted once by a unique key.

        :param sale.order orders: Orders whose goods were just handed out.
        """
        invitations = self.search(
            [
                (
                    "invited_id",
                    "in",
                    (orders.groupbuy_leader_id | orders.groupbuy_sharer_id).ids,
                )
            ],
            order="id",
        )
        if not invitations:
            return
        self.env.cr.execute(
            SQL(
                "SELECT id FROM groupbuy_leader_invitation WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                invitations.ids,
            )
        )
        bonuses = self.env["groupbuy.leader.invitation.bonus"]
        left_out = bonuses.search([("order_id", "in", orders.ids)]).order_id
        invitations.invalidate_recordset(["amount_granted"])
        vals_list = []
        for invitation in invitations:
            left = invitation.amount_max - invitation.amount_granted
            currency = invitation.currency_id
            for order in orders - left_out:
                if not invitation._covers(order):
                    continue
                amount = currency.round(min(invitation.amount_per_order, left))
                if currency.compare_amounts(amount, 0) <= 0:
                    break
                left -= amount
                # The leader and the sharer of an order may both have been invited.
                left_out |= order
                vals_list.append(
                    {
                        "invitation_id": invitation.id,
                        "order_id": order.id,
                        "amount": amount,
                    }
                )
        bonuses.create(vals_list)._pay_out()

    def _covers(self, order):
        """Tell whether an order counts: joined within the time, by somebody else."""
        self.ensure_one()
        if self.invited_id not in (order.groupbuy_leader_id | order.groupbuy_sharer_id):
            return False
        if not order.groupbuy_joined_at or self.inviter_id.state == "left":
            return False
        joined = order.groupbuy_joined_at.date()
        return (
            self.date_start <= joined <= self.date_end
            # Orders of the two themselves win nobody for the community.
            and order.partner_id not in (self.inviter_id | self.invited_id).partner_id
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_granted(self):
        if self.bonus_ids:
            raise UserError(
                self.env._("Bonuses were granted: this invitation cannot be deleted.")
            )
