"""LeNet-5 twice: the network of 1998 with all its peculiarities, and what goes by its name today."""

from __future__ import annotations

from ...graph import Graph, Source
from ..drawing import at, note, port, put, setting
from .row import NETWORKS, Draw, Row, group, part

# Which of the six maps of S2 each map of C3 sees (LeCun et al. 1998, table I)
TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1), (5, 0, 1, 2)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)
# What F6 is to look like for each digit, 7×12 pixels. Drawn anew: the paper shows its own only as a picture.
_GLYPHS = """
.#####. ...##.. .#####. .#####. ....##. ####### ..####. ####### .#####. .#####.
##...## ..###.. ##...## ##...## ...###. ##..... .##.... ##...## ##...## ##...##
##...## .####.. .....## .....## ..####. ##..... ##..... .....## ##...## ##...##
##...## ...##.. .....## .....## .##.##. ##..... ##..... ....##. ##...## ##...##
##..### ...##.. ....##. .....## ##..##. ######. ##..... ....##. ##...## ##...##
##.#.## ...##.. ...##.. ..####. ##..##. ##...## ######. ...##.. .#####. .######
###..## ...##.. ..##... .....## ####### .....## ##...## ...##.. ##...## .....##
##...## ...##.. .##.... .....## ....##. .....## ##...## ..##... ##...## .....##
##...## ...##.. ##..... .....## ....##. .....## ##...## ..##... ##...## .....##
##...## ...##.. ##..... .....## ....##. ##...## ##...## .##.... ##...## ....##.
##...## ...##.. ##...## ##...## ....##. ##...## ##...## .##.... ##...## ...##..
.#####. .#####. ####### .#####. ....##. .#####. .#####. .##.... .#####. .###...
"""


def codes() -> tuple[tuple[float, ...], ...]:
    """Ten rows of 84 numbers, 1 where a glyph is black and −1 elsewhere."""
    lines = [line.split() for line in _GLYPHS.split("\n") if line]
    glyphs = ("".join(line[digit] for line in lines) for digit in range(10))
    return tuple(tuple(1.0 if pixel == "#" else -1.0 for pixel in glyph) for glyph in glyphs)


def _squash(g: Graph) -> None:
    row = Row(g, port(g, "x", 0, 0))
    row.op("Mul", "steep", b=2 / 3)
    row.op("Tanh", "tanh")
    row.op("Mul", "high", b=1.7159)
    row.end()
    words = "**Squash**: 1.7159 · tanh(⅔·x), so that 1 becomes 1 and −1 becomes −1, where it bends most."
    note(g, words, -0.7, 3.4, 48)


def _subsample(channels: int) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        row.op("AvgPool2d", "mean", kernel_size=2)
        row.op("Conv2d", "scale", out_channels=channels, kernel_size=1, groups=channels)
        row.group("Squash", _squash, "squash")
        row.end()
        words = (
            "**Subsampling**: the mean of each square of four pixels, times one number that is learnt for each "
            "channel, plus another. (The paper sums the four; its number is a quarter of ours.)"
        )
        note(g, words, -0.8, 3.6, 64)

    return draw


def _convolution(channels: int, padded: bool = False) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        row.op("Conv2d", "conv", out_channels=channels, kernel_size=5)
        row.group("Squash", _squash, "squash")
        row.end()
        if padded:
            setting(g, "padding", ("conv", "padding", 1))
        note(g, f"**Convolution**: {channels} filters of 5×5, then squashed.", -0.6, 3.0, 40)

    return draw


def _c3(g: Graph) -> None:
    """The maps of C3 in three sorts, by how many maps of S2 they see: 3, 4 or all 6."""
    x = port(g, "x", 0, 1.4)
    maps = []
    for k, many in enumerate((3, 4, 6)):
        seen = [row for row in TABLE if len(row) == many]
        index = tuple(channel for row in seen for channel in row)
        y = k * 1.4
        source: Source = x
        if many < 6:
            which = put(g, "Constant", f"table of {many}", 1, y + 0.7, value=index, dtype="int")
            source = put(g, "IndexSelect", f"choose {many}", 2, y, x, which, dim=1)
        size = {"out_channels": len(seen), "kernel_size": 5, "groups": len(seen)}
        maps.append(put(g, "Conv2d", f"see {many}", 3, y, source, **size))
    both = put(g, "Concat", "maps", 4, 1.4, *maps)
    last = group(g, "Squash", _squash, "squash", at(5, 1.4), both)
    port(g, "y", 6, 1.4, last)
    words = (
        "**C3**: each of the 16 maps sees only some of the six maps below it, so that they cannot all learn the same: "
        "six see three neighbours, nine see four, one sees all. *choose* copies the maps in the order of the paper's "
        "table."
    )
    note(g, words, -1.0, 4.4, 70)


