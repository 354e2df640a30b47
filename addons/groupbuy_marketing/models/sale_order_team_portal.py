# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import SUPERUSER_ID, models

# Why the money of an order of a team goes back, where the team is the cause.
TEAM_REASONS = ("shortfall", "team_full", "team_over")


class SaleOrder(models.Model):
    """What residents see of their orders in a team.

    Residents have no rights on campaigns and teams: both are read with elevated
    rights, and only sums, times and names that their owners show are passed on.
    """

    _inherit = "sale.order"

    def _groupbuy_get_team_until(self):
        """Return until when the order's team looks for joiners, as a text.

        Of a cart that starts a team this is counted from now on.

        :rtype: str
        """
        self.ensure_one()
        campaign = self.groupbuy_campaign_id.sudo()
        return campaign._format_local(
            self.groupbuy_group_id.sudo().team_ends_at or campaign._get_team_end()
        )

    def _groupbuy_get_status(self):
        """Override: an order waits for its team, and that has an end of its own."""
        status = super()._groupbuy_get_status()
        if self.groupbuy_state == "waiting" and self._groupbuy_is_for_team():
            status["label"] = self.env._("Waiting for the team")
            status["text"] = self.env._(
                "Paid and waiting for the team, which ends on %s.",
                self._groupbuy_get_team_until(),
            )
        elif self.groupbuy_state == "confirmed" and self._groupbuy_is_for_team():
            status["text"] = self.env._(
                "Your team succeeded. You pay the lowest price that it reached."
            )
        return status

    def _groupbuy_get_failure_text(self):
        """Override to say what became of the team."""
        if not self._groupbuy_is_for_team():
            return super()._groupbuy_get_failure_text()
        texts = {
            "team_full": self.env._(
                "Your team was full before your payment arrived. Your money goes back"
                " to you; start a team of your own, or join another one."
            ),
            "team_over": self.env._(
                "Your team had ended before your payment arrived. Your money goes back"
                " to you; start a team of your own, or join another one."
            ),
            "shortfall": self.env._(
                "Not enough neighbours joined your team. Your money goes back to you."
            ),
        }
        return texts.get(self.groupbuy_failure) or super()._groupbuy_get_failure_text()

    def _groupbuy_get_change_text(self):
        """Override: an order can be changed until its team ends."""
        if not self._groupbuy_is_for_team():
            return super()._groupbuy_get_change_text()
        return self.env._(
            "Until %s you can take less or cancel, unless your team is full and"
            " successful before. To order more, simply join once more.",
            self._groupbuy_get_team_until(),
        )

    def _groupbuy_is_changeable(self):
        """Override: nothing is changed after the end of the team."""
        return super()._groupbuy_is_changeable() and (
            not self._groupbuy_is_for_team()
            or self.groupbuy_group_id.sudo()._is_team_joinable()
        )

    def _groupbuy_get_price_rows(self):
        """Override: who has joined is not counted once more."""
        return super(
            SaleOrder, self.with_context(groupbuy_team_member=True)
        )._groupbuy_get_price_rows()

    def _groupbuy_get_group_values(self):
        """Override to show the team, by the name that its initiator shows."""
        values = super()._groupbuy_get_group_values()
        if self.groupbuy_group_id and self._groupbuy_is_for_team():
            team = self.groupbuy_group_id.sudo()
            values["name"] = team._get_public_title()
            if self.groupbuy_state == "waiting":
                tally = team._get_tallies().get(team.id, {})
                values["goal_text"] = team._get_goal_text(tally)
                values["team_url"] = team._get_path()
        return values

    def _groupbuy_get_waiting_values(self):
        """Override: cart and confirmation speak of the team."""
        values = super()._groupbuy_get_waiting_values()
        if not self._groupbuy_is_for_team():
            return values
        group = self.groupbuy_group_id.sudo()
        # One that is only prepared is nobody's team yet.
        team = group.filtered("team_started_at")
        until = self._groupbuy_get_team_until()
        tally = team._get_tallies().get(team.id, {})
        people = tally.get("people", 0)
        values.update(
            closes=until,
            team=team,
            team_title=team._get_public_title() if team else "",
            team_refusal=(
                group._get_join_refusal(self)
                if group and self.groupbuy_state == "cart"
                else ""
            ),
            bars=team._get_bars(tally) if team else [],
            people_text=(
                values["campaign"]._get_people_text(people)
                if team
                else self.env._("You start a team: share it as soon as you have paid.")
            ),
            goal_text=(group._get_goal_text(tally) if group else values["goal_text"]),
            waits_text=self.env._(
                "After the payment your order waits for the team until %s.", until
            ),
            pending_text=self.env._(
                "You join as soon as it has arrived, if that is before the end of the"
                " team on %s.",
                until,
            ),
        )
        return values

    def _groupbuy_get_share_values(self, website):
        """Return what the share button of the order needs: its team, or the campaign.

        :param website website: The website.
        :rtype: dict
        """
        self.ensure_one()
        team = self.groupbuy_group_id.sudo()
        if self._groupbuy_is_for_team() and team.team_started_at:
            return team._get_share_values(website)
        return self.groupbuy_campaign_id.sudo()._get_share_values(website)

    def _groupbuy_notify(self, reason):
        """Override: the mails of a team carry its link, and say what became of it."""
        of_teams = self.filtered(lambda order: order._groupbuy_is_for_team())
        if not reason:
            xmlid = "groupbuy_marketing.mail_template_team_joined"
        elif reason in TEAM_REASONS:
            xmlid = "groupbuy_marketing.mail_template_team_refunded"
        else:
            return super()._groupbuy_notify(reason)
        template = self.env.ref(xmlid, raise_if_not_found=False)
        reachable = of_teams.filtered("partner_id.email")
        if template and reachable:
            template.with_user(SUPERUSER_ID).send_mail_batch(reachable.ids)
        others = self - of_teams
        return super(SaleOrder, others)._groupbuy_notify(reason) if others else None
