# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.exceptions import UserError


class GroupBuyCampaign(models.Model):
    _inherit = "groupbuy.campaign"

    leader_tier_ids = fields.Many2many(
        comodel_name="groupbuy.leader.tier",
        string="Leader Tiers",
        check_company=True,
        help="Only points whose leader is of these tiers take part; empty means all.",
    )

    def _check_ready(self):
        """Override of `community_groupbuy` to leave out points that cannot take part.

        :raise UserError: With everything that is missing, in one message.
        """
        problems = self._get_leader_problems()
        try:
            result = super()._check_ready()
        except UserError as error:
            raise UserError("\n".join([str(error), *problems])) from error
        if problems:
            raise UserError("\n".join(problems))
        return result

    def _get_leader_problems(self):
        """Return which points cannot take part because of their leaders.

        :return: A sentence for each.
        :rtype: list[str]
        """
        self.ensure_one()
        leaders = self.pickup_point_ids.sudo().leader_id
        problems = leaders._get_pause_text()
        if problems:
            idle = leaders.filtered(lambda lead: lead.state in ("paused", "exiting"))
            points = self.pickup_point_ids.filtered(
                lambda point: point.sudo().leader_id in idle
            )
            problems.append(
                self.env._(
                    "Take these pickup points out of the campaign: %s.",
                    ", ".join(points.mapped("name")),
                )
            )
        tiers = self.leader_tier_ids
        if tiers and self.pickup_point_ids:
            fitting = self.pickup_point_ids.filtered(
                lambda point: point.sudo().leader_id.tier_id in tiers
            )
            if not fitting:
                problems.append(
                    self.env._(
                        "No pickup point has a leader of these tiers: %s.",
                        ", ".join(tiers.mapped("name")),
                    )
                )
        return problems
