# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened at the pickup points of the demo shop; see demo_orders.py.

Used where the addon `groupbuy_verification` is installed. Goods are received and handed
out by the managers of the points with the methods that their pages call, so that each
screen of the addon has something to show: a transfer that is still to be received,
residents whose codes wait, a case that waits for its leader, reviews.
"""

import base64
import io
from datetime import timedelta

from gbdemo.pickup import receive, verify
from PIL import Image

from odoo.tools import SQL

# The shop's resident whose goods wait, and who has a login.
WAITING = "community_groupbuy.resident_wang_xiulan"
# The manager of points who has something to receive, too.
MANAGER = "community_groupbuy.user_zhou"
STAFF = "community_groupbuy.user_chen"
WORDS = {
    "en_US": {
        "reason": "Collected before closing time, entered later",
        "missing": "One is missing, the box was open",
        "quality": "Two of them were soft already, see the photo.",
        "opened": "It was not as fresh as the last time.",
        "granted": "Sorry about that. Here is a part of the price.",
        "answer": "Thank you for telling us. We have talked to the carrier.",
    },
    "zh_CN": {
        "reason": "闭店前已取货，后补录",
        "missing": "少了一件，箱子已拆封",
        "quality": "有两个已经软了，见照片。",
        "opened": "不如上次新鲜。",
        "granted": "非常抱歉，先退您一部分货款。",
        "answer": "感谢反馈，我们已与承运方沟通改进。",
    },
}
# Marks for goods, service and logistics, and what was written about each.
REVIEWS = {
    "en_US": (
        ((5, 5, 5), ("Sweet and juicy, all of them.", "Very kind at the point.", "")),
        ((5, 4, 5), ("Great for the price.", "", "On time.")),
        ((4, 5, 4), ("Good, a bit small.", "No waiting at all.", "")),
        ((5, 5, 4), ("", "They helped me carry the bag.", "")),
        ((4, 4, 2), ("Fine.", "", "The box was wet and came late in the evening.")),
    ),
    "zh_CN": (
        ((5, 5, 5), ("个个又甜又多汁。", "自提点老板很热情。", "")),
        ((5, 4, 5), ("这个价格很划算。", "", "准时送到。")),
        ((4, 5, 4), ("不错，就是个头小了点。", "到了就拿，不用排队。", "")),
        ((5, 5, 4), ("", "还帮我把袋子提到楼下。", "")),
        ((4, 4, 2), ("还可以。", "", "箱子有点湿，晚上很晚才到。")),
    ),
}


class Points:
    """What the managers of the points, the residents and staff did there.

    :param env: Odoo's environment.
    """

    def __init__(self, env):
        self.env = env
        self.words = WORDS[env.lang]

    # ------------------------------------------------------------------ goods

    def hand_over(self, transfers, pickups, is_over):
        """Receive what came to the points, and hand out to who has come.

        :param stock.picking transfers: to the points.
        :param stock.picking pickups: of the residents who have come.
        :param bool is_over: everything arrived and was collected.
        """
        transfers.action_assign()
        coming = transfers.browse() if is_over else self.choose_coming(transfers)
        for number, transfer in enumerate(transfers - coming):
            is_short = not is_over and not number
            receive(transfer, self.count_goods(transfer, is_short))
            self.env.cr.commit()
        self.env["groupbuy.pickup.code"]._cron_send()
        self.env.cr.commit()
        self.env.invalidate_all()
        resident = self.env.ref(WAITING)
        for number, picking in enumerate(pickups):
            if picking.state != "assigned":
                continue
            if picking.partner_id == resident and not is_over:
                continue
            point = picking.groupbuy_point_id
            is_open = point._is_open_at(self.env.cr.now())
            verify(
                picking,
                "code" if number % 3 == 2 else "scan",
                reason=None if is_open else self.words["reason"],
            )
            self.env.cr.commit()

    def choose_coming(self, transfers):
        """Return the transfer that its manager has still to receive."""
        resident = self.env.ref(WAITING)
        manager = self.env.ref(MANAGER)
        hers = transfers.groupbuy_campaign_id.order_ids.filtered(
            lambda order: order.partner_id == resident
        )
        return transfers.filtered(
            lambda transfer: (
                manager in transfer.groupbuy_point_id.manager_user_ids
                and transfer.groupbuy_point_id != hers.groupbuy_point_id
            )
        )[:1]

    def count_goods(self, transfer, is_short):
        """Return what a manager enters: all is there, or one unit is missing."""
        expected = transfer._groupbuy_get_expected()
        lines = [
            {"product_id": product.id, "received": entry["quantity"], "damaged": 0}
            for product, entry in expected.items()
        ]
        if is_short:
            line = max(lines, key=lambda line: line["received"])
            line["received"] -= 1
            line |= {
                "short_responsible": "supplier",
                "note": self.words["missing"],
                "photos": [
                    base64.b64encode(
                        self.take_photo(
                            self.env["product.product"].browse(line["product_id"])
                        )
                    ).decode()
                ],
            }
        return lines

    def take_photo(self, product):
        """Return a photo of a product, a JPEG as a phone sends it."""
        picture = Image.open(io.BytesIO(base64.b64decode(product.image_512)))
        stream = io.BytesIO()
        picture.convert("RGB").save(stream, "JPEG")
        return stream.getvalue()

    # ------------------------------------------------------------------ afterwards

    def complain(self, campaign):
        """Let one resident wait for the leader, and another be answered.

        :param groupbuy.campaign campaign: of which most was collected.
        """
        cases = self.env["groupbuy.case"]
        collected = campaign.order_ids.sorted("id")._groupbuy_filter_collected()
        manager = self.env.ref(MANAGER)
        mine = collected.filtered(
            lambda order: manager in order.groupbuy_point_id.manager_user_ids
        )
        if mine:
            line = self.get_delivered(mine[0])
            photo = ("photo.jpg", self.take_photo(line.product_id))
            cases._open_by_resident(
                mine[0], "quality", {line.id: 1.0}, self.words["quality"], [photo]
            )
        others = collected - mine
        if others:
            line = self.get_delivered(others[0])
            case = cases._open_by_resident(
                others[0], "quality", {line.id: 1.0}, self.words["opened"], ()
            )
            leader = case.point_id.manager_user_ids[:1]
            case.with_user(leader).sudo()._decide(
                "partial",
                level="leader",
                amount=round(case._get_goods_value() * 100) // 2 / 100,
                note=self.words["granted"],
            )
        self.env.cr.commit()

    def get_delivered(self, order):
        """Return the first line of an order of which the resident has something."""
        return order.order_line.filtered(
            lambda line: line.groupbuy_line_id and line.qty_delivered >= 1
        )[:1]

    def review(self, campaign):
        """Let residents review what they have collected; staff answer the worst."""
        reviews = self.env["groupbuy.review"]
        orders = campaign.order_ids.sorted("id")._groupbuy_filter_collected()
        for order, (marks, texts) in zip(orders, REVIEWS[self.env.lang], strict=False):
            names = ("goods", "service", "logistics")
            reviews |= reviews._submit(
                order,
                dict(zip(names, marks, strict=True)),
                dict(zip(names, texts, strict=True)),
            )
        bad = reviews.filtered("case_id")
        bad.with_user(self.env.ref(STAFF)).write({"answer": self.words["answer"]})
        self.env.cr.commit()

    # ------------------------------------------------------------------ time

    def spread(self, campaign):
        """Let goods have arrived and been collected in the campaign's days, not now.

        :param groupbuy.campaign campaign: whose days were moved to where they lie.
        """
        self.env.flush_all()
        now = self.env.cr.now().replace(microsecond=0)
        arrived = min(campaign.pickup_from, now - timedelta(hours=6))
        until = min(campaign.pickup_until, now)
        done = campaign.picking_ids.filtered(lambda p: p.state == "done").sorted("id")
        by_role = done.grouped("groupbuy_role")
        for picking in by_role.get("to_point", done.browse()):
            self.date(picking, arrived, "groupbuy_receipt", "received_at")
        pickups = by_role.get("to_resident", done.browse())
        for number, picking in enumerate(pickups, start=1):
            moment = arrived + (until - arrived) * number / (len(pickups) + 1)
            while moment > arrived and not picking.groupbuy_point_id._is_open_at(
                moment
            ):
                moment -= timedelta(hours=1)
            self.date(picking, moment, "groupbuy_verification", "at")
        waiting = campaign.picking_ids - done
        waiting.filtered(lambda p: p.state != "cancel").scheduled_date = arrived
        self.env.invalidate_all()
        self.env.cr.commit()

    def date(self, picking, moment, table, column):
        """Date a transfer and the fact that was written about it.

        In SQL, since facts cannot be changed; this is a story and no history.
        """
        picking.date_done = moment.replace(microsecond=0)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s, create_date = %s WHERE picking_id = %s",
                SQL.identifier(table),
                SQL.identifier(column),
                picking.date_done,
                picking.date_done,
                picking.id,
            )
        )
