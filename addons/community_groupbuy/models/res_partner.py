# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re

from odoo import fields, models

# Chinese names are written without a space; the first character is the family name.
CHINESE_NAME = re.compile(r"[\u3400-\u9fff]")


class ResPartner(models.Model):
    _inherit = "res.partner"

    groupbuy_community_id = fields.Many2one(
        comodel_name="groupbuy.community",
        string="Community",
        index="btree_not_null",
        ondelete="set null",
        help="The residential community whose campaigns the contact joins.",
    )

    def _groupbuy_public_name(self):
        """Return how a joiner is shown to others who look at a campaign.

        The first name and an initial: "Anna Miller" is "Anna M.", a Chinese name
        keeps its first character only: "王**". Of a name that is written both ways,
        readers of Chinese see the Chinese one.

        :rtype: str
        """
        self.ensure_one()
        words = (self.name or "").split()
        if not words:
            return self.env._("A resident")
        if (self.env.lang or "").startswith("zh"):
            words.sort(key=lambda word: not CHINESE_NAME.match(word))
        if CHINESE_NAME.match(words[0]):
            return words[0][0] + "**"
        return f"{words[0]} {words[1][0]}." if len(words) > 1 else words[0]

    def _groupbuy_is_served_first(self, company):
        """Hook for other addons: whether a resident's orders and complaints come first.

        :param res.company company: The company that serves.
        :rtype: bool
        """
        self.ensure_one()
        return False
