# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What `make demo` reads, and what it counts on paper; no Odoo is needed."""

import codecs
from decimal import Decimal

import demo
import pytest
from gbdemo.baskets import (
    MOST_ITEMS,
    BasketError,
    decode,
    item_key,
    product_key,
    read_baskets,
    read_limit,
)
from gbdemo.catalogue import Product, count_points, merge_names, read_products
from gbdemo.commission import commission_differences, get_kind, recount_commission
from gbdemo.leaders import PEOPLE
from gbdemo.recount import (
    GIVEN_BACK,
    PICKUP_COUNTS,
    Reduction,
    differences,
    get_pickup_figures,
    recount,
    recount_pickup,
    yuan,
)
from gbdemo.rules import (
    LEADERS,
    MEASURES,
    TOO_FEW,
    Arrival,
    Offer,
    get_arrival,
    get_complaint,
    get_cost,
    is_unclaimed,
    make_offer,
    reached_price,
)

from gbtools.paths import REPOSITORY, TOOLS

DEMO_DATA = REPOSITORY / "addons/community_groupbuy/demo"
DEMO_PRODUCTS = DEMO_DATA / "product_demo.xml"
DEMO_POINTS = DEMO_DATA / "groupbuy_community_demo.xml"


@pytest.fixture
def write(tmp_path):
    """Return a function that writes bytes or text to a file of baskets."""

    def writer(content, encoding="utf-8"):
        path = tmp_path / "baskets.csv"
        raw = content if isinstance(content, bytes) else content.encode(encoding)
        path.write_bytes(raw)
        return path

    return writer


# ------------------------------------------------------------------ reading


def test_a_line_is_a_basket_and_commas_separate_its_items(write):
    baskets = read_baskets(write("Milk,Eggs\nRice\n"))
    assert baskets.rows == [{"milk": 1, "eggs": 1}, {"rice": 1}]
    assert baskets.names == {"milk": "Milk", "eggs": "Eggs", "rice": "Rice"}


def test_empty_lines_are_passed_over_and_counted(write):
    baskets = read_baskets(write("Milk\n\n  \n,,\nEggs\n"))
    assert len(baskets.rows) == 2
    assert baskets.empty == 3


def test_an_item_written_twice_is_ordered_twice(write):
    assert read_baskets(write("Milk,Eggs, milk \n")).rows == [{"milk": 2, "eggs": 1}]


def test_the_first_spelling_of_a_name_is_kept(write):
    baskets = read_baskets(write("Whole  Milk\nwhole milk\n"))
    assert baskets.names == {"whole milk": "Whole Milk"}
    assert baskets.rows == [{"whole milk": 1}, {"whole milk": 1}]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_of_all_systems_are_read(write, ending):
    baskets = read_baskets(write(f"Milk{ending}Eggs{ending}"))
    assert [list(row) for row in baskets.rows] == [["milk"], ["eggs"]]


def test_quotes_protect_a_comma_and_a_stray_quote_stays_in_its_line(write):
    baskets = read_baskets(write('"Nuts, mixed",Milk\n"Eggs\nRice\n'))
    assert baskets.rows == [{"nuts, mixed": 1, "milk": 1}, {"eggs": 1}, {"rice": 1}]


def test_full_width_commas_separate_chinese_items(write):
    assert read_baskets(write("牛奶，鸡蛋\n")).rows == [{"牛奶": 1, "鸡蛋": 1}]


def test_control_characters_do_not_reach_a_name(write):
    assert read_baskets(write("Mi\x07lk,\x1bEggs\n")).names == {
        "mi lk": "Mi lk",
        "eggs": "Eggs",
    }


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("牛奶,鸡蛋\n", "utf-8-sig", "utf-8"),
        ("牛奶,鸡蛋,猕猴桃\n", "gb18030", "gb18030"),
        ("牛奶,鸡蛋\n", "utf-16", "utf-16"),
        ("crème fraîche,thé,pâté\n", "latin-1", "latin-1"),
        ("Müsli,Käse,Grüne Soße\n", "latin-1", "latin-1"),
    ],
)
def test_the_encoding_is_found(write, text, encoding, found):
    baskets = read_baskets(write(text, encoding))
    assert baskets.encoding == found
    assert list(baskets.names.values()) == text.strip().split(",")


