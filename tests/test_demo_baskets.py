# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What `make demo` reads, and what it counts on paper; no Odoo is needed."""

import codecs

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
from gbdemo.catalogue import Product, merge_names, read_products
from gbdemo.commission import commission_differences, get_kind, recount_commission
from gbdemo.recount import differences, recount, yuan
from gbdemo.rules import MEASURES, Offer, get_cost, make_offer, reached_price

from gbtools.paths import REPOSITORY, TOOLS

DEMO_PRODUCTS = REPOSITORY / "addons/community_groupbuy/demo/product_demo.xml"


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


def test_a_commission_is_the_rate_on_each_line_without_tax():
    fresh, daily = (
        next(key for key in map(str, range(100)) if get_kind(key) == kind)
        for kind in (0, 1)
    )
    offers = {
        fresh: Offer(1000, "people", ((2, 900),)),
        daily: Offer(333, "quantity", ()),
    }
    rows = [{fresh: 1, daily: 3}, {fresh: 2}]
    # 5 % of 7.96, 8 % of 8.84 and 5 % of 15.93, each rounded: the tax is 13 %.
    assert str(recount_commission(rows, offers, "13")) == "1.91"
    # Without tax: 5 % of 9.00, 8 % of 9.99 and 5 % of 18.00.
    assert str(recount_commission(rows, offers, "0")) == "2.15"


def test_each_figure_of_the_leaders_is_compared():
    offers = {"1": Offer(1000, "people", ())}
    entry = {"name": "A", "commission": "0.50", "settled": "0.50"}
    rate = {0: "0.50", 1: "0.80"}[get_kind("1")]
    entry |= {"commission": rate, "settled": rate}
    rows = [{"1": 1}]
    assert commission_differences(entry, rows, offers, True, "0") == []
    assert len(commission_differences(entry, rows, offers, False, "0")) == 2
    assert (
        len(
            commission_differences(
                {**entry, "settled": "0.49"}, rows, offers, True, "0"
            )
        )
        == 1
    )
    # An addon that is not installed says nothing.
    assert commission_differences({"name": "A"}, rows, offers, True, "0") == []
