# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From the goods at the points to the last case. Runs inside of Odoo's shell.

Used where the addon `groupbuy_verification` is installed. What goes wrong, who does not
come and who complains follows from the rules of :mod:`gbdemo.rules`; everything else is
done by the addon's own methods, as its pages and scheduled jobs call them.
"""

import base64
import io
from datetime import timedelta

from PIL import Image

from odoo.addons.community_groupbuy.const import PRIVILEGE

from .rules import FEE_PERCENT, get_arrival, get_complaint, is_unclaimed
from .shop import JoinError, run_jobs

# What the campaigns say about missing and about unclaimed goods.
CAMPAIGN_VALUES = {
    "shortage_rule": "payment",
    "unclaimed_rule": "return",
    "unclaimed_fee_kind": "percent",
    "unclaimed_fee_percent": FEE_PERCENT,
    "reminder_hours": 24,
}
# Residents of a point who come one by one; more of them come in groups.
ONE_BY_ONE = 60
BATCH = 200
RESPONSIBLE = {"short": "supplier", "damaged": "carrier"}


def is_installed(env):
    """Tell whether the addon that works at the points is installed."""
    return "groupbuy.receipt" in env


def as_manager(point, model):
    """Return a model as the pages of a point's manager use it."""
    user = point.manager_user_ids[:1] or point.env.user
    return point.env[model].with_user(user).sudo()


def expect(status, answer):
    """Return an answer that says what it has to.

    :raises JoinError: with its own words when it is a refusal.
    """
    if answer["status"] != status:
        raise JoinError(answer.get("message") or str(answer))
    return answer


def receive(picking, lines):
    """Receive a transfer at its point: look at what it means, then confirm.

    :param stock.picking picking: a transfer to a point.
    :param list lines: what the manager enters, as the page sends it.
    :raises JoinError: with the words of the page, when it is refused.
    """
    receipts = as_manager(picking.groupbuy_point_id, "groupbuy.receipt")
    picking = picking.with_env(receipts.env)
    preview = expect("preview", receipts._preview(picking, lines))
    expect(
        "confirmed",
        receipts._confirm(
            picking,
            lines,
            request_key=f"demo-receipt-{picking.id}",
            plan=preview["plan"],
        ),
    )


def verify(picking, method, reason=None):
    """Hand a resident's transfer out to who shows or says its code.

    :param stock.picking picking: a transfer to a resident.
    :param str method: scan or code.
    :param str reason: why it is done outside of the opening hours.
    :raises JoinError: with the words of the page, when it is refused.
    """
    point = picking.groupbuy_point_id
    verifications = as_manager(point, "groupbuy.verification")
    text = get_shown(picking, method)
    found = expect("found", verifications._find(point, text))
    if found["picking_id"] != picking.id:
        raise JoinError(f"the code of {picking.name} opens another transfer")
    expect(
        "verified",
        verifications._verify(
            point,
            picking,
            method=method,
            request_key=f"demo-pickup-{picking.id}",
            code=text,
            reason=reason,
        ),
    )


def get_shown(picking, method):
    """Return what a resident shows: the token in the picture, or the code."""
    code = picking._groupbuy_get_code()
    return code._get_token() if method == "scan" else code._get_text().lower()