def test_a_byte_order_mark_is_no_part_of_the_first_item(write):
    raw = codecs.BOM_UTF8 + b"Milk\n"
    assert read_baskets(write(raw)).names == {"milk": "Milk"}


def test_limit_stops_reading(write):
    path = write("Milk\nEggs\nRice\n")
    assert len(read_baskets(path, 2).rows) == 2
    assert len(read_baskets(path, 99).rows) == 3


def test_what_lies_behind_the_limit_is_not_judged(write):
    path = write("Milk\n" + ",".join(["Rice"] * 10_000) + "\n")
    assert len(read_baskets(path, 1).rows) == 1


# ------------------------------------------------------------------ refusals


def refusal(call, *arguments):
    with pytest.raises(BasketError) as caught:
        call(*arguments)
    return str(caught.value)


def test_ten_thousand_items_in_a_basket_are_refused_with_the_line(write):
    path = write("Milk\n" + ",".join(["Rice"] * 10_000) + "\n")
    text = refusal(read_baskets, path)
    assert "line 2" in text
    assert "10000 items" in text
    assert str(MOST_ITEMS) in text


def test_as_many_items_as_allowed_are_read(write):
    path = write(",".join(["Rice"] * MOST_ITEMS) + "\n")
    assert read_baskets(path).rows == [{"rice": MOST_ITEMS}]


def test_a_name_of_a_whole_page_is_refused(write):
    assert "line 1" in refusal(read_baskets, write("x" * 5000 + "\n"))


def test_too_many_different_items_are_refused(write):
    path = write("".join(f"item {number}\n" for number in range(4000)))
    assert "different items" in refusal(read_baskets, path)


def test_a_missing_file_a_folder_and_an_empty_file_are_refused(write, tmp_path):
    assert "there is no file" in refusal(read_baskets, tmp_path / "absent.csv")
    assert "is a folder" in refusal(read_baskets, tmp_path)
    assert "holds no basket" in refusal(read_baskets, write("\n\n,\n"))


def test_a_file_that_is_no_text_is_refused(write):
    assert "not text" in refusal(read_baskets, write(b"PK\x03\x04\0\0\0\0"))
    assert "UTF-16" in refusal(
        read_baskets, write(codecs.BOM_UTF16_LE + b"\x00\xd8\x41")
    )


@pytest.mark.parametrize("text", ["0", "-1", "1e9", "NaN", "ten", "1.5", "9" * 12])
def test_a_limit_that_is_no_number_above_zero_is_refused(text):
    assert text in refusal(read_limit, text)


def test_no_limit_means_all():
    assert read_limit(None) is None
    assert read_limit("") is None
    assert read_limit(" 12 ") == 12


def test_latin_1_reads_what_nothing_else_reads():
    assert decode(b"caf\xe9") == ("café", "latin-1")


# ------------------------------------------------------------------ names of products


def test_the_size_of_a_pack_is_no_part_of_a_name():
    assert product_key("Tomatoes 500 g") == "tomatoes"
    assert product_key("鲜鸡蛋 30 枚") == "鲜鸡蛋"
    assert product_key("Whole Milk") == "whole milk"
    assert item_key("  Whole   MILK ") == "whole milk"


def test_the_demo_shop_is_found_under_both_languages():
    products = read_products(DEMO_PRODUCTS)
    assert len({product.xmlid for product in products.values()}) == 40
    assert products["tomatoes"] == products["西红柿"] == products["tomatoes 500 g"]
    assert products["tomatoes"].list_price == 790


def test_our_own_baskets_hold_products_of_the_demo_shop_only():
    products = read_products(DEMO_PRODUCTS)
    baskets = read_baskets(TOOLS / "demo_baskets.csv")
    assert len(baskets.rows) >= 100
    assert baskets.empty == 0
    assert not baskets.names.keys() - products.keys()
    assert len({products[key].xmlid for key in baskets.names}) == 40


def test_two_names_of_a_product_are_one_item(write):
    baskets = read_baskets(write("西红柿,Rice\nTomatoes,西红柿\n"))
    tomato = Product("product_tomatoes", 790)
    merge_names(baskets, {"tomatoes": tomato, "西红柿": tomato})
    assert baskets.names == {"西红柿": "西红柿", "rice": "Rice"}
    assert baskets.rows == [{"西红柿": 1, "rice": 1}, {"西红柿": 2}]


