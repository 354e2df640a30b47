# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class GroupBuyInvitationProgram(models.Model):
    """What residents and those whom they invite get, and what it may cost.

    There is one level: who was invited may invite others, and the gifts of those
    belong to their own inviter only.
    """

    _name = "groupbuy.invitation.program"
    _description = "Invitation Program"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        string="From", help="First day on which invitations are accepted; empty: now."
    )
    date_to = fields.Date(
        string="To",
        help="Last day on which invitations are accepted. Those accepted until then"
        " still bring their gifts.",
    )
    min_amount = fields.Monetary(
        string="Minimum Order",
        help="What the first order has to cost after coupons and refunds to count. An"
        " order that costs nothing never counts.",
    )
    order_within_days = fields.Integer(
        string="Join Within",
        default=90,
        help="Days after the invitation in which the first order has to be placed; 0"
        " for ever.",
    )
    wait_days = fields.Integer(
        string="Wait",
        help="Days between the collection and the gifts, such as those in which goods"
        " may be sent back. 0: the gifts follow the collection at once.",
    )
    require_phone = fields.Boolean(
        string="Telephone Needed",
        default=True,
        help="An invited resident without a telephone number does not count: second"
        " accounts could not be told apart.",
    )
    gift_ids = fields.One2many(
        comodel_name="groupbuy.invitation.gift",
        inverse_name="program_id",
        string="Gifts",
        copy=True,
    )
    budget = fields.Monetary(
        help="What all gifts together may cost. What no longer fits is not given, and"
        " residents see that the budget is used up. 0: no limit.",
    )
    spent = fields.Monetary(compute="_compute_spent", compute_sudo=True)
    budget_left = fields.Monetary(
        string="Left", compute="_compute_spent", compute_sudo=True
    )
    invited_count = fields.Integer(
        string="Invited", compute="_compute_counts", compute_sudo=True
    )
    rewarded_count = fields.Integer(
        string="Counted", compute="_compute_counts", compute_sudo=True
    )

    _limits_positive = models.Constraint(
        "CHECK (COALESCE(budget, 0) >= 0 AND COALESCE(min_amount, 0) >= 0"
        " AND COALESCE(order_within_days, 0) >= 0 AND COALESCE(wait_days, 0) >= 0)",
        "Amounts and days of an invitation program cannot be negative.",
    )
    _dates_valid = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "An invitation program ends after its beginning.",
    )

    # === COMPUTE === #

    @api.depends("budget")
    def _compute_spent(self):
        spent = {
            counter.program_id: counter.spent
            for counter in self.env["groupbuy.invitation.budget"].search(
                [("program_id", "in", self.ids)]
            )
        }
        for program in self:
            program.spent = spent.get(program, 0.0)
            program.budget_left = (
                max(program.budget - program.spent, 0.0) if program.budget else 0.0
            )

    def _compute_counts(self):
        counts = {
            (program, state): count
            for program, state, count in self.env["groupbuy.invitation"]._read_group(
                [("program_id", "in", self.ids)], ["program_id", "state"], ["__count"]
            )
        }
        for program in self:
            program.invited_count = sum(
                count for (owner, _state), count in counts.items() if owner == program
            )
            program.rewarded_count = counts.get((program, "rewarded"), 0)

    # === BUDGET === #

    @api.model_create_multi
    def create(self, vals_list):
        programs = super().create(vals_list)
        # Elevated: the counter is nobody's to write; it follows from the program.
        self.env["groupbuy.invitation.budget"].sudo().create(
            [{"program_id": program.id, "cap": program.budget} for program in programs]
        )
        return programs

    def write(self, vals):
        if "company_id" in vals and any(
            program.company_id.id != vals["company_id"] and program.invited_count
            for program in self
        ):
            raise UserError(
                self.env._(
                    "Residents were invited by this program: make a new one for the"
                    " other company."
                )
            )
        result = super().write(vals)
        if "budget" in vals:
            # Elevated: as in `create`.
            counters = self.env["groupbuy.invitation.budget"].sudo()
            for program in self:
                if not counters._set_cap(program, program.budget):
                    raise UserError(
                        self.env._(
                            "The budget of %(program)s cannot be lower than what its"
                            " gifts have cost already. Archive the program to stop it.",
                            program=program.name,
                        )
                    )
            self.invalidate_recordset(["spent", "budget_left"])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(program.invited_count for program in self):
            raise UserError(
                self.env._(
                    "Residents were invited by this program: archive it instead."
                )
            )

    # === LOOKING UP === #

    @api.model
    def _get_running(self, company):
        """Return the program by which residents of a company are invited today.

        :param res.company company: The company of the website.
        :return: The first by sequence, with elevated rights; may be empty.
        :rtype: groupbuy.invitation.program
        """
        today = fields.Date.context_today(self)
        # Elevated: residents have no rights on programs; what they see is chosen by
        # the pages.
        return self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("gift_ids", "!=", False)
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", today))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today)),
            limit=1,
        )

    def _get_gifts(self, role):
        """Return the gifts of a role that can be given.

        :param str role: "invited", "inviter" or "milestone".
        :rtype: groupbuy.invitation.gift
        """
        return self.gift_ids.filtered(
            lambda gift: gift.role == role and gift.loyalty_program_id.active
        )

    def _is_used_up(self):
        """Return whether the budget no longer pays for one more invitation.

        :rtype: bool
        """
        self.ensure_one()
        if not self.budget:
            return False
        gifts = self._get_gifts("invited") | self._get_gifts("inviter")
        cost = sum(gifts.mapped("cost"))
        return self.currency_id.compare_amounts(self.budget_left, cost) < 0

    def _get_welcome_text(self, name):
        """Return what somebody who followed a link is told.

        :param str name: How the inviter is shown.
        :rtype: str
        """
        self.ensure_one()
        gifts = self._get_gifts("invited")
        if self._is_used_up() or not gifts:
            return self.env._("%s invites you to the group buy.", name)
        return self.env._(
            "%(name)s invites you to the group buy. When you have collected your first"
            " order, you get: %(gifts)s.",
            name=name,
            gifts=", ".join(gift._describe() for gift in gifts),
        )

    # === BUTTONS === #

    def _check_manager(self):
        """Refuse whoever is no manager.

        :raise AccessError: If the user is none.
        """
        self.check_access("read")
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_manager"):
            raise AccessError(
                self.env._("Only managers of group buying decide on gifts.")
            )

    def action_give_missing(self):
        """Look again at what was not given because the budget was used up.

        :raise AccessError: If the user is no manager.
        """
        self.ensure_one()
        self._check_manager()
        # Elevated: what is given follows from what was collected.
        program = self.sudo()
        invitations = self.env["groupbuy.invitation"].sudo()
        refused = invitations.search(
            [
                ("program_id", "=", program.id),
                ("state", "=", "refused"),
                ("reason", "=", "budget"),
            ],
            order="id",
            limit=1000,
        )
        refused._reopen()
        refused._settle()
        milestones = program._get_gifts("milestone")
        if not milestones:
            return
        counts = invitations._read_group(
            [("program_id", "=", program.id), ("state", "=", "rewarded")],
            ["inviter_id"],
            ["__count"],
            having=[("__count", ">=", min(milestones.mapped("threshold")))],
        )
        inviters = self.env["res.partner"].union(*(partner for partner, _n in counts))
        self.env["groupbuy.standing"]._touch(program.company_id, inviters)
        invitations._give_milestones(program, inviters)

    def action_open_invitations(self):
        """Open the invitations of the program."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_marketing.groupbuy_invitation_action"
        )
        action["domain"] = [("program_id", "=", self.id)]
        return action

    def action_open_rewards(self):
        """Open what was given by the program."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_marketing.groupbuy_invitation_reward_action"
        )
        action["domain"] = [("program_id", "=", self.id)]
        return action
