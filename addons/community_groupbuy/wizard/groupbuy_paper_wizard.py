# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class GroupBuyPaperWizard(models.TransientModel):
    """Which paper of a campaign to print, for which points, in which format."""

    _name = "groupbuy.paper.wizard"
    _description = "Print Papers"

    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign", required=True, ondelete="cascade"
    )
    kind = fields.Selection(
        selection=[
            ("pick_by_product", "What to pick, by product"),
            ("by_point", "What to deliver, by pickup point"),
            ("by_resident", "What to hand out, by resident, with labels"),
            ("buy_by_supplier", "What to buy, by supplier"),
        ],
        string="Paper",
        required=True,
        default="pick_by_product",
    )
    file_type = fields.Selection(
        selection=[("pdf", "PDF to print"), ("xlsx", "Spreadsheet")],
        string="Format",
        required=True,
        default="pdf",
    )
    available_point_ids = fields.Many2many(related="campaign_id.pickup_point_ids")
    point_ids = fields.Many2many(
        comodel_name="groupbuy.pickup.point",
        string="Only These Points",
        help="Empty means all.",
    )

    def action_print(self):
        """Check the paper against the orders, then download it.

        :return: an action dictionary
        :rtype: dict
        :raises UserError: when the paper does not agree with the orders
        """
        self.ensure_one()
        self.check_access("read")
        points = self.point_ids if self.kind != "buy_by_supplier" else None
        papers = self.env["groupbuy.paper"]
        self.campaign_id.check_access("read")
        # Checked here too, so that the reason is shown in this dialog and not in a
        # download that fails.
        papers._check_totals(
            self.campaign_id,
            self.kind,
            papers._get_rows(self.campaign_id, self.kind, points),
            points,
        )
        if self.file_type == "xlsx":
            ids = ",".join(str(point_id) for point_id in (points or ()) and points.ids)
            return {
                "type": "ir.actions.act_url",
                "url": f"/groupbuy/paper/{self.campaign_id.id}/{self.kind}.xlsx"
                + (f"?points={ids}" if ids else ""),
                "target": "new",
                "close": True,
            }
        report = self.env.ref(f"community_groupbuy.action_report_paper_{self.kind}")
        action = report.report_action(
            None,
            data={
                "campaign_ids": self.campaign_id.ids,
                "point_ids": points.ids if points else [],
            },
            config=False,
        )
        action["close_on_report_download"] = True
        return action
