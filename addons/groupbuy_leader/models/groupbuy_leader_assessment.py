# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError


class GroupBuyLeaderAssessment(models.Model):
    """A decision on a leader's tier, with the figures it was made from (考核).

    A fact, written once: by the monthly job, or by the staff with a reason.
    """

    _name = "groupbuy.leader.assessment"
    _description = "Leader Assessment"
    _order = "period desc, id desc"
    _check_company_auto = True

    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(related="leader_id.partner_id", store=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    period = fields.Date(
        string="Month",
        required=True,
        readonly=True,
        help="First day of the month that was looked at.",
    )
    origin = fields.Selection(
        selection=[("job", "Monthly Assessment"), ("staff", "Staff")],
        required=True,
        readonly=True,
        default="job",
    )
    decision = fields.Selection(
        selection=[
            ("up", "Up"),
            ("keep", "Keep"),
            ("warn", "Warning"),
            ("down", "Down"),
            ("exit", "Leave"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    tier_before_id = fields.Many2one(
        comodel_name="groupbuy.leader.tier",
        readonly=True,
        ondelete="restrict",
    )
    tier_after_id = fields.Many2one(
        comodel_name="groupbuy.leader.tier",
        readonly=True,
        ondelete="restrict",
    )
    deadline = fields.Date(readonly=True)
    reason = fields.Text(readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Decided By", readonly=True
    )
    orders = fields.Integer(readonly=True, aggregator="sum")
    amount = fields.Monetary(string="Sales", readonly=True)
    pickup_rate = fields.Float(
        string="Collected in Time (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    receipt_rate = fields.Float(
        string="Received in Time (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    is_pickup_rated = fields.Boolean(
        readonly=True, help="Parcels were to be collected in the months looked at."
    )
    is_receipt_rated = fields.Boolean(
        readonly=True, help="Transfers were to be received in the months looked at."
    )
    figures = fields.Json(
        string="Stored Figures",
        readonly=True,
        help="The figures of each number of months that a tier looks at, and what was"
        " missing for each tier.",
    )
    figures_text = fields.Text(string="Figures", compute="_compute_figures_text")

    _period_uniq = models.UniqueIndex(
        "(leader_id, period) WHERE origin = 'job'",
        "This month of the leader has been assessed.",
    )
    _reason_given = models.Constraint(
        "CHECK (origin = 'job' OR reason IS NOT NULL AND reason != '')",
        "The staff give a reason for a decision.",
    )

    @api.depends("figures")
    def _compute_figures_text(self):
        labels = self.env["groupbuy.leader.tier"]._get_figure_labels()
        for assessment in self:
            stored = assessment.figures or {}
            lines = []
            for months, figures in sorted((stored.get("months") or {}).items()):
                lines.append(self.env._("Months looked at: %s", months))
                lines += [
                    f"    {labels.get(name, name)}: "
                    + ("–" if value is None else f"{value:g}")
                    for name, value in figures.items()
                ]
            for name, missing in (stored.get("missing") or {}).items():
                if missing:
                    lines.append(self.env._("Missing for %s:", name))
                    lines += [f"    {text}" for text in missing]
            assessment.figures_text = "\n".join(lines)

    def _compute_display_name(self):
        labels = dict(self._fields["decision"]._description_selection(self.env))
        for assessment in self:
            assessment.display_name = (
                f"{assessment.partner_id.name} {assessment.period:%Y-%m}: "
                f"{labels[assessment.decision]}"
            )

    def write(self, vals):
        # Stored related fields are recomputed by the system when a contact changes.
        if vals.keys() - {"partner_id"}:
            raise UserError(self.env._("A decision that was taken stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_taken(self):
        raise UserError(self.env._("A decision that was taken cannot be deleted."))

    # === CONSEQUENCES === #

    def _apply(self):
        """Do to the leaders what was decided, and tell them."""
        for assessment in self:
            leader = assessment.leader_id.sudo()
            vals = {"warning_deadline": assessment.deadline}
            if leader.tier_id != assessment.tier_after_id:
                vals["tier_id"] = assessment.tier_after_id.id
            if assessment.decision == "exit":
                vals["state"] = "exiting"
            leader.write(vals)
            if assessment.decision == "exit":
                leader.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=leader._get_responsible_user().id,
                    summary=self.env._("Hand over this leader's point"),
                    note=self.env._(
                        "The assessment of %s ends the work of this leader. Hand open"
                        " groups, goods and residents over, or decide otherwise.",
                        f"{assessment.period:%Y-%m}",
                    ),
                )
        self.leader_id._refresh_state()
        template = self.env.ref("groupbuy_leader.mail_template_assessed")
        told = self.filtered(
            lambda a: (
                a.decision != "keep"
                # A warning that goes on was told when it was given.
                and not (a.decision == "warn" and a._is_repeated())
            )
        )
        for assessment in told:
            template.with_user(SUPERUSER_ID).send_mail(assessment.id, force_send=False)

    def _is_repeated(self):
        """Tell whether the warning was given before with the same deadline."""
        self.ensure_one()
        return bool(
            self.sudo().search_count(
                [
                    ("leader_id", "=", self.leader_id.id),
                    ("decision", "=", "warn"),
                    ("deadline", "=", self.deadline),
                    ("id", "<", self.id),
                ],
                limit=1,
            )
        )
