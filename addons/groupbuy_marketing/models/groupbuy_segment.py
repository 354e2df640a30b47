# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL

# Temporary table: which shop categories, with those above them, a resident has bought.
BOUGHT = SQL("groupbuy_segment_bought")


class GroupBuySegment(models.Model):
    """A saved filter of residents: by community, level, what they buy, and when.

    Who belongs to it is counted every night with the levels, and on demand. Campaigns,
    programs and mailings then only look it up.
    """

    _name = "groupbuy.segment"
    _description = "Group Buying Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    community_ids = fields.Many2many(
        comodel_name="groupbuy.community",
        relation="groupbuy_segment_community_rel",
        string="Communities",
        # What is archived is still asked for, and what is asked for is not deleted:
        # else the segment would hold everybody.
        context={"active_test": False},
        ondelete="restrict",
        help="Empty: all communities.",
    )
    level_ids = fields.Many2many(
        comodel_name="groupbuy.level",
        relation="groupbuy_segment_level_rel",
        string="Levels",
        context={"active_test": False},
        ondelete="restrict",
        help="Empty: all levels.",
    )
    category_ids = fields.Many2many(
        comodel_name="product.public.category",
        relation="groupbuy_segment_category_rel",
        string="Bought From",
        ondelete="restrict",
        help="Shop categories of which something was bought in twelve months; one of"
        " them is enough. Empty: whatever they buy.",
    )
    use_hours = fields.Boolean(string="Active Hour")
    hour_from = fields.Integer(
        string="From", default=18, help="First hour, in the campaigns' own zone."
    )
    hour_to = fields.Integer(
        string="To",
        default=22,
        help="Last hour; below the first one the range goes past midnight.",
    )
    min_amount = fields.Monetary(string="Spent at Least")
    max_amount = fields.Monetary(string="Spent at Most", help="0: no limit.")
    membership = fields.Selection(
        selection=[("member", "Members"), ("other", "No members")],
        help="Empty: both.",
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="groupbuy_segment_member",
        column1="segment_id",
        column2="partner_id",
        string="Residents",
        readonly=True,
        copy=False,
    )
    resident_count = fields.Integer(
        string="Residents Counted", compute="_compute_resident_count"
    )
    refreshed_at = fields.Datetime(string="Counted At", readonly=True, copy=False)

    _hours_valid = models.Constraint(
        "CHECK (hour_from BETWEEN 0 AND 23 AND hour_to BETWEEN 0 AND 23)",
        "Hours go from 0 to 23.",
    )
    _amounts_valid = models.Constraint(
        "CHECK (COALESCE(min_amount, 0) >= 0 AND COALESCE(max_amount, 0) >= 0"
        " AND (COALESCE(max_amount, 0) = 0"
        "      OR COALESCE(min_amount, 0) <= max_amount))",
        "The amounts of a segment must be in order, and not negative.",
    )

    def _compute_resident_count(self):
        counts = {}
        if self.ids:
            counts = dict(
                self.env.execute_query(
                    SQL(
                        "SELECT segment_id, COUNT(*) FROM groupbuy_segment_member"
                        " WHERE segment_id = ANY(%s) GROUP BY segment_id",
                        self.ids,
                    )
                )
            )
        for segment in self:
            segment.resident_count = counts.get(segment.id, 0)

    def _contains(self, partner):
        """Return whether a resident belongs to one of these segments.

        :param res.partner partner: The resident.
        :rtype: bool
        """
        if not self.ids or not partner.ids:
            return False
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT 1 FROM groupbuy_segment_member"
                    " WHERE segment_id = ANY(%s) AND partner_id = %s LIMIT 1",
                    self.ids,
                    partner.id,
                )
            )
        )

    # === BUTTONS === #

    def action_refresh(self):
        """Count now who belongs to these segments."""
        self.check_access("write")
        for company, segments in self.grouped("company_id").items():
            # Elevated: what is counted are orders of the whole company.
            segments.sudo()._refresh(company)

    def action_open_residents(self):
        """Open the residents of a segment, from where they can be written to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "res.partner",
            "view_mode": "list,kanban,form",
            "domain": [("groupbuy_segment_ids", "in", self.ids)],
        }

    # === COUNTING === #

    def _refresh(self, company):
        """Count who belongs to segments of a company: these, or all of them.

        Some statements for each segment and one for what was bought, for any number of
        residents. Rows that stay are not written.

        :param res.company company: The company.
        """
        segments = self or self.search([("company_id", "=", company.id)])
        if not segments:
            return
        self.env.flush_all()
        if segments.category_ids:
            self._collect_bought(company)
        for segment in segments:
            segment._replace_members()
        segments.write({"refreshed_at": fields.Datetime.now()})
        self.env.invalidate_all()

    def _collect_bought(self, company):
        """Note in a temporary table who bought from which shop categories.

        A category counts for all above it, too. Only what was not given back counts.
        """
        cr = self.env.cr
        cr.execute(SQL("DROP TABLE IF EXISTS %s", BOUGHT))
        cr.execute(
            SQL(
                """
                CREATE TEMP TABLE %(bought)s ON COMMIT DROP AS
                WITH pairs AS (
                    SELECT DISTINCT o.partner_id, product.product_tmpl_id
                      FROM sale_order o
                      JOIN sale_order_line l ON l.order_id = o.id
                      JOIN product_product product ON product.id = l.product_id
                     WHERE o.company_id = %(company)s
                       AND o.groupbuy_state = 'confirmed'
                       AND o.groupbuy_joined_at >= %(since)s
                       AND l.groupbuy_line_id IS NOT NULL AND l.product_uom_qty > 0
                )
                SELECT DISTINCT pairs.partner_id, above.id::int AS category_id
                  FROM pairs
                  JOIN product_public_category_product_template_rel rel
                    ON rel.product_template_id = pairs.product_tmpl_id
                  JOIN product_public_category category
                    ON category.id = rel.product_public_category_id
                 CROSS JOIN LATERAL unnest(
                    string_to_array(trim(trailing '/' FROM category.parent_path), '/')
                 ) AS above(id)
                """,
                bought=BOUGHT,
                company=company.id,
                since=fields.Datetime.subtract(fields.Datetime.now(), years=1),
            )
        )

    def _replace_members(self):
        """Make the members of one segment those whom its filter finds."""
        self.ensure_one()
        cr = self.env.cr
        cr.execute(SQL("DROP TABLE IF EXISTS groupbuy_segment_new"))
        cr.execute(
            SQL(
                "CREATE TEMP TABLE groupbuy_segment_new ON COMMIT DROP AS %s",
                self._get_query(),
            )
        )
        # As for the standings: without these each row may be compared with each.
        cr.execute("CREATE UNIQUE INDEX ON groupbuy_segment_new (partner_id)")
        cr.execute("ANALYZE groupbuy_segment_new")
        cr.execute(
            SQL(
                """
                DELETE FROM groupbuy_segment_member m
                 WHERE m.segment_id = %s AND NOT EXISTS (
                    SELECT 1 FROM groupbuy_segment_new n
                     WHERE n.partner_id = m.partner_id)
                """,
                self.id,
            )
        )
        cr.execute(
            SQL(
                """
                INSERT INTO groupbuy_segment_member (segment_id, partner_id)
                SELECT %(segment)s, n.partner_id
                  FROM groupbuy_segment_new n
                  LEFT JOIN groupbuy_segment_member m
                    ON m.segment_id = %(segment)s AND m.partner_id = n.partner_id
                 WHERE m.partner_id IS NULL
                ON CONFLICT DO NOTHING
                """,
                segment=self.id,
            )
        )

    def _get_query(self):
        """Return the query that finds who belongs to a segment.

        :rtype: SQL
        """
        self.ensure_one()
        conditions = [
            SQL("p.active"),
            SQL("(s.id IS NOT NULL OR p.groupbuy_community_id IS NOT NULL)"),
            SQL("(p.company_id IS NULL OR p.company_id = %s)", self.company_id.id),
        ]
        if self.community_ids:
            conditions.append(
                SQL("p.groupbuy_community_id = ANY(%s)", self.community_ids.ids)
            )
        if self.level_ids:
            conditions.append(SQL("s.level_id = ANY(%s)", self.level_ids.ids))
        if self.min_amount:
            conditions.append(SQL("s.amount >= %s", self.min_amount))
        if self.max_amount:
            conditions.append(SQL("COALESCE(s.amount, 0) <= %s", self.max_amount))
        if self.use_hours:
            between = SQL(
                "s.active_hour >= %s %s s.active_hour <= %s",
                self.hour_from,
                SQL("AND") if self.hour_from <= self.hour_to else SQL("OR"),
                self.hour_to,
            )
            conditions.append(SQL("(s.active_hour >= 0 AND (%s))", between))
        if self.membership:
            is_member = SQL(
                "COALESCE(s.member_until >= %s, false)", fields.Date.today()
            )
            conditions.append(
                is_member if self.membership == "member" else SQL("NOT %s", is_member)
            )
        if self.category_ids:
            conditions.append(
                SQL(
                    "p.id IN (SELECT partner_id FROM %s WHERE category_id = ANY(%s))",
                    BOUGHT,
                    self.category_ids.ids,
                )
            )
        return SQL(
            """
            SELECT p.id AS partner_id
              FROM res_partner p
              LEFT JOIN groupbuy_standing s
                ON s.partner_id = p.id AND s.company_id = %s
             WHERE %s
            """,
            self.company_id.id,
            SQL(" AND ").join(conditions),
        )
