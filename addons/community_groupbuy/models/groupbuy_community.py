# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class GroupBuyCommunity(models.Model):
    """A residential community (小区) that campaigns are offered to."""

    _name = "groupbuy.community"
    _inherit = ["mail.thread", "image.mixin"]
    _description = "Community"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        default=lambda self: self.env.company,
        index=True,
        help="Empty for a community that all companies serve.",
    )
    website_id = fields.Many2one(
        comodel_name="website",
        ondelete="set null",
        help="The only website where residents can choose it; empty means all.",
    )
    description = fields.Text(translate=True)
    street = fields.Char()
    street2 = fields.Char()
    zip = fields.Char()
    city = fields.Char()
    state_id = fields.Many2one(
        comodel_name="res.country.state",
        ondelete="restrict",
        domain="[('country_id', '=?', country_id)]",
    )
    country_id = fields.Many2one(
        comodel_name="res.country",
        ondelete="restrict",
        default=lambda self: self.env.company.country_id,
    )
    zip_prefixes = fields.Char(
        string="Postal Codes",
        help="Beginnings of its residents' postal codes, separated by commas. Pickup"
        " points near a postal code are found by them.",
    )
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    pickup_point_ids = fields.Many2many(
        comodel_name="groupbuy.pickup.point",
        relation="groupbuy_community_pickup_point_rel",
        column1="community_id",
        column2="point_id",
        string="Pickup Points",
        check_company=True,
    )
    pickup_point_count = fields.Integer(compute="_compute_pickup_point_count")
    resident_ids = fields.One2many(
        comodel_name="res.partner", inverse_name="groupbuy_community_id"
    )
    resident_count = fields.Integer(
        string="Residents", compute="_compute_resident_count"
    )

    _latitude_range = models.Constraint(
        "CHECK (latitude BETWEEN -90 AND 90)",
        "A latitude lies between -90 and 90 degrees.",
    )
    _longitude_range = models.Constraint(
        "CHECK (longitude BETWEEN -180 AND 180)",
        "A longitude lies between -180 and 180 degrees.",
    )

    @api.depends("pickup_point_ids")
    def _compute_pickup_point_count(self):
        for community in self:
            community.pickup_point_count = len(community.pickup_point_ids)

    def _compute_resident_count(self):
        counts = dict(
            self.env["res.partner"]._read_group(
                [("groupbuy_community_id", "in", self.ids)],
                ["groupbuy_community_id"],
                ["__count"],
            )
        )
        for community in self:
            community.resident_count = counts.get(community, 0)

    def _get_zip_match(self, zip_code):
        """Return how many characters of a postal code this community's cover.

        :param str zip_code: A postal code as a resident typed it.
        :return: Length of the longest of its beginnings that fits; 0 for none.
        :rtype: int
        """
        self.ensure_one()
        prefixes = [self.zip or "", *(self.zip_prefixes or "").split(",")]
        return max(
            (
                len(prefix.strip())
                for prefix in prefixes
                if prefix.strip() and zip_code.startswith(prefix.strip())
            ),
            default=0,
        )

    def action_view_residents(self):
        """Open the contacts that belong to the community.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Residents"),
            "res_model": "res.partner",
            "view_mode": "list,kanban,form",
            "domain": [("groupbuy_community_id", "=", self.id)],
            "context": {"default_groupbuy_community_id": self.id},
        }

    def action_view_campaigns(self):
        """Open the campaigns that are offered to the community.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "community_groupbuy.groupbuy_campaign_action"
        )
        action["domain"] = [("community_ids", "in", self.ids)]
        action["context"] = {"default_community_ids": self.ids}
        return action
