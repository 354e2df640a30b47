# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL

from ..brackets import exact


class GroupBuyCommissionVolume(models.Model):
    """What a leader has sold in a period under a rule with brackets: one counter row.

    It is the only place where confirmations that run at once meet: the row is locked
    by the one that counts first, and the other begins again with its result. Without
    it both would take the lowest bracket.
    """

    _name = "groupbuy.commission.volume"
    _description = "Volume of a Commission Rule"
    _rec_name = "leader_id"

    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    rule_id = fields.Many2one(
        comodel_name="groupbuy.commission.rule",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    date_from = fields.Date(required=True, readonly=True)
    currency_id = fields.Many2one(related="leader_id.currency_id")
    volume = fields.Monetary(required=True, readonly=True)

    _period_uniq = models.UniqueIndex(
        "(leader_id, rule_id, date_from)", "There is one counter for each period."
    )

    @api.model
    def _add(self, amounts):
        """Count sales and return what had been sold before them.

        :param dict amounts: (leader id, rule id, first day of the period) → untaxed
            amount in the currency of the company.
        :return: The same keys → volume before.
        :rtype: dict
        """
        if not amounts:
            return {}
        # Always in the same order: two confirmations wait for each other, and never
        # both of them.
        keys = sorted(amounts)
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_commission_volume AS v (
                    leader_id, rule_id, date_from, volume,
                    create_uid, create_date, write_uid, write_date)
                SELECT t.leader_id, t.rule_id, t.date_from, t.volume,
                       %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(leaders)s, %(rules)s, %(dates)s::date[],
                              %(volumes)s::numeric[])
                       AS t (leader_id, rule_id, date_from, volume)
                ON CONFLICT (leader_id, rule_id, date_from)
                DO UPDATE SET volume = v.volume + EXCLUDED.volume,
                              write_date = EXCLUDED.write_date
                RETURNING leader_id, rule_id, date_from, volume::text
                """,
                uid=self.env.uid,
                leaders=[key[0] for key in keys],
                rules=[key[1] for key in keys],
                dates=[key[2] for key in keys],
                volumes=[str(amounts[key]) for key in keys],
            )
        )
        self.invalidate_model()
        return {
            (leader_id, rule_id, day): exact(volume) - amounts[leader_id, rule_id, day]
            for leader_id, rule_id, day, volume in rows
        }
