# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One resident's way through the shop, without a browser. Runs inside of Odoo.

The same methods that the shop's pages call, in the same order, each order in a
transaction of its own: cart, pickup point, payment by the demo provider, and what
Odoo does after a payment.
"""

import json


class JoinError(Exception):
    """A resident could not join; the message says why."""


class Shop:
    """The demo's website and what a checkout on it needs.

    :param env: Odoo's environment, as superuser.
    """

    def __init__(self, env):
        self.env = env
        self.website = env["website"].search([], order="id", limit=1)
        self.company = self.website.company_id
        self.currency = self.company.currency_id
        self.provider = env["payment.provider"].search(
            [
                ("code", "=", "demo"),
                ("state", "!=", "disabled"),
                ("company_id", "=", self.company.id),
            ],
            limit=1,
        )
        self.method = env["payment.method"].search([("code", "=", "demo")], limit=1)
        self.carrier = env["delivery.carrier"].search(
            [("delivery_type", "=", "groupbuy_pickup")], limit=1
        )
        for record, what in (
            (self.provider, "the demo payment provider is not switched on"),
            (self.method, "the demo payment method is not switched on"),
            (self.carrier, "there is no delivery method for pickup points"),
        ):
            if not record:
                raise JoinError(what)

    def join(
        self, partner, point, wanted, show_name=True, state="done", code="", team=""
    ):
        """Let a resident order, choose a pickup point, and pay.

        :param res.partner partner: the resident.
        :param groupbuy.pickup.point point: where the goods are collected.
        :param list wanted: pairs of campaign line and quantity.
        :param bool show_name: whether neighbours may see the resident's first name.
        :param str state: what the demo provider answers: done, cancel or error.
        :param str code: of a coupon, typed into the cart.
        :param str team: token of the team on whose page the goods were chosen.
        :return: the order, paid and waiting for its group.
        :rtype: sale.order
        :raises JoinError: with the shop's own words.
        """
        order = self.fill_cart(partner, wanted, team)
        order.groupbuy_show_name = show_name
        order._set_delivery_method(self.carrier)
        order._set_pickup_location(json.dumps({"id": point.id}))
        # The payment is another request: a team that was prepared is there by then.
        self.env.cr.commit()
        if code:
            self.apply_code(order, code)
        order._check_cart_is_ready_to_be_paid()
        self.pay(order, state)
        if state == "done" and order.groupbuy_state != "waiting":
            raise JoinError(f"{order.name} was paid and does not wait for its group")
        return order

    def fill_cart(self, partner, wanted, team=""):
        """Return a cart that holds what a resident wants."""
        options = {"groupbuy_team": team} if team else {}
        order = (
            self.env["sale.order"]
            .with_context(website_id=self.website.id, skip_cart_verification=True)
            .with_company(self.company)
            .create(
                {
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "team_id": self.website.salesteam_id.id,
                    "website_id": self.website.id,
                }
            )
        )
        for line, quantity in wanted:
            added = order._cart_add(
                line.product_id.id, quantity, groupbuy_line_id=line.id, **options
            )
            if added["warning"]:
                raise JoinError(added["warning"])
        # Once for all lines, as the page does after the last of them.
        order.with_context(skip_cart_verification=False)._verify_cart_after_update()
        return order.with_context(skip_cart_verification=False)

    @staticmethod
    def apply_code(order, code):
        """Type a coupon's code into a cart, as the cart's page does.

        :raises JoinError: with the shop's own words.
        """
        found = order._try_apply_code(code)
        if "error" in found:
            raise JoinError(found["error"])
        for coupon, rewards in found.items():
            answer = order._apply_program_reward(rewards[:1], coupon)
            if "error" in answer:
                raise JoinError(answer["error"])
        order._update_programs_and_rewards()

    def pay(self, order, state="done"):
        """Pay an order through the demo provider.

        :return: the payment, with what follows from it done.
        :rtype: payment.transaction
        """
        payments = self.env["payment.transaction"]
        payment = payments.create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "reference": payments._compute_reference(
                    self.provider.code, prefix=order.name
                ),
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_invoice_id.id,
                "operation": "online_direct",
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        payment._process(
            "demo",
            {
                "reference": payment.reference,
                "simulated_state": state,
                "payment_details": "1234",
            },
        )
        payment._post_process()
        return payment


def run_jobs(env, campaigns):
    """Run the scheduled jobs until nothing of the campaigns waits any more.

    :param groupbuy.campaign campaigns: the campaigns.
    :raises JoinError: when a job is stuck, with its error.
    """
    for _round in range(50):
        env["groupbuy.campaign"]._cron_open_and_close()
        env["groupbuy.job"]._cron_process_jobs()
        env.cr.commit()
        env.invalidate_all()
        # What the provider has done is registered by a job of its own.
        env["payment.transaction"]._cron_post_process()
        env.cr.commit()
        if not campaigns.job_ids.filtered(lambda job: job.state == "pending"):
            break
    stuck = campaigns.job_ids.filtered(
        lambda job: job.state not in ("done", "cancelled")
    )
    if stuck:
        raise JoinError(
            f"{len(stuck)} jobs are not done, the first is {stuck[0].display_name}: "
            f"{stuck[0].last_error or 'it waits'}"
        )


def transfer(pickings, size=200, on_slice=None):
    """Validate transfers with all that is on them, slice by slice.

    :param stock.picking pickings: transfers that can be done.
    :param int size: how many share a transaction.
    :param on_slice: called with the number of transfers that are done.
    :raises JoinError: when goods are missing.
    """
    for start in range(0, len(pickings), size):
        part = pickings[start : start + size]
        part.action_assign()
        missing = part.move_ids.filtered(
            lambda move: move.state not in ("assigned", "done", "cancel")
        )
        if missing:
            raise JoinError(
                f"{missing[0].picking_id.name}: {missing[0].product_id.display_name} "
                "is not there yet"
            )
        part.move_ids.picked = True
        done = part.with_context(
            skip_backorder=True, skip_sms=True, picking_ids_not_to_backorder=part.ids
        ).button_validate()
        if done is not True:
            raise JoinError(f"{part[0].name} asks a question: {done}")
        part.env.cr.commit()
        if on_slice:
            on_slice(start + len(part))
