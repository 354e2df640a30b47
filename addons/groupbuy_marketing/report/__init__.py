# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

# --- team campaigns

# --- flash sales

# --- coupons and promotions

# --- invitations

# --- tasks, lottery, check-in

# --- points, levels, membership, segments

# --- sharing
