# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

# Of so many names a sentence lists all.
NAMES_SHOWN = 3


class LoyaltyProgram(models.Model):
    """For whom a program is, what it goes together with, and what a merchant gives.

    Odoo's own engine finds, prices and applies what a program grants. Ours are the
    conditions that a group purchase adds (see
    :meth:`_groupbuy_get_program_refusal`), and which programs go together.
    """

    _inherit = "loyalty.program"

    groupbuy_orders_only = fields.Boolean(
        string="Group Buys Only", help="Not for orders of the ordinary shop."
    )
    # A condition that is archived or deleted must not open an offer to everybody.
    groupbuy_campaign_ids = fields.Many2many(
        comodel_name="groupbuy.campaign",
        relation="groupbuy_campaign_loyalty_program_rel",
        ondelete="restrict",
        context={"active_test": False},
        string="Campaigns",
        groups="community_groupbuy.group_groupbuy_user",
        help="Only for orders of these campaigns. Empty: all.",
    )
    groupbuy_community_ids = fields.Many2many(
        comodel_name="groupbuy.community",
        relation="groupbuy_community_loyalty_program_rel",
        ondelete="restrict",
        context={"active_test": False},
        string="Communities",
        groups="community_groupbuy.group_groupbuy_user",
        help="Only for residents of these communities. Empty: all.",
    )
    groupbuy_point_ids = fields.Many2many(
        comodel_name="groupbuy.pickup.point",
        relation="groupbuy_pickup_point_loyalty_program_rel",
        ondelete="restrict",
        context={"active_test": False},
        string="Pickup Points",
        groups="community_groupbuy.group_groupbuy_user",
        help="Only for orders collected there: a leader's group is the residents of the"
        " leader's points. Empty: all, and delivery to the door.",
    )
    groupbuy_first_order = fields.Boolean(
        string="First Order",
        help="Only for a resident's first group order. A resident gets one offer of"
        " this kind, however many there are.",
    )
    groupbuy_resident_limit = fields.Integer(
        string="Uses per Resident",
        help="How often a resident may use it in group buys; 0: no limit.",
    )
    groupbuy_combining = fields.Selection(
        selection=[
            ("default", "As the shop does: the better discount on the whole order"),
            ("all", "With every other that allows it"),
            ("chosen", "With those chosen"),
            ("none", "With no other"),
        ],
        string="Combines",
        required=True,
        default="default",
        help="Two offers go together when both allow it. Wallets and gift cards are"
        " payments, and always do. Offers are taken off in the order of the list of"
        " programs.",
    )
    groupbuy_combining_ids = fields.Many2many(
        comodel_name="loyalty.program",
        relation="groupbuy_loyalty_program_combining_rel",
        column1="program_id",
        column2="other_id",
        string="Combines With",
    )
    groupbuy_return = fields.Selection(
        selection=[
            ("always", "Whatever the reason"),
            ("failed", "Unless the resident cancels"),
            ("never", "Never"),
        ],
        string="Given Back",
        required=True,
        default="always",
        help="Whether a coupon is given back when its group order is cancelled.",
    )
    groupbuy_return_days = fields.Integer(
        string="Extended By",
        default=7,
        help="A coupon that is given back can be used for so many days at least, even"
        " when it would have expired by then.",
    )
    groupbuy_below_cost_approved_by = fields.Many2one(
        comodel_name="res.users",
        string="Below Cost Accepted By",
        readonly=True,
        copy=False,
        help="Without a manager's acceptance the program never brings a group order"
        " below what its goods cost us.",
    )
    groupbuy_merchant_id = fields.Many2one(
        comodel_name="res.partner",
        string="Merchant",
        index="btree_not_null",
        ondelete="restrict",
        help="The local merchant at whose counter the coupon is redeemed. It is not"
        " used in a cart.",
    )
    groupbuy_gift = fields.Char(
        string="The Merchant Gives",
        translate=True,
        help='What residents get for the coupon, such as "a coffee".',
    )
    groupbuy_issued_count = fields.Integer(
        string="Issued",
        compute="_compute_groupbuy_coupon_counts",
        groups="community_groupbuy.group_groupbuy_user",
    )
    groupbuy_redeemed_count = fields.Integer(
        string="Redeemed",
        compute="_compute_groupbuy_coupon_counts",
        groups="community_groupbuy.group_groupbuy_user",
    )
    groupbuy_used_count = fields.Integer(
        string="Used in Group Buys",
        compute="_compute_groupbuy_coupon_counts",
        groups="community_groupbuy.group_groupbuy_user",
    )

    _groupbuy_coupon_numbers = models.Constraint(
        "CHECK (COALESCE(groupbuy_resident_limit, 0) >= 0"
        " AND COALESCE(groupbuy_return_days, 0) >= 0)",
        "The limit for each resident and the days cannot be negative.",
    )

    def _compute_groupbuy_coupon_counts(self):
        issued = self._groupbuy_count_by_program("groupbuy.coupon.issue")
        redeemed = self._groupbuy_count_by_program("groupbuy.coupon.redemption")
        used = dict(
            self.env["groupbuy.coupon.claim"]._read_group(
                [("program_id", "in", self.ids), ("state", "=", "claimed")],
                ["program_id"],
                ["__count"],
            )
        )
        for program in self:
            program.groupbuy_issued_count = issued.get(program.id, 0)
            program.groupbuy_redeemed_count = redeemed.get(program.id, 0)
            program.groupbuy_used_count = used.get(program.id, 0)

    def _groupbuy_count_by_program(self, model):
        """Return how many records of a model name these programs.

        :param str model: A model with a field `program_id`.
        :return: Program id → count.
        :rtype: dict[int, int]
        """
        return {
            program.id: count
            for program, count in self.env[model]._read_group(
                [("program_id", "in", self.ids)], ["program_id"], ["__count"]
            )
        }

    @api.constrains("groupbuy_merchant_id", "program_type", "groupbuy_gift")
    def _check_groupbuy_merchant(self):
        for program in self.filtered("groupbuy_merchant_id"):
            if program.program_type != "coupons":
                raise ValidationError(
                    self.env._(
                        "%s: only coupons are redeemed by a merchant. Choose the"
                        ' program type "Coupons".',
                        program.name,
                    )
                )
            if not program.groupbuy_gift:
                raise ValidationError(
                    self.env._("%s: say what the merchant gives for it.", program.name)
                )

    @api.constrains("company_id", "groupbuy_campaign_ids", "groupbuy_point_ids")
    def _check_groupbuy_company(self):
        # Elevated: who owns the shop's programs need not see campaigns and points.
        for program in self.sudo().filtered("company_id"):
            records = (program.groupbuy_campaign_ids, program.groupbuy_point_ids)
            if any(r.company_id - program.company_id for r in records):
                raise ValidationError(
                    self.env._(
                        "%s: its campaigns and points belong to another company.",
                        program.name,
                    )
                )

    def _groupbuy_check_acceptance(self, vals):
        """Refuse that a manager's acceptance is typed in.

        :param dict vals: Values that are written.
        :raise AccessError: If they name the acceptance and this is not elevated.
        """
        if vals.get("groupbuy_below_cost_approved_by") and not self.env.su:
            raise AccessError(
                self.env._("Prices below cost are accepted by a manager's button only.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._groupbuy_check_acceptance(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._groupbuy_check_acceptance(vals)
        return super().write(vals)

    # === BUTTONS === #

    def action_groupbuy_approve_below_cost(self):
        """Let a manager accept that a program brings orders below cost.

        A later change of its discounts takes the acceptance back.

        :raise AccessError: If the user is not a group buying manager.
        """
        self.check_access("read")
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_manager"):
            raise AccessError(
                self.env._("Only a group buying manager can accept a price below cost.")
            )
        # Elevated: group buying managers may not own the shop's programs; they decide
        # about prices below cost, which was just checked.
        self.sudo().groupbuy_below_cost_approved_by = self.env.user

    def action_groupbuy_open_redemptions(self):
        """Open what merchants have redeemed of these programs."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_marketing.groupbuy_coupon_redemption_action"
        )
        return dict(action, domain=[("program_id", "in", self.ids)], context={})

    def action_groupbuy_issue(self):
        """Open the window in which coupons are given to residents."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_marketing.groupbuy_coupon_issue_wizard_action"
        )
        return dict(action, context={"default_program_id": self.id})

    # === CONDITIONS === #

    def _groupbuy_get_program_refusal(self, order, facts):
        """Return why a program is not for an order.

        An extension point: other addons and slices add conditions of theirs. Nothing
        is searched here for each program; see
        :meth:`sale.order._groupbuy_get_coupon_facts`.

        :param sale.order order: A cart.
        :param dict facts: What was looked up for all programs together.
        :return: A sentence, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        if self.groupbuy_merchant_id:
            return self.env._(
                "Show this coupon at %s: it is redeemed there, not in a cart.",
                self.groupbuy_merchant_id.name,
            )
        campaign = order.groupbuy_campaign_id
        if self.groupbuy_orders_only and not campaign:
            return self.env._(
                "This offer is for group buys. Use it when you join a campaign."
            )
        if self.groupbuy_campaign_ids and campaign not in self.groupbuy_campaign_ids:
            return self.env._(
                "This offer is for other campaigns: %s.",
                self._groupbuy_list_names(self.groupbuy_campaign_ids),
            )
        if self.groupbuy_community_ids:
            if refusal := self._groupbuy_refuse_community(facts):
                return refusal
        if self.groupbuy_point_ids:
            if refusal := self._groupbuy_refuse_point(order, facts):
                return refusal
        if self.groupbuy_first_order and (
            facts["has_ordered"] or facts["has_used_first"]
        ):
            return self.env._("This offer is for a resident's first group order.")
        limit = self.groupbuy_resident_limit
        if limit and facts["uses"].get(self.id, 0) >= limit:
            return self.env._(
                "You have used this offer as often as a resident may: %s.", limit
            )
        return ""

    def _groupbuy_refuse_community(self, facts):
        """Return why a program is not for the residents of a cart's community."""
        community = facts["community"]
        if community in self.groupbuy_community_ids:
            return ""
        if not community and not facts["is_final"]:
            return self.env._(
                "This offer is for residents of %s. Choose your community first.",
                self._groupbuy_list_names(self.groupbuy_community_ids),
            )
        return self.env._(
            "This offer is for residents of %s.",
            self._groupbuy_list_names(self.groupbuy_community_ids),
        )

    def _groupbuy_refuse_point(self, order, facts):
        """Return why a program is not for the pickup point of a cart.

        Before the checkout no point is chosen yet: then it is enough that the campaign
        serves one of them.
        """
        point = order.groupbuy_point_id
        if point in self.groupbuy_point_ids:
            return ""
        campaign = order.groupbuy_campaign_id
        if not point and campaign and not facts["is_final"]:
            if campaign.sudo().pickup_point_ids & self.groupbuy_point_ids:
                return ""
        return self.env._(
            "This offer is for orders that are collected at %s.",
            self._groupbuy_list_names(self.groupbuy_point_ids),
        )

    @api.model
    def _groupbuy_list_names(self, records):
        """Return the names of some records, in the reader's language.

        :param records: Records with a name.
        :rtype: str
        """
        # Elevated by the callers: residents have no rights on what is named.
        names = records.sudo()[:NAMES_SHOWN].mapped("name")
        if len(records) > NAMES_SHOWN:
            names.append("…")
        return ", ".join(names)

    def _groupbuy_has_conditions(self):
        """Return whether a program has any condition of ours.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.groupbuy_merchant_id
            or self.groupbuy_orders_only
            or self.groupbuy_first_order
            or self.groupbuy_resident_limit
            or self.groupbuy_campaign_ids
            or self.groupbuy_community_ids
            or self.groupbuy_point_ids
        )

    def _groupbuy_needs_claim(self):
        """Return whether the uses of a program are counted.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.groupbuy_first_order
            or self.groupbuy_resident_limit
            or (self.limit_usage and self.max_usage)
        )

    def _groupbuy_is_left(self, used, claims):
        """Return whether a program may be used once more by a resident.

        :param int used: How often it was used by all.
        :param list[tuple] claims: What the resident has used in other orders: program
            id, False, whether for a first order, state.
        :rtype: bool
        """
        self.ensure_one()
        if self.limit_usage and self.max_usage and used >= self.max_usage:
            return False
        if self.groupbuy_first_order and any(
            is_first for _p, _o, is_first, _s in claims
        ):
            return False
        limit = self.groupbuy_resident_limit
        return not limit or sum(row[0] == self.id for row in claims) < limit

    def _groupbuy_keeps_coupon(self, reason):
        """Return whether the coupon of an order that fails stays used.

        :param str reason: Selection value of the job.
        :rtype: bool
        """
        self.ensure_one()
        if self.is_payment_program:
            return False
        if self.groupbuy_return == "never":
            return True
        return self.groupbuy_return == "failed" and reason == "resident"

    # === WHAT GOES TOGETHER === #

    def _groupbuy_combines_with(self, other):
        """Return whether two programs may discount one order.

        :param loyalty.program other: Another one.
        :rtype: bool
        """
        self.ensure_one()
        return self._groupbuy_allows(other) and other._groupbuy_allows(self)

    def _groupbuy_allows(self, other):
        """Return whether this program allows another one beside it."""
        if self.groupbuy_combining == "none":
            return False
        if self.groupbuy_combining == "chosen":
            return other in self.groupbuy_combining_ids
        if self.groupbuy_combining == "default":
            # Of two such the shop itself takes the better one.
            return other.groupbuy_combining == "default" or not (
                self._groupbuy_is_order_wide() and other._groupbuy_is_order_wide()
            )
        return True

    def _groupbuy_is_order_wide(self):
        """Return whether a program discounts the order as a whole."""
        return any(
            reward.reward_type == "discount"
            and reward.discount_applicability == "order"
            and reward.discount_mode in ("percent", "per_order")
            for reward in self.reward_ids
        )

    # === MERCHANTS === #

    @api.model
    def _groupbuy_get_merchant_programs(self, partner):
        """Return the programs whose coupons a merchant redeems.

        :param res.partner partner: A user's contact: the merchant, or one who works
            for it.
        :rtype: loyalty.program
        """
        if not partner:
            return self.browse()
        return (
            self.with_context(active_test=False)
            # Elevated: merchants have no rights on programs; they see their own here.
            .sudo()
            .search(
                Domain(
                    "groupbuy_merchant_id.commercial_partner_id",
                    "=",
                    partner.commercial_partner_id.id,
                )
            )
        )
