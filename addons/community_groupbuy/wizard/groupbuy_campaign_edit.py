# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..line_file import format_tiers, parse_tiers
from ..utils import selection_of

CAMPAIGN_FIELDS = (
    "close_at",
    "pickup_from",
    "pickup_until",
    "community_ids",
    "pickup_point_ids",
    "carrier_ids",
    "min_people",
    "min_quantity",
    "min_amount",
    "shortfall_policy",
    "extend_hours",
    "extend_max",
)
# Above this the lines to change are picked one by one instead of all being listed.
MAX_LISTED_LINES = 200
LINE_FIELDS = (
    "start_price",
    "cap",
    "limit_per_resident",
    "min_per_order",
    "min_quantity",
)


class GroupBuyCampaignEdit(models.TransientModel):
    """Change of a running campaign, with the reason that its chatter keeps.

    What may not be made worse is decided by the models, not here: this dialog only
    carries the reason, and only what the user has changed.
    """

    _name = "groupbuy.campaign.edit"
    _description = "Edit of a Running Campaign"

    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="campaign_id.company_id")
    currency_id = fields.Many2one(related="campaign_id.currency_id")
    tz = fields.Selection(related="campaign_id.tz")
    reason = fields.Char(
        required=True, help="Kept in the history of the campaign, for everybody to see."
    )
    close_at = fields.Datetime(
        string="Closes", compute="_compute_values", store=True, readonly=False
    )
    pickup_from = fields.Datetime(compute="_compute_values", store=True, readonly=False)
    pickup_until = fields.Datetime(
        compute="_compute_values", store=True, readonly=False
    )
    community_ids = fields.Many2many(
        comodel_name="groupbuy.community",
        string="Communities",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    pickup_point_ids = fields.Many2many(
        comodel_name="groupbuy.pickup.point",
        string="Pickup Points",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    carrier_ids = fields.Many2many(
        comodel_name="delivery.carrier",
        string="Home Delivery",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    min_people = fields.Integer(
        string="Minimum People", compute="_compute_values", store=True, readonly=False
    )
    min_quantity = fields.Float(
        string="Minimum Quantity",
        digits="Product Unit",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    min_amount = fields.Monetary(
        string="Minimum Amount", compute="_compute_values", store=True, readonly=False
    )
    shortfall_policy = fields.Selection(
        selection=selection_of("groupbuy.campaign", "shortfall_policy"),
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    extend_hours = fields.Float(compute="_compute_values", store=True, readonly=False)
    extend_max = fields.Integer(
        string="Extensions at Most",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    line_ids = fields.One2many(
        comodel_name="groupbuy.campaign.edit.line",
        inverse_name="edit_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.depends("campaign_id")
    def _compute_values(self):
        """Start with what the campaign says now."""
        for edit in self:
            for name in CAMPAIGN_FIELDS:
                edit[name] = edit.campaign_id[name]

    @api.depends("campaign_id")
    def _compute_line_ids(self):
        """Start with all lines as they are now, unless they are too many to list."""
        for edit in self:
            lines = edit.campaign_id.line_ids
            if len(lines) > MAX_LISTED_LINES:
                lines = lines.browse()
            edit.line_ids = [Command.clear()] + [
                Command.create({"line_id": line.id}) for line in lines
            ]

    def action_apply(self):
        """Write what was changed, with the reason.

        :return: an action that closes the dialog
        :rtype: dict
        :raises UserError: when no reason is given, nothing was changed, a ladder
            cannot be read, or the change would break a promise
        """
        self.ensure_one()
        self.check_access("read")
        self.campaign_id.check_access("write")
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the campaign is changed."))
        campaign = self.campaign_id.with_context(groupbuy_edit_reason=reason)
        values = {}
        for name in CAMPAIGN_FIELDS:
            if self[name] != campaign[name]:
                field = campaign._fields[name]
                values[name] = field.convert_to_write(self[name], campaign)
        if "community_ids" in values:
            # The communities' own points would replace the chosen ones otherwise.
            values["pickup_point_ids"] = [Command.set(self.pickup_point_ids.ids)]
        line_values = [
            (edit.line_id.with_context(groupbuy_edit_reason=reason), changes)
            for edit in self.line_ids
            if (changes := edit._get_changes())
        ]
        if not values and not line_values:
            raise UserError(self.env._("Nothing was changed."))
        if values:
            campaign.write(values)
        for line, changes in line_values:
            line.write(changes)
        return {"type": "ir.actions.act_window_close"}


class GroupBuyCampaignEditLine(models.TransientModel):
    _name = "groupbuy.campaign.edit.line"
    _description = "Line of an Edit of a Running Campaign"

    edit_id = fields.Many2one(
        comodel_name="groupbuy.campaign.edit",
        required=True,
        index=True,
        ondelete="cascade",
    )
    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        string="Product",
        required=True,
        ondelete="cascade",
    )
    campaign_id = fields.Many2one(related="edit_id.campaign_id")
    currency_id = fields.Many2one(related="line_id.currency_id")
    start_price = fields.Monetary(compute="_compute_values", store=True, readonly=False)
    tier_text = fields.Char(
        string="Price Ladder", compute="_compute_values", store=True, readonly=False
    )
    cap = fields.Float(
        string="Limit",
        digits="Product Unit",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    limit_per_resident = fields.Float(
        string="Per Resident",
        digits="Product Unit",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    min_per_order = fields.Float(
        string="Minimum per Order",
        digits="Product Unit",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    min_quantity = fields.Float(
        string="Line Minimum",
        digits="Product Unit",
        compute="_compute_values",
        store=True,
        readonly=False,
    )

    @api.depends("line_id")
    def _compute_values(self):
        """Start with what the line says now."""
        for edit in self:
            line = edit.line_id
            edit.tier_text = format_tiers(line._get_tiers()) if line else False
            for name in LINE_FIELDS:
                edit[name] = line[name]

    def _get_changes(self):
        """Return what differs from the line of the campaign.

        :return: values for `groupbuy.campaign.line`
        :rtype: dict
        :raises UserError: when the line is of another campaign, or its ladder cannot
            be read
        """
        self.ensure_one()
        line = self.line_id
        if line.campaign_id != self.edit_id.campaign_id:
            raise UserError(self.env._("This line belongs to another campaign."))
        values = {name: self[name] for name in LINE_FIELDS if self[name] != line[name]}
        try:
            wanted = dict(parse_tiers(self.tier_text))
        except ValueError:
            raise UserError(
                self.env._(
                    "%(product)s: “%(text)s” is no price ladder. Write thresholds and"
                    " prices like 10: 9.5; 50: 8.9",
                    product=line.display_name,
                    text=self.tier_text,
                )
            ) from None
        commands = line._get_tier_commands(wanted)
        if commands:
            values["tier_ids"] = commands
        return values
