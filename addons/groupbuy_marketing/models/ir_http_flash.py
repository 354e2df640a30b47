# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """Override of `http_routing` to translate our scripts in the shop."""
        names = super()._get_translation_frontend_modules_name()
        return [*names, *({"groupbuy_marketing"} - set(names))]
