# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

EXPIRY_SLICE = 500


class LoyaltyProgram(models.Model):
    """When a program gives points, to whom it is restricted, how long points last."""

    _inherit = "loyalty.program"

    groupbuy_on_collection = fields.Boolean(
        string="Points on Collection",
        help="Group orders earn points when their goods are collected, and lose them"
        " when goods are refunded. Other orders earn them when they are confirmed.",
    )
    groupbuy_validity_days = fields.Integer(
        string="Points Last",
        help="Days after which points expire that were not spent, the oldest first; 0"
        " for ever.",
    )
    groupbuy_notice_days = fields.Integer(
        string="Remind Before",
        default=30,
        help="Days before points expire on which their owner is reminded by mail.",
    )
    groupbuy_level_ids = fields.Many2many(
        comodel_name="groupbuy.level",
        relation="groupbuy_level_loyalty_program_rel",
        string="Levels",
        # An archived level still restricts, and what restricts is not deleted: else
        # the program would be for everybody.
        context={"active_test": False},
        ondelete="restrict",
        help="Only residents of these levels.",
    )
    groupbuy_members_only = fields.Boolean(
        string="Members Only", help="Only residents with a paid membership."
    )
    groupbuy_segment_ids = fields.Many2many(
        comodel_name="groupbuy.segment",
        relation="groupbuy_segment_loyalty_program_rel",
        string="Segments",
        context={"active_test": False},
        ondelete="restrict",
        help="Only residents in one of these segments.",
    )
    groupbuy_is_restricted = fields.Boolean(
        compute="_compute_groupbuy_is_restricted", compute_sudo=True
    )

    _groupbuy_days_positive = models.Constraint(
        "CHECK (COALESCE(groupbuy_validity_days, 0) >= 0"
        " AND COALESCE(groupbuy_notice_days, 0) >= 0)",
        "The days of points cannot be negative.",
    )

    @api.depends("groupbuy_level_ids", "groupbuy_members_only", "groupbuy_segment_ids")
    def _compute_groupbuy_is_restricted(self):
        for program in self:
            program.groupbuy_is_restricted = bool(
                program.groupbuy_level_ids
                or program.groupbuy_members_only
                or program.groupbuy_segment_ids
            )

    @api.constrains("groupbuy_on_collection", "program_type")
    def _check_groupbuy_on_collection(self):
        for program in self:
            if program.groupbuy_on_collection and program.program_type != "loyalty":
                raise ValidationError(
                    self.env._(
                        "%s is no loyalty program: only its points can be given on"
                        " collection.",
                        program.name,
                    )
                )

    def _groupbuy_get_refusal(self, partner, company):
        """Return why a restricted program does not apply to a resident.

        :param res.partner partner: The resident.
        :param res.company company: The company of the order.
        :return: A sentence, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        if not self.groupbuy_is_restricted:
            return ""
        if self.groupbuy_members_only and not partner._groupbuy_is_member(company):
            return self.env._("This offer is for members.")
        levels = self.groupbuy_level_ids
        if levels and partner._groupbuy_get_level(company) not in levels:
            return self.env._("This offer is for residents of another level.")
        if self.groupbuy_segment_ids and not self.groupbuy_segment_ids._contains(
            partner
        ):
            return self.env._("This offer is for other residents.")
        return ""

    # === EARNING === #

    @api.model
    def _groupbuy_get_earning_programs(self, company):
        """Return the programs by which group orders of a company earn points.

        :param res.company company: The company.
        :rtype: loyalty.program
        """
        return self.search(
            [
                ("groupbuy_on_collection", "=", True),
                ("program_type", "=", "loyalty"),
                ("company_id", "in", (False, company.id)),
            ]
        )

    @api.model
    def _groupbuy_has_earning(self, companies):
        """Return whether group orders of companies earn points at all.

        :param res.company companies: Any number.
        :rtype: bool
        """
        return bool(
            self.search_count(
                [
                    ("groupbuy_on_collection", "=", True),
                    ("company_id", "in", (False, *companies.ids)),
                ],
                limit=1,
            )
        )

    def _groupbuy_get_cards(self, partners):
        """Return the cards of residents, made where there are none.

        The caller holds the standings of the residents, so that no two are made.

        :param res.partner partners: Residents, any number.
        :return: (program, partner) → card.
        :rtype: dict
        """
        cards = self.env["loyalty.card"].sudo().with_context(loyalty_no_mail=True)
        found = {}
        for card in cards.search(
            [("program_id", "in", self.ids), ("partner_id", "in", partners.ids)],
            order="id",
        ):
            found.setdefault((card.program_id, card.partner_id), card)
        missing = [
            (program, partner)
            for program in self
            for partner in partners
            if (program, partner) not in found
        ]
        made = cards.with_context(tracking_disable=True).create(
            [
                {"program_id": program.id, "partner_id": partner.id}
                for program, partner in missing
            ]
        )
        found.update(zip(missing, made, strict=True))
        return found

    # === EXPIRY === #

    @api.model
    def _cron_expire_points(self):
        """Take off points that have expired, and remind of those that soon will.

        By "older than", never by a time window: days without the job are made up for
        by the next run. Each slice of cards is committed on its own.
        """
        commit = self.env["ir.cron"]._commit_progress
        programs = self.search([("groupbuy_validity_days", ">", 0)])
        commit(remaining=len(programs))
        for program in programs:
            for work in (program._groupbuy_expire, program._groupbuy_remind):
                while count := work(EXPIRY_SLICE):
                    if not commit(processed=0):
                        return
                    if count < EXPIRY_SLICE:
                        break
            commit(processed=1)

    def _groupbuy_get_expiring(self, days, limit, without=None):
        """Return the cards with points that are older than the program allows.

        The newest points are those that are left: what a balance exceeds the points
        issued within the period by is older. So spent points need no bookkeeping, and
        all that `loyalty.history` knows counts, wherever it came from.

        :param int days: Look so many days ahead.
        :param int limit: Cards, at most.
        :param SQL without: Condition on the card `c`.
        :return: Card id → points.
        :rtype: dict[int, float]
        """
        self.ensure_one()
        self.env["loyalty.history"].flush_model()
        self.env["loyalty.card"].flush_model()
        self.env["groupbuy.points.entry"].flush_model()
        issued_after = fields.Datetime.now() - timedelta(
            days=self.groupbuy_validity_days - days
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id, c.points - COALESCE(SUM(h.issued), 0) AS old
                  FROM loyalty_card c
                  LEFT JOIN loyalty_history h
                    ON h.card_id = c.id AND h.create_date > %(issued_after)s
                 WHERE c.program_id = %(program)s AND c.active AND c.points > 0
                   AND c.partner_id IS NOT NULL AND %(without)s
                   AND c.create_date <= %(issued_after)s
                 GROUP BY c.id
                HAVING c.points - COALESCE(SUM(h.issued), 0) >= 0.01
                 ORDER BY c.id LIMIT %(limit)s
                """,
                issued_after=issued_after,
                program=self.id,
                without=without or SQL("true"),
                limit=limit,
            )
        )
        return dict(rows)

    def _groupbuy_expire(self, limit):
        """Take expired points off some cards.

        Why it is safe: the cards are locked, and a balance that changed since this
        transaction's snapshot makes it fail to serialise; the key names card and day.

        :return: How many cards there were.
        :rtype: int
        """
        self.ensure_one()
        expiring = self._groupbuy_get_expiring(0, limit)
        try:
            cards = self.env["loyalty.card"].browse(expiring).try_lock_for_update()
        except OperationalError:
            # Somebody spends points right now: the next run looks again.
            self.env.cr.rollback()
            return 0
        today = fields.Date.today()
        self.env["groupbuy.points.entry"]._book(
            [
                {
                    "key": f"expiry/{card.id}/{fields.Datetime.now().isoformat()}",
                    "kind": "expiry",
                    "card": card,
                    "company": self.company_id or self.env.company,
                    "points": -round(expiring[card.id], 2),
                    "description": self.env._("Expired on %s", today),
                }
                for card in cards
            ]
        )
        return len(cards)

    def _groupbuy_remind(self, limit):
        """Remind owners of points that expire within the days of notice.

        A card is reminded once within that period: the entry says so.

        :return: How many cards there were.
        :rtype: int
        """
        self.ensure_one()
        days = min(self.groupbuy_notice_days, self.groupbuy_validity_days)
        if not days:
            return 0
        now = fields.Datetime.now()
        expiring = self._groupbuy_get_expiring(
            days,
            limit,
            SQL(
                """
                NOT EXISTS (
                    SELECT 1 FROM groupbuy_points_entry e
                     WHERE e.card_id = c.id AND e.kind = 'reminder'
                       AND e.create_date > %s)
                """,
                now - timedelta(days=days),
            ),
        )
        cards = self.env["loyalty.card"].sudo().browse(expiring)
        entries = (
            self.env["groupbuy.points.entry"]
            .sudo()
            .create(
                [
                    {
                        "key": f"reminder/{card.id}/{now.date()}",
                        "kind": "reminder",
                        "card_id": card.id,
                        "program_id": self.id,
                        "partner_id": card.partner_id.id,
                        "company_id": (self.company_id or self.env.company).id,
                        "expiring": expiring[card.id],
                        "expires_on": now.date() + timedelta(days=days),
                    }
                    for card in cards
                ]
            )
        )
        template = self.env.ref(
            "groupbuy_marketing.mail_template_points_expiry", raise_if_not_found=False
        )
        reachable = entries.filtered("partner_id.email")
        if template and reachable:
            template.send_mail_batch(reachable.ids)
        return len(expiring)

    def _groupbuy_get_card_notice(self, card):
        """Return what of a card expires within the days of notice, as a sentence.

        :param loyalty.card card: A card of this program.
        :rtype: str
        """
        self.ensure_one()
        days = min(self.groupbuy_notice_days, self.groupbuy_validity_days)
        if not days:
            return ""
        points = self._groupbuy_get_expiring(days, 1, SQL("c.id = %s", card.id))
        if not points:
            return ""
        return self.env._(
            "%(points)s expire within %(days)s days.",
            points=card._format_points(round(points[card.id], 2)),
            days=days,
        )
