# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.http import request, route

from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.community_groupbuy.utils import parse_id
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.groupbuy_invitation import SESSION_KEY


class InvitationPortal(CustomerPortal):
    """A resident's link, those who came by it, and what it brought."""

    @route(
        ["/i/<string:token>", "/i/<string:token>/<string:slug>"],
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def follow_invitation(self, token, slug=None, **kwargs):
        """Remember by whose link a visitor came, and show the campaigns.

        The token names a resident and opens nothing. Who is signed in is invited at
        once, a visitor at the sign-up, the login or the payment.

        :param str token: The token of the link; only looked up.
        :param str slug: Slug of the campaign that was shared.
        """
        env, website = request.env, request.website
        campaign = env["groupbuy.campaign"]._find_for_website(
            website, parse_id(env["ir.http"]._unslug(slug or "")[1])
        )
        target = campaign.website_url if campaign else "/group-buy"
        link = env["groupbuy.invitation.link"]._find(token, website.company_id)
        if not link:
            put_message(
                env._(
                    "This invitation does not hold any more. Have a look around all"
                    " the same."
                ),
                "warning",
            )
            return request.redirect(target)
        if env.user._is_public():
            request.session[SESSION_KEY] = link.token
            program = env["groupbuy.invitation.program"]._get_running(
                website.company_id
            )
            name = link.partner_id._groupbuy_public_name()
            put_message(
                program._get_welcome_text(name)
                if program
                else env._("%s invites you to the group buy.", name)
            )
            return request.redirect(target)
        invitation, message = env["groupbuy.invitation"]._accept(
            link, env.user.partner_id
        )
        put_message(message, "success" if invitation else "info")
        return request.redirect(target)

    @route(
        ["/my/invitations", "/my/invitations/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_invitations(self, page=1, **kwargs):
        """Show the signed-in resident's link, invited neighbours and gifts.

        :param int page: Page of the list of neighbours, from 1.
        """
        env, website = request.env, request.website
        partner, company = env.user.partner_id, website.company_id
        program = env["groupbuy.invitation.program"]._get_running(company)
        # Elevated: residents have no rights on invitations; only their own are read,
        # and of the invited ones a first name with an initial is shown.
        invitations = env["groupbuy.invitation"].sudo()
        domain = [("inviter_id", "=", partner.id), ("company_id", "=", company.id)]
        pager = portal_pager(
            url="/my/invitations",
            total=invitations.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        shown = invitations.search(
            domain, limit=self._items_per_page, offset=pager["offset"]
        )
        link = env["groupbuy.invitation.link"]._get_or_create(partner, company)
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "invitations",
                "flash": take_message(),
                "program": program,
                "used_up": bool(program) and program._is_used_up(),
                "share": link._get_share_values(website),
                "terms": self._get_terms(program, partner),
                "rows": [
                    {
                        "name": invitation.invited_id._groupbuy_get_masked_name(),
                        "date": invitation.invited_at,
                        "label": invitation._get_label(),
                        "text": invitation._get_text(),
                    }
                    for invitation in shown
                ],
                "rewards": self._get_rewards(partner, company),
                "pager": pager,
            }
        )
        return request.render("groupbuy_marketing.portal_my_invitations", values)

    def _get_terms(self, program, partner):
        """Return what a program gives, and how far the resident has come.

        :return: invited and inviter (texts), steps (list of dicts), count, notes.
        :rtype: dict
        """
        env = request.env
        if not program:
            return {}
        count = (
            env["groupbuy.invitation"]
            .sudo()
            .search_count(
                [
                    ("program_id", "=", program.id),
                    ("inviter_id", "=", partner.id),
                    ("state", "=", "rewarded"),
                ]
            )
        )
        notes = []
        if program.min_amount:
            notes.append(
                env._(
                    "The first order has to cost at least %s.",
                    program.currency_id.format(program.min_amount),
                )
            )
        if program.order_within_days:
            notes.append(
                env._(
                    "It has to be placed within %s days after the invitation.",
                    program.order_within_days,
                )
            )
        if program.wait_days:
            notes.append(
                env._(
                    "The gifts follow %s days after the collection.", program.wait_days
                )
            )
        return {
            "invited": [gift._describe() for gift in program._get_gifts("invited")],
            "inviter": [gift._describe() for gift in program._get_gifts("inviter")],
            "steps": [
                {
                    "threshold": gift.threshold,
                    "text": gift._describe(),
                    "reached": count >= gift.threshold,
                    "missing": env._("%s more", gift.threshold - count),
                }
                for gift in program._get_gifts("milestone").sorted("threshold")
            ],
            "count": count,
            "notes": notes,
        }

    def _get_rewards(self, partner, company):
        """Return what a resident has got for invitations, the latest first.

        :rtype: list[dict]
        """
        rewards = (
            request.env["groupbuy.invitation.reward"]
            .sudo()
            .search(
                [("partner_id", "=", partner.id), ("company_id", "=", company.id)],
                limit=50,
            )
        )
        return [
            {
                "date": reward.create_date,
                "text": reward._get_text(),
                "reason": reward._get_reason_text(),
                "taken": reward.kind == "revoked",
                "code": (
                    reward.card_id.code
                    if reward.card_id.program_type == "coupons"
                    and reward.card_id.points > 0
                    else ""
                ),
                "until": reward.card_id.expiration_date,
            }
            for reward in rewards
        ]

    @route(
        "/my/invitations/qr.svg",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def portal_invitation_qr(self, **kwargs):
        """Return the QR code of the signed-in resident's link as a picture."""
        website = request.website
        link = request.env["groupbuy.invitation.link"]._get_or_create(
            request.env.user.partner_id, website.company_id
        )
        return request.make_response(
            link._render_code(website),
            headers=[
                ("Content-Type", "image/svg+xml"),
                ("Cache-Control", "private, max-age=3600"),
            ],
        )
