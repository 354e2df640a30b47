# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from ..formatting import format_moment


class SaleOrder(models.Model):
    """What residents see of their group orders."""

    _inherit = "sale.order"

    @api.depends("groupbuy_campaign_id")
    def _compute_type_name(self):
        """Override of `sale` to call a group order an order before its close, too."""
        result = super()._compute_type_name()
        for order in self.filtered("groupbuy_campaign_id"):
            order.type_name = self.env._("Group Order")
        return result

    def _groupbuy_is_changeable(self):
        """Return whether the resident may still cancel or reduce the order.

        For what the page offers; whether it is really possible is checked, under
        lock, when it is asked for.
        """
        self.ensure_one()
        return (
            self.groupbuy_state == "waiting"
            and self.groupbuy_campaign_id._is_joinable()
        )

    def _groupbuy_get_status(self):
        """Return how the order stands, for its page and the list of orders.

        :return: label, style (a Bootstrap colour) and a sentence.
        :rtype: dict
        """
        self.ensure_one()
        campaign = self.groupbuy_campaign_id
        if self.groupbuy_state == "waiting":
            return {
                "label": self.env._("Waiting for the group"),
                "style": "warning",
                "text": self.env._(
                    "Paid and waiting for the group. The campaign closes on %s.",
                    campaign._format_local(campaign.close_at),
                ),
            }
        if self.groupbuy_state == "confirmed":
            step = next(
                (
                    step
                    for step in reversed(self._groupbuy_get_timeline())
                    if step["is_done"]
                ),
                None,
            )
            return {
                "label": step["label"] if step else self.env._("Group succeeded"),
                "style": "success",
                "text": self.env._(
                    "Your group succeeded. You pay the lowest price that was reached."
                ),
            }
        if self.groupbuy_state == "failed":
            return {
                "label": self.env._("Refunded"),
                "style": "secondary",
                "text": self._groupbuy_get_failure_text(),
            }
        return {
            "label": self.env._("Cancelled"),
            "style": "secondary",
            "text": self.env._("The order was cancelled. Your money goes back to you."),
        }

    def _groupbuy_get_failure_text(self):
        """Return why the order failed, as a sentence."""
        self.ensure_one()
        texts = {
            "late": self.env._(
                "Your payment arrived after the close. It goes back to you."
            ),
            "sold_out": self.env._(
                "It was sold out before your payment arrived. Your money goes back to"
                " you."
            ),
            "coupon": self.env._(
                "The coupon had been used for another order before your payment"
                " arrived. Your money goes back to you."
            ),
            "amount": self.env._(
                "The amount paid was not the amount of the order. It goes back to you."
            ),
            "dropped": self.env._(
                "What you ordered did not reach its minimum. Your money goes back to"
                " you."
            ),
        }
        return texts.get(
            self.groupbuy_failure,
            self.env._("Not enough neighbours joined. Your money goes back to you."),
        )

    def _groupbuy_get_timeline(self):
        """Return the steps of the order from the payment to the pickup.

        :return: Dicts with label, text, is_done, is_current; empty for an order that
            is refunded or cancelled.
        :rtype: list[dict]
        """
        self.ensure_one()
        if self.groupbuy_state not in ("waiting", "confirmed"):
            return []
        campaign = self.groupbuy_campaign_id
        is_confirmed = self.groupbuy_state == "confirmed"
        arrived, collected = self._groupbuy_get_delivery_progress()
        is_for_point = bool(self.groupbuy_point_id)
        steps = [
            (
                self.env._("Paid"),
                campaign._format_local(self.groupbuy_joined_at),
                True,
            ),
            (
                self.env._("Group succeeded"),
                campaign._format_local(campaign.closed_at or campaign.close_at),
                is_confirmed,
            ),
            (
                self.env._("Being bought"),
                "",
                is_confirmed and (campaign.is_supply_launched or arrived or collected),
            ),
            (
                self.env._("Ready at the pickup point")
                if is_for_point
                else self.env._("On the way to you"),
                self.env._("from %s", campaign._format_local(campaign.pickup_from))
                if is_for_point
                else "",
                arrived or collected,
            ),
            (
                self.env._("Collected") if is_for_point else self.env._("Delivered"),
                "",
                collected,
            ),
        ]
        timeline = [
            {"label": label, "text": text, "is_done": bool(done), "is_current": False}
            for label, text, done in steps
        ]
        for step in timeline:
            if not step["is_done"]:
                step["is_current"] = True
                break
        return timeline

    def _groupbuy_get_delivery_progress(self):
        """Return whether the goods are at the point, and whether they are collected.

        Reserved moves of a resident's transfer mean that the goods have been brought
        to the point's own location.

        :rtype: tuple[bool, bool]
        """
        self.ensure_one()
        moves = self.order_line.sudo().move_ids.filtered(
            lambda move: (
                move.state != "cancel" and move.location_dest_id.usage == "customer"
            )
        )
        collected = bool(moves) and all(move.state == "done" for move in moves)
        arrived = bool(moves) and all(
            move.state in ("done", "assigned") for move in moves
        )
        return arrived, collected

    def _groupbuy_get_price_rows(self):
        """Return, product by product, the price paid and the price reached.

        :return: Dicts with line, quantity, joined, reached and note (texts),
            given_back (text), is_lower, is_final and is_dropped.
        :rtype: list[dict]
        """
        self.ensure_one()
        lines = self.order_line.filtered("groupbuy_line_id")
        prices = (
            lines.groupbuy_line_id.sudo()._get_current_prices(self.groupbuy_group_id)
            if self.groupbuy_state == "waiting"
            else {}
        )
        rows = []
        for line in lines:
            joined = line.groupbuy_joined_price
            is_final = self.groupbuy_state == "confirmed"
            reached = (
                line.groupbuy_final_price
                if is_final
                else min(joined, prices.get(line.groupbuy_line_id.id, joined))
            )
            quantity = line.groupbuy_joined_quantity or line.product_uom_qty
            # Elevated: residents have no rights on the facts, and read their own.
            given_back = line.sudo().groupbuy_allowance_ids
            is_dropped = (
                is_final
                and not line.product_uom_qty
                and bool(quantity)
                and not given_back
            )
            currency = self.groupbuy_campaign_id.currency_id
            rows.append(
                {
                    "line": line,
                    "quantity": quantity,
                    "joined": currency.format(joined),
                    "reached": currency.format(reached),
                    "is_lower": currency.compare_amounts(reached, joined) < 0,
                    "note": self._groupbuy_get_price_note(
                        quantity * (joined if is_dropped else joined - reached),
                        is_final,
                    ),
                    "given_back": given_back._get_text(),
                    "is_final": is_final,
                    "is_dropped": is_dropped,
                }
            )
        return rows

    def _groupbuy_get_price_note(self, saved, is_final):
        """Return what comes back of the price of a line, as a sentence.

        :param float saved: What comes back, in the currency of the order.
        :param bool is_final: Whether the close has decided it.
        :return: A sentence; empty when nothing comes back.
        :rtype: str
        """
        self.ensure_one()
        currency = self.groupbuy_campaign_id.currency_id
        if currency.compare_amounts(saved, 0) <= 0:
            return ""
        if is_final:
            return self.env._("%s back", currency.format(saved))
        return self.env._("%s comes back if it stays so", currency.format(saved))

    def _groupbuy_get_change_text(self):
        """Return until when, and how, the resident may change the order.

        :rtype: str
        """
        self.ensure_one()
        # Elevated: residents have no rights on campaigns; only its time is shown.
        campaign = self.groupbuy_campaign_id.sudo()
        return self.env._(
            "Until %s you can take less or cancel. To order more, simply join once"
            " more.",
            campaign._format_local(campaign.close_at),
        )

    def _groupbuy_get_group_values(self):
        """Return how the order's group stands, for the order's page.

        :return: name, people_text, bars towards success and goal_text; the latter two
            only while the order waits.
        :rtype: dict
        """
        self.ensure_one()
        # Elevated: residents have no rights on either; only sums and names are shown.
        group = self.groupbuy_group_id.sudo()
        campaign = self.groupbuy_campaign_id.sudo()
        values = {"name": group.name, "people_text": "", "bars": [], "goal_text": ""}
        if self.groupbuy_state not in ("waiting", "confirmed"):
            return values
        tally = group._get_tallies().get(group.id, {})
        values["people_text"] = campaign._get_people_text(tally.get("people", 0))
        if self.groupbuy_state == "waiting":
            live = campaign._get_website_values()
            values["bars"] = live["bars"]
            values["goal_text"] = live["goal_text"]
            if campaign.success_scope == "group":
                values["bars"] = [
                    campaign._get_bar(measure, have, need)
                    for measure, (have, need) in campaign._get_progress(tally).items()
                    if need
                ]
        return values

    def _groupbuy_get_pickup_values(self):
        """Return where and when the order is collected.

        :return: name, address, note, window and other orders collected with it; an
            empty dict for home delivery.
        :rtype: dict
        """
        self.ensure_one()
        point = self.groupbuy_point_id.sudo()
        if not point:
            return {}
        campaign = self.groupbuy_campaign_id
        partner = point.partner_id
        others = self.search(
            [
                ("groupbuy_campaign_id", "=", campaign.id),
                ("partner_id", "=", self.partner_id.id),
                ("groupbuy_point_id", "=", point.id),
                ("groupbuy_state", "in", ("waiting", "confirmed")),
                ("id", "!=", self.id),
            ]
        )
        return {
            "name": point.name,
            "address": point._get_address_text(),
            "note": point.note,
            "phone": partner.phone,
            "window": campaign._format_pickup_window(),
            "others": others,
        }

    def _groupbuy_get_waiting_values(self):
        """Return what the confirmation page and the cart say about the campaign.

        :return: campaign, url, bars and texts.
        :rtype: dict
        """
        self.ensure_one()
        campaign = self.groupbuy_campaign_id.sudo()
        live = campaign._get_website_values()
        closes = campaign._format_local(campaign.close_at)
        return {
            "campaign": campaign,
            "url": campaign.website_url,
            "closes": closes,
            "bars": live["bars"],
            "people_text": live["people_text"],
            "goal_text": live["goal_text"],
            "is_joinable": live["joinable"],
            "waits_text": self.env._(
                "After the payment your order waits for the group until %s.", closes
            ),
            "pending_text": self.env._(
                "You join as soon as it has arrived, if that is before the close on"
                " %s.",
                closes,
            ),
        }

    def _groupbuy_get_held_until(self):
        """Return until when the cart holds its quantities, in the campaign's zone.

        :return: A sentence, empty when nothing is held with a limit.
        :rtype: str
        """
        self.ensure_one()
        holds = (
            self.env["groupbuy.hold"]
            .sudo()
            .search([("order_id", "=", self.id), ("state", "=", "held")])
        )
        moments = [hold.expires_at for hold in holds if hold.expires_at]
        if not moments or min(moments) <= fields.Datetime.now():
            return ""
        return self.env._(
            "Kept for you until %s.",
            format_moment(
                self.env, min(moments), self.groupbuy_campaign_id.tz, with_day=False
            ),
        )
