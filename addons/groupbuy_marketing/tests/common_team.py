# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


class TeamCommon(GroupBuyCommon):
    """A campaign of teams: three seats, 1 person pays 9.00, 3 people pay 7.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fourth = cls._create_residents(1, name="Resident 4")

    @classmethod
    def _create_team_campaign(cls, state="open", **values):
        lines = values.pop("lines", [{"tiers": [(1, 9.0), (3, 7.0)]}])
        return cls._create_campaign(
            state=state,
            **{
                "mode": "team",
                "min_people": 3,
                "team_seats": 3,
                "team_hours": 2,
                "lines": lines,
                **values,
            },
        )

    @classmethod
    def _create_team_cart(cls, campaign, partner, team=None, quantity=1, point=None):
        """Return a resident's cart, filled on the page of a team or of the campaign."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "website_id": cls.website.id,
                "company_id": cls.company.id,
            }
        )
        line = campaign.line_ids[:1]
        order._cart_add(
            line.product_id.id,
            quantity,
            groupbuy_line_id=line.id,
            groupbuy_team=team.share_token if team else None,
        )
        order.carrier_id = cls.carrier
        order._groupbuy_set_point(point or cls.point)
        return order

    @classmethod
    def _join_team(cls, campaign, partner, team=None, **kwargs):
        """Return an order that has joined a team, or started one."""
        state = kwargs.pop("state", "done")
        order = cls._create_team_cart(campaign, partner, team, **kwargs)
        order._check_cart_is_ready_to_be_paid()
        cls._pay(order, state)
        return order

    @classmethod
    def _prepare_team(cls, initiator):
        """Return an open campaign and the order that has started a team in it.

        Made once for all tests of a class, see :meth:`_prepare`.

        :param res.partner initiator: Whose team it is.
        """

        def create():
            campaign = cls._create_team_campaign()
            return campaign, cls._join_team(campaign, initiator)

        return cls._prepare(create)

    def _end(self, *teams):
        """Let the time of teams pass and run the scheduled jobs."""
        for team in teams:
            team.team_ends_at = fields.Datetime.now() - timedelta(minutes=1)
        self._run_teams()
        self._run_jobs()

    def _run_teams(self):
        """Run the scheduled job that ends teams."""
        self.env.flush_all()
        self.env.ref("groupbuy_marketing.ir_cron_end_teams").method_direct_trigger()
        self.env.invalidate_all()

    def _get_refunds(self, order, state="done"):
        """Return the amounts that went back for an order."""
        return [
            -tx.amount
            for tx in order.transaction_ids.child_transaction_ids
            if tx.operation == "refund" and tx.state == state
        ]
