# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the buttons of a case do for staff."""

from odoo import api, models
from odoo.exceptions import UserError


class GroupBuyCase(models.Model):
    _inherit = "groupbuy.case"

    @api.model
    def _count_by(self, name, records, domain=()):
        """Count cases for the smart buttons of other records, in one query.

        :param str name: The field of the case that names the record.
        :param records: The records.
        :param domain: Which cases, all by default.
        :return: Record id → number of cases.
        :rtype: dict[int, int]
        """
        return {
            record.id: count
            for record, count in self._read_group(
                [(name, "in", records.ids), *domain], [name], ["__count"]
            )
        }

    @api.model
    def _get_leader_domain(self):
        """Return which cases the managers of a point see: those they are asked about.

        :rtype: list
        """
        return [("type_id.leader_hours", ">", 0), ("partner_id", "!=", False)]

    @api.model
    def _get_window_action(self, domain, context=None):
        """Return the action that shows some cases.

        :param domain: Which.
        :param dict context: Defaults.
        :rtype: dict
        :raise AccessError: If the user may not read cases.
        """
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_verification.groupbuy_case_action"
        )
        action["domain"] = domain
        action["context"] = context or {}
        return action

    def action_start(self):
        """Give new cases to who answers first."""
        self.check_access("write")
        for case in self:
            if case.state != "new":
                raise UserError(case._get_closed_message())
            if not case.borne_by:
                case.borne_by = case.type_id.default_borne_by
            case.sudo().supplier_id = case.supplier_id or case.sudo()._get_supplier()
        self.sudo()._route()

    def action_take_over(self):
        """Let the back office decide instead of the leader."""
        self.check_access("write")
        for case in self.sudo():
            case._pass_on()
            case.user_id = self.env.user

    def action_decide(self):
        """Open the dialog in which a case is decided.

        :return: An action dictionary.
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("write")
        if not self.is_open:
            raise UserError(self._get_closed_message())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide %s", self.name),
            "res_model": "groupbuy.case.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def action_goods_back(self):
        """Record that the resident has brought the goods; the refund follows."""
        self.check_access("write")
        for case in self.sudo():
            case._lock_case()
            if case.state != "returning":
                raise UserError(case._get_closed_message())
            case._receive_returns()

    def action_close(self):
        """Close cases that have settled themselves."""
        self.check_access("write")
        for case in self.sudo():
            case._close(self.env._("Closed by %s.", self.env.user.name))

    def action_view_order(self):
        """Open the resident's order.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }

    def action_view_transfers(self):
        """Open the returns and replacements of the case.

        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "community_groupbuy.stock_picking_action"
        )
        action["domain"] = [("groupbuy_case_id", "=", self.id)]
        return action
