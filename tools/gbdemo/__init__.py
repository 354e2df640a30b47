# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The parts of `make demo`: see docs/demo.md.

`baskets`, `catalogue`, `rules` and `recount` know nothing of Odoo; `replay`, `pickup`
and `shop` run inside of it.
"""
