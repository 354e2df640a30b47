# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_list

from ..const import PRIVILEGE
from ..utils import has_privilege, next_tier, reached_price, round_up_to_case


class GroupBuyCampaignLine(models.Model):
    _name = "groupbuy.campaign.line"
    _description = "Group Buying Campaign Line"
    _order = "campaign_id desc, sequence, id"
    _check_company_auto = True

    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    currency_id = fields.Many2one(related="campaign_id.currency_id")
    campaign_state = fields.Selection(related="campaign_id.state")
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('sale_ok', '=', True), ('type', '=', 'consu')]",
    )
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    name = fields.Char(related="product_id.name")
    start_price = fields.Monetary(
        required=True,
        help="Unit price without any tier, tax included, in the company's currency.",
    )
    tier_ids = fields.One2many(
        comodel_name="groupbuy.price.tier", inverse_name="line_id", copy=True
    )
    tier_measure = fields.Selection(
        selection=[
            ("people", "People"),
            ("quantity", "Quantity"),
            ("amount", "Amount"),
        ],
        required=True,
        default="quantity",
        help="What the thresholds count. The amount is what was charged at joining,"
        " tax included, so that a falling price never takes a tier away again.",
    )
    tier_scope = fields.Selection(
        selection=[("campaign", "Whole campaign"), ("group", "Each group")],
        required=True,
        default="campaign",
    )
    cap = fields.Float(
        string="Limit",
        digits="Product Unit",
        help="The most that all residents together may order; 0 means no limit.",
    )
    limit_per_resident = fields.Float(
        digits="Product Unit",
        help="The most that one resident may order in this campaign; 0 means no limit.",
    )
    min_per_order = fields.Float(
        string="Minimum per Order",
        digits="Product Unit",
        help="The least that a resident orders; 0 means no minimum.",
    )
    min_quantity = fields.Float(
        string="Line Minimum",
        digits="Product Unit",
        help="Below this total the line is dropped at the close and refunded, while"
        " the rest of the campaign goes on; 0 means no minimum.",
    )
    case_size = fields.Float(
        digits="Product Unit",
        help="Units in a case of the supplier. The quantity to buy is rounded up to"
        " whole cases; what is left stays in stock. 0 or 1 means single units.",
    )
    quota_ids = fields.One2many(
        comodel_name="groupbuy.quota",
        inverse_name="line_id",
        string="Quotas",
        copy=False,
    )
    quota_id = fields.Many2one(
        comodel_name="groupbuy.quota", compute="_compute_quota_id", compute_sudo=True
    )
    outcome_ids = fields.One2many(
        comodel_name="groupbuy.line.outcome", inverse_name="line_id", copy=False
    )

    taken_quantity = fields.Float(
        string="Claimed",
        digits="Product Unit",
        compute="_compute_taken_quantity",
        help="Paid orders and the carts that hold a quantity right now.",
    )
    available_quantity = fields.Float(
        string="Left", digits="Product Unit", compute="_compute_taken_quantity"
    )
    sold_quantity = fields.Float(
        string="Sold", digits="Product Unit", compute="_compute_tallies"
    )
    people_count = fields.Integer(string="People", compute="_compute_tallies")
    amount_sum = fields.Monetary(string="Amount", compute="_compute_tallies")
    current_price = fields.Monetary(compute="_compute_tallies")
    next_threshold = fields.Float(compute="_compute_tallies")
    next_price = fields.Monetary(compute="_compute_tallies")
    missing_to_next = fields.Float(compute="_compute_tallies")
    final_price = fields.Monetary(compute="_compute_final_price")

    supplier_id = fields.Many2one(
        comodel_name="res.partner", compute="_compute_cost", compute_sudo=True
    )
    supplier_delay = fields.Integer(
        string="Lead Time",
        compute="_compute_cost",
        compute_sudo=True,
        help="In days.",
    )
    cost = fields.Monetary(
        compute="_compute_cost",
        compute_sudo=True,
        help="What a unit costs us without tax: the supplier's price, or the product's"
        " cost where it has no supplier.",
    )
    lowest_price = fields.Monetary(
        compute="_compute_cost",
        compute_sudo=True,
        help="The price of the last tier, without tax.",
    )
    margin = fields.Monetary(compute="_compute_cost", compute_sudo=True)
    margin_percent = fields.Float(compute="_compute_cost", compute_sudo=True)
    is_below_cost = fields.Boolean(
        string="Below Cost", compute="_compute_cost", compute_sudo=True
    )
    below_cost_approved_by = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    stock_quantity = fields.Float(
        string="From Stock",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="What was taken from stock when the campaign succeeded, not bought.",
    )
    needed_quantity = fields.Float(
        string="Needed", digits="Product Unit", compute="_compute_supply"
    )
    bought_quantity = fields.Float(
        string="Bought", digits="Product Unit", compute="_compute_supply"
    )
    supply_difference = fields.Float(
        digits="Product Unit",
        compute="_compute_supply",
        help="Bought and taken from stock, less what residents are owed.",
    )

    _product_uniq = models.Constraint(
        "UNIQUE (campaign_id, product_id)",
        "A campaign offers a product once.",
    )
    _start_price_positive = models.Constraint(
        "CHECK (start_price >= 0)", "The start price cannot be negative."
    )
    _quantities_positive = models.Constraint(
        "CHECK (COALESCE(cap, 0) >= 0 AND COALESCE(limit_per_resident, 0) >= 0"
        " AND COALESCE(min_per_order, 0) >= 0 AND COALESCE(min_quantity, 0) >= 0"
        " AND COALESCE(case_size, 0) >= 0)",
        "Limits, minimums and the case size cannot be negative.",
    )

    # === COMPUTE === #

    @api.depends("quota_ids")
    def _compute_quota_id(self):
        for line in self:
            line.quota_id = line.quota_ids[:1]

    @api.depends("cap")
    def _compute_taken_quantity(self):
        # Read past the cache: other transactions change the counter all the time.
        taken = {}
        if self.ids:
            self.env.cr.execute(
                "SELECT line_id, taken FROM groupbuy_quota WHERE line_id = ANY(%s)",
                [self.ids],
            )
            taken = {
                line_id: float(qty or 0) for line_id, qty in self.env.cr.fetchall()
            }
        for line in self:
            line.taken_quantity = taken.get(line.id, 0.0)
            line.available_quantity = (
                max(line.cap - line.taken_quantity, 0.0) if line.cap else 0.0
            )

    def _compute_tallies(self):
        tallies = self._get_tallies()
        for line in self:
            tally = tallies.get(line.id, {})
            line.sold_quantity = tally.get("quantity", 0.0)
            line.people_count = tally.get("people", 0)
            line.amount_sum = tally.get("amount", 0.0)
            measured = (
                tally.get(line.tier_measure, 0.0)
                if line.tier_scope == "campaign"
                else 0.0
            )
            tiers = line._get_tiers()
            following = next_tier(tiers, measured)
            line.current_price = reached_price(line.start_price, tiers, measured)
            line.next_threshold = following[0] if following else 0.0
            line.next_price = following[1] if following else 0.0
            line.missing_to_next = following[0] - measured if following else 0.0

    @api.depends("outcome_ids.price")
    def _compute_final_price(self):
        for line in self:
            prices = line.outcome_ids.mapped("price")
            line.final_price = min(prices) if prices else 0.0

    @api.depends("product_id", "start_price", "tier_ids.price", "min_quantity")
    def _compute_cost(self):
        # At once for all lines: a seller that was selected alone would read its
        # template alone, too.
        self.product_id.product_tmpl_id.seller_ids.mapped("price_discounted")
        for line in self:
            product = line.product_id.with_company(line.company_id)
            seller = product._select_seller(quantity=None) if product else None
            line.supplier_id = seller.partner_id if seller else False
            line.supplier_delay = seller.delay if seller else 0
            line.cost = (
                seller.currency_id._convert(
                    seller.product_uom_id._compute_price(
                        seller.price_discounted, product.uom_id
                    ),
                    line.currency_id,
                    line.company_id,
                    fields.Date.context_today(line),
                )
                if seller
                else product.standard_price
            )
            lowest = min(line.tier_ids.mapped("price"), default=line.start_price)
            line.lowest_price = line._price_without_tax(min(lowest, line.start_price))
            line.margin = line.lowest_price - line.cost
            line.margin_percent = (
                line.margin / line.lowest_price if line.lowest_price else 0.0
            )
            line.is_below_cost = bool(product) and line.margin < 0

    def _compute_supply(self):
        needs = self._get_needed_quantities()
        bought = self._get_bought_quantities()
        for line in self:
            line.needed_quantity = needs.get(line.id, 0.0)
            line.bought_quantity = bought.get(line.id, 0.0)
            line.supply_difference = (
                line.bought_quantity + line.stock_quantity - line.needed_quantity
            )

    @api.depends("product_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.product_id.display_name

    # === CONSTRAINTS AND CRUD === #

    @api.constrains("start_price", "tier_ids")
    def _check_tiers(self):
        self.tier_ids._check_price_falls()

    @api.constrains("cap", "limit_per_resident", "min_per_order", "min_quantity")
    def _check_quantities(self):
        for line in self:
            highest = min(
                (q for q in (line.cap, line.limit_per_resident) if q), default=0
            )
            if highest and line.min_per_order > highest:
                raise ValidationError(
                    self.env._(
                        "Nobody could order %(product)s: the minimum per order is"
                        " above its limit.",
                        product=line.product_id.display_name,
                    )
                )
            if line.cap and line.min_quantity > line.cap:
                raise ValidationError(
                    self.env._(
                        "%(product)s could never succeed: its minimum is above its"
                        " limit.",
                        product=line.product_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_facts(
            name for vals in vals_list for name, value in vals.items() if value
        )
        lines = super().create(vals_list)
        self.env["groupbuy.quota"].sudo().create(
            [{"line_id": line.id, "cap": line.cap} for line in lines]
        )
        lines._log_open_edit(self.env._("Line added"))
        return lines

    def _check_facts(self, names):
        """Refuse that somebody writes what only our own code decides on a line.

        :param names: Names of the fields that are about to be written.
        :raise AccessError: If a manager's acceptance or a quantity taken from stock is
            among them, unless our own code writes it.
        """
        if self.env.su or has_privilege(self.env.context, "groupbuy_system_write"):
            return
        if {"below_cost_approved_by", "stock_quantity"}.intersection(names):
            raise AccessError(
                self.env._(
                    "A price below cost is accepted by a manager's button only, and"
                    " what comes from stock is counted at the close."
                )
            )

    def write(self, vals):
        self._check_facts(vals)
        promised = {"start_price", "tier_measure", "tier_scope", "product_id"}
        if promised & vals.keys():
            for line in self:
                line._check_open_edit(
                    worse=(
                        vals.get("start_price", line.start_price) > line.start_price
                        or vals.get("tier_measure", line.tier_measure)
                        != line.tier_measure
                        or vals.get("tier_scope", line.tier_scope) != line.tier_scope
                        or vals.get("product_id", line.product_id.id)
                        != line.product_id.id
                    )
                )
        edited = {
            "start_price", "cap", "limit_per_resident", "min_per_order", "min_quantity"
        } & vals.keys()  # fmt: skip
        if edited:
            self._check_open_edit(worse="min_quantity" in vals and self._raises(vals))
            labels = self.fields_get(edited, ["string"])
            self._log_open_edit(
                format_list(
                    self.env, [labels[name]["string"] for name in sorted(edited)]
                )
            )
        if vals.get("cap"):
            claimed = max(self.mapped("taken_quantity"), default=0.0)
            if vals["cap"] < claimed:
                raise UserError(
                    self.env._(
                        "%g have been claimed already; the limit cannot be lower.",
                        claimed,
                    )
                )
        if {
            "start_price",
            "product_id",
        } & vals.keys() and "below_cost_approved_by" not in vals:
            vals = dict(vals, below_cost_approved_by=False)
        result = super().write(vals)
        if "cap" in vals:
            self.quota_ids.sudo().write({"cap": vals["cap"]})
            # At once: a claim between the look above and this write is refused here,
            # by the constraint of the counter's row.
            self.quota_ids.sudo().flush_recordset()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_joined(self):
        if any(line.campaign_id.state not in ("draft", "scheduled") for line in self):
            raise UserError(
                self.env._(
                    "A line of a campaign that has opened cannot be deleted. Set its"
                    " limit to what has been claimed to stop its sale."
                )
            )

    def _raises(self, vals):
        """Return whether a line minimum would be raised for those who joined."""
        return any(vals["min_quantity"] > line.min_quantity for line in self)

    def _check_open_edit(self, worse):
        """Refuse an edit of an open campaign without reason, or one that harms.

        :param bool worse: Whether the edit makes worse what joiners were promised.
        :raise UserError: If so, or if the campaign has opened and no reason is given.
        """
        opened = self.filtered(
            lambda line: line.campaign_state not in (False, "draft", "scheduled")
        )
        if not opened:
            return
        if worse:
            raise UserError(
                self.env._(
                    "Residents have been promised this price and these tiers. They can"
                    " be improved while the campaign runs, never made worse."
                )
            )
        opened.campaign_id._check_edit_reason()

    def _log_open_edit(self, what):
        """Keep an edit of an open campaign in its chatter, with the reason."""
        for campaign in self.campaign_id.filtered(
            lambda campaign: campaign.state not in ("draft", "scheduled")
        ):
            campaign._check_edit_reason()
            products = self.filtered_domain([("campaign_id", "=", campaign.id)])
            campaign._log_edit(
                self.env._(
                    "%(what)s: %(products)s",
                    what=what,
                    products=", ".join(products.mapped("product_id.display_name")),
                )
            )

    # === ACTIONS === #

    def action_approve_below_cost(self):
        """Let a manager accept a price below cost.

        :raise AccessError: If the user is not a group buying manager.
        """
        self.check_access("write")
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_manager"):
            raise AccessError(
                self.env._("Only a group buying manager can accept a price below cost.")
            )
        self.with_context(
            groupbuy_system_write=PRIVILEGE
        ).below_cost_approved_by = self.env.user

    # === TALLIES AND PRICES === #

    def _get_tiers(self):
        """Return the tiers as pairs (threshold, price), lowest threshold first."""
        self.ensure_one()
        return [(t.threshold, t.price) for t in self.tier_ids.sorted("threshold")]

    def _get_tallies(self, by_group=False):
        """Count the paid holds of lines: two queries at most, for any number of lines.

        :param bool by_group: Also count group by group.
        :return: Line id → people, quantity, amount (company currency, tax included)
            and, if asked, groups: group id → the same three.
        :rtype: dict[int, dict]
        """
        if not self.ids:
            return {}
        query = """
            SELECT line_id, {group} COUNT(DISTINCT partner_id), SUM(quantity),
                   SUM(amount)
              FROM groupbuy_hold
             WHERE line_id = ANY(%s) AND state = 'paid'
             GROUP BY line_id {by}
        """
        self.env["groupbuy.hold"].flush_model()
        self.env.cr.execute(query.format(group="", by=""), [self.ids])
        tallies = {
            line_id: {
                "people": people,
                "quantity": float(quantity),
                "amount": float(amount or 0),
                "groups": {},
            }
            for line_id, people, quantity, amount in self.env.cr.fetchall()
        }
        if by_group:
            self.env.cr.execute(
                query.format(group="group_id,", by=", group_id"), [self.ids]
            )
            for line_id, group_id, people, qty, amount in self.env.cr.fetchall():
                tallies[line_id]["groups"][group_id] = {
                    "people": people,
                    "quantity": float(qty),
                    "amount": float(amount or 0),
                }
        return tallies

    def _get_current_prices(self, group=None):
        """Return the unit prices that those who join now are shown and charged.

        :param groupbuy.group group: The group joined, if already known. Tiers that
            are counted group by group start at the start price without one.
        :return: Line id → unit price, tax included, in the company's currency.
        :rtype: dict[int, float]
        """
        by_group = any(line.tier_scope == "group" for line in self)
        tallies = self._get_tallies(by_group=by_group and bool(group))
        prices = {}
        for line in self:
            tally = tallies.get(line.id, {})
            if line.tier_scope == "group":
                tally = tally.get("groups", {}).get(group.id if group else 0, {})
            measured = tally.get(line.tier_measure, 0.0)
            prices[line.id] = reached_price(
                line.start_price, line._get_tiers(), measured
            )
        return prices

    def _price_without_tax(self, price):
        """Return a tax included price without the product's sales taxes.

        :param float price: Unit price, tax included, in the line's currency.
        :return: The same without tax.
        :rtype: float
        """
        self.ensure_one()
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        if not taxes:
            return price
        # Not rounded: a unit price has as many decimals as it needs, so that three
        # pieces cost three times the price that was shown.
        return taxes._get_tax_details(
            price,
            1.0,
            rounding_method="round_globally",
            product=self.product_id,
            special_mode="total_included",
        )["total_excluded"]

    def _to_product_price(self, price):
        """Return a tax included price as the product's own taxes expect it.

        Odoo reads a unit price as tax included or not by the product's taxes. Where
        they are all included nothing changes.

        :param float price: Unit price, tax included, in the line's currency.
        :return: The unit price to put on an order line.
        :rtype: float
        """
        self.ensure_one()
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        if not taxes or all(tax.price_include for tax in taxes):
            return price
        return self._price_without_tax(price)

    def _prepare_outcome(self, group_id, tally, dropped):
        """Return the values of the fact that the close writes for the line.

        :param int group_id: The group, where tiers are counted group by group.
        :param dict tally: people, quantity, amount of the campaign or the group.
        :param bool dropped: Whether the line missed its own minimum.
        :rtype: dict
        """
        self.ensure_one()
        measured = tally.get(self.tier_measure, 0.0)
        return {
            "campaign_id": self.campaign_id.id,
            "line_id": self.id,
            "group_id": group_id,
            "measured": measured,
            "sold_quantity": tally.get("quantity", 0.0),
            "price": reached_price(self.start_price, self._get_tiers(), measured),
            "is_dropped": dropped,
        }

    # === SUPPLY === #

    def _get_needed_quantities(self):
        """Return what residents of succeeded groups are owed, by line.

        :return: Line id → quantity in the product's unit.
        :rtype: dict[int, float]
        """
        if not self.ids:
            return {}
        groups = self.env["sale.order.line"]._read_group(
            [
                ("groupbuy_line_id", "in", self.ids),
                ("state", "=", "sale"),
                ("order_id.groupbuy_state", "=", "confirmed"),
            ],
            ["groupbuy_line_id"],
            ["product_uom_qty:sum"],
        )
        return {line.id: quantity for line, quantity in groups}

    def _get_bought_quantities(self):
        """Return what has been put on purchase orders of the campaign, by line.

        :return: Line id → quantity in the product's unit.
        :rtype: dict[int, float]
        """
        if not self.ids:
            return {}
        groups = self.env["purchase.order.line"]._read_group(
            [
                ("groupbuy_campaign_id", "in", self.campaign_id.ids),
                ("product_id", "in", self.product_id.ids),
                ("state", "!=", "cancel"),
            ],
            ["groupbuy_campaign_id", "product_id", "product_uom_id"],
            ["product_qty:sum"],
        )
        bought = defaultdict(float)
        for campaign, product, uom, quantity in groups:
            bought[campaign.id, product.id] += uom._compute_quantity(
                quantity, product.uom_id
            )
        return {
            line.id: bought.get((line.campaign_id.id, line.product_id.id), 0.0)
            for line in self
        }

    def _get_quantity_to_buy(self, needed):
        """Return what to buy for a need, in whole cases.

        :param float needed: What residents are owed beyond what stock gives.
        :return: Quantity in the product's unit, rounded up to the case size.
        :rtype: float
        """
        self.ensure_one()
        return round_up_to_case(needed, self.case_size)
