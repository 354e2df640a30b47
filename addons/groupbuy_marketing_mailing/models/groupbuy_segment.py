# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class GroupBuySegment(models.Model):
    _inherit = "groupbuy.segment"

    def _get_mailing_history_query(self, company, since, partner_ids):
        """Return the query of what mailings to segments have been sent.

        :param res.company company: Whose segments.
        :param datetime since: From when on (UTC).
        :param list partner_ids: To whom.
        :return: Rows of partner id and moment.
        :rtype: SQL
        """
        return SQL(
            """
            SELECT t.res_id, t.sent_datetime
              FROM mailing_trace t
              JOIN mailing_mailing m ON m.id = t.mass_mailing_id
              JOIN groupbuy_segment s ON s.id = m.groupbuy_segment_id
             WHERE t.model = 'res.partner' AND t.sent_datetime > %(since)s
               AND t.res_id = ANY(%(partners)s) AND s.company_id = %(company)s
               AND t.is_test_trace IS NOT TRUE
            """,
            since=since,
            partners=partner_ids,
            company=company.id,
        )

    def _get_mailing_partner_ids(self):
        """Return the residents of a segment to whom a mailing may go now.

        Without those who want no messages, and those who have had as many in seven
        days as the company allows. Three queries for any number of residents.

        :rtype: list[int]
        """
        self.ensure_one()
        # Elevated: who works with mailings has no rights on residents' messages; what
        # is returned are contacts, which are searched with the user's own rights.
        company = self.company_id.sudo()
        limit = company.groupbuy_messages_per_week
        if not limit:
            return []
        self.env["res.partner"].flush_model(["groupbuy_no_messages", "active"])
        self.env["groupbuy.message.recipient"].flush_model()
        self.env["mailing.trace"].flush_model()
        self.env["mailing.mailing"].flush_model(["groupbuy_segment_id"])
        members = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT m.partner_id
                      FROM groupbuy_segment_member m
                      JOIN res_partner p ON p.id = m.partner_id
                     WHERE m.segment_id = %s AND p.active
                       AND p.groupbuy_no_messages IS NOT TRUE
                    """,
                    self.id,
                )
            )
        ]
        since = fields.Datetime.now() - timedelta(days=7)
        had = self.env.execute_query(
            SQL(
                """
                SELECT partner_id FROM (
                       SELECT partner_id, sent_at FROM groupbuy_message_recipient
                        WHERE state = 'sent' AND sent_at > %(since)s
                          AND partner_id = ANY(%(partners)s)
                          AND company_id = %(company)s
                        UNION ALL %(mailings)s
                       ) AS sent (partner_id, sent_at)
                 GROUP BY partner_id HAVING COUNT(*) >= %(limit)s
                """,
                since=since,
                partners=members,
                company=company.id,
                mailings=self._get_mailing_history_query(company, since, members),
                limit=limit,
            )
        )
        full = {row[0] for row in had}
        return [partner_id for partner_id in members if partner_id not in full]

    def action_groupbuy_mailing(self):
        """Begin a mailing to the residents of the segment.

        :return: An action.
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mailing"),
            "res_model": "mailing.mailing",
            "view_mode": "form",
            "context": {
                "default_mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "default_groupbuy_segment_id": self.id,
            },
        }
