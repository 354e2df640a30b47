# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command

from .points_common import PointsCommon


class InvitationCommon(PointsCommon):
    """A program of invitations, an inviter, and neighbours in other houses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["groupbuy.invitation.program"].search([]).active = False
        cls.wallet = cls._create_wallet_program()
        cls.free_order = cls.env["loyalty.program"].create(
            {
                "name": "Free order",
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "company_id": cls.company.id,
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "percent",
                            "discount": 100,
                            "discount_max_amount": 30,
                            "discount_applicability": "order",
                        }
                    )
                ],
            }
        )
        # Coupons of 5 for who was invited, 50 points for the inviter; the second
        # invited neighbour brings a free order.
        cls.invitations = cls.env["groupbuy.invitation.program"].create(
            {
                "name": "Invite neighbours",
                "company_id": cls.company.id,
                "gift_ids": [
                    Command.create(
                        {"role": "invited", "loyalty_program_id": cls.coupons.id}
                    ),
                    Command.create(
                        {
                            "role": "inviter",
                            "loyalty_program_id": cls.program.id,
                            "points": 50,
                        }
                    ),
                    Command.create(
                        {
                            "role": "milestone",
                            "threshold": 2,
                            "loyalty_program_id": cls.free_order.id,
                        }
                    ),
                ],
            }
        )
        residents = cls.resident | cls.neighbour | cls.third
        for number, partner in enumerate(residents):
            partner.write(
                {
                    "street2": f"House {number}, flat 101",
                    "phone": f"+86 138 0013 800{number}",
                }
            )

    def _invite(self, partner, inviter=None):
        """Let a resident follow the link of another one."""
        link = self.env["groupbuy.invitation.link"]._get_or_create(
            inviter or self.resident, self.company
        )
        self.env["groupbuy.invitation"]._accept(link, partner)
        return self.env["groupbuy.invitation"].search(
            [("invited_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )

    def _bring_orders(self, *partners, collect=True, quantity=2):
        """Return orders of residents that lie at the point, or were collected."""
        campaign = self._create_campaign()
        orders = self.env["sale.order"].union(
            *(
                self._join(campaign, partner, {campaign.line_ids: quantity})
                for partner in partners
            )
        )
        self._close(campaign)
        self._receive(campaign)
        if collect:
            self._hand_out(orders)
            self._run_jobs()
        return orders

    def _get_rewards(self, partner=None, **values):
        domain = [("program_id", "=", self.invitations.id)]
        if partner:
            domain.append(("partner_id", "=", partner.id))
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["groupbuy.invitation.reward"].search(domain)

    def _get_inviter_points(self):
        """Return what the inviter has got in points for invitations."""
        return sum(self._get_rewards(self.resident, kind="inviter").mapped("points"))
