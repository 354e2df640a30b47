# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import json
import re

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_compare

from odoo.addons.community_groupbuy.const import PRIVILEGE
from odoo.addons.community_groupbuy.utils import parse_id, selection_of

from ..allotment import allot
from ..photo import MAX_PHOTOS as MAX_PHOTOS_PER_LINE
from ..photo import decode_photo
from .groupbuy_receipt_line import RESPONSIBLE_SELECTION

PRECISION = 6
MAX_PHOTOS = 24
MAX_NOTE = 500
MAX_KEY = 64
# Who is taken to be responsible as long as nobody says otherwise.
DEFAULT_RESPONSIBLE = {"short": "warehouse", "damaged": "carrier"}


class ReceiptRefused(UserError):
    """A receipt that is not taken as it was sent; nothing has changed.

    :param str code: Which refusal: unknown_transfer, not_sent, already_received,
        changed, too_much, bad_request or impossible.
    :param str message: A sentence with the next step.
    :param details: What the page shows besides it, JSON.
    """

    def __init__(self, code, message, **details):
        super().__init__(message)
        self.code = code
        self.details = details

    def as_answer(self):
        """Return the refusal as the pages get it.

        :rtype: dict
        """
        return {
            "status": "refused",
            "refusal": self.code,
            "message": self.args[0],
            "details": self.details,
        }


