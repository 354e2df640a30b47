# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    groupbuy_segment_id = fields.Many2one(
        comodel_name="groupbuy.segment",
        string="Segment of Residents",
        index="btree_not_null",
        ondelete="set null",
        help="Only residents of this segment get the mailing, without those who want no"
        " messages or have had enough this week.",
    )

    @api.onchange("groupbuy_segment_id")
    def _onchange_groupbuy_segment_id(self):
        """A segment consists of contacts."""
        if self.groupbuy_segment_id and self.mailing_model_real != "res.partner":
            self.mailing_model_id = self.env["ir.model"]._get("res.partner")

    @api.constrains("groupbuy_segment_id", "mailing_model_id")
    def _check_groupbuy_segment(self):
        for mailing in self:
            if mailing.groupbuy_segment_id and (
                mailing.mailing_model_real != "res.partner"
            ):
                raise ValidationError(
                    self.env._(
                        "A segment of residents consists of contacts. Choose Contact as"
                        " the recipients of %s, or no segment.",
                        mailing.subject,
                    )
                )

    def _get_recipients_domain(self):
        """Override of `mass_mailing` to send to the residents of a segment only."""
        domain = super()._get_recipients_domain()
        if self.groupbuy_segment_id:
            domain = Domain(domain) & Domain(
                "id", "in", self.groupbuy_segment_id._get_mailing_partner_ids()
            )
        return domain

    @api.depends("groupbuy_segment_id")
    def _compute_total(self):
        """Override of `mass_mailing`: the segment decides, too, how many there are."""
        return super()._compute_total()
