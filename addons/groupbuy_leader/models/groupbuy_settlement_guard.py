# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL


class GroupBuySettlementGuard(models.Model):
    """One row for each company, which a settlement run changes as its first step.

    Two runs at once meet here: the second waits for the first, and then begins again
    with what the first has settled, since the row is not any more what it saw. So no
    run works on figures that another one has used already.
    """

    _name = "groupbuy.settlement.guard"
    _description = "Settlement Run"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    run_at = fields.Datetime(string="Last Run", readonly=True)

    _company_uniq = models.UniqueIndex("(company_id)")

    @api.model
    def _enter(self, company):
        """Keep other settlement runs of a company out until this transaction ends.

        :param res.company company: The company.
        :raise psycopg2.errors.SerializationFailure: If another run has ended since
            this transaction began; Odoo repeats requests then.
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO groupbuy_settlement_guard (
                    company_id, run_at, create_uid, create_date, write_uid, write_date)
                VALUES (%(company)s, now() AT TIME ZONE 'UTC',
                        %(uid)s, now() AT TIME ZONE 'UTC',
                        %(uid)s, now() AT TIME ZONE 'UTC')
                ON CONFLICT (company_id)
                DO UPDATE SET run_at = EXCLUDED.run_at,
                              write_date = EXCLUDED.write_date,
                              write_uid = EXCLUDED.write_uid
                """,
                company=company.id,
                uid=self.env.uid,
            )
        )
        self.invalidate_model()
