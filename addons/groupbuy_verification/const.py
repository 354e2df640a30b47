# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Constants that several models share."""

# Why a verification is refused. Each has a sentence in
# :meth:`groupbuy.verification._get_refusal_messages`.
REFUSALS = (
    "unknown",
    "wrong_point",
    "not_arrived",
    "already_collected",
    "replaced",
    "expired",
    "case_open",
    "not_successful",
    "too_many_tries",
    "outside_hours",
    "too_much",
    "bad_request",
    "undo_too_late",
    "undo_not_allowed",
    "undo_done",
)

# Mails with codes that are queued in one transaction.
SEND_SLICE = 100

# Transfers of unclaimed goods worked on in one transaction.
UNCLAIMED_SLICE = 50

# Stands for a code in mails until they leave, see `mail.mail`.
CODE_PLACEHOLDER = "[[pickup-code]]"
