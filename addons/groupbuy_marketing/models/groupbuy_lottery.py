# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json
import logging
import secrets

import qrcode
from qrcode.image.svg import SvgPathImage

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.community_groupbuy.formatting import format_moment
from odoo.addons.community_groupbuy.utils import parse_id

from .. import drawing

_logger = logging.getLogger(__name__)

# States in which everybody may look at a draw.
PUBLIC_STATES = ("open", "drawing", "drawn")


class GroupBuyLottery(models.Model):
    """A draw of prizes among tickets, which anybody can recompute (抽奖).

    See `drawing.py` for how. A draw goes through

    draft → open: the seed is made and its hash shown; the prizes are taken from their
    stock and budget; residents earn tickets;
    open → drawing: the tickets are numbered and frozen, in one short transaction;
    drawing → drawn: the winners are computed and written down, the seed is shown;
    open → cancelled: the prizes go back.
    """

    _name = "groupbuy.lottery"
    _inherit = ["mail.thread"]
    _description = "Draw of Prizes"
    _order = "draw_at desc, id desc"

    name = fields.Char(required=True, translate=True, tracking=True)
    description = fields.Text(translate=True, help="Shown on the page of the draw.")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("open", "Open"),
            ("drawing", "Drawing"),
            ("drawn", "Drawn"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    draw_at = fields.Datetime(string="Drawn At", required=True, tracking=True)
    tz = fields.Selection(
        selection=_tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "Asia/Shanghai",
    )
    is_on_site = fields.Boolean(
        string="Drawn on the Spot",
        help="Staff may draw before that time, as at a stand in the street. The page"
        " says so.",
    )
    wins_once = fields.Boolean(
        string="One Prize Each", default=True, help="Nobody wins more than one prize."
    )
    line_ids = fields.One2many(
        comodel_name="groupbuy.lottery.line", inverse_name="lottery_id", copy=True
    )
    budget_id = fields.Many2one(
        comodel_name="groupbuy.reward.budget",
        string="Budget",
        domain="[('company_id', '=', company_id)]",
        index="btree_not_null",
        ondelete="restrict",
        help="The prizes are taken from it, by what each is worth.",
    )
    budget_amount = fields.Monetary(
        string="Prizes Are Worth", compute="_compute_budget_amount"
    )
    # Never shown before the draw: nobody has the right to read it, staff included.
    seed = fields.Char(
        string="Secret Seed", copy=False, readonly=True, groups=fields.NO_ACCESS
    )
    seed_hash = fields.Char(
        string="Hash of the Seed",
        copy=False,
        readonly=True,
        help="SHA-256 of the seed, shown from the publication on.",
    )
    revealed_seed = fields.Char(
        string="Seed", compute="_compute_revealed_seed", compute_sudo=True
    )
    list_digest = fields.Char(
        string="Digest of the Tickets",
        copy=False,
        readonly=True,
        help="SHA-256 of the list of tickets as it was frozen.",
    )
    published_at = fields.Datetime(copy=False, readonly=True)
    frozen_at = fields.Datetime(copy=False, readonly=True)
    drawn_at = fields.Datetime(string="Was Drawn At", copy=False, readonly=True)
    ticket_ids = fields.One2many(
        comodel_name="groupbuy.lottery.ticket", inverse_name="lottery_id"
    )
    ticket_count = fields.Integer(string="Tickets", compute="_compute_counts")
    award_ids = fields.One2many(
        comodel_name="groupbuy.lottery.award", inverse_name="lottery_id"
    )
    award_count = fields.Integer(string="Winners", compute="_compute_counts")
    website_url = fields.Char(compute="_compute_website_url")

    _due_idx = models.Index("(draw_at) WHERE state IN ('open', 'drawing')")
    _listed_idx = models.Index("(company_id, state, draw_at)")

    # === COMPUTE === #

    @api.depends("line_ids.quantity", "line_ids.prize_id.unit_value")
    def _compute_budget_amount(self):
        for lottery in self:
            lottery.budget_amount = sum(
                line.quantity * line.prize_id.unit_value for line in lottery.line_ids
            )

    @api.depends("state", "seed")
    def _compute_revealed_seed(self):
        for lottery in self:
            lottery.revealed_seed = lottery.seed if lottery.state == "drawn" else False

    def _compute_counts(self):
        def count(model):
            return dict(
                self.env[model]._read_group(
                    [("lottery_id", "in", self.ids)], ["lottery_id"], ["__count"]
                )
            )

        tickets = count("groupbuy.lottery.ticket")
        awards = count("groupbuy.lottery.award")
        for lottery in self:
            lottery.ticket_count = tickets.get(lottery, 0)
            lottery.award_count = awards.get(lottery, 0)

    @api.depends("name")
    def _compute_website_url(self):
        slug = self.env["ir.http"]._slug
        for lottery in self:
            lottery.website_url = (
                f"/group-buy/draws/{slug(lottery)}" if lottery.id else False
            )

    # === STAFF === #

    def action_publish(self):
        """Publish draws: make the seed, show its hash, and keep the prizes for them.

        Why it is safe: the row is locked, so a seed is made once; prizes and budget
        are taken by conditional updates of their counters (see
        :meth:`groupbuy.reward.counter._take`) in the same transaction, so of two draws
        that want the last prize at the same moment one is published.

        :raise UserError: If something is missing, or a prize or the budget is short;
            nothing is changed, then.
        """
        self.check_access("write")
        for lottery in self:
            # Elevated: counters are nobody's to write, the seed nobody's to know; the
            # right to write was checked.
            lottery.sudo()._publish()

    def _publish(self):
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        if self.state != "draft":
            raise UserError(self.env._("%s is published already.", self.name))
        if problem := self._get_publish_problem():
            raise UserError(problem)
        short = self.env["groupbuy.reward.counter"]._take(self._get_claims())
        if short:
            raise UserError(self._get_shortage_text(short))
        seed = drawing.make_seed()
        self._write_state(
            {
                "state": "open",
                "seed": seed,
                "seed_hash": drawing.get_commitment(seed),
                "published_at": fields.Datetime.now(),
            }
        )
        self.message_post(
            body=self.env._("Published. Hash of the seed: %s", self.seed_hash)
        )
        self.env.ref("groupbuy_marketing.ir_cron_work_on_tasks")._trigger(
            at=self.draw_at
        )

    def _get_publish_problem(self):
        """Return what is missing for the draw to be published.

        :return: A sentence, or an empty string.
        :rtype: str
        """
        env = self.env
        if not self.line_ids:
            return env._("Add the prizes first.")
        if self.draw_at <= fields.Datetime.now():
            return env._("The time of the draw is over: choose a later one.")
        if self.budget_id and self.budget_id.company_id != self.company_id:
            return env._("The budget belongs to another company.")
        for prize in self.line_ids.prize_id:
            if not prize.active:
                return env._("“%s” is archived: choose another prize.", prize.name)
            if problem := prize._get_reward_problem():
                return env._(
                    "%(prize)s cannot be given yet. %(problem)s",
                    prize=prize.name,
                    problem=problem,
                )
            if self.budget_id and prize.unit_value <= 0:
                return env._("Enter what one “%s” is worth.", prize.name)
        return ""

    def _get_claims(self, units=None):
        """Return what prizes take from their counters.

        :param dict units: Line → how many; all of them by default.
        :return: Counter → amount.
        :rtype: dict
        """
        claims = {}
        for line in self.line_ids:
            count = line.quantity if units is None else units.get(line, 0)
            prize = line.prize_id
            parts = [(prize.counter_ids, count)]
            # A budget of the prize's own counts each draw that offers it.
            parts += [
                (budget.counter_ids, count * prize.unit_value)
                for budget in prize.budget_id | self.budget_id
            ]
            for counter, amount in parts:
                if amount:
                    claims[counter] = claims.get(counter, 0) + amount
        return claims

    def _get_shortage_text(self, counter):
        """Return which prize or budget is short, and what to do."""
        if counter.prize_id:
            return self.env._(
                "Only %(left)s of “%(prize)s” are left. Offer fewer, or enter a larger"
                " stock.",
                left=int(counter.cap - counter.taken),
                prize=counter.prize_id.name,
            )
        budget = counter.budget_id
        return self.env._(
            "Only %(left)s are left in the budget “%(budget)s”. Offer fewer prizes, or"
            " enter a larger budget.",
            left=budget.currency_id.format(counter.cap - counter.taken),
            budget=budget.name,
        )

    def action_draw(self):
        """Draw now, where the time has come or the draw is one on the spot.

        :raise UserError: If the draw may not be made yet, or was cancelled.
        """
        self.check_access("write")
        for lottery in self:
            if lottery.state == "drawn":
                continue
            if lottery.state not in ("open", "drawing"):
                raise UserError(
                    self.env._("%s is not open: publish it first.", lottery.name)
                )
            if not lottery.is_on_site and lottery.draw_at > fields.Datetime.now():
                raise UserError(
                    self.env._(
                        "Residents were told that %(draw)s is drawn on %(date)s. It"
                        " cannot be drawn before.",
                        draw=lottery.name,
                        date=lottery._format_local(lottery.draw_at),
                    )
                )
            # Elevated: the seed is nobody's to read; the right to write was checked.
            lottery.sudo()._draw()

    def action_cancel(self):
        """Cancel draws that have not been made; their prizes go back.

        :raise UserError: If the draw has been made.
        """
        self.check_access("write")
        for lottery in self.sudo():
            lottery.lock_for_update(allow_referencing=True)
            if lottery.state not in ("draft", "open"):
                raise UserError(
                    self.env._("%s has been drawn: its winners stay.", lottery.name)
                )
            if lottery.state == "open":
                self.env["groupbuy.reward.counter"].sudo()._give_back(
                    lottery._get_claims()
                )
            lottery._write_state({"state": "cancelled"})

    def action_open_tickets(self):
        """Show the tickets of the draw."""
        return self._open_related("groupbuy.lottery.ticket", self.env._("Tickets"))

    def action_open_awards(self):
        """Show who has won."""
        return self._open_related("groupbuy.lottery.award", self.env._("Winners"))

    def _open_related(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list",
            "domain": [("lottery_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_open_page(self):
        """Open the page that everybody sees."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.website_url, "target": "new"}

    # What residents were told; fixed from the publication on.
    _promised_fields = frozenset(
        ("draw_at", "is_on_site", "wins_once", "line_ids", "budget_id", "company_id",
         "tz")
    )  # fmt: skip
    _state_fields = frozenset(
        ("state", "seed", "seed_hash", "list_digest", "published_at", "frozen_at",
         "drawn_at")
    )  # fmt: skip

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if self._state_fields & vals.keys() and not self.env.su:
                raise UserError(self.env._("Publish draws with the button, please."))
        return super().create(vals_list)

    def write(self, vals):
        """Keep what residents were promised, and the state to its buttons.

        :raise UserError: If a published draw would become another one.
        """
        if self._state_fields & vals.keys() and not self.env.su:
            raise UserError(
                self.env._("Publish, draw and cancel draws with their buttons, please.")
            )
        if self._promised_fields & vals.keys() and any(
            lottery.published_at for lottery in self
        ):
            raise UserError(
                self.env._(
                    "Residents have been told when this draw is made and what can be"
                    " won. Cancel it and make another one instead."
                )
            )
        return super().write(vals)

    def _write_state(self, vals):
        """Write what only the steps of a draw write."""
        super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        if any(lottery.published_at for lottery in self):
            raise UserError(
                self.env._("A draw that was published is kept: cancel it instead.")
            )

    @api.constrains("line_ids")
    def _check_prizes(self):
        for lottery in self:
            if any(
                line.prize_id.company_id != lottery.company_id
                for line in lottery.line_ids
            ):
                raise ValidationError(
                    self.env._("A prize of another company cannot be won here.")
                )

    # === TICKETS === #

    def _issue(self, recipients):
        """Give tickets of this draw.

        Why it is safe: the draw's row is locked FOR SHARE and its state read. Those
        who give tickets do not wait for each other; the freezing, which writes the
        row, waits for those under way, and those after it fail to serialise or see the
        draw frozen. A key is unique in a draw, so a repetition gives nothing twice.

        :param list[tuple] recipients: Pairs of resident and a key that names what the
            ticket is for.
        :return: The new tickets.
        :rtype: groupbuy.lottery.ticket
        :raise UserError: If the draw has no more tickets to give.
        """
        self.ensure_one()
        self.flush_recordset(["state"])
        [[state]] = self.env.execute_query(
            SQL("SELECT state FROM groupbuy_lottery WHERE id = %s FOR SHARE", self.id)
        )
        if state != "open":
            raise UserError(
                self.env._("The draw “%s” gives no tickets any more.", self.name)
            )
        # Elevated: tickets are nobody's to write; the callers know what was earned.
        tickets = self.env["groupbuy.lottery.ticket"].sudo()
        given = set(
            tickets.search(
                [
                    ("lottery_id", "=", self.id),
                    ("key", "in", [key for _partner, key in recipients]),
                ]
            ).mapped("key")
        )
        return tickets.create(
            [
                {
                    "lottery_id": self.id,
                    "partner_id": partner.id,
                    "key": key,
                    "code": secrets.token_hex(8),
                }
                for partner, key in recipients
                if key not in given
            ]
        )

    # === THE DRAW === #

    @api.model
    def _draw_due(self, limit):
        """Make the draws that are due, each on its own.

        A draw that fails is left for the next run; the others go on.

        :param int limit: Draws, at most.
        :return: How many were made.
        :rtype: int
        """
        due = self.sudo().search(
            Domain("draw_at", "<=", fields.Datetime.now())
            & Domain("state", "=", "open")
            | Domain("state", "=", "drawing"),
            order="draw_at, id",
            limit=limit,
        )
        made = 0
        for lottery in due:
            try:
                made += bool(lottery._draw())
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                # Somebody else makes this draw right now.
                _logger.info("Draw %s is made by somebody else", lottery.id)
            except Exception:
                _logger.exception("Draw %s could not be made", lottery.id)
        self.env.invalidate_all()
        return made if made == len(due) else 0

    def _draw(self):
        """Freeze the tickets and compute who wins.

        Why it is safe: the two steps are transactions of their own. The first numbers
        the tickets, once (see :meth:`_freeze`). The second begins after it was
        committed, so it sees all of them; it locks the draw and writes the winners
        under unique keys. A process that dies in between leaves *drawing*, and the
        next run goes on: the same seed and list give the same winners.

        :return: Whether the draw was made by this call.
        :rtype: bool
        """
        self.ensure_one()
        self.env.flush_all()
        self._freeze()
        with self.env.registry.cursor() as cr:
            made = self.with_env(self.env(cr=cr))._award()
        # Everything was flushed above; another cursor has changed it since.
        self.env.invalidate_all(flush=False)
        return made

    def _freeze(self):
        """Number the tickets; from here on there are no new ones.

        Why it is safe: one short READ COMMITTED transaction. Its first statement
        writes the draw's row, on condition that it is open: of any number of calls one
        goes on, and it waits for those who are giving tickets (see :meth:`_issue`).
        The second then sees the tickets of all of them.
        """
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_lottery
                       SET state = 'drawing',
                           frozen_at = clock_timestamp() AT TIME ZONE 'UTC'
                     WHERE id = %s AND state = 'open'
                       AND (is_on_site OR draw_at <= %s)
                    """,
                    self.id,
                    fields.Datetime.now(),
                )
            )
            if cr.rowcount:
                cr.execute(
                    SQL(
                        """
                        UPDATE groupbuy_lottery_ticket t
                           SET number = n.number, participant = n.participant
                          FROM (SELECT id,
                                       row_number() OVER (ORDER BY id) AS number,
                                       dense_rank() OVER (ORDER BY first)
                                           AS participant
                                  FROM (SELECT id, min(id) OVER (
                                                   PARTITION BY partner_id) AS first
                                          FROM groupbuy_lottery_ticket
                                         WHERE lottery_id = %s) f) n
                         WHERE t.id = n.id
                        """,
                        self.id,
                    )
                )

    def _award(self):
        """Compute the winners of frozen tickets, and show the seed.

        :return: Whether the draw was made now.
        :rtype: bool
        """
        self.ensure_one()
        rows = self.env.execute_query(
            SQL("SELECT state FROM groupbuy_lottery WHERE id = %s FOR UPDATE", self.id)
        )
        if rows != [("drawing",)]:
            return False
        tickets = self.env.execute_query(
            SQL(
                """
                SELECT number, participant, code, id, partner_id
                  FROM groupbuy_lottery_ticket WHERE lottery_id = %s ORDER BY number
                """,
                self.id,
            )
        )
        digest = drawing.get_list_digest(
            drawing.get_list_text(ticket[:3] for ticket in tickets)
        )
        units = self._get_units()
        winners = drawing.draw(
            self.seed,
            digest,
            [participant for _number, participant, *_rest in tickets],
            len(units),
            self.wins_once,
        )
        vals_list, given = [], {}
        for unit, (position, line) in enumerate(
            zip(winners, units, strict=False), start=1
        ):
            *_front, ticket_id, partner_id = tickets[position]
            given[line] = given.get(line, 0) + 1
            vals_list.append(
                {
                    "lottery_id": self.id,
                    "unit": unit,
                    "prize_id": line.prize_id.id,
                    "ticket_id": ticket_id,
                    "partner_id": partner_id,
                    "company_id": self.company_id.id,
                }
            )
        self.env["groupbuy.lottery.award"].create(vals_list)
        # What nobody could win, for want of tickets, can be won elsewhere.
        rest = {line: line.quantity - given.get(line, 0) for line in self.line_ids}
        self.env["groupbuy.reward.counter"]._give_back(self._get_claims(rest))
        self._write_state(
            {
                "state": "drawn",
                "drawn_at": fields.Datetime.now(),
                "list_digest": digest,
            }
        )
        self.message_post(
            body=self.env._(
                "Drawn among %(tickets)s tickets: %(winners)s prizes were won.",
                tickets=len(tickets),
                winners=len(winners),
            )
        )
        self.env["groupbuy.task"]._trigger_work()
        return True

    def _get_units(self):
        """Return the prizes in the order in which they are drawn, one by one.

        :return: The line of each.
        :rtype: list
        """
        self.ensure_one()
        return [
            line
            for line in self.line_ids.sorted(lambda line: (line.sequence, line.id))
            for _unit in range(line.quantity)
        ]

    # === WEBSITE === #

    def _format_local(self, moment):
        """Return a moment as residents read it, in the draw's own zone.

        :param datetime moment: UTC.
        :rtype: str
        """
        self.ensure_one()
        return format_moment(self.env, moment, self.tz) if moment else ""

    @api.model
    def _get_public_domain(self, website):
        """Return which draws everybody may look at.

        :param website website: The website.
        :rtype: Domain
        """
        return Domain("company_id", "=", website.company_id.id) & Domain(
            "state", "in", PUBLIC_STATES
        )

    @api.model
    def _find_for_website(self, website, value):
        """Look up the draw that a browser named.

        :param website website: The website.
        :param value: A slug or an id, or anything.
        :return: A public draw with elevated rights, or nothing. Visitors have no
            rights on draws; what a page shows is chosen below.
        :rtype: groupbuy.lottery
        """
        number = parse_id(self.env["ir.http"]._unslug(str(value))[1] or 0)
        if not number:
            return self.sudo().browse()
        return self.sudo().search(
            Domain("id", "=", number) & self._get_public_domain(website), limit=1
        )

    def _get_page_values(self, page_tickets):
        """Return what the page of a draw shows.

        :param groupbuy.lottery.ticket page_tickets: The tickets on this page of the
            list, once they are frozen.
        :rtype: dict
        """
        self.ensure_one()
        drawn = self.state == "drawn"
        return {
            "name": self.name,
            "description": self.description,
            "state": self.state,
            "is_drawn": drawn,
            "when": self._format_local(self.drawn_at if drawn else self.draw_at),
            "is_on_site": self.is_on_site,
            "published": self._format_local(self.published_at),
            "prizes": [
                {
                    "name": line.prize_id.name,
                    "reward": line.prize_id._get_reward_text(),
                    "quantity": line.quantity,
                }
                for line in self.line_ids.sorted(lambda line: (line.sequence, line.id))
            ],
            "hash": self.seed_hash,
            "seed": self.revealed_seed,
            "digest": self.list_digest,
            "ticket_count": self.ticket_count,
            "winners": [
                {
                    "unit": award.unit,
                    "prize": award.prize_id.name,
                    "number": award.ticket_id.number,
                    "name": award.partner_id._groupbuy_public_name(),
                }
                for award in self.award_ids.sorted("unit")
            ]
            if drawn
            else [],
            "tickets": [
                {
                    "number": ticket.number,
                    "participant": ticket.participant,
                    "code": ticket.code,
                    "name": ticket.partner_id._groupbuy_public_name(),
                }
                for ticket in page_tickets
            ],
        }

    def _get_proof(self):
        """Return what anybody needs to recompute the draw, as JSON.

        Without names: a ticket is known by its number and code, a participant by a
        number that means nothing outside of this draw.

        :return: Empty before the draw.
        :rtype: str
        """
        self.ensure_one()
        if self.state != "drawn":
            return ""
        tickets = self.env.execute_query(
            SQL(
                """
                SELECT number, participant, code FROM groupbuy_lottery_ticket
                 WHERE lottery_id = %s ORDER BY number
                """,
                self.id,
            )
        )
        awards = self.award_ids.sorted("unit")
        return json.dumps(
            {
                "draw": self.name,
                "hash": self.seed_hash,
                "seed": self.revealed_seed,
                "digest": self.list_digest,
                "wins_once": self.wins_once,
                "prizes": [line.prize_id.name for line in self._get_units()],
                "winners": awards.ticket_id.mapped("number"),
                "tickets": tickets,
            },
            ensure_ascii=False,
        )

    def _render_code(self, website):
        """Return the QR code of the draw's page, to hang up at a stand.

        :param website website: The website.
        :return: An SVG picture.
        :rtype: bytes
        """
        self.ensure_one()
        return qrcode.make(
            website.get_base_url() + self.website_url,
            image_factory=SvgPathImage,
            border=2,
        ).to_string()
