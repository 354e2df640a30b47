# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.groupbuy_leader.models.groupbuy_leader_application import OPEN_STATES


class GroupBuyLeaderApplication(models.Model):
    _inherit = "groupbuy.leader.application"

    training_channel_id = fields.Many2one(
        related="company_id.groupbuy_training_channel_id", string="Course"
    )
    training_state = fields.Selection(
        selection=[
            ("none", "Not Invited"),
            ("invited", "Invited"),
            ("ongoing", "Under Way"),
            ("completed", "Completed, Not Certified"),
            ("certified", "Passed"),
        ],
        string="Training",
        compute="_compute_training_state",
        help="Where the applicant stands in the course.",
    )

    @api.depends("partner_id", "training_channel_id")
    def _compute_training_state(self):
        attendees = {
            (attendee.partner_id, attendee.channel_id): attendee
            for attendee in self.env["slide.channel.partner"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("channel_id", "in", self.training_channel_id.sudo().ids),
                ]
            )
        }
        for application in self:
            channel = application.training_channel_id.sudo()
            attendee = attendees.get((application.partner_id.sudo(), channel))
            if not channel:
                application.training_state = False
            elif not attendee:
                application.training_state = "none"
            elif attendee.member_status == "completed":
                is_certified = (
                    not channel.nbr_certification
                    or attendee.survey_certification_success
                )
                application.training_state = (
                    "certified" if is_certified else "completed"
                )
            elif attendee.member_status == "invited":
                application.training_state = "invited"
            else:
                application.training_state = "ongoing"

    def _get_check_problems(self):
        """Override of `groupbuy_leader`: the course takes the place of the tick.

        Only for those whose checklist asks for a training.
        """
        training = self.check_ids.filtered("item_id.is_training")
        if not self.training_channel_id or not training:
            return super()._get_check_problems()
        undone = self.check_ids.filtered(lambda check: not check.is_done) - training
        problems = []
        if undone:
            problems.append(
                self.env._("Checklist: %s.", ", ".join(undone.mapped("name")))
            )
        if self.training_state != "certified":
            problems.append(
                self.env._(
                    "The course %s has not been passed yet.",
                    self.training_channel_id.sudo().name,
                )
            )
        return problems

    def action_invite_to_training(self):
        """Invite applicants to the course; doing it again sends the mail again.

        :raise UserError: If there is no course, or the application is decided.
        """
        self._check_reviewer()
        template = self.env.ref("website_slides.mail_template_slide_channel_invite")
        for application in self:
            channel = application.training_channel_id.sudo()
            if not channel:
                raise UserError(
                    self.env._(
                        "Choose the course in the settings of the leaders first."
                    )
                )
            if application.state not in OPEN_STATES:
                raise UserError(self.env._("This application is decided."))
            if application.existing_user_id:
                raise UserError("\n".join(application._get_person_problems()))
            partner = application.sudo()._ensure_partner()
            attendees = self.env["slide.channel.partner"].sudo()
            domain = [
                ("partner_id", "=", partner.id),
                ("channel_id", "=", channel.id),
            ]
            attendee = attendees.search(domain)
            if not attendee:
                channel._action_add_members(partner, member_status="invited")
                attendee = attendees.search(domain)
            if attendee.member_status == "invited":
                attendee.last_invitation_date = fields.Datetime.now()
                template.sudo().send_mail(attendee.id, force_send=False)
        self.invalidate_recordset(["training_state", "approval_problems"])
