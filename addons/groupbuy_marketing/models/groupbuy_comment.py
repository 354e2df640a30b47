# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

MAX_LENGTH = 500
# What one resident may have waiting for a moderator, for one campaign.
MAX_PENDING = 3
COMMENTS_PER_PAGE = 20


class GroupBuyComment(models.Model):
    """What a joiner writes below a campaign; shown when somebody has approved it.

    A model of its own and not Odoo's messages: nobody outside of the staff has any
    right on it, nothing is sent to followers, and nothing is shown unless its state
    says so.
    """

    _name = "groupbuy.comment"
    _description = "Campaign Comment"
    _order = "id desc"
    _rec_name = "body"

    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    body = fields.Text(string="Comment", required=True, readonly=True)
    show_name = fields.Boolean(
        string="With Name", readonly=True, help="The first name and initial are shown."
    )
    state = fields.Selection(
        selection=[
            ("pending", "To Approve"),
            ("approved", "Shown"),
            ("refused", "Not Shown"),
        ],
        required=True,
        default="pending",
        readonly=True,
        index=True,
    )
    reply = fields.Text(help="Shown below the comment, in the name of the shop.")
    moderated_by_id = fields.Many2one(
        comodel_name="res.users", string="Decided By", readonly=True
    )
    moderated_at = fields.Datetime(string="Decided At", readonly=True)

    _shown_idx = models.Index("(campaign_id, state, id DESC)")

    # === RESIDENTS === #

    @api.model
    def _may_comment(self, campaign, partner):
        """Return whether somebody has joined a campaign, and so may comment on it.

        :param groupbuy.campaign campaign: The campaign.
        :param res.partner partner: The visitor; nobody while anonymous.
        :rtype: bool
        """
        if not partner:
            return False
        # Elevated: of the resident's own orders.
        return bool(
            self.env["sale.order"]
            .sudo()
            .search_count(
                [
                    ("groupbuy_campaign_id", "=", campaign.id),
                    ("partner_id", "=", partner.id),
                    ("groupbuy_state", "in", ("waiting", "confirmed")),
                ],
                limit=1,
            )
        )

    @api.model
    def _write_comment(self, campaign, partner, body, show_name):
        """Keep what a joiner has written, until somebody approves it.

        Why it is safe: the text is kept and shown as plain text. The resident's row of
        standing is written before the comments are counted, so that of many requests at
        once each counts those before it: a form that is sent twice is one comment, and
        nobody exceeds the limit.

        :param groupbuy.campaign campaign: A campaign that the website shows.
        :param res.partner partner: Who writes.
        :param body: Anything that a browser sent.
        :param bool show_name: Whether first name and initial may be shown.
        :return: The comment, with elevated rights.
        :rtype: groupbuy.comment
        :raise UserError: Who has not joined, an empty or too long text, too many that
            wait; nothing is kept then.
        """
        body = body.replace("\x00", "").strip() if isinstance(body, str) else ""
        if not self._may_comment(campaign, partner):
            raise UserError(
                self.env._(
                    "Only neighbours who have joined this campaign can comment on it."
                    " Join it first, then tell the others."
                )
            )
        if not body:
            raise UserError(self.env._("Please write something first."))
        if len(body) > MAX_LENGTH:
            raise UserError(
                self.env._(
                    "A comment has at most %(limit)s characters; this one has"
                    " %(length)s. Please make it shorter.",
                    limit=MAX_LENGTH,
                    length=len(body),
                )
            )
        # Elevated: residents have no rights on comments; theirs are made here only.
        comments = self.sudo()
        comments._lock_author(campaign, partner)
        mine = comments.search(
            [
                ("campaign_id", "=", campaign.id),
                ("partner_id", "=", partner.id),
                ("state", "=", "pending"),
            ],
            limit=MAX_PENDING,
        )
        if body in mine.mapped("body"):
            # The same form again: it was sent twice, or went back.
            return mine.filtered(lambda comment: comment.body == body)[:1]
        if len(mine) >= MAX_PENDING:
            raise UserError(
                self.env._(
                    "Your last comments are still being read. Please wait until they"
                    " are shown before you write more."
                )
            )
        return comments.create(
            {
                "campaign_id": campaign.id,
                "partner_id": partner.id,
                "body": body,
                "show_name": show_name is True,
            }
        )

    def _lock_author(self, campaign, partner):
        """Let one request at a time write comments of a resident on a campaign.

        A row that is written, not only a lock: a request that waited works on an old
        snapshot, fails to serialise on it and is repeated by Odoo with a new one.
        """
        self.env["groupbuy.standing"]._touch(campaign.company_id, partner)

    @api.model
    def _get_shown(self, campaign, page=1):
        """Return what a page shows of the approved comments of a campaign.

        :param groupbuy.campaign campaign: The campaign.
        :param int page: From 1.
        :return: Dicts with name, initial, body, reply, date (text).
        :rtype: list[dict]
        """
        # Elevated: visitors see what is approved, and of its author a first name only.
        comments = self.sudo().search(
            self._get_shown_domain(campaign),
            limit=COMMENTS_PER_PAGE,
            offset=(max(page, 1) - 1) * COMMENTS_PER_PAGE,
        )
        shown = []
        for comment in comments:
            name = (
                comment.partner_id._groupbuy_public_name()
                if comment.show_name
                else self.env._("A neighbour")
            )
            shown.append(
                {
                    "name": name,
                    # Nobody's name begins with what "a neighbour" begins with.
                    "initial": name[:1] if comment.show_name else "",
                    "body": comment.body,
                    "reply": comment.reply or "",
                    "date": campaign._format_local(comment.create_date),
                }
            )
        return shown

    @api.model
    def _get_shown_domain(self, campaign):
        """Return the domain of the comments that everybody may read."""
        return Domain("campaign_id", "=", campaign.id) & Domain(
            "state", "=", "approved"
        )

    @api.model
    def _get_page_values(self, campaign, partner, page=1):
        """Return what the comments on a campaign's page need.

        :param groupbuy.campaign campaign: The campaign.
        :param res.partner partner: The visitor; nobody while anonymous.
        :param int page: Page of the comments, from 1.
        :return: comments, may_comment, pending (own texts that wait), limit, next_page.
        :rtype: dict
        """
        total = self.sudo().search_count(self._get_shown_domain(campaign))
        may_comment = self._may_comment(campaign, partner)
        pending = (
            self.sudo()
            .search(
                [
                    ("campaign_id", "=", campaign.id),
                    ("partner_id", "=", partner.id),
                    ("state", "=", "pending"),
                ]
            )
            .mapped("body")
            if may_comment
            else []
        )
        return {
            "comments": self._get_shown(campaign, page) if total else [],
            "total": total,
            "may_comment": may_comment,
            "pending": pending,
            "limit": MAX_LENGTH,
            "next_page": page + 1 if total > page * COMMENTS_PER_PAGE else False,
        }

    # === MODERATION === #

    def action_approve(self):
        """Show comments on the pages of their campaigns."""
        return self._decide("approved")

    def action_refuse(self):
        """Keep comments from being shown, also such as were."""
        return self._decide("refused")

    def _decide(self, state):
        """Decide about comments and note who did.

        :param str state: "approved" or "refused".
        :raise AccessError: Unless the user may write comments.
        """
        self.check_access("write")
        # Elevated for the fields that nobody types in; access was checked.
        self.sudo().filtered(lambda comment: comment.state != state).write(
            {
                "state": state,
                "moderated_by_id": self.env.uid,
                "moderated_at": fields.Datetime.now(),
            }
        )

    def write(self, vals):
        """Override to let staff write a reply, and nothing that residents have said.

        :raise UserError: For any other field, unless our own code writes it.
        """
        if not self.env.su and set(vals) - {"reply"}:
            raise UserError(
                self.env._(
                    "A comment stays as its author has written it. Write a reply, or"
                    " use the buttons Approve and Do Not Show."
                )
            )
        return super().write(vals)


class GroupBuyCampaign(models.Model):
    _inherit = "groupbuy.campaign"

    pending_comment_count = fields.Integer(
        string="Comments to Approve", compute="_compute_pending_comment_count"
    )

    def _compute_pending_comment_count(self):
        counts = dict(
            self.env["groupbuy.comment"]._read_group(
                [("campaign_id", "in", self.ids), ("state", "=", "pending")],
                ["campaign_id"],
                ["__count"],
            )
        )
        for campaign in self:
            campaign.pending_comment_count = counts.get(campaign._origin, 0)

    def action_groupbuy_comments(self):
        """Show the comments on the campaign.

        :return: An action.
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_marketing.groupbuy_comment_action"
        )
        return {
            **action,
            "domain": [("campaign_id", "=", self.id)],
            "context": {"search_default_pending": 1},
        }
