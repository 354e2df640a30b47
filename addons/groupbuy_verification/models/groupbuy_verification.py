# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Handing goods out to residents (核销): the facts, and what every page calls.

Who calls has checked who the user is, and that the user manages the point or is staff.
What the user sent is looked up and checked here.
"""

import hashlib
import json
import logging
import re
from datetime import UTC, datetime, timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL, float_compare

from .. import code_text, keys, token

_logger = logging.getLogger(__name__)

PRECISION = 6
MAX_REASON = 500
MAX_BATCH = 500
_KEY_FORMAT = re.compile(r"[A-Za-z0-9_-]{8,64}")
# The transfer was reached by showing a code, so the code is checked again.
CODE_METHODS = ("scan", "code")
# Goods that are with the resident already: neither opening hours nor the expiry of a
# code can keep them back.
AFTER_THE_FACT = ("offline", "carrier", "receipt", "automatic", "manual")


class GroupBuyVerification(models.Model):
    """What was handed out to a resident, by whom, where, when and how.

    Rows are written once. What was undone, or turned out to be handed out twice, is
    another row.
    """

    _name = "groupbuy.verification"
    _description = "Verification"
    _order = "id desc"
    _rec_name = "picking_id"

    kind = fields.Selection(
        selection=[
            ("pickup", "Handed out"),
            ("undo", "Undone"),
            ("conflict", "Conflict"),
            ("receipt", "Receipt confirmed"),
        ],
        required=True,
        readonly=True,
    )
    method = fields.Selection(
        selection=[
            ("scan", "Code scanned"),
            ("code", "Code typed"),
            ("list", "List of the day"),
            ("name", "Name or telephone"),
            ("batch", "Several at once"),
            ("self", "Self check-in"),
            ("carrier", "Carrier"),
            ("receipt", "Confirmed by the resident"),
            ("automatic", "Automatic"),
            ("offline", "Offline"),
            ("manual", "Stock app"),
        ],
        string="How",
        required=True,
        readonly=True,
    )
    picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Transfer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Where",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Resident", readonly=True, index=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="By", required=True, readonly=True
    )
    at = fields.Datetime(
        string="When",
        required=True,
        readonly=True,
        help="When the goods changed hands; offline, by the clock of the scanner.",
    )
    reason = fields.Char(readonly=True)
    device = fields.Char(readonly=True, help="The scanner of an offline verification.")
    device_time = fields.Datetime(readonly=True)
    code_version = fields.Integer(readonly=True)
    undoes_id = fields.Many2one(
        comodel_name="groupbuy.verification",
        string="Takes Back",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    undone_by_ids = fields.One2many(
        comodel_name="groupbuy.verification",
        inverse_name="undoes_id",
        string="Taken Back By",
    )
    return_picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Return",
        readonly=True,
        index="btree_not_null",
    )
    refusal = fields.Char(
        readonly=True, help="Why an offline verification could not be carried out."
    )
    line_ids = fields.One2many(
        comodel_name="groupbuy.verification.line", inverse_name="verification_id"
    )
    request_key = fields.Char(required=True, readonly=True, copy=False)
    batch_key = fields.Char(readonly=True, copy=False)
    body_digest = fields.Char(readonly=True, copy=False)
    answer = fields.Json(readonly=True, copy=False)

    _request_key_uniq = models.UniqueIndex(
        "(request_key)", "This request was carried out already."
    )
    _undoes_uniq = models.UniqueIndex(
        "(undoes_id) WHERE undoes_id IS NOT NULL", "This was taken back already."
    )
    _point_idx = models.Index("(point_id, at)")
    _receipt_uniq = models.UniqueIndex("(picking_id) WHERE kind = 'receipt'")

    def write(self, vals):
        if vals:
            raise UserError(self.env._("What was verified cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_verified(self):
        raise UserError(self.env._("What was verified cannot be deleted."))

    @api.depends("kind", "method", "picking_id.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for row in self:
            row.display_name = f"{row.picking_id.name or ''} {kinds.get(row.kind, '')}"

    # === KEY FOR BROWSERS === #

    @api.model
    def _get_public_jwk(self, env=None):
        """Return the key with which a browser checks tokens without a network.

        :rtype: dict
        """
        return keys.get_keys(self.env.cr.dbname).get_public_jwk()

    # === FINDING === #

    @api.model
    def _find(self, point, text):
        """Find the transfer that a code opens; nothing is handed out yet.

        :param groupbuy.pickup.point point: Where the code is shown.
        :param text: A typed code or the token of a QR picture: anything.
        :return: `{"status": "found", …}` as :meth:`_describe` adds to it, or a
            refusal as :meth:`_refuse` returns it.
        :rtype: dict
        """
        self = self.sudo().with_company(point.sudo().company_id)
        point = point.with_env(self.env)
        code, refusal = self._find_code(point, text)
        if refusal:
            return refusal
        picking = code.picking_id
        refusal = self._get_refusal(point, picking, code=code)
        if refusal:
            return refusal
        return {"status": "found", **self._describe(picking, code)}

    @api.model
    def _find_code(self, point, text):
        """Look up a code and count a wrong one.

        :return: The code (any state) and no refusal, or no code and a refusal.
        :rtype: tuple[groupbuy.pickup.code, dict | None]
        """
        codes = self.env["groupbuy.pickup.code"].sudo()
        secret = keys.get_keys(self.env.cr.dbname)
        payload, digest = None, None
        if token.looks_like_token(text):
            payload = token.verify(secret.private.public_key(), text)
            if payload and payload["d"] != codes._get_database_name():
                payload = None
        elif typed := code_text.parse(text):
            digest = codes._get_digest(secret, typed)
        codes.flush_model()

        if payload:
            where = SQL(
                "token_picking_id = %s AND version = %s",
                payload["t"] % 2**31,
                payload["v"] % 2**31,
            )
        elif digest:
            where = SQL("digest = %s", digest)
        else:
            where = SQL("FALSE")
        found, paused_until = (
            self.env["groupbuy.scan.attempt"]
            .sudo()
            ._try(
                point,
                SQL(
                    "SELECT id FROM groupbuy_pickup_code WHERE %s"
                    " ORDER BY (state = 'open') DESC, id DESC LIMIT 1",
                    where,
                ),
            )
        )
        if found:
            return codes.browse(found), None
        if paused_until:
            return codes, self._refuse("too_many_tries", point, until=paused_until)
        return codes, self._refuse("unknown", point)

    @api.model
    def _describe(self, picking, code=None):
        """Return what a scanner shows of a transfer before it is handed out.

        :param stock.picking picking: A transfer that can be collected.
        :rtype: dict
        """
        blocked = picking._groupbuy_get_blocked_quantities()
        code = code or self._get_code(picking)
        return {
            "picking_id": picking.id,
            "picking": picking.name,
            "resident": picking.partner_id.name,
            "campaign": picking.groupbuy_campaign_id.name,
            "code_version": code.version,
            "lines": [
                {
                    "move_id": move.id,
                    "product": move.product_id.display_name,
                    "quantity": move.quantity,
                    "ordered": move.product_uom_qty,
                    "uom": move.product_uom.name,
                    "blocked": min(blocked.get(move.id, 0.0), move.quantity),
                }
                for move in self._get_open_moves(picking)
            ],
        }

    @api.model
    def _get_open_moves(self, picking):
        """Return the moves of transfers that are not handed out yet."""
        return picking.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )

    @api.model
    def _get_code(self, pickings):
        """Return the current codes of transfers: open ones, else collected ones."""
        return pickings.groupbuy_code_ids.filtered(
            lambda code: code.state in ("open", "used")
        )

    # === REFUSALS === #

    @api.model
    def _refuse(self, refusal, point, /, **details):
        """Return a refusal with words that say what to do next.

        :param str refusal: One of `const.REFUSALS`.
        :param details: What the words need; times are naive UTC.
        :rtype: dict
        """
        words = {
            name: point._format_local(value) if isinstance(value, datetime) else value
            for name, value in details.items()
        }
        template = self._get_refusal_messages()[refusal]
        return {
            "status": "refused",
            "refusal": refusal,
            "message": template(words),
            "details": {
                name: to_iso(value) if isinstance(value, datetime) else value
                for name, value in details.items()
            },
        }

    @api.model
    def _get_refusal_messages(self):
        """Return, for each refusal, a function from its details to plain words.

        :rtype: dict
        """
        return {
            "unknown": lambda d: self.env._(
                "There is no such code. Compare it character by character, or look the"
                " resident up by name."
            ),
            "wrong_point": lambda d: self.env._(
                "These goods are to be collected at %s. Please send the resident"
                " there.",
                d.get("point") or self.env._("another pickup point"),
            ),
            "not_arrived": lambda d: self.env._(
                "The goods have not arrived at the point yet. The resident gets a"
                " message as soon as they have."
            ),
            "already_collected": lambda d: (
                self.env._(
                    "Collected already: handed out by %(by)s at %(point)s, %(at)s. If"
                    " the resident disagrees, call the shop.",
                    by=d["by"],
                    point=d["point"],
                    at=d["at"],
                )
                if d.get("by")
                else self.env._(
                    "Collected already. If the resident disagrees, call the shop."
                )
            ),
            "replaced": lambda d: self.env._(
                "This code was replaced by a newer one. Ask the resident to open the"
                " order's page, which shows the code that counts."
            ),
            "expired": lambda d: self.env._(
                "The last moment to collect was %s. Ask the shop to extend the stay, or"
                " send the resident to the shop.",
                d["until"],
            ),
            "case_open": lambda d: self.env._(
                "An after-sales request about these goods is open. Hand them out after"
                " it is settled."
            ),
            "not_successful": lambda d: self.env._(
                "There is nothing to collect: the order was cancelled or its group did"
                " not succeed. The resident finds the details on the order's page."
            ),
            "too_many_tries": lambda d: self.env._(
                "Too many wrong codes: scanning is paused here until %s. Use the list"
                " of the day, or call the shop.",
                d["until"],
            ),
            "outside_hours": lambda d: self.env._(
                "The point is closed now. To hand the goods out nevertheless, give a"
                " reason."
            ),
            "too_much": lambda d: (
                self.env._(
                    "Only %(left)g of %(product)s can be handed out. Correct the"
                    " quantity.",
                    left=d["left"],
                    product=d["product"],
                )
                if d.get("product")
                else self.env._("This is more than there is. Correct the quantity.")
            ),
            "bad_request": lambda d: self.env._(
                "This request cannot be understood. Load the page again and repeat it."
            ),
            "undo_too_late": lambda d: self.env._(
                "This could be undone until %s. Open an after-sales case instead.",
                d["until"],
            ),
            "undo_not_allowed": lambda d: self.env._(
                "Only who handed the goods out, or a manager of the shop, can undo it."
            ),
            "undo_done": lambda d: self.env._(
                "This was undone already. Load the list of the day again."
            ),
        }

    @api.model
    def _get_refusal(self, point, picking, code=None, now=None, after_the_fact=False):
        """Return why a transfer cannot be handed out, apart from opening hours.

        :param groupbuy.pickup.point point: Where it is asked for.
        :param stock.picking picking: A resident's transfer.
        :param groupbuy.pickup.code code: The code that was shown, if any.
        :param datetime now: When it is, or was, handed out.
        :return: A refusal or None.
        :rtype: dict | None
        """
        if picking.groupbuy_point_id != point:
            return self._refuse(
                "wrong_point", point, point=picking.groupbuy_point_id.name
            )
        if code and code.state == "replaced":
            return self._refuse("replaced", point)
        campaign = picking.groupbuy_campaign_id
        if picking.state == "cancel" or campaign.state in (
            "draft",
            "scheduled",
            "open",
            "closing",
            "failed",
            "cancelled",
        ):
            return self._refuse("not_successful", point)
        if picking.state == "done":
            return self._refuse(
                "already_collected", point, **self._get_collection(picking)
            )
        if picking.state != "assigned":
            return self._refuse("not_arrived", point)
        code = code or self._get_code(picking)
        until = code.expires_at or campaign._get_last_pickup()
        if not after_the_fact and (now or fields.Datetime.now()) > until:
            return self._refuse("expired", point, until=until)
        return None

    @api.model
    def _get_collection(self, picking):
        """Return who handed a transfer out, when and where.

        :return: by, at (naive UTC) and point.
        :rtype: dict
        """
        row = self.sudo().search(
            [("picking_id", "=", picking.id), ("kind", "=", "pickup")], limit=1
        )
        return {
            "by": row.user_id.name or "",
            "at": row.at or picking.date_done,
            "point": (row.point_id or picking.groupbuy_point_id).name,
        }

    # === VERIFYING === #

    @api.model
    def _verify(
        self,
        point,
        picking,
        *,
        method,
        request_key,
        quantities=None,
        code=None,
        reason=None,
        device_time=None,
        device=None,
    ):
        """Hand a transfer out, whole or in part, once.

        Why it is safe: the rows of the transfer, its code and its orders are locked,
        in this order, before anything is looked at. Whoever waited for them and then
        finds that they were written learns what has happened from a transaction that
        sees it, and answers "already collected" instead of failing. A request key is
        unique, so a repeated request is answered from the log.

        Refusals change nothing and are not remembered: the same key may be used again
        when what was in the way is gone.

        :param groupbuy.pickup.point point: Where.
        :param stock.picking picking: A resident's transfer.
        :param str method: How, selection value of the field.
        :param str request_key: Made by the client, 8 to 64 letters, digits, - and _.
        :param dict quantities: Stock move id → quantity in the unit of the move; None
            hands out all that has arrived.
        :param str code: The code or token that was shown; checked once more.
        :param str reason: Why it is handed out outside of the opening hours.
        :param device_time: When it was handed out offline: datetime (naive UTC) or
            text in ISO 8601.
        :param str device: Name of an offline scanner.
        :return: As the contract of the pages says: status "verified" or "refused".
        :rtype: dict
        """
        self = self.sudo().with_company(point.sudo().company_id)
        point, picking = point.with_env(self.env), picking.with_env(self.env)
        request = Request.parse(
            self, picking, method, request_key, quantities, reason, device_time, device
        )
        if not request:
            return self._refuse("bad_request", point)
        is_open = picking.state not in ("done", "cancel")
        if not is_open or method == "offline":
            # What is open was not handed out by this request; another one with its
            # key is found together with the lock.
            answer = self._get_stored_answer(request, point)
            if answer:
                return answer
        shown = None
        if code is not None:
            shown, refusal = self._find_code(point, code)
            if refusal and method != "offline":
                return refusal
            if refusal:
                # The goods are gone, whatever the scanner has read.
                shown = None
            elif picking not in (shown.picking_id | shown.token_picking_id):
                return self._refuse("bad_request", point)
        current = picking
        if method == "offline" and picking.state == "done" and request.quantities:
            # A part was handed out meanwhile; the rest waits in another transfer.
            current = picking._groupbuy_get_rest() or picking
        codes, is_known = self._lock_for(request, current)
        if codes is None:
            return self._answer_after_conflict(point, picking, request)
        if is_known:
            return self._get_stored_answer(request, point)
        return self._verify_locked(point, picking, current, request, shown, codes)

    @api.model
    def _verify_locked(self, point, picking, current, request, shown, codes):
        """Hand a locked transfer out, or say why not.

        :param groupbuy.pickup.code shown: The code that was shown, if any.
        :param groupbuy.pickup.code codes: The code of the transfer, locked.
        """
        is_offline = request.method == "offline"
        after_the_fact = request.method in AFTER_THE_FACT
        refusal = self._get_refusal(
            point,
            current,
            shown or codes,
            now=request.at,
            after_the_fact=after_the_fact,
        )
        if (
            not refusal
            and not after_the_fact
            and not request.reason
            and not point._is_open_at(request.at)
        ):
            refusal = self._refuse("outside_hours", point)
        plan = {}
        if not refusal:
            plan, refusal = self._plan(point, picking, current, request.quantities)
        if refusal:
            if is_offline and (
                refusal["refusal"] not in ("wrong_point", "bad_request")
                or (shown and refusal["refusal"] != "bad_request")
            ):
                return self._record_conflict(point, picking, request, refusal)
            return refusal
        return self._hand_out(point, current, plan, request, codes)

    @api.model
    def _lock(self, pickings, codes=()):
        """Lock transfers, their codes and orders, always in this order.

        :param groupbuy.pickup.code codes: Further codes to lock.
        :return: As :meth:`_lock_for`, without a request.
        :rtype: groupbuy.pickup.code | None
        """
        return self._lock_for(None, pickings, codes)[0]

    @api.model
    def _lock_for(self, request, pickings, codes=()):
        """Lock what a request is about, and look whether it was carried out before.

        One statement: each part needs the number of rows of the one before it, so
        that those are locked first.

        :param Request request: What is asked for, if anything.
        :param stock.picking pickings: The transfers.
        :param groupbuy.pickup.code codes: Further codes to lock.
        :return: The current codes of the transfers and the further ones, or None when
            something was changed by a transaction that this one does not see; and
            whether the request's key was used before.
        :rtype: tuple[groupbuy.pickup.code | None, bool]
        """
        cr = self.env.cr
        statement = SQL(
            """
            WITH transfers AS MATERIALIZED (
                SELECT id FROM stock_picking
                 WHERE id = ANY(%(pickings)s)
                 ORDER BY id FOR NO KEY UPDATE
            ), codes AS MATERIALIZED (
                SELECT id FROM groupbuy_pickup_code
                 WHERE ((picking_id = ANY(%(pickings)s) AND state IN ('open', 'used'))
                        OR id = ANY(%(codes)s))
                   AND (SELECT COUNT(*) FROM transfers) >= 0
                 ORDER BY id FOR NO KEY UPDATE
            ), orders AS MATERIALIZED (
                SELECT id FROM sale_order
                 WHERE id IN (
                    SELECT l.order_id FROM stock_move m
                      JOIN sale_order_line l ON l.id = m.sale_line_id
                     WHERE m.picking_id = ANY(%(pickings)s))
                   AND (SELECT COUNT(*) FROM codes) >= 0
                 ORDER BY id FOR NO KEY UPDATE
            )
            SELECT ARRAY(SELECT id FROM codes), (SELECT COUNT(*) FROM orders),
                   EXISTS (
                       SELECT FROM groupbuy_verification WHERE request_key = %(key)s)
            """,
            pickings=pickings.ids,
            codes=list(codes and codes.ids),
            key=request and request.key,
        )
        self.env.flush_all()
        try:
            with cr.savepoint(flush=False):
                cr.execute(statement, log_exceptions=False)
                ids, _orders, is_known = cr.fetchone()
        except SerializationFailure:
            return None, False
        return self.env["groupbuy.pickup.code"].browse(ids), is_known

    @api.model
    def _answer_after_conflict(self, point, picking, request):
        """Answer when somebody else has just changed the transfer.

        What the others committed is read in a transaction of its own.

        :raise ConcurrencyError: If it can still be handed out: Odoo repeats the
            request, which then sees everything.
        """
        if request.method == "offline":
            raise ConcurrencyError(f"Transfer {picking.id} has just been changed")
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            env = self.env(cr=cr)
            answer = env[self._name]._get_stored_answer(request, point.with_env(env))
            fresh = picking.with_env(env)
            if not answer and fresh.state == "done":
                answer = env[self._name]._refuse(
                    "already_collected",
                    point.with_env(env),
                    **env[self._name]._get_collection(fresh),
                )
        if not answer:
            raise ConcurrencyError(f"Transfer {picking.id} has just been changed")
        return answer

    @api.model
    def _get_stored_answer(self, request, point):
        """Return what was answered to a request before, or None.

        :rtype: dict | None
        """
        row = self.search([("request_key", "=", request.key)], limit=1)
        if not row:
            return None
        if row.body_digest != request.digest:
            return self._refuse("bad_request", point)
        return row._get_answer()

    def _get_answer(self):
        """Return the stored answer, with the number of its row."""
        self.ensure_one()
        answer = dict(self.answer or {})
        answer.pop("batch", None)
        if answer.get("status") in ("verified", "undone"):
            answer["verification_id"] = self.id
        return answer

    @api.model
    def _plan(self, point, picking, current, quantities):
        """Decide how much of each move is handed out.

        :param dict quantities: Stock move id → quantity; None: all that can be.
        :return: Move → quantity, above zero, and a refusal.
        :rtype: tuple[dict, dict | None]
        """
        blocked = current._groupbuy_get_blocked_quantities()
        moves = self._get_open_moves(current)
        left = {
            move: max(move.quantity - blocked.get(move.id, 0.0), 0.0) for move in moves
        }
        if quantities is None:
            plan = {
                move: quantity
                for move, quantity in left.items()
                if float_compare(quantity, 0, precision_digits=PRECISION) > 0
            }
            if not plan:
                name = "case_open" if blocked else "not_arrived"
                return {}, self._refuse(name, point)
            return plan, None
        plan = {}
        # Moves beyond the orders have no order line.
        by_line = {(move.sale_line_id, move.product_id): move for move in moves}
        for move_id, quantity in quantities.items():
            move = moves.browse(move_id)
            if move not in moves:
                # The rest of a move is another move, for the same order line.
                known = move.exists()
                move = by_line.get((known.sale_line_id, known.product_id))
                if not move or known.picking_id not in (picking | current):
                    return {}, self._refuse("too_much", point)
            if float_compare(quantity, left[move], precision_digits=PRECISION) > 0:
                if (
                    float_compare(quantity, move.quantity, precision_digits=PRECISION)
                    <= 0
                ):
                    return {}, self._refuse("case_open", point)
                return {}, self._refuse(
                    "too_much",
                    point,
                    product=move.product_id.display_name,
                    left=left[move],
                )
            plan[move] = quantity
        return plan, None

    @api.model
    def _hand_out(self, point, picking, plan, request, codes):
        """Validate the real transfer and write the fact.

        :param groupbuy.pickup.code codes: The code of the transfer, locked.
        """
        self._validate(plan)
        if picking.state != "done":
            raise UserError(
                self.env._("%s could not be validated in the stock app.", picking.name)
            )
        code = self._after_validation(picking, codes)
        rest = code.picking_id if code.state == "open" else picking.browse()
        answer = self._prepare_answer(point, picking, plan, rest, request)
        row = self.create(
            {
                **self._prepare(picking, request),
                "kind": "pickup",
                "point_id": point.id,
                "code_version": code.version,
                "answer": answer,
                "line_ids": self._prepare_lines(plan),
            }
        )
        return row._get_answer()

    @api.model
    def _prepare_answer(self, point, picking, plan, rest, request):
        """Return what is answered about a transfer that was handed out.

        :param dict plan: Move → quantity.
        :param stock.picking rest: The transfer of what remains, if any.
        :rtype: dict
        """
        minutes = point.company_id.groupbuy_undo_minutes
        return {
            "status": "verified",
            "picking_id": picking.id,
            "resident": picking.partner_id.name,
            "lines": [
                {
                    "move_id": move.id,
                    "product": move.product_id.display_name,
                    "quantity": quantity,
                    "uom": move.product_uom.name,
                }
                for move, quantity in plan.items()
            ],
            "remaining": [
                {
                    "move_id": move.id,
                    "product": move.product_id.display_name,
                    "quantity": move.product_uom_qty,
                    "arrived": move.quantity,
                    "uom": move.product_uom.name,
                }
                for move in self._get_open_moves(rest)
            ],
            "remaining_picking_id": rest[:1].id or None,
            "at": to_iso(request.at),
            "by": self.env.user.name,
            "undo_until": to_iso(request.now + timedelta(minutes=minutes)),
        }

    @api.model
    def _validate(self, plan):
        """Validate transfers with the planned quantities, what is left in backorders.

        :param dict plan: Move → quantity; the moves of any number of transfers.
        """
        moves = self.env["stock.move"].union(*plan)
        pickings = moves.picking_id
        others = self._get_open_moves(pickings) - moves
        for move, quantity in plan.items():
            if float_compare(move.quantity, quantity, precision_digits=PRECISION):
                move.quantity = quantity
        moves.picked = True
        if others.filtered("picked"):
            others.picked = False
        pickings.with_context(
            # `stock_sms` would ask, in a wizard, whether to send text messages, and
            # would wait for its provider while the resident waits for the goods.
            skip_sms=True,
            skip_backorder=True,
            picking_ids_not_to_backorder=[],
            groupbuy_verifying=True,
            tracking_disable=True,
            mail_notrack=True,
        ).button_validate()

    @api.model
    def _after_validation(self, pickings, codes=None):
        """Let the codes follow what remains; return them.

        :param stock.picking pickings: Transfers that are done.
        :param groupbuy.pickup.code codes: Their codes, where they are known.
        :rtype: groupbuy.pickup.code
        """
        codes = self._get_code(pickings) if codes is None else codes
        if without := pickings - codes.picking_id:
            self.env["groupbuy.pickup.code"]._issue(without)
            codes |= self._get_code(without)
        whole = codes.browse()
        for code in codes:
            rest = code.picking_id.backorder_ids.filtered(
                lambda backorder: backorder.state not in ("done", "cancel")
            )[:1]
            if not rest:
                whole |= code
                continue
            if rest.state != "assigned":
                rest.action_assign()
            code._follow(rest)
        for count, same in whole.grouped("event_count").items():
            same.write({"state": "used", "event_count": count + 1})
        return codes

    @api.model
    def _prepare(self, picking, request):
        """Return the values that every row of a request has."""
        return {
            "method": request.method,
            "picking_id": picking.id,
            "campaign_id": picking.groupbuy_campaign_id.id,
            "partner_id": picking.partner_id.id,
            "company_id": picking.company_id.id,
            "user_id": self.env.uid,
            "at": request.at,
            "reason": request.reason,
            "device": request.device,
            "device_time": request.device_time,
            "request_key": request.key,
            "body_digest": request.digest,
        }

    @api.model
    def _prepare_lines(self, plan, sign=1):
        """Return the commands that write the lines of a plan.

        :param dict plan: Move → quantity.
        :param int sign: 1: handed out; -1: taken back; 0: only claimed.
        """
        return [
            fields.Command.create(
                {
                    "move_id": move.id,
                    "product_id": move.product_id.id,
                    "quantity": sign * quantity,
                    "claimed_quantity": quantity,
                    "product_uom_id": move.product_uom.id,
                }
            )
            for move, quantity in plan.items()
        ]

    @api.model
    def _record_manual(self, pickings):
        """Log transfers to residents that were validated in the stock app.

        :param stock.picking pickings: Transfers that are done.
        """
        now = fields.Datetime.now()
        self._after_validation(pickings)
        self.create(
            [
                {
                    "kind": "pickup",
                    "method": "manual",
                    "picking_id": picking.id,
                    "point_id": picking.groupbuy_point_id.id,
                    "campaign_id": picking.groupbuy_campaign_id.id,
                    "partner_id": picking.partner_id.id,
                    "company_id": picking.company_id.id,
                    "user_id": self.env.uid,
                    "at": now,
                    "request_key": f"manual-{picking.id}",
                    "line_ids": self._prepare_lines(
                        {
                            move: move.quantity
                            for move in picking.move_ids
                            if move.state == "done"
                        }
                    ),
                }
                for picking in pickings
            ]
        )

    # === SEVERAL AT ONCE === #

    @api.model
    def _verify_batch(self, point, pickings, *, method, request_key, reason=None):
        """Hand out several transfers, each whole, in one validation.

        Those that are refused are reported and left; the others are handed out.
        Safe for the reasons given in :meth:`_verify`; a transfer that somebody else
        has just changed makes Odoo repeat the request.

        :param stock.picking pickings: Residents' transfers, 500 at most.
        :return: status "verified" (or "refused" when nothing was handed out),
            `results`: for each transfer what :meth:`_verify` would answer, with its
            `picking_id`, and the numbers `verified` and `refused`.
        :rtype: dict
        """
        self = self.sudo().with_company(point.sudo().company_id)
        point, pickings = point.with_env(self.env), pickings.with_env(self.env)
        request = Request.parse(self, pickings, method, request_key, None, reason)
        if not request or not pickings or len(pickings) > MAX_BATCH:
            return self._refuse("bad_request", point)
        stored = self._get_stored_batch(request, point)
        if stored:
            return stored
        codes = self._lock(pickings)
        if codes is None:
            raise ConcurrencyError("One of the transfers has just been changed")
        results, plans = self._plan_batch(point, pickings, request)
        if plans:
            self._validate(
                {move: qty for plan in plans.values() for move, qty in plan.items()}
            )
            rows = self._record_batch(point, plans, results, request, codes)
            results.update({row.picking_id.id: row._get_answer() for row in rows})
        return self._prepare_batch_answer(pickings.ids, results)

    @api.model
    def _prepare_batch_answer(self, picking_ids, results):
        """Return the answer to a batch.

        :param list picking_ids: In the order of the request.
        :param dict results: Transfer id → answer or refusal.
        :rtype: dict
        """
        verified = [
            picking_id
            for picking_id in picking_ids
            if results[picking_id]["status"] == "verified"
        ]
        answer = {
            "status": "verified" if verified else "refused",
            "verified": len(verified),
            "refused": len(picking_ids) - len(verified),
            "results": [
                {"picking_id": picking_id, **results[picking_id]}
                for picking_id in picking_ids
            ],
        }
        if not verified:
            answer.update(
                {
                    name: results[picking_ids[0]][name]
                    for name in ("refusal", "message", "details")
                }
            )
        return answer

    @api.model
    def _plan_batch(self, point, pickings, request):
        """Decide for each transfer of a batch; return refusals and plans."""
        results, plans = {}, {}
        closed = not request.reason and not point._is_open_at(request.at)
        for picking in pickings:
            refusal = self._get_refusal(point, picking, now=request.at)
            if not refusal and closed:
                refusal = self._refuse("outside_hours", point)
            plan = {}
            if not refusal:
                plan, refusal = self._plan(point, picking, picking, None)
            if refusal:
                results[picking.id] = refusal
            else:
                plans[picking] = plan
        return results, plans

    @api.model
    def _record_batch(self, point, plans, results, request, codes):
        """Write the facts of a batch that was validated.

        :param dict results: Transfer id → refusal.
        :param groupbuy.pickup.code codes: The codes of all transfers, locked.
        """
        pickings = self.env["stock.picking"].union(*plans)
        codes = self._after_validation(
            pickings, codes.filtered(lambda code: code.picking_id in pickings)
        )
        versions = {
            picking.id: code.version
            for code in codes
            for picking in (code.token_picking_id | code.picking_id)
        }
        vals_list = []
        for picking, plan in plans.items():
            rest = picking.backorder_ids.filtered(
                lambda backorder: backorder.state not in ("done", "cancel")
            )
            answer = self._prepare_answer(point, picking, plan, rest, request)
            if not vals_list:
                # So that a repeated request reads who was refused, too.
                answer["batch"] = results
            vals_list.append(
                {
                    **self._prepare(picking, request),
                    "kind": "pickup",
                    "point_id": point.id,
                    "code_version": versions.get(picking.id, 0),
                    "answer": answer,
                    "line_ids": self._prepare_lines(plan),
                    "request_key": f"{request.key}/{picking.id}",
                    "batch_key": request.key,
                }
            )
        return self.create(vals_list)

    @api.model
    def _get_stored_batch(self, request, point):
        """Return what was answered to a batch before, or None."""
        rows = self.search([("batch_key", "=", request.key)], order="id")
        if not rows:
            if self.search_count([("request_key", "=", request.key)], limit=1):
                return self._refuse("bad_request", point)
            return None
        if rows[0].body_digest != request.digest:
            return self._refuse("bad_request", point)
        results = {
            int(picking_id): refusal
            for picking_id, refusal in (rows[0].answer.get("batch") or {}).items()
        }
        results.update({row.picking_id.id: row._get_answer() for row in rows})
        return self._prepare_batch_answer(request.picking_ids, results)


def to_iso(moment):
    """Return a naive UTC moment as text that every browser understands."""
    return moment.replace(microsecond=0, tzinfo=UTC).isoformat() if moment else None


class Request:
    """What a client asks for, after every part of it was checked."""

    @classmethod
    def parse(
        cls,
        model,
        pickings,
        method,
        key,
        quantities,
        reason=None,
        device_time=None,
        device=None,
        undoes=None,
    ):
        """Return the request, or None when a part of it is not what it should be.

        :param stock.picking pickings: The transfers it is about.
        :param groupbuy.verification undoes: What it takes back, if anything.
        :rtype: Request | None
        """
        self = cls()
        methods = dict(model._fields["method"]._description_selection(model.env))
        if not isinstance(key, str) or not _KEY_FORMAT.fullmatch(key):
            return None
        if method not in methods or not pickings:
            return None
        if reason is not None and not isinstance(reason, str):
            return None
        self.key = key
        self.method = method
        self.picking_ids = pickings.ids
        self.reason = (reason or "").strip()[:MAX_REASON] or None
        self.device = device[:64] if isinstance(device, str) else None
        self.quantities = None
        if quantities is not None and not self._read_quantities(quantities):
            return None
        self.now = fields.Datetime.now()
        self.device_time = self._read_time(device_time) if device_time else None
        if device_time and not self.device_time:
            return None
        # A clock that is fast cannot be right: what has happened is not in the future.
        self.at = min(self.device_time or self.now, self.now)
        if method != "offline":
            self.at = self.now
        body = {
            "pickings": sorted(pickings.ids),
            "method": method,
            "quantities": sorted((self.quantities or {}).items()),
            "whole": quantities is None,
            "reason": self.reason,
            "device_time": str(self.device_time),
            "device": self.device,
            "user": model.env.uid,
            "undoes": undoes and undoes.id,
        }
        self.digest = hashlib.sha256(
            json.dumps(body, sort_keys=True).encode()
        ).hexdigest()
        return self

    def _read_quantities(self, quantities):
        """Read quantities; return whether they are what they should be."""
        if not isinstance(quantities, dict) or not 0 < len(quantities) <= MAX_BATCH:
            return False
        self.quantities = {}
        for move_id, quantity in quantities.items():
            number = isinstance(quantity, int | float)
            if type(move_id) is not int or not 0 < move_id < 2**31:
                return False
            if isinstance(quantity, bool) or not number or not 0 < quantity < 1e6:
                return False
            self.quantities[move_id] = float(quantity)
        return True

    @staticmethod
    def _read_time(value):
        """Return a moment as naive UTC, or None when it is none."""
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return None
        if not isinstance(value, datetime):
            return None
        if value.tzinfo:
            value = value.astimezone(UTC).replace(tzinfo=None)
        return value.replace(microsecond=0)
