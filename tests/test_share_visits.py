# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sharing on real connections: one visit, one link, one drawing, one message.

The races run one after the other in one process, each with a campaign of its own; what
they left behind is read in a transaction that begins after them.
"""

import pytest
from shop_database import ShopDatabase

# Requests at once, as Odoo's own dispatcher runs and repeats them.
RACE = """
import traceback

results = {}


def query(statement, *parameters):
    env.cr.commit()
    env.invalidate_all()
    env.cr.execute(statement, parameters)
    return env.cr.fetchall()


def scenario(function):
    # One that breaks is seen in its own test, and stops none of the others.
    try:
        results[function.__name__] = function()
    except Exception:
        env.cr.rollback()
        results[function.__name__] = traceback.format_exc()
    env.cr.commit()
    env.invalidate_all()


campaign = make_shop(6)
owner = get_resident(0)
ids = {"campaign": campaign.id, "owner": owner.id, "website": website.id}
env.cr.commit()


def make_link(number):
    # A resident's own, so that no scenario sees another one's visits.
    link = env["groupbuy.share.link"]._get_link(get_resident(number), campaign)
    env.cr.commit()
    return link.id


def visit(own, link_id, number):
    return own["groupbuy.share.link"].browse(link_id)._count_visit(
        own["res.partner"], f"visitor-{number:08}", f"192.0.2.{number}"
    )


def visit_as(own, link_id, resident_id):
    link = own["groupbuy.share.link"].browse(link_id)
    resident = own["res.partner"].browse(resident_id)
    visitor = link._get_partner_visitor(resident)
    return link._count_visit(resident, visitor, "192.0.2.1")
"""

VISITS = """
@scenario
def same_link():
    def get_link(own):
        return own["groupbuy.share.link"]._get_link(
            own["res.partner"].browse(ids["owner"]),
            own["groupbuy.campaign"].browse(ids["campaign"]),
        ).token

    got = race([get_link] * 8)
    return {"got": got, "kept": query("SELECT token FROM groupbuy_share_link")}


@scenario
def same_visitor():
    link_id = make_link(0)
    got = race([lambda own: visit(own, link_id, 1)] * 12)
    visits = query("SELECT 1 FROM groupbuy_share_visit WHERE link_id = %s", link_id)
    return {"got": got, "visits": len(visits)}


@scenario
def popular_link():
    link_id = make_link(1)
    calls = []

    def follow(number, own):
        calls.append(number)
        return visit(own, link_id, number)

    got = race([partial(follow, number) for number in range(12)])
    visits = query("SELECT 1 FROM groupbuy_share_visit WHERE link_id = %s", link_id)
    return {"got": got, "visits": len(visits), "calls": len(calls)}


def make_task():
    coupons = env["loyalty.program"].create(
        {
            "name": "5 off", "program_type": "coupons", "trigger": "with_code",
            "applies_on": "current", "company_id": env.company.id,
            "reward_ids": [Command.create(
                {"reward_type": "discount", "discount_mode": "per_order", "discount": 5}
            )],
        }
    )
    task = env["groupbuy.task"].create(
        {
            "name": "Tell your neighbours", "company_id": env.company.id,
            "kind": "share", "target": 3, "tz": "UTC", "reward_type": "coupon",
            "start_at": fields.Datetime.now() - timedelta(days=1),
            "coupon_program_id": coupons.id,
        }
    )
    task.action_open()
    env.cr.commit()


@scenario
def visits_for_a_task():
    make_task()
    link_id = make_link(2)
    residents = {number: get_resident(number).id for number in (1, 4, 5)}
    calls = []

    # Three residents, four requests of each at the same moment.
    def follow(number, own):
        calls.append(number)
        return visit_as(own, link_id, residents[number])

    got = race([partial(follow, number) for number in residents] * 4)
    events = "SELECT count(*) FROM groupbuy_task_event WHERE partner_id = %s"
    [(after_race,)] = query(events, get_resident(2).id)
    # A request that fails after its visit was counted, and the one that repeats it.
    [(before,)] = query(events, get_resident(3).id)
    other_id = make_link(3)
    first = visit_as(env, other_id, residents[1])
    env.cr.rollback()
    [(lost,)] = query(events, get_resident(3).id)
    again = visit_as(env, other_id, residents[1])
    [(kept,)] = query(events, get_resident(3).id)
    visits = query("SELECT 1 FROM groupbuy_share_visit WHERE link_id = %s", other_id)
    return {
        "got": got, "after_race": after_race, "before": before, "lost": lost,
        "first": first, "again": again, "kept": kept, "visits": len(visits),
    }
"""

POSTER = """
from odoo.addons.groupbuy_marketing import poster


@scenario
def same_poster():
    drawn = []
    draw = poster.DRAW["png"]

    def count(content):
        drawn.append(1)
        return draw(content)

    def get_poster(own):
        data = own["groupbuy.campaign"].browse(ids["campaign"])._get_poster(
            own["website"].browse(ids["website"]), "png", "https://shop.example.com/x"
        )
        return len(data)

    poster.DRAW["png"] = count
    try:
        got = race([get_poster] * 6)
    finally:
        poster.DRAW["png"] = draw
    kept = query("SELECT count(*) FROM groupbuy_poster")
    return {"got": got, "drawn": len(drawn), "kept": kept}
"""

COMMENTS = """
@scenario
def same_comment():
    join(campaign, 1)
    env.cr.commit()
    writer = get_resident(1).id

    def write(body, own):
        return own["groupbuy.comment"]._write_comment(
            own["groupbuy.campaign"].browse(ids["campaign"]),
            own["res.partner"].browse(writer), body, True,
        ).id

    got = race([partial(write, "Very fresh")] * 5)
    others = race([partial(write, f"Comment {n}") for n in range(5)])
    kept = query("SELECT count(*) FROM groupbuy_comment")
    return {"got": got, "others": others, "kept": kept}
