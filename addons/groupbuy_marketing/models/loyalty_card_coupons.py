# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64

import qrcode
from qrcode.image.svg import SvgPathImage

from odoo import fields, models


class LoyaltyCard(models.Model):
    """What a resident sees of a coupon, and shows at a merchant's counter."""

    _inherit = "loyalty.card"

    def _groupbuy_get_qr(self):
        """Return the code as a picture for the page of the coupon.

        The picture holds the code alone, no address: it is of use at the counter of
        the signed-in merchant only.

        :return: An SVG picture as a data URI.
        :rtype: str
        """
        self.ensure_one()
        picture = qrcode.make(
            self.code, image_factory=SvgPathImage, border=2
        ).to_string()
        return "data:image/svg+xml;base64," + base64.b64encode(picture).decode()

    def _groupbuy_get_own(self, partner, company):
        """Return a resident's coupons, those that can be used first.

        :param res.partner partner: The resident.
        :param res.company company: The company of the website.
        :rtype: loyalty.card
        """
        # Elevated: residents have no rights on cards; only their own are read.
        return self.sudo().search(
            [
                ("partner_id", "=", partner.id),
                ("program_id.program_type", "in", ("coupons", "next_order_coupons")),
                ("program_id.active", "=", True),
                ("program_id.company_id", "in", (False, company.id)),
            ],
            order="points desc, expiration_date, id desc",
            limit=50,
        )

    def _groupbuy_get_state(self):
        """Return how a coupon stands.

        :return: "open", "used" or "expired".
        :rtype: str
        """
        self.ensure_one()
        if self.points <= 0:
            return "used"
        today = fields.Date.context_today(self)
        if self.expiration_date and self.expiration_date < today:
            return "expired"
        return "open"

    def _groupbuy_prolong(self):
        """Let coupons that were given back be used for some days, expired or not."""
        for program, cards in self.sudo().grouped("program_id").items():
            if not program.groupbuy_return_days:
                continue
            day = fields.Date.add(
                fields.Date.context_today(program), days=program.groupbuy_return_days
            )
            short = cards.filtered(
                lambda card, day=day: (
                    card.expiration_date and card.expiration_date < day
                )
            )
            if short:
                short.expiration_date = day

    def _groupbuy_tell_owners(self):
        """Queue a mail to the owners of new coupons, in one go for each program.

        Coupons of a merchant have a mail of their own; others the one that their
        program sends at creation.
        """
        for program, cards in self.grouped("program_id").items():
            reachable = cards.filtered("partner_id.email")
            if not reachable:
                continue
            layout = "mail.mail_notification_light"
            if program.groupbuy_merchant_id:
                # The layout would show the name of the record, which is the code.
                layout = False
                templates = self.env.ref(
                    "groupbuy_marketing.mail_template_merchant_coupon",
                    raise_if_not_found=False,
                )
            else:
                templates = program.communication_plan_ids.filtered(
                    lambda plan: plan.trigger == "create"
                ).mail_template_id
            for template in templates or ():
                template.send_mail_batch(reachable.ids, email_layout_xmlid=layout)
