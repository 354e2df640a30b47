# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Draw the pictures of the demo shop: python tools/draw_pictures.py [name ...]

Forty products, three communities and the campaigns' banners, as small PNG files under
addons/community_groupbuy/demo/images. The files are committed; run this after a change
of a drawing. Needs Pillow only.
"""

import math
import sys
from pathlib import Path

from picture_canvas import (
    Canvas,
    box,
    curve,
    darker,
    leaf,
    lighter,
    mix,
    move,
    oval,
    save,
    spline,
    turn,
)

IMAGES = Path(__file__).resolve().parents[1] / "addons/community_groupbuy/demo/images"
LARGEST, LARGEST_BANNER = 15 * 1024, 32 * 1024

GREEN, DARK_GREEN = "#6fae45", "#3f7f3a"
STEM = "#7a5a36"
RED, ORANGE, YELLOW = "#e5483b", "#f48c2a", "#f8c93c"
CREAM, WHITE, WOOD = "#fbf1d8", "#ffffff", "#d9a66a"
BLUE, TEAL, PURPLE, PINK = "#4f8fd6", "#3fa79b", "#8a63c4", "#f08aa4"
INK = "#43324f"

GROUNDS = {
    "vegetable": "#e4f1d6",
    "fruit": "#fdebd8",
    "meat": "#fbe2dc",
    "dairy": "#dfecf8",
    "pantry": "#f8edcf",
    "household": "#dcefec",
    "care": "#ebe4f6",
}
PICTURES = {}


def picture(kind):
    """Register a drawing function under its own name."""

    def register(function):
        PICTURES[function.__name__.replace("_", "-")] = (function, kind)
        return function

    return register


# ------------------------------------------------------------------ vegetables


def tomato(c, x, y, r):
    c.shadow(x, y + r * 0.86, r * 0.9)
    shape = spline(
        [
            (x - r * 0.4, y - r * 0.82),
            (x, y - r * 0.74),
            (x + r * 0.4, y - r * 0.82),
            (x + r, y - r * 0.15),
            (x + r * 0.78, y + r * 0.66),
            (x, y + r * 0.88),
            (x - r * 0.78, y + r * 0.66),
            (x - r, y - r * 0.15),
        ]
    )
    c.body(shape, RED)
    c.gleam(x - r * 0.5, y - r * 0.3, r * 0.16, r * 0.26, 28)
    for angle in (200, 245, 300, 345, 95):
        c.fill(leaf(x, y - r * 0.76, r * 0.56, r * 0.2, angle), DARK_GREEN)
    c.line([(x, y - r * 0.76), (x + r * 0.1, y - r * 1.04)], DARK_GREEN, r * 0.11)


@picture("vegetable")
def tomatoes(c):
    tomato(c, 66, 45, 20)
    tomato(c, 39, 57, 26)


@picture("vegetable")
def chinese_cabbage(c):
    c.shadow(50, 87, 25)
    for mirrored in (1, -1):
        outer = [(50, 86), (33, 80), (24, 58), (22, 36), (30, 22), (40, 26), (47, 50)]
        shape = spline([(50 + (x - 50) * mirrored, y) for x, y in outer])
        c.body(shape, "#8cc152", light=(-3 * mirrored, -2))
    c.body(
        spline(
            [
                (50, 88),
                (34, 80),
                (29, 50),
                (33, 24),
                (50, 13),
                (67, 24),
                (71, 50),
                (66, 80),
            ]
        ),
        "#b9d977",
    )
    c.body(
        spline(
            [
                (50, 88),
                (40, 80),
                (37, 52),
                (43, 30),
                (50, 25),
                (57, 30),
                (63, 52),
                (60, 80),
            ]
        ),
        "#f3f6dc",
        shade=0.07,
    )
    for x, top in ((44, 50), (50, 40), (56, 50)):
        c.line(curve([(50 + (x - 50) * 0.6, 82), (x, 66), (x, top)]), "#cfdfa0", 1.3)
    for points in (
        [(50, 40), (44, 30), (38, 27)],
        [(50, 40), (56, 30), (62, 27)],
        [(50, 40), (50, 26), (50, 18)],
    ):
        c.line(curve(points), "#f3f6dc", 1.7)


@picture("vegetable")
def potatoes(c):
    for x, y, rx, ry, angle, colour in (
        (65, 45, 20, 15, 24, "#cfa264"),
        (35, 49, 21, 16, -18, "#dab274"),
        (52, 66, 25, 17, 6, "#e3bd80"),
    ):
        c.shadow(x, y + ry * 0.9, rx)
        bumps = [
            (
                x + rx * k * math.cos(math.radians(a)),
                y + ry * k * math.sin(math.radians(a)),
            )
            for a, k in zip(
                range(0, 360, 45), (1, 1.04, 1, 0.95, 1, 1.02, 0.95, 1), strict=True
            )
        ]
        c.body(turn(spline(bumps), angle, (x, y)), colour)
        c.gleam(x - rx * 0.42, y - ry * 0.42, rx * 0.22, ry * 0.14, angle, 0.35)
        for dx, dy in ((0.3, -0.25), (-0.15, 0.3), (0.55, 0.3), (-0.55, 0.1)):
            c.fill(oval(x + rx * dx, y + ry * dy, 1.5, 0.9, 20), "#a67a43")


@picture("vegetable")
def carrots(c):
    for x, angle, colour in ((58, 32, "#f08324"), (42, 8, "#f7953a")):
        about = (x, 55)
        for spread in (-26, 0, 26):
            frond = leaf(x, 33, 22, 9, -90 + spread)
            c.fill(turn(frond, angle, about), GREEN if spread else DARK_GREEN)
        root = spline(
            [
                (x - 9, 34),
                (x, 31),
                (x + 9, 34),
                (x + 7.5, 56),
                (x + 2, 84),
                (x, 89),
                (x - 2, 84),
                (x - 7.5, 56),
            ]
        )
        root = turn(root, angle, about)
        c.body(root, colour)
        with c.inside(root):
            for dy, left, right in (
                (42, -9, -2),
                (50, 3, 9),
                (58, -8, -2),
                (66, 1, 6),
                (73, -5, -1),
            ):
                groove = turn([(x + left, dy), (x + right, dy + 0.6)], angle, about)
                c.line(groove, darker(colour, 0.22), 1.1)


@picture("vegetable")
def cucumbers(c):
    for points, width in (
        ([(22, 36), (42, 29), (64, 33), (80, 45)], 15),
        ([(18, 57), (38, 48), (60, 50), (76, 62)], 16),
    ):
        line = curve(points)
        c.line(move(line, 1, 3.4), "#3a2a4a", width, 0.13)
        c.line(line, "#3d8b3d", width)
        c.line(move(line, -0.6, -2.6), "#57a84b", width * 0.55)
        for share in (0.12, 0.24, 0.36, 0.48, 0.6, 0.72, 0.84):
            x, y = line[int(share * len(line))]
            c.fill(oval(x, y - 1.5 + 4 * math.sin(share * 40), 0.9), "#2f6e33")
    for x, y in ((70, 74), (47, 80)):
        c.shadow(x, y + 9, 11, 2)
        c.body(oval(x, y, 12, 10.5), "#3d8b3d")
        c.fill(oval(x, y, 10.6, 9.1), "#dcefb4")
        c.fill(oval(x, y, 6.6, 5.6), "#c6e294")
        for angle in range(0, 360, 60):
            dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            seed = turn(
                oval(x + 4.2 * dx, y + 3.5 * dy, 1.5, 0.7),
                angle,
                (x + 4.2 * dx, y + 3.5 * dy),
            )
            c.fill(seed, "#f5fadc")


@picture("vegetable")
def eggplants(c):
    for x, angle, colour in ((62, 30, "#5a3485"), (44, 14, "#6b3fa0")):
        about = (x, 55)
        shape = spline(
            [
                (x - 6, 30),
                (x + 6, 30),
                (x + 10, 50),
                (x + 15, 70),
                (x + 8, 86),
                (x - 8, 86),
                (x - 15, 70),
                (x - 10, 50),
            ]
        )
        shape = turn(shape, angle, about)
        c.fill(move(shape, 2, 3), "#3a2a4a", 0.12)
        c.body(shape, colour, shade=0.3)
        c.fill(turn(oval(x - 6, 62, 2.2, 11, 8), angle, about), WHITE, 0.32)
        cap = [
            (x - 8, 32),
            (x, 24),
            (x + 8, 32),
            (x + 10, 42),
            (x + 4, 37),
            (x, 45),
            (x - 4, 37),
            (x - 10, 42),
        ]
        c.body(turn(cap, angle, about), GREEN)
        c.line(turn([(x, 27), (x + 1, 16)], angle, about), DARK_GREEN, 4)


@picture("vegetable")
def sweet_corn(c):
    c.shadow(52, 88, 24)
    cob = spline(
        [(50, 10), (59, 22), (63, 46), (60, 72), (50, 84), (40, 72), (37, 46), (41, 22)]
    )
    cob = turn(cob, 8, (50, 50))
    c.body(cob, YELLOW)
    with c.inside(cob):
        for row in range(15):
            for column in range(-3, 4):
                x = 50 + column * 4.7 + (2.3 if row % 2 else 0)
                x, y = turn([(x, 12 + row * 5)], 8, (50, 50))[0]
                c.fill(oval(x, y, 2.1, 2.2), "#fde07a")
                c.fill(oval(x + 0.5, y + 0.6, 1.5, 1.5), "#f6bd2c")
    for mirrored, colour in ((1, "#7fbb4b"), (-1, "#6aa83d")):
        husk = [(50, 90), (30, 80), (23, 56), (24, 32), (33, 50), (43, 66), (52, 80)]
        shape = spline([(50 + (x - 50) * mirrored, y) for x, y in husk])
        c.body(shape, colour, light=(-3 * mirrored, -2))
        rib = [
            (50 - 3 * mirrored, 86),
            (50 - 17 * mirrored, 68),
            (50 - 24 * mirrored, 42),
        ]
        c.line(curve(rib), darker(colour, 0.14), 1.1)


@picture("vegetable")
def green_peppers(c):
    for x, y, r, colour in ((65, 50, 20, "#4c9a3f"), (38, 58, 24, "#5fb04c")):
        c.shadow(x, y + r * 1.02, r * 0.8)
        for dx in (-0.55, 0.55, 0):
            lobe = spline(
                [
                    (x + r * dx * 0.7, y - r * 0.8),
                    (x + r * (dx + 0.5), y - r * 0.5),
                    (x + r * (dx + 0.45), y + r * 0.5),
                    (x + r * dx * 0.9, y + r),
                    (x + r * (dx - 0.45), y + r * 0.5),
                    (x + r * (dx - 0.5), y - r * 0.5),
                ]
            )
            c.body(lobe, colour, shade=0.14, light=(-2.5, -1.5))
        c.gleam(x - r * 0.62, y - r * 0.2, r * 0.1, r * 0.32, 6, 0.4)
        c.fill(oval(x, y - r * 0.72, r * 0.3, r * 0.12), DARK_GREEN)
        stem = [(x, y - r * 0.74), (x + 1, y - r), (x + r * 0.22, y - r * 1.22)]
        c.line(curve(stem), DARK_GREEN, r * 0.2)


@picture("vegetable")
def broccoli(c):
    c.shadow(50, 87, 20)
    stalk = spline([(43, 52), (57, 52), (58, 72), (61, 86), (39, 86), (42, 72)])
    c.body(stalk, "#a9cf73")
    for x1, y1 in ((32, 52), (68, 52)):
        c.line(curve([(50, 72), ((50 + x1) / 2, 63), (x1, y1)]), "#9cc565", 6)
    for x, y, r, colour in (
        (26, 47, 13, "#3f8a3c"),
        (74, 47, 13, "#357a35"),
        (38, 33, 14, "#4a9a44"),
        (62, 33, 14, "#3f8a3c"),
        (50, 25, 13, "#55a64c"),
        (40, 51, 12, "#55a64c"),
        (60, 51, 12, "#4a9a44"),
        (50, 41, 14, "#5fb052"),
    ):
        c.body(oval(x, y, r), colour, shade=0.14)
        for angle in range(0, 360, 50):
            dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            c.fill(
                oval(x + dx * r * 0.62, y + dy * r * 0.62, 1.3), lighter(colour, 0.28)
            )
        c.fill(oval(x, y, 1.5), lighter(colour, 0.28))


@picture("vegetable")
def shiitake_mushrooms(c):
    for x, y, r in ((69, 46, 17), (31, 48, 18), (51, 60, 24)):
        c.shadow(x, y + r * 1.06, r * 0.7)
        c.body(
            spline(
                [
                    (x - r * 0.24, y),
                    (x + r * 0.24, y),
                    (x + r * 0.3, y + r),
                    (x, y + r * 1.1),
                    (x - r * 0.3, y + r),
                ]
            ),
            "#f1dfc0",
        )
        cap = spline(
            [
                (x - r, y + r * 0.12),
                (x - r * 0.78, y - r * 0.52),
                (x, y - r * 0.88),
                (x + r * 0.78, y - r * 0.52),
                (x + r, y + r * 0.12),
                (x + r * 0.6, y + r * 0.34),
                (x, y + r * 0.4),
                (x - r * 0.6, y + r * 0.34),
            ]
        )
        c.body(cap, "#8f5f3c")
        c.gleam(x - r * 0.5, y - r * 0.4, r * 0.2, r * 0.1, -32, 0.25)
        with c.inside(cap):
            for angle in (20, 80, 140):
                dx = math.cos(math.radians(angle)) * r * 0.55
                dy = math.sin(math.radians(angle)) * r * 0.34
                cy = y - r * 0.22
                c.line([(x - dx, cy - dy), (x + dx, cy + dy)], "#ecd2aa", r * 0.11)


# ------------------------------------------------------------------ fruit


def apple(c, x, y, r, colour):
    c.shadow(x, y + r * 0.95, r * 0.75)
    shape = spline(
        [
            (x, y - r * 0.66),
            (x + r * 0.52, y - r * 0.88),
            (x + r, y - r * 0.28),
            (x + r * 0.78, y + r * 0.58),
            (x + r * 0.32, y + r * 0.98),
            (x, y + r * 0.88),
            (x - r * 0.32, y + r * 0.98),
            (x - r * 0.78, y + r * 0.58),
            (x - r, y - r * 0.28),
            (x - r * 0.52, y - r * 0.88),
        ]
    )
    c.body(shape, colour)
    with c.inside(shape):
        c.fill(oval(x, y - r * 0.72, r * 0.34, r * 0.16), darker(colour, 0.28))
    c.gleam(x - r * 0.55, y - r * 0.3, r * 0.13, r * 0.28, 24)
    stem = curve(
        [(x, y - r * 0.66), (x + r * 0.04, y - r * 0.98), (x + r * 0.18, y - r * 1.2)]
    )
    c.line(stem, STEM, r * 0.1)
    c.body(
        leaf(x + r * 0.1, y - r * 0.98, r * 0.62, r * 0.32, -22), GREEN, 0.12, (-1, -1)
    )


@picture("fruit")
def apples(c):
    apple(c, 65, 49, 20, "#d93a3f")
    apple(c, 38, 58, 26, "#e8504a")


@picture("fruit")
def bananas(c):
    with c.placed(-4, 0, 1):
        c.shadow(52, 80, 32)
        outer = [(30, 20), (26, 44), (38, 68), (62, 80), (84, 70)]
        inner = [(84, 70), (66, 68), (50, 56), (42, 40), (39, 20)]
        for angle, colour in ((-18, "#e9b52f"), (-6, "#f3c437"), (7, "#f9d44c")):
            shape = turn(curve(outer) + curve(inner), angle, (34, 20))
            c.body(shape, colour, 0.14, (1.5, -4))
            edge = turn(
                curve([(34.5, 22), (34, 42), (45, 61), (64, 73), (80, 70)]),
                angle,
                (34, 20),
            )
            c.line(edge, darker(colour, 0.13), 0.9)
            tip = turn([(83, 70.5), (86, 69)], angle, (34, 20))
            c.line(tip, STEM, 3)
        c.line([(36, 22), (33, 12)], "#8d7a2e", 8)
        c.line([(36, 24), (35, 18)], "#a9a03c", 8)


@picture("fruit")
def oranges(c):
    c.shadow(40, 82, 24)
    whole = oval(40, 58, 26)
    c.body(whole, ORANGE)
    for x, y in ((30, 52), (36, 66), (46, 58), (52, 70), (42, 46), (28, 64), (54, 54)):
        c.fill(oval(x, y, 0.8), "#dd7413")
    c.gleam(29, 46, 4, 7, 34)
    c.fill(oval(42, 34, 3, 1.8), DARK_GREEN)
    c.body(leaf(43, 34, 20, 10, -26), GREEN, 0.12, (-1, -1))
    c.shadow(70, 84, 18)
    c.body(oval(70, 65, 20), ORANGE, light=(-2, -2))
    c.fill(oval(70, 65, 17.6), "#ffe9c4")
    for angle in range(0, 360, 45):
        about = (70, 65)
        wedge = spline([(73, 65), (83, 60.3), (85.6, 65), (83, 69.7)])
        c.fill(turn(wedge, angle + 10, about), "#fba63c")
    c.fill(oval(70, 65, 2), "#ffe9c4")


@picture("fruit")
def grapes(c):
    c.line(curve([(50, 26), (51, 17), (57, 11)]), STEM, 3)
    vine = spline([(50, 24), (36, 26), (27, 18), (31, 11), (40, 14), (46, 8), (54, 16)])
    c.body(vine, GREEN)
    rows = (
        (31, (30, 43, 57, 70)),
        (43, (24, 37, 50, 63, 76)),
        (55, (31, 44, 57, 69)),
        (67, (38, 51, 62)),
        (78, (45, 56)),
        (87, (50,)),
    )
    for y, columns in rows:
        for number, x in enumerate(columns):
            colour = ("#7b4bb0", "#8f5cc4", "#6c3f9e")[(number + y) % 3]
            c.body(oval(x, y, 7.9), colour, 0.22, (-2, -2))
            c.gleam(x - 2.6, y - 2.8, 1.5, 2.2, 40, 0.5)


def strawberry(c, x, y, r, angle):
    about = (x, y)
    shape = spline(
        [
            (x, y - r * 0.74),
            (x + r * 0.6, y - r * 0.82),
            (x + r * 0.92, y - r * 0.3),
            (x + r * 0.5, y + r * 0.5),
            (x, y + r),
            (x - r * 0.5, y + r * 0.5),
            (x - r * 0.92, y - r * 0.3),
            (x - r * 0.6, y - r * 0.82),
        ]
    )
    shape = turn(shape, angle, about)
    c.fill(move(shape, 1.5, 2.5), "#3a2a4a", 0.12)
    c.body(shape, "#e8384f")
    with c.inside(shape):
        for row in range(6):
            for column in range(-3, 4):
                sx = x + (column + (row % 2) / 2) * r * 0.36
                sy = y - r * 0.5 + row * r * 0.27
                seed = turn(oval(sx, sy, r * 0.045, r * 0.08), angle, about)
                c.fill(seed, "#ffdf8a")
    for spread in (-170, -132, -90, -48, -10):
        c.fill(
            turn(leaf(x, y - r * 0.72, r * 0.58, r * 0.28, spread), angle, about),
            GREEN if spread % 20 else DARK_GREEN,
        )
    for spread in (150, 30, 90):
        c.fill(
            turn(leaf(x, y - r * 0.76, r * 0.5, r * 0.26, spread), angle, about), GREEN
        )


@picture("fruit")
def strawberries(c):
    c.shadow(50, 84, 34)
    strawberry(c, 66, 44, 22, 18)
    strawberry(c, 31, 50, 22, -16)
    strawberry(c, 54, 63, 23, 4)


@picture("fruit")
def watermelon(c):
    c.shadow(42, 80, 28)
    ball = oval(40, 52, 29)
    c.body(ball, "#5fae4a")
    with c.inside(ball):
        for shift in (-25, -13, 0, 13, 25):
            ripple = [(40 + shift * 0.25, 22)]
            for step in range(1, 8):
                sway = 1.8 if step % 2 else -1.8
                bulge = math.sin(math.pi * step / 8)
                ripple.append(
                    (40 + shift * (0.25 + 0.85 * bulge) + sway, 22 + step * 7.6)
                )
            c.line(curve([*ripple, (40 + shift * 0.25, 83)]), "#2f6f35", 3.4)
    c.gleam(25, 38, 3.5, 7, 38, 0.35)
    c.line(curve([(40, 24), (42, 17), (48, 15)]), "#5d7a35", 2.6)
    c.shadow(66, 86, 24, 3)
    rind = turn(oval(66, 60, 27, start=0, end=180), -12, (66, 60))
    c.body(rind, "#3f8a3c", light=(0, -3))
    c.fill(turn(oval(66, 60, 24.6, start=0, end=180), -12, (66, 60)), "#eaf5cf")
    c.fill(turn(oval(66, 60, 22.6, start=0, end=180), -12, (66, 60)), "#f2525a")
    for dx, dy in ((-13, 5), (-5, 5), (4, 5), (13, 5), (-8, 12), (1, 13), (9, 11)):
        x, y = turn([(66 + dx, 60 + dy)], -12, (66, 60))[0]
        c.fill(oval(x, y, 1, 1.7), INK)


@picture("fruit")
def kiwi_fruit(c):
    c.shadow(35, 74, 22)
    c.body(oval(36, 52, 25, 21, -18), "#8b6a3c")
    for number in range(20):
        angle = number * 137.5
        reach = 0.25 + 0.6 * (number / 20)
        x = 36 + 23 * reach * math.cos(math.radians(angle))
        y = 52 + 19 * reach * math.sin(math.radians(angle))
        c.line([(x, y), (x + 1.2, y + 1.1)], "#a98650", 0.7)
    c.gleam(27, 42, 5, 3, -32, 0.25)
    c.shadow(66, 86, 22)
    c.body(oval(66, 64, 23, 22), "#7b5b32", light=(-2, -2))
    c.fill(oval(66, 64, 20.8, 19.8), "#8fc440")
    c.fill(oval(66, 64, 15, 14), "#a5d352")
    for angle in range(0, 360, 15):
        dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        c.line(
            [(66 + 8 * dx, 64 + 7.5 * dy), (66 + 18 * dx, 64 + 17 * dy)], "#c3e37e", 0.5
        )
    for angle in range(7, 367, 24):
        dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        x, y = 66 + 10 * dx, 64 + 9.4 * dy
        c.fill(turn(oval(x, y, 1.7, 0.8), angle, (x, y)), INK)
    c.fill(oval(66, 64, 6, 5), "#f4f5cf")


@picture("fruit")
def pears(c):
    for x, y, k, angle in ((64, 50, 0.86, 14), (40, 56, 1.08, -6)):
        about = (x, y)
        c.shadow(x, y + 31 * k, 20 * k)
        outline = [
            (0, -30),
            (7, -27),
            (9, -12),
            (19, 4),
            (20, 20),
            (11, 31),
            (0, 32),
            (-11, 31),
            (-20, 20),
            (-19, 4),
            (-9, -12),
            (-7, -27),
        ]
        shape = spline([(x + a * k, y + b * k) for a, b in outline])
        shape = turn(shape, angle, about)
        c.body(shape, "#e8cf5a", 0.14)
        with c.inside(shape):
            for number in range(16):
                sx = x + 15 * k * math.cos(number * 2.4) * (number / 16)
                sy = y + (12 + 16 * math.sin(number * 2.4) * (number / 16)) * k
                c.fill(oval(sx, sy, 0.6), "#b89a34")
        c.gleam(x - 10 * k, y + 8 * k, 2.6 * k, 6 * k, 14)
        stalk = curve([(x, y - 29 * k), (x + 1, y - 36 * k), (x + 5 * k, y - 41 * k)])
        c.line(turn(stalk, angle, about), STEM, 2.4 * k)
        c.body(
            turn(leaf(x + 2, y - 36 * k, 15 * k, 8 * k, 12), angle, about),
            GREEN,
            0.12,
            (-1, -1),
        )


# ------------------------------------------------------------------ meat and fish


def board(c, top=64):
    c.shadow(50, top + 22, 40, 5)
    c.body(box(10, top, 90, top + 18, 8), WOOD, light=(0, -5))
    for y in (top + 4, top + 8.5):
        c.line([(18, y), (80, y)], "#c9935a", 0.7)
    c.fill(oval(83, top + 6.5, 2.2, 1.8), "#a97743")


@picture("meat")
def pork_belly(c):
    board(c)
    slab = spline(
        [
            (20, 38),
            (40, 34),
            (62, 35),
            (79, 38),
            (83, 54),
            (80, 68),
            (60, 71),
            (38, 71),
            (20, 69),
            (16, 54),
        ]
    )
    c.body(slab, "#f6c9bd", light=(-2, -3))
    with c.inside(slab):
        for y, colour, width in (
            (38, "#e9a58f", 5),
            (48, "#d9585c", 7.5),
            (57.5, "#f9ded2", 4),
            (65, "#cf4a52", 7),
        ):
            wave = [
                (8, y + 1),
                (25, y - 1.2),
                (42, y + 1),
                (60, y - 1),
                (76, y + 1),
                (94, y - 0.5),
            ]
            c.line(curve(wave), colour, width)
        for x in (30, 46, 62):
            c.line(curve([(x, 46), (x + 5, 49), (x + 10, 47.5)]), "#f0a39a", 1.1)
    c.gleam(30, 40, 9, 1.3, -3, 0.4)
    for angle in (-150, -110, -70):
        c.fill(leaf(80, 69, 15, 6, angle), GREEN)


def drumstick(c, x, y, k, angle):
    """Draw a drumstick whose bone points in a direction in degrees."""
    about = (x, y)

    def put(points):
        return turn([(x + a * k, y + b * k) for a, b in points], angle, about)

    bone = put([(16, 0), (37, 0)])
    c.line(bone, "#e9d3b4", 6.4 * k)
    c.line(move(bone, -0.4, -0.7), "#fbeed8", 5 * k)
    for side in (-3.2, 3.2):
        knob = put([(39, side)])[0]
        c.body(oval(*knob, 4.2 * k), "#fbeed8", 0.1, (-1, -1))
    outline = [(-25, -2), (-20, -14), (-4, -18), (12, -11), (25, -5), (27, 0), (25, 5)]
    outline += [(12, 11), (-4, 18), (-20, 14)]
    meat = spline(put(outline))
    c.fill(move(meat, 1.5, 3), "#3a2a4a", 0.12)
    c.body(meat, "#e89a5b", 0.2)
    c.line(curve(put([(23, -5), (25.5, 0), (23, 5)])), "#c97a40", 2 * k)
    c.gleam(*put([(-9, -7 if angle < -90 else 7)])[0], 2.6 * k, 7 * k, angle + 90, 0.4)
    for spot in ((-12, 6), (-2, -4), (6, 4), (-16, -3), (2, 10), (-6, 0)):
        c.fill(oval(*put([spot])[0], 0.9 * k), "#c97a40")


@picture("meat")
def chicken_drumsticks(c):
    c.shadow(50, 85, 40, 6)
    c.body(oval(50, 70, 42, 17), WHITE, shade=0.12, light=(0, -4))
    c.fill(oval(50, 68, 35, 12.5), "#e6edf2")
    drumstick(c, 62, 52, 0.92, -38)
    drumstick(c, 38, 60, 1.02, -128)
    for angle in (-150, -115, -80, -45):
        c.fill(leaf(70, 79, 13, 6.5, angle), GREEN if angle % 2 else DARK_GREEN)


def lemon(c, x, y, r):
    """Draw a slice of lemon."""
    c.body(oval(x, y, r, r * 0.8), YELLOW, light=(-1, -1))
    c.fill(oval(x, y, r * 0.8, r * 0.6), "#fdf0a8")
    for angle in range(0, 180, 45):
        dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        start = (x - r * 0.66 * dx, y - r * 0.5 * dy)
        c.line([start, (x + r * 0.66 * dx, y + r * 0.5 * dy)], YELLOW, 0.8)


def prawn(c, x, y, k, mirrored):
    """Draw a curled prawn; `mirrored` is -1 to make it look to the right."""

    def at(a, b):
        return (x + mirrored * a * k, y + b * k)

    def ring(number):
        angle = math.radians(150 + number * 29)
        return 21 * math.cos(angle), 21 * math.sin(angle)

    for reach, droop in ((22, 10), (30, 5)):
        feeler = [at(-21, 30), at(-10, 28 + droop), at(reach - 10, 22 + droop)]
        c.line(curve(feeler), "#d9613c", 1.1)
    a, b = ring(7.2)
    for spread in (64, 92, 120):
        fin = leaf(*at(a, b), 15 * k, 7.5 * k, spread if mirrored > 0 else 180 - spread)
        c.body(fin, "#dd5a38", 0.12, (-1, -1))
    for number in range(1, 7):
        inner = [value * 0.42 for value in ring(number)]
        outer = [value * 0.8 for value in ring(number)]
        c.line([at(*outer), at(*inner)], "#dd6a44", 2 * k)
    for number in range(7, -1, -1):
        a, b = ring(number)
        colour = ("#f98f66", "#ffab83")[number % 2]
        c.body(oval(*at(a, b), (11.6 - number * 0.85) * k), colour, 0.16, (-1.5, -2))
    head = spline(
        [
            at(-27, 0),
            at(-14, -2),
            at(-9, 12),
            at(-14, 26),
            at(-22, 37),
            at(-25, 28),
            at(-31, 14),
        ]
    )
    c.body(head, "#f98f66", 0.16, (-1.5, -2))
    c.fill(oval(*at(-21, 21), 2.6 * k), INK)
    c.fill(oval(*at(-21.8, 20.2), 0.9 * k), WHITE)


@picture("meat")
def shrimp(c):
    c.shadow(50, 84, 36, 5)
    prawn(c, 56, 45, 1.28, 1)
    lemon(c, 80, 76, 10)
    for angle in (-160, -125, -90):
        c.fill(leaf(68, 85, 13, 6, angle), GREEN if angle % 2 else DARK_GREEN)


@picture("meat")
def sea_bass(c):
    c.shadow(50, 76, 40, 7)
    c.body(oval(50, 64, 45, 20), WHITE, shade=0.09, light=(0, -5))
    c.fill(oval(50, 61.5, 38, 15), "#e9f1f5")
    fish = spline(
        [
            (8, 55),
            (18, 44),
            (38, 37),
            (60, 42),
            (76, 52),
            (76, 58),
            (60, 67),
            (38, 71),
            (18, 66),
        ]
    )
    c.body([(66, 54), (92, 38), (87, 55), (92, 71)], "#7d97a8", 0.12, (-1, -2))
    c.body(spline([(30, 40), (40, 29), (54, 33), (62, 43)]), "#7d97a8", 0.12, (-1, -2))
    c.body(fish, "#a9bfcc", 0.1, (0, 4))
    with c.inside(fish):
        c.fill(
            spline([(4, 58), (30, 57), (60, 58), (80, 56), (70, 84), (20, 84)]),
            "#dfe9ee",
        )
        for row in range(3):
            for column in range(5):
                x, y = 36 + column * 7 + (row % 2) * 3.5, 47 + row * 6
                c.line(oval(x, y, 3, 3, start=-70, end=70), "#88a2b2", 0.9)
        c.line(curve([(27, 40), (32, 54), (27, 69)]), "#7d97a8", 1.4)
    c.fill(oval(17.5, 52, 3.6), WHITE)
    c.fill(oval(17, 52, 2.1), INK)
    c.line(curve([(8.5, 58), (13, 60), (16, 59)]), "#6d8797", 1.2)
    c.body(leaf(36, 60, 15, 9, 28), "#7d97a8", 0.12, (-1, -1))
    lemon(c, 78, 73, 9)
    for angle in (200, 235, 270):
        c.fill(leaf(30, 78, 12, 5, angle), GREEN)


# ------------------------------------------------------------------ dairy, eggs, tofu


def egg(c, x, y, r, colour):
    shape = spline(
        [
            (x, y - r * 1.3),
            (x + r * 0.72, y - r * 0.7),
            (x + r, y + r * 0.2),
            (x + r * 0.6, y + r * 0.88),
            (x, y + r * 1.05),
            (x - r * 0.6, y + r * 0.88),
            (x - r, y + r * 0.2),
            (x - r * 0.72, y - r * 0.7),
        ]
    )
    c.body(shape, colour, 0.13)
    c.gleam(x - r * 0.36, y - r * 0.42, r * 0.14, r * 0.26, 24, 0.55)


@picture("dairy")
def eggs(c):
    c.shadow(50, 84, 40, 5)
    for x, colour in ((27, "#eec39c"), (50, "#f5d7b8"), (73, "#e8b78b")):
        egg(c, x, 43, 12, colour)
    c.body(box(11, 48, 89, 60, 5), "#9fb6c4", light=(0, -3))
    for x, colour in (
        (20, "#f1cba6"),
        (40, "#eabb90"),
        (60, "#f1cba6"),
        (80, "#f7dcc0"),
    ):
        egg(c, x, 57, 11.5, colour)
    tray = [(6, 60)]
    for x in (20, 40, 60, 80):
        tray += oval(x, 60, 10, 6, start=180, end=0)
    c.body([*tray, (94, 60), (88, 84), (12, 84)], "#86a0b0", light=(0, -4))
    for x in (30, 50, 70):
        c.line([(x, 66), (x + (50 - x) * 0.06, 82)], "#74909f", 1.5)


@picture("dairy")
def whole_milk(c):
    c.shadow(50, 89, 27)
    c.fill([(64, 34), (76, 30), (76, 82), (64, 88)], "#c4d8ea")
    c.fill([(28, 34), (64, 34), (64, 88), (28, 88)], WHITE)
    c.fill([(28, 34), (36, 19), (70, 17), (64, 34)], "#eef5fb")
    c.fill([(64, 34), (70, 17), (76, 30)], "#aac6de")
    c.fill([(36, 12), (70, 10), (70, 17), (36, 19)], "#5a9be0")
    with c.inside([(28, 34), (64, 34), (64, 88), (28, 88)]):
        c.fill(box(28, 34, 64, 46), "#5a9be0")
        wave = [(28, 46), (34, 49), (40, 45), (46, 49), (52, 45), (58, 49), (64, 46)]
        c.fill([*curve(wave), (64, 40), (28, 40)], "#5a9be0")
        c.fill(spline([(24, 70), (34, 68), (38, 78), (33, 90), (24, 92)]), INK)
        c.fill(spline([(58, 78), (66, 74), (68, 84), (60, 86)]), INK)
        c.fill(spline([(50, 54), (58, 52), (60, 59), (53, 61)]), INK)
    drop = spline([(46, 57), (51, 66), (50, 73), (46, 75), (42, 73), (41, 66)])
    c.body(drop, "#8fc0f0", 0.08, (-1, -1))
    c.gleam(33, 60, 1.3, 8, 0, 0.8)


@picture("dairy")
def yogurt(c):
    c.shadow(48, 86, 22)
    cup = [(26, 40), (70, 40), (64, 84), (62, 86), (34, 86), (32, 84)]
    c.body(cup, WHITE, shade=0.09)
    with c.inside(cup):
        c.fill(
            [
                *curve([(20, 60), (34, 56), (48, 61), (62, 56), (78, 60)]),
                (78, 90),
                (20, 90),
            ],
            PINK,
        )
    c.body(oval(48, 40, 24, 6), "#dfe6ec", light=(0, -2))
    c.fill(oval(48, 39, 21.5, 4.8), "#fdf6f0")
    swirl = spline(
        [(34, 38), (40, 30), (46, 32), (50, 25), (56, 31), (63, 38), (48, 42)]
    )
    c.body(swirl, "#fff8f1", 0.07)
    strawberry(c, 48, 69, 10, 8)
    c.line([(58, 36), (78, 14)], "#b9c4cf", 2.6)
    c.body(oval(80, 11, 6, 4.4, -48), "#cbd5de", light=(-1, -1))
    c.body(spline([(27, 35), (33, 30), (36, 36), (31, 40)]), "#6a58c8", 0.12, (-1, -1))


@picture("dairy")
def tofu(c):
    board(c, 66)
    for x, y, w in ((58, 44, 20), (34, 48, 22)):
        h = w * 0.9
        d = w * 0.32
        top = [
            (x - w / 2, y),
            (x - w / 2 + d, y - d),
            (x + w / 2 + d, y - d),
            (x + w / 2, y),
        ]
        c.fill(
            [
                (x + w / 2, y),
                (x + w / 2 + d, y - d),
                (x + w / 2 + d, y - d + h),
                (x + w / 2, y + h),
            ],
            "#e2d8bf",
        )
        c.fill(box(x - w / 2, y, x + w / 2, y + h), "#fbf5e6")
        c.fill(top, WHITE)
    for dx, dy in ((26, 55), (33, 62), (40, 53), (52, 52), (60, 58), (30, 50)):
        c.fill(oval(dx, dy, 0.9, 0.6), "#e8dec6")
    for x, y, angle in ((46, 41, -30), (40, 43, 24), (34, 42, -12), (66, 37, 18)):
        c.line(turn([(x - 2, y), (x + 2, y)], angle, (x, y)), GREEN, 1.6)
    for angle in (-130, -95, -60):
        c.fill(leaf(76, 73, 17, 6.5, angle), DARK_GREEN if angle == -95 else GREEN)


# ------------------------------------------------------------------ pantry


def wheat(c, x, y, size, colour):
    c.line([(x, y + 14 * size), (x, y - 12 * size)], colour, 1.2 * size)
    for step in range(4):
        for side in (-1, 1):
            c.fill(
                leaf(
                    x,
                    y - step * 5 * size + 4 * size,
                    8 * size,
                    4.4 * size,
                    -90 + side * 42,
                ),
                colour,
            )
    c.fill(leaf(x, y - 10 * size, 8 * size, 4.4 * size, -90), colour)


@picture("pantry")
def rice(c):
    c.shadow(46, 87, 32)
    c.body(
        spline(
            [
                (27, 27),
                (30, 12),
                (40, 16),
                (46, 11),
                (54, 16),
                (62, 12),
                (65, 27),
                (46, 31),
            ]
        ),
        "#d99c5b",
        0.16,
    )
    sack = spline(
        [
            (25, 27),
            (46, 24),
            (67, 27),
            (71, 40),
            (73, 66),
            (70, 84),
            (46, 87),
            (22, 84),
            (19, 66),
            (21, 40),
        ]
    )
    c.body(sack, "#e6b271", 0.16)
    with c.inside(sack):
        for x in range(16, 80, 6):
            c.line([(x, 20), (x, 90)], "#dda660", 0.9)
    c.line(curve([(25, 27), (46, 30), (67, 27)]), RED, 3.8)
    c.fill(oval(46, 58, 18.5), "#fff6df")
    # the character for rice, as strokes
    for stroke in (
        [(46, 46), (46, 71)],
        [(35, 56), (57, 56)],
        [(38, 48), (42, 53)],
        [(54, 48), (50, 53)],
        [(45, 58), (37, 68)],
        [(47, 58), (55, 68)],
    ):
        c.line(stroke, "#b5432f", 2.5)
    c.shadow(76, 88, 16)
    c.fill(spline([(61, 70), (68, 62), (76, 59), (84, 62), (91, 70)]), WHITE)
    for number in range(12):
        x, y = 66 + (number * 7) % 21, 64 + (number * 5) % 6
        c.fill(oval(x, y, 1.5, 0.8, number * 47), "#eadfc6")
    c.body(
        spline(
            [(60, 70), (76, 71.5), (92, 70), (87, 82), (81, 88), (71, 88), (65, 82)]
        ),
        BLUE,
    )
    c.line(curve([(64, 75), (76, 77), (88, 75)]), "#cfe1f5", 1.3)


@picture("pantry")
def flour(c):
    c.shadow(48, 88, 26)
    c.body(box(26, 22, 70, 88, 3), "#e7cfa2", 0.13)
    c.fill([(26, 24), (32, 14), (64, 14), (70, 24), (70, 30), (26, 30)], "#d6b982")
    c.line([(27, 30), (69, 30)], "#c2a165", 1)
    c.fill(oval(48, 58, 17, 20), "#fff7e3")
    wheat(c, 48, 60, 1.05, "#d49a2a")
    c.fill(spline([(60, 88), (66, 80), (74, 76), (83, 81), (91, 88)]), WHITE)
    c.fill(spline([(76, 88), (82, 82), (91, 88)]), "#eee6d6")
    c.fill(spline([(8, 88), (16, 83), (25, 84), (32, 88)]), WHITE)


@picture("pantry")
def peanut_oil(c):
    c.shadow(48, 90, 23)
    bottle = spline(
        [
            (40, 28),
            (56, 28),
            (60, 36),
            (69, 44),
            (70, 60),
            (69, 86),
            (48, 90),
            (27, 86),
            (26, 60),
            (27, 44),
            (36, 36),
        ]
    )
    c.body(bottle, "#f3b52f", 0.14)
    handle = spline([(62, 46), (66, 50), (66, 62), (61, 62), (59, 52)])
    c.fill(handle, GROUNDS["pantry"])
    c.body(box(40, 18, 56, 30, 3), RED, light=(-2, -1))
    for x in (43, 48, 53):
        c.line([(x, 20), (x, 28)], darker(RED, 0.2), 0.9)
    label = box(29, 56, 58, 80, 4)
    c.fill(label, "#fff4d3")
    peanut = spline(
        [
            (36, 61),
            (41, 59),
            (44, 65),
            (49, 67),
            (51, 73),
            (46, 77),
            (41, 74),
            (39, 69),
            (34, 66),
        ]
    )
    c.body(peanut, "#d9a25e", 0.12, (-1, -1))
    for x, y in ((39, 63), (41, 67), (46, 71), (47, 74)):
        c.fill(oval(x, y, 0.9), "#b57f3c")
    c.gleam(32, 46, 1.5, 5, 12, 0.6)
    for x, y, angle in ((80, 82, -20), (86, 87, 30)):
        shell = spline(
            [
                (x - 9, y),
                (x - 4, y - 4),
                (x, y - 2.6),
                (x + 4, y - 4),
                (x + 9, y),
                (x + 4, y + 4),
                (x, y + 2.6),
                (x - 4, y + 4),
            ]
        )
        c.body(turn(shell, angle, (x, y)), "#d9a25e", 0.13, (-1, -1))


@picture("pantry")
def soy_sauce(c):
    c.shadow(46, 90, 19)
    bottle = spline(
        [
            (40, 26),
            (52, 26),
            (53, 38),
            (61, 48),
            (62, 64),
            (61, 88),
            (46, 90),
            (31, 88),
            (30, 64),
            (31, 48),
            (39, 38),
        ]
    )
    c.body(bottle, "#5b2c22", 0.3)
    c.body(box(38.5, 12, 53.5, 27, 3), RED, light=(-2, -1))
    c.body(box(31, 54, 61, 79, 2), "#f7dd9a", 0.08)
    c.fill(box(31, 54, 61, 59), RED)
    bean = [(41, 68), (47, 64), (53, 68), (50, 75), (43, 75)]
    c.fill(spline(bean), "#c68a2c")
    c.line(curve([(43, 71), (47, 69), (51, 71)]), "#8d5a16", 1.1)
    c.gleam(35, 47, 1.2, 5, 8, 0.4)
    c.shadow(77, 86, 15)
    c.body(
        spline([(62, 76), (77, 79), (92, 76), (87, 85), (77, 87), (67, 85)]), WHITE, 0.1
    )
    c.fill(oval(77, 76.5, 14.6, 3.8), "#eef2f4")
    c.fill(oval(77, 76.8, 12, 2.7), "#5b2c22")


@picture("pantry")
def noodles(c):
    c.shadow(50, 86, 26)
    for number in range(23):
        x = 30 + number * 1.8
        lean = (number - 11) * 0.28
        rise = (2, 0, 3, 1, 4)[number % 5]
        colour = ("#f5dc9d", "#edce84", "#fae7b8")[number % 3]
        c.line(
            [(x - lean * 1.5, 84 - rise * 0.5), (x + lean * 2, 14 + rise)], colour, 1.9
        )
    c.body(box(28, 43, 72, 62, 2), RED, light=(-2, -3))
    c.fill(box(28, 46, 72, 47.2), YELLOW)
    c.fill(box(28, 57.8, 72, 59), YELLOW)
    c.fill(oval(50, 52.5, 7.5, 6.4), "#fff4d3")
    c.line(
        curve([(45, 53.5), (48, 50.5), (50, 53.5), (52, 50.5), (55, 53.5)]), RED, 1.1
    )


@picture("pantry")
def green_tea(c):
    c.shadow(40, 87, 24)
    c.body(box(20, 34, 58, 86, 5), "#4f9a63", 0.16)
    c.body(box(18, 24, 60, 38, 5), "#d9b65a", 0.14)
    c.fill(oval(39, 62, 14), "#eef6dd")
    for angle, colour in ((-128, GREEN), (-52, GREEN), (-90, DARK_GREEN)):
        c.fill(leaf(39, 72, 20, 9, angle), colour)
    c.gleam(25, 58, 1.3, 12, 0, 0.3)
    c.shadow(74, 87, 16)
    cup = spline([(60, 66), (74, 68), (88, 66), (85, 80), (80, 86), (68, 86), (63, 80)])
    c.line(oval(87, 74, 5.2, 5.6), WHITE, 2.4)
    c.body(cup, WHITE, 0.1)
    c.fill(oval(74, 66, 14, 4), "#eef2f4")
    c.fill(oval(74, 66.4, 11.6, 2.9), "#b7cf62")
    for x in (70, 78):
        steam = [(x, 58), (x - 3, 52), (x + 2, 47), (x - 1, 41)]
        c.line(curve(steam), WHITE, 1.8, 0.8)


@picture("pantry")
def toast_bread(c):
    c.shadow(52, 82, 38, 5)

    def slice_of(x, y, k):
        return spline(
            [
                (x - 18 * k, y + 24 * k),
                (x - 18 * k, y + 2 * k),
                (x - 23 * k, y - 8 * k),
                (x - 19 * k, y - 19 * k),
                (x, y - 23 * k),
                (x + 19 * k, y - 19 * k),
                (x + 23 * k, y - 8 * k),
                (x + 18 * k, y + 2 * k),
                (x + 18 * k, y + 24 * k),
                (x, y + 25 * k),
            ],
            10,
        )

    for x in (68, 63, 58):
        c.body(slice_of(x, 54, 1.06), "#b8763a", 0.2, (-3, -2))
    for x, y in ((49, 55), (38, 57)):
        c.body(slice_of(x, y, 1.04), "#c98647", 0.14, (-3, -2))
        c.fill(slice_of(x, y + 0.3, 0.9), "#fbe6bd")
    for dx, dy in ((28, 50), (44, 46), (36, 62), (47, 66), (30, 70), (40, 54)):
        c.fill(oval(dx, dy, 1.3, 0.9), "#ecd09b")
    wheat(c, 84, 74, 0.75, "#d49a2a")


# ------------------------------------------------------------------ household


@picture("household")
def facial_tissues(c):
    c.shadow(50, 86, 36)
    sheet = spline(
        [
            (34, 50),
            (30, 34),
            (38, 28),
            (42, 14),
            (52, 24),
            (64, 18),
            (63, 32),
            (70, 40),
            (66, 52),
        ]
    )
    c.body(sheet, WHITE, 0.08)
    c.line(curve([(44, 50), (42, 38), (46, 26)]), "#dce6ea", 1.2)
    c.line(curve([(57, 50), (58, 40), (55, 30)]), "#dce6ea", 1.2)
    c.fill([(14, 50), (26, 42), (74, 42), (86, 50)], "#7cc4bb")
    c.fill(oval(50, 46.5, 22, 3), "#4f9f96")
    c.fill(spline([(34, 48), (40, 40), (60, 40), (66, 48)]), WHITE)
    c.body(box(14, 49, 86, 86, 3), "#5ab5aa", 0.13)
    for x, y, k in ((30, 68, 1), (52, 73, 1.25), (73, 65, 0.9)):
        for angle in range(0, 360, 72):
            petal = oval(x + 4 * k, y, 3.2 * k, 2.2 * k)
            c.fill(turn(petal, angle, (x, y)), WHITE, 0.9)
        c.fill(oval(x, y, 1.9 * k), YELLOW)


def paper_roll(c, x, y):
    c.body(
        [
            *oval(x, y + 27, 16, 5.4, start=0, end=180),
            *oval(x, y, 16, 5.4, start=180, end=360),
        ],
        WHITE,
        0.1,
        (-5, 0),
    )
    c.body(oval(x, y, 16, 5.4), "#f2f6f7", 0.05)
    c.fill(oval(x, y, 6, 2.1), "#c9a877")
    c.fill(oval(x, y + 0.5, 4.6, 1.4), "#93734a")
    for dy in (9, 17):
        c.line(oval(x, y + dy, 15.4, 5, start=10, end=170), "#e2eaec", 0.9)


@picture("household")
def toilet_paper(c):
    c.shadow(50, 88, 36)
    for x, y in ((32, 54), (68, 54), (50, 26)):
        paper_roll(c, x, y)
    c.fill(spline([(66, 61), (84, 58), (84.5, 84), (79, 90), (66, 86)]), WHITE)
    for y in (68, 77):
        c.line([(68, y + 1), (83, y - 0.5)], "#e2eaec", 0.9)


@picture("household")
def laundry_detergent(c):
    c.shadow(48, 90, 27)
    jug = spline(
        [
            (34, 30),
            (50, 28),
            (58, 34),
            (70, 40),
            (74, 56),
            (73, 86),
            (48, 90),
            (25, 86),
            (24, 56),
            (27, 40),
        ]
    )
    c.body(jug, "#4a90dd", 0.17)
    c.fill(
        spline([(60, 46), (66, 50), (67, 66), (61, 66), (58, 54)]), GROUNDS["household"]
    )
    c.body(box(32, 14, 52, 31, 4), "#f5b83d", light=(-2, -2))
    for x in (36, 42, 48):
        c.line([(x, 17), (x, 28)], "#d99b22", 1)
    c.fill(oval(43, 66, 15, 14), WHITE)
    shirt = [
        (36, 60),
        (40, 58),
        (43, 60),
        (46, 58),
        (50, 60),
        (53, 65),
        (49.5, 67),
        (49, 76),
        (37, 76),
        (36.5, 67),
        (33, 65),
    ]
    c.fill(shirt, TEAL)
    c.gleam(30, 46, 1.7, 6, 14, 0.5)
    for x, y, r in ((82, 34, 6), (74, 22, 4), (88, 50, 3.6)):
        c.fill(oval(x, y, r), WHITE, 0.75)
        c.gleam(x - r * 0.3, y - r * 0.3, r * 0.26, r * 0.26, 0, 1)


@picture("household")
def dish_soap(c):
    c.shadow(44, 90, 20)
    bottle = spline(
        [
            (36, 40),
            (52, 40),
            (60, 50),
            (62, 66),
            (60, 88),
            (44, 90),
            (28, 88),
            (26, 66),
            (28, 50),
        ]
    )
    c.body(bottle, "#8ecb4d", 0.15)
    c.body(box(36, 30, 52, 42, 2), WHITE, 0.1, (-2, 0))
    c.fill(box(42, 20, 46, 31), "#e2e8ea")
    c.body(
        spline([(36, 14), (48, 13), (62, 15), (62, 20), (48, 21), (38, 21)]),
        WHITE,
        0.1,
        (0, -2),
    )
    c.fill(oval(44, 67, 13, 13), "#fdfbe2")
    c.fill(oval(44, 67, 8.6), YELLOW)
    c.fill(oval(44, 67, 7.2), "#fdf0a8")
    for angle in range(0, 180, 45):
        dx, dy = (
            6.6 * math.cos(math.radians(angle)),
            6.6 * math.sin(math.radians(angle)),
        )
        c.line([(44 - dx, 67 - dy), (44 + dx, 67 + dy)], YELLOW, 0.8)
    c.gleam(32, 54, 1.4, 5, 14, 0.5)
    c.shadow(76, 88, 17)
    c.body(box(62, 72, 92, 88, 4), "#f7cf4a", 0.13)
    c.fill(box(62, 72, 92, 77, 2.5), "#5aa65a")
    for x, y, r in ((70, 64, 6.5), (80, 60, 8), (88, 66, 5), (76, 48, 3.5)):
        c.fill(oval(x, y, r), WHITE, 0.85)
        c.fill(oval(x - r * 0.3, y - r * 0.3, r * 0.24), "#cfe9ea")


@picture("household")
def garbage_bags(c):
    c.shadow(40, 88, 26)
    bag = spline(
        [
            (40, 38),
            (52, 46),
            (64, 62),
            (62, 82),
            (52, 88),
            (28, 88),
            (18, 82),
            (16, 62),
            (28, 46),
        ]
    )
    c.body(bag, "#4b5566", 0.2)
    for points in ([(40, 42), (34, 58), (30, 74)], [(40, 42), (47, 58), (50, 76)]):
        c.line(curve(points), "#3a4352", 1.5)
    c.gleam(27, 60, 2.2, 8, 22, 0.25)
    for side in (-1, 1):
        ear = [
            (40, 38),
            (40 + 4 * side, 27),
            (40 + 14 * side, 21),
            (40 + 13 * side, 33),
        ]
        c.body(spline(ear), "#566175", 0.2, (-1, -1))
    c.line([(33, 39), (47, 39)], RED, 4)
    c.shadow(77, 88, 15)
    for x, colour in ((77, TEAL),):
        c.body(
            [
                *oval(x, 82, 13, 4.4, start=0, end=180),
                *oval(x, 52, 13, 4.4, start=180, end=360),
            ],
            colour,
            0.15,
            (-4, 0),
        )
        c.fill(oval(x, 52, 13, 4.4), lighter(colour, 0.35))
        c.line(oval(x, 52, 8.6, 2.8), colour, 0.9)
        c.fill(oval(x, 52, 4.6, 1.5), INK)
        c.body(box(64, 62, 90, 75), WHITE, 0.07, (-4, 0))
        c.line([(69, 66.5), (85, 66.5)], colour, 1.3)
        c.line([(69, 70.5), (80, 70.5)], colour, 1.3)


# ------------------------------------------------------------------ personal care


@picture("care")
def toothpaste(c):
    tube = spline(
        [
            (16, 40),
            (20, 38),
            (66, 46),
            (70, 50),
            (70, 60),
            (66, 64),
            (20, 72),
            (16, 70),
        ],
        8,
    )
    tube = turn(tube, -16, (46, 55))
    c.fill(move(tube, 1.5, 4), "#3a2a4a", 0.13)
    c.body(tube, WHITE, 0.1, (-1, -4))
    with c.inside(tube):
        stripe = turn(
            [*curve([(10, 62), (32, 52), (52, 60), (80, 50)]), (80, 80), (10, 80)],
            -16,
            (46, 55),
        )
        c.fill(stripe, "#45b5a6")
        band = turn(curve([(10, 60), (32, 50), (52, 58), (80, 48)]), -16, (46, 55))
        c.line(band, BLUE, 3)
    c.fill(turn(box(12, 36, 18, 74, 1), -16, (46, 55)), "#c7d3de")
    c.body(turn(box(69, 48, 82, 62, 3), -16, (46, 55)), BLUE, 0.16, (-1, -3))
    for angle in (-90, -10):
        c.fill(leaf(40, 50, 11, 6, angle - 16), GREEN)
    handle = [(18, 86), (42, 84), (64, 80), (86, 70)]
    c.line(move(curve(handle), 1, 2.5), "#3a2a4a", 4.6, 0.12)
    c.line(curve(handle), PURPLE, 4.8)
    c.line(curve([(20, 85.4), (42, 83.2), (56, 80.8)]), lighter(PURPLE, 0.4), 1.3)
    for number in range(7):
        x, y = 69 + number * 2.6, 77.4 - number * 1.25
        colour = (WHITE, "#9fd8d0")[number % 2]
        c.line([(x, y), (x - 3.4, y - 7)], colour, 2.2)


@picture("care")
def shampoo(c):
    c.shadow(46, 90, 21)
    bottle = spline(
        [
            (36, 40),
            (56, 40),
            (65, 48),
            (67, 66),
            (66, 88),
            (46, 90),
            (26, 88),
            (25, 66),
            (27, 48),
        ]
    )
    c.body(bottle, "#e77fa0", 0.15)
    c.body(box(36, 30, 56, 42, 3), "#fbf5f8", 0.1, (-3, 0))
    c.fill(box(43.5, 20, 48.5, 31), "#e6dde6")
    c.body(
        spline([(26, 15), (36, 12), (56, 13), (58, 20), (40, 21), (27, 20)]),
        "#fbf5f8",
        0.1,
        (0, -2),
    )
    c.fill(box(28, 56, 64, 80, 6), "#fdeef3")
    for angle in range(0, 360, 60):
        petal = leaf(46, 68, 9.6, 6, angle)
        c.fill(petal, mix(PINK, WHITE, 0.2 if angle % 120 else 0))
    c.fill(oval(46, 68, 2.8), YELLOW)
    c.gleam(31, 50, 1.5, 4, 16, 0.5)
    for x, y, r in (
        (77, 76, 9),
        (87, 66, 5.6),
        (78, 58, 4),
        (86, 84, 5),
        (84, 46, 2.8),
    ):
        c.fill(oval(x, y, r), WHITE, 0.8)
        c.fill(oval(x - r * 0.32, y - r * 0.32, r * 0.22), "#f5cddb")


# ------------------------------------------------------------------ communities


def sky(c, top, bottom):
    height = 100 * c.size[1] / c.size[0]
    for step in range(12):
        band = box(0, height * step / 12, 100, height * (step + 1) / 12 + 1)
        c.fill(band, mix(top, bottom, step / 11))


def tower(c, x, y, width, height, colour, window):
    c.body(box(x, y, x + width, y + height, 1), colour, 0.12, (-width * 0.22, 0))
    c.fill(box(x + width * 0.3, y - 3, x + width * 0.7, y), darker(colour, 0.1))
    rows, columns = int(height // 6.5), max(2, int(width // 6))
    gap = width / columns
    for row in range(rows):
        for column in range(columns):
            left = x + gap * column + gap * 0.26
            top = y + 3 + row * 6.5
            lit = (row * 5 + column * 3 + int(x)) % 7 == 0
            c.fill(
                box(left, top, left + gap * 0.48, top + 3.6, 0.4),
                "#ffe08a" if lit else window,
            )


def tree(c, x, y, r, colour):
    c.line([(x, y), (x, y - r * 1.1)], "#8a6a48", r * 0.26)
    for dx, dy, k in ((-0.5, -1.2, 0.62), (0.5, -1.2, 0.62), (0, -1.75, 0.75)):
        c.body(oval(x + dx * r, y + dy * r, r * k), colour, 0.12, (-1, -1))


def osmanthus_garden(c):
    """Towers among trees full of small yellow flowers."""
    sky(c, "#bfe3f2", "#fdf3dc")
    c.fill(oval(80, 16, 8), "#ffe7a0")
    for x, y, w, h, colour in (
        (8, 30, 17, 52, "#f0c9a8"),
        (28, 16, 19, 66, "#f7dcc0"),
        (50, 26, 17, 56, "#eebf9b"),
        (71, 34, 19, 48, "#f7dcc0"),
    ):
        tower(c, x, y, w, h, colour, "#9fc3d4")
    c.fill(
        spline(
            [(-10, 84), (20, 77), (50, 80), (80, 76), (112, 84), (112, 112), (-10, 112)]
        ),
        "#9dcb74",
    )
    c.fill(
        spline([(38, 104), (46, 88), (50, 81), (53, 81), (58, 88), (70, 104)]),
        "#f3e4c4",
    )
    for x, y, r in ((14, 89, 11), (33, 86, 8), (70, 87, 9), (88, 90, 11)):
        tree(c, x, y, r, "#5f9e4c")
        for number in range(14):
            angle = number * 2.4
            reach = r * 0.2 + r * 0.85 * number / 14
            c.fill(
                oval(
                    x + reach * math.cos(angle),
                    y - r * 1.45 + reach * 0.75 * math.sin(angle),
                    0.8,
                ),
                "#ffd34d",
            )


def willow_lake_court(c):
    """Low houses with tiled roofs by a lake, a willow and a small bridge."""
    sky(c, "#cfe6ee", "#f7f1e2")
    c.fill(
        spline(
            [
                (-8, 52),
                (18, 36),
                (38, 48),
                (62, 32),
                (84, 46),
                (110, 40),
                (110, 70),
                (-8, 70),
            ]
        ),
        "#a9c9b8",
    )
    for x, y, w in ((6, 46, 26), (36, 40, 30), (70, 46, 25)):
        c.body(box(x, y, x + w, 70), "#faf4e8", 0.1, (-4, 0))
        roof = [(x - 4, y + 1), (x + 2, y - 9), (x + w - 2, y - 9), (x + w + 4, y + 1)]
        c.body(roof, "#51606d", 0.14, (0, -2))
        for row in range(3):
            for column in range(max(2, int(w // 8))):
                left = x + 3 + column * 8
                top = y + 5 + row * 6.6
                c.fill(box(left, top, left + 4, top + 4, 0.5), "#c58d58")
    c.fill(box(0, 68, 100, 72), "#a5cf85")
    c.fill(box(0, 71, 100, 104), "#84bdd0")
    for x, y, w in ((12, 78, 16), (56, 84, 20), (30, 92, 18), (74, 95, 14)):
        c.line([(x, y), (x + w, y)], "#b4dbe6", 1.2)
    c.line(oval(70, 76, 17, 11, start=180, end=360), "#e9dcc3", 4.6)
    c.line(oval(70, 74, 17, 11, start=182, end=358), "#c9b592", 1)
    for x, y in ((24, 88), (86, 86), (44, 80)):
        c.fill(oval(x, y, 5, 1.8), "#5f9e5c")
        for angle in (-150, -110, -70, -30):
            c.fill(leaf(x, y - 0.6, 4.4, 2.4, angle), PINK)
    c.line(curve([(8, 100), (10, 70), (16, 44), (20, 30)]), "#7b5d3f", 4)
    for number in range(11):
        x = 0 + number * 4.4
        top = 20 + abs(number - 5) * 1.3
        strand = [
            (20 + (x - 20) * 0.4, top),
            (x, top + 8),
            (x - 1, top + 26 + (number * 7) % 16),
        ]
        c.line(curve(strand), ("#7db356", "#6aa348")[number % 2], 2.4)


def river_breeze_estate(c):
    """High towers on a wide river with a cable bridge and a sail."""
    sky(c, "#a9d3ef", "#fff0dc")
    for x, y, w, h, colour in (
        (4, 38, 15, 34, "#a3bfd6"),
        (82, 30, 15, 42, "#a3bfd6"),
        (22, 20, 16, 52, "#e8eef4"),
        (42, 10, 17, 62, "#f6f8fa"),
        (63, 22, 16, 50, "#e8eef4"),
    ):
        tower(c, x, y, w, h, colour, "#7fa6c6")
    for x in (10, 24, 40, 58, 74, 90):
        tree(c, x, 74, 4.4, "#6fae58")
    c.fill(box(0, 73, 100, 76), "#d9c9a8")
    c.fill(box(0, 76, 100, 104), "#5f9fcb")
    for x, y, w in ((6, 82, 18), (60, 80, 22), (34, 90, 22), (76, 94, 16), (4, 96, 14)):
        c.line([(x, y), (x + w, y)], "#8fc3e4", 1.2)
    c.body([(30, 88), (56, 88), (51, 94), (35, 94)], "#a5633a", 0.15, (0, -2))
    c.body([(42, 62), (42, 86), (28, 86)], WHITE, 0.08, (-1, -1))
    c.body([(44, 66), (44, 86), (56, 86)], "#f26a4f", 0.12, (-1, -1))
    for x, y in ((14, 16), (22, 11), (84, 14)):
        c.line(
            curve(
                [
                    (x - 3, y - 1.4),
                    (x - 1.4, y - 2.2),
                    (x, y),
                    (x + 1.4, y - 2.2),
                    (x + 3, y - 1.4),
                ]
            ),
            INK,
            0.7,
        )


COMMUNITIES = (osmanthus_garden, willow_lake_court, river_breeze_estate)

# ------------------------------------------------------------------ the shop's sign


def company(c):
    """Three houses that share one basket."""
    for x, y, w, colour, roof in (
        (12, 34, 26, "#f7c873", "#e5653f"),
        (62, 34, 26, "#9fd2ca", "#3fa79b"),
        (35, 20, 30, "#f9f1df", "#e5483b"),
    ):
        c.fill(box(x, y, x + w, 62), colour)
        c.fill(
            [
                (x - 4, y + 2),
                (x + w / 2, y - 15),
                (x + w + 4, y + 2),
                (x + w + 2, y + 6),
                (x - 2, y + 6),
            ],
            roof,
        )
    c.fill(box(44, 32, 56, 46, 2), "#7cb6d8")
    c.line([(50, 32), (50, 46)], WHITE, 1.6)
    c.line([(44, 39), (56, 39)], WHITE, 1.6)
    for x, y, r, colour in ((31, 57, 9, RED), (48, 54, 10, ORANGE), (66, 57, 9, GREEN)):
        c.body(oval(x, y, r), colour)
    c.fill(leaf(48, 45, 10, 6, -40), DARK_GREEN)
    basket = [(14, 58), (86, 58), (77, 88), (74, 91), (26, 91), (23, 88)]
    c.body(basket, WOOD, light=(-2, -3))
    for x in (30, 43, 57, 70):
        c.line([(x, 63), (x + (50 - x) * 0.16, 86)], "#b97f45", 2.6)
    c.line([(19, 70), (81, 70)], "#b97f45", 2.2)
    c.line([(22, 80), (78, 80)], "#b97f45", 2.2)
    c.body(box(10, 55, 90, 63, 4), "#c98f52", light=(0, -2))


# ------------------------------------------------------------------ campaigns

# name: ground, table, and what stands on it: (picture, x, y, factor)
CAMPAIGNS = {
    "campaign-vegetables": (
        "#cfe8bd",
        "#a9d08a",
        (
            ("chinese-cabbage", 1, 1, 0.34),
            ("tomatoes", 62, 9, 0.34),
            ("broccoli", 26, 3, 0.33),
            ("carrots", 45, 7, 0.33),
            ("green-peppers", 78, 18, 0.24),
            ("shiitake-mushrooms", 17, 23, 0.22),
        ),
    ),
    "campaign-fruit": (
        "#ffdcb8",
        "#f7b97d",
        (
            ("watermelon", 1, 4, 0.38),
            ("grapes", 33, 1, 0.33),
            ("bananas", 49, 4, 0.33),
            ("apples", 70, 5, 0.31),
            ("strawberries", 56, 21, 0.24),
            ("kiwi-fruit", 29, 22, 0.23),
        ),
    ),
    "campaign-breakfast": (
        "#d3e6f8",
        "#a9c8ea",
        (
            ("whole-milk", 4, 0, 0.38),
            ("toast-bread", 30, 6, 0.34),
            ("eggs", 58, 10, 0.34),
            ("yogurt", 79, 18, 0.23),
            ("green-tea", 25, 24, 0.2),
        ),
    ),
    "campaign-family": (
        "#f7ddd6",
        "#e9b5a8",
        (
            ("pork-belly", 1, 8, 0.34),
            ("sea-bass", 31, 7, 0.36),
            ("chicken-drumsticks", 65, 6, 0.34),
            ("shrimp", 55, 22, 0.23),
            ("tofu", 23, 23, 0.22),
        ),
    ),
    "campaign-household": (
        "#cfeae6",
        "#9fd2ca",
        (
            ("laundry-detergent", 2, 0, 0.38),
            ("facial-tissues", 30, 10, 0.33),
            ("toilet-paper", 61, 6, 0.35),
            ("dish-soap", 48, 15, 0.27),
            ("toothpaste", 78, 20, 0.22),
            ("garbage-bags", 22, 24, 0.2),
        ),
    ),
    "campaign-pantry": (
        "#f8e6b4",
        "#e6c77c",
        (
            ("rice", 2, 1, 0.38),
            ("flour", 32, 3, 0.35),
            ("peanut-oil", 55, 1, 0.37),
            ("noodles", 76, 6, 0.3),
            ("soy-sauce", 46, 16, 0.26),
            ("green-tea", 21, 23, 0.22),
        ),
    ),
}


def product_image(name):
    """Return the finished picture of a product."""
    function, kind = PICTURES[name]
    ground = GROUNDS[kind]
    canvas = Canvas(ground)
    canvas.fill(oval(50, 50, 44), lighter(ground, 0.5))
    function(canvas)
    return canvas.finished()


def community_image(function):
    """Return the finished picture of a community."""
    canvas = Canvas("#ffffff")
    function(canvas)
    return canvas.finished()


def campaign_image(name):
    """Return the finished banner of a campaign, twice as wide as high."""
    ground, table, things = CAMPAIGNS[name]
    canvas = Canvas(ground, (1024, 512))
    canvas.fill(oval(50, 20, 62, 34), lighter(ground, 0.35))
    canvas.fill(box(-2, 33, 102, 52), table)
    canvas.fill(box(-2, 33, 102, 34.4), lighter(table, 0.25))
    for product, x, y, factor in things:
        with canvas.placed(x, y + 2, factor):
            PICTURES[product][0](canvas)
    return canvas.finished()


def drawings():
    """Return {file name: function that draws it}."""
    result = {name: lambda name=name: product_image(name) for name in PICTURES}
    for function in COMMUNITIES:
        name = "community-" + function.__name__.replace("_", "-")
        result[name] = lambda function=function: community_image(function)
    result["company"] = lambda: community_image(company)
    for name in CAMPAIGNS:
        result[name] = lambda name=name: campaign_image(name)
    return result


def main(names):
    """Draw the named pictures, or all of them.

    :param list names: file names without their ending.
    :return: 0, or 1 when a name is unknown or a file became too large.
    """
    available = drawings()
    if unknown := [name for name in names if name not in available]:
        print(f"no such picture: {', '.join(unknown)}", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in names or available:
        image = available[name]()
        path = IMAGES / f"{name}.png"
        allowed = LARGEST_BANNER if name.startswith("campaign-") else LARGEST
        for colours in (128, 96, 64, 48, 32):
            size = save(image, path, colours)
            if size <= allowed:
                break
        failed += size > allowed
        print(f"{path.name}: {size} bytes, {colours} colours")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
