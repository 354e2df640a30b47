# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyCampaign(models.Model):
    """What a campaign costs in commissions."""

    _inherit = "groupbuy.campaign"

    analytic_account_id = fields.Many2one(
        comodel_name="account.analytic.account",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        groups="account.group_account_invoice",
        help="Commissions of the campaign are charged here. Made with the first bill.",
    )

    def _groupbuy_get_analytic_accounts(self):
        """Return the analytic account of each campaign, making those that are missing.

        :return: Campaign id → account.
        :rtype: dict[int, account.analytic.account]
        """
        campaigns = self.sudo()
        missing = campaigns.filtered(lambda rec: not rec.analytic_account_id)
        if missing:
            plan = self.env.ref("groupbuy_leader.account_analytic_plan_campaigns")
            accounts = (
                self.env["account.analytic.account"]
                .sudo()
                .create(
                    [
                        {
                            "name": campaign.name,
                            "code": campaign.reference or False,
                            "plan_id": plan.id,
                            "company_id": campaign.company_id.id,
                        }
                        for campaign in missing
                    ]
                )
            )
            for campaign, account in zip(missing, accounts, strict=True):
                campaign.analytic_account_id = account
        return {rec.id: rec.analytic_account_id for rec in campaigns}
