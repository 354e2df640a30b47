# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command

from .points_common import PointsCommon


class InvitationCommon(PointsCommon):
    """A program of invitations, an inviter, and neighbours in other houses."""

    # Whether the resident has invited both neighbours, and the orders that they placed
    # then lie at the point when a test begins.
    starts_with_invited = False

    # Resident → the order that was prepared.
    prepared_orders = {}  # noqa: RUF012

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
        if cls.starts_with_invited:
            orders = cls._prepare(
                lambda: cls._create_invited_orders(cls.neighbour, cls.third)
            )
            cls.prepared_orders = orders.grouped("partner_id")

    @classmethod
    def _create_invited_orders(cls, *partners):
        """Return orders at the point of neighbours that the resident has invited."""
        for partner in partners:
            cls._invite(partner)
        return cls._create_orders(*partners)

    @classmethod
    def _invite(cls, partner, inviter=None):
        """Let a resident follow the link of another one, and return what came of it.

        An invitation that is there already stays as it is.
        """
        link = cls.env["groupbuy.invitation.link"]._get_or_create(
            inviter or cls.resident, cls.company
        )
        cls.env["groupbuy.invitation"]._accept(link, partner)
        return cls.env["groupbuy.invitation"].search(
            [("invited_id", "=", partner.id), ("company_id", "=", cls.company.id)]
        )

    @classmethod
    def _create_orders(cls, *partners, quantity=2):
        """Return orders of residents that lie at the point."""
        campaign = cls._create_campaign()
        orders = cls.env["sale.order"].union(
            *(
                cls._join(campaign, partner, {campaign.line_ids: quantity})
                for partner in partners
            )
        )
        cls._close(campaign)
        cls._receive(campaign)
        return orders

    def _bring_orders(self, *partners, collect=True, quantity=2):
        """Return orders of residents that lie at the point, or were collected."""
        prepared = dict(self.prepared_orders)
        if quantity == 2 and prepared.keys() >= set(partners):
            orders = self.env["sale.order"].union(
                *(prepared.pop(partner) for partner in partners)
            )
            # Each is the first order of its resident once only.
            self.prepared_orders = prepared
        else:
            orders = self._create_orders(*partners, quantity=quantity)
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
