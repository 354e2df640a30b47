# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

# Mails that are prepared in one transaction.
ASK_SLICE = 200


class SaleOrder(models.Model):
    """When a resident is asked for a review, and what it was."""

    _inherit = "sale.order"

    groupbuy_review_due_at = fields.Datetime(
        string="Review Due", readonly=True, copy=False
    )
    groupbuy_review_asked_at = fields.Datetime(
        string="Asked for a Review", readonly=True, copy=False
    )
    groupbuy_review_ids = fields.One2many(
        comodel_name="groupbuy.review",
        inverse_name="order_id",
        string="Reviews",
        copy=False,
        groups="community_groupbuy.group_groupbuy_user",
    )

    _groupbuy_review_due_idx = models.Index(
        "(groupbuy_review_due_at)"
        " WHERE groupbuy_review_due_at IS NOT NULL AND groupbuy_review_asked_at IS NULL"
    )

    def _groupbuy_filter_collected(self):
        """Return the orders of which everything was handed out that is to be.

        Two queries, whatever the number of orders.

        :rtype: sale.order
        """
        orders = self.sudo().filtered(lambda order: order.groupbuy_state == "confirmed")
        if not orders:
            return orders
        waiting = (
            self.env["stock.move"]
            .sudo()
            ._read_group(
                [
                    ("sale_line_id.order_id", "in", orders.ids),
                    ("location_dest_id.usage", "=", "customer"),
                    ("state", "not in", ("done", "cancel")),
                ],
                ["sale_line_id"],
            )
        )
        waiting_orders = self.env["sale.order"].union(
            *(line.order_id for (line,) in waiting)
        )
        return (orders - waiting_orders).filtered(
            lambda order: any(
                line.groupbuy_line_id and line.qty_delivered > 0
                for line in order.order_line
            )
        )

    def _groupbuy_is_collected(self):
        """Return whether the resident has everything there is to hand out.

        :rtype: bool
        """
        self.ensure_one()
        return bool(self._groupbuy_filter_collected())

    def _groupbuy_get_review(self):
        """Return the review of the order, elevated.

        :rtype: groupbuy.review
        """
        self.ensure_one()
        return (
            self.env["groupbuy.review"]
            .sudo()
            .search([("order_id", "=", self.id)], limit=1)
        )

    def _groupbuy_schedule_review(self):
        """Plan when the residents of collected orders are asked for a review, once."""
        collected = self._groupbuy_filter_collected().filtered(
            lambda order: not order.groupbuy_review_due_at
        )
        now = fields.Datetime.now()
        for company, orders in collected.grouped("company_id").items():
            orders.groupbuy_review_due_at = now + timedelta(
                hours=company.groupbuy_review_hours
            )

    @api.model
    def _cron_groupbuy_ask_reviews(self):
        """Ask residents for a review of what they have collected, each order once.

        Slices are committed one by one; rows that another process asks about at the
        same time are passed over. An order of which something was taken back since is
        not asked about before it is collected again.
        """
        commit = self.env["ir.cron"]._commit_progress
        while orders := self._groupbuy_lock_review_due():
            count = len(orders)
            orders._groupbuy_ask_reviews()
            self.env.invalidate_all()
            if not commit(
                processed=count,
                remaining=self.search_count(
                    [
                        ("groupbuy_review_due_at", "<=", fields.Datetime.now()),
                        ("groupbuy_review_asked_at", "=", False),
                    ],
                    limit=10000,
                ),
            ):
                return

    @api.model
    def _groupbuy_lock_review_due(self):
        """Lock the next orders that a review is due of."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM sale_order
                 WHERE groupbuy_review_due_at <= %s
                   AND groupbuy_review_asked_at IS NULL
                 ORDER BY groupbuy_review_due_at, id
                 LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
                """,
                fields.Datetime.now(),
                ASK_SLICE,
            )
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    def _groupbuy_ask_reviews(self):
        """Send the mail that asks for a review, to those who have not given one."""
        collected = self._groupbuy_filter_collected()
        (self - collected).groupbuy_review_due_at = False
        collected.groupbuy_review_asked_at = fields.Datetime.now()
        reviewed = (
            self.env["groupbuy.review"]
            .search([("order_id", "in", collected.ids)])
            .order_id
        )
        asked = (collected - reviewed).filtered("partner_id.email")
        template = self.env.ref(
            "groupbuy_verification.mail_template_review", raise_if_not_found=False
        )
        if template and asked:
            # Queued: the mail server's mood does not stop the others.
            template.with_user(SUPERUSER_ID).send_mail_batch(
                asked.ids, force_send=False
            )

    def _groupbuy_get_review_url(self, page="review"):
        """Return the address at which the order is reviewed without signing in.

        :param str page: "review" or "survey".
        :rtype: str
        """
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url(suffix=f"/{page}")

    def _groupbuy_get_survey_answer(self):
        """Return the answer sheet of the order's satisfaction survey, made once.

        :return: Empty when the company has no survey.
        :rtype: survey.user_input
        """
        self.ensure_one()
        survey = self.company_id.sudo().groupbuy_survey_id
        answers = self.env["survey.user_input"].sudo()
        if not survey.active or not survey:
            return answers
        self._groupbuy_lock_for_case()
        return answers.search(
            [("groupbuy_order_id", "=", self.id)], limit=1
        ) or survey._create_answer(
            partner=self.partner_id,
            check_attempts=False,
            groupbuy_order_id=self.id,
            groupbuy_campaign_id=self.groupbuy_campaign_id.id,
        )
