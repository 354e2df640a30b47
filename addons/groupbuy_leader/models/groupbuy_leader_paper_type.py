# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class GroupBuyLeaderPaperType(models.Model):
    """A kind of paper that a leader shows, such as a business licence."""

    _name = "groupbuy.leader.paper.type"
    _description = "Kind of Paper"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company", index="btree_not_null")
    is_required = fields.Boolean(
        string="Required of Leaders",
        help="Nobody is approved to run a point without an accepted paper of this"
        " kind, and the leader is paused when it expires.",
    )
    is_required_of_sharers = fields.Boolean(
        string="Required of Sharers",
        help="Sharers run no point, so that most papers are not asked of them.",
    )
    is_for_food = fields.Boolean(
        string="For Food Only",
        help="Required only of those who handle food that needs a licence.",
    )
    has_expiry = fields.Boolean(
        string="Expires", default=True, help="The date until which it holds is asked."
    )
    note = fields.Char(translate=True, help="Shown to applicants beside the field.")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is a kind with this code already."
    )

    @api.model
    def _get_for(self, company):
        """Return the kinds of papers that a company asks for.

        :param res.company company: The company.
        :rtype: groupbuy.leader.paper.type
        """
        return self.search([("company_id", "in", (False, company.id))])

    @api.model
    def _get_required(self, company, kind, handles_food):
        """Return the kinds of papers without which nobody may work.

        :param res.company company: The company.
        :param str kind: "leader" or "koc".
        :param bool handles_food: Whether food is handled that needs a licence.
        :rtype: groupbuy.leader.paper.type
        """
        return self._get_for(company).filtered(
            lambda t: (
                (t.is_required_of_sharers if kind == "koc" else t.is_required)
                and (handles_food or not t.is_for_food)
            )
        )
