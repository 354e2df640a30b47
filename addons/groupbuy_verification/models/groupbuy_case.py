# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re
from datetime import timedelta

from markupsafe import Markup
from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL, email_normalize, float_compare
from odoo.tools.mail import plaintext2html

from odoo.addons.community_groupbuy.const import BEARERS

OUTCOMES = [
    ("refund", "Refund in Full"),
    ("partial", "Refund in Part"),
    ("return", "Return and Refund"),
    ("exchange", "Exchange"),
    ("replacement", "Replacement"),
    ("coupon", "Coupon"),
    ("wallet", "Store Credit"),
    ("reject", "Rejection"),
]
# Nobody has decided yet.
OPEN_STATES = ("new", "leader", "staff")
# Cases that are told of, or given more time, in one transaction.
ESCALATION_SLICE = 100
PRECISION = 6
# Files that browsers show as pictures and run nothing of.
SHOWN_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
# How a case is named in the subject of a mail.
CASE_NUMBER = re.compile(r"CASE/\d{4}/\d{5,}")


class GroupBuyCase(models.Model):
    """Something that went wrong with goods, a pickup or an order (售后/异常单).

    It has one who decides and a time until when. Managers of the pickup point answer
    first where the type says so; then the back office does. What is decided happens
    in the same transaction (see `groupbuy_case_outcome.py`). State, deadline and
    outcome are changed by the methods of this model only.
    """

    _name = "groupbuy.case"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "After-Sales Case"
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(
        string="Number", required=True, readonly=True, copy=False, default="/"
    )
    reference = fields.Char(
        readonly=True,
        copy=False,
        help="What the case was opened for, such as a receipt. There is one case for"
        " each.",
    )
    type_id = fields.Many2one(
        comodel_name="groupbuy.case.type",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    type_code = fields.Char(related="type_id.code")
    state = fields.Selection(
        selection=[
            ("new", "New"),
            ("leader", "With the Leader"),
            ("staff", "With Staff"),
            ("returning", "Waiting for the Goods"),
            ("resolved", "Resolved"),
            ("rejected", "Rejected"),
            ("closed", "Closed"),
        ],
        required=True,
        readonly=True,
        default="new",
        copy=False,
        tracking=True,
        group_expand=True,
    )
    is_open = fields.Boolean(compute="_compute_is_open", search="_search_is_open")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        compute="_compute_currency_id",
        store=True,
        precompute=True,
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('groupbuy_state', '=', 'confirmed')]",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        compute="_compute_from_order",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        compute="_compute_from_order",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Pickup Point",
        compute="_compute_from_order",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Transfer",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The transfer at which it was noticed.",
    )
    line_ids = fields.One2many(
        comodel_name="groupbuy.case.line", inverse_name="case_id", string="Goods"
    )
    description = fields.Text(string="What Happened")
    evidence_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="groupbuy_case_attachment_rel",
        column1="case_id",
        column2="attachment_id",
        copy=False,
        bypass_search_access=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        index="btree_not_null",
    )
    deadline = fields.Datetime(
        readonly=True,
        copy=False,
        help="Until when the one it lies with has to decide, or the goods have to come"
        " back.",
    )
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_alerted = fields.Boolean(
        string="Alert Raised",
        readonly=True,
        copy=False,
        help="The back office has missed the deadline and was alerted, once.",
    )
    borne_by = fields.Selection(
        selection=BEARERS,
        tracking=True,
        help="Who bears what the outcome costs.",
    )
    supplier_id = fields.Many2one(
        comodel_name="res.partner",
        index="btree_not_null",
        help="Who supplied the goods.",
    )
    outcome = fields.Selection(
        selection=OUTCOMES, readonly=True, copy=False, tracking=True
    )
    outcome_note = fields.Text(
        string="Answer",
        readonly=True,
        copy=False,
        help="What the resident is told with the outcome.",
    )
    amount = fields.Monetary(
        string="Granted",
        readonly=True,
        copy=False,
        help="What the outcome is worth, tax included: money, credit, or the price of"
        " goods that were replaced.",
    )
    amount_refunded = fields.Monetary(
        string="Refunded",
        compute="_compute_amount_refunded",
        compute_sudo=True,
        help="What orders became cheaper by because of this case.",
    )
    decided_by_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    decided_at = fields.Datetime(string="Decided", readonly=True, copy=False)
    decided_level = fields.Selection(
        selection=[("leader", "Leader"), ("staff", "Staff")], readonly=True, copy=False
    )
    is_appealed = fields.Boolean(
        readonly=True,
        copy=False,
        help="The resident did not accept the leader's rejection and asked the shop.",
    )
    loyalty_card_id = fields.Many2one(
        comodel_name="loyalty.card",
        string="Coupon or Wallet",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    extra_picking_ids = fields.One2many(
        comodel_name="stock.picking",
        inverse_name="groupbuy_case_id",
        string="Returns and Replacements",
        readonly=True,
    )

    _reference_uniq = models.UniqueIndex(
        "(reference) WHERE reference IS NOT NULL", "This case exists already."
    )
    _deadline_idx = models.Index(
        "(state, deadline) WHERE state IN ('leader', 'staff', 'returning')"
    )
    _campaign_state_idx = models.Index(
        "(campaign_id, state) WHERE campaign_id IS NOT NULL"
    )
    _point_state_idx = models.Index("(point_id, state) WHERE point_id IS NOT NULL")

    # === COMPUTE === #

    @api.depends("order_id.currency_id", "company_id.currency_id")
    def _compute_currency_id(self):
        for case in self:
            case.currency_id = case.order_id.currency_id or case.company_id.currency_id

    @api.depends("order_id")
    def _compute_from_order(self):
        for case in self:
            if order := case.order_id:
                case.partner_id = order.partner_id
                case.campaign_id = order.groupbuy_campaign_id
                case.point_id = order.groupbuy_point_id

    @api.depends("state")
    def _compute_is_open(self):
        for case in self:
            case.is_open = case.state in OPEN_STATES

    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = list(OPEN_STATES)
        if True in value and False in value:
            return []
        return [("state", "in" if True in value else "not in", states)]

    @api.depends("state", "deadline")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for case in self:
            case.is_overdue = bool(
                case.state in (*OPEN_STATES, "returning")
                and case.deadline
                and case.deadline <= now
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = fields.Domain(
            "state", "in", (*OPEN_STATES, "returning")
        ) & fields.Domain("deadline", "<=", fields.Datetime.now())
        if True in value and False in value:
            return fields.Domain.TRUE
        return overdue if True in value else ~overdue

    @api.depends("state")
    def _compute_amount_refunded(self):
        """Sum up the allowances that name the case, one query for all cases.

        They are found by the goods of the case, which have an index, and told from
        others of the same goods by their reference.
        """
        amounts = {}
        if ids := [case.id for case in self if case.id]:
            self.env["groupbuy.allowance"].flush_model()
            self.env["groupbuy.case.line"].flush_model()
            self.env.cr.execute(
                SQL(
                    """
                    SELECT goods.case_id, SUM(a.amount)
                      FROM (SELECT DISTINCT case_id, order_line_id
                              FROM groupbuy_case_line WHERE case_id = ANY(%s)) goods
                      JOIN groupbuy_allowance a
                        ON a.order_line_id = goods.order_line_id
                       AND (a.reference = 'case/' || goods.case_id
                            OR a.reference LIKE 'case/' || goods.case_id || '/%%')
                     GROUP BY goods.case_id
                    """,
                    ids,
                )
            )
            amounts = dict(self.env.cr.fetchall())
        for case in self:
            case.amount_refunded = float(amounts.get(case.id) or 0.0)

    def _compute_access_url(self):
        """Override of `portal` to lead residents to the page of their case."""
        result = super()._compute_access_url()
        for case in self:
            case.access_url = f"/my/cases/{case.id}"
        return result

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Number new cases; state and outcome cannot be given by RPC."""
        for vals in vals_list:
            self._check_protected(vals)
            if vals.get("name", "/") == "/":
                vals["name"] = (
                    self.env["ir.sequence"].sudo().next_by_code("groupbuy.case") or "/"
                )
        cases = super().create(vals_list)
        cases._lock_goods()
        return cases

    def write(self, vals):
        """Keep what only decisions and deadlines may change from direct writes."""
        self._check_protected(vals)
        result = super().write(vals)
        if "type_id" in vals:
            self._lock_goods()
        return result

    def _lock_goods(self):
        """Let a pickup at this moment see that the goods of these cases are blocked.

        It either is done before the case, or finds it: see
        `stock.picking._groupbuy_renew_transfers`.
        """
        # Elevated: locking changes nothing, and who opens cases may not be allowed to
        # read transfers.
        cases = self.sudo().filtered(
            lambda case: case.state in OPEN_STATES and case.type_id.is_blocking
        )
        pickings = cases.picking_id | cases.line_ids.order_line_id.move_ids.picking_id
        pickings.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )._groupbuy_renew_transfers()

    def _check_protected(self, vals):
        """Refuse values that only the methods of this model may set.

        Those run elevated; a user who calls the model directly does not.

        :param dict vals: Values to write.
        :raise UserError: If one of them is protected.
        """
        protected = {
            "state",
            "deadline",
            "is_alerted",
            "outcome",
            "amount",
            "decided_by_id",
            "decided_at",
            "decided_level",
            "is_appealed",
            "loyalty_card_id",
            "reference",
            "name",
        }
        if self.env.su:
            return
        # What it is about is settled when it is started, the rest when it is decided.
        if any(case.state != "new" for case in self):
            protected |= {
                "order_id",
                "partner_id",
                "campaign_id",
                "point_id",
                "picking_id",
                "company_id",
                "currency_id",
            }
        if any(case.state not in OPEN_STATES for case in self):
            protected |= {"type_id", "borne_by", "supplier_id", "description"}
        if protected & vals.keys():
            raise UserError(
                self.env._("A case is moved on by its buttons, not by hand.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(case.state != "new" for case in self):
            raise UserError(
                self.env._("A case that was taken up is closed, not deleted.")
            )

    # === OPENING === #

    @api.model
    def _open(
        self,
        type_code,
        *,
        point=None,
        campaign=None,
        picking=None,
        order=None,
        lines=(),
        responsible=None,
        description="",
        attachments=(),
        reference=None,
    ):
        """Open a case and give it to who answers first.

        For other parts of the program; what a resident sends comes in through
        :meth:`_open_by_resident`. Elevated: callers have checked who asks.

        Why it is safe: a reference is unique, so the same thing opens one case,
        however often it is reported. Two transactions that open the same case at
        once end in one of them beginning again and then finding the other's.

        :param str type_code: Code of a `groupbuy.case.type`.
        :param groupbuy.pickup.point point: Where; taken from the transfer or order.
        :param groupbuy.campaign campaign: Which campaign; taken likewise.
        :param stock.picking picking: The transfer it was noticed at.
        :param sale.order order: The resident's order, if it is about one resident.
        :param lines: Dicts with order_line (`sale.order.line` or None), product
            (`product.product`) and quantity (in the unit of the order line, or of
            the product without one).
        :param str responsible: Who bears it, if that is known.
        :param str description: What happened.
        :param attachments: `ir.attachment` records, or pairs (file name, bytes).
        :param str reference: What it is opened for, such as "receipt/7/12".
        :rtype: groupbuy.case
        """
        self = self.sudo()
        if reference and (found := self.search([("reference", "=", reference)])):
            return found
        case_type = self.env["groupbuy.case.type"]._get(type_code)
        # Often called with records of nothing instead of None.
        picking = picking or self.env["stock.picking"]
        order = order or self.env["sale.order"]
        point = point or order.groupbuy_point_id or picking.groupbuy_point_id
        campaign = (
            campaign or order.groupbuy_campaign_id or picking.groupbuy_campaign_id
        )
        company = (
            campaign.company_id
            or order.company_id
            or picking.company_id
            or point.company_id
            or self.env.company
        )
        partner = order.partner_id
        if not partner and picking.groupbuy_role == "to_resident":
            partner = picking.partner_id
        vals = {
            "type_id": case_type.id,
            "reference": reference,
            "company_id": company.id,
            "order_id": order.id,
            "partner_id": partner.id,
            "campaign_id": campaign.id,
            "point_id": point.id,
            "picking_id": picking.id,
            "description": description,
            "borne_by": responsible or case_type.default_borne_by,
            "line_ids": [
                fields.Command.create(
                    {
                        "order_line_id": (line.get("order_line") or order.browse()).id,
                        "product_id": line["product"].id,
                        "quantity": line["quantity"],
                    }
                )
                for line in lines
            ],
        }
        try:
            with self.env.cr.savepoint():
                case = self.with_company(company).create(vals)
                self.env.flush_all()
        except UniqueViolation:
            raise ConcurrencyError(
                self.env._("This case is just being opened.")
            ) from None
        case.supplier_id = case._get_supplier()
        case._add_evidence(attachments)
        case._route()
        return case

    def _open_by_resident(self, order, type_code, quantities, description, photos):
        """Open a case for a resident who has checked in with the order's page.

        The resident's open transfers are locked first, so that a pickup at the same
        moment either sees the case or is done before it.

        :param sale.order order: The resident's order.
        :param str type_code: What was chosen.
        :param dict quantities: Order line id → quantity in its unit.
        :param str description: What happened, in the resident's words.
        :param photos: Pairs (file name, JPEG).
        :rtype: groupbuy.case
        :raise UserError: If something is missing, or is more than was ordered.
        """
        self = self.sudo()
        case_type = self.env["groupbuy.case.type"].search(
            [("code", "=", type_code), ("is_for_residents", "=", True)]
        )
        if not case_type:
            raise UserError(self.env._("Please choose what is wrong."))
        if order.groupbuy_state != "confirmed":
            raise UserError(
                self.env._(
                    "The order has not been confirmed by its group: there is nothing"
                    " to complain about yet."
                )
            )
        description = (description or "").strip()[:4000]
        if not description:
            raise UserError(self.env._("Please write in a few words what happened."))
        lines = self._read_lines(order, quantities)
        lines.move_ids.picking_id.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )._groupbuy_renew_transfers()
        order._groupbuy_lock_for_case()
        self._check_quantities(lines, quantities)
        case = self._open(
            case_type.code,
            order=order,
            lines=[
                {
                    "order_line": line,
                    "product": line.product_id,
                    "quantity": quantities[line.id],
                }
                for line in lines
            ],
            description=description,
            attachments=photos,
        )
        case._post_as(order.partner_id, description, case.evidence_ids)
        return case

    def _read_lines(self, order, quantities):
        """Return the goods that quantities name.

        :param sale.order order: The resident's order.
        :param dict quantities: Order line id → quantity.
        :rtype: sale.order.line
        :raise UserError: If nothing is named, or a line is not of this order.
        """
        goods = order.order_line.filtered("groupbuy_line_id")
        lines = goods.filtered(lambda line: line.id in quantities)
        if not quantities or len(lines) != len(quantities):
            raise UserError(
                self.env._("Please enter how many pieces of which product it is about.")
            )
        return lines

    def _check_quantities(self, lines, quantities):
        """Refuse more than was ordered and is not subject to another open case.

        :param sale.order.line lines: Goods of one order, which is locked.
        :param dict quantities: Order line id → quantity.
        :raise UserError: If a quantity is too large.
        """
        left = lines._groupbuy_get_claimable()
        for line in lines:
            quantity = quantities[line.id]
            if (
                quantity <= 0
                or float_compare(quantity, left[line.id], precision_digits=PRECISION)
                > 0
            ):
                raise UserError(
                    self.env._(
                        "You can report at most %(left)g of %(product)s: no more was"
                        " ordered that no other open case is about.",
                        left=max(left[line.id], 0.0),
                        product=line.groupbuy_line_id.name,
                    )
                )

    def _get_supplier(self):
        """Return who supplied the goods, from the campaign's purchases.

        :rtype: res.partner
        """
        self.ensure_one()
        products = self.line_ids.product_id[:1]
        if not products:
            return self.env["res.partner"]
        purchase = self.env["purchase.order.line"].search(
            [
                ("groupbuy_campaign_id", "=", self.campaign_id.id),
                ("product_id", "=", products.id),
                ("state", "!=", "cancel"),
            ],
            limit=1,
        )
        return purchase.partner_id or products.seller_ids[:1].partner_id

    def _add_evidence(self, attachments):
        """Keep photos or other files with the case.

        :param attachments: `ir.attachment` records, or pairs (file name, bytes).
        :return: The attachments.
        :rtype: ir.attachment
        """
        self.ensure_one()
        if isinstance(attachments, models.BaseModel):
            kept = attachments.sudo()
        else:
            kept = self.env["ir.attachment"].create(
                [
                    {
                        "name": name,
                        "raw": raw,
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                    for name, raw in attachments
                ]
            )
        self.evidence_ids = [fields.Command.link(photo.id) for photo in kept]
        return kept

    # === WHO DECIDES === #

    def _route(self):
        """Give new cases to the managers of their point, or to the back office."""
        for case in self:
            managers = case.point_id.manager_user_ids
            if case.type_id.leader_hours and managers and case.partner_id:
                case._give_to("leader", case.type_id.leader_hours)
                case._notify_leader(managers)
            else:
                case._give_to("staff", case.type_id.staff_hours)
            if case.partner_id:
                case.message_subscribe(partner_ids=case.partner_id.ids)

    def _give_to(self, state, hours):
        """Let somebody decide until a deadline.

        :param str state: "leader" or "staff".
        :param float hours: How long.
        """
        self.ensure_one()
        vals = {
            "state": state,
            "deadline": fields.Datetime.now() + timedelta(hours=hours),
            "is_alerted": False,
        }
        if state == "staff" and not self.user_id:
            vals["user_id"] = self._get_owner().id
        self.write(vals)

    def _get_owner(self):
        """Return who decides in the back office when nobody was named.

        The owner of the type, else the responsible of the campaign, else who gets the
        alerts of group buying; always somebody of the case's company, if there is one.

        :rtype: res.users
        """
        self.ensure_one()
        for user in (
            self.type_id.user_id,
            self.campaign_id.user_id,
            self.company_id.groupbuy_alert_user_id,
        ):
            if user and self.company_id in user.company_ids:
                return user
        return self.env["res.users"]

    def _notify_leader(self, managers):
        """Tell the managers of the point that somebody waits for their answer.

        :param res.users managers: Who manages the point.
        """
        self.ensure_one()
        self.message_notify(
            partner_ids=managers.partner_id.ids,
            subject=self.env._("%(number)s: please answer", number=self.name),
            body=Markup("<p>%s</p><p><a href='%s'>%s</a></p>")
            % (
                self.env._(
                    "%(resident)s reports: %(type)s. Please answer until %(deadline)s.",
                    resident=self.partner_id._groupbuy_public_name(),
                    type=self.type_id.name,
                    deadline=self._format_local(self.deadline),
                ),
                f"{self.get_base_url()}/my/points/{self.point_id.id}/cases/{self.id}",
                self.name,
            ),
            email_layout_xmlid="mail.mail_notification_light",
        )

    def _format_local(self, moment):
        """Return a moment in the zone of the campaign, as text."""
        self.ensure_one()
        if self.campaign_id:
            return self.campaign_id._format_local(moment)
        return fields.Datetime.to_string(moment)

    def _pass_on(self):
        """Give a case that lies with the leader to the back office.

        :raise UserError: If it does not lie with the leader any more.
        """
        self.ensure_one()
        self._lock_case()
        if self.state != "leader":
            raise UserError(self._get_closed_message())
        self._give_to("staff", self.type_id.staff_hours)

    def _lock_case(self):
        """Lock the case's row: whoever comes second sees what the first decided.

        Under REPEATABLE READ the second transaction cannot read it: it fails to
        serialise, is repeated by Odoo and then finds the case decided.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "SELECT state FROM groupbuy_case WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset(["state"])

    def _get_closed_message(self):
        """Return a sentence that says why the case cannot be decided (any more)."""
        self.ensure_one()
        if self.decided_at:
            return self.env._(
                "%(number)s was decided by %(user)s at %(time)s already: %(outcome)s.",
                number=self.name,
                user=self.decided_by_id.name,
                time=self._format_local(self.decided_at),
                outcome=dict(self._fields["outcome"]._description_selection(self.env))[
                    self.outcome
                ],
            )
        return self.env._(
            "%(number)s is not yours to decide now: it is “%(state)s”.",
            number=self.name,
            state=dict(self._fields["state"]._description_selection(self.env))[
                self.state
            ],
        )

    # === RESIDENT === #

    def _close(self, note):
        """Close a case without an outcome, because it has settled itself.

        :param str note: Why.
        :raise UserError: If it is decided already.
        """
        self.ensure_one()
        self._lock_case()
        if self.state not in (*OPEN_STATES, "returning"):
            raise UserError(self._get_closed_message())
        self.write({"state": "closed", "deadline": False, "outcome_note": note})
        self._release_goods()

    def _withdraw(self):
        """Close a case for its resident, as long as nobody has decided it.

        :raise UserError: If somebody has: goods that are to come back in exchange
            cannot be kept so.
        """
        self.ensure_one()
        self._lock_case()
        if self.state not in OPEN_STATES:
            raise UserError(self._get_closed_message())
        self._close(self.env._("The resident says that it has settled itself."))

    def _appeal(self, text):
        """Let the shop decide what the leader has rejected, once.

        :param str text: Why the resident does not accept it.
        :raise UserError: If the case is not one that the leader has rejected, or
            another open case is about its goods by now.
        """
        self.ensure_one()
        self._lock_case()
        if not self._can_appeal():
            raise UserError(
                self.env._("The answer to %s cannot be appealed against.", self.name)
            )
        if self.order_id:
            self.order_id._groupbuy_lock_for_case()
            quantities = self._get_quantities()
            self._check_quantities(
                self.line_ids.order_line_id,
                {line.id: quantity for line, quantity in quantities.items()},
            )
        self.write(
            {
                "is_appealed": True,
                "outcome": False,
                "decided_by_id": False,
                "decided_at": False,
                "decided_level": False,
            }
        )
        self._give_to("staff", self.type_id.staff_hours)
        self._lock_goods()
        self._post_by_resident(text)

    def _can_appeal(self):
        """Return whether the resident may ask the shop about a rejection."""
        self.ensure_one()
        return (
            self.state == "rejected"
            and self.decided_level == "leader"
            and not self.is_appealed
        )

    def _post_by_resident(self, text, photos=()):
        """Add what the resident writes to the conversation; the owner is told.

        :param str text: Plain text.
        :param photos: Pairs (file name, JPEG).
        """
        self._post(self.partner_id, text, photos)

    def _post(self, author, text, photos=()):
        """Add a message to the conversation between resident, leader and staff.

        :param res.partner author: Who writes.
        :param str text: Plain text.
        :param photos: Pairs (file name, JPEG).
        :raise UserError: If there is nothing to say.
        """
        self.ensure_one()
        text = (text or "").strip()[:4000]
        if not text and not photos:
            raise UserError(self.env._("Please write something first."))
        kept = self._add_evidence(photos) if photos else self.env["ir.attachment"]
        self._post_as(author, text, kept)

    def _post_as(self, author, text, attachments):
        """Post a message of somebody whose right to write here was checked.

        As the system: Odoo drops the attachments of portal users and visitors that
        were not uploaded through its own composer.

        :param res.partner author: Who writes.
        :param str text: Plain text.
        :param ir.attachment attachments: Photos of the case.
        """
        self.ensure_one()
        self.with_user(SUPERUSER_ID).message_post(
            body=plaintext2html(text),
            author_id=author.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachment_ids=attachments.ids,
        )

    def _get_conversation(self):
        """Return what resident, leader and staff wrote to one another.

        Notes of the back office are not part of it.

        :rtype: mail.message
        """
        self.ensure_one()
        return (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("message_type", "in", ("comment", "email")),
                    ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
                ],
                order="id",
            )
        )

    def _get_shown_photos(self):
        """Return the pictures that resident, leader and staff see on the page.

        Those of the report, and what somebody has sent with a message or a mail.

        :rtype: ir.attachment
        """
        self.ensure_one()
        files = self.evidence_ids | self._get_conversation().attachment_ids
        return files.filtered(lambda file: file.mimetype in SHOWN_TYPES)

    # === MAIL === #

    def message_post(self, **kwargs):
        """Override of `mail`: to follow a case is no right to write in its name.

        Odoo lets followers post by RPC, with any author. Residents and leaders write
        through their pages and by mail, which run elevated.
        """
        self.check_access("read")
        return super().message_post(**kwargs)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Override of `mail`: a mail to the alias belongs to the case it names.

        A case is found by its number in the subject, if the resident or somebody who
        follows it writes. Any other mail opens a complaint, which staff look at.
        """
        if case := self._find_for_mail(msg_dict):
            return case
        partner = self.env["res.partner"].browse(msg_dict.get("author_id") or [])
        case_type = self.env["groupbuy.case.type"]._get("complaint")
        values = {
            "type_id": case_type.id,
            "partner_id": partner.id,
            "description": msg_dict.get("subject"),
            "borne_by": case_type.default_borne_by,
            **(custom_values or {}),
        }
        case = self.create(values)
        case._give_to("staff", case_type.staff_hours)
        if partner:
            case.message_subscribe(partner_ids=partner.ids)
        return case

    @api.model
    def _find_for_mail(self, msg_dict):
        """Return the case that a mail names and its sender takes part in.

        :param dict msg_dict: The mail, as Odoo's gateway reads it.
        :rtype: groupbuy.case
        """
        number = CASE_NUMBER.search(msg_dict.get("subject") or "")
        sender = email_normalize(msg_dict.get("email_from") or "")
        if not number or not sender:
            return self.browse()
        case = self.sudo().search([("name", "=", number[0])], limit=1)
        people = case.partner_id | case.message_partner_ids | case.user_id.partner_id
        return case if sender in people.mapped("email_normalized") else self.browse()

    # === DEADLINES === #

    @api.model
    def _cron_escalate(self):
        """Pass on what a leader has not answered, alert about what staff have not.

        Goods that were to come back and did not are told of, too. Each step is taken
        once: a case moves from the leader to the back office with a new deadline, and
        the alert is marked on the case. Cases that somebody is deciding at this moment
        are left to the next run.
        """
        commit = self.env["ir.cron"]._commit_progress
        while cases := self._lock_overdue():
            cases._escalate()
            count = len(cases)
            self.env.invalidate_all()
            if not commit(processed=count, remaining=self._count_overdue()):
                return

    @api.model
    def _get_overdue_condition(self):
        """Return the condition of the cases that are to be escalated.

        :rtype: SQL
        """
        return SQL(
            """
            state IN ('leader', 'staff', 'returning') AND deadline <= %s
            AND (state = 'leader' OR is_alerted IS NOT TRUE)
            """,
            fields.Datetime.now(),
        )

    @api.model
    def _lock_overdue(self):
        """Lock the next cases that are to be escalated and nobody is deciding."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM groupbuy_case WHERE %s ORDER BY deadline, id"
                " LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
                self._get_overdue_condition(),
                ESCALATION_SLICE,
            )
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _count_overdue(self):
        self.flush_model()
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM groupbuy_case WHERE %s",
                self._get_overdue_condition(),
            )
        )
        return count

    def _escalate(self):
        """Take the next step of cases whose deadline has passed."""
        unanswered = self.filtered(lambda case: case.state == "leader")
        for case in unanswered:
            case._give_to("staff", case.type_id.staff_hours)
            case._message_log(
                body=self.env._(
                    "The leader has not answered in time; the back office decides."
                )
            )
            user = case.user_id or case._get_owner()
            case.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=case.deadline.date(),
                user_id=user.id or SUPERUSER_ID,
                summary=self.env._("The leader has not answered"),
                note=self.env._(
                    "%(number)s is to be decided until %(deadline)s.",
                    number=case.name,
                    deadline=case._format_local(case.deadline),
                ),
            )
        late = (self - unanswered).filtered("is_overdue")
        late.is_alerted = True
        for case in late:
            user = (
                case.company_id.groupbuy_alert_user_id
                or case.user_id
                or case._get_owner()
            )
            if case.state == "returning":
                summary = self.env._("Goods have not come back")
                note = self.env._(
                    "The goods of %(number)s were to come back until %(deadline)s.",
                    number=case.name,
                    deadline=case._format_local(case.deadline),
                )
            else:
                summary = self.env._("A resident waits for an answer")
                note = self.env._(
                    "%(number)s was to be decided until %(deadline)s.",
                    number=case.name,
                    deadline=case._format_local(case.deadline),
                )
            case.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=user.id or SUPERUSER_ID,
                summary=summary,
                note=note,
            )
