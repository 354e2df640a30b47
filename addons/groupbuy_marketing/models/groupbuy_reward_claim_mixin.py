# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class GroupBuyRewardClaimMixin(models.AbstractModel):
    """Somebody has earned a reward: a fact, and whether it was given.

    Rewards are given in slices by the scheduled job, under row locks. A reward that
    cannot be given stays with its reason and a button to try again; the others go on.
    """

    _name = "groupbuy.reward.claim.mixin"
    _description = "Claim to a Reward"
    # Kind of the points that are booked for it.
    _points_kind = "task"
    # The field that names what is given, and the mail that tells of it.
    _rule_field = None
    _mail_template = None

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    state = fields.Selection(
        selection=[
            ("pending", "Being prepared"),
            ("granted", "Given"),
            ("used_up", "Used up"),
            ("failed", "Stuck"),
        ],
        required=True,
        default="pending",
        readonly=True,
    )
    granted_at = fields.Datetime(string="Given At", readonly=True)
    last_error = fields.Char(readonly=True)
    coupon_id = fields.Many2one(
        comodel_name="loyalty.card",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    def _get_rule(self):
        """Return the record that says what is given.

        :rtype: groupbuy.reward.mixin
        """
        self.ensure_one()
        return self[self._rule_field]

    def _get_claim_key(self):
        """Return a text that names this claim and no other one.

        :rtype: str
        """
        self.ensure_one()
        return f"{self._points_kind}/{self.id}"

    def _grant_slice(self, limit):
        """Give the rewards of the oldest claims that wait.

        Why it is safe: the claims are locked, those that another process works on are
        skipped, and they are marked in the transaction that gives the rewards; the
        keys of points, rights and tickets name the claim. A failure undoes the rewards
        of one rule only, and then each of them is tried alone.

        :param int limit: Claims, at most.
        :return: How many were worked on.
        :rtype: int
        """
        self.flush_model()
        # Elevated: the scheduled job gives what was earned; nobody else calls this.
        claims = self.sudo().browse(
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT id FROM %s WHERE state = 'pending' ORDER BY id LIMIT %s"
                    " FOR NO KEY UPDATE SKIP LOCKED",
                    SQL.identifier(self._table),
                    limit,
                )
            )
        )
        claims.invalidate_recordset(["state"])
        for rule, some in claims.grouped(lambda claim: claim._get_rule()).items():
            some._grant(rule)
        return len(claims)

    def _grant(self, rule):
        """Give the rewards of one rule, together or, if that fails, one by one.

        :param groupbuy.reward.mixin rule: What is given.
        """
        try:
            with self.env.cr.savepoint():
                self._grant_together(rule)
            return
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Another transaction was faster: the next run sees what it has done.
            raise
        except Exception as error:
            if len(self) == 1:
                self._mark_failed(error)
                return
            _logger.info("Rewards of %s are given one by one: %s", rule, error)
        for claim in self:
            claim._grant(rule)

    def _grant_together(self, rule):
        count = self._take_scarce(rule)
        given = self[:count]
        if given:
            rule._give(given)
            given.write({"state": "granted", "granted_at": fields.Datetime.now()})
            given._on_granted()
        self[count:].write({"state": "used_up"})

    def _take_scarce(self, rule):
        """Take what is scarce for these claims; those that come too late get nothing.

        :return: How many rewards there are left.
        :rtype: int
        """
        return len(self)

    def _mark_failed(self, error):
        """Keep why a reward could not be given."""
        _logger.info("Reward %s could not be given: %s", self, error)
        self.invalidate_recordset(flush=False)
        self.write({"state": "failed", "last_error": str(error)[:500]})

    def _on_granted(self):
        """Tell the residents what they got, those who have an address.

        Mails are rendered in each resident's language, and queued.
        """
        template = self.env.ref(self._mail_template, raise_if_not_found=False)
        reachable = self.filtered("partner_id.email")
        if template and reachable:
            template.send_mail_batch(reachable.ids)

    def action_retry(self):
        """Try again to give rewards that got stuck.

        :raise AccessError: If the user may not manage rewards.
        """
        self.env["groupbuy.task"].check_access("write")
        self.check_access("read")
        stuck = self.sudo().filtered(lambda claim: claim.state == "failed")
        if not stuck:
            raise UserError(self.env._("None of these rewards is stuck."))
        stuck.write({"state": "pending", "last_error": False})
        self.env["groupbuy.task"]._trigger_work()
