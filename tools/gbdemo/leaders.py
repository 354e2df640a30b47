# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The demo's leaders, from the form to the payment. Runs inside of Odoo's shell.

Two residents apply through the page of the website, with their papers; the staff check
and approve; all baskets are collected at their points. At the end the commissions are
settled, approved by somebody else, billed and paid.
"""

import base64
import io
import re
from datetime import timedelta

from .commission import get_kind
from .shop import JoinError

PEOPLE = (
    (
        "林秀英",
        "lin.xiuying@example.com",
        "138 0013 0001",
        "秀英小店",
        "花园路 18",
    ),
    (
        "赵国强",
        "zhao.guoqiang@example.com",
        "138 0013 0002",
        "国强快递站",
        "滨河路 6",
    ),
)
# The smallest PNG there is: the demo's papers show nothing.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9aw"
    "AAAABJRU5ErkJggg=="
)
CATEGORIES = ("product_category_fresh", "product_category_daily")


class Leaders:
    """The leaders of one run of the demo.

    :param env: Odoo's environment, as superuser.
    :param Shop shop: the demo's shop.
    """

    def __init__(self, env, shop):
        self.env = env
        self.shop = shop
        self.is_installed = "groupbuy.leader" in env
        self.settlements = None

    # ------------------------------------------------------------------ recruiting

    def recruit(self, points):
        """Recruit the leaders, and return the points where all baskets go.

        :param groupbuy.pickup.point points: those of the demo; used without leaders.
        :rtype: groupbuy.pickup.point
        """
        if not self.is_installed:
            return points
        self.reviewer = self.make_user("demo_leader_manager", "group_leader_manager")
        self.preparer = self.make_user("demo_settlement", "group_settlement_user")
        self.approver = self.make_user("demo_approver", "group_settlement_approver")
        self.env.cr.commit()
        for person in PEOPLE:
            self.apply(*person)
        # What the website's own transactions have written.
        self.env.cr.commit()
        self.env.invalidate_all()
        leaders = self.env["groupbuy.leader"]
        for _name, email, *_rest in PEOPLE:
            leaders |= self.approve(email)
        # No week passes in the demo: the goods are beyond complaint at once.
        plan = self.env.ref("groupbuy_leader.groupbuy_commission_plan_default")
        leaders.plan_id = plan.copy({"name": "Demo", "window_days": 0})
        self.leaders = leaders
        self.env.cr.commit()
        print(f"  {len(leaders)} leaders recruited", flush=True)
        return leaders.point_ids

    def make_user(self, login, group):
        """Return a member of the staff."""
        return (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": login.replace("_", " ").title(),
                    "login": login,
                    "email": f"{login}@example.com",
                    "group_ids": [(4, self.env.ref(f"groupbuy_leader.{group}").id)],
                }
            )
        )

    def apply(self, name, email, phone, shop_name, street):
        """Apply through the page of the website, as a browser does.

        :raises JoinError: with what the page says when it refuses.
        """
        from werkzeug.test import Client

        from odoo.http import root

        # A browser of the applicant's own: the form counts what comes from one.
        browser = Client(root)
        page = browser.get("/become-a-leader", follow_redirects=True)
        if page.status_code != 200:
            raise JoinError(f"the form for leaders answers {page.status_code}")
        text = page.get_data(as_text=True)
        form = {
            "csrf_token": self.find(text, r'name="csrf_token"[^>]*value="([^"]+)"'),
            "consent": self.find(text, r'name="consent"[^>]*value="(\d+)"', True),
            "community_id": self.find(
                text, r'name="community_id"[^>]*value="(\d+)"', True
            ),
            "kind": "leader",
            "name": name,
            "email": email,
            "phone": phone,
            "point_name": shop_name,
            "street": street,
            "city": "杭州市",
            "zip": "310000",
            "daily_capacity": "0",
        }
        for day in range(7):
            form |= {f"from_{day}": "08:00", f"to_{day}": "21:00"}
        expiry = str(self.env.cr.now().date() + timedelta(days=700))
        for number in set(re.findall(r'name="paper_file_(\d+)"', text)):
            form |= {
                f"paper_number_{number}": f"DEMO-{number}",
                f"paper_expiry_{number}": expiry,
                f"paper_file_{number}": (io.BytesIO(PICTURE), "paper.png"),
            }
        answer = browser.post(
            "/become-a-leader", data=form, content_type="multipart/form-data"
        )
        if answer.status_code not in (302, 303):
            said = re.findall(r"<li>\s*([^<]+)", answer.get_data(as_text=True))
            raise JoinError(f"the application of {name} was refused: {said[:5]}")

    @staticmethod
    def find(text, pattern, is_tag=False):
        """Return what a field of the form holds, in any order of its attributes."""
        if is_tag:
            name = re.match(r'name="(\w+)"', pattern)[1]
            for tag in re.findall(r"<input[^>]*>", text, re.DOTALL):
                value = re.search(r'value="(\d+)"', tag)
                if f'name="{name}"' in tag and value:
                    return value[1]
            raise JoinError(f"the form for leaders has no field {name}")
        found = re.search(pattern, text, re.DOTALL)
        if not found:
            raise JoinError("the form for leaders has no token")
        return found[1]

    def approve(self, email):
        """Check an application as the staff do, and approve it.

        :return: the new leader.
        :rtype: groupbuy.leader
        """
        application = self.env["groupbuy.leader.application"].search(
            [("email_normalized", "=", email)], limit=1
        )
        if not application:
            raise JoinError(f"the application of {email} did not arrive")
        if "training_channel_id" in application._fields:
            # The course is somebody else's demo: here the staff tick it off.
            application.company_id.groupbuy_training_channel_id = False
        mine = application.with_user(self.reviewer)
        mine.action_review()
        mine.check_ids.is_done = True
        mine.paper_ids.action_accept()
        mine.action_approve()
        return application.leader_id

    def sort_products(self, products):
        """Give each product the category that decides on its rate.

        :param dict products: item key → product.
        """
        if not self.is_installed:
            return
        for kind, name in enumerate(CATEGORIES):
            chosen = [p.id for key, p in products.items() if get_kind(key) == kind]
            self.env["product.product"].browse(
                chosen
            ).product_tmpl_id.categ_id = self.env.ref(f"groupbuy_leader.{name}")

    # ------------------------------------------------------------------ settling

    def settle(self, folder):
        """Settle, approve, bill and pay; write the statements as workbooks.

        :param Path folder: where the workbooks go.
        """
        if not self.is_installed:
            return
        from odoo.addons.groupbuy_leader.periods import to_day

        company = self.shop.company
        today = to_day(self.env.cr.now(), company.partner_id.tz or "UTC")
        run = (
            self.env["groupbuy.settlement.run"]
            .with_user(self.preparer)
            .create(
                {
                    "company_id": company.id,
                    "mode": "custom",
                    "date_from": today.replace(day=1) - timedelta(days=31),
                    "date_to": today,
                    "leader_ids": [(6, 0, self.leaders.ids)],
                }
            )
        )
        domain = run.action_settle()["domain"]
        settlements = self.env["groupbuy.settlement"].search(domain)
        mine = settlements.with_user(self.preparer)
        mine.action_submit()
        waiting = settlements.filtered(lambda s: s.state == "to_approve")
        waiting.with_user(self.approver).action_approve()
        mine.action_bill()
        bills = settlements.bill_id
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bills.ids
        ).create({})._create_payments()
        self.env.cr.commit()
        self.env.invalidate_all()
        unpaid = settlements.filtered(lambda s: s.state != "paid")
        if unpaid:
            raise JoinError(f"{unpaid[0].name} is {unpaid[0].state}, not paid")
        self.settlements = settlements
        folder.mkdir(parents=True, exist_ok=True)
        # Those of an earlier run have other numbers.
        for old in folder.glob("*.xlsx"):
            old.unlink()
        statements = self.env["groupbuy.statement"]
        for settlement in settlements:
            book = statements._render_xlsx(settlement)
            name = settlement.name.replace("/", "-")
            (folder / f"{name}.xlsx").write_bytes(book)
        print(f"  {len(settlements)} settlements billed and paid", flush=True)

    def describe(self, campaign, money):
        """Return what the report says of the leaders of a campaign.

        :param money: function that writes an amount.
        :rtype: dict
        """
        if not self.is_installed:
            return {}
        entries = self.env["groupbuy.commission.entry"].search(
            [("campaign_id", "=", campaign.id)]
        )
        paid = entries.filtered(lambda e: e.settlement_id.state == "paid")
        taxes = campaign.line_ids.product_id.taxes_id.filtered(
            lambda tax: tax.company_id == self.shop.company
        )
        return {
            "commission": money(sum(entries.mapped("amount"))),
            "settled": money(sum(paid.mapped("amount"))),
            "tax_percent": f"{sum(set(taxes.mapped('amount'))):g}",
        }
