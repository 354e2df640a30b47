# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _groupbuy_on_handed_out(self):
        """Override of `community_groupbuy` to count who collects on time."""
        result = super()._groupbuy_on_handed_out()
        self._groupbuy_count_on_time()
        return result

    def _action_done(self):
        """Override of `stock`: a collection that was undone was none."""
        result = super()._action_done()
        self._groupbuy_uncount_on_time()
        return result

    def _groupbuy_uncount_on_time(self):
        """Take back what was counted for collections that these transfers undo.

        A transfer that was undone, and not only returned, is none to a resident any
        more: its goods wait at the point again.
        """
        undone = (
            self.filtered(lambda picking: picking.state == "done")
            # Elevated: whoever undoes need not see the transfers of other points.
            .sudo()
            .move_ids.origin_returned_move_id.picking_id.filtered(
                lambda picking: (
                    picking.groupbuy_campaign_id
                    and picking.groupbuy_role not in (False, "to_point", "to_resident")
                )
            )
        )
        for company, pickings in undone.grouped("company_id").items():
            self.env["groupbuy.task"]._groupbuy_uncount(
                "on_time",
                [
                    (picking.partner_id, f"campaign/{picking.groupbuy_campaign_id.id}")
                    for picking in pickings.filtered("partner_id")
                ],
                company,
            )

    def _groupbuy_count_on_time(self):
        """Count, for each resident and campaign, that all was collected in its window.

        One query for any number of transfers. A campaign counts once for a resident,
        however many orders or parts there are, and only when nothing is left at the
        point: who lets a part lie is not on time.
        """
        mine = self.filtered(
            lambda p: p.groupbuy_campaign_id and not p.groupbuy_is_extra
        )
        companies = mine.company_id.filtered(
            lambda company: (
                # Elevated: who hands out has no rights on tasks; only asked whether.
                self.env["groupbuy.task"].sudo()._is_asked_for("on_time", company)
            )
        )
        mine = mine.filtered(lambda p: p.company_id in companies)
        if not mine:
            return
        # Elevated: whoever hands out sees the transfers of one point only.
        late = set()
        for picking in self.sudo().search(
            [
                ("groupbuy_campaign_id", "in", mine.groupbuy_campaign_id.ids),
                ("partner_id", "in", mine.partner_id.ids),
                ("groupbuy_role", "=", "to_resident"),
                ("groupbuy_is_extra", "=", False),
                ("state", "!=", "cancel"),
            ]
        ):
            campaign = picking.groupbuy_campaign_id
            if (
                picking.state != "done"
                or not campaign.pickup_from
                or not campaign.pickup_until
                or not campaign.pickup_from
                <= picking.date_done
                <= campaign.pickup_until
            ):
                late.add((campaign, picking.partner_id))
        doings = {}
        for picking in mine:
            pair = (picking.groupbuy_campaign_id, picking.partner_id)
            if pair not in late and picking.partner_id:
                doings.setdefault(picking.company_id, set()).add(pair)
        tasks = self.env["groupbuy.task"]
        for company, pairs in doings.items():
            collected = [
                (partner, f"campaign/{campaign.id}")
                for campaign, partner in sorted(
                    pairs, key=lambda pair: (pair[1].id, pair[0].id)
                )
            ]
            tasks._groupbuy_count_many("on_time", collected, company=company)
            # It may have been counted before and undone since.
            tasks._groupbuy_recount("on_time", collected, company)
