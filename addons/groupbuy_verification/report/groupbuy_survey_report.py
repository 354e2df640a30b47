# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL


class GroupBuySurveyReport(models.Model):
    """What residents answered in the satisfaction survey, campaign by campaign.

    A row is an answer to a question. Staff of group buying read it without rights
    on other surveys.
    """

    _name = "groupbuy.survey.report"
    _description = "Satisfaction Survey Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "question_id"

    campaign_id = fields.Many2one(comodel_name="groupbuy.campaign", readonly=True)
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point", string="Pickup Point", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    date = fields.Datetime(string="Answered", readonly=True)
    question_id = fields.Many2one(comodel_name="survey.question", readonly=True)
    answer_id = fields.Many2one(
        comodel_name="survey.question.answer", string="Choice", readonly=True
    )
    text = fields.Char(string="Answer", readonly=True)
    score = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Answers on a scale, and numbers.",
    )

    @property
    def _table_query(self):
        """Return the query behind the report.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT l.id, i.groupbuy_campaign_id AS campaign_id,
                   o.groupbuy_point_id AS point_id,
                   o.company_id, i.end_datetime AS date, l.question_id,
                   l.suggested_answer_id AS answer_id,
                   CASE l.answer_type
                       WHEN 'char_box' THEN l.value_char_box
                       WHEN 'text_box' THEN l.value_text_box
                       WHEN 'scale' THEN l.value_scale::text
                       WHEN 'numerical_box' THEN l.value_numerical_box::text
                   END AS text,
                   CASE l.answer_type
                       WHEN 'scale' THEN l.value_scale
                       WHEN 'numerical_box' THEN l.value_numerical_box
                   END AS score
              FROM survey_user_input_line l
              JOIN survey_user_input i ON i.id = l.user_input_id
              JOIN sale_order o ON o.id = i.groupbuy_order_id
             WHERE i.groupbuy_campaign_id IS NOT NULL
               AND l.skipped IS NOT TRUE AND i.state = 'done'
            """
        )
