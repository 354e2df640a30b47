# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Group Buying Marketing",
    "summary": "Teams, flash sales, coupons, invitations, points, members and sharing"
    " for community group buying",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Community Group Buying contributors",
    "license": "LGPL-3",
    "depends": [
        "community_groupbuy",
        # --- sharing
        "link_tracker",
    ],
    "assets": {
        "web.assets_frontend": [
            "web/static/src/core/barcode/ZXingBarcodeDetector.js",
            "groupbuy_marketing/static/src/interactions/**/*",
            "groupbuy_marketing/static/src/scss/*.scss",
        ],
        "web.assets_tests": [
            "groupbuy_marketing/static/tests/tours/**/*",
        ],
    },
    "data": [
        "views/groupbuy_marketing_menus.xml",
        # --- team campaigns
        "security/team/ir.model.access.csv",
        "security/team_security.xml",
        "data/team_cron_data.xml",
        "data/team_mail_template_data.xml",
        "views/campaign_mode_views.xml",
        "views/team_views.xml",
        "views/team_website_templates.xml",
        # --- flash sales
        "security/flash/ir.model.access.csv",
        "security/flash_security.xml",
        "views/flash_ticket_views.xml",
        "views/flash_campaign_views.xml",
        "views/flash_templates.xml",
        # --- coupons and promotions
        "security/coupons/ir.model.access.csv",
        "security/coupons_security.xml",
        "data/coupon_mail_template_data.xml",
        "views/coupon_program_views.xml",
        "views/coupon_fact_views.xml",
        "views/coupon_campaign_views.xml",
        "views/coupon_templates.xml",
        # --- invitations
        "security/invitation/ir.model.access.csv",
        "security/invitation_security.xml",
        "data/invitation_cron_data.xml",
        "data/invitation_mail_template_data.xml",
        "views/invitation_views.xml",
        "views/trial_views.xml",
        "views/invitation_templates.xml",
        # --- tasks, lottery, check-in
        "security/tasks/ir.model.access.csv",
        "security/tasks_security.xml",
        "data/tasks_cron_data.xml",
        "data/tasks_mail_template_data.xml",
        "views/groupbuy_tasks_views.xml",
        "views/groupbuy_tasks_templates.xml",
        # --- points, levels, membership, segments
        "security/points/ir.model.access.csv",
        "security/points_security.xml",
        "data/groupbuy_level_data.xml",
        "data/ir_cron_points_data.xml",
        "data/mail_template_points_data.xml",
        "views/groupbuy_points_views.xml",
        "views/groupbuy_points_templates.xml",
        # --- sharing
        "security/sharing/ir.model.access.csv",
        "security/sharing_security.xml",
        "data/sharing_utm_data.xml",
        "data/sharing_cron_data.xml",
        "views/sharing_link_views.xml",
        "views/sharing_comment_views.xml",
        "views/sharing_message_views.xml",
        "views/sharing_settings_views.xml",
        "views/sharing_mail_templates.xml",
        "views/sharing_website_templates.xml",
    ],
}
