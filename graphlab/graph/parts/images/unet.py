"""U-Net: down to what is there, up again to where it is, with bridges across."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import at, note, port, put, setting
from .row import FOR_RELU, NETWORKS, Draw, Row, group, part

_WIDTH = 64


def _twice(row: Row, norms: bool) -> None:
    for k in (1, 2):
        size = {"out_channels": _WIDTH, "kernel_size": 3, "padding": 1}
        if norms:
            row.op("Conv2d", f"conv{k}", bias=False, **size)
            row.op("BatchNorm2d", f"bn{k}")
        else:
            row.op("Conv2d", f"conv{k}", weight_init=FOR_RELU, **size)
        row.op("ReLU", f"relu{k}")


def _double(norms: bool) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        _twice(row, norms)
        row.end()
        setting(g, "width", *((f"conv{k}", "out_channels", 1) for k in (1, 2)))
        note(g, "**Double convolution**: two 3×3 filters, one upon the other.", -0.6, 3.0, 40)

    return draw


def _down(norms: bool) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        row.op("MaxPool2d", "pool", kernel_size=2)
        _twice(row, norms)
        row.end()
        setting(g, "width", *((f"conv{k}", "out_channels", 1) for k in (1, 2)))
        words = "**Down**: half the height and width, then two convolutions that see twice as far."
        note(g, words, -0.7, 3.4, 48)

    return draw


def _up(norms: bool) -> Draw:
    def draw(g: Graph) -> None:
        x, skip = port(g, "x", 0, 1.2), port(g, "skip", 0, 0)
        larger = put(g, "ConvTranspose2d", "up", 1, 1.2, x, out_channels=_WIDTH, kernel_size=2, stride=2)
        row = Row(g, put(g, "Concat", "joined", 2, 0.6, skip, larger), 3, 0.6)
        _twice(row, norms)
        row.end()
        convolved = ((f"conv{k}", "out_channels", 1) for k in (1, 2))
        setting(g, "width", ("up", "out_channels", 1), *convolved)
        words = (
            "**Up**: twice the height and width, beside what was there on the way down (*skip*). From below comes "
            "what it is, from the side where exactly."
        )
        note(g, words, -1.0, 3.8, 64)

    return draw


def _unet(g: Graph, norms: bool) -> None:
    x = port(g, "x", 0, 0)
    kind = ", normalised" if norms else ""
    levels = [group(g, f"Double convolution{kind}", _double(norms), "in", at(1, 0), x)]
    for k in range(1, 5):
        place = at(1 + k, 1.4 * k)
        below = group(g, f"Down{kind}", _down(norms), f"down{k}", place, levels[-1], width=_WIDTH * 2**k)
        levels.append(below)
    last = levels.pop()
    for k in range(3, -1, -1):
        ends, place = (levels[k], last), at(9 - k, 1.4 * k)
        last = group(g, f"Up{kind}", _up(norms), f"up{k + 1}", place, *ends, width=_WIDTH * 2**k)
    y = put(g, "Conv2d", "out", 10, 0, last, out_channels=2, kernel_size=1)
    port(g, "y", 11, 0, y)
    setting(g, "classes", ("out", "out_channels", 1))
    downs = ((f"down{k}", "width", 2**k) for k in range(1, 5))
    ups = ((f"up{k + 1}", "width", 2**k) for k in range(4))
    setting(g, "width", ("in", "width", 1), *downs, *ups)
    words = (
        "**U-Net**: on the way down the picture becomes smaller and its channels more; on the way up it is put "
        "together again. The bridges carry over what the small picture no longer knows: where the edges are."
    )
    note(g, words, -1.0, 5.2, 70)


@part(
    "u-net",
    "U-Net",
    *NETWORKS,
    "y = a score of each class for each pixel",
    ("Ronneberger", "segmentation", "encoder-decoder", "skip connection"),
    year=2015,
)
def unet(g: Graph) -> None:
    """Says of each pixel what it belongs to: a way down that sees ever more, a way up that says where, bridges between.

    x is N×C×H×W with H and W multiples of 16; y is N×classes×H×W, scores of each pixel for CrossEntropyLoss. Its
    convolutions keep the size, so that nothing has to be cut off as in the paper. 31,030,658 parameters for one channel
    and two classes. (Ronneberger, Fischer and Brox 2015, "U-Net: Convolutional networks for biomedical image
    segmentation")
    """
    _unet(g, norms=False)


@part(
    "u-net-bn",
    "U-Net, normalised",
    *NETWORKS,
    "y = a score of each class for each pixel",
    ("Ronneberger", "segmentation", "encoder-decoder", "skip connection"),
    year=2015,
)
def unet_bn(g: Graph) -> None:
    """U-Net with batch normalisation after each of its 3×3 convolutions, as it is mostly built today.

    x is N×C×H×W with H and W multiples of 16; y is N×classes×H×W, scores of each pixel for CrossEntropyLoss. It learns
    in fewer steps than the one of the paper. 31,037,698 parameters for three channels and two classes. (After
    Ronneberger et al. 2015, and Ioffe and Szegedy 2015)
    """
    _unet(g, norms=True)
