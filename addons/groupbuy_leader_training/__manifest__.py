# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Group Buying Leaders: Training",
    "summary": "A course with its certification that leaders have to pass",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Community Group Buying contributors",
    "license": "LGPL-3",
    "depends": [
        "groupbuy_leader",
        "website_slides",
        # Brings the certifications of website_slides.
        "website_slides_survey",
    ],
    "data": [
        "data/training_data.xml",
        "views/groupbuy_leader_application_views.xml",
        "views/groupbuy_leader_website_templates.xml",
    ],
    "auto_install": ["groupbuy_leader", "website_slides"],
}
