# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json
from datetime import datetime, time, timedelta

import pytz

from odoo import SUPERUSER_ID, api, fields, models


class GroupBuyLeader(models.Model):
    """How a leader is told of new orders."""

    _inherit = "groupbuy.leader"

    announce_mode = fields.Selection(
        selection=[
            ("at_once", "At once"),
            ("digest", "Once a day"),
            ("off", "Not at all"),
        ],
        string="New Orders Are Announced",
        required=True,
        default="digest",
    )
    announce_hour = fields.Integer(
        string="Hour of the Digest",
        default=18,
        help="In the time zone of the leader's pickup point.",
    )
    announce_by_mail = fields.Boolean(string="By E-mail", default=True)
    announce_by_push = fields.Boolean(
        string="By Notification",
        default=True,
        help="On the phones and browsers on which the leader has allowed it.",
    )

    _announce_hour_range = models.Constraint(
        "CHECK (announce_hour BETWEEN 0 AND 23)",
        "The hour of the digest lies between 0 and 23.",
    )

    def _get_last_digest(self, now):
        """Return the latest moment at which a digest was due.

        :param datetime now: Naive UTC.
        :return: Naive UTC.
        :rtype: datetime
        """
        self.ensure_one()
        zone = pytz.timezone(self._get_portal_tz())
        day = pytz.utc.localize(now).astimezone(zone).date()
        for back in (0, 1):
            local = zone.localize(
                datetime.combine(day - timedelta(days=back), time(self.announce_hour))
            )
            moment = local.astimezone(pytz.utc).replace(tzinfo=None)
            if moment <= now:
                return moment
        return now - timedelta(days=1)

    def _send_news(self, news):
        """Tell leaders of their new orders in the ways they have chosen.

        Hook for other addons that know more ways.

        :param dict news: Leader → orders that have joined.
        """
        texts = {leader.id: leader._get_news(news[leader]) for leader in self}
        self.filtered("announce_by_mail")._send_news_by_mail(texts)
        self.filtered("announce_by_push")._send_news_by_push(texts)

    def _get_news(self, orders):
        """Return what is said of new orders: numbers, and no resident's name.

        :param sale.order orders: The orders.
        :return: title, rows (campaign, number and amount as texts) and text, in the
            language of the leader.
        :rtype: dict
        """
        self.ensure_one()
        leader = self.with_context(lang=self.partner_id.lang or self.env.lang)
        title = (
            leader.env._("1 new order")
            if len(orders) == 1
            else leader.env._("%s new orders", len(orders))
        )
        rows = []
        for campaign, own in orders.grouped("groupbuy_campaign_id").items():
            amount = own.currency_id[:1].format(sum(own.mapped("amount_total")))
            name = campaign.with_env(leader.env).name
            rows.append({"campaign": name, "count": len(own), "amount": amount})
        return {
            "title": title,
            "rows": rows,
            "text": "\n".join(
                f"{row['campaign']}: {row['count']} · {row['amount']}" for row in rows
            ),
            "url": f"{leader.get_base_url()}/my/leader",
        }

    def _send_news_by_mail(self, texts):
        """Queue one mail to each leader.

        :param dict texts: Leader id → what :meth:`_get_news` says.
        """
        leaders = self.filtered(lambda leader: leader.partner_id.email_normalized)
        if leaders:
            self.env.ref("groupbuy_leader.mail_template_new_orders").with_user(
                SUPERUSER_ID
            ).with_context(groupbuy_news=texts).send_mail_batch(
                leaders.ids, force_send=False
            )

    def _send_news_by_push(self, texts):
        """Queue a notification to each device of the leaders, by Odoo's web push.

        Always through the queue, never within this transaction: the services of the
        browsers may be slow.

        :param dict texts: Leader id → what :meth:`_get_news` says.
        """
        leader_of = {leader.partner_id: leader for leader in self}
        devices, private_key, _public_key = self._web_push_get_partners_parameters(
            self.partner_id.ids
        )
        if not devices or not private_key:
            return
        # Elevated: a device belongs to its user; only what is sent to it is written.
        self.env["mail.push"].sudo().create(
            [
                {
                    "mail_push_device_id": device.id,
                    "payload": json.dumps(
                        leader_of[device.partner_id]._get_push_payload(
                            texts[leader_of[device.partner_id].id]
                        )
                    ),
                }
                for device in devices
            ]
        )
        self.env.ref("mail.ir_cron_web_push_notification").sudo()._trigger()

    @api.model
    def _get_push_payload(self, text):
        """Return a notification as browsers want it.

        :param dict text: What :meth:`_get_news` says.
        :rtype: dict
        """
        return self._web_push_truncate_payload(
            {
                "title": text["title"],
                "options": {
                    "body": text["text"],
                    "icon": "/community_groupbuy/static/description/icon.png",
                    "tag": "groupbuy-orders",
                    "data": {"model": "", "res_id": "", "url": "/my/leader"},
                },
            }
        )
