# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..const_sharing import VISITORS_PER_ADDRESS

# Odoo's statistics are brought up to date after so long a standstill at most.
COPY_DAYS = 31


class GroupBuyShareVisit(models.Model):
    """A visitor followed a link: a fact, one for each link, visitor and day.

    Who it was is not kept. The visitor is a digest by which the same one is known
    again, the address a digest that is another one every day.
    """

    _name = "groupbuy.share.visit"
    _description = "Visit by a Shared Link"
    _order = "id desc"
    _rec_name = "link_id"
    _log_access = False

    link_id = fields.Many2one(
        comodel_name="groupbuy.share.link",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    campaign_id = fields.Many2one(related="link_id.campaign_id")
    day = fields.Date(required=True, readonly=True, help="In the campaign's own zone.")
    visited_at = fields.Datetime(required=True, readonly=True)
    visitor = fields.Char(required=True, readonly=True, groups="base.group_system")
    address = fields.Char(readonly=True, groups="base.group_system")
    is_resident = fields.Boolean(
        string="Signed In", readonly=True, help="The visitor has an account."
    )

    _visit_uniq = models.UniqueIndex(
        "(link_id, day, visitor)", "This visit has been counted already."
    )
    _visited_at_idx = models.Index("(visited_at)")

    @api.model
    def _count(self, link, day, visitor, address, is_resident):
        """Count a visit, unless this visitor was counted for the link this day.

        Why it is safe: one statement, a transaction of its own. Of any number of
        requests at once the unique index lets one pass, and none of them fails to
        serialise, so no request is repeated because of a popular link. Several that
        arrive together from one address may exceed its limit by what is under way.

        :param groupbuy.share.link link: The link; committed.
        :param date day: The day in the campaign's zone.
        :param str visitor: Digest of the visitor.
        :param str address: Digest of address and day; empty when it is not limited.
        :param bool is_resident: Whether the visitor is signed in.
        :return: Whether it was counted.
        :rtype: bool
        """
        with self.env["groupbuy.quota"]._single_statement() as cr:
            cr.execute(
                SQL(
                    """
                    INSERT INTO groupbuy_share_visit (
                           link_id, day, visited_at, visitor, address, is_resident)
                    SELECT %(link)s, %(day)s, now() AT TIME ZONE 'UTC', %(visitor)s,
                           %(address)s, %(is_resident)s
                     WHERE %(address)s IS NULL OR (
                           SELECT count(*) FROM groupbuy_share_visit
                            WHERE link_id = %(link)s AND day = %(day)s
                              AND address = %(address)s) < %(limit)s
                    ON CONFLICT (link_id, day, visitor) DO NOTHING
                    RETURNING id
                    """,
                    link=link.id,
                    day=day,
                    visitor=visitor,
                    address=address or None,
                    is_resident=is_resident,
                    limit=VISITORS_PER_ADDRESS,
                )
            )
            return bool(cr.fetchone())

    @api.model
    def _is_counted(self, link, day, visitor):
        """Return whether a visitor was counted for a link on a day.

        :param groupbuy.share.link link: The link.
        :param date day: The day in the campaign's zone.
        :param str visitor: Digest of the visitor.
        :rtype: bool
        """
        domain = [
            ("link_id", "=", link.id),
            ("day", "=", day),
            ("visitor", "=", visitor),
        ]
        # Elevated: a visitor's digest is for nobody to read.
        return bool(self.sudo().search_count(domain, limit=1))

    @api.model
    def _find_uncopied(self, limit):
        """Return visits that Odoo's link tracker does not show yet.

        :param int limit: How many at most.
        :rtype: groupbuy.share.visit
        """
        self.env["link.tracker.click"].flush_model(["groupbuy_visit_id"])
        return self.browse(
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT v.id
                      FROM groupbuy_share_visit v
                     WHERE v.visited_at >= %s AND NOT EXISTS (
                           SELECT 1 FROM link_tracker_click c
                            WHERE c.groupbuy_visit_id = v.id)
                     ORDER BY v.visited_at, v.id
                     LIMIT %s
                    """,
                    fields.Datetime.now() - timedelta(days=COPY_DAYS),
                    limit,
                )
            )
        )
