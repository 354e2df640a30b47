# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from odoo.addons.community_groupbuy.const import PRIVILEGE


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # === THE QUEUE === #

    def _groupbuy_claim(self, campaign_line, quantity):
        """Override of `community_groupbuy` to let through only whose turn it is.

        On the model and not in a controller: whatever route or method puts a flash
        sale's product into a cart passes here.
        """
        if problem := self._flash_check_turn(campaign_line):
            return problem
        return super()._groupbuy_claim(campaign_line, quantity)

    def _groupbuy_claim_for_payment(self, line):
        """Override of `community_groupbuy`: a cart whose hold expired gets in line.

        Else it would overtake those who wait for what it has let go.
        """
        if problem := self._flash_check_turn(line.groupbuy_line_id):
            return problem
        return super()._groupbuy_claim_for_payment(line)

    def _flash_check_turn(self, campaign_line):
        """Check that this cart may claim a product of a flash sale.

        :param groupbuy.campaign.line campaign_line: A product of this cart's campaign.
        :return: A sentence, or an empty string when it may.
        :rtype: str
        """
        self.ensure_one()
        if not campaign_line._flash_has_queue():
            return ""
        # Elevated: nobody has rights on holds and tickets; both are looked up for
        # this cart and its owner only.
        living = self.env["groupbuy.hold"].sudo()._get_living(self)
        if campaign_line.id in living:
            return ""
        campaign = campaign_line.campaign_id.with_context(groupbuy_flash_grace=False)
        if not campaign._is_joinable():
            return self._groupbuy_not_joinable_message(campaign)
        tickets = self.env["groupbuy.flash.ticket"].sudo()
        resident = self._groupbuy_get_resident()
        visitor_key = tickets._get_request_visitor()
        if (resident or visitor_key) and tickets._bind(
            campaign_line, self.id, resident and resident.id, visitor_key
        ):
            return ""
        return self.env._(
            "It is not your turn for %s. Get in line on the page of the flash sale: you"
            " are let through in the order of your place.",
            campaign_line.name,
        )

    def _groupbuy_leave(self):
        """Override of `community_groupbuy` to let the ticket go to another cart."""
        result = super()._groupbuy_leave()
        # Elevated as above.
        self.env["groupbuy.flash.ticket"].sudo()._unbind(self.id)
        return result

    def _groupbuy_on_joined(self):
        """Override of `community_groupbuy` to note what the ticket was good for."""
        result = super()._groupbuy_on_joined()
        if self.groupbuy_campaign_id.mode == "flash":
            # Elevated as above.
            self.env["groupbuy.flash.ticket"].sudo()._mark_bought(self)
        return result

    # === PAYING AFTER THE END === #

    def _verify_cart(self):
        """Override of `community_groupbuy` to keep a cart that may still be paid."""
        return super(SaleOrder, self._flash_with_grace())._verify_cart()

    def _groupbuy_check_payable(self):
        """Override of `community_groupbuy` to take payments of carts that were in time.

        What was taken before the end of a flash sale is held for its minutes, and can
        be paid in them. Nothing new can be taken.
        """
        return super(SaleOrder, self._flash_with_grace())._groupbuy_check_payable()

    def _flash_with_grace(self):
        """Return this cart in a context that says it was in time, if it was."""
        if len(self) != 1 or not self._flash_is_in_time():
            return self
        return self.with_context(groupbuy_flash_grace=PRIVILEGE)

    def _flash_is_in_time(self):
        """Return whether a flash sale has ended and this cart still holds all of it.

        :rtype: bool
        """
        self.ensure_one()
        campaign = self.groupbuy_campaign_id
        if (
            campaign.mode != "flash"
            or self.groupbuy_state != "cart"
            or fields.Datetime.now() < campaign.close_at
        ):
            return False
        lines = self.order_line.groupbuy_line_id
        # Elevated as above.
        living = self.env["groupbuy.hold"].sudo()._get_living(self)
        return bool(lines) and set(lines.ids) <= living.keys()

    def _groupbuy_lock_campaign(self):
        """Override of `community_groupbuy` to register payments that were in time."""
        # Before the row is read: a sale that opened by its time alone.
        campaign = self.groupbuy_campaign_id
        if campaign.mode == "flash" and campaign.state == "scheduled":
            # Elevated: opening writes the state, of a campaign whose time has come.
            campaign.sudo()._flash_open_if_due(campaign.id)
        state, close_at = super()._groupbuy_lock_campaign()
        if self._flash_is_in_time():
            close_at += campaign._flash_get_grace()
        return state, close_at