# ------------------------------------------------------------------ prices


def test_an_offer_depends_on_the_name_only():
    assert make_offer("whole milk") == make_offer("whole milk")
    assert make_offer("whole milk") != make_offer("butter milk")
    # Written down, so that a change of the rule does not pass unseen.
    assert make_offer("whole milk") == Offer(1580, "people", ((19, 1480), (76, 1340)))
    assert make_offer("tomatoes", 790) == Offer(790, "people", ((12, 740), (48, 630)))


def test_prices_fall_and_stay_above_cost():
    names = [f"item {number}" for number in range(500)]
    offers = [make_offer(name) for name in names]
    assert {offer.measure for offer in offers} == set(MEASURES)
    for offer in offers:
        prices = [offer.start_price, *(price for _threshold, price in offer.tiers)]
        assert prices == sorted(set(prices), reverse=True)
        thresholds = [threshold for threshold, _price in offer.tiers]
        assert thresholds == sorted(set(thresholds))
        assert 300 <= offer.start_price <= 3990
        # 13 % tax is in the price and not in the cost.
        assert 0 < get_cost(offer) < prices[-1] / 1.13


def test_a_threshold_is_inclusive():
    offer = Offer(1000, "people", ((5, 900), (20, 800)))
    assert [reached_price(offer, n) for n in (0, 4, 5, 19, 20, 99)] == [
        1000,
        1000,
        900,
        900,
        800,
        800,
    ]


# ------------------------------------------------------------------ the recount


def test_recount_charges_what_was_shown_and_returns_what_fell():
    offers = {"milk": Offer(1000, "quantity", ((3, 800),))}
    count = recount([{"milk": 2}, {"milk": 1}, {"milk": 4}], offers)
    # Two at 10.00 and one at 10.00 before anybody has reached three, four at 8.00.
    assert count["charged"] == 2000 + 1000 + 3200
    assert count["invoiced"] == 7 * 800
    assert count["refunded"] == 600
    assert count["lines"]["milk"] == {"sold": 7, "people": 3, "final_price": 800}


def test_recount_measures_people_and_amount():
    rows = [{"tea": 1}, {"tea": 5}]
    by_people = recount(rows, {"tea": Offer(1000, "people", ((2, 700),))})
    assert by_people["lines"]["tea"]["final_price"] == 700
    by_amount = recount(rows, {"tea": Offer(1000, "amount", ((6000, 700),))})
    assert by_amount["lines"]["tea"]["final_price"] == 700
    too_little = recount(rows, {"tea": Offer(1000, "amount", ((6001, 700),))})
    assert too_little["lines"]["tea"]["final_price"] == 1000


def entry(**changes):
    """Return a campaign of a report on one basket of two units at 10.00."""
    line = {
        "product": "Milk",
        "start_price": "10.00",
        "tiers": [{"threshold": 3, "price": "8.00"}],
        "measure": "quantity",
        "sold_qty": 2,
        "final_price": "10.00",
    }
    values = {
        "name": "All baskets",
        "state": "done",
        "people": 1,
        "orders": 1,
        "lines": [line | changes.pop("line", {})],
        "charged": "20.00",
        "refunded": "0.00",
        "invoiced": "20.00",
        "pickups": 1,
    }
    return values | changes


def compare(**changes):
    offers = {"milk": Offer(1000, "quantity", ((3, 800),))}
    expected = recount([{"milk": 2}], offers)
    succeeded = changes.pop("succeeded", True)
    return differences(entry(**changes), expected, offers, {"milk": "Milk"}, succeeded)


def test_a_report_that_agrees_has_no_differences():
    assert compare() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"charged": "20.01"},
        {"refunded": "0.01"},
        {"invoiced": "19.99"},
        {"people": 2},
        {"orders": 0},
        {"pickups": 0},
        {"state": "delivering"},
        {"line": {"sold_qty": 3}},
        {"line": {"final_price": "8.00"}},
        {"line": {"start_price": "9.00"}},
        {"line": {"measure": "people"}},
        {"line": {"tiers": []}},
        {"line": {"product": "Eggs"}},
        {"lines": []},
    ],
)
def test_each_figure_of_a_report_is_compared(changes):
    assert compare(**changes)


