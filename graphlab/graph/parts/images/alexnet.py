"""AlexNet, in the two groups of its paper."""

from __future__ import annotations

from collections.abc import Mapping

from ...graph import Graph
from ..drawing import note, port, setting
from .row import NETWORKS, Draw, Row, part

_NORM: Mapping[str, object] = {"size": 5, "alpha": 5e-4, "beta": 0.75, "k": 2.0}


def _convolution(norm: bool, pool: bool, **params: object) -> Draw:
    """A convolution with what follows it; `width` of a use is the number of its channels."""

    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        row.op("Conv2d", "conv", **params)
        row.op("ReLU", "relu")
        if norm:
            row.op("LocalResponseNorm", "norm", **_NORM)
        if pool:
            row.op("MaxPool2d", "pool", kernel_size=3, stride=2)
        row.end()
        setting(g, "width", ("conv", "out_channels", 1))
        groups = int(str(params.get("groups", 1)))
        seen = (
            "each half of the filters sees half of the channels"
            if groups > 1
            else "all filters see all channels"
        )
        told = ["*norm* dampens what its neighbours say as well"] * norm
        told += ["*pool* takes the strongest of 3×3 pixels, every second one"] * pool
        note(g, f"**Convolution**: {'; '.join([seen, *told])}.", -0.8, 3.4, 54)

    return draw


def dense(dropout: float = 0.5) -> Draw:
    """A layer of units with ReLU and dropout; `units` is its setting."""

    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        row.op("Linear", "linear", units=4096)
        row.op("ReLU", "relu")
        row.op("Dropout", "dropout", p=dropout)
        row.end()
        setting(g, "units", ("linear", "units", 1))
        words = "**Dense layer**: while training, *dropout* switches off every second unit, so none relies on another."
        note(g, words, -0.8, 3.4, 54)

    return draw


@part(
    "alexnet",
    "AlexNet",
    *NETWORKS,
    "y = fc8(fc7(fc6(conv5(conv4(conv3(conv2(conv1(x))))))))",
    ("Krizhevsky", "ImageNet", "two groups"),
    year=2012,
)
def alexnet(g: Graph) -> None:
    """The network that won ImageNet 2012: five convolutions, three dense layers, in two groups that share little.

    x is N×3×224×224; y is N×classes. Its layers have 186,624, 64,896, 64,896, 43,264, 4,096, 4,096 and 1,000 units from
    conv2 on, 60,965,224 parameters in all. conv2, conv4 and conv5 have two groups of channels that do not see each
    other: each lay on a graphics card of its own. Smaller pictures: from 63×63 on. (Krizhevsky, Sutskever and Hinton
    2012, "ImageNet classification with deep convolutional neural networks")
    """
    two: dict[str, object] = {"groups": 2}
    first = _convolution(True, True, out_channels=96, kernel_size=11, stride=4, padding=2)
    second = _convolution(True, True, out_channels=256, kernel_size=5, padding=2, **two)
    third = _convolution(False, False, out_channels=384, kernel_size=3, padding=1)
    fourth = _convolution(False, False, out_channels=384, kernel_size=3, padding=1, **two)
    fifth = _convolution(False, True, out_channels=256, kernel_size=3, padding=1, **two)
    row = Row(g, port(g, "x", 0, 0))
    row.group("First convolution", first, "conv1")
    row.group("Convolution in two groups, pooled", second, "conv2")
    row.group("Convolution", third, "conv3")
    row.group("Convolution in two groups", fourth, "conv4")
    row.group("Last convolution", fifth, "conv5")
    row.op("Flatten", "flatten")
    for name in ("fc6", "fc7"):
        row.group("Dense layer with dropout", dense(), name)
    row.op("Linear", "fc8", units=1000)
    row.end()
    setting(g, "classes", ("fc8", "units", 1))
    times = (3, 8, 12, 12, 8)
    setting(g, "width", *((f"conv{k}", "width", many) for k, many in enumerate(times, 1)))
    setting(g, "hidden", ("fc6", "units", 1), ("fc7", "units", 1))
    words = (
        "**AlexNet**: 224×224×3 = 150,528 numbers come in. *conv2* has 256×27×27 = 186,624 units, *conv3* and *conv4* "
        "384×13×13 = 64,896, *conv5* 256×13×13 = 43,264; then 4,096, 4,096 and 1,000. Most parameters are in *fc6*. "
        "*width* 32 stands for the paper's 96, 256, 384, 384 and 256 channels."
    )
    note(g, words, -1.0, 5.2, 84)
