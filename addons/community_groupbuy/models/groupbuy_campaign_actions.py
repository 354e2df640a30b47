# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.fields import Domain

# What passes by itself as a campaign goes on is no difference to look at.
PASSING_CAUSES = ("none", "in_work", "not_captured", "not_invoiced", "refund_waiting")


class GroupBuyCampaign(models.Model):
    """What the buttons of the campaign form open: nothing here changes data."""

    _inherit = "groupbuy.campaign"

    reconciliation_difference_count = fields.Integer(
        string="Differences",
        compute="_compute_reconciliation_difference_count",
        help="Orders of which the money or the goods do not agree, beside what passes"
        " by itself.",
    )

    # === COMPUTE METHODS === #

    def _compute_reconciliation_difference_count(self):
        """Count the orders with something to explain, one query for all campaigns."""
        counts = dict(
            self.env["groupbuy.reconciliation"]._read_group(
                [
                    ("campaign_id", "in", self.ids),
                    ("cause", "not in", PASSING_CAUSES),
                ],
                ["campaign_id"],
                ["__count"],
            )
        )
        for campaign in self:
            campaign.reconciliation_difference_count = counts.get(campaign, 0)

    # === ACTION METHODS === #

    def _get_window_action(self, xmlid, domain, context=None, **values):
        """Return the stored action `xmlid` narrowed to these campaigns.

        :param str xmlid: the complete external id of an `ir.actions.act_window`
        :param domain: the domain of the records to show
        :param dict context: the default values and filters to start with
        :param values: other keys of the action
        :return: an action dictionary
        :rtype: dict
        """
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = list(Domain(domain))
        action["context"] = context or {}
        action.update(values)
        return action

    def action_view_orders(self):
        """Open the group orders of these campaigns.

        :return: an action dictionary
        :rtype: dict
        """
        return self._get_window_action(
            "community_groupbuy.sale_order_action",
            [
                ("groupbuy_campaign_id", "in", self.ids),
                ("groupbuy_state", "!=", "cart"),
            ],
            {"create": False},
        )

    def action_view_jobs(self):
        """Open the jobs of these campaigns, the unfinished ones first.

        :return: an action dictionary
        :rtype: dict
        """
        context = {"create": False}
        if any(c.job_pending_count or c.job_failed_count for c in self):
            context["search_default_open"] = 1
        return self._get_window_action(
            "community_groupbuy.groupbuy_job_action",
            [("campaign_id", "in", self.ids)],
            context,
        )

    def action_view_purchases(self):
        """Open the purchase orders that buy for these campaigns.

        :return: an action dictionary
        :rtype: dict
        """
        return self._get_window_action(
            "community_groupbuy.purchase_order_action",
            [("groupbuy_campaign_id", "in", self.ids)],
            {"create": False},
        )

    def action_view_pickings(self):
        """Open the transfers to the pickup points and to the residents.

        :return: an action dictionary
        :rtype: dict
        """
        return self._get_window_action(
            "community_groupbuy.stock_picking_action",
            [("groupbuy_campaign_id", "in", self.ids)],
            {"create": False, "search_default_groupbuy_group_role": 1},
        )

    def action_view_groups(self):
        """Open the groups of these campaigns.

        :return: an action dictionary
        :rtype: dict
        """
        return self._get_window_action(
            "community_groupbuy.groupbuy_group_action",
            [("campaign_id", "in", self.ids)],
            {"create": False},
        )

    def action_view_waitlist(self):
        """Open the waitlist of these campaigns.

        :return: an action dictionary
        :rtype: dict
        """
        return self._get_window_action(
            "community_groupbuy.groupbuy_waitlist_action",
            [("campaign_id", "in", self.ids)],
            {"create": False},
        )

    def action_view_lines(self):
        """Open the lines of this campaign in a list of their own, which pages.

        :return: an action dictionary
        :rtype: dict
        """
        return self._get_window_action(
            "community_groupbuy.groupbuy_campaign_line_action",
            [("campaign_id", "in", self.ids)],
            {"default_campaign_id": self.id if len(self) == 1 else False},
        )

    def action_view_reconciliation(self):
        """Open the money and goods of each order of these campaigns.

        :return: an action dictionary
        :rtype: dict
        """
        return self._get_window_action(
            "community_groupbuy.groupbuy_reconciliation_action",
            [("campaign_id", "in", self.ids)],
            {"search_default_different": bool(self.reconciliation_difference_count)}
            if len(self) == 1
            else {},
        )

    def action_print_papers(self):
        """Ask which paper of this campaign to print, and in which format.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print Papers"),
            "res_model": "groupbuy.paper.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_campaign_id": self.id},
        }

    def action_import_lines(self):
        """Open the wizard that reads lines from a spreadsheet.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Lines"),
            "res_model": "groupbuy.line.import",
            "view_mode": "form",
            "target": "new",
            "context": {"default_campaign_id": self.id},
        }

    def action_edit_with_reason(self):
        """Open the wizard that changes a running campaign and says why.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Edit a Running Campaign"),
            "res_model": "groupbuy.campaign.edit",
            "view_mode": "form",
            "target": "new",
            "context": {"default_campaign_id": self.id},
        }