def test_a_campaign_that_failed_returns_everything():
    failed = {"state": "failed", "invoiced": "0.00", "pickups": 0, "succeeded": False}
    assert compare(refunded="20.00", **failed) == []
    assert compare(refunded="19.99", **failed)


def test_money_is_written_with_two_digits():
    assert [yuan(fen) for fen in (0, 5, 790, 100000)] == [
        "0.00",
        "0.05",
        "7.90",
        "1000.00",
    ]


# ------------------------------------------------------------------ at the points

# One price and no tier, so that all figures can be seen at a glance.
FLAT = {key: Offer(1000, "people", ((999, 10),)) for key in ("milk", "tea")}


def count_at_points(rows, points=2, offers=None):
    """Return the recount with what happens at the points."""
    return recount_pickup(rows, recount(rows, offers or FLAT), points)


def test_the_points_are_counted_in_the_demo_data():
    assert count_points(DEMO_POINTS) == 6


def test_the_item_that_most_was_ordered_of_is_short_or_damaged_in_turn():
    ordered = {"milk": 11, "tea": 3}
    assert get_arrival(0, ordered) == Arrival("short", "milk", 2)
    assert get_arrival(1, ordered) == Arrival("damaged", "milk", 2)
    assert get_arrival(2, {"milk": 10}) == Arrival("short", "milk", 1)


def test_nothing_goes_wrong_where_nothing_or_single_units_were_ordered():
    assert get_arrival(0, {}) is None
    assert get_arrival(0, {"milk": 1, "tea": 1}) is None


def test_of_equal_items_the_name_decides_and_not_their_order():
    ordered = {"milk": 4, "tea": 4, "rice": 4}
    reverse = dict(reversed(ordered.items()))
    assert get_arrival(0, ordered) == get_arrival(0, reverse)


def test_some_never_come_and_others_complain():
    numbers = range(1, 121)
    assert [n for n in numbers if is_unclaimed(n)] == [20, 40, 60, 80, 100, 120]
    assert {n: get_complaint(n) for n in numbers if get_complaint(n)} == {
        5: "refund",
        25: "partial",
        45: "reject",
        65: "refund",
        85: "partial",
        105: "reject",
    }


def test_who_paid_last_at_the_point_goes_without():
    # At the first point 12 units of milk, two short: the third there loses both.
    rows = [{"milk": 5}, {"tea": 1}, {"milk": 4}, {"tea": 1}, {"milk": 3, "tea": 1}]
    count = count_at_points(rows)
    # At the second, one of two units of tea is damaged: the last has nothing left.
    assert count["received"] == 15 - 2
    assert (count["short"], count["damaged"]) == (2, 1)
    assert count["nothing_left"] == 1
    assert count["pickups"] == 4
    # The fifth resident complains about a unit of milk, of which one is left.
    assert count["given_back"] == {
        "short": 2000,
        "damaged": 1000,
        "unclaimed": 0,
        "case": 1000,
    }
    assert count["invoiced"] == 15_000 - 4000
    assert count["refunded"] == 4000


def test_a_shortage_reaches_over_several_who_paid_last():
    rows = [{"milk": 18}, {"milk": 1}, {"milk": 2}]
    count = count_at_points(rows, points=1)
    # 21 units, three short: the third's two and the second's one.
    assert count["short"] == 3
    assert count["nothing_left"] == 2
    assert count["handed_out"] == 18
    assert count["given_back"]["short"] == 3000


def test_what_a_resident_paid_is_given_back_and_not_what_others_paid():
    offers = {"milk": Offer(1000, "quantity", ((3, 800),))}
    rows = [{"milk": 2}, {"milk": 5}]
    count = count_at_points(rows, points=1, offers=offers)
    assert count["given_back"]["short"] == 800


def test_who_never_comes_gets_the_price_less_the_fee():
    rows = [{"tea": 1}] * 19 + [{"milk": 1}]
    offers = FLAT | {"milk": Offer(1005, "people", ((999, 10),))}
    # Twenty points: no two units at any of them, so nothing is short or damaged.
    count = count_at_points(rows, points=20, offers=offers)
    assert count["unclaimed"] == 1
    assert count["returned"] == 1
    assert count["given_back"]["unclaimed"] == 1005
    # 10 % of 10.05 is 1.005: half a fen counts as one.
    assert count["fees"] == 101
    assert count["refunded"] == 1000 + 1005 - 101
    assert count["invoiced"] == 20_005 - count["refunded"]


