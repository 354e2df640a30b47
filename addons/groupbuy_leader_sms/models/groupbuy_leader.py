# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyLeader(models.Model):
    _inherit = "groupbuy.leader"

    announce_by_sms = fields.Boolean(string="By Text Message")

    def _send_news(self, news):
        """Override of `groupbuy_leader` to send text messages to who wants them.

        They go out by the queue of `sms`, like every text message.
        """
        result = super()._send_news(news)
        vals_list = []
        for leader in self.filtered("announce_by_sms"):
            number = leader.partner_id._phone_format(fname="phone")
            if number:
                text = leader._get_news(news[leader])
                vals_list.append(
                    {
                        "partner_id": leader.partner_id.id,
                        "number": number,
                        "body": f"{text['title']}\n{text['text']}\n{text['url']}",
                    }
                )
        if vals_list:
            # Elevated: leaders have no rights on text messages.
            self.env["sms.sms"].sudo().create(vals_list)
            self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()
        return result
