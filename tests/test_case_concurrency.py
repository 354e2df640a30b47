# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who comes second is told so: cases and reviews on a real server."""

import re
import threading

import requests
from test_verification_concurrency import run

AT_ONCE = 8

# Each has read the database before the start. Now both go at once, now one of them
# comes when the other is done, and still knows nothing of it.
TURNS = """
import time


def after(seconds, function):
    def wait(own):
        time.sleep(seconds)
        return function(own)

    return wait


def turns(number, first, second):
    late = (0, 1.5, 0)[number % 3], (0, 0, 1.5)[number % 3]
    return [
        (uid, after(seconds, function))
        for seconds, (uid, function) in zip(late, (first, second), strict=True)
    ]
"""

# An order of three, collected and invoiced, at a point with AT_ONCE managers.
COLLECTED = f"""
campaign = arrive(1, quantity=3)
managers = make_managers({AT_ONCE}, campaign.pickup_point_ids)
for user in managers:
    user.password = user.login
parcel = get_parcels(campaign)
validate(parcel)
env.cr.commit()
run_jobs()
order = parcel.move_ids.sale_line_id.order_id
token = order._portal_ensure_token()
line = order.order_line.filtered("groupbuy_line_id")
env.cr.commit()
"""

SETTLED = """
run_jobs("process_jobs")
order = env["sale.order"].search([("groupbuy_campaign_id", "!=", False)])
answer(
    cases=len(order.groupbuy_case_ids), reviews=len(order.groupbuy_review_ids),
    refunded=order.groupbuy_amount_refunded, owed=order.groupbuy_amount_owed,
    facts=len(order.groupbuy_allowance_ids),
    ratings=env["rating.rating"].search_count(
        [("res_model", "=", "product.template")]
    ),
)
"""


class Visitor:
    """A browser's session that sends one form."""

    def __init__(self, url, page, login=None):
        self.url = url
        self.session = requests.Session()
        if login:
            self._sign_in(login)
        self.token = self._read_token(page)
        self.text = ""

    def _read_token(self, page):
        """Return the token that the forms of a page carry."""
        response = self.session.get(self.url + page, timeout=120)
        response.raise_for_status()
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', response.text)[1]

    def _sign_in(self, login):
        self.session.post(
            self.url + "/web/login",
            data={
                "login": login,
                "password": login,
                "csrf_token": self._read_token("/web/login"),
            },
            timeout=120,
        ).raise_for_status()

    def send(self, page, **form):
        response = self.session.post(
            self.url + page, data={"csrf_token": self.token, **form}, timeout=300
        )
        response.raise_for_status()
        self.text = response.text