def test_complaints_end_in_the_price_half_of_it_or_nothing():
    rows = [{"tea": 1} for _number in range(45)]
    count = count_at_points(rows, points=45)
    # Numbers 5, 25 and 45; numbers 20 and 40 never come.
    assert count["given_back"]["case"] == 1000 + 500
    assert count["cases"] == count["cases_closed"] == 3 + 2


def test_a_complaint_is_about_the_first_item_that_is_left():
    rows = [{"tea": 1}] * 4 + [{"milk": 2, "tea": 1}]
    offers = FLAT | {"milk": Offer(700, "people", ((999, 10),))}
    # At the fifth point both units of milk were ordered by the same resident.
    count = count_at_points(rows, points=5, offers=offers)
    assert count["given_back"] == {
        "short": 700,
        "damaged": 0,
        "unclaimed": 0,
        "case": 700,
    }


@pytest.mark.parametrize("limit", [1, 2, 7, 20, 61, 120])
def test_goods_people_and_money_add_up_for_any_number_of_baskets(limit):
    products = read_products(DEMO_PRODUCTS)
    baskets = read_baskets(TOOLS / "demo_baskets.csv", limit)
    merge_names(baskets, products)
    offers = {key: make_offer(key, products[key].list_price) for key in baskets.names}
    before = recount(baskets.rows, offers)
    count = recount_pickup(baskets.rows, before, 6)
    ordered = sum(line["sold"] for line in count["lines"].values())
    assert ordered == count["received"] + count["short"]
    assert count["received"] == (
        count["damaged"] + count["handed_out"] + count["returned"]
    )
    assert count["orders"] == (
        count["pickups"] + count["unclaimed"] + count["nothing_left"]
    )
    assert count["charged"] == count["invoiced"] + count["refunded"]
    assert count["refunded"] - before["refunded"] == (
        sum(count["given_back"].values()) - count["fees"]
    )
    if limit == 120:
        assert all(count["given_back"].values())
        assert all(count[name] for name in PICKUP_COUNTS if name != "nothing_left")


def pickup_entry():
    """Return a campaign of a report, and what is expected of it."""
    offers = {"milk": Offer(1000, "quantity", ((99, 800),))}
    expected = count_at_points([{"milk": 20}], points=1, offers=offers)
    values = entry(
        charged="200.00",
        refunded="20.00",
        invoiced="180.00",
        line={
            "sold_qty": 20,
            "tiers": [{"threshold": 99, "price": "8.00"}],
        },
    )
    return values | get_pickup_figures(expected, True), expected, offers


def test_a_report_of_the_points_that_agrees_has_no_differences():
    values, expected, offers = pickup_entry()
    assert values["received"] == 18
    assert values["short"] == 2
    assert differences(values, expected, offers, {"milk": "Milk"}, True) == []


@pytest.mark.parametrize("name", [*PICKUP_COUNTS, "fees", "given_back"])
@pytest.mark.parametrize("is_absent", [True, False])
def test_each_figure_of_the_points_is_compared(name, is_absent):
    values, expected, offers = pickup_entry()
    if is_absent:
        del values[name]
    elif name == "given_back":
        values[name] = values[name] | {"short": "20.01"}
    else:
        values[name] = "0.01" if name == "fees" else values[name] + 1
    found = differences(values, expected, offers, {"milk": "Milk"}, True)
    assert len(found) == 1
    assert name in found[0]


def test_nothing_of_a_campaign_that_failed_reaches_a_point():
    expected = count_at_points([{"milk": 20}], points=1)
    figures = get_pickup_figures(expected, False)
    assert not any(figures[name] for name in PICKUP_COUNTS)
    assert figures["fees"] == "0.00"
    assert figures["given_back"] == dict.fromkeys(GIVEN_BACK, "0.00")


# ------------------------------------------------------------------ the leaders

FRESH, DAILY = (
    next(key for key in map(str, range(100)) if get_kind(key) == kind)
    for kind in (0, 1)
)
# One price and no tier; fresh food earns 5 %, daily goods 8 %.
EARNING = {
    FRESH: Offer(1000, "people", ((999, 10),)),
    DAILY: Offer(333, "people", ((999, 10),)),
}


