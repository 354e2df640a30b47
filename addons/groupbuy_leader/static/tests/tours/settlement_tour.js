// Copyright 2026 Community Group Buying contributors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {registry} from "@web/core/registry";

// Finance settles a leader, hands the settlement over, and sees that it cannot approve.
registry.category("web_tour.tours").add("groupbuy_settlement_prepare", {
    steps: () => [
        {
            content: "settle",
            trigger: ".modal button[name=action_settle]",
            run: "click",
        },
        {
            content: "the settlement of the leader is listed: open it",
            trigger: ".o_list_view .o_data_cell:contains(GBS/)",
            run: "click",
        },
        {
            content: "its entries are shown; hand it over",
            trigger:
                ".o_form_view:has(.o_field_widget[name=entry_ids] .o_data_row:contains(Bonus)) button[name=action_submit]",
            run: "click",
        },
        {
            content: "it waits for approval, which finance is not offered",
            trigger:
                ".o_form_view:not(:has(button[name=action_approve])) .o_statusbar_status .o_arrow_button_current:contains(To Approve)",
        },
    ],
});

// Somebody else approves it, bills it and registers the payment.
registry.category("web_tour.tours").add("groupbuy_settlement_pay", {
    steps: () => [
        {
            content: "open the settlement",
            trigger: ".o_list_view .o_data_cell:contains(GBS/)",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_bill]",
            run: "click",
        },
        {
            content: "the bill is posted; go back to the settlement",
            trigger: ".o_form_view .o_arrow_button_current:contains(Posted)",
        },
        {
            trigger: ".breadcrumb-item a:contains(GBS/), .o_back_button a",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_register_payment]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_create_payments]",
            run: "click",
        },
        {
            content: "Odoo shows the payment: go back to the settlement, which is paid",
            trigger: ".o_form_view .o_field_widget[name=payment_type]",
        },
        {
            trigger: ".o_breadcrumb a:contains(GBS/)",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_arrow_button_current:contains(Paid)",
        },
    ],
});
