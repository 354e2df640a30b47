# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyLeaderApplicationCheck(models.Model):
    """A point of the checklist of one application, and who ticked it."""

    _name = "groupbuy.leader.application.check"
    _description = "Checklist of an Application"
    _order = "application_id, sequence, id"

    application_id = fields.Many2one(
        comodel_name="groupbuy.leader.application",
        required=True,
        index=True,
        ondelete="cascade",
    )
    item_id = fields.Many2one(
        comodel_name="groupbuy.leader.check.item",
        required=True,
        ondelete="restrict",
        readonly=True,
    )
    name = fields.Char(related="item_id.name")
    sequence = fields.Integer(related="item_id.sequence", store=True)
    is_done = fields.Boolean(string="Done")
    done_by = fields.Many2one(comodel_name="res.users", readonly=True)
    done_at = fields.Datetime(string="Done On", readonly=True)
    note = fields.Char()

    _item_uniq = models.UniqueIndex("(application_id, item_id)")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._add_who(vals) for vals in vals_list])

    def write(self, vals):
        """Keep who ticked a point, and nothing once the decision is taken."""
        if self.application_id.filtered(lambda a: a.state in ("approved", "refused")):
            raise UserError(
                self.env._("The application is decided: its checklist stays.")
            )
        return super().write(self._add_who(vals))

    def _add_who(self, vals):
        """Return values with who ticks the point, whatever was sent for that."""
        vals = {k: v for k, v in vals.items() if k not in ("done_by", "done_at")}
        if "is_done" in vals:
            done = vals["is_done"]
            vals |= {
                "done_by": self.env.user.id if done else False,
                "done_at": fields.Datetime.now() if done else False,
            }
        return vals
