# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict
from datetime import timedelta

import qrcode
from dateutil.relativedelta import relativedelta
from qrcode.image.svg import SvgPathImage

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from odoo.addons.community_groupbuy.const import ACTIVE_STATES, JOINED_STATES

from ..periods import get_period, to_day, to_utc

# Latest orders on the page of today.
LATEST_ORDERS = 5
# Rows of a page.
ENTRIES_PER_PAGE = 20
JOINERS_PER_PAGE = 30
CAMPAIGNS_PER_PAGE = 12
# Months that the statement offers to choose from.
MONTHS_OFFERED = 12


class GroupBuyLeader(models.Model):
    """What the pages of a leader's portal read.

    Portal users have no rights on leaders, campaigns or transfers. The controller
    finds the leader who is logged in, with elevated rights, and everything here is
    limited to that leader's own points, orders and entries. The number of queries
    depends neither on how many residents there are nor on the length of the history.
    """

    _inherit = "groupbuy.leader"

    @api.model
    def _find_for_portal(self, user, company, with_former=False):
        """Return the leader that a user is in a company.

        :param res.users user: Who is logged in.
        :param res.company company: The company of the website.
        :param bool with_former: Whether somebody who has left counts, too: what is
            settled and paid can still be read then.
        :return: One leader with elevated rights, or nothing.
        :rtype: groupbuy.leader
        """
        if user._is_public():
            return self.sudo().browse()
        # Elevated: portal users have no rights on leaders; only the own are looked up.
        leaders = self.sudo().search(
            [("partner_id", "=", user.partner_id.id), ("company_id", "=", company.id)],
            order="id desc",
        )
        working = leaders.filtered(lambda leader: leader.state != "left")
        return (working or (leaders if with_former else leaders.browse()))[:1]

    def _get_portal_tz(self):
        """Return the time zone in which the leader's days are counted."""
        self.ensure_one()
        return self.point_ids[:1].tz or self.company_id.partner_id.tz or "UTC"

    # === TODAY === #

    def _get_today(self):
        """Return what the leader has to do and has earned, for the first page.

        :return: deliveries and parcels (rows by campaign and point), todos of other
            addons, new_count and latest (orders), earnings.
        :rtype: dict
        """
        self.ensure_one()
        deliveries, parcels = self._get_transfers()
        orders = self.env["sale.order"]
        today = to_day(fields.Datetime.now(), self._get_portal_tz())
        domain = self._get_brought_domain() & Domain(
            "groupbuy_state", "in", JOINED_STATES
        )
        latest = orders.search(
            domain, order="groupbuy_joined_at desc, id desc", limit=LATEST_ORDERS
        )
        return {
            "deliveries": deliveries,
            "parcels": parcels,
            "todos": self.point_ids._get_todos() if self.point_ids else [],
            "new_count": orders.search_count(
                domain
                & Domain(
                    "groupbuy_joined_at", ">=", to_utc(today, self._get_portal_tz())
                )
            ),
            "latest": self._prepare_joiners(latest),
            "earnings": self._get_earnings(),
        }

    def _get_transfers(self):
        """Return what comes to the own points, and what is to be handed out there.

        Only campaigns that are under way are looked at: of a campaign that is done
        nothing is open.

        :return: Two lists of dicts: campaign, point, total, ready and done (numbers
            of transfers), quantity.
        :rtype: tuple[list[dict], list[dict]]
        """
        self.ensure_one()
        lists = {"to_point": [], "to_resident": []}
        if not self.point_ids:
            return lists["to_point"], lists["to_resident"]
        self.env["stock.picking"].flush_model()
        self.env["stock.move"].flush_model()
        self.env["groupbuy.campaign"].flush_model(["state"])
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT p.groupbuy_campaign_id AS campaign_id,
                       p.groupbuy_point_id AS point_id, p.groupbuy_role AS role,
                       COUNT(*) AS total,
                       COUNT(*) FILTER (WHERE p.state = 'assigned') AS ready,
                       COUNT(*) FILTER (WHERE p.state = 'done') AS done,
                       COALESCE(SUM(moved.quantity)
                                FILTER (WHERE p.state <> 'done'), 0) AS quantity
                  FROM stock_picking p
                  JOIN groupbuy_campaign c ON c.id = p.groupbuy_campaign_id
                  LEFT JOIN LATERAL (
                       SELECT SUM(m.product_qty) AS quantity FROM stock_move m
                        WHERE m.picking_id = p.id AND m.state <> 'cancel'
                       ) moved ON p.groupbuy_role = 'to_point'
                 WHERE p.groupbuy_point_id = ANY(%(points)s)
                   AND p.groupbuy_role IN ('to_point', 'to_resident')
                   AND p.state NOT IN ('draft', 'cancel')
                   AND c.state = ANY(%(states)s)
                 GROUP BY 1, 2, 3, c.pickup_from
                HAVING COUNT(*) FILTER (WHERE p.state <> 'done') > 0
                 ORDER BY c.pickup_from, 1, 2
                """,
                points=self.point_ids.ids,
                states=list(ACTIVE_STATES),
            )
        )
        campaigns = self.env["groupbuy.campaign"].browse(
            {row["campaign_id"] for row in rows}
        )
        points = self.point_ids.grouped("id")
        for row in rows:
            campaign = campaigns.browse(row["campaign_id"])
            lists[row["role"]].append(
                {
                    "campaign": campaign.with_prefetch(campaigns.ids),
                    "point": points[row["point_id"]],
                    "total": row["total"],
                    "ready": row["ready"],
                    "done": row["done"],
                    "quantity": float(row["quantity"]),
                }
            )
        return lists["to_point"], lists["to_resident"]

    # === EARNINGS === #

    def _get_earnings(self):
        """Return what the leader has earned, and why it is not paid yet.

        :return: waiting (reason → count and amount), payable, to_pay (approved or
            being approved, and what is left of bills), held (settlements on hold),
            debt (brought forward, below zero), small (brought forward, above zero),
            paid (this year), accrued (all that is not settled), minimum (of the
            plan), next_settlement (the day on which the period is over), window_days.
        :rtype: dict
        """
        self.ensure_one()
        waiting = self._get_waiting_sums()
        plan = self.env["groupbuy.commission.plan"]._get_for_leaders(self)[self]
        zone = self.company_id.partner_id.tz or "UTC"
        today = to_day(fields.Datetime.now(), zone)
        _first, last = get_period(plan._get_period_kind(), today)
        nothing = {"count": 0, "amount": 0.0}
        return {
            "waiting": {
                name: row for name, row in waiting.items() if name != "payable"
            },
            "payable": waiting.get("payable", nothing),
            "accrued": sum(row["amount"] for row in waiting.values()),
            **self._get_settlement_sums(today),
            "minimum": plan.minimum_payout or 0.0,
            "window_days": plan.window_days or 0,
            "next_settlement": last + timedelta(days=1),
        }

    def _get_waiting_sums(self):
        """Return the sums of what is not settled, by what it waits for.

        :return: pickup, case, window or payable → count and amount.
        :rtype: dict[str, dict]
        """
        self.env["stock.move"].flush_model(["state", "date", "sale_line_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT waiting, COUNT(*), SUM(amount) FROM (
                    SELECT e.amount, %s AS waiting
                      FROM groupbuy_commission_entry e %s
                     WHERE e.company_id = %s AND e.leader_id = %s
                       AND e.settlement_id IS NULL
                ) entry
                 GROUP BY waiting
                """,
                self._query_waiting(),
                self.env["groupbuy.commission.entry"]._query_status(),
                self.company_id.id,
                self.id,
            )
        )
        return {
            waiting: {"count": count, "amount": float(amount)}
            for waiting, count, amount in rows
        }

    @api.model
    def _query_waiting(self):
        """Return the column that says what an entry waits for at this moment.

        To be used beside the joins of the entries' `_query_status`.

        :rtype: SQL
        """
        return SQL(
            "CASE WHEN status.waiting = 'payable' AND status.payable_at > %s"
            " THEN 'window' ELSE status.waiting END",
            fields.Datetime.now(),
        )

    def _get_settlement_sums(self, today):
        """Return the sums of the settlements by how far they are.

        :param date today: The day in the company's time zone.
        :rtype: dict
        """
        settlements = self.env["groupbuy.settlement"]
        settlements.flush_model()
        self.env["account.move"].flush_model(["amount_residual"])
        [(to_pay, debt, small, paid)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(CASE WHEN s.step = 'billed'
                                         THEN move.amount_residual
                                         ELSE s.balance END) FILTER (
                           WHERE s.state IN ('draft', 'to_approve', 'approved',
                                             'billed')), 0),
                       COALESCE(SUM(s.balance) FILTER (
                           WHERE s.step = 'carried' AND s.carried_into_id IS NULL
                             AND s.balance < 0), 0),
                       COALESCE(SUM(s.balance) FILTER (
                           WHERE s.step = 'carried' AND s.carried_into_id IS NULL
                             AND s.balance > 0), 0),
                       COALESCE(SUM(s.balance) FILTER (
                           WHERE s.state = 'paid' AND s.date_to >= %s), 0)
                  FROM groupbuy_settlement s
                  LEFT JOIN account_move move ON move.id = s.bill_id
                 WHERE s.leader_id = %s
                """,
                today.replace(month=1, day=1),
                self.id,
            )
        )
        return {
            "to_pay": float(to_pay),
            "debt": float(debt),
            "small": float(small),
            "paid": float(paid),
            "held": settlements.search(
                [("leader_id", "=", self.id), ("is_held", "=", True)]
            ),
        }

    # === STATEMENT === #

    def _get_months(self):
        """Return the months that the statement can be limited to, the latest first.

        :return: Pairs of value, such as "2026-07", and label.
        :rtype: list[tuple[str, str]]
        """
        self.ensure_one()
        zone = self.company_id.partner_id.tz or "UTC"
        today = to_day(fields.Datetime.now(), zone)
        months = [
            today.replace(day=1) - relativedelta(months=number)
            for number in range(MONTHS_OFFERED)
        ]
        return [
            (f"{month:%Y-%m}", format_date(self.env, month, date_format="MMMM y"))
            for month in months
            if month >= self.date_start.replace(day=1)
        ] or [
            (
                f"{months[0]:%Y-%m}",
                format_date(self.env, months[0], date_format="MMMM y"),
            )
        ]

    @api.model
    def _get_entry_states(self):
        """Return the states that the statement can be limited to.

        :return: Value → label.
        :rtype: dict[str, str]
        """
        return {
            "open": self.env._("Not settled yet"),
            "pickup": self.env._("Waiting for pickup"),
            "window": self.env._("In the after-sales window"),
            "case": self.env._("A case is open"),
            "payable": self.env._("Goes into the next settlement"),
            "settled": self.env._("Settled"),
            "paid": self.env._("Paid"),
        }

    def _get_statement(self, month=None, state=None, offset=0):
        """Return a page of the ledger of the leader.

        What an entry waits for is derived from the transfers. It is only worked out
        for the rows shown, unless the page is limited to a reason.

        :param str month: One of :meth:`_get_months`; all by default.
        :param str state: One of :meth:`_get_entry_states`; all by default.
        :param int offset: Rows to skip.
        :return: total (number), amount (sum of all of them), rows.
        :rtype: dict
        """
        self.ensure_one()
        entries = self.env["groupbuy.commission.entry"]
        source, where = self._query_statement(month, state)
        [(total, amount)] = self.env.execute_query(
            SQL("SELECT COUNT(*), COALESCE(SUM(e.amount), 0) %s %s", source, where)
        )
        ids = self.env.execute_query(
            SQL(
                "SELECT e.id %s %s ORDER BY e.id DESC LIMIT %s OFFSET %s",
                source,
                where,
                ENTRIES_PER_PAGE,
                offset,
            )
        )
        shown = entries.browse([row[0] for row in ids])
        return {
            "total": total,
            "amount": float(amount),
            "rows": self._prepare_entries(shown),
        }

    def _query_statement(self, month, state):
        """Return the tables and the condition of the statement.

        :rtype: tuple[SQL, SQL]
        """
        self.env["stock.move"].flush_model(["state", "date", "sale_line_id"])
        self.env["groupbuy.settlement"].flush_model(["state"])
        source = SQL("FROM groupbuy_commission_entry e")
        where = [SQL("e.leader_id = %s", self.id)]
        if month:
            zone = self.company_id.partner_id.tz or "UTC"
            first = fields.Date.to_date(f"{month}-01")
            where += [
                SQL("e.date >= %s", to_utc(first, zone)),
                SQL("e.date < %s", to_utc(first + relativedelta(months=1), zone)),
            ]
        if state in ("pickup", "window", "case", "payable"):
            source = SQL(
                "%s %s", source, self.env["groupbuy.commission.entry"]._query_status()
            )
            where += [
                SQL("e.settlement_id IS NULL"),
                SQL("%s = %s", self._query_waiting(), state),
            ]
        elif state == "open":
            where.append(SQL("e.settlement_id IS NULL"))
        elif state in ("settled", "paid"):
            source = SQL(
                "%s JOIN groupbuy_settlement s ON s.id = e.settlement_id", source
            )
            operator = SQL("=") if state == "paid" else SQL("<>")
            where.append(SQL("s.state %s 'paid'", operator))
        return source, SQL("WHERE %s", SQL(" AND ").join(where))

    def _prepare_entries(self, entries):
        """Return what the statement says about entries: texts for the leader.

        :param groupbuy.commission.entry entries: Own entries, with elevated rights.
        :rtype: list[dict]
        """
        statements = self.env["groupbuy.statement"]
        kinds = dict(entries._fields["kind"]._description_selection(self.env))
        allowances = entries.allowance_id
        reasons = dict(allowances._fields["reason"]._description_selection(self.env))
        rows = []
        for entry in entries:
            text, style = self._get_entry_status(entry)
            rows.append(
                {
                    "id": entry.id,
                    "date": to_day(entry.date, self.company_id.partner_id.tz or "UTC"),
                    "kind": kinds[entry.kind],
                    "title": entry.product_id.name or entry.note or kinds[entry.kind],
                    "campaign": entry.campaign_id.name or "",
                    "order": entry.order_id.name or "",
                    "base": entry.base,
                    "rate": statements._format_rate(entry),
                    "quantity": entry.quantity,
                    "amount": entry.amount,
                    "reason": (entry.note if entry.product_id else "")
                    or reasons.get(entry.allowance_id.reason, ""),
                    "settlement": entry.settlement_id,
                    "status": text,
                    "style": style,
                }
            )
        return rows

    def _get_entry_status(self, entry):
        """Return how an entry stands, as a sentence, and the colour of its badge."""
        if entry.settlement_id:
            settlement = entry.settlement_id
            if settlement.state == "paid":
                return self.env._("Paid with %s", settlement.name), "success"
            return self.env._("Settled in %s", settlement.name), "info"
        if entry.waiting_for == "window":
            day = format_date(
                self.env,
                to_day(entry.payable_at, self.company_id.partner_id.tz or "UTC"),
            )
            return self.env._("After-sales window until %s", day), "warning"
        states = self._get_entry_states()
        style = "success" if entry.waiting_for == "payable" else "warning"
        return states.get(entry.waiting_for, ""), style

    def _get_portal_settlements(self, limit=None, offset=0):
        """Return the settlements of the leader, the latest first, and their number.

        :rtype: tuple[groupbuy.settlement, int]
        """
        self.ensure_one()
        settlements = self.env["groupbuy.settlement"]
        domain = [("leader_id", "=", self.id)]
        return (
            settlements.search(domain, limit=limit, offset=offset),
            settlements.search_count(domain),
        )

    # === CAMPAIGNS === #

    def _get_campaign_domain(self, website):
        """Return the domain of the campaigns that the leader takes part in.

        Those at the own points and those that the own residents have joined; to a
        sharer, who has no point, also all that are open.

        :param website website: The website.
        :rtype: Domain
        """
        self.ensure_one()
        shown = Domain("company_id", "=", self.company_id.id) & Domain(
            "state", "not in", ("draft", "cancelled")
        )
        if self.kind == "koc":
            offered = self.env["groupbuy.campaign"]._get_open_domain(website)
        else:
            offered = (
                Domain("pickup_point_ids", "in", self.point_ids.ids)
                & Domain("is_published", "=", True)
                & (
                    Domain("leader_tier_ids", "=", False)
                    | Domain("leader_tier_ids", "in", self.tier_id.ids)
                )
            )
        brought = Domain("order_ids", "any", self._get_brought_domain())
        return shown & (offered | brought)

    def _get_brought_domain(self):
        """Return the domain of the orders that this leader or sharer earns by."""
        self.ensure_one()
        return Domain("groupbuy_leader_id", "=", self.id) | Domain(
            "groupbuy_sharer_id", "=", self.id
        )

    def _find_campaign(self, website, campaign_id):
        """Look up a campaign that a browser named.

        :param website website: The website.
        :param int campaign_id: The id in the request.
        :return: One of the leader's campaigns, with elevated rights, or nothing.
        :rtype: groupbuy.campaign
        """
        domain = self._get_campaign_domain(website) & Domain("id", "=", campaign_id)
        return self.env["groupbuy.campaign"].search(domain, limit=1)

    def _get_group_domain(self, campaign):
        """Return the domain of the own orders of a campaign.

        Who collects at an own point, and who was brought by the leader.
        """
        self.ensure_one()
        return (
            Domain("groupbuy_campaign_id", "=", campaign.id)
            & Domain("groupbuy_state", "in", JOINED_STATES)
            & (
                self._get_brought_domain()
                | Domain("groupbuy_point_id", "in", self.point_ids.ids)
            )
        )

    def _get_own_counts(self, campaigns):
        """Count the own orders of campaigns.

        :param groupbuy.campaign campaigns: Campaigns.
        :return: Campaign → orders, people, amount (tax included, in the currency of
            the orders, which is that of the website).
        :rtype: dict
        """
        self.ensure_one()
        if not campaigns:
            return {}
        domain = (
            Domain("groupbuy_campaign_id", "in", campaigns.ids)
            & Domain("groupbuy_state", "in", JOINED_STATES)
            & (
                self._get_brought_domain()
                | Domain("groupbuy_point_id", "in", self.point_ids.ids)
            )
        )
        rows = self.env["sale.order"]._read_group(
            domain,
            ["groupbuy_campaign_id"],
            ["__count", "partner_id:count_distinct", "amount_total:sum"],
        )
        return {
            campaign: {"orders": orders, "people": people, "amount": amount}
            for campaign, orders, people, amount in rows
        }

    def _get_joiners(self, campaign, limit=None, offset=0):
        """Return who has joined a campaign with this leader, the latest first.

        :param groupbuy.campaign campaign: One of the leader's.
        :return: What :meth:`_prepare_joiners` says, and the number of orders.
        :rtype: tuple[list[dict], int]
        """
        orders = self.env["sale.order"]
        domain = self._get_group_domain(campaign)
        shown = orders.search(
            domain,
            order="groupbuy_joined_at desc, id desc",
            limit=limit,
            offset=offset,
        )
        return self._prepare_joiners(shown), orders.search_count(domain)

    def _prepare_joiners(self, orders):
        """Return what a leader sees of orders: first names and items, no more.

        Who does not want to be named to neighbours is not named here, either: the
        full name is on the hand-out list, where it is needed.

        :param sale.order orders: Own orders, with elevated rights.
        :rtype: list[dict]
        """
        tz = self._get_portal_tz()
        rows = []
        for order in orders:
            lines = order.order_line.filtered("groupbuy_line_id")
            rows.append(
                {
                    "name": order.partner_id._groupbuy_public_name()
                    if order.groupbuy_show_name
                    else self.env._("A resident"),
                    "campaign": order.groupbuy_campaign_id,
                    "joined": order.groupbuy_campaign_id._format_local(
                        order.groupbuy_joined_at
                    )
                    if order.groupbuy_joined_at
                    else "",
                    "items": [
                        (
                            line.product_id.name,
                            f"{line.product_uom_qty:g} {line.product_uom_id.name}",
                        )
                        for line in lines
                        if line.product_uom_qty
                    ],
                    "day": to_day(order.groupbuy_joined_at, tz)
                    if order.groupbuy_joined_at
                    else None,
                }
            )
        return rows

    def _get_share_link(self, campaign=None):
        """Return the address that binds who follows it to this leader.

        :param groupbuy.campaign campaign: The campaign to show there; all by default.
        :rtype: str
        """
        self.ensure_one()
        if not campaign:
            return self.share_url
        return f"{self.share_url}/{self.env['ir.http']._slug(campaign)}"

    def _render_share_code(self, campaign=None):
        """Return the QR code of the leader's link, for a phone held to a screen.

        :param groupbuy.campaign campaign: The campaign that it leads to.
        :return: An SVG picture.
        :rtype: bytes
        """
        return qrcode.make(
            self._get_share_link(campaign), image_factory=SvgPathImage, border=2
        ).to_string()

    # === PICK LIST === #

    def _get_pick_list(self, campaign):
        """Return the hand-out list of a campaign at the own points.

        :param groupbuy.campaign campaign: One of the leader's, with elevated rights.
        :return: The paper as plain data, see `groupbuy.paper`; its labels say what
            each order gets, and `is_done` whether it was handed out.
        :rtype: dict
        :raise UserError: If there is nothing to hand out yet, or the paper does not
            agree with the orders.
        """
        self.ensure_one()
        if not self.point_ids:
            # Without points the paper would be that of all points.
            raise UserError(self.env._("You run no pickup point."))
        document = self.env["groupbuy.paper"]._get_document(
            campaign, "by_resident", self.point_ids
        )
        done = self._get_handed_out(campaign)
        for label in document["labels"]:
            label["is_done"] = label["order"] in done
        return document

    def _get_handed_out(self, campaign):
        """Return the names of the orders at the own points that are handed out."""
        self.env["stock.move"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.name
                  FROM sale_order o
                  JOIN sale_order_line l ON l.order_id = o.id
                  JOIN stock_move m ON m.sale_line_id = l.id
                  JOIN stock_location destination
                    ON destination.id = m.location_dest_id
                   AND destination.usage = 'customer'
                 WHERE o.groupbuy_campaign_id = %s
                   AND o.groupbuy_point_id = ANY(%s)
                   AND m.state <> 'cancel'
                 GROUP BY o.id
                HAVING bool_and(m.state = 'done')
                """,
                campaign.id,
                self.point_ids.ids,
            )
        )
        return {row[0] for row in rows}

    # === TIER === #

    def _get_tier_page(self):
        """Return the own figures, what the tiers ask for, and what was decided.

        :rtype: dict
        """
        self.ensure_one()
        progress = self._get_tier_progress()
        labels = self.env["groupbuy.leader.tier"]._get_figure_labels()
        figures = []
        for name, label in labels.items():
            value = progress["figures"].get(name)
            if value is None:
                continue
            if name == "amount":
                text = self.currency_id.format(value)
            elif name.endswith("_rate"):
                text = f"{value:.1f} %"
            else:
                text = f"{value:g}" if name != "review" else f"{value:.1f} / 5"
            figures.append((label, text))
        return progress | {
            "rows": figures,
            "history": self.env["groupbuy.leader.assessment"].search(
                [("leader_id", "=", self.id)], limit=12
            ),
        }

    # === REST DAYS === #

    def _get_days_off(self):
        """Return the days off of the own points that are not over yet.

        :rtype: groupbuy.day.off
        """
        self.ensure_one()
        today = to_day(fields.Datetime.now(), self._get_portal_tz())
        return self.env["groupbuy.day.off"].search(
            [("point_id", "in", self.point_ids.ids), ("date_to", ">=", today)],
        )

    def _get_expected_pickups(self):
        """Return for each own point the campaigns whose goods residents still collect.

        :return: Point → campaigns.
        :rtype: dict
        """
        pairs = self.env["sale.order"]._read_group(
            [
                ("groupbuy_point_id", "in", self.point_ids.ids),
                ("groupbuy_state", "in", JOINED_STATES),
                ("groupbuy_campaign_id.state", "in", ACTIVE_STATES),
                ("groupbuy_campaign_id.pickup_until", ">=", fields.Datetime.now()),
            ],
            ["groupbuy_point_id", "groupbuy_campaign_id"],
        )
        expected = defaultdict(self.env["groupbuy.campaign"].browse)
        for point, campaign in pairs:
            expected[point] |= campaign
        return expected
