# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sharing on real connections: one visit, one link, one drawing, one message."""

# Requests at once, as Odoo's own dispatcher runs and repeats them.
RACE = """
import threading
from functools import partial
from odoo import api
from odoo.modules.registry import Registry
from odoo.service.model import retrying

registry = Registry(env.cr.dbname)


def race(works):
    barrier = threading.Barrier(len(works), timeout=60)
    answers = []

    def run(work):
        with registry.cursor() as cr:
            own = api.Environment(cr, 1, {})
            # The snapshot of each begins before any of them has changed anything.
            own.cr.execute("SELECT count(*) FROM groupbuy_campaign")
            barrier.wait()
            try:
                answers.append(retrying(partial(work, own), own))
            except Exception as error:
                answers.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers, key=str)


campaign = make_shop(4)
owner = get_resident(0)
ids = {"campaign": campaign.id, "owner": owner.id, "website": website.id}
env.cr.commit()
"""


def test_one_visitor_twelve_times_at_once_is_one_visit(shop):
    answer = shop.run(
        RACE
        + """
link = env["groupbuy.share.link"]._get_link(owner, campaign)
env.cr.commit()
link_id = link.id


def visit(own):
    return own["groupbuy.share.link"].browse(link_id)._count_visit(
        own["res.partner"], "visitor-aaaaaaaa", "192.0.2.1"
    )


answer(got=race([visit] * 12))
"""
    )
    assert answer["got"] == [False] * 11 + [True]
    assert shop.query("SELECT count(*) FROM groupbuy_share_visit") == [(1,)]


def test_visitors_of_a_popular_link_do_not_wait_for_each_other(shop):
    """None of them fails to serialise: nobody's request is repeated."""
    answer = shop.run(
        RACE
        + """
link = env["groupbuy.share.link"]._get_link(owner, campaign)
env.cr.commit()
link_id = link.id
calls = []


def visit(number):
    def work(own):
        calls.append(number)
        return own["groupbuy.share.link"].browse(link_id)._count_visit(
            own["res.partner"], f"visitor-{number:08}", f"192.0.2.{number}"
        )
    return work


got = race([visit(number) for number in range(12)])
answer(got=got, calls=len(calls))
"""
    )
    assert answer["got"] == [True] * 12
    assert answer["calls"] == 12
    assert shop.query("SELECT count(*) FROM groupbuy_share_visit") == [(12,)]


def test_eight_requests_for_a_link_at_once_get_the_same(shop):
    answer = shop.run(
        RACE
        + """
def get_link(own):
    return own["groupbuy.share.link"]._get_link(
        own["res.partner"].browse(ids["owner"]),
        own["groupbuy.campaign"].browse(ids["campaign"]),
    ).token


answer(got=race([get_link] * 8))
"""
    )
    assert len(answer["got"]) == 8
    assert len(set(answer["got"])) == 1
    assert shop.query("SELECT token FROM groupbuy_share_link") == [(answer["got"][0],)]


def test_poster_that_many_open_at_once_is_drawn_once(shop):
    answer = shop.run(
        RACE
        + """
from odoo.addons.groupbuy_marketing import poster

drawn = []
draw = poster.DRAW["png"]


def count(content):
    drawn.append(1)
    return draw(content)


poster.DRAW["png"] = count


def get_poster(own):
    data = own["groupbuy.campaign"].browse(ids["campaign"])._get_poster(
        own["website"].browse(ids["website"]), "png", "https://shop.example.com/x"
    )
    return len(data)


answer(got=race([get_poster] * 6), drawn=len(drawn))
"""
    )
    assert len(set(answer["got"])) == 1
    assert isinstance(answer["got"][0], int)
    assert answer["drawn"] == 1
    assert shop.query("SELECT count(*) FROM groupbuy_poster") == [(1,)]


MESSAGES = """
env.company.groupbuy_messages_per_week = 1
segment = env["groupbuy.segment"].create({"name": "All", "company_id": env.company.id})
segment.action_refresh()
messages = env["groupbuy.message"].create(
    [
        {"subject": f"News {n}", "body": "<p>News</p>", "segment_id": segment.id}
        for n in range(3)
    ]
)
message_ids = messages.ids
env.cr.commit()
"""


def test_message_started_by_six_at_once_is_started_once(shop):
    answer = shop.run(
        RACE
        + MESSAGES
        + """
def start(own):
    own["groupbuy.message"].browse(message_ids[0]).action_start()
    return "started"


answer(got=race([start] * 6))
"""
    )
    assert answer["got"].count("started") == 1
    assert answer["got"].count("UserError") == 5
    # A resident is a recipient once.
    assert shop.query(
        "SELECT count(*), count(DISTINCT partner_id) = count(*)"
        " FROM groupbuy_message_recipient WHERE partner_id IN"
        " (SELECT id FROM res_partner WHERE ref LIKE 'R%')"
    ) == [(4, True)]


def test_workers_at_once_send_no_more_than_a_week_allows(shop):
    answer = shop.run(
        RACE
        + MESSAGES
        + """
messages.action_start()
env.cr.execute("UPDATE groupbuy_message_recipient SET due_at = now() - interval '1 h'")
env.cr.commit()


def send(own):
    done = 0
    while True:
        count = own["groupbuy.message.recipient"].sudo()._send_due(6)
        own.cr.commit()
        if count is None:
            return done
        done += count


answer(got=race([send] * 4))
"""
    )
    assert all(isinstance(done, int) for done in answer["got"]), answer
    assert shop.query(
        "SELECT max(n) FROM (SELECT partner_id, count(*) AS n"
        " FROM groupbuy_message_recipient WHERE state = 'sent'"
        " GROUP BY partner_id) AS sent"
    ) == [(1,)]
    # Nobody is left waiting for ever, and each that was sent has its mail.
    assert shop.query(
        "SELECT (SELECT count(*) FROM groupbuy_message_recipient"
        "         WHERE state = 'sent') - (SELECT count(*) FROM mail_mail m"
        "          JOIN mail_message mm ON mm.id = m.mail_message_id"
        "         WHERE mm.subject LIKE 'News %')"
    ) == [(0,)]


def test_comment_that_is_sent_five_times_at_once_is_one(shop):
    answer = shop.run(
        RACE
        + """
join(campaign, 1)
env.cr.commit()
writer = get_resident(1).id


def write(body):
    def work(own):
        return own["groupbuy.comment"]._write_comment(
            own["groupbuy.campaign"].browse(ids["campaign"]),
            own["res.partner"].browse(writer), body, True,
        ).id
    return work


got = race([write("Very fresh")] * 5)
others = race([write(f"Comment {n}") for n in range(5)])
answer(got=got, others=others)
"""
    )
    assert len(set(answer["got"])) == 1
    # Of three that may wait one was there already.
    assert sum(isinstance(x, int) for x in answer["others"]) == 2
    assert answer["others"].count("UserError") == 3
    assert shop.query("SELECT count(*) FROM groupbuy_comment") == [(3,)]
