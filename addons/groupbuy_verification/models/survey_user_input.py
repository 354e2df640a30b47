# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    groupbuy_order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Group Order",
        readonly=True,
        copy=False,
        ondelete="cascade",
    )
    groupbuy_campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        string="Group Campaign",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
    )

    _groupbuy_order_uniq = models.UniqueIndex(
        "(groupbuy_order_id) WHERE groupbuy_order_id IS NOT NULL",
        "The survey was answered for this order already.",
    )
