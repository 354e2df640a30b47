# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyLeaderConsent(models.Model):
    """A version of what an applicant agrees to.

    The text of a version that somebody has agreed to stays as it is: a change is a
    new version.
    """

    _name = "groupbuy.leader.consent"
    _description = "Consent of Applicants"
    _order = "date desc, id desc"
    _rec_name = "version"

    version = fields.Char(required=True)
    date = fields.Date(
        string="Valid From",
        required=True,
        default=fields.Date.context_today,
        help="The latest version that is valid today is shown on the form.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company", index="btree_not_null")
    text = fields.Text(required=True, translate=True)
    application_ids = fields.One2many(
        comodel_name="groupbuy.leader.application", inverse_name="consent_id"
    )

    _version_uniq = models.UniqueIndex(
        "(version, COALESCE(company_id, 0))", "There is a text of this version already."
    )

    @api.model
    def _get_current(self, company):
        """Return the version that applicants of a company agree to today.

        :param res.company company: The company that the application is for.
        :rtype: groupbuy.leader.consent
        """
        return self.search(
            [
                ("company_id", "in", (False, company.id)),
                ("date", "<=", fields.Date.context_today(self)),
            ],
            order="company_id, date desc, id desc",
            limit=1,
        )

    def write(self, vals):
        """Keep what somebody has agreed to."""
        if {"text", "version"} & vals.keys() and self.sudo().application_ids:
            raise UserError(
                self.env._(
                    "Applicants have agreed to this text. Make a new version instead."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.sudo().application_ids:
            raise UserError(
                self.env._("Applicants have agreed to this text. Archive it instead.")
            )
