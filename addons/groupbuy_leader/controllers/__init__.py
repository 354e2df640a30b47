# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# --- leaders: applications, tiers, assessment, binding
from . import application
from . import share

# --- commission and settlement
from . import settlement

# --- portal of a leader
from . import leader_portal
