# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

# The model itself has to be there before it is extended.
from . import groupbuy_points_entry  # noqa: F401


class GroupBuyPointsEntry(models.Model):
    _inherit = "groupbuy.points.entry"

    kind = fields.Selection(
        selection_add=[("invitation", "Invitation")],
        ondelete={"invitation": "cascade"},
    )

    def _get_text(self):
        """Override to say what points of invitations are."""
        self.ensure_one()
        if self.kind == "invitation":
            if self.points < 0:
                return self.env._("Taken back: the first order was paid back")
            return self.env._("For an invitation")
        return super()._get_text()