def send_at_once(visitors, page, **form):
    """Let all visitors send the same form at the same moment."""
    start = threading.Barrier(len(visitors))

    def run(visitor):
        start.wait()
        visitor.send(page, **form)

    threads = [threading.Thread(target=run, args=(v,)) for v in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_case_is_decided_once_whoever_decides(shop):
    ids = run(
        shop,
        COLLECTED
        + """
env.company.groupbuy_leader_grant_limit = 50
case = env["groupbuy.case"]._open_by_resident(order, "quality", {line.id: 1}, "x", ())
env.cr.commit()
answer(case=case.id, point=case.point_id.id)
""",
    )
    page = f"/my/points/{ids['point']}/cases/{ids['case']}"
    with shop.odoo.start_server(shop.name, workers=4) as server:
        server.wait_ready()
        leaders = [Visitor(server.url, page, f"manager{n}") for n in range(AT_ONCE)]
        send_at_once(leaders, f"{page}/decide", outcome="refund")
        done = [v for v in leaders if "Your decision is done" in v.text]
        told = [v for v in leaders if re.search("was decided by Manager", v.text)]
        assert len(done) == 1
        assert len(told) == AT_ONCE - 1
    result = shop.run(SETTLED)
    assert (result["facts"], result["refunded"], result["owed"]) == (1, 10.0, 0.0)


def test_the_same_report_and_the_same_review_at_once_count_once(shop):
    ids = run(shop, COLLECTED + "answer(order=order.id, token=token, line=line.id)")
    base = f"/my/orders/{ids['order']}"
    access = f"?access_token={ids['token']}"
    with shop.odoo.start_server(shop.name, workers=4) as server:
        server.wait_ready()
        visitors = [
            Visitor(server.url, f"{base}/review{access}") for _ in range(AT_ONCE)
        ]
        send_at_once(
            visitors,
            f"{base}/review",
            access_token=ids["token"],
            goods="5",
            service="5",
            logistics="5",
        )
        told = [v for v in visitors if "You have reviewed this order" in v.text]
        assert len(told) == AT_ONCE - 1
        send_at_once(
            visitors,
            f"{base}/case/new",
            access_token=ids["token"],
            type="quality",
            description="All three are mouldy",
            **{f"quantity_{ids['line']}": "3"},
        )
        told = [v for v in visitors if "You can report at most 0" in v.text]
        assert len(told) == AT_ONCE - 1
        assert "Traceback" not in server.log.read_text("utf-8")
    result = shop.run(SETTLED)
    assert (result["cases"], result["reviews"], result["ratings"]) == (1, 1, 1)


def test_a_report_and_a_pickup_at_the_same_moment_see_each_other(shop):
    result = run(
        shop,
        TURNS
        + """
campaign = arrive(9)
point_id = campaign.pickup_point_ids.id
user = make_managers(1, campaign.pickup_point_ids)


def report(line_id, own):
    line = own["sale.order.line"].browse(line_id)
    case = own["groupbuy.case"]._open_by_resident(
        line.order_id, "quality", {line.id: 1}, "Mouldy", ()
    )
    return {"case": case.id}


rounds = []
for number, parcel in enumerate(get_parcels(campaign)):
    line = parcel.move_ids.sale_line_id
    (handed, _tries), (reported, _tries) = race(
        *turns(
            number,
            (user.id, partial(verify, parcel.id)),
            (SUPERUSER_ID, partial(report, line.id)),
        )
    )
    case = env["groupbuy.case"].browse(reported["case"])
    rounds.append(
        {
            "answer": handed.get("refusal", handed["status"]),
            "delivered": line.qty_delivered,
            "had": case.line_ids.collected_quantity,
        }
    )
answer(rounds=rounds, audit=audit(campaign))
""",
    )
    answers = [outcome["answer"] for outcome in result["rounds"]]
    assert answers[1::3] == ["case_open"] * 3, "the report came first"
    assert answers[2::3] == ["verified"] * 3, "the pickup came first"
    for outcome in result["rounds"]:
        if outcome["answer"] == "verified":
            assert (outcome["delivered"], outcome["had"]) == (1.0, 1.0), outcome
        else:
            assert outcome["answer"] == "case_open", outcome
            assert (outcome["delivered"], outcome["had"]) == (0.0, 0.0), outcome
    audit = result["audit"]
    assert audit["log"] == audit["delivered"] == audit["customers"]
    assert audit["customers"] + audit["at_point"] == 9


def test_a_refund_of_a_case_and_a_pickup_at_the_same_moment_exclude_each_other(shop):
    result = run(
        shop,
        TURNS
        + """
campaign = arrive(6)
point_id = campaign.pickup_point_ids.id
user = make_managers(1, campaign.pickup_point_ids)
env.company.groupbuy_leader_grant_limit = 50
env.cr.commit()


def decide(case_id, own):
    own["groupbuy.case"].browse(case_id)._decide("refund", level="leader")
    return {"status": "decided"}


rounds = []
for number, parcel in enumerate(get_parcels(campaign)):
    line = parcel.move_ids.sale_line_id
    # Of a type that does not block the pickup.
    case = env["groupbuy.case"]._open_by_resident(
        line.order_id, "late", {line.id: 1}, "Too late", ()
    )
    (handed, _tries), (decided, _tries) = race(
        *turns(
            number,
            (user.id, partial(verify, parcel.id)),
            (user.id, partial(decide, case.id)),
        )
    )
    facts = line.order_id.groupbuy_allowance_ids
    rounds.append(
        {
            "verify": handed["status"], "decide": decided["status"],
            "state": case.state, "delivered": line.qty_delivered,
            "amounts": facts.mapped("amount"), "quantities": facts.mapped("quantity"),
        }
    )
answer(rounds=rounds, audit=audit(campaign))
""",
    )
    for outcome in result["rounds"]:
        # The refund happens whichever is first, once: for goods that are kept, or
        # for goods that are not handed out any more.
        assert (outcome["decide"], outcome["state"]) == ("decided", "resolved"), outcome
        assert outcome["amounts"] == [10.0], outcome
        kept = outcome["verify"] == "verified"
        assert outcome["delivered"] == (1.0 if kept else 0.0), outcome
        assert outcome["quantities"] == [0.0 if kept else 1.0], outcome
    audit = result["audit"]
    assert audit["log"] == audit["delivered"] == audit["customers"] == audit["ordered"]
    assert audit["customers"] + audit["at_point"] == 6
