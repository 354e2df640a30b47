# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.portal.controllers.portal import CustomerPortal

# Codes that one user at a counter may try in a minute: enough for a queue, too few to
# guess one.
TRIES_PER_MINUTE = 30
REDEMPTIONS_SHOWN = 20


class MerchantPortal(CustomerPortal):
    """The counter of a local merchant: scan a coupon, redeem it, see what was."""

    def _get_merchant(self):
        """Return the signed-in user's contact if coupons are redeemed there.

        :return: The contact, or an empty record.
        :rtype: res.partner
        """
        partner = request.env.user.partner_id
        programs = request.env["loyalty.program"]
        if programs._groupbuy_get_merchant_programs(partner):
            return partner
        return partner.browse()

    @route("/my/merchant", type="http", auth="user", website=True, sitemap=False)
    def portal_merchant(self, **kwargs):
        """Show the counter: the form for a code and what was redeemed."""
        merchant = self._get_merchant()
        if not merchant:
            raise request.not_found()
        return self._render_counter(merchant, flash=take_message())

    @route(
        "/my/merchant/check",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def portal_merchant_check(self, code="", **kwargs):
        """Show what a coupon is for, before it is redeemed.

        :param code: What was scanned or typed; only looked up.
        """
        merchant = self._get_merchant()
        if not merchant:
            raise request.not_found()
        card, flash = None, None
        try:
            self._check_tries()
            card = request.env["groupbuy.coupon.redemption"]._find_card(code, merchant)
        except UserError as error:
            flash = {"kind": "warning", "message": str(error)}
        return self._render_counter(merchant, card=card, flash=flash)

    @route(
        "/my/merchant/redeem",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def portal_merchant_redeem(self, code="", **kwargs):
        """Redeem a coupon, once.

        :param code: What was scanned or typed; only looked up.
        """
        merchant = self._get_merchant()
        if not merchant:
            raise request.not_found()
        try:
            self._check_tries()
            done = request.env["groupbuy.coupon.redemption"]._redeem(code, merchant)
            put_message(
                request.env._(
                    "Redeemed. Please hand out: %s.",
                    done.program_id.groupbuy_gift or done.program_id.name,
                )
            )
        except UserError as error:
            put_message(error, "warning")
        return request.redirect("/my/merchant")

    def _check_tries(self):
        """Count a try of the signed-in user.

        :raise UserError: If there were too many in this minute.
        """
        # Elevated: nobody has rights on counters; the key is the user's own.
        rates = request.env["groupbuy.flash.rate"].sudo()
        if not rates._count({f"merchant/{request.env.uid}": TRIES_PER_MINUTE}):
            raise UserError(
                request.env._("Too many codes in a minute. Please wait a little.")
            )

    def _render_counter(self, merchant, card=None, flash=None):
        """Render the page of the counter.

        :param res.partner merchant: The user's contact.
        :param loyalty.card card: A coupon that can be redeemed.
        :param dict flash: A message: kind, message.
        """
        programs = request.env["loyalty.program"]._groupbuy_get_merchant_programs(
            merchant
        )
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "merchant",
                "merchant": merchant.sudo().commercial_partner_id,
                "programs": programs,
                "card": card,
                "owner_text": self._mask(card.partner_id.name) if card else "",
                "merchant_flash": flash,
                # Elevated: merchants have no rights on redemptions; these are theirs.
                "redemptions": request.env["groupbuy.coupon.redemption"]
                .sudo()
                .search(
                    Domain("program_id", "in", programs.ids), limit=REDEMPTIONS_SHOWN
                ),
            }
        )
        response = request.render("groupbuy_marketing.portal_merchant", values)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _mask(self, name):
        """Return as much of a name as a merchant needs to greet somebody.

        :param str name: A resident's name; may be empty.
        :rtype: str
        """
        return f"{name[0]}…" if name else ""
