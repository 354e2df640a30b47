# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _update_last_login(self):
        """Override of `base` to accept the invitation by which a visitor came.

        A sign-up ends in a login, so that it is covered, too.
        """
        result = super()._update_last_login()
        if len(self) == 1 and not self._is_internal():
            # Elevated: who signs in is known by now, and is the one who accepts.
            self.env["groupbuy.invitation"]._accept_from_session(self.sudo().partner_id)
        return result
