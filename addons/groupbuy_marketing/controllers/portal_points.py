# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re
import uuid

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route
from odoo.tools import formatLang

from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.community_groupbuy.utils import parse_id
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

REQUEST_KEY = re.compile(r"[0-9a-f]{32}")


class PointsPortal(CustomerPortal):
    """A resident's level, membership, points and coupons."""

    @route(
        ["/my/rewards", "/my/rewards/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_rewards(self, page=1, **kwargs):
        """Show the signed-in resident's own points, level and membership.

        :param int page: Page of the history, from 1.
        """
        partner = request.env.user.partner_id
        company = request.website.company_id
        standing = partner._groupbuy_get_standing(company)
        # Elevated: residents have no rights on these models; only their own is read.
        entries = request.env["groupbuy.points.entry"].sudo()
        domain = [("partner_id", "=", partner.id), ("kind", "!=", "reminder")]
        pager = portal_pager(
            url="/my/rewards",
            total=entries.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        memberships = (
            request.env["groupbuy.membership"]
            .sudo()
            .search(
                [("partner_id", "=", partner.id), ("company_id", "=", company.id)],
                limit=5,
            )
        )
        values = self._prepare_portal_layout_values()
        values.update(self._get_level_values(standing, company))
        values.update(
            {
                "page_name": "rewards",
                "points_flash": take_message(),
                "request_key": uuid.uuid4().hex,
                "standing": standing,
                "memberships": memberships,
                "member_text": self._get_member_text(standing),
                "offers": request.env["product.template"]
                .sudo()
                .search(
                    [
                        ("groupbuy_membership_days", ">", 0),
                        ("is_published", "=", True),
                        ("sale_ok", "=", True),
                        ("company_id", "in", (False, company.id)),
                        ("website_id", "in", (False, request.website.id)),
                    ],
                    limit=3,
                ),
                "cards": self._get_card_values(partner, company),
                "coupons": self._get_coupons(partner, company),
                "entries": entries.search(
                    domain, limit=self._items_per_page, offset=pager["offset"]
                ),
                "pager": pager,
            }
        )
        return request.render("groupbuy_marketing.portal_my_points", values)

    def _get_level_values(self, standing, company):
        """Return the sentences about a resident's level."""
        env = request.env
        level = standing.level_id
        following = env["groupbuy.level"].sudo()._get_next(level, company)
        currency = company.currency_id
        next_text = ""
        if following:
            next_text = env._(
                "%(level)s: from %(amount)s and %(orders)s orders in twelve months on.",
                level=following.name,
                amount=currency.format(following.min_amount),
                orders=following.min_orders,
            )
        benefits = []
        if level.early_hours:
            benefits.append(
                env._(
                    "Join campaigns with early access up to %s hours before others",
                    formatLang(env, level.early_hours, digits=0),
                )
            )
        if level.is_priority:
            benefits.append(env._("Served first"))
        benefits += level.program_ids.filtered("active").mapped("name")
        return {
            "no_level_text": env._("No level yet"),
            "figures_text": env._(
                "%(amount)s in %(orders)s orders of the last twelve months",
                amount=currency.format(standing.amount),
                orders=standing.orders,
            ),
            "next_text": next_text,
            "benefits": benefits,
        }

    def _get_member_text(self, standing):
        """Return how a resident stands as a member, as a sentence."""
        until = standing.member_until
        if not until:
            return request.env._("You are not a member yet.")
        shown = request.env["ir.qweb.field.date"].value_to_html(until, {})
        if until < fields.Date.context_today(standing):
            return request.env._("Your membership ended on %s.", shown)
        return request.env._("You are a member until %s.", shown)

    def _get_card_values(self, partner, company):
        """Return what the page shows of a resident's cards with points.

        :rtype: list[dict]
        """
        env = request.env
        cards = (
            env["loyalty.card"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", partner.id),
                    ("program_id.program_type", "=", "loyalty"),
                    ("program_id.active", "=", True),
                    ("program_id.company_id", "in", (False, company.id)),
                ],
                order="id",
            )
        )
        values = []
        for card in cards:
            program = card.program_id
            rewards = program.reward_ids.filtered(
                lambda reward: reward.reward_type == "groupbuy_coupon" and reward.active
            )
            expiring = program._groupbuy_get_card_notice(card)
            values.append(
                {
                    "program": program,
                    "balance": card._format_points(card.points),
                    "expiring": expiring,
                    "rewards": [
                        {
                            "id": reward.id,
                            "name": reward.description,
                            "cost": card._format_points(reward.required_points),
                            "enough": card.points >= reward.required_points,
                            "missing": env._(
                                "%s more",
                                card._format_points(
                                    reward.required_points - card.points
                                ),
                            ),
                        }
                        for reward in rewards
                    ],
                }
            )
        return values

    def _get_coupons(self, partner, company):
        """Return a resident's coupons that can still be used."""
        return (
            request.env["loyalty.card"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", partner.id),
                    ("program_id.program_type", "=", "coupons"),
                    ("program_id.active", "=", True),
                    ("program_id.company_id", "in", (False, company.id)),
                    ("points", ">", 0),
                    "|",
                    ("expiration_date", "=", False),
                    ("expiration_date", ">=", fields.Date.today()),
                ],
                limit=50,
            )
        )

    @route(
        "/my/rewards/exchange",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_exchange_points(self, reward_id=None, request_key=None, **kwargs):
        """Exchange the resident's points for a coupon.

        :param reward_id: The reward that the browser named; only looked up.
        :param request_key: Made by the page, so that a repetition changes nothing.
        """
        env = request.env
        reward = env["loyalty.reward"].sudo().browse(parse_id(reward_id) or []).exists()
        try:
            if not reward or not REQUEST_KEY.fullmatch(str(request_key or "")):
                raise UserError(env._("This reward does not exist any more."))
            coupon = reward._groupbuy_exchange(
                env.user.partner_id, request.website.company_id, request_key
            )
            put_message(
                env._("Here is your coupon: %s. Type it in your cart.", coupon.code)
            )
        except UserError as error:
            put_message(error, "warning")
        return request.redirect("/my/rewards")
