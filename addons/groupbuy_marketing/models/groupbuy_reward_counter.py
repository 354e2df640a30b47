# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL


class GroupBuyRewardCounter(models.Model):
    """How much of something scarce is taken: units of a prize, money of a budget.

    A row of its own, so that giving rewards never touches the record that staff edit.
    It is only changed by one conditional statement (see :meth:`_take`), and a CHECK
    stands behind the condition.
    """

    _name = "groupbuy.reward.counter"
    _description = "Counter of Rewards"
    _log_access = False

    prize_id = fields.Many2one(
        comodel_name="groupbuy.prize", ondelete="cascade", index="btree_not_null"
    )
    budget_id = fields.Many2one(
        comodel_name="groupbuy.reward.budget",
        ondelete="cascade",
        index="btree_not_null",
    )
    task_id = fields.Many2one(
        comodel_name="groupbuy.task", ondelete="cascade", index="btree_not_null"
    )
    cap = fields.Float(digits=(16, 2), required=True, default=0.0)
    taken = fields.Float(digits=(16, 2), required=True, default=0.0)

    _prize_uniq = models.UniqueIndex(
        "(prize_id) WHERE prize_id IS NOT NULL", "A prize has one stock."
    )
    _budget_uniq = models.UniqueIndex(
        "(budget_id) WHERE budget_id IS NOT NULL", "A budget has one counter."
    )
    _task_uniq = models.UniqueIndex(
        "(task_id) WHERE task_id IS NOT NULL", "A task has one counter."
    )
    _one_owner = models.Constraint(
        "CHECK (num_nonnulls(prize_id, budget_id, task_id) = 1)",
        "A counter counts one thing.",
    )
    _taken_positive = models.Constraint(
        "CHECK (taken >= 0)", "More was given back than had been taken."
    )
    _taken_within_cap = models.Constraint(
        "CHECK (taken <= cap)",
        "The limit cannot be lower than what has been given or promised already.",
    )

    def _take(self, amounts):
        """Take from several counters, all or nothing.

        Why it is safe: of each counter one statement takes the amount on condition
        that it is there, in the transaction of what is promised for it. Who works on
        a snapshot from before another taking fails to serialise and is repeated, then
        sees what is left. The rows are taken in the order of their ids, so that two
        takings never wait for each other. When one is short, the caller raises, and
        the transaction takes back the others.

        :param dict amounts: Counter → amount, units or money.
        :return: The counter that is short; empty when everything was taken.
        :rtype: groupbuy.reward.counter
        """
        self.flush_model()
        short = self.browse()
        for counter in sorted(amounts, key=lambda counter: counter.id):
            # One statement for each counter on purpose: a handful, and each has its
            # condition.
            self.env.cr.execute(
                SQL(
                    "UPDATE groupbuy_reward_counter SET taken = taken + %(amount)s"
                    " WHERE id = %(id)s AND taken + %(amount)s <= cap",
                    id=counter.id,
                    amount=round(amounts[counter], 2),
                )
            )
            if not self.env.cr.rowcount:
                short = counter
                break
        self._forget()
        return short

    def _take_up_to(self, shares, wanted):
        """Take as many equal shares as there are left, at most so many.

        The rows are locked before they are read; otherwise safe as :meth:`_take`.

        :param dict shares: Counter → what one reward takes of it.
        :param int wanted: How many rewards.
        :return: How many can be given.
        :rtype: int
        """
        shares = {counter: share for counter, share in shares.items() if share > 0}
        if not shares or not wanted:
            return wanted
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, cap - taken FROM groupbuy_reward_counter"
                " WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                [counter.id for counter in shares],
            )
        )
        left = dict(rows)
        count = min(
            wanted,
            *(
                # In hundredths, so that 0.3 / 0.1 are three.
                round(float(left[counter.id]) * 100) // max(round(share * 100), 1)
                for counter, share in shares.items()
            ),
        )
        if count > 0:
            self._take({counter: share * count for counter, share in shares.items()})
        return max(count, 0)

    def _give_back(self, amounts):
        """Give back what was taken and is not needed.

        :param dict amounts: Counter → amount.
        """
        self.flush_model()
        for counter in sorted(amounts, key=lambda counter: counter.id):
            if amounts[counter] > 0:
                self.env.cr.execute(
                    SQL(
                        "UPDATE groupbuy_reward_counter SET taken = taken - %s"
                        " WHERE id = %s",
                        round(amounts[counter], 2),
                        counter.id,
                    )
                )
        self._forget()

    def _forget(self):
        """Forget what was read of counters that a statement has changed."""
        self.invalidate_model(["taken"])
        self.env["groupbuy.prize"].invalidate_model(["taken", "left"])
        self.env["groupbuy.reward.budget"].invalidate_model(["spent", "left"])
