# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Group Buying Leaders: SMS",
    "summary": "New orders are announced to leaders by text message, too",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Community Group Buying contributors",
    "license": "LGPL-3",
    "depends": [
        "groupbuy_leader",
        "sms",
    ],
    "data": [
        "views/leader_portal_templates.xml",
    ],
    "auto_install": True,
}
