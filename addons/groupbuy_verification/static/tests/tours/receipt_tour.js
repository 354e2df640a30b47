import {registry} from "@web/core/registry";

/* An EAN-13 code as a printer draws it: which parity the first digit chooses, and the
 * seven modules of each digit on the left (odd parity). ISO/IEC 15420. */
const PARITIES = [
    "LLLLLL",
    "LLGLGG",
    "LLGGLG",
    "LLGGGL",
    "LGLLGG",
    "LGGLLG",
    "LGGGLL",
    "LGLGLG",
    "LGLGGL",
    "LGGLGL",
];
const LEFT = [
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
];

function invert(modules) {
    return modules.replace(/./g, (bit) => (bit === "1" ? "0" : "1"));
}

function encode(code) {
    const digits = [...code].map(Number);
    const right = digits.slice(7).map((digit) => invert(LEFT[digit]));
    const left = digits
        .slice(1, 7)
        .map((digit, position) =>
            PARITIES[digits[0]][position] === "L"
                ? LEFT[digit]
                : [...invert(LEFT[digit])].reverse().join("")
        );
    return `101${left.join("")}01010${right.join("")}101`;
}

/** A camera that looks at a printed barcode: the picture is real, so is its reading. */
function pointCameraAt(code) {
    const canvas = document.createElement("canvas");
    canvas.width = 640;
    canvas.height = 480;
    const context = canvas.getContext("2d");
    const modules = encode(code);
    const draw = () => {
        context.fillStyle = "white";
        context.fillRect(0, 0, 640, 480);
        context.fillStyle = "black";
        [...modules].forEach((bit, position) => {
            if (bit === "1") {
                context.fillRect(130 + position * 4, 140, 4, 200);
            }
        });
    };
    draw();
    setInterval(draw, 50);
    navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(20);
}

/** What a phone's camera gives: a picture file in the input. */
async function takePhoto(input) {
    const canvas = document.createElement("canvas");
    canvas.width = 2400;
    canvas.height = 1800;
    canvas.getContext("2d").fillRect(10, 10, 500, 500);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], "box.png", {type: "image/png"}));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

const line = (barcode) => `.gbv-line[data-barcode='${barcode}']`;

/**
 * The manager of a point counts a transfer on a phone. No step looks at a word, so that
 * it runs in each language; test_receipt_tours.py looks at the words.
 */
registry.category("web_tour.tours").add("groupbuy_receipt", {
    steps: () => [
        {
            content: "The point has something to receive",
            trigger: "#gbv_point_tiles a[href*='/receipts']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the transfer",
            trigger: ".o_gbv_receipts .list-group-item:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "A printed barcode is held into the camera",
            trigger: ".gbv-scan",
            async run({click}) {
                pointCameraAt("6901234567892");
                await click();
            },
        },
        {
            content: "It has jumped to its product",
            trigger: `${line("6901234567892")}.is-found[open] [name=received]:focus`,
        },
        {
            content: "Two less",
            trigger: `${line("6901234567892")} [data-gbv-by='-1']:first`,
            run: "click",
        },
        {
            content: "One more less",
            trigger: `${line("6901234567892")} [data-gbv-by='-1']:first`,
            run: "click",
        },
        {
            content: "It is marked as different",
            trigger: `${line("6901234567892")}.is-short.is-different select[name=short_responsible]`,
            run: "select supplier",
        },
        {
            content: "A hardware scanner types the other code",
            trigger: "[name=find]",
            async run({edit, press}) {
                await edit("6901234567908");
                await press("Enter");
            },
        },
        {
            content: "One of these is damaged",
            trigger: `${line("6901234567908")}[open] [name=damaged]`,
            run: "edit 1",
        },
        {
            content: "Who is responsible for it is asked",
            trigger: `${line("6901234567908")}.is-damaged select[name=damaged_responsible]:visible`,
        },
        {
            content: "A photo of it",
            trigger: `${line("6901234567908")} .gbv-photo`,
            run: ({anchor}) => takePhoto(anchor.querySelector("input")),
        },
        {
            content: "The photo is there",
            trigger: `${line("6901234567908")} .gbv-photos img`,
        },
        {
            content: "More than expected is refused by the server",
            trigger: `${line("6901234567908")} [name=received]`,
            run: "edit 99",
        },
        {
            content: "Check",
            trigger: ".gbv-check",
            run: "click",
        },
        {
            content: "It says why",
            trigger: ".gbv-message:not(.d-none)",
        },
        {
            content: "Count again",
            trigger: `${line("6901234567908")}[open] [name=received]`,
            run: "edit 2",
        },
        {
            content: "A page that is loaded again has kept what was typed",
            trigger: ".gbv-count:text(2)",
            run: () => window.location.reload(),
            expectUnloadPage: true,
        },
        {
            content: "Two products still differ",
            trigger: ".gbv-count:text(2)",
        },
        {
            content: "Open the damaged one",
            trigger: `${line("6901234567908")} summary`,
            run: "click",
        },
        {
            content: "A photo once more: pictures are not kept",
            trigger: `${line("6901234567908")} .gbv-photo`,
            run: ({anchor}) => takePhoto(anchor.querySelector("input")),
        },
        {
            content: "It is there",
            trigger: `${line("6901234567908")} .gbv-photos img`,
        },
        {
            content: "Check",
            trigger: ".gbv-check",
            run: "click",
        },
        {
            content: "It is shown who gets less",
            trigger: "[data-gbv-step=preview] .gbv-residents li",
        },
        {
            content: "Back to the counting",
            trigger: ".gbv-back",
            run: "click",
        },
        {
            content: "And forward again",
            trigger: ".gbv-check:visible",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".gbv-confirm:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is received",
            trigger: ".o_gbv_received",
        },
        {
            content: "With its photo",
            trigger: ".gbv-photos img",
        },
    ],
});
