import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function confirmDialog() {
    return {
        content: "Yes",
        trigger: ".modal footer .btn-primary",
        run: "click",
    };
}

/** Staff make a campaign with one line and take it to its opening. */
tours.add("groupbuy_create_campaign", {
    steps: () => [
        {
            content: "A new campaign",
            trigger: ".o_kanban_view",
        },
        {
            trigger: ".o_control_panel .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Its name",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Tour Vegetables",
        },
        {
            content: "A line",
            trigger: ".o_field_x2many_list_row_add a:first",
            run: "click",
        },
        {
            content: "Its product",
            trigger: ".o_selected_row .o_field_widget[name=product_id] input",
            run: "edit Tomatoes",
        },
        {
            trigger: ".ui-autocomplete a:contains(Tomatoes)",
            run: "click",
        },
        {
            content: "Its price",
            trigger: ".o_selected_row .o_field_widget[name=start_price] input",
            run: "edit 10",
        },
        {
            content: "Its ladder, typed in one cell",
            trigger: ".o_selected_row .o_field_widget[name=tier_text] input",
            run: "edit 2: 8",
        },
        {
            content: "Where it is offered",
            trigger: ".o_notebook_headers [name=pickup]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=community_ids] input",
            run: "edit Sunny",
        },
        {
            trigger: ".ui-autocomplete a:contains(Sunny Garden)",
            run: "click",
        },
        {
            content: "Schedule it",
            trigger: ".o_statusbar_buttons button[name=action_schedule]",
            run: "click",
        },
        {
            content: "Open it now",
            trigger: ".o_statusbar_buttons button[name=action_open_now]",
            run: "click",
        },
        confirmDialog(),
        {
            content: "It is open",
            trigger:
                ".o_statusbar_status [data-value=open].o_arrow_button_current, " +
                ".o_statusbar_status button.o_arrow_button_current[data-value=open]",
        },
    ],
});

/** Once residents have joined, a limit is raised with a reason for everybody to read. */
tours.add("groupbuy_edit_with_reason", {
    steps: () => [
        {
            content: "Edit with reason",
            trigger: ".o_statusbar_buttons button[name=action_edit_with_reason]",
            run: "click",
        },
        {
            content: "Try without a reason",
            trigger: ".modal .o_field_widget[name=line_ids] td[name=cap]",
            run: "click",
        },
        {
            content: "A higher limit",
            trigger: ".modal .o_selected_row .o_field_widget[name=cap] input",
            run: "edit 50",
        },
        {
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            content: "It is asked for",
            trigger: ".modal .o_field_widget[name=reason].o_field_invalid",
        },
        {
            content: "The reason",
            trigger:
                ".modal .o_field_widget[name=reason] input, " +
                ".modal .o_field_widget[name=reason] textarea",
            run: "edit The farm can deliver more",
        },
        {
            content: "Save",
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            content: "Everybody can read it",
            trigger:
                "body:not(:has(.o_dialog)) .o-mail-Message:contains(The farm can deliver more)",
        },
    ],
});

/** Staff close the campaign. */
tours.add("groupbuy_close_campaign", {
    steps: () => [
        {
            content: "Close it now",
            trigger: ".o_statusbar_buttons button[name=action_close_now]",
            run: "click",
        },
        confirmDialog(),
        {
            content: "Nobody can join any more",
            trigger:
                ".o_form_view:not(:has(.o_statusbar_buttons button[name=action_close_now]))",
        },
    ],
});

/** What the close has queued is looked at, and the papers are asked for. */
tours.add("groupbuy_jobs_and_papers", {
    steps: () => [
        {
            content: "The jobs of the campaign",
            trigger: ".o-form-buttonbox button[name=action_view_jobs]",
            run: "click",
        },
        {
            content: "They are done",
            trigger: ".o_list_view .o_data_row .badge.text-bg-success",
        },
        {
            content: "Back to the campaign",
            trigger: ".o_breadcrumb .o_back_button a, .o_back_button",
            run: "click",
        },
        {
            content: "Print",
            trigger: ".o_statusbar_buttons button[name=action_print_papers]",
            run: "click",
        },
        {
            content: "A list for each resident",
            trigger: ".modal input[data-value=by_resident]",
            run: "click",
        },
        {
            content: "As a spreadsheet",
            trigger: ".modal input[data-value=xlsx]",
            run: "click",
        },
        {
            content: "Get it",
            trigger: ".modal footer button[name=action_print]",
            run: "click",
        },
        {
            content: "The dialog is done with",
            trigger: "body:not(:has(.o_dialog)) .o_form_view",
        },
    ],
});
