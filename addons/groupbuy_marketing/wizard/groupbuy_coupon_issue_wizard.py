# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class GroupBuyCouponIssueWizard(models.TransientModel):
    """Gives residents of communities, points or segments a coupon each."""

    _name = "groupbuy.coupon.issue.wizard"
    _description = "Give Coupons to Residents"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company
    )
    program_id = fields.Many2one(
        comodel_name="loyalty.program",
        required=True,
        domain="[('program_type', '=', 'coupons'),"
        " ('company_id', 'in', (False, company_id))]",
    )
    community_ids = fields.Many2many(
        comodel_name="groupbuy.community",
        relation="groupbuy_coupon_wizard_community_rel",
        string="Communities",
        domain="[('company_id', '=', company_id)]",
    )
    segment_ids = fields.Many2many(
        comodel_name="groupbuy.segment",
        relation="groupbuy_coupon_wizard_segment_rel",
        string="Segments",
        domain="[('company_id', '=', company_id)]",
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="groupbuy_coupon_wizard_partner_rel",
        string="Residents",
    )
    days = fields.Integer(
        string="Coupon Lasts", default=30, help="Days; 0: until the program ends."
    )
    send_mail = fields.Boolean(
        string="Tell Them",
        default=True,
        help="By the mail that the program sends when a coupon is made.",
    )
    resident_count = fields.Integer(
        string="Residents Found", compute="_compute_resident_count"
    )

    @api.depends("community_ids", "segment_ids", "partner_ids")
    def _compute_resident_count(self):
        for wizard in self:
            domain = wizard._get_domain()
            wizard.resident_count = (
                self.env["res.partner"].search_count(domain) if domain else 0
            )

    def _get_domain(self):
        """Return whom the coupons are for; nothing when nobody was chosen.

        :rtype: Domain | None
        """
        self.ensure_one()
        parts = []
        if self.community_ids:
            parts.append(Domain("groupbuy_community_id", "in", self.community_ids.ids))
        if self.segment_ids:
            parts.append(Domain("groupbuy_segment_ids", "in", self.segment_ids.ids))
        if self.partner_ids:
            parts.append(Domain("id", "in", self.partner_ids.ids))
        return Domain.OR(parts) if parts else None

    def action_issue(self):
        """Give the coupons: one of this program to each resident, ever.

        Who has been given one by staff before gets none, so that pressing the button
        twice, or for two overlapping groups, gives nobody two.

        :raise AccessError: If the user is not a group buying manager.
        :raise UserError: If nobody or no program of coupons was chosen.
        """
        self.ensure_one()
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_manager"):
            raise AccessError(
                self.env._("Only a group buying manager can give coupons away.")
            )
        domain = self._get_domain()
        partners = self.env["res.partner"].search(domain) if domain else None
        if not partners:
            raise UserError(
                self.env._(
                    "Nobody was found. Choose communities, segments or residents."
                )
            )
        if self.days < 0:
            raise UserError(self.env._("A coupon cannot last less than no day."))
        program = self.program_id
        if program.program_type != "coupons" or not program.active:
            raise UserError(self.env._("Choose a program of coupons that is running."))
        cards = (
            self.env["groupbuy.coupon.issue"]
            # Elevated: a manager may give coupons, which was checked, without owning
            # the shop's programs and cards.
            .sudo()
            ._issue(
                program,
                partners,
                "staff",
                f"staff/{program.id}",
                self.company_id,
                days=self.days,
            )
        )
        if self.send_mail:
            cards._groupbuy_tell_owners()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if cards else "warning",
                "message": self.env._(
                    "%(given)s of %(found)s residents got a coupon; the others have"
                    " one already.",
                    given=len(cards),
                    found=len(partners),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
