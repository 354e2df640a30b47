# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import date

from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError
from odoo.http import Controller, content_disposition, request, route

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Settlement(Controller):
    """Downloads of settlements. Everything runs with the user's own rights."""

    @route(
        "/groupbuy/settlement/<int:settlement_id>/statement.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download_statement(self, settlement_id, **_kwargs):
        """Download the statement of a settlement as a workbook.

        :param int settlement_id: looked up with the user's own rights, so a leader
            gets the own ones only
        """
        settlements = request.env["groupbuy.settlement"]
        try:
            settlement = settlements.search([("id", "=", settlement_id)])
        except AccessError:
            raise NotFound() from None
        if not settlement:
            raise NotFound()
        content = request.env["groupbuy.statement"]._render_xlsx(settlement)
        return self._make_download(content, f"{settlement.name.replace('/', '-')}.xlsx")

    @route(
        "/groupbuy/settlements/<int:company_id>/<string:first>/<string:last>.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download_period(self, company_id, first, last, **_kwargs):
        """Download the settlements of a period for finance.

        :param int company_id: one of the user's companies
        :param str first: first day, as in 2026-07-01
        :param str last: last day
        """
        if not request.env.user.has_group("groupbuy_leader.group_settlement_user"):
            raise NotFound()
        company = request.env.user.company_ids.filtered(
            lambda company: company.id == company_id
        )
        try:
            days = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            raise NotFound() from None
        if not company or days[0] > days[1]:
            raise NotFound()
        statements = request.env["groupbuy.statement"].with_context(
            allowed_company_ids=company.ids
        )
        content = statements._render_period_xlsx(company, *days)
        return self._make_download(content, f"settlements {first} {last}.xlsx")

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
