# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GroupBuyLeader(models.Model):
    """What is withheld from the commissions of a leader."""

    _inherit = "groupbuy.leader"

    withholding_tax_id = fields.Many2one(
        comodel_name="account.tax",
        string="Tax Withheld",
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('type_tax_use', '=', 'purchase'),"
        " ('is_withholding_tax_on_payment', '=', True),"
        " ('company_id', '=', company_id)]",
        groups="groupbuy_leader.group_settlement_user,"
        "groupbuy_leader.group_leader_manager",
        help="Such as income tax on the remuneration of a natural person. It is"
        " withheld when a bill is paid.",
    )

    @api.constrains("withholding_tax_id")
    def _check_withholding_tax(self):
        """Refuse a tax that would be charged instead of withheld."""
        for leader in self:
            tax = leader.withholding_tax_id
            if tax and not (
                tax.is_withholding_tax_on_payment and tax.type_tax_use == "purchase"
            ):
                raise ValidationError(
                    self.env._(
                        "%s is no tax that is withheld on the payment of purchases.",
                        tax.name,
                    )
                )
