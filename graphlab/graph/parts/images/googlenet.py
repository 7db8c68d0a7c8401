"""GoogLeNet: nine Inception blocks. As the paper has it, and with batch normalisation as torchvision has it."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import note, port, setting
from .row import FOR_RELU, NETWORKS, Draw, Row, part

# Channels of each block in eighths of the width: 1×1, 3×3 reduced, 3×3, 5×5 reduced, 5×5, pool projection (table 1)
_SETTINGS = ("ch1x1", "ch3x3red", "ch3x3", "ch5x5red", "ch5x5", "pool_proj")
_BLOCKS = {
    "3": {"3a": (8, 12, 16, 2, 4, 4), "3b": (16, 16, 24, 4, 12, 8)},
    "4": {
        "4a": (24, 12, 26, 2, 6, 8),
        "4b": (20, 14, 28, 3, 8, 8),
        "4c": (16, 16, 32, 3, 8, 8),
        "4d": (14, 18, 36, 4, 8, 8),
        "4e": (32, 20, 40, 4, 16, 16),
    },
    "5": {"5a": (32, 20, 40, 4, 16, 16), "5b": (48, 24, 48, 6, 16, 16)},
}
_UNIT = 8
_LRN: dict[str, object] = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 1.0}
_POOL: dict[str, object] = {"kernel_size": 3, "stride": 2, "ceil_mode": True}


def _stem(norms: bool) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        sizes = (("conv1", 8, 7, 2), ("conv2", 8, 1, 1), ("conv3", 24, 3, 1))
        for name, times, kernel, stride in sizes:
            width, padding = _UNIT * times, kernel // 2
            if norms:
                more = {"width": width, "kernel": kernel, "stride": stride, "padding": padding, "eps": 0.001}
                row.part("conv-bn-relu", name, **more)
            else:
                size = {"kernel_size": kernel, "stride": stride, "padding": padding, "weight_init": FOR_RELU}
                row.op("Conv2d", name, out_channels=width, **size)
                row.op("ReLU", name.replace("conv", "relu"))
            if name == "conv1":
                row.op("MaxPool2d", "pool1", **_POOL)
            if name != "conv2" and not norms:
                row.op("LocalResponseNorm", name.replace("conv", "norm"), **_LRN)
            if name == "conv3":
                row.op("MaxPool2d", "pool2", **_POOL)
        row.end()
        param = "width" if norms else "out_channels"
        setting(g, "width", *((name, param, times) for name, times, *_ in sizes))
        words = "**Stem**: three convolutions, and the picture is eight times smaller before the first Inception block."
        note(g, words, -0.8, 3.6, 54)

    return draw


def _stage(number: str, norms: bool) -> Draw:
    blocks = _BLOCKS[number]

    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        for name, channels in blocks.items():
            sizes = dict(zip(_SETTINGS, (_UNIT * many for many in channels), strict=True))
            row.part("inception-bn" if norms else "inception", name, **sizes)
        if number != "5":
            size = 2 if norms and number == "4" else 3  # torchvision pools the last by 2
            row.op("MaxPool2d", "pool", **{**_POOL, "kernel_size": size})
        row.end()
        ends = [
            (name, word, many)
            for name, channels in blocks.items()
            for word, many in zip(_SETTINGS, channels, strict=True)
        ]
        setting(g, "width", *ends)
        note(g, "**Stage**: Inception blocks one behind another, all of one size.", -0.6, 3.0, 40)

    return draw


def _googlenet(g: Graph, norms: bool, dropout: float) -> None:
    row = Row(g, port(g, "x", 0, 0))
    suffix = ", normalised" if norms else ""
    row.group(f"Stem of GoogLeNet{suffix}", _stem(norms), "stem")
    for number in _BLOCKS:
        row.group(f"Inception stage {number}{suffix}", _stage(number, norms), f"inception{number}")
    row.op("GlobalAvgPool2d", "avgpool")
    row.op("Flatten", "flatten")
    row.op("Dropout", "dropout", p=dropout)
    row.op("Linear", "fc", units=1000)
    row.end()
    setting(g, "classes", ("fc", "units", 1))
    setting(g, "width", *((name, "width", 1) for name in ("stem", *(f"inception{n}" for n in _BLOCKS))))
    words = (
        "**GoogLeNet**: nine Inception blocks in three stages, and the mean over all pixels instead of large dense "
        "layers: a twelfth of the parameters of AlexNet. *width* 8 stands for the paper's numbers of channels."
    )
    note(g, words, -0.9, 5.2, 70)


@part(
    "googlenet",
    "GoogLeNet",
    *NETWORKS,
    "y = fc(mean of 9 Inception blocks)",
    ("Inception v1", "Szegedy", "ImageNet"),
    year=2015,
)
def googlenet(g: Graph) -> None:
    """Nine Inception blocks, each looking through several windows at once: the winner of ImageNet 2014.

    x is N×3×224×224; y is N×classes. 6,998,552 parameters without the two auxiliary classifiers, which helped only
    while it was trained. (Szegedy et al. 2015, "Going deeper with convolutions")
    """
    _googlenet(g, norms=False, dropout=0.4)


@part(
    "googlenet-bn",
    "GoogLeNet, normalised",
    *NETWORKS,
    "y = fc(mean of 9 Inception blocks with batch normalisation)",
    ("Inception v1", "torchvision googlenet", "ImageNet"),
    year=2015,
)
def googlenet_bn(g: Graph) -> None:
    """GoogLeNet as torchvision has it: batch normalisation after each convolution, and 3×3 in the place of 5×5.

    x is N×3×224×224; y is N×classes. 6,624,904 parameters without the auxiliary classifiers. (torchvision.models
    .googlenet; after Szegedy et al. 2015, and Ioffe and Szegedy 2015)
    """
    _googlenet(g, norms=True, dropout=0.2)
