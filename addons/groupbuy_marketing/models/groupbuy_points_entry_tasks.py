# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

# The model that is extended here has to be known before; `__init__` imports by slice.
from . import groupbuy_points_entry  # noqa: F401


class GroupBuyPointsEntry(models.Model):
    _inherit = "groupbuy.points.entry"

    kind = fields.Selection(
        selection_add=[
            ("task", "Task"),
            ("prize", "Prize"),
            ("check_in", "Check-in"),
        ],
        ondelete={"task": "cascade", "prize": "cascade", "check_in": "cascade"},
    )

    def _get_text(self):
        """Override to say what tasks, draws and check-ins gave points for."""
        self.ensure_one()
        env = self.env
        texts = {
            "task": env._("For a task"),
            "prize": env._("Won in a draw"),
            "check_in": env._("For checking in at an event"),
        }
        return texts.get(self.kind) or super()._get_text()