def earn(rows, points=None, tax="0", offers=None):
    """Return what leaders earn, with what is given back at so many points, if any."""
    count = recount(rows, offers or EARNING)
    if points:
        count = recount_pickup(rows, count, points)
    return str(recount_commission(rows, count, tax))


def test_a_commission_is_the_rate_on_each_line_without_tax():
    offers = {
        FRESH: Offer(1000, "people", ((2, 900),)),
        DAILY: Offer(333, "quantity", ()),
    }
    rows = [{FRESH: 1, DAILY: 3}, {FRESH: 2}]
    # 5 % of 7.96, 8 % of 8.84 and 5 % of 15.93, each rounded: the tax is 13 %.
    assert earn(rows, tax="13", offers=offers) == "1.91"
    # Without tax: 5 % of 9.00, 8 % of 9.99 and 5 % of 18.00.
    assert earn(rows, offers=offers) == "2.15"


def test_what_is_missing_or_damaged_takes_its_commission_with_it():
    # One point, ten units, one of them missing: the last resident keeps two of three.
    rows = [{FRESH: 7}, {FRESH: 3}]
    assert earn(rows) == "5.00"
    assert earn(rows, points=1) == "4.50"
    # Two points: nothing ordered at the first, so only the second has a fault.
    assert earn([{DAILY: 1}, {FRESH: 10}], points=2) == "4.77"


def test_what_is_left_of_a_commission_is_rounded_once():
    # 8 % of 9.99 is 0.80; of three units two are left: two thirds of 0.80 is 0.53,
    # and not 8 % of 6.66, nor three times a rounded third.
    assert earn([{DAILY: 3}]) == "0.80"
    assert earn([{DAILY: 3}], points=1) == "0.53"
    # With 13 % tax: 8 % of 8.84 is 0.71; 5.89 of 8.84 is left.
    assert earn([{DAILY: 3}], points=1, tax="13") == "0.47"


def test_goods_of_which_nothing_is_left_earn_nothing():
    rows = [{FRESH: 19}, {FRESH: 1}, {FRESH: 1}]
    # 21 units, three missing: two residents go without, the first loses one of 19.
    assert earn(rows, points=1) == "9.00"


def test_unclaimed_goods_earn_nothing_nor_does_the_fee_for_them():
    rows = [{DAILY: 1}] * 19 + [{FRESH: 1, DAILY: 1}]
    assert earn(rows) == "5.90"
    # Twenty points, so nothing is missing; the twentieth resident never comes. The
    # fifth has the price returned: 18 lines are left, 8 % of 3.33 each.
    assert earn(rows, points=20) == str(18 * Decimal("0.27"))


def test_a_case_takes_the_commission_on_what_is_granted():
    rows = [{FRESH: 1}] * 45
    # Number 5 gets all of 10.00 back, 25 half of it, 45 nothing; 20 and 40 never come.
    assert earn(rows, points=45) == str(45 * Decimal("0.50") - Decimal("1.75"))


def test_what_was_missing_and_what_was_granted_add_up_on_one_line():
    # The fifth of five points: one of four units is missing, one is complained about.
    rows = [{DAILY: 1}] * 4 + [{FRESH: 4}]
    count = recount_pickup(rows, recount(rows, EARNING), 5)
    assert count["reductions"] == [{}] * 4 + [{FRESH: Reduction(1000, 1000)}]
    # Half of 5 % of 40.00 is left.
    assert earn(rows, points=5) == str(4 * Decimal("0.27") + 1)


def test_reductions_are_what_the_report_says_was_given_back():
    products = read_products(DEMO_PRODUCTS)
    baskets = read_baskets(TOOLS / "demo_baskets.csv")
    merge_names(baskets, products)
    offers = {key: make_offer(key, products[key].list_price) for key in baskets.names}
    for points in (LEADERS, 6):
        count = recount_pickup(baskets.rows, recount(baskets.rows, offers), points)
        reductions = [r for row in count["reductions"] for r in row.values()]
        back = count["given_back"]
        assert sum(r.granted for r in reductions) == back["case"]
        assert sum(r.goods for r in reductions) == (
            back["short"] + back["damaged"] + back["unclaimed"]
        )
        whole = recount_commission(baskets.rows, recount(baskets.rows, offers), "13")
        left = recount_commission(baskets.rows, count, "13")
        # Rates lie between 5 % and 8 %; each line is rounded to the fen, twice.
        slack = Decimal(len(reductions)) / 100
        net = Decimal(sum(back.values())) / 113
        assert net * 5 / 100 - slack <= whole - left <= net * 8 / 100 + slack


