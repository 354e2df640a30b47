# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

FOLLOW_UP_SLICE = 500

# The most characters of a review that is written in the portal.
MAX_REVIEW = 2000


class GroupBuyTrial(models.Model):
    """Goods that a resident tries for nothing and promises to review (KOC 试用).

    Staff offer one unit of a product; the resident accepts in the portal by promising
    a review, and gets a personal coupon that takes the price of that unit off an order
    of a campaign. After the collection the resident is asked for the review; when it
    is late, staff get a to-do.
    """

    _name = "groupbuy.trial"
    _description = "Trial Goods"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "product_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        index=True,
        ondelete="restrict",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('sale_ok', '=', True)]",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    request = fields.Text(
        string="What to Look At",
        help="What the review should tell about, such as taste and freshness. The"
        " resident reads it before accepting.",
    )
    valid_until = fields.Date(
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=30),
        help="Last day on which the coupon can be used.",
    )
    review_days = fields.Integer(
        string="Review Within",
        default=7,
        required=True,
        help="Days after the collection.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        index=True,
        help="Gets a to-do when the review is late.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("offered", "Offered"),
            ("accepted", "Review promised"),
            ("ordered", "Ordered"),
            ("collected", "Review due"),
            ("reviewed", "Reviewed"),
            ("overdue", "Review late"),
            ("expired", "Expired"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    accepted_at = fields.Datetime(string="Promised On", readonly=True, copy=False)
    card_id = fields.Many2one(
        comodel_name="loyalty.card",
        string="Coupon",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    collected_at = fields.Datetime(readonly=True, copy=False)
    review_due = fields.Date(readonly=True, copy=False)
    rating_id = fields.Many2one(
        comodel_name="rating.rating",
        string="Review",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    _card_uniq = models.UniqueIndex("(card_id)", "A coupon belongs to one trial.")
    _one_open_uniq = models.UniqueIndex(
        "(partner_id, product_id) WHERE state IN"
        " ('offered', 'accepted', 'ordered', 'collected', 'overdue')",
        "This resident tries this product already, or still owes a review of it.",
    )
    _review_days_positive = models.Constraint(
        "CHECK (review_days > 0)", "A review needs at least one day."
    )

    # === FACTS === #

    # What only our own code writes: what the resident did, and when.
    _fact_fields = frozenset(
        ("state", "accepted_at", "card_id", "order_id", "collected_at", "review_due",
         "rating_id")
    )  # fmt: skip

    # What the resident has been told, and so cannot be changed afterwards.
    _offer_fields = frozenset(("partner_id", "product_id", "company_id", "valid_until"))

    def _check_facts(self, names):
        """Refuse that somebody writes what the resident did.

        :raise AccessError: If one of the fields is a fact, unless our own code asks.
        """
        if not self.env.su and self._fact_fields.intersection(names):
            raise AccessError(
                self.env._(
                    "How a trial stands follows from what the resident does: use the"
                    " buttons."
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_facts(
            name
            for vals in vals_list
            for name, value in vals.items()
            if value and (name, value) != ("state", "draft")
        )
        return super().create(vals_list)

    def write(self, vals):
        self._check_facts(vals)
        if (
            not self.env.su
            and self._offer_fields.intersection(vals)
            and any(trial.state != "draft" for trial in self)
        ):
            raise UserError(
                self.env._(
                    "The resident has this offer already: withdraw it and make a new"
                    " one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(trial.state != "draft" for trial in self):
            raise UserError(
                self.env._("Only drafts can be deleted: withdraw the offer instead.")
            )

    def _move(self, before, after):
        """Change the state of one trial, if nobody else did.

        Why it is safe: one conditional statement. Of two requests at once the second
        fails to serialise, is repeated, and then finds another state.

        :param tuple before: States from which it may be changed.
        :param str after: The new state.
        :return: Whether it was changed.
        :rtype: bool
        """
        self.ensure_one()
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE groupbuy_trial SET state = %(after)s
                 WHERE id = %(id)s AND state = ANY(%(before)s) RETURNING id
                """,
                after=after,
                id=self.id,
                before=list(before),
            )
        )
        self.invalidate_recordset()
        return bool(rows)

    # === STAFF === #

    def _check_manager(self):
        """Refuse whoever is no manager: trial goods cost money.

        :raise AccessError: If the user is none.
        """
        self.check_access("write")
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_manager"):
            raise AccessError(
                self.env._("Only managers of group buying give trial goods.")
            )

    def action_offer(self):
        """Offer the goods to the residents, by mail and in their portal.

        :raise AccessError: If the user is no manager.
        :raise UserError: If one is no draft, or its last day is over.
        """
        self._check_manager()
        today = fields.Date.context_today(self)
        # Elevated: facts and coupons; the manager decided.
        trials = self.sudo()
        programs = self.env["loyalty.program"].sudo()
        for trial in trials:
            if trial.valid_until < today:
                raise UserError(
                    self.env._(
                        "The last day of the offer of %s is over: choose a later one.",
                        trial.product_id.display_name,
                    )
                )
            if not trial._move(("draft",), "offered"):
                raise UserError(self.env._("Only drafts can be offered."))
            program = programs._groupbuy_get_trial_program(trial)
            # Goods for nothing are below cost: who offers them accepts that.
            program.groupbuy_below_cost_approved_by = self.env.user
        trials._send("groupbuy_marketing.mail_template_trial_offer")

    def action_withdraw(self):
        """Take an offer back whose coupon was not used.

        :raise AccessError: If the user is no manager.
        :raise UserError: If the goods were ordered.
        """
        self._check_manager()
        for trial in self.sudo():
            if not trial._move(("draft", "offered", "accepted"), "withdrawn"):
                raise UserError(
                    self.env._(
                        "%s was ordered already, or is done with.",
                        trial.product_id.display_name,
                    )
                )
            trial._void_coupon()

    def _void_coupon(self):
        """Take what is left off the coupons, and say so in their history."""
        history = []
        for card in self.card_id.filtered(lambda card: card.points > 0):
            history.append(
                {
                    "card_id": card.id,
                    "description": self.env._("Trial ended"),
                    "issued": 0.0,
                    "used": card.points,
                }
            )
            card.with_context(loyalty_no_mail=True).points = 0.0
        self.env["loyalty.history"].sudo().create(history)

    def _send(self, xmlid):
        """Send residents a mail; queued, in their language."""
        template = self.env.ref(xmlid, raise_if_not_found=False)
        reachable = self.filtered("partner_id.email")
        if template and reachable:
            template.sudo().send_mail_batch(reachable.ids)

    # === THE RESIDENT === #

    @api.model
    def _find_for(self, partner, company):
        """Return what a resident was offered, the latest first.

        :rtype: groupbuy.trial
        """
        # Elevated: residents have no rights on trials; only their own are searched.
        return self.sudo().search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", company.id),
                ("state", "not in", ("draft", "withdrawn")),
            ],
            limit=50,
        )

    def _accept(self):
        """Accept an offer with the promise of a review, and make the coupon.

        Why it is safe: see :meth:`_move`; the coupon is made in the transaction that
        changed the state, so there is one.

        :raise UserError: If the offer is no longer there.
        """
        self.ensure_one()
        if self.valid_until < fields.Date.context_today(self) or not self._move(
            ("offered",), "accepted"
        ):
            raise UserError(
                self.env._(
                    "This offer was accepted already, or is over. Reload the page to"
                    " see how it stands."
                )
            )
        program = self.env["loyalty.program"].sudo()._groupbuy_get_trial_program(self)
        card = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(loyalty_no_mail=True)
            .create(
                {
                    "program_id": program.id,
                    "partner_id": self.partner_id.id,
                    "points": 1,
                    "expiration_date": self.valid_until,
                }
            )
        )
        self.env["loyalty.history"].sudo().create(
            {
                "card_id": card.id,
                "description": self.env._("Trial goods"),
                "issued": 1.0,
                "used": 0.0,
            }
        )
        self.write({"accepted_at": fields.Datetime.now(), "card_id": card.id})

    def _review(self, mark, text):
        """Write down the review that was promised, as a rating of the product.

        Why it is safe: see :meth:`_move`; a second click finds it reviewed.

        :param int mark: 1 to 5.
        :param str text: What the resident wrote.
        :raise UserError: If there is nothing to review, or nothing was written.
        """
        self.ensure_one()
        text = str(text or "").replace("\x00", "").strip()[:MAX_REVIEW]
        if mark not in range(1, 6) or len(text) < 10:
            raise UserError(
                self.env._(
                    "Please choose a mark from 1 to 5 and write some words: what did"
                    " you like, what did you not?"
                )
            )
        if not self._move(("collected", "overdue"), "reviewed"):
            raise UserError(self.env._("There is nothing to review here any more."))
        template = self.product_id.product_tmpl_id
        rating = (
            self.env["rating.rating"]
            .sudo()
            .create(
                {
                    "res_model_id": self.env["ir.model"]._get_id(template._name),
                    "res_id": template.id,
                    "partner_id": self.partner_id.id,
                    "rating": mark,
                    "feedback": text,
                    "consumed": True,
                }
            )
        )
        template.with_user(SUPERUSER_ID).message_post(
            body=text,
            author_id=self.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            rating_id=rating.id,
        )
        self.rating_id = rating
        self._finish_activities()

    def _finish_activities(self):
        """Take away the to-dos about late reviews."""
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def _get_text(self):
        """Return how a trial stands and what the resident does next.

        :rtype: str
        """
        self.ensure_one()
        env = self.env
        to_day = env["ir.qweb.field.date"].value_to_html
        if self.state == "offered":
            return env._(
                "Yours to try until %s, if you promise a review.",
                to_day(self.valid_until, {}),
            )
        if self.state == "accepted":
            return env._(
                "Put one into your cart in a campaign that offers it, and type this"
                " coupon there until %s.",
                to_day(self.valid_until, {}),
            )
        if self.state == "ordered":
            return env._("Ordered. We ask for your review when you have collected it.")
        if self.state in ("collected", "overdue"):
            return env._(
                "You have promised a review until %s.", to_day(self.review_due, {})
            )
        if self.state == "reviewed":
            return env._("Thank you for your review!")
        return env._("This offer is over.")

    # === FOLLOWING UP === #

    @api.model
    def _note_collected(self, orders):
        """Ask for the reviews of trial goods that were collected.

        :param sale.order orders: Orders of which something was handed out.
        """
        trials = self.sudo().search(
            [("order_id", "in", orders.ids), ("state", "=", "ordered")]
        )
        today = fields.Date.context_today(self)
        collected = trials.filtered(lambda trial: trial._is_collected())
        for trial in collected:
            trial.write(
                {
                    "state": "collected",
                    "collected_at": fields.Datetime.now(),
                    "review_due": today + timedelta(days=trial.review_days),
                }
            )
        collected._send("groupbuy_marketing.mail_template_trial_review")

    def _is_collected(self):
        """Return whether the resident has the goods in hand.

        :rtype: bool
        """
        self.ensure_one()
        return any(
            line.product_id == self.product_id and line.qty_delivered > 0
            for line in self.order_id.order_line
            if line.groupbuy_line_id
        )

    @api.model
    def _cron_follow_up(self):
        """Find reviews, remind of late ones, end offers; by state and due date."""
        commit = self.env["ir.cron"]._commit_progress
        for work in (self._match_reviews, self._flag_late, self._expire):
            while count := work(FOLLOW_UP_SLICE):
                if not commit(processed=count):
                    return
                if count < FOLLOW_UP_SLICE:
                    break

    @api.model
    def _match_reviews(self, limit):
        """Recognise reviews that were written elsewhere, such as on the shop's page.

        :return: How many there were.
        :rtype: int
        """
        self.flush_model()
        self.env["rating.rating"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.id, MIN(r.id)
                  FROM groupbuy_trial t
                  JOIN product_product p ON p.id = t.product_id
                  JOIN rating_rating r ON r.res_model = 'product.template'
                   AND r.res_id = p.product_tmpl_id AND r.partner_id = t.partner_id
                   AND r.consumed AND r.write_date >= t.collected_at
                 WHERE t.state IN ('collected', 'overdue')
                 GROUP BY t.id ORDER BY t.id LIMIT %s
                """,
                limit,
            )
        )
        for trial_id, rating_id in rows:
            self.browse(trial_id).write({"state": "reviewed", "rating_id": rating_id})
        self.browse(row[0] for row in rows)._finish_activities()
        return len(rows)

    @api.model
    def _flag_late(self, limit):
        """Remind of reviews that are late, and put a to-do for the responsible.

        :return: How many there were.
        :rtype: int
        """
        late = self.search(
            [
                ("state", "=", "collected"),
                ("review_due", "<", fields.Date.context_today(self)),
            ],
            order="id",
            limit=limit,
        )
        late.write({"state": "overdue"})
        for user, trials in late.grouped("user_id").items():
            responsible = user or self.env.user
            # What is stored in a to-do is read by the one who gets it.
            localised = trials.with_context(lang=responsible.lang)
            localised.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=responsible.id,
                summary=localised.env._("The promised review is late"),
            )
        late._send("groupbuy_marketing.mail_template_trial_review")
        return len(late)

    @api.model
    def _expire(self, limit):
        """End offers whose last day is over.

        :return: How many there were.
        :rtype: int
        """
        over = self.search(
            [
                ("state", "in", ("offered", "accepted")),
                ("valid_until", "<", fields.Date.context_today(self)),
            ],
            order="id",
            limit=limit,
        )
        over.write({"state": "expired"})
        over._void_coupon()
        return len(over)
