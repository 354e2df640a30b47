# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A small canvas for flat illustrations: smooth shapes, shade and light.

Coordinates run from 0 to 100 from left to right and from top to bottom. A shape is a
list of points, so shapes are moved and turned by plain functions before they are
painted. Everything is drawn larger than needed and scaled down, which smooths edges,
and nothing depends on chance or on a font: the same program draws the same bytes.
"""

import math
from contextlib import contextmanager

from PIL import Image, ImageChops, ImageDraw

SIZE = 512
SCALE = 3


def spline(points, steps=14):
    """Return a smooth closed shape through the points (Catmull-Rom)."""
    shape = []
    count = len(points)
    for index in range(count):
        before, start, end, after = (points[(index + k) % count] for k in range(-1, 3))
        shape += [
            _between(before, start, end, after, step / steps) for step in range(steps)
        ]
    return shape


def curve(points, steps=14):
    """Return a smooth open line through the points."""
    padded = [points[0], *points, points[-1]]
    line = []
    for index in range(len(points) - 1):
        four = padded[index : index + 4]
        line += [_between(*four, step / steps) for step in range(steps)]
    return [*line, points[-1]]


def _between(before, start, end, after, t):
    return tuple(
        0.5
        * (
            2 * start[k]
            + (end[k] - before[k]) * t
            + (2 * before[k] - 5 * start[k] + 4 * end[k] - after[k]) * t**2
            + (3 * start[k] - before[k] - 3 * end[k] + after[k]) * t**3
        )
        for k in (0, 1)
    )


def oval(x, y, rx, ry=None, turned=0, start=0, end=360):
    """Return an ellipse, or a sector's arc between two angles in degrees."""
    ry = rx if ry is None else ry
    steps = 72
    shape = []
    for step in range(steps + 1):
        angle = math.radians(start + (end - start) * step / steps)
        shape.append((x + rx * math.cos(angle), y + ry * math.sin(angle)))
    return turn(shape, turned, (x, y)) if turned else shape


def box(left, top, right, bottom, radius=0):
    """Return a rectangle with rounded corners."""
    if not radius:
        return [(left, top), (right, top), (right, bottom), (left, bottom)]
    shape = []
    for x, y, angle in (
        (right - radius, top + radius, 270),
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
        (left + radius, top + radius, 180),
    ):
        shape += oval(x, y, radius, start=angle, end=angle + 90)
    return shape


def leaf(x, y, length, width, angle):
    """Return a pointed leaf that grows from (x, y) in a direction in degrees."""
    upper = curve([(0, 0), (length * 0.4, -width / 2), (length, 0)])
    lower = curve([(length, 0), (length * 0.4, width / 2), (0, 0)])
    return move(turn(upper + lower, angle), x, y)


def move(shape, x, y):
    """Return the shape shifted by (x, y)."""
    return [(a + x, b + y) for a, b in shape]


def turn(shape, angle, about=(0, 0)):
    """Return the shape turned clockwise by an angle in degrees."""
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    ox, oy = about
    return [
        (
            ox + (a - ox) * cosine - (b - oy) * sine,
            oy + (a - ox) * sine + (b - oy) * cosine,
        )
        for a, b in shape
    ]


def grow(shape, factor, about=(50, 50)):
    """Return the shape scaled about a point."""
    ox, oy = about
    return [(ox + (a - ox) * factor, oy + (b - oy) * factor) for a, b in shape]


def rgb(colour):
    """Return the three numbers of a colour written #rrggbb."""
    return tuple(int(colour[k : k + 2], 16) for k in (1, 3, 5))


def mix(colour, other, share):
    """Return a colour between two, `share` of the second (0 to 1)."""
    pairs = zip(rgb(colour), rgb(other), strict=True)
    return "#%02x%02x%02x" % tuple(round(a + (b - a) * share) for a, b in pairs)


def darker(colour, share=0.16):
    """Return the colour's shade: towards a deep violet, not a dead black."""
    return mix(colour, "#2b1a3d", share)


def lighter(colour, share=0.3):
    """Return the colour's light: towards a warm white."""
    return mix(colour, "#fffdf2", share)


class Canvas:
    """A picture that is painted shape by shape.

    :param str ground: colour of the background, None for a transparent one.
    :param tuple size: width and height in pixels; the width is 100 units.
    """

    def __init__(self, ground, size=(SIZE, SIZE)):
        self.size = size
        self.unit = size[0] * SCALE / 100
        pixels = (size[0] * SCALE, size[1] * SCALE)
        self.image = Image.new("RGB", pixels, rgb(ground))
        self._clips = []
        self._place = (0, 0, 1)

    @contextmanager
    def placed(self, x, y, factor):
        """Paint what follows smaller or larger, its origin moved to (x, y)."""
        outer = self._place
        self._place = (
            outer[0] + x * outer[2],
            outer[1] + y * outer[2],
            outer[2] * factor,
        )
        yield self
        self._place = outer

    @contextmanager
    def inside(self, shape):
        """Paint what follows only where the shape is."""
        self._clips.append(self._mask(shape))
        yield self
        self._clips.pop()

    def fill(self, shape, colour, alpha=1.0):
        """Paint a shape with one colour."""
        self._paint(self._mask(shape), colour, alpha)

    def body(self, shape, colour, shade=0.16, light=(-3.5, -3.5)):
        """Paint a shape that is lit from one side.

        :param float shade: how dark the far side is.
        :param tuple light: where the light comes from, as the width of the shade.
        """
        self.fill(shape, colour)
        lit = self._mask(move(shape, *light))
        far = ImageChops.subtract(self._mask(shape), lit)
        self._paint(far, darker(colour, shade), 1)

    def gleam(self, x, y, rx, ry, turned=0, alpha=0.45):
        """Paint a spot of light."""
        self.fill(oval(x, y, rx, ry, turned), "#ffffff", alpha)

    def line(self, points, colour, width, alpha=1.0):
        """Paint a line with round ends."""
        mask = Image.new("L", self.image.size, 0)
        draw = ImageDraw.Draw(mask)
        pixels = self._pixels(points)
        thick = max(1, round(width * self.unit * self._place[2]))
        draw.line(pixels, fill=255, width=thick, joint="curve")
        radius = thick / 2
        # A disc at every joint, too: thick lines show hairline cracks otherwise.
        for x, y in pixels:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        self._paint(mask, colour, alpha)

    def shadow(self, x, y, rx, ry=None):
        """Paint the shadow that a thing casts on the table."""
        self.fill(oval(x, y, rx, ry or rx * 0.16), "#3a2a4a", 0.13)

    def finished(self):
        """Return the picture at its size."""
        # Plain averages: sharper filters leave fringes that make the file larger.
        return self.image.reduce(SCALE)

    def _pixels(self, shape):
        x, y, factor = self._place
        unit = self.unit
        return [((x + a * factor) * unit, (y + b * factor) * unit) for a, b in shape]

    def _mask(self, shape):
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon(self._pixels(shape), fill=255)
        return mask

    def _paint(self, mask, colour, alpha):
        for clip in self._clips:
            mask = ImageChops.multiply(mask, clip)
        if not (bounds := mask.getbbox()):
            return
        mask = mask.crop(bounds)
        if alpha < 1:
            mask = mask.point(lambda value: round(value * alpha))
        self.image.paste(Image.new("RGB", mask.size, rgb(colour)), bounds[:2], mask)


def save(image, path, colours=64):
    """Write a PNG with a palette, as small as it gets, and return its bytes' count."""
    small = image.quantize(colours, kmeans=2, dither=Image.Dither.NONE)
    small.save(path, "PNG", optimize=True)
    return path.stat().st_size
