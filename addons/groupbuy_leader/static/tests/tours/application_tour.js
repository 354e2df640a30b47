import {registry} from "@web/core/registry";

const NUMBER = /^paper_number_/;

/** Puts a small picture into a field for a file, as the dialog of the browser does. */
async function chooseFile(input) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 8;
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], "paper.png", {type: "image/png"}));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

/**
 * A visitor applies to run a pickup point. No step looks at a word, so that it runs in
 * each language.
 */
registry.category("web_tour.tours").add("groupbuy_leader_application", {
    steps: () => [
        {
            content: "Name",
            trigger: ".gb-application input[name=name]",
            run: "edit Chen Mei",
        },
        {
            content: "E-mail",
            trigger: ".gb-application input[name=email]",
            run: "edit chen@example.com",
        },
        {
            content: "Phone",
            trigger: ".gb-application input[name=phone]",
            run: "edit +86 571 5550 0101",
        },
        {
            content: "Choose the community on the map",
            trigger: ".gb-map .gb-map-place:first",
            run: "click",
        },
        {
            content: "Its choice in the list is made and its dot is marked",
            trigger:
                ".gb-application:has(input[name=community_id]:checked) .gb-map-place.is-chosen",
        },
        {
            content: "The name of the point",
            trigger: ".gb-application input[name=point_name]",
            run: "edit Corner Shop",
        },
        {
            content: "Street",
            trigger: ".gb-application input[name=street]",
            run: "edit 9 Garden Road",
        },
        {
            content: "City",
            trigger: ".gb-application input[name=city]",
            run: "edit Hangzhou",
        },
        {
            content: "Open on Monday",
            trigger: ".gb-application .gb-hours",
            run() {
                // The helper "edit" knows no fields for a time.
                this.anchor.querySelector("input[name=from_0]").value = "08:00";
                this.anchor.querySelector("input[name=to_0]").value = "20:00";
            },
        },
        {
            content: "The same on every day",
            trigger: ".gb-application .gb-copy-hours",
            run: "click",
        },
        {
            content: "Two papers: numbers, dates and files",
            trigger: ".gb-application .gb-paper",
            async run() {
                const papers = [...document.querySelectorAll(".gb-paper")].slice(0, 2);
                for (const [index, paper] of papers.entries()) {
                    for (const input of paper.querySelectorAll("input")) {
                        if (NUMBER.test(input.name)) {
                            input.value = `N-${index}`;
                        } else if (input.type === "date") {
                            input.value = "2099-12-31";
                        } else {
                            await chooseFile(input);
                        }
                    }
                }
            },
        },
        {
            content: "Agree",
            trigger: ".gb-application input[name=consent]",
            run: "click",
        },
        {
            content: "Send",
            trigger: ".gb-application button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It has arrived",
            trigger: "[data-gb=thanks]",
        },
    ],
});
