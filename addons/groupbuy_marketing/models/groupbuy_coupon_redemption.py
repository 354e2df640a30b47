# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, format_datetime


class GroupBuyCouponRedemption(models.Model):
    """That a merchant gave something for a coupon: a fact, written once."""

    _name = "groupbuy.coupon.redemption"
    _description = "Redeemed Coupon"
    _order = "id desc"
    _rec_name = "program_id"

    card_id = fields.Many2one(
        comodel_name="loyalty.card",
        string="Coupon",
        required=True,
        readonly=True,
        ondelete="restrict",
        groups="community_groupbuy.group_groupbuy_manager",
    )
    program_id = fields.Many2one(
        comodel_name="loyalty.program",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    merchant_id = fields.Many2one(
        comodel_name="res.partner",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    redeemed_by = fields.Many2one(
        comodel_name="res.users", required=True, readonly=True, ondelete="restrict"
    )
    redeemed_at = fields.Datetime(required=True, readonly=True, index=True)

    _card_uniq = models.UniqueIndex(
        "(card_id)", "This coupon has been redeemed already."
    )

    def write(self, vals):
        if vals:
            raise UserError(self.env._("Redemptions cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_redeemed(self):
        raise UserError(self.env._("Redemptions cannot be deleted."))

    @api.model
    def _find_card(self, code, merchant):
        """Return the coupon that a merchant may redeem now.

        :param code: What was scanned or typed: anything.
        :param res.partner merchant: The contact of the user at the counter.
        :return: The coupon, elevated: the merchant has no rights on it.
        :rtype: loyalty.card
        :raise UserError: If it is none of the merchant's, or cannot be redeemed.
        """
        programs = self.env["loyalty.program"]._groupbuy_get_merchant_programs(merchant)
        code = code.strip() if isinstance(code, str) else ""
        card = (
            self.env["loyalty.card"]
            # Elevated: only coupons of the merchant's own programs are looked for.
            .sudo()
            .with_context(active_test=False)
            .search([("code", "=", code), ("program_id", "in", programs.ids)], limit=1)
            if code and len(code) <= 64 and programs
            else self.env["loyalty.card"].sudo()
        )
        if not card:
            raise UserError(
                self.env._(
                    "This is no coupon of yours. Check the code, or ask the resident to"
                    " open the page of the coupon."
                )
            )
        if done := self.sudo().search([("card_id", "=", card.id)], limit=1):
            raise UserError(
                self.env._(
                    "This coupon was redeemed on %(moment)s by %(user)s. Give nothing"
                    " for it again.",
                    moment=format_datetime(self.env, done.redeemed_at),
                    user=done.redeemed_by.name,
                )
            )
        if not card.active or not card.program_id.active:
            raise UserError(
                self.env._(
                    "This coupon was withdrawn: the order that it was given for has"
                    " been cancelled, or the offer has ended."
                )
            )
        today = fields.Date.context_today(self)
        if card.expiration_date and card.expiration_date < today:
            raise UserError(
                self.env._(
                    "This coupon could be redeemed until %s.",
                    format_date(self.env, card.expiration_date),
                )
            )
        if card.points <= 0:
            raise UserError(self.env._("This coupon has been used up."))
        return card

    @api.model
    def _redeem(self, code, merchant):
        """Redeem a coupon at its merchant's counter, once.

        Why it is safe: the fact has a unique key on the coupon. Of two counters that
        scan it at the same moment the second waits for the first and then fails to
        serialise, is repeated, and finds it redeemed. Fact, balance and history are
        written together.

        :param code: What was scanned or typed: anything; only looked up.
        :param res.partner merchant: The contact of the signed-in user.
        :return: The fact.
        :rtype: groupbuy.coupon.redemption
        :raise UserError: If it cannot be redeemed, or has been already.
        """
        card = self._find_card(code, merchant)
        # Waits for whoever withdraws or redeems it right now; changed since this
        # transaction began, it fails to serialise and the request is repeated.
        self.env.cr.execute(
            SQL("SELECT 1 FROM loyalty_card WHERE id = %s FOR UPDATE", card.id)
        )
        program = card.program_id
        issue = (
            self.env["groupbuy.coupon.issue"]
            # Elevated: as above.
            .sudo()
            .search([("card_id", "=", card.id)], limit=1)
        )
        company = issue.company_id or program.company_id or self.env.company
        used = card.points
        redemption = self.sudo().create(
            {
                "card_id": card.id,
                "program_id": program.id,
                "merchant_id": program.groupbuy_merchant_id.id,
                "partner_id": card.partner_id.id,
                "company_id": company.id,
                "redeemed_by": self.env.uid,
                "redeemed_at": fields.Datetime.now(),
            }
        )
        card.with_context(tracking_disable=True, loyalty_no_mail=True).points = 0.0
        self.env["loyalty.history"].sudo().create(
            {
                "card_id": card.id,
                "description": self.env._(
                    "Redeemed at %s", program.groupbuy_merchant_id.name
                ),
                "issued": 0.0,
                "used": used,
            }
        )
        return redemption
