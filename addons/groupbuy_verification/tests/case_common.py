# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import io
from contextlib import contextmanager

from PIL import Image

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import VerificationCommon


def make_photo(image_format="JPEG", size=(40, 30), **options):
    """Return a picture as a file."""
    target = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(target, image_format, **options)
    return target.getvalue()


class CaseCommon(VerificationCommon):
    """A resident with an account, an order of three tomatoes, and a leader."""

    # An order that was collected, until the test asks for it.
    prepared_order = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.resident_user = new_test_user(
            cls.env,
            login="anna",
            name="Anna Miller",
            email="anna@example.com",
            groups="base.group_portal",
        )
        cls.anna = cls.resident_user.partner_id
        cls.anna.write(
            {
                "street": "1 Garden Road",
                "city": "Hangzhou",
                "zip": "310000",
                "country_id": cls.env.ref("base.cn").id,
                "groupbuy_community_id": cls.community.id,
            }
        )
        cls.other_resident = new_test_user(
            cls.env, login="bert", name="Bert Long", groups="base.group_portal"
        )
        cls.Case = cls.env["groupbuy.case"]
        cls.prepared_order = cls._prepare(cls._create_order)

    def _order(self, **values):
        """Return Anna's order of 10 a piece; collected and invoiced, or not."""
        if not values and self.prepared_order:
            order, self.prepared_order = self.prepared_order, None
            return order
        return self._create_order(**values)

    @classmethod
    def _create_order(cls, quantity=3, collected=True, campaign=None, **line):
        campaign = campaign or cls._create_campaign(lines=[line])
        order = cls._join(campaign, cls.anna, {campaign.line_ids[:1]: quantity})
        cls._close(campaign)
        cls._receive(campaign)
        if collected:
            cls._hand_out(order)
            cls._run_jobs()
        return order

    def _line(self, order):
        return order.order_line.filtered("groupbuy_line_id")[:1]

    def _report(self, order, type_code="quality", quantity=1, photos=()):
        """Return a case that the resident has opened."""
        return self.Case._open_by_resident(
            order, type_code, {self._line(order).id: quantity}, "It is bad", photos
        )

    def _at(self, location, product=None):
        """Return how much of a product lies at a location."""
        return sum(
            self.env["stock.quant"]
            .search(
                [
                    ("location_id", "=", location.id),
                    ("product_id", "=", (product or self.tomato).id),
                ]
            )
            .mapped("quantity")
        )

    @contextmanager
    def assertRefused(self, words=""):
        """Assert that something is refused with these words, as a request is.

        What it had done until then is undone, as it is when a request fails.
        """
        with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
            yield
        self.env.invalidate_all()

    def assertSettled(self, order, refunded, invoiced):
        """Assert where the order's money is, after the jobs."""
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, refunded)
        self.assertEqual(order.groupbuy_amount_invoiced, invoiced)
        self.assertMoneyReconciles(order)
        self.assertEqual(order.groupbuy_amount_owed, 0.0)
