# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .groupbuy_task import KINDS


class GroupBuyTaskEvent(models.Model):
    """Something that a resident has done, and that a task asked for: a fact.

    It belongs to no task: each task that asks for it counts it. Written by
    :meth:`groupbuy.task._groupbuy_count` only.
    """

    _name = "groupbuy.task.event"
    _description = "Doing of a Resident"
    _order = "id desc"
    _rec_name = "key"
    _log_access = False

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    key = fields.Char(
        required=True, readonly=True, help="Names what was done; it counts once."
    )
    at = fields.Datetime(string="When", required=True, readonly=True)
    is_pending = fields.Boolean(
        string="Not Counted Yet",
        readonly=True,
        default=True,
        help="The scheduled job has not looked yet whether a task is done by it.",
    )
    undone_at = fields.Datetime(
        string="Taken Back",
        readonly=True,
        help="Since then it does not count any more, until it is done again.",
    )

    _key_uniq = models.UniqueIndex(
        "(company_id, kind, partner_id, key)", "This counts already."
    )
    _progress_idx = models.Index("(partner_id, kind, company_id, at)")
    _pending_idx = models.Index("(id) WHERE is_pending")

    def write(self, vals):
        if vals:
            raise UserError(self.env._("What residents have done cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        raise UserError(self.env._("What residents have done cannot be deleted."))
