# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import date, datetime, timedelta
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from odoo.addons.groupbuy_leader.brackets import (
    exact,
    get_kept,
    get_marginal,
    get_percent,
    get_slice,
    share,
    to_unit,
)
from odoo.addons.groupbuy_leader.periods import (
    KINDS,
    get_end,
    get_last_complete,
    get_period,
    to_day,
    to_utc,
)

CENT = Decimal("0.01")
TABLE = [
    (Decimal(0), Decimal(5)),
    (Decimal(1000), Decimal(8)),
    (Decimal(5000), Decimal(10)),
]


@tagged("post_install", "-at_install")
class TestBrackets(BaseCase):
    def test_each_rate_applies_to_its_own_slice(self):
        # 1000 × 5 % + 4000 × 8 % + 1000 × 10 %
        self.assertEqual(get_marginal(Decimal(6000), TABLE), Decimal(470))

    def test_a_lower_bound_is_inclusive(self):
        self.assertEqual(get_marginal(Decimal(1000), TABLE), Decimal(50))
        one_more = get_marginal(Decimal(1001), TABLE) - get_marginal(
            Decimal(1000), TABLE
        )
        self.assertEqual(one_more, Decimal("0.08"))

    def test_nothing_sold_earns_nothing(self):
        self.assertEqual(get_marginal(Decimal(0), TABLE), 0)

    def test_the_slices_of_a_period_sum_to_the_commission_on_its_total(self):
        before, total = Decimal(0), Decimal(0)
        for number in range(1, 400):
            amount = Decimal(number * 7 % 53) + Decimal("0.33")
            total += get_slice(before, amount, TABLE, CENT)
            before += amount
        self.assertEqual(total, to_unit(get_marginal(before, TABLE), CENT))

    def test_half_a_cent_is_rounded_away_from_zero(self):
        self.assertEqual(get_percent(Decimal("0.10"), Decimal(5), CENT), CENT)
        self.assertEqual(to_unit(Decimal("-0.005"), CENT), -CENT)

    def test_amounts_are_rounded_to_the_unit_of_the_currency(self):
        self.assertEqual(to_unit(Decimal("7.03"), Decimal("0.05")), Decimal("7.05"))
        self.assertEqual(to_unit(Decimal("1234.5"), Decimal(1)), Decimal(1235))

    def test_parts_taken_back_sum_to_the_whole_to_the_cent(self):
        amount, base, kept = Decimal("1.00"), Decimal("30.00"), Decimal("1.00")
        taken = []
        for number in range(1, 8):
            rest = get_kept(amount, base, base * number / 7, CENT)
            taken.append(kept - rest)
            kept = rest
        self.assertEqual(sum(taken), amount)
        self.assertEqual(kept, 0)
        self.assertTrue(all(part >= 0 for part in taken))

    def test_more_than_everything_cannot_be_taken_back(self):
        self.assertEqual(get_kept(Decimal(3), Decimal(60), Decimal(90), CENT), 0)

    def test_a_negative_return_gives_nothing_on_top(self):
        self.assertEqual(get_kept(Decimal(3), Decimal(60), Decimal(-5), CENT), 3)

    def test_a_discount_is_shared_to_the_cent(self):
        parts = share(Decimal("-10.00"), [Decimal(1)] * 3, CENT)
        self.assertEqual(sum(parts), Decimal("-10.00"))
        self.assertLessEqual(max(parts) - min(parts), CENT)

    def test_nothing_is_shared_over_goods_without_a_price(self):
        self.assertEqual(share(Decimal(-3), [Decimal(0)] * 2, CENT), [0, 0])

    def test_numbers_are_what_they_look_like(self):
        self.assertEqual(exact(0.1) + exact(0.2), Decimal("0.3"))


@tagged("post_install", "-at_install")
class TestPeriods(BaseCase):
    def test_periods_cover_each_day_of_ten_years_once(self):
        for kind in KINDS:
            day = get_period(kind, date(2023, 12, 28))[0]
            while day < date(2034, 1, 10):
                first, last = get_period(kind, day)
                self.assertEqual(first, day, kind)
                length = (last - first).days + 1
                for offset in range(length):
                    inside = first + timedelta(days=offset)
                    self.assertEqual(get_period(kind, inside), (first, last))
                day = last + timedelta(days=1)

    def test_the_second_half_of_a_month_ends_on_its_last_day(self):
        for last in (
            date(2026, 1, 31),
            date(2026, 2, 28),
            date(2028, 2, 29),
            date(2026, 9, 30),
        ):
            self.assertEqual(
                get_period("half_month", last), (last.replace(day=16), last)
            )

    def test_the_first_half_ends_on_the_fifteenth(self):
        self.assertEqual(
            get_period("half_month", date(2026, 7, 15)),
            (date(2026, 7, 1), date(2026, 7, 15)),
        )

    def test_a_week_may_lie_in_two_years(self):
        self.assertEqual(
            get_period("week", date(2027, 1, 1)),
            (date(2026, 12, 28), date(2027, 1, 3)),
        )

    def test_a_period_is_complete_on_the_day_after_it(self):
        self.assertEqual(
            get_last_complete("month", date(2026, 7, 31)),
            (date(2026, 6, 1), date(2026, 6, 30)),
        )
        self.assertEqual(
            get_last_complete("month", date(2026, 8, 1)),
            (date(2026, 7, 1), date(2026, 7, 31)),
        )
        self.assertEqual(
            get_last_complete("half_month", date(2026, 3, 1)),
            (date(2026, 2, 16), date(2026, 2, 28)),
        )

    def test_an_unknown_kind_is_an_error(self):
        with self.assertRaises(ValueError):
            get_period("year", date(2026, 1, 1))

    def test_a_day_begins_in_the_zone_of_the_company(self):
        self.assertEqual(
            to_utc(date(2026, 8, 1), "Asia/Shanghai"), datetime(2026, 7, 31, 16)
        )
        self.assertEqual(
            to_day(datetime(2026, 7, 31, 15, 59), "Asia/Shanghai"), date(2026, 7, 31)
        )
        self.assertEqual(
            to_day(datetime(2026, 7, 31, 16), "Asia/Shanghai"), date(2026, 8, 1)
        )

    def test_the_day_of_a_clock_change_has_23_or_25_hours(self):
        spring = date(2026, 3, 29)
        autumn = date(2026, 10, 25)
        for day, hours in ((spring, 23), (autumn, 25)):
            length = get_end((day, day), "Europe/Berlin") - to_utc(day, "Europe/Berlin")
            self.assertEqual(length, timedelta(hours=hours))

    def test_a_period_ends_where_the_next_one_begins(self):
        july = get_period("month", date(2026, 7, 9))
        august = get_period("month", date(2026, 8, 9))
        self.assertEqual(
            get_end(july, "America/Sao_Paulo"), to_utc(august[0], "America/Sao_Paulo")
        )
