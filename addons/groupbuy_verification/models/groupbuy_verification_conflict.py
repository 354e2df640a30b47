# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class GroupBuyVerification(models.Model):
    """What was handed out without a network, and turns out to be a second time."""

    _inherit = "groupbuy.verification"

    @api.model
    def _record_conflict(self, point, picking, request, refusal):
        """Keep an offline event that cannot be carried out, and open a case.

        Who was first by the clock keeps the verification, whichever scanner sent its
        event first. No event is lost: each is a row.

        :param dict refusal: Why it cannot be carried out.
        :return: What is answered to the scanner.
        :rtype: dict
        """
        rival = self.browse()
        if refusal["refusal"] == "already_collected":
            rival = self.search(
                [("picking_id", "=", picking.id), ("kind", "=", "pickup")], limit=1
            ).filtered(lambda row: not row.undone_by_ids)
        if rival and request.at < rival.at:
            return self._overtake(point, picking, request, rival)
        answer = dict(refusal, conflict=True)
        row = self.create(
            {
                **self._prepare(picking, request),
                "kind": "conflict",
                "point_id": point.id,
                "refusal": refusal["refusal"],
                "answer": answer,
                "line_ids": self._prepare_lines(
                    self._get_claim(picking, request.quantities), sign=0
                ),
            }
        )
        row._open_conflict_case(rival)
        return answer

    @api.model
    def _overtake(self, point, picking, request, rival):
        """Let an earlier event take the place of one that came in before it.

        The stock has left once and stays so: a row takes the later event's quantities
        away, and a row of the earlier one adds them.

        :param groupbuy.verification rival: The later event.
        :rtype: dict
        """
        plan = {line.move_id: line.quantity for line in rival.line_ids}
        late = self.create(
            {
                "kind": "conflict",
                "method": rival.method,
                "picking_id": picking.id,
                "point_id": rival.point_id.id,
                "campaign_id": rival.campaign_id.id,
                "partner_id": rival.partner_id.id,
                "company_id": rival.company_id.id,
                "user_id": rival.user_id.id,
                "at": rival.at,
                "device": rival.device,
                "device_time": rival.device_time,
                "undoes_id": rival.id,
                "refusal": "already_collected",
                "request_key": f"conflict-{rival.id}",
                "line_ids": self._prepare_lines(plan, sign=-1),
            }
        )
        rest = picking._groupbuy_get_rest()
        answer = self._prepare_answer(point, picking, plan, rest, request)
        row = self.create(
            {
                **self._prepare(picking, request),
                "kind": "pickup",
                "point_id": point.id,
                "code_version": rival.code_version,
                "answer": answer,
                "line_ids": self._prepare_lines(plan),
            }
        )
        late._open_conflict_case(row)
        return row._get_answer()

    @api.model
    def _get_claim(self, picking, quantities):
        """Return what a scanner says it handed out.

        :return: Move → quantity; only moves of this transfer and its rest.
        :rtype: dict
        """
        moves = (picking | picking.backorder_ids).move_ids
        if quantities is None:
            return {
                move: move.quantity or move.product_uom_qty for move in picking.move_ids
            }
        return {
            moves.browse(move_id): quantity
            for move_id, quantity in quantities.items()
            if moves.browse(move_id) in moves
        }

    def _open_conflict_case(self, winner):
        """Open a case about this event.

        :param groupbuy.verification winner: The event that counts, if any.
        """
        self.ensure_one()
        if winner:
            description = self.env._(
                "Handed out twice: by %(first)s at %(first_time)s, and by %(second)s at"
                " %(second_time)s.",
                first=winner.user_id.name,
                first_time=self.point_id._format_local(winner.at),
                second=self.user_id.name,
                second_time=self.point_id._format_local(self.at),
            )
        else:
            description = self.env._(
                "Handed out without a network by %(user)s at %(time)s, but: %(why)s",
                user=self.user_id.name,
                time=self.point_id._format_local(self.at),
                why=(self.answer or {}).get("message", ""),
            )
        self._open_case(
            "conflict",
            description=description,
            reference=f"conflict/{self.request_key}",
            responsible="leader",
        )

    def _open_case(self, type_code, **values):
        """Open a case about this verification.

        :param str type_code: Code of the case's type.
        """
        self.ensure_one()
        self.env["groupbuy.case"].sudo()._open(
            type_code,
            point=self.point_id,
            campaign=self.campaign_id,
            picking=self.picking_id,
            lines=[
                {
                    "order_line": line.move_id.sale_line_id,
                    "product": line.product_id,
                    "quantity": line.claimed_quantity,
                }
                for line in self.line_ids
            ],
            **values,
        )
