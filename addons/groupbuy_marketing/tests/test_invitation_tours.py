# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, tagged

from .common_invitation import InvitationCommon


class InvitationTours(InvitationCommon, HttpCase):
    """Anna, a resident, looks at what her invitations brought, and tries something."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_residents_with_login("Anna Miller")
        cls.anna.write({"street2": "House 7", "phone": "+86 137 0000 0007"})

    def _invite_in_browser(self):
        self._invite(self.neighbour, self.anna)
        self._bring_orders(self.neighbour)
        self.start_tour("/my", "groupbuy_invitations", login="anna")

    def _try_in_browser(self):
        trial = self.env["groupbuy.trial"].create(
            {
                "partner_id": self.anna.id,
                "product_id": self.tomato.id,
                "company_id": self.company.id,
            }
        )
        trial.action_offer()
        self.start_tour("/my/trials", "groupbuy_trial", login="anna")
        self.env.invalidate_all()
        self.assertEqual(trial.state, "accepted")


@tagged("post_install", "-at_install")
class TestInvitationToursDesktop(InvitationTours):
    def test_anna_invites_neighbours(self):
        self._invite_in_browser()

    def test_anna_tries_something(self):
        self._try_in_browser()


@tagged("post_install", "-at_install")
class TestInvitationToursPhone(InvitationTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_anna_invites_neighbours_on_a_phone(self):
        self._invite_in_browser()

    def test_anna_tries_something_on_a_phone(self):
        self._try_in_browser()
