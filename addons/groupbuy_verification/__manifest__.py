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
        "security/receipt_security.xml",
        "data/receipt_data.xml",
        "data/receipt_mail_template_data.xml",
        "views/receipt_views.xml",
        "views/receipt_campaign_views.xml",
        "views/receipt_menus.xml",
        "views/receipt_portal_templates.xml",
        # --- codes and verification
        "security/verification_security.xml",
        "data/pickup_code_cron.xml",
        "data/pickup_code_product.xml",
        "data/pickup_code_mail.xml",
        "views/verification_views.xml",
        "views/verification_inherit_views.xml",
        "views/verification_portal_templates.xml",
        "views/verification_menus.xml",
        # --- scan pages and live board
        "security/scan_security.xml",
        "report/point_poster_templates.xml",
        "views/scan_portal_templates.xml",
        "views/check_in_templates.xml",
        "views/board_templates.xml",
        "views/scan_point_views.xml",
        "views/scan_menus.xml",
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
    "demo": [
        "demo/groupbuy_campaign_demo.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "groupbuy_verification/static/src/board/**/*",
            "groupbuy_verification/static/src/portal/**/*",
        ],
        "web.assets_backend": [
            "groupbuy_verification/static/src/board/**/*",
            "groupbuy_verification/static/src/hand_out/**/*",
            "groupbuy_verification/static/src/backend/**/*",
        ],
        # The scan app: Odoo's core and ours, and nothing of a website.
        "groupbuy_verification.assets_scan_app": [
            ("include", "web._assets_helpers"),
            ("include", "web._assets_backend_helpers"),
            "web/static/src/scss/pre_variables.scss",
            "web/static/lib/bootstrap/scss/_variables.scss",
            "web/static/lib/bootstrap/scss/_variables-dark.scss",
            "web/static/lib/bootstrap/scss/_maps.scss",
            ("include", "web._assets_bootstrap_backend"),
            "web/static/src/libs/fontawesome/css/font-awesome.css",
            ("include", "web._assets_core"),
            "groupbuy_verification/static/src/hand_out/**/*",
            "groupbuy_verification/static/src/scan_app/**/*",
        ],
        "web.assets_tests": [
            "groupbuy_verification/static/tests/tours/**/*",
        ],
    },
}
