# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL, email_normalize

OPEN_STATES = ("submitted", "review")


class GroupBuyLeaderApplication(models.Model):
    """Somebody wants to become a leader or a sharer (团长申请)."""

    _name = "groupbuy.leader.application"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Leader Application"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    email = fields.Char(required=True)
    email_normalized = fields.Char(
        compute="_compute_email_normalized", store=True, index=True
    )
    phone = fields.Char(required=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        index="btree_not_null",
        copy=False,
        check_company=True,
        help="The applicant's contact: known when the applicant was logged in, else"
        " made by the approval.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    website_id = fields.Many2one(comodel_name="website", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Reviewer", tracking=True, copy=False
    )
    kind = fields.Selection(
        selection=[("leader", "Leader"), ("koc", "Sharer")],
        required=True,
        default="leader",
        tracking=True,
        help="A sharer brings orders by links and runs no pickup point.",
    )
    state = fields.Selection(
        selection=[
            ("submitted", "Received"),
            ("review", "Under Review"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="submitted",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand="_group_expand_state",
    )
    community_id = fields.Many2one(
        comodel_name="groupbuy.community",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    point_name = fields.Char(string="Name of the Point")
    street = fields.Char()
    street2 = fields.Char()
    zip = fields.Char()
    city = fields.Char()
    state_id = fields.Many2one(
        comodel_name="res.country.state",
        string="Province",
        domain="[('country_id', '=?', country_id)]",
    )
    country_id = fields.Many2one(comodel_name="res.country")
    tz = fields.Char(
        string="Time Zone",
        compute="_compute_tz",
        help="The opening hours are meant in this time zone.",
    )
    daily_capacity = fields.Integer(string="Residents a Day")
    handles_food = fields.Boolean(
        help="Opens or prepares food, for which a food licence is needed.",
    )
    note = fields.Text(string="Message")
    hours_ids = fields.One2many(
        comodel_name="groupbuy.leader.application.hours",
        inverse_name="application_id",
        string="Opening Hours",
    )
    paper_ids = fields.One2many(
        comodel_name="groupbuy.leader.paper",
        inverse_name="application_id",
        string="Papers",
    )
    check_ids = fields.One2many(
        comodel_name="groupbuy.leader.application.check",
        inverse_name="application_id",
        string="Checklist",
    )
    check_progress = fields.Char(string="Checked", compute="_compute_check_progress")
    consent_id = fields.Many2one(
        comodel_name="groupbuy.leader.consent",
        string="Consent Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    consent_text = fields.Text(
        string="Agreed To",
        readonly=True,
        copy=False,
        help="What the applicant read, word for word.",
    )
    consented_at = fields.Datetime(string="Agreed On", readonly=True, copy=False)
    inviter_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="Invited By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    tier_id = fields.Many2one(
        comodel_name="groupbuy.leader.tier",
        string="First Tier",
        check_company=True,
        compute="_compute_tier_id",
        store=True,
        readonly=False,
    )
    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Pickup Point",
        readonly=True,
        copy=False,
        check_company=True,
    )
    decided_by = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    decided_at = fields.Datetime(string="Decided On", readonly=True, copy=False)
    refusal_reason = fields.Text(readonly=True, copy=False)
    source_hash = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Counts how many applications came from one network address; emptied"
        " after two days.",
    )
    other_application_ids = fields.Many2many(
        comodel_name="groupbuy.leader.application",
        string="Earlier Applications",
        compute="_compute_other_application_ids",
    )
    existing_user_id = fields.Many2one(
        comodel_name="res.users",
        compute="_compute_existing_user_id",
        help="An account with the e-mail of the application, which the applicant was"
        " not logged in to.",
    )
    approval_problems = fields.Text(
        string="Still Missing", compute="_compute_approval_problems"
    )

    _email_open_uniq = models.UniqueIndex(
        "(company_id, email_normalized) WHERE state IN ('submitted', 'review')",
        "There is an open application with this e-mail already.",
    )
    _partner_open_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE state IN ('submitted', 'review')"
        " AND partner_id IS NOT NULL",
        "This resident has an open application already.",
    )
    _source_idx = models.Index(
        "(source_hash, create_date) WHERE source_hash IS NOT NULL"
    )
    _capacity_positive = models.Constraint(
        "CHECK (daily_capacity >= 0)", "The capacity cannot be negative."
    )

    # === COMPUTE === #

    @api.depends("email")
    def _compute_email_normalized(self):
        for application in self:
            application.email_normalized = email_normalize(application.email or "")

    @api.depends("company_id")
    def _compute_tz(self):
        for application in self:
            application.tz = application.company_id.partner_id.tz or "UTC"

    @api.depends("company_id", "kind")
    def _compute_tier_id(self):
        tiers = self.env["groupbuy.leader.tier"]
        for application in self:
            if not application.tier_id:
                application.tier_id = tiers._get_default_tier(application.company_id)

    @api.depends("check_ids.is_done")
    def _compute_check_progress(self):
        for application in self:
            checks = application.check_ids
            application.check_progress = (
                f"{len(checks.filtered('is_done'))}/{len(checks)}" if checks else ""
            )

    @api.depends("email_normalized", "partner_id")
    def _compute_other_application_ids(self):
        for application in self:
            domain = [("email_normalized", "=", application.email_normalized)]
            if application.partner_id:
                domain = ["|", ("partner_id", "=", application.partner_id.id), *domain]
            application.other_application_ids = self.search(
                [("id", "!=", application._origin.id), *domain]
            )

    @api.depends("email_normalized", "partner_id")
    def _compute_existing_user_id(self):
        users = (
            self.env["res.users"]
            .sudo()
            .with_context(active_test=False)
            .search([("login", "in", self.mapped("email_normalized"))])
        )
        by_login = {user.login: user for user in users}
        for application in self:
            user = by_login.get(application.email_normalized, users.browse())
            application.existing_user_id = (
                user if user.partner_id != application.partner_id else False
            )

    @api.depends(
        "state",
        "check_ids.is_done",
        "paper_ids.state",
        "partner_id",
        "community_id",
        "hours_ids",
        "street",
        "city",
        "handles_food",
        "kind",
    )
    def _compute_approval_problems(self):
        for application in self:
            application.approval_problems = (
                "\n".join(application._get_approval_problems())
                if application.state in OPEN_STATES
                else False
            )

    @api.model
    def _group_expand_state(self, states, domain):
        return ["submitted", "review", "approved", "refused"]

    @api.constrains("email")
    def _check_email(self):
        for application in self:
            if not application.email_normalized:
                raise ValidationError(
                    self.env._("%s is not an e-mail address.", application.email)
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Give each application its checklist."""
        applications = super().create(vals_list)
        items = (
            self.env["groupbuy.leader.check.item"]
            .sudo()
            .search([("active", "=", True)])
        )
        self.env["groupbuy.leader.application.check"].sudo().create(
            [
                {"application_id": application.id, "item_id": item.id}
                for application in applications
                for item in items
                if item.company_id.id in (False, application.company_id.id)
                and item.kind in (False, application.kind)
            ]
        )
        return applications

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if self.filtered(lambda application: application.state == "approved"):
            raise UserError(self.env._("What was approved cannot be deleted."))

    # === THE FORM OF THE WEBSITE === #

    @api.model
    def _is_flooded(self, source_hash):
        """Tell whether too many applications came from one address lately.

        :param str source_hash: The address, hashed.
        :rtype: bool
        """
        limit = int(
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("groupbuy_leader.applications_per_day", 5)
        )
        since = fields.Datetime.now() - timedelta(days=1)
        return (
            self.sudo().search_count(
                [("source_hash", "=", source_hash), ("create_date", ">=", since)]
            )
            >= limit
        )

    @api.model
    def _find_open(self, company, email, partner):
        """Return the open application of a person.

        :param res.company company: The company applied to.
        :param str email: An e-mail address.
        :param res.partner partner: The contact, if known.
        :rtype: groupbuy.leader.application
        """
        domain = [("email_normalized", "=", email_normalize(email or "") or "-")]
        if partner:
            domain = ["|", ("partner_id", "=", partner.id), *domain]
        return self.sudo().search(
            [("company_id", "=", company.id), ("state", "in", OPEN_STATES), *domain],
            limit=1,
        )

    @api.model
    def _submit(self, vals, papers, hours, consent, inviter, partner):
        """Keep an application that was read and checked by the form.

        Elevated: visitors have no rights on the model.

        :param dict vals: Fields of the application, from a fixed list.
        :param list[dict] papers: Values of the papers.
        :param list[dict] hours: Values of the opening hours.
        :param groupbuy.leader.consent consent: The version that was agreed to, in
            the language in which it was read.
        :param groupbuy.leader inviter: Whose invitation was followed; may be empty.
        :param res.partner partner: Who is logged in; may be empty.
        :rtype: groupbuy.leader.application
        :raise ValidationError: If the person has an open application or is a leader.
        """
        company = self.env["res.company"].browse(vals["company_id"])
        if self._find_open(company, vals["email"], partner):
            raise ValidationError(
                self.env._(
                    "We have an application of yours already and will answer it soon."
                )
            )
        if partner and self.env["groupbuy.leader"].sudo().search_count(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", company.id),
                ("state", "!=", "left"),
            ],
            limit=1,
        ):
            raise ValidationError(self.env._("You are a leader already."))
        application = (
            self.sudo()
            .with_context(mail_create_nosubscribe=True)
            .create(
                {
                    **vals,
                    "partner_id": partner.id,
                    "inviter_id": inviter.id,
                    "consent_id": consent.id,
                    "consent_text": consent.text,
                    "consented_at": fields.Datetime.now(),
                    "paper_ids": [Command.create(paper) for paper in papers],
                    "hours_ids": [Command.create(row) for row in hours],
                }
            )
        )
        application._on_submitted()
        return application

    def _on_submitted(self):
        """Confirm the receipt to the applicant and ask the staff to look at it."""
        template = self.env.ref("groupbuy_leader.mail_template_application_received")
        for application in self:
            # As the system: the mail does not come from a visitor.
            template.with_user(SUPERUSER_ID).send_mail(application.id, force_send=False)

    # === REVIEW === #

    def _check_reviewer(self):
        """Check that the user decides on applications.

        :raise AccessError: If the user does not manage leaders.
        """
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(
            "groupbuy_leader.group_leader_manager"
        ):
            raise AccessError(
                self.env._("Only leader managers decide on applications.")
            )

    def _lock(self):
        """Lock the rows, so that of two decisions at once the second sees the first."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM groupbuy_leader_application WHERE id = ANY(%s)"
                " ORDER BY id FOR UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset()

    def action_review(self):
        """Take applications on for review."""
        self._check_reviewer()
        for application in self:
            if application.state != "submitted":
                raise UserError(self.env._("Only a new application can be taken on."))
        self.state = "review"
        for application in self.filtered(lambda a: not a.user_id):
            application.user_id = self.env.user

    def action_withdraw(self):
        """Close applications whose applicants do not want to go on."""
        self._check_reviewer()
        self._lock()
        if self.filtered(lambda application: application.state not in OPEN_STATES):
            raise UserError(self.env._("Only an open application can be withdrawn."))
        self.write({"state": "withdrawn"})

    def action_refuse(self):
        """Ask for the reason of a refusal.

        :rtype: dict
        """
        self._check_reviewer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse Application"),
            "res_model": "groupbuy.leader.application.refuse",
            "view_mode": "form",
            "target": "new",
            "context": {"default_application_ids": self.ids},
        }

    def _refuse(self, reason):
        """Refuse applications and tell the applicants why. They may apply again.

        :param str reason: A sentence for the applicant.
        :raise UserError: If there is no reason, or one is decided already.
        """
        self._check_reviewer()
        if not (reason or "").strip():
            raise UserError(self.env._("Enter the reason: the applicant reads it."))
        self._lock()
        if self.filtered(lambda application: application.state not in OPEN_STATES):
            raise UserError(self.env._("Only an open application can be refused."))
        self.write(
            {
                "state": "refused",
                "refusal_reason": reason.strip(),
                "decided_by": self.env.user.id,
                "decided_at": fields.Datetime.now(),
            }
        )
        template = self.env.ref("groupbuy_leader.mail_template_application_refused")
        for application in self:
            template.with_user(SUPERUSER_ID).send_mail(application.id, force_send=False)

    def _get_approval_problems(self):
        """Return what keeps the application from being approved.

        :return: A sentence for each thing.
        :rtype: list[str]
        """
        self.ensure_one()
        return [
            *self._get_point_problems(),
            *self._get_paper_problems(),
            *self._get_check_problems(),
            *self._get_person_problems(),
        ]

    def _get_point_problems(self):
        """Return what is missing to make the pickup point."""
        if self.kind == "koc":
            return []
        problems = []
        if not self.community_id:
            problems.append(self.env._("Choose the community."))
        if not self.street or not self.city:
            problems.append(self.env._("Enter the address of the point."))
        if not self.hours_ids:
            problems.append(self.env._("Enter the opening hours."))
        return problems

    def _get_paper_problems(self):
        """Return which papers are missing or still to check."""
        problems = []
        good = self.paper_ids.filtered(
            lambda paper: paper.state == "accepted" and not paper.is_expired
        )
        missing = (
            self.env["groupbuy.leader.paper.type"]
            .sudo()
            ._get_required(self.company_id, self.kind, self.handles_food)
            - good.type_id
        )
        if missing:
            problems.append(
                self.env._(
                    "An accepted, valid paper is missing: %s.",
                    ", ".join(missing.mapped("name")),
                )
            )
        if self.paper_ids.filtered(lambda paper: paper.state == "submitted"):
            problems.append(self.env._("Some papers are still to check."))
        return problems

    def _get_check_problems(self):
        """Return which points of the checklist are open.

        Extension point: a course takes the place of the point about training.
        """
        undone = self.check_ids.filtered(lambda check: not check.is_done)
        if not undone:
            return []
        return [
            self.env._("Checklist: %s.", ", ".join(undone.mapped("name"))),
        ]

    def _get_person_problems(self):
        """Return what speaks against making a portal user of the applicant."""
        if self.existing_user_id:
            return [
                self.env._(
                    "There is an account with the e-mail %s. Make sure that it is the"
                    " same person and choose its contact as the resident, or correct"
                    " the e-mail.",
                    self.email,
                )
            ]
        return []

    # === APPROVAL === #

    def action_approve(self):
        """Make the applicants leaders, with all that they need.

        Portal user, leader, tier, plan and pickup point are made in one transaction:
        either all of it is there or nothing. Why it is safe: the application's row
        is locked first, so a second click waits, sees that it is approved and
        returns the same leader.

        :return: The action that opens the leader.
        :rtype: dict
        :raise UserError: With everything that is missing.
        """
        self._check_reviewer()
        self._lock()
        for application in self:
            if application.state == "approved":
                continue
            if application.state not in OPEN_STATES:
                raise UserError(self.env._("Only an open application can be approved."))
            problems = application._get_approval_problems()
            if problems:
                raise UserError("\n".join(problems))
            application._approve()
        return self.action_view_leader()

    def _approve(self):
        """Make the leader of one application; the row is locked."""
        self.ensure_one()
        application = self.sudo().with_company(self.company_id)
        partner = application._ensure_partner()
        user = application._ensure_portal_user(partner)
        leader = (
            self.env["groupbuy.leader"]
            .sudo()
            .with_company(self.company_id)
            .create(application._prepare_leader_vals(partner))
        )
        if application.kind == "leader":
            application.point_id = (
                self.env["groupbuy.pickup.point"]
                .sudo()
                .with_company(self.company_id)
                .create(application._prepare_point_vals(leader, user))
            )
            application._fill_address(application.point_id)
        application.paper_ids.leader_id = leader
        application.write(
            {
                "state": "approved",
                "leader_id": leader.id,
                "decided_by": self.env.user.id,
                "decided_at": fields.Datetime.now(),
            }
        )
        if application.inviter_id:
            self.env["groupbuy.leader.invitation"].sudo()._start(leader)
        leader._on_approved()
        self.env.ref(
            "groupbuy_leader.mail_template_application_approved"
        ).sudo().with_user(SUPERUSER_ID).send_mail(application.id, force_send=False)

    def _ensure_partner(self):
        """Return the contact of the applicant, made if there is none.

        :rtype: res.partner
        """
        partner = self.partner_id
        if not partner:
            partner = self.env["res.partner"].create(
                {
                    "name": self.name,
                    "email": self.email,
                    "phone": self.phone,
                    "street": self.street,
                    "street2": self.street2,
                    "zip": self.zip,
                    "city": self.city,
                    "state_id": self.state_id.id,
                    "country_id": self.country_id.id,
                    "lang": self.env.context.get("lang") or self.env.lang,
                    "groupbuy_community_id": self.community_id.id,
                }
            )
            self.partner_id = partner
        return partner

    def _ensure_portal_user(self, partner):
        """Return the user of a contact, made or woken up where needed.

        The mail of the approval carries the invitation to set a password.

        :param res.partner partner: The contact.
        :rtype: res.users
        """
        users = partner.with_context(active_test=False).user_ids
        user = users.filtered("active")[:1] or users[:1]
        if not user:
            user = (
                self.env["res.users"]
                .with_context(no_reset_password=True)
                ._create_user_from_template(
                    {
                        "login": self.email_normalized,
                        "email": self.email_normalized,
                        "partner_id": partner.id,
                        "company_id": self.company_id.id,
                        "company_ids": [Command.set(self.company_id.ids)],
                    }
                )
            )
            partner.signup_prepare()
        elif not user.active or not (user._is_internal() or user._is_portal()):
            user.write(
                {
                    "active": True,
                    "group_ids": [
                        Command.link(self.env.ref("base.group_portal").id),
                        Command.unlink(self.env.ref("base.group_public").id),
                    ],
                }
            )
            partner.signup_prepare()
        if self.company_id not in user.company_ids:
            user.company_ids = [Command.link(self.company_id.id)]
        return user

    def _prepare_leader_vals(self, partner):
        """Return the values of the leader.

        Extension point: what else an approval gives a leader, such as a plan.

        :param res.partner partner: The contact.
        :rtype: dict
        """
        self.ensure_one()
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "kind": self.kind,
            "tier_id": self.tier_id.id,
            "inviter_id": self.inviter_id.id,
            "application_id": self.id,
            "handles_food": self.handles_food,
        }

    def _prepare_point_vals(self, leader, user):
        """Return the values of the pickup point.

        :param groupbuy.leader leader: Who runs it.
        :param res.users user: The leader's user.
        :rtype: dict
        """
        self.ensure_one()
        name = self.point_name or f"{self.community_id.name} {self.street}"
        calendar = self.env["resource.calendar"].create(
            {
                "name": name,
                "company_id": self.company_id.id,
                "tz": self.tz,
                "attendance_ids": [
                    Command.create(hours._prepare_attendance())
                    for hours in self.hours_ids
                ],
            }
        )
        return {
            "name": name,
            "company_id": self.company_id.id,
            "country_id": self.country_id.id,
            "leader_id": leader.id,
            "manager_user_ids": [Command.link(user.id)],
            "community_ids": [Command.link(self.community_id.id)],
            "calendar_id": calendar.id,
            "tz": self.tz,
            "daily_capacity": self.daily_capacity,
        }

    def _fill_address(self, point):
        """Write the address into the contact that was made for the point."""
        point.partner_id.write(
            {
                "street": self.street,
                "street2": self.street2,
                "zip": self.zip,
                "city": self.city,
                "state_id": self.state_id.id,
                "country_id": self.country_id.id,
                "phone": self.phone,
                "partner_latitude": self.community_id.latitude,
                "partner_longitude": self.community_id.longitude,
            }
        )

    def action_view_leader(self):
        """Open the leader that the application led to.

        :rtype: dict
        """
        self.check_access("read")
        leaders = self.leader_id
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Leaders"),
            "res_model": "groupbuy.leader",
            "view_mode": "form",
            "res_id": leaders[:1].id,
        }
        if len(leaders) > 1:
            action |= {
                "view_mode": "list,form",
                "res_id": False,
                "domain": [("id", "in", leaders.ids)],
            }
        return action

    # === HOUSEKEEPING === #

    @api.autovacuum
    def _gc_source_hashes(self):
        """Forget where applications came from."""
        limit = fields.Datetime.now() - timedelta(days=2)
        self.sudo().search(
            [("source_hash", "!=", False), ("create_date", "<", limit)]
        ).source_hash = False
