# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyPrize(models.Model):
    """Something that can be won, and how much of it there is.

    Several draws may offer the same prize. What a draw promises is taken from the
    stock when the draw is published, so no draw promises what is not there.
    """

    _name = "groupbuy.prize"
    _inherit = ["groupbuy.reward.mixin"]
    _description = "Prize"
    _order = "id desc"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    image_512 = fields.Image(string="Picture", max_width=512, max_height=512)
    reward_type = fields.Selection(
        selection_add=[("goods", "Goods, handed over by staff")],
        ondelete={"goods": "set default"},
        default="goods",
    )
    stock = fields.Integer(
        required=True, default=1, help="How many there are, those given included."
    )
    counter_ids = fields.One2many(
        comodel_name="groupbuy.reward.counter",
        inverse_name="prize_id",
        groups="base.group_system",
    )
    taken = fields.Integer(
        compute="_compute_taken", help="Won, or promised by open draws."
    )
    left = fields.Integer(compute="_compute_taken")
    award_ids = fields.One2many(
        comodel_name="groupbuy.lottery.award", inverse_name="prize_id"
    )

    # What can be won; fixed once a draw promises it.
    _promised_fields = frozenset(
        ("reward_type", "coupon_program_id", "coupon_days", "points_program_id",
         "points", "offer_line_id", "offer_price", "offer_quantity", "company_id",
         "budget_id", "unit_value")
    )  # fmt: skip

    _stock_positive = models.Constraint(
        "CHECK (stock >= 0)", "The stock of a prize cannot be negative."
    )

    @api.depends("stock", "counter_ids.taken")
    def _compute_taken(self):
        for prize in self:
            # Elevated: the counter is nobody's to read but through this.
            prize.taken = int(sum(prize.sudo().counter_ids.mapped("taken")))
            prize.left = prize.stock - prize.taken

    def _get_reward_text(self):
        """Override: goods are called by their name."""
        if self.reward_type == "goods":
            # Elevated: residents have no rights on prizes; what can be won is public.
            return self.sudo().name
        return super()._get_reward_text()

    def _give_goods(self, claims):
        """Nothing to make: staff hand the goods over and note it on the award."""

    @api.model_create_multi
    def create(self, vals_list):
        prizes = super().create(vals_list)
        # Elevated: counters are nobody's to write.
        self.env["groupbuy.reward.counter"].sudo().create(
            [{"prize_id": prize.id, "cap": prize.stock} for prize in prizes]
        )
        return prizes

    def write(self, vals):
        """Move the limit of the counter with the stock, and keep what was promised.

        The CHECK of the counter refuses a stock below what is won or promised.

        :raise UserError: If the prize of a published draw would become another one.
        """
        if self._promised_fields & vals.keys() and self.env[
            "groupbuy.lottery.line"
        ].sudo().search_count(
            [
                ("prize_id", "in", self.ids),
                ("lottery_id.state", "in", ("open", "drawing", "drawn")),
            ],
            limit=1,
        ):
            raise UserError(
                self.env._(
                    "A draw that was published promises this prize as it is. Make"
                    " another prize instead."
                )
            )
        result = super().write(vals)
        if "stock" in vals:
            # Elevated as above; the write on the prize itself was checked.
            self.sudo().counter_ids.write({"cap": vals["stock"]})
        return result
