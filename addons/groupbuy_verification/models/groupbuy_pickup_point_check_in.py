# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
import io
import re

import qrcode

from odoo import api, fields, models
from odoo.tools.misc import consteq, hmac

# Id of the point, version of its code, signature.
_TOKEN = re.compile(r"([1-9][0-9]{0,8})-([1-9][0-9]{0,8})-([0-9a-f]{32})")


class GroupBuyPickupPoint(models.Model):
    """The point's own code, with which residents say that they are here."""

    _inherit = "groupbuy.pickup.point"

    check_in_version = fields.Integer(
        string="Version of the Check-in Code",
        default=1,
        readonly=True,
        copy=False,
        help="Each new check-in code makes the printed ones of before useless.",
    )

    def _get_check_in_signature(self):
        """Return what proves that this database has made the code.

        The secret of the database goes into it: a code of another one is refused.
        It keeps nothing secret, for it hangs on a wall; it only makes sure that
        nobody prints codes of points that there are not, or that were replaced.
        """
        self.ensure_one()
        return hmac(
            self.env(su=True),
            "groupbuy-check-in",
            (self.id, self.sudo().check_in_version),
        )[:32]

    def _get_check_in_token(self):
        """Return the text that the point's code carries.

        :rtype: str
        """
        self.ensure_one()
        version = self.sudo().check_in_version
        return f"{self.id}-{version}-{self._get_check_in_signature()}"

    def _get_check_in_url(self):
        """Return the address that residents open with their phone's camera.

        :rtype: str
        """
        self.ensure_one()
        return f"{self.get_base_url()}/pickup/{self._get_check_in_token()}"

    def _get_check_in_qr_data_uri(self):
        """Return the picture of the point's code, for the poster.

        :return: A PNG as an address that holds it.
        :rtype: str
        """
        self.ensure_one()
        code = qrcode.QRCode(
            error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=12, border=4
        )
        code.add_data(self._get_check_in_url())
        stream = io.BytesIO()
        code.make_image().save(stream, format="PNG")
        return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()

    @api.model
    def _find_by_check_in_token(self, token):
        """Return the point of a code.

        :param token: What the browser sent.
        :return: The point with elevated rights; nothing when the code is not one of
            this database, was replaced, or when the point is archived.
        :rtype: groupbuy.pickup.point
        """
        points = self.sudo().browse()
        match = _TOKEN.fullmatch(token) if isinstance(token, str) else None
        if not match:
            return points
        point = self.sudo().search([("id", "=", int(match[1]))])
        if (
            point
            and point.check_in_version == int(match[2])
            and consteq(point._get_check_in_signature(), match[3])
        ):
            return point
        return points

    def _get_collectable(self, partners):
        """Return what lies at the point for these residents.

        :param res.partner partners: Residents, as their users or contacts.
        :return: Their transfers whose goods have arrived, with elevated rights.
        :rtype: stock.picking
        """
        self.ensure_one()
        return (
            self.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("groupbuy_point_id", "=", self.id),
                    ("groupbuy_role", "=", "to_resident"),
                    ("state", "=", "assigned"),
                    (
                        "partner_id.commercial_partner_id",
                        "in",
                        partners.commercial_partner_id.ids,
                    ),
                ],
                order="id",
            )
        )

    # === ACTIONS === #

    def action_print_check_in(self):
        """Print the posters with the points' codes.

        :rtype: dict
        """
        return self.env.ref(
            "groupbuy_verification.action_report_point_poster"
        ).report_action(self)

    def action_reissue_check_in(self):
        """Make new codes; posters that were printed before are good for nothing.

        :raise AccessError: If the user may not change points.
        """
        self.check_access("write")
        for point in self:
            point.check_in_version += 1
        self._message_log_batch(
            bodies={
                point.id: self.env._(
                    "New check-in code, version %s. Print the poster again.",
                    point.check_in_version,
                )
                for point in self
            }
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("New code made. Please print the poster again."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
