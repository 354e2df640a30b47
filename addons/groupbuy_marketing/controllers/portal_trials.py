# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.community_groupbuy.utils import parse_id
from odoo.addons.portal.controllers.portal import CustomerPortal


class TrialPortal(CustomerPortal):
    """What a resident may try for nothing, and the reviews promised for it."""

    def _prepare_home_portal_values(self, counters):
        """Override of `portal` to show the card to whom something was offered only."""
        values = super()._prepare_home_portal_values(counters)
        if "groupbuy_trial_count" in counters:
            values["groupbuy_trial_count"] = len(self._get_trials())
        return values

    def _get_trials(self):
        """Return the signed-in resident's trials, with elevated rights."""
        return request.env["groupbuy.trial"]._find_for(
            request.env.user.partner_id, request.website.company_id
        )

    def _get_trial(self, trial_id):
        """Look up a trial that the browser named among the resident's own.

        :param trial_id: Anything.
        :rtype: groupbuy.trial
        :raise NotFound: If it is somebody else's, or none.
        """
        wanted = parse_id(trial_id)
        trial = self._get_trials().filtered(lambda trial: trial.id == wanted)
        if not trial:
            raise request.not_found()
        return trial

    @route("/my/trials", type="http", auth="user", methods=["GET"], website=True)
    def portal_my_trials(self, **kwargs):
        """Show the signed-in resident's trial goods."""
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "trials",
                "flash": take_message(),
                "trials": self._get_trials(),
            }
        )
        return request.render("groupbuy_marketing.portal_my_trials", values)

    @route(
        "/my/trials/<int:trial_id>/accept",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_accept_trial(self, trial_id, promise=None, **kwargs):
        """Accept an offer by promising a review.

        :param int trial_id: Only looked up among the resident's own.
        :param promise: The box that has to be ticked.
        """
        trial = self._get_trial(trial_id)
        env = request.env
        try:
            if not promise:
                raise UserError(
                    env._("Please tick the box: the goods are free for a review.")
                )
            trial._accept()
            put_message(env._("Here is your coupon: %s", trial.card_id.code))
        except UserError as error:
            put_message(str(error), "warning")
        return request.redirect("/my/trials")

    @route(
        "/my/trials/<int:trial_id>/review",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_review_trial(self, trial_id, mark=None, text="", **kwargs):
        """Write the review that was promised.

        :param int trial_id: Only looked up among the resident's own.
        :param mark: 1 to 5.
        :param str text: The review.
        """
        trial = self._get_trial(trial_id)
        try:
            trial._review(parse_id(mark) or 0, text)
            put_message(request.env._("Thank you for your review!"))
        except UserError as error:
            put_message(str(error), "warning")
        return request.redirect("/my/trials")
