# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class GroupBuyCouponIssue(models.Model):
    """That a resident was given a coupon, and for what: a fact, written once.

    The key says what it was given for and to whom, so that no repetition, crash or
    second process gives it twice.
    """

    _name = "groupbuy.coupon.issue"
    _description = "Issued Coupon"
    _order = "id desc"
    _rec_name = "program_id"

    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        selection=[("success", "The group succeeded"), ("staff", "Given by staff")],
        required=True,
        readonly=True,
    )
    program_id = fields.Many2one(
        comodel_name="loyalty.program",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    merchant_id = fields.Many2one(related="program_id.groupbuy_merchant_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    card_id = fields.Many2one(
        comodel_name="loyalty.card",
        string="Coupon",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        # A code is money: who only reads the list does not need it.
        groups="community_groupbuy.group_groupbuy_manager",
    )
    is_withdrawn = fields.Boolean(
        string="Withdrawn", compute="_compute_is_withdrawn", compute_sudo=True
    )

    _key_uniq = models.UniqueIndex("(key)", "This coupon has been given already.")

    @api.depends("card_id.active")
    def _compute_is_withdrawn(self):
        for issue in self:
            issue.is_withdrawn = bool(issue.card_id) and not issue.card_id.active

    def write(self, vals):
        if vals:
            raise UserError(self.env._("What was issued cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        raise UserError(self.env._("What was issued cannot be deleted."))

    @api.model
    def _issue(self, program, partners, kind, prefix, company, campaign=None, days=0):
        """Give residents a coupon each, unless they have got it already.

        A constant number of statements for any number of residents, besides the
        creation of the cards.

        Why it is safe: the facts are inserted first, under their unique keys, and
        only who is new gets a card, in the same transaction. A second process that
        does the same waits for the first and then fails to serialise or finds the
        keys.

        :param loyalty.program program: Of coupons.
        :param res.partner partners: Residents, any number.
        :param str kind: Selection value of `kind`.
        :param str prefix: What it is given for; the key is this and the resident.
        :param res.company company: Whose campaign or staff gives it.
        :param groupbuy.campaign campaign: The campaign, if there is one.
        :param int days: How long it can be used; 0: without an end.
        :return: The new coupons.
        :rtype: loyalty.card
        """
        cards = self.env["loyalty.card"].sudo()
        if not partners:
            return cards
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_coupon_issue
                       (key, kind, program_id, partner_id, campaign_id, company_id,
                        create_uid, create_date, write_uid, write_date)
                SELECT %(prefix)s || '/' || partner, %(kind)s, %(program)s, partner,
                       %(campaign)s::int, %(company)s,
                       %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(partners)s) AS partner ORDER BY partner
                ON CONFLICT (key) DO NOTHING
                RETURNING id, partner_id
                """,
                prefix=prefix,
                kind=kind,
                program=program.id,
                campaign=campaign.id if campaign else None,
                company=company.id,
                uid=self.env.uid,
                partners=partners.ids,
            )
        )
        if not rows:
            return cards
        points = max([1.0, *program.sudo().reward_ids.mapped("required_points")])
        expiration = (
            fields.Date.add(fields.Date.context_today(program), days=days)
            if days
            else program.sudo().date_to
        )
        # Elevated: neither jobs nor the staff who give coupons own the shop's cards.
        cards = cards.with_context(
            loyalty_no_mail=True, tracking_disable=True, mail_create_nolog=True
        ).create(
            [
                {
                    "program_id": program.id,
                    "partner_id": partner_id,
                    "points": points,
                    "expiration_date": expiration,
                }
                for _issue_id, partner_id in rows
            ]
        )
        self.env["loyalty.history"].sudo().create(
            [
                {
                    "card_id": card.id,
                    "description": self.env._("Issued"),
                    "issued": points,
                    "used": 0.0,
                }
                for card in cards
            ]
        )
        cards.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE groupbuy_coupon_issue i SET card_id = r.card
                  FROM unnest(%s::int[], %s::int[]) AS r(id, card)
                 WHERE i.id = r.id
                """,
                [issue_id for issue_id, _partner in rows],
                cards.ids,
            )
        )
        self.invalidate_model()
        return cards.with_context(loyalty_no_mail=False)
