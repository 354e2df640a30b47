import {registry} from "@web/core/registry";

/** Returns a picture as a phone's camera makes it, larger than what is kept. */
async function makePhoto() {
    const canvas = document.createElement("canvas");
    canvas.width = 2400;
    canvas.height = 1800;
    const context = canvas.getContext("2d");
    context.fillStyle = "#b93815";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    return new File([blob], "tomato.png", {type: "image/png"});
}

/** Chooses a file as a person does in the browser's dialog. */
async function choose(input, file) {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

/** Throws when something does not fit the width of the screen. */
function checkWidth() {
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) {
        throw new Error(`The page is ${page.scrollWidth} wide`);
    }
}

registry.category("web_tour.tours").add("groupbuy_case_report", {
    steps: () => [
        {
            content: "Report a problem from the order",
            trigger: "#gbv_order_cases a:contains('Report a problem')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "input[name^=quantity_]",
            run: "edit 2",
        },
        {
            trigger: "#gbv_type_quality",
            run: "click",
        },
        {
            trigger: "#gbv_description",
            run: "edit Two are mouldy",
        },
        {
            content: "A text file is no photo; the server says so",
            trigger: ".gbv-photos",
            run: ({anchor}) =>
                choose(anchor, new File(["no"], "note.txt", {type: "text/plain"})),
        },
        {
            trigger: "button:contains('Send')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What was entered is still there",
            trigger: ".alert:contains('is not a photo')",
        },
        {
            trigger: "#gbv_description:value('Two are mouldy')",
        },
        {
            content: "A real photo is made small before it is sent",
            trigger: ".gbv-photos",
            async run({anchor}) {
                await choose(anchor, await makePhoto());
                const until = Date.now() + 5000;
                while (anchor.files[0].type !== "image/jpeg") {
                    if (Date.now() > until) {
                        throw new Error("The photo was not made small");
                    }
                    await new Promise((resolve) => setTimeout(resolve, 50));
                }
                checkWidth();
            },
        },
        {
            trigger: "button:contains('Send')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains('You get an answer until')",
        },
        {
            trigger: ".gbv-talk-item.is-mine:contains('Two are mouldy') img",
            run: checkWidth,
        },
    ],
});

registry.category("web_tour.tours").add("groupbuy_case_answer", {
    steps: () => [
        {
            trigger: "#gbv_point_tiles a:contains('Cases')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#gbv_waiting_cases a:contains('Anna Miller')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".gbv-talk-item:contains('Two are mouldy')",
            run: checkWidth,
        },
        {
            content: "The whole is more than a leader may grant",
            trigger: "#gbv_outcome_refund",
            run: "click",
        },
        {
            trigger: "#gbv_decide button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-warning:contains('pass the case on')",
        },
        {
            trigger: "#gbv_outcome_partial",
            run: "click",
        },
        {
            trigger: "#gbv_amount",
            run: "edit 5",
        },
        {
            trigger: "#gbv_note",
            run: "edit I am sorry",
        },
        {
            trigger: "#gbv_decide button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains('Refund in Part')",
            run: checkWidth,
        },
    ],
});

registry.category("web_tour.tours").add("groupbuy_review", {
    steps: () => [
        {
            trigger: "a:contains('Rate the order')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "label[for=gbv_goods_5]",
            run: "click",
        },
        {
            trigger: "#gbv_goods_text",
            run: "edit Ripe and sweet",
        },
        {
            trigger: "label[for=gbv_service_4]",
            run: "click",
        },
        {
            trigger: "label[for=gbv_logistics_2]",
            run: "click",
        },
        {
            trigger: ".gbv-photos",
            async run({anchor}) {
                checkWidth();
                await choose(anchor, await makePhoto());
            },
        },
        {
            trigger: "button:contains('Send')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The mark for logistics is bad: there is a case",
            trigger: "a:contains('CASE/')",
        },
        {
            trigger: ".gbv-review:contains('Ripe and sweet') img",
            run: checkWidth,
        },
    ],
});

registry.category("web_tour.tours").add("groupbuy_case_back_office", {
    steps: () => [
        {
            trigger: ".o_form_view button[name=action_decide]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=outcome] input[data-value=refund]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit We are sorry",
        },
        {
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current[data-value=resolved]",
        },
    ],
});
