# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Group Buying Leaders: Withholding",
    "summary": "Tax that is withheld when the commissions of leaders are paid",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Community Group Buying contributors",
    "license": "LGPL-3",
    "depends": [
        "groupbuy_leader",
        "l10n_account_withholding_tax",
    ],
    "data": [
        "views/groupbuy_leader_views.xml",
        "views/groupbuy_settlement_views.xml",
        "report/groupbuy_statement_templates.xml",
    ],
    "auto_install": True,
}
