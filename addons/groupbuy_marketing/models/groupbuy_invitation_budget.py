# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class GroupBuyInvitationBudget(models.Model):
    """The counter of a program's budget: a row of its own.

    Who edits the program and who gives gifts never write the same row, and the
    condition of the budget stands as a CHECK behind the statements.
    """

    _name = "groupbuy.invitation.budget"
    _description = "Budget of an Invitation Program"
    _rec_name = "program_id"
    _log_access = False

    program_id = fields.Many2one(
        comodel_name="groupbuy.invitation.program",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    cap = fields.Float(readonly=True, digits=(16, 4), help="0: no limit.")
    spent = fields.Float(readonly=True, digits=(16, 4), required=True, default=0.0)

    _program_uniq = models.UniqueIndex(
        "(program_id)", "An invitation program has one budget."
    )
    _spent_within_cap = models.Constraint(
        "CHECK (spent >= 0 AND (COALESCE(cap, 0) <= 0 OR spent <= cap))",
        "The budget of the invitation program is used up.",
    )

    @api.model
    def _set_cap(self, program, cap):
        """Change the limit of a program, unless more was spent already.

        :return: Whether it was changed.
        :rtype: bool
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE groupbuy_invitation_budget SET cap = %(cap)s
                 WHERE program_id = %(program)s
                   AND (%(cap)s <= 0 OR spent <= %(cap)s)
                RETURNING id
                """,
                cap=cap or 0.0,
                program=program.id,
            )
        )
        self.invalidate_model()
        return bool(rows)

    @api.model
    def _lock(self, program):
        """Take the counter of a program until the commit.

        Why it is safe: of two transactions that give gifts of one program the second
        waits here, or fails to serialise and is repeated; so what is left is true
        until this one has spent it.

        :param groupbuy.invitation.program program: The program.
        :return: What is left, in the company's currency; None without a limit.
        :rtype: float | None
        """
        self.flush_model()
        cap, spent = self.env.execute_query(
            SQL(
                "SELECT cap, spent FROM groupbuy_invitation_budget"
                " WHERE program_id = %s FOR NO KEY UPDATE",
                program.id,
            )
        )[0]
        return max(float(cap - spent), 0.0) if cap else None

    @api.model
    def _spend(self, program, amount):
        """Add to what a program has spent; a negative amount gives back.

        :param float amount: In the company's currency.
        :raise UserError: If the budget does not hold so much.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE groupbuy_invitation_budget
                   SET spent = GREATEST(spent + %(amount)s, 0)
                 WHERE program_id = %(program)s
                   AND (%(amount)s <= 0 OR COALESCE(cap, 0) <= 0
                        OR spent + %(amount)s <= cap)
                RETURNING id
                """,
                amount=amount,
                program=program.id,
            )
        )
        self.invalidate_model()
        program.invalidate_recordset(["spent", "budget_left"])
        if not rows:
            raise UserError(self.env._("The budget of %s is used up.", program.name))
