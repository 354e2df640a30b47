import {registry} from "@web/core/registry";

// No step looks at a word, so that the tours run in each language.

registry.category("web_tour.tours").add("groupbuy_tasks_check_in", {
    steps: () => [
        {
            content: "The code was good: a button checks in",
            trigger: ".gb-check-in form[action*='/confirm'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Checked in; on to the tasks",
            trigger: ".gb-check-in:has(.alert-success) a[href*='/my/group-tasks']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "A task that is done, with its bar full",
            trigger: ".gb-task:has(.gb-task-status) .progress[aria-valuenow='100']",
        },
        {
            content: "The ticket from the event leads to the draw",
            trigger: ".gb-tasks a[href*='/group-buy/draws/']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The draw shows its hash, and no seed yet",
            trigger: ".gb-draw[data-state=open]:not(:has(.gb-seed)) .gb-hash",
        },
    ],
});

registry.category("web_tour.tours").add("groupbuy_tasks_draw", {
    steps: () => [
        {
            content: "The winner and the seed are there",
            trigger: ".gb-draw[data-state=drawn]:has(.gb-winners li) .gb-seed",
        },
        {
            content: "How it was done can be read",
            trigger: ".gb-draw details summary",
            run: "click",
        },
        {
            content: "And all that proves it can be downloaded",
            trigger: ".gb-draw a[href$='/draw.json']",
        },
    ],
});

registry.category("web_tour.tours").add("groupbuy_tasks_screen", {
    steps: () => [
        {
            content: "A code is shown",
            trigger: ".gb-check-in-screen img.gb-check-in-code",
            run: ({anchor}) => {
                document.body.dataset.firstCode = anchor.getAttribute("src");
            },
        },
        {
            content: "Another one follows by itself",
            trigger: ".gb-check-in-screen img.gb-check-in-code",
            run: async ({anchor}) => {
                for (let attempt = 0; attempt < 30; attempt++) {
                    if (
                        anchor.getAttribute("src") !== document.body.dataset.firstCode
                    ) {
                        return;
                    }
                    await new Promise((resolve) => setTimeout(resolve, 500));
                }
                throw new Error("The code was not renewed");
            },
        },
        {
            content: "Nothing went wrong",
            trigger: ".gb-check-in-stale.d-none:not(:visible)",
        },
    ],
});