def test_there_are_as_many_leaders_as_the_recount_takes():
    assert len(PEOPLE) == LEADERS


def test_each_figure_of_the_leaders_is_compared():
    rows = [{FRESH: 1}]
    count = recount(rows, EARNING)
    entry = {"name": "A", "commission": "0.50", "settled": "0.50"}
    assert commission_differences(entry, rows, count, True, "0") == []
    assert len(commission_differences(entry, rows, count, False, "0")) == 2
    changed = entry | {"settled": "0.49"}
    assert len(commission_differences(changed, rows, count, True, "0")) == 1
    # An addon that is installed says something.
    assert len(commission_differences({"name": "A"}, rows, count, True, "0")) == 2


@pytest.mark.parametrize("with_points", [True, False])
@pytest.mark.parametrize("with_leaders", [True, False])
def test_the_addons_decide_what_is_compared(monkeypatch, with_points, with_leaders):
    present = ["community_groupbuy"]
    present += [demo.PICKUP_ADDON] * with_points + [demo.LEADER_ADDON] * with_leaders
    monkeypatch.setattr(demo.addons, "names", lambda: present)
    products = read_products(DEMO_PRODUCTS)
    baskets = read_baskets(TOOLS / "demo_baskets.csv")
    merge_names(baskets, products)
    report = make_report(baskets, products, with_points, LEADERS if with_leaders else 6)
    if with_leaders:
        count = recount(baskets.rows, get_offers(baskets, products))
        if with_points:
            count = recount_pickup(baskets.rows, count, LEADERS)
        earned = str(recount_commission(baskets.rows, count, "13"))
        report[0] |= {"commission": earned, "settled": earned, "tax_percent": "13"}
        report[1] |= {"commission": "0.00", "settled": "0.00", "tax_percent": "13"}
    assert demo.check(report, baskets, products) == []
    assert "tax_percent" not in report[0]
    if with_leaders:
        report[0] |= {"settled": "0.01", "tax_percent": "13"}
        [sentence] = demo.check(report, baskets, products)
        assert "settled is 0.01" in sentence
    if with_points:
        # As if the baskets had gone to another number of points.
        other = make_report(baskets, products, True, 6 if with_leaders else LEADERS)
        found = demo.check(other, baskets, products)
        assert any("given_back" in sentence for sentence in found)


def get_offers(baskets, products):
    """Return item key → Offer."""
    return {key: make_offer(key, products[key].list_price) for key in baskets.names}


def make_report(baskets, products, with_points, points):
    """Return both campaigns as a report that agrees with the recount has them."""
    offers = get_offers(baskets, products)
    campaigns = []
    for name, rows, state in (
        ("All baskets", baskets.rows, "done"),
        ("Too few neighbours", baskets.rows[:TOO_FEW], "failed"),
    ):
        keys = dict.fromkeys(key for row in rows for key in row)
        count = recount(rows, {key: offers[key] for key in keys})
        succeeded = state == "done"
        if with_points:
            count = recount_pickup(rows, count, points)
        campaign = entry(
            name=name,
            state=state,
            people=len(rows),
            orders=len(rows),
            charged=yuan(count["charged"]),
            refunded=yuan(count["refunded" if succeeded else "charged"]),
            invoiced=yuan(count["invoiced"] * succeeded),
            pickups=count["pickups"] * succeeded,
        )
        if with_points:
            campaign |= get_pickup_figures(count, succeeded)
        campaign["lines"] = [
            {
                "product": baskets.names[key],
                "start_price": yuan(offers[key].start_price),
                "measure": offers[key].measure,
                "sold_qty": tally["sold"],
                "final_price": yuan(tally["final_price"]),
                "tiers": [
                    {
                        "threshold": yuan(threshold)
                        if offers[key].measure == "amount"
                        else threshold,
                        "price": yuan(price),
                    }
                    for threshold, price in offers[key].tiers
                ],
            }
            for key, tally in count["lines"].items()
        ]
        campaigns.append(campaign)
    return campaigns