class Pickup:
    """What happens at the points.

    :param gbdemo.replay.Replay replay: the demo that this is a part of.
    """

    def __init__(self, replay):
        self.replay = replay
        self.env = replay.env

    # ------------------------------------------------------------------ receipt

    def receive(self, pickings, points):
        """Receive what is brought to the points, each by its own manager.

        :param stock.picking pickings: transfers to the points.
        :param groupbuy.pickup.point points: in the order in which residents share
            them.
        :raises JoinError: with the words of the page, when it is refused.
        """
        numbers = {point: number for number, point in enumerate(points)}
        # The demo runs at any hour.
        points.calendar_id = False
        pickings.action_assign()
        report = self.replay.tell(len(pickings), "receipts at the points")
        for done, picking in enumerate(pickings, start=1):
            number = numbers[picking.groupbuy_point_id]
            receive(picking, self.count_goods(picking, number))
            self.env.cr.commit()
            self.env.invalidate_all()
            report(done)
        # The scheduled job that sends the residents their codes.
        self.env["groupbuy.pickup.code"]._cron_send()
        self.env.cr.commit()

    def count_goods(self, picking, number):
        """Return what the manager of a point enters about a transfer.

        :param int number: of the point, from 0.
        """
        expected = picking._groupbuy_get_expected()
        keys = {product: key for key, product in self.replay.products.items()}
        arrival = get_arrival(
            number,
            {keys[product]: entry["quantity"] for product, entry in expected.items()},
        )
        lines = []
        for product, entry in expected.items():
            line = {
                "product_id": product.id,
                "received": entry["quantity"],
                "damaged": 0,
            }
            if arrival and keys[product] == arrival.key:
                if arrival.kind == "short":
                    line["received"] -= arrival.units
                else:
                    line |= {"damaged": arrival.units, "photos": [draw_photo()]}
                line |= {
                    f"{arrival.kind}_responsible": RESPONSIBLE[arrival.kind],
                    "note": f"{arrival.units} {arrival.kind}",
                }
            lines.append(line)
        return lines

    # ------------------------------------------------------------------ handing out

    def hand_out(self, pickings):
        """Hand goods out to all residents who come, by their codes.

        At each point some show the picture of their code, some say it, and every
        third is on the list of a neighbour who collects for several; where there are
        many, groups of neighbours do the rest.

        :param stock.picking pickings: the residents' transfers.
        """
        report = self.replay.tell(len(pickings), "residents")
        done = 0
        comers = pickings.filtered(
            lambda picking: not is_unclaimed(get_number(picking.partner_id))
        )
        for point, waiting in comers.grouped("groupbuy_point_id").items():
            together = waiting[ONE_BY_ONE:]
            for number, picking in enumerate(waiting[:ONE_BY_ONE]):
                if number % 3 == 2:
                    together |= picking
                    continue
                verify(picking, "code" if number % 3 else "scan")
                self.env.cr.commit()
                done += 1
                report(done)
            self.refuse_second(point, waiting[:1])
            for start in range(0, len(together), BATCH):
                part = together[start : start + BATCH]
                self.verify_batch(point, part)
                done += len(part)
                report(done)

    def verify_batch(self, point, pickings):
        """Hand several transfers out at once."""
        answer = expect(
            "verified",
            as_manager(point, "groupbuy.verification")._verify_batch(
                point,
                pickings,
                method="batch",
                request_key=f"demo-batch-{pickings[0].id}",
            ),
        )
        if answer["refused"]:
            refused = [row for row in answer["results"] if row["status"] == "refused"]
            raise JoinError(refused[0]["message"])
        self.env.cr.commit()
        self.env.invalidate_all()

    def refuse_second(self, point, picking):
        """Show a code once more: nothing may be handed out for it.

        :raises JoinError: when something is.
        """
        answer = as_manager(point, "groupbuy.verification")._find(
            point, get_shown(picking, "scan")
        )
        if answer.get("refusal") != "already_collected":
            raise JoinError(f"the code of {picking.name} opened twice: {answer}")
        self.env.cr.commit()

    # ------------------------------------------------------------------ unclaimed

    def clear_unclaimed(self, campaign):
        """Let the pickup window end, and the scheduled job do what the rule says.

        The campaign's days are moved, instead of waiting for them.

        :raises JoinError: when somebody was not reminded first.
        """
        codes = self.env["groupbuy.pickup.code"]
        waiting = codes.search(
            [
                ("picking_id.groupbuy_campaign_id", "=", campaign.id),
                ("state", "=", "open"),
            ]
        )
        self.move_window(campaign, timedelta(hours=2))
        codes._cron_unclaimed()
        self.env.cr.commit()
        self.env.invalidate_all()
        if not all(waiting.mapped("reminded_at")):
            raise JoinError("somebody was not reminded of the goods")
        self.move_window(campaign, timedelta(minutes=-1))
        codes._cron_unclaimed()
        self.env.cr.commit()
        self.env.invalidate_all()
        for picking in self.replay.get_transfers(campaign, "from_point"):
            picking._groupbuy_validate_all()
        self.env.cr.commit()
        run_jobs(self.env, campaign)

    def move_window(self, campaign, ahead):
        """Move a campaign so that its pickup window ends so far from now."""
        shift = self.env.cr.now() + ahead - campaign.pickup_until
        campaign.with_context(groupbuy_system_write=PRIVILEGE).write(
            {
                name: campaign[name] + shift
                for name in ("open_at", "close_at", "pickup_from", "pickup_until")
            }
        )
        self.env.cr.commit()

    # ------------------------------------------------------------------ cases

    def settle_cases(self, campaign):
        """Let residents complain and leaders decide; then staff close the rest."""
        staff = self.env.ref("community_groupbuy.user_chen")
        for order in campaign.order_ids.sorted("id"):
            number = get_number(order.partner_id)
            outcome = get_complaint(number)
            if outcome:
                self.complain(order, self.replay.rows[number - 1], outcome, staff)
        self.env["groupbuy.case"].with_user(staff).search(
            [("campaign_id", "=", campaign.id), ("is_open", "=", True)]
        ).action_close()
        self.env.cr.commit()
        run_jobs(self.env, campaign)

    def complain(self, order, row, outcome, staff):
        """Let a resident report a unit of the first item that there is of.

        :param dict row: the resident's basket.
        :param str outcome: see :func:`rules.get_complaint`.
        :param res.users staff: who decides what the leader may not.
        """
        goods = order.order_line.filtered("groupbuy_line_id")
        lines = {line.product_id: line for line in goods}
        products = [self.replay.products[key] for key in row]
        line = next(
            (lines[p] for p in products if lines[p].qty_delivered >= 1),
            None,
        )
        if not line:
            return
        case = self.env["groupbuy.case"]._open_by_resident(
            order, "quality", {line.id: 1.0}, "It was not fresh.", ()
        )
        value = case._get_goods_value()
        decision = {"outcome": outcome, "note": ""}
        if outcome == "partial":
            decision["amount"] = round(value * 100) // 2 / 100
        elif outcome == "reject":
            decision["note"] = "It was kept in the sun after it was collected."
        manager = case.point_id.manager_user_ids[:1]
        if manager and value <= case._get_grant_limit(manager):
            case.with_user(manager).sudo()._decide(level="leader", **decision)
        else:
            case._pass_on()
            case.with_user(staff).sudo()._decide(level="staff", **decision)
        self.env.cr.commit()

    # ------------------------------------------------------------------ results

    def describe(self, campaign):
        """Return what the report says about the points, read from the database.

        :raises JoinError: when the log of what was handed out and the stock differ.
        """
        received = self.sum_up(
            "groupbuy.receipt.line", campaign, ("received", "short", "damaged")
        )
        allowances = self.env["groupbuy.allowance"].search(
            [("campaign_id", "=", campaign.id)]
        )
        unclaimed = allowances.filtered(lambda fact: fact.reason == "unclaimed")
        pickups = self.get_done(campaign, "to_resident")
        returns = self.get_done(campaign, "from_point")
        confirmed = campaign.order_ids.filtered(
            lambda order: order.groupbuy_state == "confirmed"
        )
        handed_out = sum(pickups.move_ids.mapped("quantity"))
        [[logged]] = self.env["groupbuy.verification.line"]._read_group(
            [("verification_id.campaign_id", "=", campaign.id)], [], ["quantity:sum"]
        )
        if (logged or 0) != handed_out:
            raise JoinError(f"{handed_out} units left the points, {logged} are logged")
        cases = self.env["groupbuy.case"].search([("campaign_id", "=", campaign.id)])
        fees = campaign.order_ids.order_line.filtered("groupbuy_unclaimed_picking_id")
        number, money = self.replay.number, self.replay.money
        return {
            **{name: number(quantity) for name, quantity in received.items()},
            "handed_out": number(handed_out),
            "returned": number(sum(returns.move_ids.mapped("quantity"))),
            "unclaimed": len(unclaimed.order_id),
            "nothing_left": len(
                confirmed.partner_id - pickups.partner_id - unclaimed.partner_id
            ),
            "fees": money(sum(fees.mapped("price_total"))),
            "given_back": {
                reason: money(
                    sum(
                        allowances.filtered(
                            lambda fact, reason=reason: fact.reason == reason
                        ).mapped("amount")
                    )
                )
                for reason in ("short", "damaged", "unclaimed", "case")
            },
            "cases": len(cases),
            "cases_closed": len(
                cases.filtered(lambda c: c.state in ("resolved", "rejected", "closed"))
            ),
        }

    def sum_up(self, model, campaign, names):
        """Return the sums of some fields of a campaign's records."""
        [sums] = self.env[model]._read_group(
            [("campaign_id", "=", campaign.id)], [], [f"{name}:sum" for name in names]
        )
        return {name: total or 0 for name, total in zip(names, sums, strict=True)}

    def get_done(self, campaign, role):
        """Return the transfers of a role that are done."""
        return self.env["stock.picking"].search(
            [
                ("groupbuy_campaign_id", "=", campaign.id),
                ("groupbuy_role", "=", role),
                ("state", "=", "done"),
            ]
        )


def draw_photo():
    """Return a photo of something dark, as a page sends it."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), (60, 40, 30)).save(stream, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


def get_number(partner):
    """Return the number of a resident's basket, from 1."""
    return int(partner.ref.rpartition("-")[2])
