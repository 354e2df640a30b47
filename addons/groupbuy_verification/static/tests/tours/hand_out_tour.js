import {registry} from "@web/core/registry";

/** Type as a scanner does: fast, and into nothing. */
async function scan(text) {
    for (const key of [...text, "Enter"]) {
        document.body.dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})
        );
    }
}

const sheet = (status) => `.gbv-sheet[data-status=${status}]`;

/** Handing out in the back office; test_scan_tours.py puts the code into the page. */
registry.category("web_tour.tours").add("groupbuy_hand_out", {
    steps: () => [
        {
            content: "The list of the first point is there",
            trigger: ".gbv-action .gbv-hand-out[data-ready='1'] .gbv-row",
        },
        {
            content: "Choose another point, and the list is empty",
            trigger: "#gbv_point",
            run: "selectByLabel South Gate",
        },
        {
            content: "Nobody",
            trigger: ".gbv-hand-out[data-ready='1']:not(:has(.gbv-row)) .gbv-empty",
        },
        {
            content: "Go back",
            trigger: "#gbv_point",
            run: "selectByLabel North Gate",
        },
        {
            content: "A scanner types a code that there is not",
            trigger: ".gbv-hand-out[data-ready='1'] .gbv-row",
            run: () => scan("0000000000"),
        },
        {
            content: "It is refused in plain words",
            trigger: `${sheet("refused")}[data-refusal=unknown] .gbv-message`,
        },
        {
            content: "Close",
            trigger: ".gbv-sheet .gbv-close",
            run: "click",
        },
        {
            content: "A scanner reads the code of a resident",
            trigger: ".gbv-hand-out:not(:has(.gbv-sheet))",
            run: async () => {
                const row = document.querySelector(".gbv-row[data-state=due]");
                const response = await fetch("/web/dataset/call_kw", {
                    method: "POST",
                    headers: {"Content-Type": "application/json"},
                    body: JSON.stringify({
                        params: {
                            model: "stock.picking",
                            method: "read",
                            args: [[Number(row.dataset.picking)], ["origin"]],
                            kwargs: {},
                        },
                    }),
                });
                const {result} = await response.json();
                // The test has written the code where staff can read it.
                await scan(result[0].origin);
            },
        },
        {
            content: "Hand out",
            trigger: `${sheet("found")} .gbv-do:enabled`,
            run: "click",
        },
        {
            content: "Handed out",
            trigger: sheet("verified"),
        },
        {
            content: "Take back",
            trigger: `${sheet("verified")} .gbv-undo`,
            run: "click",
        },
        {
            content: "Why",
            trigger: ".gbv-sheet .gbv-undo-reason:first",
            run: "click",
        },
        {
            content: "Taken back",
            trigger: sheet("undone"),
        },
        {
            content: "Close",
            trigger: ".gbv-sheet .gbv-close",
            run: "click",
        },
        {
            content: "Search as you type",
            trigger: ".gbv-search input",
            run: "edit Resident 2",
        },
        {
            content:
                "One is found; the code was not shown, so something else has to be",
            trigger: ".gbv-rows:not(:has(.gbv-row:nth-child(2))) .gbv-row-do",
            run: "click",
        },
        {
            content: "It cannot be handed out yet",
            trigger: `${sheet("found")} .gbv-do:disabled`,
        },
        {
            content: "I have seen it",
            trigger: ".gbv-sheet .gbv-check input",
            run: "click",
        },
        {
            content: "Hand out",
            trigger: `${sheet("found")} .gbv-do:enabled`,
            run: "click",
        },
        {
            content: "Handed out",
            trigger: sheet("verified"),
        },
    ],
});

/** The live board: the figures, and the way to the screen that hands out. */
registry.category("web_tour.tours").add("groupbuy_board", {
    steps: () => [
        {
            content: "The point is on the board",
            trigger: ".gbv-board-point:contains(North Gate) .is-arrived dd:text(2)",
        },
        {
            content: "Something is handed out meanwhile",
            trigger: ".gbv-board-point .gbv-board-chart rect",
            run: async () => {
                const call = async (name, params) => {
                    const response = await fetch(`/groupbuy/scan/${name}`, {
                        method: "POST",
                        headers: {"Content-Type": "application/json"},
                        body: JSON.stringify({params}),
                    });
                    return (await response.json()).result;
                };
                const pointId = Number(
                    document.querySelector(".gbv-board-point").dataset.point
                );
                const {rows} = await call("list", {point_id: pointId});
                await call("hand-out", {
                    point_id: pointId,
                    picking_ids: [rows[0].picking_id],
                    method: "list",
                    request_key: "tour-of-the-board",
                });
            },
        },
        {
            content: "Open the screen that hands out",
            trigger: ".gbv-board-point:contains(North Gate) .btn:contains(Hand out)",
            run: "click",
        },
        {
            content: "It is the screen of this point",
            trigger: ".gbv-action .gbv-hand-out[data-ready='1'] .gbv-row",
        },
        {
            content: "Back to the board",
            trigger: ".o_menu_sections, .o_main_navbar",
            run: () => history.back(),
        },
        {
            content: "The board says what has happened",
            trigger: ".gbv-board-point:contains(North Gate) .is-collected dd:text(1)",
        },
    ],
});
