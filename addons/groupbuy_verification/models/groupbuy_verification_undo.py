# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Command
from odoo.tools import float_compare

from odoo.addons.community_groupbuy.const import PRIVILEGE

from .groupbuy_verification import PRECISION, Request, to_iso


class GroupBuyVerification(models.Model):
    """Taking back what was handed out by mistake."""

    _inherit = "groupbuy.verification"

    @api.model
    def _undo(self, verification, *, reason, request_key):
        """Take back a verification: the goods lie at the point again.

        A real return brings the stock back and lowers what was delivered; a new
        transfer that the same code opens waits for the resident, or what remains of
        the first one grows by what came back. The row that was undone stays; another
        one takes its quantities away.

        Why it is safe: the same rows are locked in the same order as for a
        verification, and every verification and undo writes the code's row; a row can
        be undone once, by a unique index.

        :param groupbuy.verification verification: A row that handed something out.
        :param str reason: Why.
        :param str request_key: Made by the client.
        :return: status "undone" with `picking_id` of the open transfer, or a refusal.
        :rtype: dict
        """
        self = self.sudo().with_company(verification.sudo().company_id)
        row = verification.with_env(self.env)
        picking, point = row.picking_id, row.point_id
        request = Request.parse(
            self, picking, row.method, request_key, None, reason, undoes=row
        )
        if not request or not request.reason or row.kind != "pickup" or not point:
            return self._refuse("bad_request", point)
        answer = self._get_stored_answer(request, point)
        if answer:
            return answer
        rest = picking._groupbuy_get_rest()
        code = picking._groupbuy_get_code()
        if self._lock(picking | rest, code) is None:
            raise ConcurrencyError(f"Transfer {picking.id} has just been changed")
        refusal = row._get_undo_refusal(request.now)
        if refusal:
            return refusal
        plan = {line.move_id: line.quantity for line in row.line_ids}
        back = self._bring_back(picking, plan)
        opened = self._wait_again(picking, rest, plan, code)
        self._reopen_campaign(picking.groupbuy_campaign_id)
        undone = self.create(
            {
                **self._prepare(picking, request),
                "kind": "undo",
                "point_id": point.id,
                "undoes_id": row.id,
                "return_picking_id": back.id,
                "line_ids": self._prepare_lines(plan, sign=-1),
                "answer": {
                    "status": "undone",
                    "picking_id": opened.id,
                    "resident": picking.partner_id.name,
                    "at": to_iso(request.at),
                    "by": self.env.user.name,
                },
            }
        )
        return undone._get_answer()

    def _get_undo_until(self):
        """Return until when a verification can be undone.

        :rtype: datetime
        """
        self.ensure_one()
        return self.create_date + timedelta(
            minutes=self.company_id.groupbuy_undo_minutes
        )

    def _get_undo_refusal(self, now):
        """Return why a verification cannot be undone, or None.

        :param datetime now: Naive UTC.
        :rtype: dict | None
        """
        self.ensure_one()
        point = self.point_id
        if self.undone_by_ids:
            return self._refuse("undo_done", point)
        if self.user_id != self.env.user and not self.env.user.has_group(
            "community_groupbuy.group_groupbuy_manager"
        ):
            return self._refuse("undo_not_allowed", point)
        until = self._get_undo_until()
        if now > until:
            return self._refuse("undo_too_late", point, until=until)
        for line in self.line_ids:
            # A case may have brought some of it back already.
            returned = sum(
                line.move_id.returned_move_ids.filtered(
                    lambda move: move.state == "done"
                ).mapped("quantity")
            )
            left = line.move_id.quantity - returned
            if float_compare(line.quantity, left, precision_digits=PRECISION) > 0:
                return self._refuse("too_much", point)
        return None

    @api.model
    def _bring_back(self, picking, plan):
        """Return goods from the resident to the point in the stock app.

        :param stock.picking picking: The transfer that handed them out.
        :param dict plan: Move → quantity.
        :return: The return, done.
        :rtype: stock.picking
        """
        wizard = (
            self.env["stock.return.picking"]
            .with_context(
                groupbuy_return_to=picking.location_id.id, tracking_disable=True
            )
            .create({"picking_id": picking.id})
        )
        for line in wizard.product_return_moves:
            line.write({"quantity": plan.get(line.move_id, 0.0), "to_refund": True})
        back = wizard._create_return()
        # Neither counts for what is brought to the point or handed out any more.
        (back | picking).write({"groupbuy_role": "undone"})
        back.write(
            {
                "groupbuy_campaign_id": picking.groupbuy_campaign_id.id,
                "groupbuy_point_id": picking.groupbuy_point_id.id,
            }
        )
        for move in back.move_ids:
            move.quantity = move.product_uom_qty
        back.move_ids.picked = True
        back.with_context(
            skip_backorder=True, skip_sms=True, tracking_disable=True
        ).button_validate()
        return back

    @api.model
    def _wait_again(self, picking, rest, plan, code):
        """Make a transfer of what came back, which the same code opens.

        :param stock.picking picking: The transfer that was undone.
        :param stock.picking rest: The open transfer of what remained of it, if any.
        :param dict plan: Move → quantity.
        :param groupbuy.pickup.code code: The code of both.
        :rtype: stock.picking
        """
        opened = rest or picking.copy(
            {
                "name": "/",
                "move_ids": [],
                "move_line_ids": [],
                "backorder_id": picking.id,
                "groupbuy_campaign_id": picking.groupbuy_campaign_id.id,
                "groupbuy_point_id": picking.groupbuy_point_id.id,
                "groupbuy_role": "to_resident",
                "user_id": False,
            }
        )
        moves = self.env["stock.move"]
        by_line = {
            (move.sale_line_id, move.product_id): move
            for move in self._get_open_moves(opened)
        }
        vals_list = []
        for move, quantity in plan.items():
            waiting = by_line.get((move.sale_line_id, move.product_id))
            if waiting and waiting.product_uom == move.product_uom:
                waiting.product_uom_qty += quantity
                moves |= waiting
                continue
            vals_list += move.copy_data(
                {
                    "picking_id": opened.id,
                    "product_uom_qty": quantity,
                    "state": "draft",
                    "sale_line_id": move.sale_line_id.id,
                    "origin_returned_move_id": False,
                    "move_orig_ids": [Command.clear()],
                    "move_dest_ids": [Command.clear()],
                    "procure_method": "make_to_stock",
                }
            )
        created = self.env["stock.move"].create(vals_list)
        created._action_confirm(merge=False)
        (moves | created)._action_assign()
        if code:
            code._follow(opened)
        else:
            self.env["groupbuy.pickup.code"]._issue(opened)
        return opened

    @api.model
    def _reopen_campaign(self, campaign):
        """Let a campaign that was done wait for its last resident again."""
        if campaign.state == "done":
            campaign.with_context(groupbuy_system_write=PRIVILEGE).write(
                {"state": "delivering"}
            )

    def action_undo(self):
        """Ask for the reason of an undo.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo"),
            "res_model": "groupbuy.verification.undo",
            "view_mode": "form",
            "target": "new",
            "context": {"default_verification_id": self.id},
        }
