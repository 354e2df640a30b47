# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime, time

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.community_groupbuy.const import JOINED_STATES

from ..assessment import Standing, decide, month_of, months_to_assess, next_month

# Leaders assessed in one transaction.
SLICE = 500


class GroupBuyLeader(models.Model):
    """How leaders are assessed: their figures, and what follows from them."""

    _inherit = "groupbuy.leader"

    # === FIGURES === #

    def _get_assessment_figures(self, date_from, date_to):
        """Return the figures of leaders in a time, from the facts.

        A constant number of queries, for any number of leaders. A figure that nobody
        can tell is None and is not counted: a leader without transfers has no rate.

        :param datetime date_from: Naive UTC, inclusive.
        :param datetime date_to: Naive UTC, exclusive.
        :return: Leader id → orders, residents, amount (company's currency, tax
            included), pickup_rate and receipt_rate (%), review (1 to 5), cases.
        :rtype: dict[int, dict]
        """
        figures = {
            leader.id: {
                "orders": 0,
                "residents": 0,
                "amount": 0.0,
                "pickup_rate": None,
                "receipt_rate": None,
                "review": None,
                "cases": None,
            }
            for leader in self
        }
        for step in (
            self._get_order_figures,
            self._get_transfer_figures,
            self._get_service_figures,
        ):
            for leader_id, values in step(date_from, date_to).items():
                figures[leader_id].update(values)
        return figures

    def _get_order_figures(self, date_from, date_to):
        """Return orders, residents and amount of what joined in a time.

        Orders that failed or were cancelled do not count.
        """
        figures = {}
        # Sharers are assessed by what they brought, leaders by what they serve.
        for name in ("groupbuy_leader_id", "groupbuy_sharer_id"):
            for leader, orders, residents, amount in (
                self.env["sale.order"]
                .sudo()
                ._read_group(
                    [
                        (name, "in", self.ids),
                        ("groupbuy_state", "in", JOINED_STATES),
                        ("groupbuy_joined_at", ">=", date_from),
                        ("groupbuy_joined_at", "<", date_to),
                    ],
                    [name],
                    ["__count", "partner_id:count_distinct", "amount_total:sum"],
                )
            ):
                figures[leader.id] = {
                    "orders": orders,
                    "residents": residents,
                    "amount": amount,
                }
        return figures

    def _get_transfer_figures(self, date_from, date_to):
        """Return how much was collected and received in time at the leaders' points.

        A parcel counts in the time in which its pickup window ended, a transfer to a
        point in that in which the pickup began; so neither escapes by staying open.
        """
        self.env["stock.picking"].flush_model()
        self.env["groupbuy.campaign"].flush_model()
        self.env["groupbuy.pickup.point"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT p.leader_id, t.groupbuy_role,
                       100.0 * COUNT(*) FILTER (
                           WHERE t.state = 'done' AND t.date_done <= due.moment
                       ) / COUNT(*)
                  FROM groupbuy_pickup_point p
                  JOIN stock_picking t ON t.groupbuy_point_id = p.id
                  JOIN groupbuy_campaign c ON c.id = t.groupbuy_campaign_id
                 CROSS JOIN LATERAL (
                       SELECT CASE t.groupbuy_role WHEN 'to_point' THEN c.pickup_from
                              ELSE c.pickup_until END AS moment
                       ) due
                 WHERE p.leader_id = ANY(%s) AND t.state != 'cancel'
                   AND t.groupbuy_role IN ('to_point', 'to_resident')
                   AND due.moment >= %s AND due.moment < %s
                 GROUP BY p.leader_id, t.groupbuy_role
                """,
                self.ids,
                date_from,
                date_to,
            )
        )
        names = {"to_point": "receipt_rate", "to_resident": "pickup_rate"}
        figures = {}
        for leader_id, role, rate in self.env.cr.fetchall():
            figures.setdefault(leader_id, {})[names[role]] = float(rate)
        return figures

    def _get_service_figures(self, date_from, date_to):
        """Return reviews and cases, where an addon of the points can tell them."""
        points = (
            self.env["groupbuy.pickup.point"]
            .sudo()
            .with_context(active_test=False)
            .search([("leader_id", "in", self.ids)])
        )
        by_point = points._get_service_figures(date_from, date_to)
        sums = {}
        for point in points:
            values = by_point.get(point.id)
            if not values:
                continue
            total = sums.setdefault(point.leader_id.id, {})
            for name in ("review_count", "review_sum", "cases"):
                if values.get(name) is not None:
                    total[name] = total.get(name, 0) + values[name]
        return {
            leader_id: {
                "review": total["review_sum"] / total["review_count"]
                if total.get("review_count")
                else None,
                "cases": total.get("cases"),
            }
            for leader_id, total in sums.items()
        }

    @api.model
    def _to_utc(self, day, zone):
        """Return when a day begins in a time zone, as naive UTC."""
        local = zone.localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _get_company_zone(self):
        """Return the time zone in which the leaders' company counts its months."""
        return pytz.timezone(self.company_id.partner_id.tz or "UTC")

    def _get_figures_by_months(self, tiers, month):
        """Return the figures of each number of months that tiers look at.

        :param groupbuy.leader.tier tiers: The tiers.
        :param date month: First day of the last month looked at.
        :return: Number of months → leader id → figures.
        :rtype: dict[int, dict]
        """
        zone = self._get_company_zone()
        end = self._to_utc(next_month(month), zone)
        return {
            months: self._get_assessment_figures(
                self._to_utc(month - relativedelta(months=months - 1), zone), end
            )
            for months in set(tiers.mapped("period_months"))
        }

    def _get_tier_progress(self):
        """Return the leader's own figures, and what is missing for the next tier.

        Counts the running month, so that the leader sees what there is still to do.

        :return: month (date), figures, tier, next_tier (records), missing (rows of
            :meth:`groupbuy.leader.tier._get_unmet`), at_risk (the same rows for the
            tier the leader has), deadline of a warning.
        :rtype: dict
        """
        self.ensure_one()
        leader = self.sudo()
        tiers = leader.env["groupbuy.leader.tier"]._get_ladder(leader.company_id)
        tier = leader.tier_id
        ladder = list(tiers)
        rank = ladder.index(tier) if tier in ladder else len(ladder)
        next_tier = tiers[rank - 1] if rank > 0 and ladder else tiers.browse()
        zone = leader._get_company_zone()
        month = month_of(datetime.now(zone).date())
        by_months = leader._get_figures_by_months(tier | next_tier, month)
        return {
            "month": month,
            "tier": tier,
            "next_tier": next_tier,
            "figures": by_months[tier.period_months][leader.id] if tier else {},
            "missing": next_tier._get_unmet(
                by_months[next_tier.period_months][leader.id]
            )
            if next_tier
            else [],
            "at_risk": tier._get_unmet(by_months[tier.period_months][leader.id])
            if tier
            else [],
            "deadline": leader.warning_deadline,
        }

    # === THE MONTHLY JOB === #

    @api.model
    def _cron_assess(self):
        """Assess each month that has ended, each leader's once.

        Which months are left follows from the decisions that are there, so after
        downtime all of them are caught up, the oldest first. A unique key stands
        behind it. A slice of leaders is one transaction.
        """
        commit = self.env["ir.cron"]._commit_progress
        assessed = self.search(
            [("state", "not in", ("exiting", "left")), ("tier_id", "!=", False)]
        )
        for company, leaders in assessed.grouped("company_id").items():
            leaders = leaders.with_company(company)
            for start in range(0, len(leaders), SLICE):
                part = leaders[start : start + SLICE]
                for month, due in part._get_due_months():
                    due._assess(month)
                    commit(processed=len(due))

    def _get_due_months(self):
        """Return which months are to be assessed for whom, the oldest first.

        :return: First day of the month → leaders.
        :rtype: list[tuple[date, groupbuy.leader]]
        """
        if not self:
            return []
        today = datetime.now(self._get_company_zone()).date()
        last = dict(
            self.env["groupbuy.leader.assessment"]
            .sudo()
            ._read_group(
                [("leader_id", "in", self.ids), ("origin", "=", "job")],
                ["leader_id"],
                ["period:max"],
            )
        )
        due = {}
        for leader in self:
            for month in months_to_assess(leader.date_start, last.get(leader), today):
                due[month] = due.get(month, self.browse()) | leader
        return sorted(due.items())

    def _assess(self, month):
        """Decide on leaders of one company for a month that has ended.

        :param date month: First day of the month.
        """
        # A decision of an earlier month, just taken, may have made somebody leave.
        leaders = self.filtered(lambda leader: leader.state not in ("exiting", "left"))
        if not leaders:
            return
        company = leaders.company_id
        tiers = self.env["groupbuy.leader.tier"]._get_ladder(company) | leaders.tier_id
        tiers = tiers.sorted(lambda tier: (tier.sequence, tier.id))
        by_months = leaders._get_figures_by_months(tiers, month)
        today = datetime.now(leaders._get_company_zone()).date()
        vals_list = []
        for leader in leaders:
            unmet = {
                tier: tier._get_unmet(by_months[tier.period_months][leader.id])
                for tier in tiers
            }
            first_month = month - relativedelta(months=leader.tier_id.period_months - 1)
            held = leader.tier_held_until
            decision, rank, deadline = decide(
                Standing(
                    rank=list(tiers).index(leader.tier_id),
                    met=tuple(not unmet[tier] for tier in tiers),
                    is_new=leader.date_start > first_month,
                    is_held=bool(held and held >= month),
                    month=month,
                    today=today,
                    deadline=leader.warning_deadline,
                    grace_months=leader.tier_id.grace_months,
                )
            )
            vals_list.append(
                leader._prepare_assessment_vals(
                    month,
                    decision,
                    tiers[rank],
                    deadline,
                    {
                        "months": {
                            str(months): figures[leader.id]
                            for months, figures in by_months.items()
                        },
                        "missing": {
                            tier.name: [row["text"] for row in rows]
                            for tier, rows in unmet.items()
                        },
                    },
                    by_months[leader.tier_id.period_months][leader.id],
                )
            )
        assessments = self.env["groupbuy.leader.assessment"].sudo().create(vals_list)
        assessments._apply()

    def _prepare_assessment_vals(
        self, month, decision, tier, deadline, stored, figures
    ):
        """Return the values of a decision.

        :param date month: First day of the month.
        :param str decision: "up", "keep", "warn", "down" or "exit".
        :param groupbuy.leader.tier tier: The tier after it.
        :param date deadline: Until when to improve; None without a warning.
        :param dict stored: What it was made from.
        :param dict figures: Figures of the current tier's months.
        :rtype: dict
        """
        self.ensure_one()
        return {
            "leader_id": self.id,
            "company_id": self.company_id.id,
            "period": month,
            "decision": decision,
            "tier_before_id": self.tier_id.id,
            "tier_after_id": tier.id,
            "deadline": deadline,
            "orders": figures.get("orders") or 0,
            "amount": figures.get("amount") or 0.0,
            "pickup_rate": figures.get("pickup_rate") or 0.0,
            "receipt_rate": figures.get("receipt_rate") or 0.0,
            # A rate of 0 % is something else than no rate.
            "is_pickup_rated": figures.get("pickup_rate") is not None,
            "is_receipt_rated": figures.get("receipt_rate") is not None,
            "figures": stored,
        }

    def _decide_by_staff(self, tier, reason, held_until=False):
        """Put a leader into a tier by hand; the reason is kept with the figures.

        :param groupbuy.leader.tier tier: The tier; the current one ends a warning.
        :param str reason: Why.
        :param date held_until: Until when the assessment leaves the tier alone.
        """
        self.ensure_one()
        self._check_manager()
        ladder = list(
            self.env["groupbuy.leader.tier"]._get_ladder(self.company_id) | self.tier_id
        )
        decision = "keep"
        if self.tier_id and tier != self.tier_id:
            better = ladder.index(tier) < ladder.index(self.tier_id)
            decision = "up" if better else "down"
        progress = self._get_tier_progress()
        months = str(self.tier_id.period_months or 1)
        vals = self._prepare_assessment_vals(
            progress["month"],
            decision,
            tier,
            None,
            {"months": {months: progress["figures"]}},
            progress["figures"],
        )
        assessment = (
            self.env["groupbuy.leader.assessment"]
            .sudo()
            .create(
                vals
                | {"origin": "staff", "reason": reason, "user_id": self.env.user.id}
            )
        )
        self.tier_held_until = held_until
        assessment._apply()
        return assessment
