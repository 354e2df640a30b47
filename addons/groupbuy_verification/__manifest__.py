# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Group Buying Verification",
    "summary": "Receipt at the pickup point, pickup codes, verification, after-sales "
    "cases and reviews",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Community Group Buying contributors",
    "license": "LGPL-3",
    "depends": [
        "barcodes",
        "community_groupbuy",
        "survey",
    ],
    "external_dependencies": {"python": ["cryptography", "qrcode"]},
    "data": [
        "security/ir.model.access.csv",
        "security/groupbuy_verification_security.xml",
        "views/groupbuy_verification_menus.xml",
        "views/point_portal_templates.xml",
        # --- receipt at the point
        # --- codes and verification
        # --- scan pages and live board
        # --- cases and reviews
        "security/groupbuy_case_security.xml",
        "data/groupbuy_case_type_data.xml",
        "data/groupbuy_case_data.xml",
        "data/groupbuy_review_data.xml",
        "views/case_views.xml",
        "views/review_views.xml",
        "views/case_menus.xml",
        "views/case_portal_templates.xml",
        "views/review_portal_templates.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "groupbuy_verification/static/src/portal/**/*",
        ],
        "web.assets_backend": [
            "groupbuy_verification/static/src/backend/**/*",
        ],
        "web.assets_tests": [
            "groupbuy_verification/static/tests/tours/**/*",
        ],
    },
}
