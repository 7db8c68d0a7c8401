"""DenseNet: blocks in which every layer sees what all before it have found. Names as torchvision has them."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import note, port, setting
from .blocks import transition
from .row import BLOCKS, NETWORKS, Draw, Row, part

_LAYERS = (6, 12, 24, 16)
_GROWTH = 32
_A_LINE = 12  # layers


def _block(layers: int) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        for k in range(1, layers + 1):
            row.part("dense-layer", f"denselayer{k}")
            if layers > _A_LINE and k == layers // 2:
                row.down()
        row.end()
        setting(g, "growth", *((f"denselayer{k}", "growth", 1) for k in range(1, layers + 1)))
        words = (
            f"**Dense block**: {layers} layers, each with all before it in view, each putting its "
            "channels behind theirs."
        )
        note(g, words, -0.8, 4.0, 54)

    return draw


@part(
    "dense-block",
    "Dense block (DenseNet)",
    *BLOCKS,
    "y = [x, f₁(x), f₂([x, f₁]), …]",
    ("DenseNet", "dense connectivity"),
    year=2017,
)
def dense_block(g: Graph) -> None:
    """Four dense layers one behind another: each sees the channels of x and of all layers before it.

    x is N×C×H×W, y N×(C + 4·growth)×H×W. Copy a layer and put it into the row for a longer block. (Huang et al. 2017,
    "Densely connected convolutional networks", figure 1)
    """
    _block(4)(g)


@part(
    "densenet-121",
    "DenseNet-121",
    *NETWORKS,
    "y = classifier(mean of 4 dense blocks)",
    ("Huang", "dense connectivity", "ImageNet"),
    year=2017,
)
def densenet121(g: Graph) -> None:
    """Dense blocks of 6, 12, 24 and 16 layers with a transition between them: 121 layers with parameters.

    x is N×3×224×224 or another size; y is N×classes. 7,978,856 parameters, the same network as torchvision's. (Huang,
    Liu, van der Maaten and Weinberger 2017, "Densely connected convolutional networks")
    """
    row = Row(g, port(g, "x", 0, 0))
    row.op("Conv2d", "conv0", out_channels=2 * _GROWTH, kernel_size=7, stride=2, padding=3, bias=False)
    row.op("BatchNorm2d", "norm0")
    row.op("ReLU", "relu0")
    row.op("MaxPool2d", "pool0", kernel_size=3, stride=2, padding=1)
    channels, widths = 2, {}  # in units of the growth
    for k, layers in enumerate(_LAYERS, 1):
        row.group(f"Dense block of {layers}", _block(layers), f"denseblock{k}")
        channels += layers
        if k < len(_LAYERS):
            channels //= 2
            widths[f"transition{k}"] = channels
            row.group("Transition", transition, f"transition{k}", width=channels * _GROWTH)
    row.op("BatchNorm2d", "norm5")
    row.op("ReLU", "relu5")
    row.op("GlobalAvgPool2d", "avgpool")
    row.op("Flatten", "flatten")
    row.op("Linear", "classifier", units=1000)
    row.end()
    setting(g, "classes", ("classifier", "units", 1))
    blocks = ((f"denseblock{k}", "growth", 1) for k in range(1, len(_LAYERS) + 1))
    halved = ((name, "width", many) for name, many in widths.items())
    setting(g, "growth", ("conv0", "out_channels", 2), *blocks, *halved)
    words = (
        "**DenseNet-121**: four dense blocks; in between a transition halves channels, height and width. Every layer "
        "adds only *growth* channels, so there are few parameters, and each reaches the end by a short way."
    )
    note(g, words, -0.9, 5.2, 70)
