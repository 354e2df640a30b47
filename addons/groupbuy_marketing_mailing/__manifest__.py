# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Group Buying Marketing: Mailings",
    "summary": "Segments of residents as recipients of mass mailings",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Community Group Buying contributors",
    "license": "LGPL-3",
    "depends": [
        "groupbuy_marketing",
        "mass_mailing",
    ],
    "data": [
        "security/ir.model.access.csv",
        "views/mailing_mailing_views.xml",
        "views/groupbuy_segment_views.xml",
    ],
    "auto_install": True,
}
