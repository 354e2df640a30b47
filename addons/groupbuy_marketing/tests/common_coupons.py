# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


class CouponCommon(GroupBuyCommon):
    """Programs of coupons, codes and promotions, and how residents use them."""

    @classmethod
    def _create_program(cls, reward=None, rule=None, **values):
        """Return a program of coupons, ten percent off by default."""
        return cls.env["loyalty.program"].create(
            {
                "name": "Ten percent",
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "company_id": cls.company.id,
                "communication_plan_ids": [Command.clear()],
                "rule_ids": [
                    Command.clear(),
                    Command.create({"minimum_amount": 0, **(rule or {})}),
                ],
                "reward_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 10,
                            "discount_mode": "percent",
                            "discount_applicability": "order",
                            "required_points": 1,
                            **(reward or {}),
                        }
                    ),
                ],
                **values,
            }
        )

    @classmethod
    def _create_promotion(cls, amount, minimum, **values):
        """Return a promotion that takes an amount off from a minimum on."""
        return cls._create_program(
            {"discount": amount, "discount_mode": "per_order"},
            {"minimum_amount": minimum, "reward_point_amount": 1},
            **{
                "name": f"{amount} off {minimum}",
                "program_type": "promotion",
                "trigger": "auto",
                **values,
            },
        )

    @classmethod
    def _create_code(cls, code, **values):
        """Return a program with one code for all, ten percent off."""
        return cls._create_program(
            rule={"mode": "with_code", "code": code, "reward_point_amount": 1},
            **{"name": code, "program_type": "promo_code", **values},
        )

    @classmethod
    def _create_merchant_program(cls, **values):
        """Return a program of coupons for a coffee at the merchant's."""
        return cls._create_program(
            **{
                "name": "Coffee",
                "groupbuy_merchant_id": cls.merchant.id,
                "groupbuy_gift": "A coffee",
                **values,
            }
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Only what a test makes applies to its carts.
        cls.env["loyalty.program"].search([]).active = False
        cls.merchant = cls.env["res.partner"].create(
            {"name": "Corner Café", "is_company": True}
        )

    def _create_card(self, program, partner=None, points=1):
        return self.env["loyalty.card"].create(
            {
                "program_id": program.id,
                "partner_id": partner.id if partner else False,
                "points": points,
            }
        )

    def _apply(self, order, code):
        """Type a code into a cart as the shop's page does; return what was said."""
        status = order._try_apply_code(code)
        if "error" in status:
            return status["error"]
        for coupon, rewards in status.items():
            answer = order._apply_program_reward(rewards[:1], coupon)
            if "error" in answer:
                return answer["error"]
        order._update_programs_and_rewards()
        return ""

    def _join_with(self, campaign, code, partner=None, quantities=None):
        """Return an order that has joined with a code."""
        order = self._create_cart(campaign, partner, quantities)
        self.assertFalse(self._apply(order, code))
        order._check_cart_is_ready_to_be_paid()
        self._pay(order)
        return order
