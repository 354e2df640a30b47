# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.community_groupbuy.const import BEARERS

from .groupbuy_case import OUTCOMES


class GroupBuyCaseType(models.Model):
    """What went wrong: who deals with it, until when, and how it usually ends."""

    _name = "groupbuy.case.type"
    _description = "After-Sales Case Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Receipts, verifications and reviews open cases by this code.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    hint = fields.Char(
        translate=True, help="Shown to residents below the name of the type."
    )
    is_for_residents = fields.Boolean(
        string="Offered to Residents",
        help="Residents may choose it when they report a problem.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        domain="[('share', '=', False)]",
        help="Who decides in the back office. When empty, the responsible of the"
        " campaign does.",
    )
    leader_hours = fields.Float(
        string="Leader's Hours",
        help="How long the managers of the pickup point have to answer before the case"
        " goes to the back office. 0: it goes there at once.",
    )
    staff_hours = fields.Float(
        string="Staff's Hours",
        default=48.0,
        help="How long the back office has before an alert is raised.",
    )
    return_days = fields.Integer(
        default=7,
        help="How long residents have to bring goods back before an alert is raised.",
    )
    default_outcome = fields.Selection(selection=OUTCOMES)
    default_borne_by = fields.Selection(
        selection=BEARERS, string="Borne By", default="platform", required=True
    )
    is_blocking = fields.Boolean(
        string="Blocks Pickup",
        help="What an open case is about is not handed out.",
    )
    is_unfit = fields.Boolean(
        string="Goods Are Unfit",
        help="Goods of a decided case that still lie at the pickup point are put aside"
        " there, so that no other resident gets them.",
    )

    _code_uniq = models.UniqueIndex("(code)", "Another type has this code.")
    _hours_positive = models.Constraint(
        "CHECK (leader_hours >= 0 AND staff_hours > 0)",
        "The hours to answer must be above zero.",
    )
    _return_days_positive = models.Constraint(
        "CHECK (return_days > 0)", "The days to bring goods back must be above zero."
    )

    @api.model
    def _get(self, code):
        """Return a type by its code, archived or not.

        :param str code: The code.
        :rtype: groupbuy.case.type
        :raise UserError: If there is none.
        """
        case_type = (
            self.sudo().with_context(active_test=False).search([("code", "=", code)])
        )
        if not case_type:
            raise UserError(self.env._("There is no type of case “%s”.", code))
        return case_type

    @api.ondelete(at_uninstall=False)
    def _unlink_except_built_in(self):
        """Keep the types that other parts open cases of by their code."""
        built_in = self.env["ir.model.data"].search_count(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("module", "=", "groupbuy_verification"),
            ],
            limit=1,
        )
        if built_in:
            raise UserError(
                self.env._("This type is used by receipts and pickups: archive it.")
            )
