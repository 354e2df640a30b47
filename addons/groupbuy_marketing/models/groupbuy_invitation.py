# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import format_date

from odoo.addons.community_groupbuy.const import JOINED_STATES

SETTLE_SLICE = 200

# The visitor's session keeps by whose link the visitor came.
SESSION_KEY = "groupbuy_invitation_token"

# Not decided yet.
OPEN_STATES = ("pending", "waiting")

# They may pass: the invitation stays open.
PASSING_REASONS = ("no_phone",)

# A manager who knows the residents may see it otherwise.
ACCOUNT_REASONS = ("self", "same_phone", "same_address", "no_phone")


class GroupBuyInvitation(models.Model):
    """A resident came by another one's link (邀请有礼).

    When the first order of the invited resident has been collected, both get the gifts
    of the program, once. Whether it counts is derived from what was ordered, collected
    and paid back at that moment; why it does not is shown to the inviter.
    """

    _name = "groupbuy.invitation"
    _description = "Invitation of a Resident"
    _order = "id desc"
    _rec_name = "invited_id"

    program_id = fields.Many2one(
        comodel_name="groupbuy.invitation.program",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    inviter_id = fields.Many2one(
        comodel_name="res.partner",
        string="Invited by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    invited_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    invited_at = fields.Datetime(string="Since", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("pending", "No order collected yet"),
            ("waiting", "Collected, gifts follow"),
            ("rewarded", "Counted"),
            ("refused", "Does not count"),
            ("revoked", "Taken back"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    reason = fields.Selection(
        selection=[
            ("self", "Same account or mail address"),
            ("same_phone", "Same telephone number"),
            ("same_address", "Same address"),
            ("known", "Had ordered before"),
            ("late", "Ordered too late"),
            ("budget", "Budget used up"),
            ("paid_back", "First order was paid back"),
            ("too_small", "Order too small"),
            ("no_phone", "No telephone number"),
        ],
        readonly=True,
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="First Order",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The order that counts.",
    )
    due_at = fields.Datetime(string="Gifts From", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    cleared_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Checked by",
        readonly=True,
        help="Who has checked that the two are different residents, although their"
        " telephone or address is the same.",
    )
    reward_ids = fields.One2many(
        comodel_name="groupbuy.invitation.reward",
        inverse_name="invitation_id",
        string="Gifts",
    )

    _invited_uniq = models.UniqueIndex(
        "(company_id, invited_id)", "This resident was invited by somebody already."
    )
    _not_self = models.Constraint(
        "CHECK (inviter_id != invited_id)", "Nobody can invite themselves."
    )
    _inviter_idx = models.Index("(program_id, inviter_id, state)")
    _due_idx = models.Index("(due_at) WHERE state = 'waiting'")

    # === ACCEPTING === #

    @api.model
    def _accept(self, link, partner):
        """Write down that a resident came by another one's link.

        Why it is safe: the resident's standing is taken first, so that of two requests
        at once the second is repeated and finds the invitation; a resident is invited
        once for ever. Nothing is given here.

        :param groupbuy.invitation.link link: The link that was followed.
        :param res.partner partner: Who followed it.
        :return: The new invitation, or nothing; and a sentence for the resident.
        :rtype: tuple[groupbuy.invitation, str]
        """
        # Elevated: residents have no rights on invitations; the link was followed.
        invitations = self.sudo()
        nobody = invitations.browse()
        company, inviter = link.company_id, link.partner_id
        if inviter.commercial_partner_id == partner.commercial_partner_id:
            return nobody, self.env._(
                "This is your own link: send it to your neighbours."
            )
        program = self.env["groupbuy.invitation.program"]._get_running(company)
        name = inviter._groupbuy_public_name()
        if not program:
            return nobody, self.env._(
                "%s invites you to the group buy. There are no gifts for invitations"
                " at the moment.",
                name,
            )
        self.env["groupbuy.standing"]._touch(company, partner)
        both = [inviter.id, partner.id]
        found = invitations.search(
            [
                ("company_id", "=", company.id),
                ("invited_id", "in", both),
                "|",
                ("invited_id", "=", partner.id),
                ("inviter_id", "=", partner.id),
            ]
        )
        if found.filtered(lambda invitation: invitation.invited_id == partner):
            return nobody, self.env._("You were invited already.")
        if found:
            return nobody, self.env._("You have invited %s yourself.", name)
        if self._is_known(partner, company):
            invitations.create(
                {
                    **self._prepare(program, inviter, partner),
                    "state": "refused",
                    "reason": "known",
                    "decided_at": fields.Datetime.now(),
                }
            )
            return nobody, self.env._(
                "Welcome back! You have ordered before, so this invitation brings no"
                " gift."
            )
        invitation = invitations.create(self._prepare(program, inviter, partner))
        return invitation, program._get_welcome_text(name)

    @api.model
    def _prepare(self, program, inviter, partner):
        """Return the values of a new invitation."""
        return {
            "program_id": program.id,
            "company_id": program.company_id.id,
            "inviter_id": inviter.id,
            "invited_id": partner.id,
            "invited_at": fields.Datetime.now(),
        }

    @api.model
    def _is_known(self, partner, company):
        """Return whether a resident has bought something before.

        :rtype: bool
        """
        return bool(
            self.env["sale.order"]
            .sudo()
            .search_count(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "child_of", partner.commercial_partner_id.id),
                    "|",
                    ("state", "=", "sale"),
                    ("groupbuy_state", "in", JOINED_STATES),
                ],
                limit=1,
            )
        )

    @api.model
    def _accept_from_session(self, partner):
        """Accept the invitation by whose link the visitor came, if any.

        :param res.partner partner: Who the visitor turned out to be.
        """
        token = request and request.session.get(SESSION_KEY)
        if not token:
            return
        # A payment provider's call belongs to no website.
        website = getattr(request, "website", None)
        company = website.company_id if website else self.env.company
        link = self.env["groupbuy.invitation.link"]._find(token, company)
        if link:
            self._accept(link, partner)
        request.session.pop(SESSION_KEY, None)

    # === DECIDING === #

    def _settle(self):
        """Decide on invitations by what is collected and paid back now.

        A constant number of queries for each program, whatever the number of
        invitations, besides one statement for each balance.

        Why it is safe: the standings of both residents are taken first, so that two
        events of one inviter come one after the other, the second on the figures of
        the first; the budget's row is taken before anything is given; each fact has a
        unique key. A repetition finds the state and changes nothing.
        """
        for company, invitations in self.sudo().grouped("company_id").items():
            self.env["groupbuy.standing"]._touch(
                company, invitations.inviter_id | invitations.invited_id
            )
            invitations.invalidate_recordset()
            invitations._settle_open(company)
            invitations._settle_rewarded()

    def _settle_open(self, company):
        """Decide on what was not decided yet."""
        todo = self.filtered(lambda invitation: invitation.state in OPEN_STATES)
        found = todo._find_orders(company)
        phones = todo._get_counted_phones()
        now = fields.Datetime.now()
        ready = self.browse()
        for invitation in todo.sorted("id"):
            order, reason = found[invitation]
            if order:
                reason = invitation._get_refusal(order, phones)
            if not order or reason in PASSING_REASONS:
                invitation._note("pending", reason, order.browse())
            elif reason:
                invitation._note("refused", reason, order)
            elif invitation._has_waited(order, now):
                invitation._note(invitation.state, "", order)
                ready |= invitation
            if order and not reason:
                phones[invitation.inviter_id, invitation._get_phone()] = invitation
        for program, invitations in ready.grouped("program_id").items():
            invitations._reward(program)

    def _settle_rewarded(self):
        """Take back the gifts of which the order was paid back meanwhile."""
        revoked = self.filtered(
            lambda invitation: (
                invitation.state == "rewarded"
                and invitation.order_id._groupbuy_get_collection() == "paid_back"
            )
        )
        budgets = self.env["groupbuy.invitation.budget"].sudo()
        for program, invitations in revoked.grouped("program_id").items():
            budgets._lock(program)
            invitations._note("revoked", "paid_back")
            facts = invitations.reward_ids._revoke()
            budgets._spend(program, sum(facts.mapped("cost")))

    def _note(self, state, reason, order=None):
        """Write how invitations stand; what is the same is not written.

        :param str state: The state.
        :param str reason: Selection value; empty for none.
        :param sale.order order: The order that counts; as it is by default.
        """
        is_decided = state in ("rewarded", "refused", "revoked")
        for invitation in self:
            vals = {"state": state, "reason": reason or False}
            if order is not None:
                vals["order_id"] = order.id or False
            if (state, reason or False) == (
                invitation.state,
                invitation.reason,
            ) and order in (None, invitation.order_id):
                continue
            vals["decided_at"] = fields.Datetime.now() if is_decided else False
            if state == "pending":
                vals["due_at"] = False
            invitation.write(vals)

    def _find_orders(self, company):
        """Return the first collected order of each invited resident.

        :param res.company company: The company.
        :return: Invitation → order and "", or no order and why none counts.
        :rtype: dict
        """
        orders = self.env["sale.order"].search(
            [
                ("partner_id", "in", self.invited_id.ids),
                ("company_id", "=", company.id),
                ("groupbuy_campaign_id", "!=", False),
                ("groupbuy_state", "=", "confirmed"),
            ],
            order="groupbuy_joined_at, id",
        )
        # Read here, for all orders in one go.
        orders.order_line.move_ids.mapped("state")
        orders.order_line.mapped("groupbuy_reduction_ids.price_total")
        by_partner = orders.grouped("partner_id")
        found = {}
        for invitation in self:
            found[invitation] = (orders.browse(), "")
            for order in by_partner.get(invitation.invited_id, ()):
                if order.groupbuy_joined_at < invitation.invited_at:
                    continue
                collection = order._groupbuy_get_collection()
                if collection == "collected":
                    if order._groupbuy_is_worth(invitation.program_id.min_amount):
                        found[invitation] = (order, "")
                        break
                    collection = "too_small"
                if collection in ("paid_back", "too_small"):
                    found[invitation] = (orders.browse(), collection)
        return found

    def _get_phone(self):
        """Return the invited resident's number, to be compared."""
        return self.invited_id._groupbuy_get_phone_key()

    def _get_counted_phones(self):
        """Return the numbers of residents whose invitations count already.

        :return: (inviter, number) → invitation.
        :rtype: dict
        """
        counted = self.search(
            [
                ("inviter_id", "in", self.inviter_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "in", ("waiting", "rewarded")),
            ]
        )
        return {
            (invitation.inviter_id, invitation._get_phone()): invitation
            for invitation in counted
        }

    def _get_refusal(self, order, phones):
        """Return why an invitation does not count, although an order was collected.

        :param sale.order order: The order.
        :param dict phones: What :meth:`_get_counted_phones` returned.
        :return: Selection value of the reason, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        inviter, invited = self.inviter_id, self.invited_id
        days = self.program_id.order_within_days
        if days and order.groupbuy_joined_at > self.invited_at + timedelta(days=days):
            return "late"
        if inviter.commercial_partner_id == invited.commercial_partner_id:
            return "self"
        if self.cleared_by_id:
            return ""
        if inviter.email_normalized and (
            inviter.email_normalized == invited.email_normalized
        ):
            return "self"
        phone = self._get_phone()
        if phone and (
            phone == inviter._groupbuy_get_phone_key()
            or phones.get((inviter, phone), self) != self
        ):
            return "same_phone"
        address = invited._groupbuy_get_address_key()
        if address and address == inviter._groupbuy_get_address_key():
            return "same_address"
        if not phone and self.program_id.require_phone:
            return "no_phone"
        return ""

    def _has_waited(self, order, now):
        """Return whether the gifts may be given now, and else note when.

        :param sale.order order: The order that counts.
        :param datetime now: UTC.
        :rtype: bool
        """
        self.ensure_one()
        days = self.program_id.wait_days
        if not days:
            return True
        if self.state == "waiting" and self.order_id == order:
            return self.due_at <= now
        self.write(
            {
                "state": "waiting",
                "reason": False,
                "order_id": order.id,
                "due_at": now + timedelta(days=days),
            }
        )
        return False

    # === GIVING === #

    def _reward(self, program):
        """Give the gifts of invitations, in their order, as far as the budget goes.

        Both residents get theirs, or none does.

        :param groupbuy.invitation.program program: The program of all of them.
        """
        budgets = self.env["groupbuy.invitation.budget"].sudo()
        gifts = program._get_gifts("invited") | program._get_gifts("inviter")
        cost = sum(gifts.mapped("cost"))
        left = budgets._lock(program)
        counted = self.browse()
        wanted = []
        for invitation in self.sorted("id"):
            if left is not None and program.currency_id.compare_amounts(cost, left) > 0:
                break
            if left is not None:
                left -= cost
            counted |= invitation
            wanted += [
                {
                    "key": f"{gift.role}/{invitation.id}/{gift.loyalty_program_id.id}",
                    "kind": gift.role,
                    "gift": gift,
                    "partner": (
                        invitation.invited_id
                        if gift.role == "invited"
                        else invitation.inviter_id
                    ),
                    "invitation": invitation,
                }
                for gift in gifts
            ]
        (self - counted)._note("refused", "budget")
        counted._note("rewarded", "")
        budgets._spend(program, cost * len(counted))
        self.env["groupbuy.invitation.reward"]._give(wanted)
        self._give_milestones(program, counted.inviter_id)

    @api.model
    def _give_milestones(self, program, inviters):
        """Give what residents have reached by the number of those they invited.

        Thresholds are inclusive: the third invited resident reaches a milestone of 3.
        What does not fit into the budget is not given, and is looked at again with the
        next invitation, or by a manager (see
        :meth:`groupbuy.invitation.program.action_give_missing`).

        Why it is safe: the caller holds the inviters' standings, so nobody counts them
        at the same moment; the key names milestone and resident.

        :param groupbuy.invitation.program program: The program.
        :param res.partner inviters: Residents whose number may have grown.
        """
        gifts = program._get_gifts("milestone").sorted("threshold")
        if not gifts or not inviters:
            return
        invitations = self.sudo()
        counts = dict(
            invitations._read_group(
                [
                    ("program_id", "=", program.id),
                    ("inviter_id", "in", inviters.ids),
                    ("state", "=", "rewarded"),
                ],
                ["inviter_id"],
                ["__count"],
            )
        )
        reached = {
            f"milestone/{program.id}/{gift.threshold}/{gift.loyalty_program_id.id}"
            f"/{partner.id}": (gift, partner)
            for partner in inviters.sorted("id")
            for gift in gifts
            if gift.threshold <= counts.get(partner, 0)
        }
        rewards = self.env["groupbuy.invitation.reward"].sudo()
        given = set(rewards.search([("key", "in", list(reached))]).mapped("key"))
        budgets = self.env["groupbuy.invitation.budget"].sudo()
        left = budgets._lock(program)
        spent, wanted = 0.0, []
        for key, (gift, partner) in reached.items():
            if key in given:
                continue
            rest = None if left is None else left - spent
            if rest is not None and (
                program.currency_id.compare_amounts(gift.cost, rest) > 0
            ):
                continue
            spent += gift.cost
            wanted.append(
                {"key": key, "kind": "milestone", "gift": gift, "partner": partner}
            )
        if wanted:
            budgets._spend(program, spent)
            rewards._give(wanted)

    @api.model
    def _cron_settle(self):
        """Give what has waited long enough: by "due by now", never by a time window."""
        commit = self.env["ir.cron"]._commit_progress
        domain = [("state", "=", "waiting")]
        while due := self.search(
            [*domain, ("due_at", "<=", fields.Datetime.now())],
            order="due_at, id",
            limit=SETTLE_SLICE,
        ):
            count = len(due)
            try:
                due._settle()
                self.env.flush_all()
            except OperationalError:
                # Somebody decides on one of them right now: the next run looks again.
                self.env.cr.rollback()
                return
            self.env.invalidate_all()
            if not commit(processed=count):
                return

    # === STAFF === #

    def _reopen(self):
        """Make refused invitations open again."""
        self.filtered(lambda invitation: invitation.state == "refused").write(
            {"state": "pending", "reason": False, "decided_at": False}
        )

    def action_check_again(self):
        """Look again at invitations that did not count, such as after a correction.

        :raise AccessError: If the user is no manager.
        """
        self.program_id._check_manager()
        self.check_access("read")
        # Elevated: what follows is derived from what was ordered and collected.
        invitations = self.sudo().filtered(
            lambda invitation: invitation.reason != "known"
        )
        invitations._reopen()
        invitations._settle()

    def action_clear(self):
        """Let invitations count although telephone, mail or address are the same.

        :raise AccessError: If the user is no manager.
        """
        self.program_id._check_manager()
        self.check_access("read")
        # Elevated: the manager's decision is written down with the name.
        self.sudo().filtered(
            lambda invitation: invitation.reason in ACCOUNT_REASONS
        ).write({"cleared_by_id": self.env.user.id})
        self.action_check_again()

    # === WHAT THE INVITER READS === #

    def _get_text(self):
        """Return how an invitation stands, and what may be done, for its inviter.

        :rtype: str
        """
        self.ensure_one()
        env = self.env
        texts = {
            "self": env._("It is the same account or mail address as yours."),
            "same_phone": env._(
                "The telephone number is yours, or that of somebody you have invited."
            ),
            "same_address": env._(
                "The address is the same as yours. If you are two households, please"
                " write to us."
            ),
            "known": env._("Had ordered before you invited."),
            "late": env._("The first order came too late after the invitation."),
            "budget": env._("The budget of this action was used up."),
            "paid_back": env._("The first order was paid back."),
            "too_small": env._(
                "The order was too small to count. The next one may count."
            ),
            "no_phone": env._(
                "There is no telephone number in the account. It counts when one is"
                " added and the next order is collected."
            ),
        }
        if self.state == "pending" and self.reason == "paid_back":
            return env._("The first order was paid back. The next one may count.")
        if self.reason:
            return texts[self.reason]
        if self.state == "waiting":
            return env._(
                "The first order is collected. Your gifts follow on %s.",
                format_date(env, self.due_at),
            )
        if self.state == "rewarded":
            return env._("The first order is collected: you both got your gifts.")
        return env._("Has not collected an order yet.")

    def _get_label(self):
        """Return a short state and its colour.

        :return: label, style.
        :rtype: tuple[str, str]
        """
        self.ensure_one()
        env = self.env
        return {
            "pending": (env._("Invited"), "secondary"),
            "waiting": (env._("Collected"), "info"),
            "rewarded": (env._("Counts"), "success"),
            "refused": (env._("Does not count"), "warning"),
            "revoked": (env._("Taken back"), "warning"),
        }[self.state]
