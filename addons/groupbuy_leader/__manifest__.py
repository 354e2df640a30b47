# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Group Buying Leaders",
    "summary": "Recruit, equip, pay and assess the leaders of community group buying",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Community Group Buying contributors",
    "license": "LGPL-3",
    "depends": [
        "community_groupbuy",
    ],
    "assets": {
        "web.assets_frontend": [
            "groupbuy_leader/static/src/interactions/**/*",
            "groupbuy_leader/static/src/portal/*.scss",
            "groupbuy_leader/static/src/portal/leader_*.js",
            "groupbuy_leader/static/src/scss/leader.scss",
        ],
        "web.assets_tests": [
            "groupbuy_leader/static/tests/tours/**/*",
        ],
    },
    "external_dependencies": {"python": ["xlsxwriter"]},
    "data": [
        "security/groupbuy_leader_groups.xml",
        "security/ir.model.access.csv",
        "security/groupbuy_leader_security.xml",
        "data/groupbuy_leader_tier_data.xml",
        "views/groupbuy_leader_menus.xml",
        # --- leaders: applications, tiers, assessment, binding
        "security/leader_security.xml",
        "data/leader_data.xml",
        "data/leader_cron_data.xml",
        "data/leader_mail_template_data.xml",
        "views/leader_application_views.xml",
        "views/leader_paper_views.xml",
        "views/leader_views.xml",
        "views/leader_tier_views.xml",
        "views/leader_website_templates.xml",
        "views/leader_menus.xml",
        # --- commission and settlement
        "security/groupbuy_commission_security.xml",
        "data/groupbuy_commission_data.xml",
        "report/groupbuy_statement_templates.xml",
        "report/commission_report_views.xml",
        "wizard/groupbuy_settlement_wizard_views.xml",
        "views/commission_plan_views.xml",
        "views/commission_entry_views.xml",
        "views/settlement_views.xml",
        "views/res_config_settings_commission_views.xml",
        "views/commission_menus.xml",
        # After the menus, which its figures open
        "data/commission_dashboard_data.xml",
        # --- portal of a leader
        "security/leader_portal_security.xml",
        "data/leader_portal_data.xml",
        "views/leader_message_views.xml",
        "views/leader_portal_templates.xml",
    ],
    "demo": [
        "demo/groupbuy_leader_demo.xml",
    ],
}