@part(
    "lenet-5-1998",
    "LeNet-5 of 1998",
    *NETWORKS,
    "y = −‖F6 − code‖² for each digit; F6 of C1, S2, C3, S4, C5",
    ("LeCun", "convolutional network", "digits"),
    year=1998,
)
def lenet_1998(g: Graph) -> None:
    """The network that read cheques, as it was: a table of what sees what, subsampling that learns, codes for digits.

    x is N×1×32×32, or 28×28 with `padding` 2. y is minus the squared distance to the code of each digit, so it can go
    into CrossEntropyLoss, which is the paper's equation 9 without its constant. 60,000 parameters are learnt, as the
    paper counts; the codes are fixed. (LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to
    document recognition")
    """
    row = Row(g, port(g, "x", 0, 0))
    row.group("Convolution", _convolution(6, padded=True), "C1")
    row.group("Subsampling of 6", _subsample(6), "S2")
    row.group("Partly connected convolution", _c3, "C3")
    row.group("Subsampling of 16", _subsample(16), "S4")
    row.group("Convolution of 120", _convolution(120), "C5")
    row.op("Flatten", "flatten")
    row.op("Linear", "F6", units=84)
    f6 = row.group("Squash", _squash, "squash")
    known = put(g, "Constant", "codes", 8, 1.4, value=codes())
    away = put(g, "CDist", "distance", 9, 0, f6, known)
    square = put(g, "Square", "squared", 10, 0, away)
    port(g, "y", 12, 0, put(g, "Neg", "score", 11, 0, square))
    setting(g, "padding", ("C1", "padding", 1))
    words = (
        "**LeNet-5, 1998**: C1 and C3 look for features, S2 and S4 forget exactly where they were, C5 and F6 put them "
        "together. F6 is compared with a small drawing of each digit, its code: the nearest is the answer."
    )
    note(g, words, -1.0, 5.2, 70)


@part(
    "lenet-5",
    "LeNet-5",
    *NETWORKS,
    "y = W₃·tanh(W₂·tanh(W₁·features(x)))",
    ("LeCun", "convolutional network", "digits", "MNIST"),
    year=1998,
)
def lenet(g: Graph) -> None:
    """LeNet-5 as it is taught today: two convolutions with pooling, then three layers that decide.

    x is N×1×28×28; y is N×classes, scores for CrossEntropyLoss. 61,706 parameters. (After LeCun et al. 1998; as in Dive
    into Deep Learning, section 7.6, with tanh)
    """
    row = Row(g, port(g, "x", 0, 0))
    for k, (name, times, padding) in enumerate((("conv1", 3, 2), ("conv2", 8, 0)), 1):
        row.op("Conv2d", name, out_channels=2 * times, kernel_size=5, padding=padding)
        row.op("Tanh", f"tanh{k}")
        row.op("AvgPool2d", f"pool{k}", kernel_size=2)
    row.op("Flatten", "flatten")
    for k, (name, units) in enumerate((("fc1", 120), ("fc2", 84)), 3):
        row.op("Linear", name, units=units)
        row.op("Tanh", f"tanh{k}")
    row.op("Linear", "fc3", units=10)
    row.end()
    setting(g, "classes", ("fc3", "units", 1))
    setting(g, "width", ("conv1", "out_channels", 3), ("conv2", "out_channels", 8))
    words = (
        "**LeNet-5**: twice filters, bending and pooling, each time more channels and fewer pixels; then three layers "
        "decide which class it is. *width* 2 stands for the paper's 6 and 16 channels."
    )
    note(g, words, -0.9, 5.2, 70)
