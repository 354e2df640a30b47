# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
import re
from collections import defaultdict

import xlsxwriter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_compare

from ..formatting import format_moment

KINDS = ("pick_by_product", "by_point", "by_resident", "buy_by_supplier")
# Differences beyond these are only counted.
MAX_DIFFERENCES = 20
# Quantities are compared as finely as the finest unit.
QUANTITY_DIGITS = 6


class GroupBuyPaper(models.AbstractModel):
    """The papers of a campaign: what to pick, to hand out and to buy.

    A paper lists what really lies on transfers and purchase orders. Before it is
    given out, its total for each product is compared with what the orders say; when
    they differ it is refused, and the differences are named (see
    :meth:`_check_totals`). Everything is read in a fixed number of queries, whatever
    the number of orders.

    A document is plain data, from which both the PDF and the workbook are made:

    - ``title``, ``campaign``, ``info`` (label, text) shown on top
    - ``columns``: (key, label, type, width), type text, number, money or box
    - ``sections``: title, note, ``rows`` (dicts by column key; ``first`` marks the
      first row of a resident), ``totals`` (by column key)
    - ``labels``: one for each order, only on the residents' paper
    """

    _name = "groupbuy.paper"
    _description = "Papers of a Group Buying Campaign"

    # === PUBLIC ENTRY OF THE OTHER FILES === #

    @api.model
    def _get_document(self, campaign, kind, points=None):
        """Return a checked paper of a campaign as plain data.

        :param groupbuy.campaign campaign: the campaign; access is checked
        :param str kind: one of `KINDS`
        :param groupbuy.pickup.point points: only these pickup points; all by default
        :return: the document, see the class
        :rtype: dict
        :raises AccessError: when the user may not read the campaign
        :raises UserError: when there is nothing to print, or the paper does not agree
            with the orders
        """
        if kind not in KINDS:
            raise UserError(self.env._("There is no paper called “%s”.", kind))
        campaign.ensure_one()
        campaign.check_access("read")
        rows = self._get_rows(campaign, kind, points)
        explanations = self._get_explanations(campaign, kind, points)
        self._check_totals(campaign, kind, rows, points, explanations)
        document = getattr(self, f"_prepare_{kind}")(campaign, rows)
        document.update(
            kind=kind,
            title=self._get_titles()[kind],
            campaign=campaign.name,
            info=self._get_info(campaign)
            + [(self.env._("Note"), fact["text"]) for fact in explanations],
        )
        return document

    @api.model
    def _get_titles(self):
        """Return kind → title in the user's language."""
        return {
            "pick_by_product": self.env._("Picking List by Product"),
            "by_point": self.env._("Delivery Note by Pickup Point"),
            "by_resident": self.env._("Hand-out List by Resident"),
            "buy_by_supplier": self.env._("Buying List by Supplier"),
        }

    # === ROWS === #

    @api.model
    def _get_rows(self, campaign, kind, points=None):
        """Read what the paper lists, with one statement.

        :param groupbuy.campaign campaign: the campaign
        :param str kind: one of `KINDS`
        :param groupbuy.pickup.point points: only these pickup points; all by default
        :return: dicts with at least product_id and quantity, in the product's unit
        :rtype: list[dict]
        """
        self.env.flush_all()
        if kind == "by_resident":
            query = self._query_resident_rows(campaign, points)
        elif kind == "buy_by_supplier":
            query = self._query_supplier_rows(campaign)
        else:
            query = self._query_point_rows(campaign, points)
        return self.env.execute_query_dict(query)

    def _get_point_condition(self, column, points):
        """Return the condition that limits a paper to some pickup points.

        :rtype: SQL
        """
        return SQL("%s = ANY(%s)", column, points.ids) if points else SQL("TRUE")

    def _query_point_rows(self, campaign, points):
        """Return the query of what leaves the warehouse, by pickup point and product.

        That is the transfers to the points, and the home deliveries, which leave it
        directly and have no point.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT p.groupbuy_point_id AS point_id, m.product_id,
                   SUM(m.product_qty) AS quantity
              FROM stock_picking p
              JOIN stock_move m ON m.picking_id = p.id
             WHERE p.groupbuy_campaign_id = %(campaign)s
               AND p.groupbuy_role = 'to_point'
               AND p.groupbuy_is_extra IS NOT TRUE
               AND m.state <> 'cancel'
               AND %(points)s
             GROUP BY 1, 2
            UNION ALL
            SELECT NULL, m.product_id, SUM(m.product_qty)
              FROM sale_order o
              JOIN sale_order_line l ON l.order_id = o.id
              JOIN stock_move m ON m.sale_line_id = l.id
              JOIN stock_location destination ON destination.id = m.location_dest_id
             WHERE o.groupbuy_campaign_id = %(campaign)s
               AND o.groupbuy_state = 'confirmed'
               AND o.groupbuy_point_id IS NULL
               AND l.groupbuy_line_id IS NOT NULL
               AND destination.usage = 'customer'
               AND m.state <> 'cancel'
               AND %(home)s
             GROUP BY 2
            """,
            campaign=campaign.id,
            points=self._get_point_condition(SQL("p.groupbuy_point_id"), points),
            home=SQL("FALSE") if points else SQL("TRUE"),
        )

    def _query_resident_rows(self, campaign, points):
        """Return the query of what each resident gets, most pressing orders first.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT o.groupbuy_point_id AS point_id, o.id AS order_id,
                   o.name AS order_name, o.partner_id, o.groupbuy_priority AS priority,
                   m.product_id, SUM(m.product_qty) AS quantity
              FROM sale_order o
              JOIN sale_order_line l ON l.order_id = o.id
              JOIN stock_move m ON m.sale_line_id = l.id
              JOIN stock_location destination ON destination.id = m.location_dest_id
              JOIN stock_location origin ON origin.id = m.location_id
             WHERE o.groupbuy_campaign_id = %(campaign)s
               AND o.groupbuy_state = 'confirmed'
               AND l.groupbuy_line_id IS NOT NULL
               AND destination.usage = 'customer'
               AND origin.usage <> 'customer'
               AND m.state <> 'cancel'
               AND %(points)s
             GROUP BY o.id, m.product_id
             ORDER BY o.groupbuy_point_id NULLS LAST,
                      COALESCE(o.groupbuy_priority, '0') DESC,
                      MIN(o.groupbuy_joined_at), o.id, m.product_id
            """,
            campaign=campaign.id,
            points=self._get_point_condition(SQL("o.groupbuy_point_id"), points),
        )

    def _query_supplier_rows(self, campaign):
        """Return the query of what is bought for the campaign, by supplier.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT po.partner_id, po.id AS purchase_id, po.name AS purchase_name,
                   po.currency_id, po.date_planned, pol.product_id,
                   SUM(pol.product_qty * uom.factor / product_uom.factor) AS quantity,
                   SUM(pol.price_subtotal) AS amount
              FROM purchase_order po
              JOIN purchase_order_line pol ON pol.order_id = po.id
              JOIN product_product product ON product.id = pol.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN uom_uom uom ON uom.id = pol.product_uom_id
              JOIN uom_uom product_uom ON product_uom.id = template.uom_id
             WHERE po.groupbuy_campaign_id = %(campaign)s AND po.state <> 'cancel'
             GROUP BY po.id, pol.product_id
             ORDER BY po.partner_id, po.id, MIN(pol.sequence), pol.product_id
            """,
            campaign=campaign.id,
        )

    # === CHECK === #

    @api.model
    def _get_ordered(self, campaign, points=None):
        """Return what the confirmed orders say, by product.

        :return: product id → quantity in the product's unit
        :rtype: dict[int, float]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.product_id,
                       SUM(l.product_uom_qty * uom.factor / product_uom.factor)
                  FROM sale_order o
                  JOIN sale_order_line l ON l.order_id = o.id
                  JOIN product_product product ON product.id = l.product_id
                  JOIN product_template template
                       ON template.id = product.product_tmpl_id
                  JOIN uom_uom uom ON uom.id = l.product_uom_id
                  JOIN uom_uom product_uom ON product_uom.id = template.uom_id
                 WHERE o.groupbuy_campaign_id = %s
                   AND o.groupbuy_state = 'confirmed'
                   AND o.state = 'sale'
                   AND l.groupbuy_line_id IS NOT NULL
                   AND %s
                 GROUP BY l.product_id
                HAVING SUM(l.product_uom_qty) <> 0
                """,
                campaign.id,
                self._get_point_condition(SQL("o.groupbuy_point_id"), points),
            )
        )
        return {product_id: float(quantity) for product_id, quantity in rows}

    @api.model
    def _get_explanations(self, campaign, kind, points=None):
        """Hook for other addons: why a paper rightly differs from the orders.

        What was lost on the way has left the warehouse and is on no order any more;
        what somebody still has to decide about is on an order and on no transfer.
        Each explanation is printed, so that a paper says the reason itself.

        :param groupbuy.campaign campaign: the campaign
        :param str kind: one of `KINDS`
        :param groupbuy.pickup.point points: the points the paper is limited to
        :return: dicts with product_id, text, and quantity: what the paper lists beyond
            the orders, in the product's unit; negative for what it does not list
        :rtype: list[dict]
        """
        return []

    @api.model
    def _check_totals(self, campaign, kind, rows, points=None, explanations=()):
        """Refuse a paper whose totals are not those of the orders.

        What is bought may be more than what was ordered (whole cases, orders that
        were cancelled after the supplier had confirmed), never less than what stock
        does not give.

        :param groupbuy.campaign campaign: the campaign
        :param str kind: one of `KINDS`
        :param list[dict] rows: what :meth:`_get_rows` returned
        :param groupbuy.pickup.point points: the points the rows are limited to
        :param list[dict] explanations: what :meth:`_get_explanations` returned
        :raises UserError: with the differences, product by product
        """
        ordered = self._get_ordered(campaign, points)
        if kind != "buy_by_supplier" or ordered:
            for fact in explanations:
                product_id = fact["product_id"]
                ordered[product_id] = ordered.get(product_id, 0.0) + fact["quantity"]
        listed = defaultdict(float)
        for row in rows:
            listed[row["product_id"]] += float(row["quantity"])
        if kind == "buy_by_supplier":
            for line in campaign.line_ids:
                product_id = line.product_id.id
                if product_id in ordered:
                    listed[product_id] += line.stock_quantity
                    # A surplus stays in stock and is shown as such.
                    listed[product_id] = min(listed[product_id], ordered[product_id])
            listed = {key: qty for key, qty in listed.items() if key in ordered}
        if not ordered and not any(listed.values()):
            raise UserError(
                self.env._(
                    "There is nothing to print yet: no order of “%s” is confirmed.",
                    campaign.name,
                )
            )
        different = [
            product_id
            for product_id in sorted(ordered.keys() | listed.keys())
            if float_compare(
                ordered.get(product_id, 0.0),
                listed.get(product_id, 0.0),
                precision_digits=QUANTITY_DIGITS,
            )
        ]
        if different:
            self._raise_differences(kind, different, ordered, listed)

    def _raise_differences(self, kind, product_ids, ordered, listed):
        """Refuse a paper and name its differences.

        :raises UserError: always
        """
        products = self.env["product.product"].browse(product_ids[:MAX_DIFFERENCES])
        lines = [
            self.env._(
                "%(product)s: ordered %(ordered)g, on the paper %(listed)g",
                product=product.display_name,
                ordered=ordered.get(product.id, 0.0),
                listed=listed.get(product.id, 0.0),
            )
            for product in products
        ]
        if len(product_ids) > MAX_DIFFERENCES:
            lines.append(
                self.env._(
                    "… and %s products more.", len(product_ids) - MAX_DIFFERENCES
                )
            )
        raise UserError(
            self.env._(
                "“%(title)s” is not printed, because it does not agree with the"
                " orders:\n%(lines)s\n\nSee whether jobs of the campaign are still"
                " waiting, or transfers were cancelled.",
                title=self._get_titles()[kind],
                lines="\n".join(lines),
            )
        )

    # === DOCUMENTS === #

    def _get_info(self, campaign):
        """Return what every paper says on top: (label, text)."""
        return [
            (self.env._("Campaign"), campaign.reference or campaign.name),
            (self.env._("Pickup"), campaign._format_pickup_window()),
            (
                self.env._("Printed"),
                format_moment(self.env, self.env.cr.now(), campaign.tz),
            ),
        ]

    def _get_products(self, rows):
        """Return the names and units of the products of rows, read together.

        :return: product id → (name, code, unit)
        :rtype: dict
        """
        products = self.env["product.product"].browse(
            {row["product_id"] for row in rows}
        )
        return {
            product.id: (
                product.with_context(display_default_code=False).display_name,
                product.default_code or "",
                product.uom_id.name,
            )
            for product in products
        }

    def _get_points(self, rows):
        """Return point id → pickup point, without one for home delivery."""
        ids = {row["point_id"] for row in rows if row["point_id"]}
        return {p.id: p for p in self.env["groupbuy.pickup.point"].browse(ids)}

    def _get_point_title(self, point):
        """Return the heading of a pickup point's section."""
        if not point:
            return self.env._("Home delivery")
        return f"{point.name} ({point.code})" if point.code else point.name

    def _prepare_pick_by_product(self, campaign, rows):
        """Return the picking list: products down, pickup points across."""
        products = self._get_products(rows)
        points = self._get_points(rows)
        order = sorted(
            {row["point_id"] for row in rows},
            key=lambda i: (not i, points[i].sequence if i else 0, i or 0),
        )
        # More columns than fit on a sheet of paper are left to the other paper.
        across = order if len(order) <= 6 else []
        table = defaultdict(lambda: defaultdict(float))
        for row in rows:
            table[row["product_id"]][row["point_id"]] += float(row["quantity"])
        columns = [
            ("box", "", "box", 5),
            ("code", self.env._("Code"), "text", 14),
            ("product", self.env._("Product"), "text", 38),
            *(
                (
                    f"point_{point_id or 0}",
                    points[point_id].name if point_id else self.env._("Home"),
                    "number",
                    13,
                )
                for point_id in across
            ),
            ("quantity", self.env._("Total"), "number", 12),
            ("unit", self.env._("Unit"), "text", 9),
        ]
        lines = []
        for product_id, by_point in table.items():
            name, code, unit = products[product_id]
            lines.append(
                {
                    "code": code,
                    "product": name,
                    "unit": unit,
                    "quantity": sum(by_point.values()),
                    **{f"point_{i or 0}": by_point.get(i, 0.0) for i in across},
                }
            )
        lines.sort(key=lambda line: (line["code"], line["product"]))
        return {
            "columns": columns,
            "sections": [
                {
                    "title": campaign.warehouse_id.name,
                    "note": self.env._(
                        "%(products)s products for %(points)s pickup points",
                        products=len(lines),
                        points=len(points),
                    ),
                    "rows": lines,
                    "totals": self._sum_up(lines, columns),
                }
            ],
            "labels": [],
        }

    def _prepare_by_point(self, campaign, rows):
        """Return the delivery notes: one section for each pickup point."""
        products = self._get_products(rows)
        points = self._get_points(rows)
        columns = [
            ("box", "", "box", 5),
            ("code", self.env._("Code"), "text", 16),
            ("product", self.env._("Product"), "text", 50),
            ("quantity", self.env._("Quantity"), "number", 14),
            ("unit", self.env._("Unit"), "text", 11),
            ("received", self.env._("Received"), "text", 14),
        ]
        by_point = defaultdict(list)
        for row in rows:
            name, code, unit = products[row["product_id"]]
            by_point[row["point_id"]].append(
                {
                    "code": code,
                    "product": name,
                    "unit": unit,
                    "quantity": float(row["quantity"]),
                    "received": "",
                }
            )
        sections = []
        for point_id in self._sort_point_ids(by_point, points):
            lines = sorted(
                by_point[point_id], key=lambda line: (line["code"], line["product"])
            )
            sections.append(
                {
                    "title": self._get_point_title(points.get(point_id)),
                    "note": self._get_point_note(points.get(point_id)),
                    "rows": lines,
                    "totals": self._sum_up(lines, columns),
                    "signature": True,
                }
            )
        return {"columns": columns, "sections": sections, "labels": []}

    def _prepare_by_resident(self, campaign, rows):
        """Return the hand-out lists: one section for each point, and the labels."""
        products = self._get_products(rows)
        points = self._get_points(rows)
        partners = {
            partner.id: (partner.name or "", self._get_phone_end(partner))
            for partner in self.env["res.partner"].browse(
                {row["partner_id"] for row in rows}
            )
        }
        columns = [
            ("number", self.env._("No."), "text", 6),
            ("resident", self.env._("Resident"), "text", 20),
            ("phone", self.env._("Phone"), "text", 9),
            ("order", self.env._("Order"), "text", 13),
            ("product", self.env._("Product"), "text", 37),
            ("quantity", self.env._("Quantity"), "number", 10),
            ("unit", self.env._("Unit"), "text", 9),
            ("box", "", "box", 5),
        ]
        by_point = defaultdict(list)
        labels = []
        numbers = defaultdict(int)
        former = None
        for row in rows:
            point_id = row["point_id"]
            name, _code, unit = products[row["product_id"]]
            first = row["order_id"] != former
            former = row["order_id"]
            resident, phone = partners[row["partner_id"]]
            quantity = float(row["quantity"])
            if first:
                numbers[point_id] += 1
                labels.append(
                    {
                        "point": self._get_point_title(points.get(point_id)),
                        "point_id": point_id,
                        "number": numbers[point_id],
                        "resident": resident,
                        "phone": phone,
                        "order": row["order_name"],
                        "urgent": row["priority"] not in (None, "0"),
                        "lines": [],
                    }
                )
            labels[-1]["lines"].append((name, quantity, unit))
            by_point[point_id].append(
                {
                    "first": first,
                    "number": numbers[point_id] if first else "",
                    "resident": resident if first else "",
                    "phone": phone if first else "",
                    "order": row["order_name"] if first else "",
                    "product": name,
                    "quantity": quantity,
                    "unit": unit,
                }
            )
        point_ids = self._sort_point_ids(by_point, points)
        rank = {point_id: index for index, point_id in enumerate(point_ids)}
        labels.sort(key=lambda label: rank[label["point_id"]])
        return {
            "columns": columns,
            "sections": [
                {
                    "title": self._get_point_title(points.get(point_id)),
                    "note": self.env._(
                        "%(orders)s orders. %(place)s",
                        orders=numbers[point_id],
                        place=self._get_point_note(points.get(point_id)),
                    ),
                    "rows": by_point[point_id],
                    "totals": self._sum_up(by_point[point_id], columns),
                }
                for point_id in point_ids
            ],
            "labels": labels,
        }

    def _prepare_buy_by_supplier(self, campaign, rows):
        """Return the buying lists: one section for each supplier, and the stock."""
        ordered = self._get_ordered(campaign)
        lines = {line.product_id.id: line for line in campaign.line_ids}
        rows = list(rows)
        bought = {row["product_id"] for row in rows}
        rows += [
            {"partner_id": None, "product_id": product_id, "quantity": 0.0}
            for product_id, line in lines.items()
            if product_id in ordered and product_id not in bought
        ]
        products = self._get_products(rows)
        partners = {
            partner.id: partner
            for partner in self.env["res.partner"].browse(
                {row["partner_id"] for row in rows if row["partner_id"]}
            )
        }
        currencies = {
            currency.id: currency
            for currency in self.env["res.currency"].browse(
                {row["currency_id"] for row in rows if row.get("currency_id")}
            )
        }
        columns = [
            ("code", self.env._("Code"), "text", 13),
            ("product", self.env._("Product"), "text", 34),
            ("ordered", self.env._("Ordered"), "number", 11),
            ("stock", self.env._("From Stock"), "number", 11),
            ("quantity", self.env._("To Buy"), "number", 11),
            ("rest", self.env._("Left Over"), "number", 11),
            ("unit", self.env._("Unit"), "text", 8),
            ("purchase", self.env._("Purchase"), "text", 12),
            ("amount", self.env._("Amount"), "money", 14),
        ]
        by_supplier = defaultdict(list)
        seen = set()
        total_bought = defaultdict(float)
        for row in rows:
            total_bought[row["product_id"]] += float(row["quantity"])
        for product_id, quantity in self._get_lost_quantities(campaign).items():
            total_bought[product_id] -= quantity
        for row in rows:
            product_id = row["product_id"]
            name, code, unit = products[product_id]
            line = lines.get(product_id)
            # A product on several purchase orders is counted once.
            again = product_id in seen
            seen.add(product_id)
            need = 0.0 if again else ordered.get(product_id, 0.0)
            stock = line.stock_quantity if line and not again else 0.0
            currency = currencies.get(row.get("currency_id"))
            by_supplier[row["partner_id"]].append(
                {
                    "code": code,
                    "product": name,
                    "ordered": need,
                    "stock": stock,
                    "quantity": float(row["quantity"]),
                    "rest": 0.0 if again else total_bought[product_id] + stock - need,
                    "unit": unit,
                    "purchase": row.get("purchase_name") or "",
                    "amount": float(row.get("amount") or 0.0),
                    "currency": currency,
                }
            )
        sections = []
        for partner_id in sorted(
            by_supplier, key=lambda i: (not i, partners[i].name or "" if i else "")
        ):
            partner = partners.get(partner_id)
            section = by_supplier[partner_id]
            sections.append(
                {
                    "title": partner.name if partner else self.env._("From stock"),
                    "note": (
                        ", ".join(filter(None, (partner.phone, partner.email)))
                        if partner
                        else self.env._("Nothing to buy: the warehouse has it.")
                    ),
                    "rows": section,
                    "totals": self._sum_up(section, columns),
                }
            )
        return {"columns": columns, "sections": sections, "labels": []}

    @api.model
    def _get_lost_quantities(self, campaign):
        """Hook for other addons: what was bought for a campaign and is no more.

        :return: product id → quantity in the product's unit
        :rtype: dict[int, float]
        """
        return {}

    def _sort_point_ids(self, by_point, points):
        """Return the ids of pickup points in their order, home delivery last."""
        return sorted(
            by_point, key=lambda i: (not i, points[i].sequence if i else 0, i or 0)
        )

    def _get_point_note(self, point):
        """Return where a pickup point is, on one line."""
        if not point:
            return ""
        return ", ".join(filter(None, (point._get_address_text(), point.phone)))

    @api.model
    def _get_phone_end(self, partner):
        """Return the last four digits of a phone: enough to tell people apart."""
        digits = re.sub(r"\D", "", partner.phone or "")
        return f"*{digits[-4:]}" if len(digits) >= 4 else ""

    @api.model
    def _sum_up(self, rows, columns):
        """Return the totals of the numeric columns; money only of one currency."""
        totals = {
            key: sum(row.get(key) or 0.0 for row in rows)
            for key, _label, kind, _width in columns
            if kind == "number"
        }
        currencies = {row["currency"] for row in rows if row.get("currency")}
        if len(currencies) == 1:
            totals["amount"] = sum(row["amount"] for row in rows)
            totals["currency"] = currencies.pop()
        return totals

    # === WORKBOOK === #

    @api.model
    def _render_xlsx(self, campaign, kind, points=None):
        """Return a paper as a workbook: a sheet for each section.

        Texts are written as texts: a product called "=1+1" is no formula.

        :param groupbuy.campaign campaign: the campaign; access is checked
        :param str kind: one of `KINDS`
        :param groupbuy.pickup.point points: only these pickup points; all by default
        :rtype: bytes
        :raises AccessError: when the user may not read the campaign
        :raises UserError: as :meth:`_get_document`
        """
        document = self._get_document(campaign, kind, points)
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer, {"in_memory": True})
        formats = self._get_formats(book)
        used = set()
        for section in document["sections"]:
            self._write_section(book, formats, document, section, used)
        if document["labels"]:
            self._write_labels(book, formats, document, used)
        book.set_properties({"title": f"{document['title']} – {document['campaign']}"})
        book.close()
        return buffer.getvalue()

    def _get_formats(self, book):
        """Return the cell formats of a workbook."""
        font = {"font_name": "Noto Sans CJK SC", "font_size": 10, "valign": "top"}
        cell = {**font, "border": 1, "border_color": "#BFBFBF"}
        number = "#,##0.###;[Red]-#,##0.###"
        return {
            "title": book.add_format({**font, "bold": True, "font_size": 15}),
            "note": book.add_format({**font, "font_color": "#595959"}),
            "head": book.add_format(
                {**cell, "bold": True, "bg_color": "#DDEFE3", "text_wrap": True}
            ),
            "text": book.add_format({**cell, "text_wrap": True}),
            "number": book.add_format({**cell, "num_format": number}),
            "money": book.add_format({**cell, "num_format": "#,##0.00"}),
            "box": book.add_format({**cell, "align": "center"}),
            "total_text": book.add_format({**cell, "bold": True}),
            "total_number": book.add_format(
                {**cell, "bold": True, "num_format": number}
            ),
            "total_money": book.add_format(
                {**cell, "bold": True, "num_format": "#,##0.00"}
            ),
        }

    def _add_sheet(self, book, name, used):
        """Add a sheet whose name is allowed and not used yet."""
        base = re.sub(r"[\[\]:*?/\\']", " ", name or "").strip()[:28] or "-"
        name, number = base, 2
        while name.casefold() in used or name.casefold() == "history":
            name, number = f"{base[:24]} {number}", number + 1
        used.add(name.casefold())
        sheet = book.add_worksheet(name)
        sheet.set_paper(9)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&C&P / &N")
        return sheet

    def _write_top(self, sheet, formats, document, section):
        """Write the heading of a sheet and return the next row."""
        title = f"{document['title']} – {section['title']}"
        sheet.write_string(0, 0, title, formats["title"])
        info = [document["campaign"]]
        info += [f"{label}: {text}" for label, text in document["info"]]
        sheet.write_string(1, 0, "   ".join(info), formats["note"])
        sheet.write_string(2, 0, section.get("note") or "", formats["note"])
        return 4

    def _write_section(self, book, formats, document, section, used):
        """Write a section on a sheet of its own."""
        columns = document["columns"]
        sheet = self._add_sheet(book, section["title"], used)
        row_number = self._write_top(sheet, formats, document, section)
        if len(columns) > 7:
            sheet.set_landscape()
        for index, (_key, label, _kind, width) in enumerate(columns):
            sheet.set_column(index, index, width)
            sheet.write_string(row_number, index, label or "✓", formats["head"])
        sheet.repeat_rows(row_number)
        sheet.freeze_panes(row_number + 1, 0)
        for row in section["rows"]:
            row_number += 1
            for index, (key, _label, kind, _width) in enumerate(columns):
                value = row.get(key)
                if kind in ("number", "money"):
                    sheet.write_number(row_number, index, value or 0.0, formats[kind])
                else:
                    text = "☐" if kind == "box" else str(value or "")
                    sheet.write_string(row_number, index, text, formats[kind])
        row_number += 1
        totals = section["totals"]
        for index, (key, _label, kind, _width) in enumerate(columns):
            if kind in ("number", "money") and key in totals:
                sheet.write_number(
                    row_number, index, totals[key], formats[f"total_{kind}"]
                )
            else:
                text = self.env._("Total") if key == "product" else ""
                sheet.write_string(row_number, index, text, formats["total_text"])

    def _write_labels(self, book, formats, document, used):
        """Write the labels, one row each, ready for a label printer's mail merge."""
        sheet = self._add_sheet(book, self.env._("Labels"), used)
        heads = [
            (self.env._("Pickup Point"), 24),
            (self.env._("No."), 6),
            (self.env._("Resident"), 18),
            (self.env._("Phone"), 9),
            (self.env._("Order"), 14),
            (self.env._("Contents"), 60),
        ]
        for index, (label, width) in enumerate(heads):
            sheet.set_column(index, index, width)
            sheet.write_string(0, index, label, formats["head"])
        for row_number, label in enumerate(document["labels"], start=1):
            contents = "\n".join(
                f"{name} × {quantity:g} {unit}"
                for name, quantity, unit in label["lines"]
            )
            cells = (
                label["point"],
                str(label["number"]),
                label["resident"],
                label["phone"],
                label["order"],
                contents,
            )
            for index, text in enumerate(cells):
                sheet.write_string(row_number, index, text, formats["text"])
