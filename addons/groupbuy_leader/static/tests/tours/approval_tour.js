import {registry} from "@web/core/registry";

/** The staff take an application on, check it, and approve it. */
registry.category("web_tour.tours").add("groupbuy_leader_approval", {
    steps: () => [
        {
            content: "The application is in the first column",
            trigger: ".o_kanban_record:contains(Chen Mei)",
            run: "click",
        },
        {
            content: "What is missing is shown",
            trigger: ".o_form_view .alert-warning:visible",
        },
        {
            content: "Take it on",
            trigger: "button[name=action_review]:visible",
            run: "click",
        },
        {
            content: "Under review",
            trigger:
                ".o_arrow_button_current[data-value=review], .o_statusbar_status button[data-value=review].o_arrow_button_current",
        },
        ...[0, 1, 2, 3].flatMap((row) => [
            {
                content: `Edit point ${row} of the checklist`,
                trigger: `.o_field_widget[name=check_ids] .o_data_row:eq(${row}) td[name=is_done]`,
                run: "click",
            },
            {
                content: `Tick point ${row}`,
                trigger: `.o_field_widget[name=check_ids] .o_data_row:eq(${row}) td[name=is_done] input:enabled`,
                // The click that begins to edit the row may have ticked it already.
                run({anchor}) {
                    if (!anchor.checked) {
                        anchor.click();
                    }
                },
            },
            {
                content: `Point ${row} is ticked`,
                trigger: `.o_field_widget[name=check_ids] .o_data_row:eq(${row}) td[name=is_done] input:checked`,
            },
        ]),
        {
            content: "The papers",
            trigger: ".o_notebook a[name=papers]",
            run: "click",
        },
        {
            content: "Accept the first one",
            trigger:
                ".o_field_widget[name=paper_ids] .o_data_row:eq(0) button[name=action_accept]",
            run: "click",
        },
        {
            content: "The first one is accepted",
            trigger:
                ".o_field_widget[name=paper_ids] .o_data_row:not(:has(button[name=action_accept]))",
        },
        {
            content: "Accept the second one",
            trigger:
                ".o_field_widget[name=paper_ids] .o_data_row button[name=action_accept]",
            run: "click",
        },
        {
            content: "Nothing is missing any more",
            trigger: ".o_form_view:not(:has(.alert-warning:visible))",
        },
        {
            content: "Approve",
            trigger: "button.btn-primary[name=action_approve]:visible",
            run: "click",
        },
        {
            content: "The new leader with the point",
            trigger:
                ".o_field_widget[name=point_ids] .o_data_row:contains(Corner Shop)",
        },
    ],
});
