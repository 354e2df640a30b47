# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import tagged

from .receipt_common import ReceiptCommon

QUERIES_PER_AFFECTED = 25


@tagged("post_install", "-at_install")
class TestReceiptSpeed(ReceiptCommon):
    """The cost of a receipt grows with those it affects, and with nobody else."""

    def _count_queries(self, residents, affected, is_partial=False):
        """Return the queries of a receipt after which some residents get less.

        :param bool is_partial: Each of them loses one of three pieces, else all.
        """
        wishes = [1] * residents
        if is_partial:
            wishes[:affected] = [3] * affected
        campaign = self._create_arriving(wishes)
        if is_partial:
            campaign.shortage_rule = "proportional"
        picking = self._get_transfer(campaign)
        lines = self._count(picking, tomato={"received": sum(wishes) - affected})
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        answer = self._confirm(picking, lines=lines)
        self.env.flush_all()
        count = self.env.cr.sql_log_count - before
        self.assertEqual(answer["affected"], affected)
        return count

    def test_queries_grow_with_the_affected_residents_only(self):
        self._count_queries(3, 1)  # fills the caches
        few = self._count_queries(6, 2)
        more_unaffected = self._count_queries(16, 2)
        more_affected = self._count_queries(16, 10)
        self.assertLessEqual(more_unaffected, few)
        per_affected = (more_affected - more_unaffected) / 8
        self.assertLessEqual(per_affected, QUERIES_PER_AFFECTED)

    def test_a_part_less_for_many_residents_is_as_cheap(self):
        self._count_queries(3, 1, is_partial=True)
        few = self._count_queries(4, 4, is_partial=True)
        many = self._count_queries(12, 12, is_partial=True)
        self.assertLessEqual((many - few) / 8, QUERIES_PER_AFFECTED)