"""

MESSAGES = """
def make_messages():
    env.company.groupbuy_messages_per_week = 1
    segment = env["groupbuy.segment"].create(
        {
            "name": "Sunny Garden", "company_id": env.company.id,
            "community_ids": [Command.set(campaign.community_ids.ids)],
        }
    )
    segment.action_refresh()
    messages = env["groupbuy.message"].create(
        [
            {"subject": f"News {n}", "body": "<p>News</p>", "segment_id": segment.id}
            for n in range(3)
        ]
    )
    env.cr.commit()
    return messages


@scenario
def same_start():
    message = make_messages()[0]
    message_id = message.id

    def start(own):
        own["groupbuy.message"].browse(message_id).action_start()
        return "started"

    got = race([start] * 6)
    recipients = query(
        "SELECT count(*), count(DISTINCT partner_id) FROM groupbuy_message_recipient"
        " WHERE message_id = %s", message_id,
    )
    message.action_cancel()
    return {"got": got, "recipients": recipients}


@scenario
def limit_of_a_week():
    messages = make_messages()
    messages.action_start()
    env.cr.execute(
        "UPDATE groupbuy_message_recipient"
        " SET due_at = now() AT TIME ZONE 'UTC' - interval '1 hour'"
        " WHERE message_id = ANY(%s)", [messages.ids],
    )
    env.cr.commit()

    def send(own):
        done = 0
        while True:
            count = own["groupbuy.message.recipient"].sudo()._send_due(6)
            own.cr.commit()
            if count is None:
                return done
            done += count

    got = race([send] * 4)
    sent = query(
        "SELECT partner_id, count(*) FROM groupbuy_message_recipient"
        " WHERE state = 'sent' GROUP BY partner_id"
    )
    waiting = query(
        "SELECT count(*) FROM groupbuy_message_recipient"
        " WHERE message_id = ANY(%s) AND state = 'waiting'"
        "   AND due_at <= now() AT TIME ZONE 'UTC'", messages.ids,
    )
    mails = query(
        "SELECT count(*) FROM mail_mail m"
        "  JOIN mail_message mm ON mm.id = m.mail_message_id"
        " WHERE mm.subject LIKE 'News %%'"
    )
    return {"got": got, "sent": sent, "waiting": waiting, "mails": mails}
"""


@pytest.fixture(scope="module")
def races(odoo):
    """Return what came of each race, by its name; the text of an error, if it broke."""
    with odoo.claimed_db("groupbuy_system_sharing") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        yield ShopDatabase(odoo, name).run(
            RACE + VISITS + POSTER + COMMENTS + MESSAGES + "\nanswer(**results)"
        )
        odoo.drop_db(name)


def get_result(races, name):
    assert isinstance(races.get(name), dict), races.get(name)
    return races[name]


def test_eight_requests_for_a_link_at_once_get_the_same(races):
    result = get_result(races, "same_link")
    assert len(result["got"]) == 8
    assert len(set(result["got"])) == 1
    assert result["kept"] == [[result["got"][0]]]


def test_one_visitor_twelve_times_at_once_is_one_visit(races):
    result = get_result(races, "same_visitor")
    assert result["got"] == [False] * 11 + [True]
    assert result["visits"] == 1


def test_visitors_of_a_popular_link_do_not_wait_for_each_other(races):
    """None of them fails to serialise: nobody's request is repeated."""
    result = get_result(races, "popular_link")
    assert result["got"] == [True] * 12
    assert result["calls"] == 12
    assert result["visits"] == 12


def test_each_visitor_counts_once_for_a_task_though_requests_are_repeated(races):
    result = get_result(races, "visits_for_a_task")
    # A request that was repeated may have counted the visit at its first attempt.
    assert result["got"].count(True) <= 3
    assert set(result["got"]) <= {True, False}
    assert result["after_race"] == 3
    assert (result["first"], result["again"]) == (True, False)
    assert (result["before"], result["lost"], result["kept"]) == (0, 0, 1)
    assert result["visits"] == 1


def test_poster_that_many_open_at_once_is_drawn_once(races):
    result = get_result(races, "same_poster")
    assert len(set(result["got"])) == 1
    assert isinstance(result["got"][0], int)
    assert result["drawn"] == 1
    assert result["kept"] == [[1]]


def test_comment_that_is_sent_five_times_at_once_is_one(races):
    result = get_result(races, "same_comment")
    assert len(set(result["got"])) == 1
    assert isinstance(result["got"][0], int)
    # Of three that may wait one was there already.
    assert sum(isinstance(x, int) for x in result["others"]) == 2
    assert result["others"].count("UserError") == 3
    assert result["kept"] == [[3]]


def test_message_started_by_six_at_once_is_started_once(races):
    result = get_result(races, "same_start")
    assert result["got"].count("started") == 1
    assert result["got"].count("UserError") == 5
    # A resident is a recipient once.
    assert result["recipients"] == [[4, 4]]


def test_workers_at_once_send_no_more_than_a_week_allows(races):
    result = get_result(races, "limit_of_a_week")
    assert all(isinstance(done, int) for done in result["got"]), result
    # Each of the four got the one that the week allows, and has a mail of it.
    assert [count for _partner, count in result["sent"]] == [1] * 4
    assert result["mails"] == [[4]]
    assert result["waiting"] == [[0]], "Nobody is forgotten"
