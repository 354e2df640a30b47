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
)
