# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    groupbuy_no_messages = fields.Boolean(
        string="No Group Buying Messages",
        copy=False,
        help="The resident gets no messages about campaigns. What concerns own orders"
        " is still sent.",
    )

    def _groupbuy_set_messages(self, wanted):
        """Keep whether a resident wants messages about campaigns.

        :param bool wanted: Whether.
        """
        self.ensure_one()
        if self.groupbuy_no_messages == wanted:
            self.groupbuy_no_messages = not wanted