class GroupBuyReceipt(models.Model):
    """What a pickup point received of a transfer (到货验收): a fact, written once.

    Written by :meth:`_confirm` only, together with everything that follows from it:
    the transfer itself, the scrapped goods, what each resident gets less, the refunds
    and offers, the cases, and the claim on the supplier. Either all of it is there or
    nothing.
    """

    _name = "groupbuy.receipt"
    _description = "Receipt at a Pickup Point"
    _order = "received_at desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Transfer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    backorder_ids = fields.One2many(
        related="picking_id.backorder_ids", string="Rest Follows With"
    )
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Received by", required=True, readonly=True
    )
    received_at = fields.Datetime(string="Received", required=True, readonly=True)
    note = fields.Text(readonly=True)
    shortage_rule = fields.Selection(
        selection=selection_of("groupbuy.campaign", "shortage_rule"),
        readonly=True,
        help="The rule by which it was decided who gets less.",
    )
    line_ids = fields.One2many(
        comodel_name="groupbuy.receipt.line",
        inverse_name="receipt_id",
        readonly=True,
    )
    allotment_ids = fields.One2many(
        comodel_name="groupbuy.receipt.allotment",
        inverse_name="receipt_id",
        readonly=True,
    )
    offer_ids = fields.One2many(
        comodel_name="groupbuy.replacement.offer",
        inverse_name="receipt_id",
        readonly=True,
    )
    credit_note_ids = fields.One2many(
        comodel_name="account.move",
        inverse_name="groupbuy_receipt_id",
        string="Supplier Credit Notes",
        readonly=True,
    )
    credit_note_count = fields.Integer(
        compute="_compute_credit_note_count", compute_sudo=True
    )
    offer_count = fields.Integer(compute="_compute_offer_count")
    is_complete = fields.Boolean(
        string="Complete",
        readonly=True,
        help="All that was expected arrived undamaged.",
    )
    request_key = fields.Char(required=True, readonly=True, copy=False)
    request_hash = fields.Char(required=True, readonly=True, copy=False)

    _picking_uniq = models.UniqueIndex(
        "(picking_id)", "This transfer has been received already."
    )
    _request_key_uniq = models.UniqueIndex(
        "(request_key)", "This receipt has been recorded already."
    )

    @api.depends("credit_note_ids")
    def _compute_credit_note_count(self):
        for receipt in self:
            receipt.credit_note_count = len(receipt.credit_note_ids)

    @api.depends("offer_ids")
    def _compute_offer_count(self):
        for receipt in self:
            receipt.offer_count = len(receipt.offer_ids)

    # === CRUD === #

    def write(self, vals):
        """Refuse changes: a receipt is a fact."""
        if vals:
            raise UserError(self.env._("What was received cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_received(self):
        raise UserError(self.env._("What was received cannot be deleted."))

    # === ACTIONS === #

    def action_view_credit_notes(self):
        """Open the credit notes that were prepared for suppliers.

        :rtype: dict
        """
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Supplier Credit Notes"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("groupbuy_receipt_id", "in", self.ids)],
            "context": {"create": False},
        }

    def action_view_offers(self):
        """Open the replacements that were offered.

        :rtype: dict
        """
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Replacements"),
            "res_model": "groupbuy.replacement.offer",
            "view_mode": "list,form",
            "domain": [("receipt_id", "in", self.ids)],
            "context": {"create": False},
        }

    # === ENTRY OF THE PAGES === #

    @api.model
    def _preview(self, picking, lines):
        """Say what a receipt would mean, without changing anything.

        :param stock.picking picking: A transfer to a point, with elevated rights.
        :param lines: What the browser sent, see :meth:`_read_lines`.
        :return: status "preview" with plan (a digest to confirm with), products and
            residents (see :meth:`_prepare_preview`); or a refusal.
        :rtype: dict
        """
        picking = picking.with_company(picking.company_id)
        try:
            self._check_open(picking)
            read = self._read_lines(picking, lines)
            plan = self._plan(picking, read)
        except ReceiptRefused as refusal:
            return refusal.as_answer()
        return {
            "status": "preview",
            "plan": self._digest_plan(plan),
            **self._prepare_preview(picking, read, plan),
        }

    @api.model
    def _confirm(self, picking, lines, *, request_key, note="", plan=None):
        """Record a receipt and do all that follows from it.

        Why it is safe: the transfer's row is locked before its state is looked at, so
        of two managers one is told that the other was first; the request key and the
        transfer are unique on receipts, so a repetition finds the receipt that it made
        and changes nothing. Residents' transfers are locked before orders, as in a
        verification, so that the two wait for each other. A failure anywhere undoes
        everything up to the receipt itself.

        :param stock.picking picking: A transfer to a point, with elevated rights.
        :param lines: What the browser sent, see :meth:`_read_lines`.
        :param str request_key: Made by the browser, unique for what it wants done. The
            same key with the same content gives the same answer.
        :param str note: A remark on the whole transfer.
        :param str plan: Digest of the preview that was shown; None confirms unseen.
        :return: status "confirmed" with receipt_id, name, at, by, affected, short and
            damaged; or a refusal, after which nothing has changed.
        :rtype: dict
        """
        picking = picking.with_company(picking.company_id)
        try:
            with self.env.cr.savepoint():
                return self._confirm_or_raise(picking, lines, request_key, note, plan)
        except ReceiptRefused as refusal:
            return refusal.as_answer()
        except UserError as error:
            # What Odoo itself refuses, such as goods whose lot nobody has named.
            return ReceiptRefused("impossible", str(error)).as_answer()

    def _confirm_or_raise(self, picking, lines, request_key, note, plan):
        """Do what :meth:`_confirm` promises.

        :raise ReceiptRefused: If it is not taken.
        """
        note = self._read_text(note)
        key = self._read_key(request_key)
        digest = self._digest_request(picking, lines, note)
        picking._groupbuy_lock_transfers()
        if former := self._find_by_key(key):
            if former.request_hash != digest:
                raise ReceiptRefused(
                    "bad_request",
                    self.env._(
                        "%s has been recorded with other quantities. Reload the page to"
                        " see it.",
                        former.name,
                    ),
                )
            return former._get_answer()
        self._check_open(picking)
        read = self._read_lines(picking, lines)
        planned = self._plan(picking, read)
        if plan is not None and plan != self._digest_plan(planned):
            raise ReceiptRefused(
                "changed",
                self.env._(
                    "Meanwhile an order has changed. Look once more at who gets less,"
                    " then confirm."
                ),
            )
        orders = self.env["sale.order"].union(*(row["order"] for row in planned))
        orders._groupbuy_get_waiting_transfers()._groupbuy_lock_transfers()
        receipt = self._create_receipt(picking, read, planned, note, key, digest)
        receipt._apply(read, planned)
        return receipt._get_answer()

    @api.model
    def _find_by_key(self, key):
        return self.search([("request_key", "=", key)])

    def _get_answer(self):
        """Return what the page is told about a receipt.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "status": "confirmed",
            "receipt_id": self.id,
            "name": self.name,
            "at": fields.Datetime.to_string(self.received_at),
            "by": self.user_id.name,
            "affected": len(self.allotment_ids.partner_id),
            "short": sum(self.line_ids.mapped("short")),
            "damaged": sum(self.line_ids.mapped("damaged")),
        }

    # === CHECKS === #

    @api.model
    def _check_open(self, picking):
        """Check that a transfer can be received now.

        :raise ReceiptRefused: If it cannot; the text says why.
        """
        if picking.groupbuy_role != "to_point":
            raise ReceiptRefused(
                "unknown_transfer",
                self.env._("Nothing is received with this transfer."),
            )
        if picking.state in ("done", "cancel"):
            raise self._refuse_second(picking)
        if not picking._groupbuy_is_on_the_way():
            raise ReceiptRefused(
                "not_sent",
                self.env._(
                    "The warehouse has not made these goods ready yet. Ask it before"
                    " you confirm anything."
                ),
            )

    def _refuse_second(self, picking):
        """Return the refusal of a transfer that is finished already."""
        former = self.search([("picking_id", "=", picking.id)])
        if not former:
            return ReceiptRefused(
                "already_received",
                self.env._(
                    "This transfer was finished by the warehouse. Reload the page."
                ),
            )
        at = former.campaign_id._format_local(former.received_at)
        return ReceiptRefused(
            "already_received",
            self.env._(
                "%(name)s has received this transfer on %(at)s. Nothing was changed"
                " now.",
                name=former.user_id.name,
                at=at,
            ),
            by=former.user_id.name,
            at=fields.Datetime.to_string(former.received_at),
            receipt_id=former.id,
        )

    @api.model
    def _read_key(self, value):
        if not isinstance(value, str) or not re.fullmatch(r"[\w-]{8,64}", value):
            raise ReceiptRefused(
                "bad_request", self.env._("Reload the page and try again.")
            )
        return value

    @api.model
    def _read_text(self, value):
        if value in (None, False):
            return ""
        if not isinstance(value, str) or len(value) > MAX_NOTE:
            raise ReceiptRefused(
                "bad_request",
                self.env._("A note may have at most %s characters.", MAX_NOTE),
            )
        return value.strip()

    @api.model
    def _read_lines(self, picking, lines):
        """Read what a browser says about each product of a transfer.

        :param stock.picking picking: The transfer.
        :param list[dict] lines: For each product product_id, received, damaged
            (of those received), and optionally rest_follows, note, short_responsible,
            damaged_responsible, photos (base64). Anything may be forged.
        :return: Dicts with product, moves, expected, received, damaged, short (floats
            in the product's unit), rest_follows, note, responsible (by kind), photos.
        :rtype: list[dict]
        :raise ReceiptRefused: If a product is foreign, missing or named twice, or a
            quantity is none, or more than was expected.
        """
        expected = picking._groupbuy_get_expected()
        if not isinstance(lines, list) or len(lines) != len(expected):
            raise ReceiptRefused(
                "bad_request",
                self.env._(
                    "The transfer has changed meanwhile. Reload the page and count"
                    " again."
                ),
            )
        products = {product.id: product for product in expected}
        read = []
        photos_left = MAX_PHOTOS
        for values in lines:
            if not isinstance(values, dict):
                raise ReceiptRefused(
                    "bad_request", self.env._("Reload the page and try again.")
                )
            product = products.pop(parse_id(values.get("product_id")), None)
            if product is None:
                raise ReceiptRefused(
                    "bad_request",
                    self.env._("This product is not part of the transfer."),
                )
            line = self._read_line(product, expected[product], values)
            photos_left -= len(line["photos"])
            if photos_left < 0:
                raise ReceiptRefused(
                    "bad_request",
                    self.env._("At most %s photos are kept in all.", MAX_PHOTOS),
                )
            read.append(line)
        follows = any(line["rest_follows"] for line in read)
        if follows and picking.picking_type_id.create_backorder == "never":
            raise ReceiptRefused(
                "bad_request",
                self.env._(
                    "The warehouse sends no rest after a transfer. Confirm what is"
                    " missing as missing."
                ),
            )
        if follows and not any(line["received"] for line in read):
            raise ReceiptRefused(
                "bad_request",
                self.env._(
                    "Nothing has arrived yet: confirm the receipt when something has."
                ),
            )
        return sorted(read, key=lambda line: line["product"].id)

    def _read_line(self, product, expected, values):
        """Read what a browser says about one product; see :meth:`_read_lines`."""
        received = self._read_quantity(product, values.get("received"))
        damaged = self._read_quantity(product, values.get("damaged") or 0)
        quantity = expected["quantity"]
        if float_compare(received, quantity, precision_digits=PRECISION) > 0:
            raise ReceiptRefused(
                "too_much",
                self.env._(
                    "%(expected)g %(unit)s of %(product)s were sent, not %(received)g."
                    " Count again. If there really are more, keep them apart and tell"
                    " the warehouse: they are nobody's yet.",
                    expected=quantity,
                    unit=product.uom_id.name,
                    product=product.display_name,
                    received=received,
                ),
                product_id=product.id,
            )
        if float_compare(damaged, received, precision_digits=PRECISION) > 0:
            raise ReceiptRefused(
                "too_much",
                self.env._(
                    "Of %(received)g %(unit)s of %(product)s that arrived, %(damaged)g"
                    " cannot be damaged.",
                    received=received,
                    unit=product.uom_id.name,
                    product=product.display_name,
                    damaged=damaged,
                ),
                product_id=product.id,
            )
        short = max(quantity - received, 0.0)
        return {
            "product": product,
            "moves": expected["moves"],
            "expected": quantity,
            "received": received,
            "damaged": damaged,
            "short": short,
            "rest_follows": bool(values.get("rest_follows")) and short > 0,
            "note": self._read_text(values.get("note")),
            "responsible": {
                kind: self._read_responsible(values.get(f"{kind}_responsible"), kind)
                for kind in DEFAULT_RESPONSIBLE
            },
            "photos": self._read_photos(values.get("photos"), product),
        }

    @api.model
    def _read_quantity(self, product, value):
        """Read a quantity: whole where the product is counted in pieces.

        :raise ReceiptRefused: If it is none.
        """
        text = str(value).strip().replace(",", ".") if value is not None else ""
        number = float(text) if re.fullmatch(r"\d{1,7}(\.\d{1,6})?", text) else None
        step = self._get_step(product)
        if number is None or (
            float_compare(
                number, round(number / step) * step, precision_digits=PRECISION
            )
        ):
            raise ReceiptRefused(
                "bad_request",
                self.env._(
                    "Enter how many %(unit)s of %(product)s there are: a number from 0"
                    " on, in steps of %(step)g.",
                    unit=product.uom_id.name,
                    product=product.display_name,
                    step=step,
                ),
                product_id=product.id,
            )
        return number

    @api.model
    def _get_step(self, product):
        """Return the smallest part of a product that is handed out.

        Pieces are not cut; what is weighed or measured is allotted as finely as
        quantities are kept.

        :rtype: float
        """
        uom = product.uom_id
        # Not `env.ref`, which costs a query for each product.
        piece = uom.browse(
            self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_unit")
        )
        return 1.0 if piece and uom._has_common_reference(piece) else uom.rounding

    @api.model
    def _read_responsible(self, value, kind):
        if not value:
            return DEFAULT_RESPONSIBLE[kind]
        if value not in dict(RESPONSIBLE_SELECTION):
            raise ReceiptRefused(
                "bad_request", self.env._("Say who is responsible, or leave it open.")
            )
        return value

    @api.model
    def _read_photos(self, values, product):
        """Read the photos of a line.

        :return: JPEGs.
        :rtype: list[bytes]
        :raise ReceiptRefused: If there are too many, or one is no photo.
        """
        if not values:
            return []
        if not isinstance(values, list) or len(values) > MAX_PHOTOS_PER_LINE:
            raise ReceiptRefused(
                "bad_request",
                self.env._(
                    "At most %s photos are kept of a product.", MAX_PHOTOS_PER_LINE
                ),
            )
        try:
            return [
                decode_photo(
                    self.env,
                    value,
                    self.env._(
                        "%(product)s, photo %(number)s",
                        product=product.display_name,
                        number=number,
                    ),
                )
                for number, value in enumerate(values, start=1)
            ]
        except UserError as error:
            raise ReceiptRefused(
                "bad_request", str(error), product_id=product.id
            ) from error

    @api.model
    def _digest_request(self, picking, lines, note):
        """Return a digest of what a request asks for, to tell repetitions apart."""
        try:
            text = json.dumps([picking.id, lines, note], sort_keys=True)
        except (TypeError, ValueError) as error:
            raise ReceiptRefused(
                "bad_request", self.env._("Reload the page and try again.")
            ) from error
        return hashlib.sha256(text.encode()).hexdigest()

    @api.model
    def _digest_plan(self, plan):
        """Return a digest of who gets how much less, and how it is made good."""
        rows = [
            (row["order_line"].id, row["kind"], f"{row['quantity']:.6f}", row["way"])
            for row in plan
        ]
        return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()[:32]

    # === WHO GETS LESS === #

    @api.model
    def _plan(self, picking, lines):
        """Decide who gets less of what, by the rule of the campaign.

        Only what is not yet ready for somebody is looked at: nobody loses what has
        been put aside for them. Goods that nobody waits for make up for a shortage
        first.

        :param stock.picking picking: The transfer.
        :param list[dict] lines: What :meth:`_read_lines` returned.
        :return: Dicts with line, order_line, order, quantity (in the product's unit),
            waiting (what the order line waited for), kind (short or damaged), way
            (refund or replacement).
        :rtype: list[dict]
        """
        lacking = {
            line["product"]: (0.0 if line["rest_follows"] else line["short"])
            + line["damaged"]
            for line in lines
        }
        products = self.env["product.product"].union(
            *(product for product, quantity in lacking.items() if quantity > 0)
        )
        if not products or picking.groupbuy_is_extra:
            # What goes beyond the orders is not taken off them: a case sees to it.
            return []
        campaign = picking.groupbuy_campaign_id
        demands = picking._groupbuy_get_demands(products)
        spare = picking._groupbuy_get_spare(products)
        plan = []
        for line in lines:
            product = line["product"]
            waiting = demands.get(product.id, [])
            surplus = max(
                line["expected"]
                + spare.get(product.id, 0.0)
                - sum(demand.quantity for demand in waiting),
                0.0,
            )
            missing = lacking[product] - surplus
            if float_compare(missing, 0, precision_digits=PRECISION) <= 0:
                continue
            less = allot(
                missing, waiting, campaign.shortage_rule, self._get_step(product)
            )
            plan += self._split_kinds(line, waiting, less)
        self._choose_ways(campaign, plan)
        return plan

    def _split_kinds(self, line, waiting, less):
        """Say of each reduction whether it is for a shortage or for damage.

        What did not arrive is gone through first, in the order of the demands.

        :param dict line: A line of :meth:`_read_lines`.
        :param list[Demand] waiting: The demands, first paid first.
        :param dict less: Order line id → reduction.
        :return: Rows as in :meth:`_plan`, without their way.
        """
        damaged = line["damaged"]
        short_left = max(sum(less.values()) - damaged, 0.0)
        rows = []
        for demand in waiting:
            left = less.get(demand.key, 0.0)
            order_line = self.env["sale.order.line"].browse(demand.key)
            for kind in ("short", "damaged"):
                part = min(left, short_left) if kind == "short" else left
                if float_compare(part, 0, precision_digits=PRECISION) <= 0:
                    continue
                left -= part
                if kind == "short":
                    short_left -= part
                rows.append(
                    {
                        "line": line,
                        "order_line": order_line,
                        "quantity": part,
                        "waiting": demand.quantity,
                        "kind": kind,
                    }
                )
        return rows

    def _choose_ways(self, campaign, plan):
        """Offer the replacement where there is one, as long as stock allows.

        Who paid first is asked first; what others have been offered and not answered
        yet is counted as gone.

        :param groupbuy.campaign campaign: The campaign.
        :param list[dict] plan: Rows of :meth:`_plan`; gets order and way.
        """
        order_lines = self.env["sale.order.line"].union(
            *(row["order_line"] for row in plan)
        )
        order_lines.fetch(["order_id", "groupbuy_line_id", "product_uom_id"])
        replacements = order_lines.groupbuy_line_id.replacement_product_id
        free = self.env["groupbuy.replacement.offer"]._get_free(campaign, replacements)
        for row in plan:
            row["order"] = row["order_line"].order_id
            product = row["order_line"].groupbuy_line_id.replacement_product_id
            left = free.get(product, 0.0)
            row["way"] = "refund"
            if (
                product
                and product != row["line"]["product"]
                and float_compare(left, row["quantity"], precision_digits=PRECISION)
                >= 0
            ):
                row["way"] = "replacement"
                free[product] = left - row["quantity"]

    @api.model
    def _prepare_preview(self, picking, lines, plan):
        """Return what is shown before a receipt is confirmed.

        :return: rule (its label), products (what differs) and residents (who gets
            less), JSON.
        :rtype: dict
        """
        campaign = picking.groupbuy_campaign_id
        rules = dict(
            self.env["groupbuy.campaign"]
            ._fields["shortage_rule"]
            ._description_selection(self.env)
        )
        allotted = {}
        for row in plan:
            product = row["line"]["product"]
            allotted[product] = allotted.get(product, 0.0) + row["quantity"]
        return {
            "rule": rules[campaign.shortage_rule],
            "products": [
                {
                    "product": line["product"].display_name,
                    "unit": line["product"].uom_id.name,
                    "expected": line["expected"],
                    "received": line["received"],
                    "good": line["received"] - line["damaged"],
                    "short": line["short"],
                    "damaged": line["damaged"],
                    "rest_follows": line["rest_follows"],
                    "allotted": allotted.get(line["product"], 0.0),
                }
                for line in lines
                if line["short"] or line["damaged"]
            ],
            "complete": sum(
                1 for line in lines if not line["short"] and not line["damaged"]
            ),
            "residents": [
                {
                    "resident": row["order"].partner_id.name or "",
                    "order": row["order"].name,
                    "product": row["line"]["product"].display_name,
                    "unit": row["line"]["product"].uom_id.name,
                    "waiting": row["waiting"],
                    "less": row["quantity"],
                    "kind": row["kind"],
                    "way": row["way"],
                    "replacement": (
                        row[
                            "order_line"
                        ].groupbuy_line_id.replacement_product_id.display_name
                        if row["way"] == "replacement"
                        else ""
                    ),
                }
                for row in plan
            ],
        }

    # === WHAT FOLLOWS === #

    @api.model
    def _create_receipt(self, picking, lines, plan, note, key, digest):
        """Write the facts: the receipt, its lines and photos, and who gets less.

        :rtype: groupbuy.receipt
        """
        campaign = picking.groupbuy_campaign_id
        receipt = self.create(
            {
                "name": self.env["ir.sequence"].next_by_code("groupbuy.receipt"),
                "picking_id": picking.id,
                "point_id": picking.groupbuy_point_id.id,
                "campaign_id": campaign.id,
                "company_id": picking.company_id.id,
                "user_id": self.env.uid,
                "received_at": fields.Datetime.now(),
                "note": note,
                "shortage_rule": campaign.shortage_rule,
                "is_complete": not any(
                    line["short"] or line["damaged"] for line in lines
                ),
                "request_key": key,
                "request_hash": digest,
                "line_ids": [
                    Command.create(
                        {
                            "product_id": line["product"].id,
                            "expected": line["expected"],
                            "received": line["received"],
                            "damaged": line["damaged"],
                            "short": line["short"],
                            "rest_follows": line["rest_follows"],
                            "note": line["note"],
                            "short_responsible": line["responsible"]["short"],
                            "damaged_responsible": line["responsible"]["damaged"],
                        }
                    )
                    for line in lines
                ],
            }
        )
        by_product = {line.product_id: line for line in receipt.line_ids}
        self.env["ir.attachment"].create(
            [
                {
                    "name": f"{receipt.name.replace('/', '-')}-{number}.jpg",
                    "raw": photo,
                    "mimetype": "image/jpeg",
                    "res_model": "groupbuy.receipt.line",
                    "res_id": by_product[line["product"]].id,
                }
                for line in lines
                for number, photo in enumerate(line["photos"], start=1)
            ]
        )
        for row in plan:
            row["receipt_line"] = by_product[row["line"]["product"]]
            row["responsible"] = row["line"]["responsible"][row["kind"]]
        self.env["groupbuy.receipt.allotment"].create(
            [
                {
                    "receipt_id": receipt.id,
                    "line_id": row["receipt_line"].id,
                    "order_line_id": row["order_line"].id,
                    "order_id": row["order"].id,
                    "quantity": row["quantity"],
                    "kind": row["kind"],
                    "way": row["way"],
                    "responsible": row["responsible"],
                }
                for row in plan
            ]
        )
        return receipt

    def _apply(self, lines, plan):
        """Do what a receipt means, in an order that leaves nothing half done.

        First what residents get less, so that what arrives is reserved for what they
        still wait for; then the transfer, which scraps what is damaged before it
        reserves; then what others are told and asked for.
        """
        self.ensure_one()
        self.with_context(groupbuy_receiving=PRIVILEGE)._give_back(plan)
        self._offer_replacements(plan)
        self._validate_transfer(lines)
        self._queue_notices()
        self._open_cases()
        self._claim_from_suppliers()
        self._log()
        if plan:
            # What is bought and brought follows what is owed, now that it has arrived.
            self.campaign_id._sync_launched_supply()
        self.campaign_id._finish_if_delivered()

    def _give_back(self, plan):
        """Reduce the orders; the core's jobs return the money.

        One call for each order, kind and responsible party: each has a reference of
        its own, since a refund is known by its reference.
        """
        calls = {}
        for row in plan:
            if row["way"] != "refund":
                continue
            line = row["order_line"]
            quantity = row["line"]["product"].uom_id._compute_quantity(
                row["quantity"], line.product_uom_id, round=False
            )
            key = (row["order"].id, row["kind"], row["responsible"])
            calls.setdefault(key, {})[line] = quantity
        self.env["sale.order"]._groupbuy_give_back_many(
            [
                {
                    "order": self.env["sale.order"].browse(order_id),
                    "quantities": quantities,
                    "reason": kind,
                    "reference": f"receipt/{self.id}/{kind}/{responsible}",
                    "borne_by": responsible,
                }
                for (order_id, kind, responsible), quantities in calls.items()
            ]
        )

    def _offer_replacements(self, plan):
        """Ask residents whether they take the replacement instead of the money."""
        allotments = self.allotment_ids.filtered(lambda a: a.way == "replacement")
        self.env["groupbuy.replacement.offer"]._offer(allotments)

    def _validate_transfer(self, lines):
        """Validate the transfer with what really arrived.

        What is missing for good is taken off the transfer: it never left the
        warehouse's stock. What follows stays on a transfer of its own.
        """
        picking = self.picking_id
        lost = self.env["stock.move"]
        came = self.env["stock.move"]
        for line in lines:
            left = line["received"]
            moves = line["moves"]
            for move in moves:
                share = left if move == moves[-1] else min(left, move.product_qty)
                left -= share
                quantity = line["product"].uom_id._compute_quantity(
                    share, move.product_uom, round=False
                )
                if float_compare(quantity, 0, precision_digits=PRECISION) <= 0:
                    if not line["rest_follows"]:
                        lost |= move
                    continue
                if float_compare(move.quantity, quantity, precision_digits=PRECISION):
                    move.quantity = quantity
                if not line["rest_follows"] and float_compare(
                    move.product_uom_qty, quantity, precision_digits=PRECISION
                ):
                    move.product_uom_qty = quantity
                came |= move
        lost._action_cancel()
        if not came:
            return
        came.picked = True
        result = picking.with_context(
            skip_backorder=True, groupbuy_receipt_id=self.id
        ).button_validate()
        if picking.state != "done":
            # A dialog of Odoo that a phone cannot answer; the savepoint undoes it all.
            raise UserError(
                self.env._(
                    "The transfer needs a decision in the back office: %s.",
                    result.get("name", "") if isinstance(result, dict) else "",
                )
            )

    def _scrap_damaged(self):
        """Scrap what arrived damaged, before it is reserved for anybody.

        Called by the transfer itself, when its goods lie at the point.
        """
        reason = self.env.ref(
            "groupbuy_verification.scrap_reason_damaged", raise_if_not_found=False
        )
        for line in self.line_ids.filtered("damaged"):
            # Not linked to the transfer: its moves are what was brought.
            self.env["stock.scrap"].create(
                {
                    "product_id": line.product_id.id,
                    "product_uom_id": line.uom_id.id,
                    "scrap_qty": line.damaged,
                    "location_id": self.point_id.location_id.id,
                    "company_id": self.company_id.id,
                    "origin": f"{self.name} ({self.picking_id.name})",
                    "scrap_reason_tag_ids": [Command.set(reason.ids if reason else [])],
                    "groupbuy_receipt_line_id": line.id,
                }
            ).do_scrap()

    def _queue_notices(self):
        """Queue the mail to each resident who gets less."""
        self.env["groupbuy.job"]._add(
            [
                {
                    "key": f"notify/receipt/{self.id}/{order.id}",
                    "kind": "notify",
                    "order": order,
                    "reason": self.allotment_ids.filtered(
                        lambda fact, order=order: fact.order_id == order
                    )[:1].kind,
                }
                for order in self.allotment_ids.order_id
            ]
        )

    def _notify_orders(self, orders):
        """Tell residents by mail what they get less, and what they may choose.

        :param sale.order orders: Orders with an allotment of this receipt.
        """
        self.ensure_one()
        template = self.env.ref(
            "groupbuy_verification.mail_template_receipt", raise_if_not_found=False
        )
        orders = orders.filtered(lambda order: order.partner_id.email)
        if template and orders:
            # Queued: the mail server's mood does not stop the queue of jobs.
            template.with_user(SUPERUSER_ID).with_context(
                groupbuy_receipt_id=self.id
            ).send_mail_batch(orders.ids, force_send=False)

    def _open_cases(self):
        """Open a case for each product and kind of difference."""
        types = {"short": "shortage", "damaged": "damage"}
        for line in self.line_ids:
            for kind, quantity in (("short", line.short), ("damaged", line.damaged)):
                if not quantity or (kind == "short" and line.rest_follows):
                    continue
                self.env["groupbuy.case"]._open(
                    types[kind],
                    point=self.point_id,
                    campaign=self.campaign_id,
                    picking=self.picking_id,
                    # No order line: the residents' good pieces are not disputed.
                    lines=[
                        {
                            "order_line": None,
                            "product": line.product_id,
                            "quantity": quantity,
                        }
                    ],
                    responsible=line[f"{kind}_responsible"],
                    description=line.note or "",
                    attachments=line.photo_ids,
                    reference=f"receipt/{self.id}/{line.id}/{kind}",
                )

    def _log(self):
        """Say on the transfer what arrived."""
        parts = [
            self.env._(
                "%(product)s: %(received)g of %(expected)g %(unit)s, %(damaged)g"
                " damaged",
                product=line.product_id.display_name,
                received=line.received,
                expected=line.expected,
                unit=line.uom_id.name,
                damaged=line.damaged,
            )
            for line in self.line_ids
            if line.short or line.damaged
        ]
        self.picking_id.message_post(
            body=self.env._(
                "%(receipt)s by %(user)s: %(what)s.",
                receipt=self.name,
                user=self.user_id.name,
                what="; ".join(parts) or self.env._("everything arrived"),
            )
        )
