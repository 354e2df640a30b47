# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, UserError
from odoo.http import Controller, content_disposition, request, route

from ..report.groupbuy_paper import KINDS
from ..utils import parse_id

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BackOffice(Controller):
    """Downloads of the back office. Everything runs with the user's own rights."""

    @route(
        "/groupbuy/paper/<int:campaign_id>/<string:kind>.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download_paper(self, campaign_id, kind, points="", **_kwargs):
        """Download a paper of a campaign as a workbook.

        :param int campaign_id: the campaign; looked up with the user's rights
        :param str kind: one of the kinds of papers
        :param str points: ids of pickup points, separated by commas; only those that
            belong to the campaign count
        :return: the workbook; a plain sentence with status 409 when the paper does not
            agree with the orders
        """
        self._check_group()
        campaign = request.env["groupbuy.campaign"].search([("id", "=", campaign_id)])
        if not campaign or kind not in KINDS:
            raise NotFound()
        wanted = {parse_id(part) for part in (points or "").split(",")}
        chosen = campaign.pickup_point_ids.filtered(lambda point: point.id in wanted)
        if (points or "").strip() and not chosen:
            raise NotFound()
        papers = request.env["groupbuy.paper"]
        try:
            content = papers._render_xlsx(campaign, kind, chosen)
        except AccessError:
            raise NotFound() from None
        except UserError as error:
            return request.make_response(
                str(error),
                headers=[("Content-Type", "text/plain; charset=utf-8")],
                status=409,
            )
        title = papers._get_titles()[kind]
        return self._make_download(
            content, f"{campaign.reference or campaign.id} {title}.xlsx"
        )

    @route(
        "/groupbuy/line_template.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download_line_template(self, **_kwargs):
        """Download the workbook that shows how lines are imported."""
        self._check_group()
        content = request.env["groupbuy.line.import"]._render_template()
        return self._make_download(content, "campaign_lines.xlsx")

    def _check_group(self):
        """Pretend to others than the staff that there is nothing here.

        :raises NotFound: when the user is not of the group buying staff
        """
        if not request.env.user.has_group("community_groupbuy.group_groupbuy_user"):
            raise NotFound()

    def _make_download(self, content, filename):
        """Return a response that downloads a workbook."""
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(filename)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
