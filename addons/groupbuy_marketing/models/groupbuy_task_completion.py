# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyTaskCompletion(models.Model):
    """A resident has done a task in a period: a fact, once for each.

    Written by :meth:`groupbuy.task._count_slice` only; the reward follows.
    """

    _name = "groupbuy.task.completion"
    _inherit = ["groupbuy.reward.claim.mixin"]
    _description = "Completed Task"
    _order = "id desc"
    _rec_name = "task_id"
    _rule_field = "task_id"
    _points_kind = "task"
    _mail_template = "groupbuy_marketing.mail_template_task_completed"

    task_id = fields.Many2one(
        comodel_name="groupbuy.task",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    period_key = fields.Char(
        string="Period", required=True, readonly=True, help="Such as 2026-W48."
    )
    completed_at = fields.Datetime(string="Completed At", readonly=True)

    _task_partner_uniq = models.UniqueIndex(
        "(task_id, partner_id, period_key)",
        "A task is done once in each period.",
    )
    _queue_idx = models.Index("(id) WHERE state = 'pending'")

    def _take_scarce(self, rule):
        """Override to keep the limit of the task and of its budget.

        Who completed it first gets the reward.
        """
        shares = dict.fromkeys(rule.counter_ids, 1)
        for counter in rule.budget_id.counter_ids:
            shares[counter] = rule.unit_value
        return self.env["groupbuy.reward.counter"]._take_up_to(shares, len(self))

    def _get_status_text(self):
        """Return what became of the reward, in the reader's language.

        :rtype: str
        """
        self.ensure_one()
        env = self.env
        if self.state == "granted":
            return env._("Done. You got: %s", self.task_id._get_reward_text())
        if self.state == "used_up":
            return env._(
                "Done, but the rewards were used up when you got there. Thank you all"
                " the same."
            )
        if self.state == "failed":
            return env._("Done. The reward got stuck; we are looking into it.")
        return env._("Done. The reward is being prepared.")

    def write(self, vals):
        if not self.env.su and vals:
            raise UserError(self.env._("Completed tasks cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_completed(self):
        raise UserError(self.env._("Completed tasks cannot be deleted."))
