# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyInvitationReward(models.Model):
    """What was given for an invitation, or taken back: a fact, written once.

    The key names the gift and the invitation, or for a milestone the gift and the
    resident, so that a repetition gives nothing.
    """

    _name = "groupbuy.invitation.reward"
    _description = "Gift That Was Given"
    _order = "id desc"

    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        selection=[
            ("invited", "Was invited"),
            ("inviter", "Has invited"),
            ("milestone", "Milestone"),
            ("revoked", "Taken back"),
        ],
        required=True,
        readonly=True,
    )
    program_id = fields.Many2one(
        comodel_name="groupbuy.invitation.program",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    gift_id = fields.Many2one(
        comodel_name="groupbuy.invitation.gift",
        readonly=True,
        index=True,
        ondelete="set null",
    )
    threshold = fields.Integer(
        readonly=True, help="The number of invited residents of a milestone."
    )
    invitation_id = fields.Many2one(
        comodel_name="groupbuy.invitation",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    card_id = fields.Many2one(
        comodel_name="loyalty.card",
        string="Coupon or Card",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    points = fields.Float(
        readonly=True, help="What moved on the card; below zero: taken off it."
    )
    cost = fields.Monetary(
        readonly=True, help="What it took from the budget, or gave back to it."
    )
    revoked_id = fields.Many2one(
        comodel_name="groupbuy.invitation.reward",
        string="Takes Back",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    _key_uniq = models.UniqueIndex("(key)", "This gift has been given already.")
    _partner_company_idx = models.Index("(partner_id, company_id)")

    @api.depends("card_id", "kind")
    def _compute_display_name(self):
        for reward in self:
            reward.display_name = reward._get_text()

    def _get_text(self):
        """Return what was given, in the reader's language.

        :rtype: str
        """
        self.ensure_one()
        program = self.card_id.program_id
        value = abs(self.points)
        if program.program_type == "ewallet":
            return self.env._(
                "%(amount)s store credit",
                amount=(program.currency_id or self.currency_id).format(value),
            )
        if program.program_type == "loyalty":
            return self.card_id._format_points(value)
        return self.env._(
            "Coupon: %s", program.reward_ids[:1].description or program.name
        )

    def _get_reason_text(self):
        """Return what it was given for, in the reader's language.

        :rtype: str
        """
        self.ensure_one()
        if self.kind == "invited":
            return self.env._("You collected your first order.")
        if self.kind == "milestone":
            return self.env._(
                "%s neighbours that you invited have collected their first order.",
                self.threshold,
            )
        if self.kind == "revoked":
            return self.env._("Taken back: the first order was paid back.")
        return self.env._(
            "%s has collected the first order.",
            self.invitation_id.invited_id._groupbuy_get_masked_name(),
        )

    def write(self, vals):
        if vals:
            raise UserError(self.env._("What was given cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        raise UserError(self.env._("What was given cannot be deleted."))

    # === GIVING === #

    @api.model
    def _give(self, wanted):
        """Give gifts: coupons, points and credit, their history, and the facts.

        A constant number of queries, besides one statement for each balance. The
        caller holds the residents' standings and the budget, and has asked for keys
        that are new.

        :param list[dict] wanted: key, kind, gift (record), partner (record), and
            optionally invitation (record).
        :return: The facts.
        :rtype: groupbuy.invitation.reward
        """
        if not wanted:
            return self.browse()
        # Elevated: nobody may write cards and facts; what is given was decided.
        cards = self._get_cards(wanted)
        history, moves, vals_list = [], [], []
        for request, card in zip(wanted, cards, strict=True):
            gift, company = request["gift"], request["gift"].company_id
            description = request["gift"].program_id.name
            if gift.program_type == "loyalty":
                moves.append(
                    {
                        "key": f"invitation/{request['key']}",
                        "kind": "invitation",
                        "card": card,
                        "company": company,
                        "points": gift.points,
                        "description": description,
                    }
                )
            else:
                if gift.program_type == "ewallet":
                    card.points += gift.points
                history.append(
                    {
                        "card_id": card.id,
                        "description": description,
                        "issued": gift.points,
                        "used": 0.0,
                    }
                )
            vals_list.append(
                {
                    "key": request["key"],
                    "kind": request["kind"],
                    "program_id": gift.program_id.id,
                    "gift_id": gift.id,
                    "threshold": gift.threshold,
                    "invitation_id": (
                        request["invitation"].id if "invitation" in request else False
                    ),
                    "partner_id": request["partner"].id,
                    "company_id": company.id,
                    "card_id": card.id,
                    "points": gift.points,
                    "cost": gift.cost,
                }
            )
        self.env["loyalty.history"].sudo().create(history)
        if moves:
            self.env["groupbuy.points.entry"]._book(moves)
        rewards = self.sudo().create(vals_list)
        rewards._send()
        return rewards

    @api.model
    def _get_cards(self, wanted):
        """Return the card of each gift: a new coupon, or the resident's own card.

        :param list[dict] wanted: As in :meth:`_give`.
        :rtype: list[loyalty.card]
        """
        model = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(loyalty_no_mail=True, tracking_disable=True)
        )
        own = {}
        for program in self.env["loyalty.program"].union(
            *(request["gift"].loyalty_program_id for request in wanted)
        ):
            partners = self.env["res.partner"].union(
                *(
                    request["partner"]
                    for request in wanted
                    if request["gift"].loyalty_program_id == program
                )
            )
            if program.program_type != "coupons":
                own.update(program.sudo()._groupbuy_get_cards(partners))
        coupons = [r for r in wanted if r["gift"].program_type == "coupons"]
        made = iter(
            model.create(
                [
                    {
                        "program_id": request["gift"].loyalty_program_id.id,
                        "partner_id": request["partner"].id,
                        "points": request["gift"].points,
                        "expiration_date": request["gift"]._get_expiration(),
                    }
                    for request in coupons
                ]
            )
        )
        return [
            next(made)
            if request["gift"].program_type == "coupons"
            else own[request["gift"].loyalty_program_id, request["partner"]]
            for request in wanted
        ]

    def _send(self):
        """Tell residents by mail what they got; queued, in their language."""
        template = self.env.ref(
            "groupbuy_marketing.mail_template_invitation_reward",
            raise_if_not_found=False,
        )
        reachable = self.filtered("partner_id.email")
        if template and reachable:
            template.sudo().send_mail_batch(reachable.ids)

    # === TAKING BACK === #

    def _revoke(self):
        """Take back what is left of gifts whose order was paid back.

        A coupon or credit that was spent stays spent: no card is overdrawn. What could
        be taken back returns to the budget, in proportion.

        Why it is safe: the caller holds the residents' standings and the budgets; the
        card is written, so that an order which spends it at the same moment and this
        come one after the other; the key names what is taken back.

        :return: The facts.
        :rtype: groupbuy.invitation.reward
        """
        done = self.search([("revoked_id", "in", self.ids)]).revoked_id
        history, moves, vals_list = [], [], []
        for reward in (self - done).filtered(lambda r: r.kind != "revoked"):
            card = reward.card_id.with_context(
                loyalty_no_mail=True, tracking_disable=True
            )
            taken = max(min(card.points, reward.points), 0.0)
            key = f"revoked/{reward.id}"
            description = self.env._("Taken back: %s", reward.program_id.name)
            if taken and card.program_id.program_type == "loyalty":
                moves.append(
                    {
                        "key": f"invitation/{key}",
                        "kind": "invitation",
                        "card": card,
                        "company": reward.company_id,
                        "points": -taken,
                        "description": description,
                    }
                )
            elif taken:
                card.points -= taken
                history.append(
                    {
                        "card_id": card.id,
                        "description": description,
                        "issued": 0.0,
                        "used": taken,
                    }
                )
            vals_list.append(
                {
                    "key": key,
                    "kind": "revoked",
                    "program_id": reward.program_id.id,
                    "gift_id": reward.gift_id.id,
                    "invitation_id": reward.invitation_id.id,
                    "partner_id": reward.partner_id.id,
                    "company_id": reward.company_id.id,
                    "card_id": card.id,
                    "points": -taken,
                    "cost": -reward.currency_id.round(
                        reward.cost * taken / reward.points
                    ),
                    "revoked_id": reward.id,
                }
            )
        self.env["loyalty.history"].sudo().create(history)
        if moves:
            self.env["groupbuy.points.entry"]._book(moves)
        return self.create(vals_list)
