"""Residual networks, for pictures of ImageNet's size and for those of CIFAR's. Names as torchvision has them."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import note, port, setting
from .row import NETWORKS, Draw, Row, part

BASIC, BOTTLENECK = "basic-block", "bottleneck"


def _stage(block: str, count: int, projects: bool, stride: int) -> Draw:
    """Blocks named 0, 1, …; the first changes size where it `projects`."""

    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        for k in range(count):
            if k == 0 and projects:
                row.part(f"{block}-down", "0", stride=stride)
            else:
                row.part(block, str(k))
        row.end()
        setting(g, "width", *((str(k), "width", 1) for k in range(count)))
        words = "**Stage**: residual blocks one behind another. "
        words += "The first changes size, the others keep it." if projects else "All keep the size."
        note(g, words, -0.8, 2.6, 54)

    return draw


def _stages(row: Row, block: str, counts: tuple[int, ...], width: int) -> None:
    for k, count in enumerate(counts):
        stride = 1 if k == 0 else 2
        projects = stride == 2 or block == BOTTLENECK
        title = f"Stage of {count}{', halving' if stride == 2 else ''}"
        draw = _stage(block, count, projects, stride)
        row.group(title, draw, f"layer{k + 1}", width=width * 2**k)


def _head(row: Row, classes: int) -> None:
    row.op("GlobalAvgPool2d", "avgpool")
    row.op("Flatten", "flatten")
    row.op("Linear", "fc", units=classes)
    row.end()


def _settings(g: Graph, stages: int) -> None:
    setting(g, "classes", ("fc", "units", 1))
    layers = ((f"layer{k + 1}", "width", 2**k) for k in range(stages))
    setting(g, "width", ("conv1", "out_channels", 1), *layers)


def _resnet(g: Graph, block: str, counts: tuple[int, ...]) -> None:
    row = Row(g, port(g, "x", 0, 0))
    row.op("Conv2d", "conv1", out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)
    row.op("BatchNorm2d", "bn1")
    row.op("ReLU", "relu")
    row.op("MaxPool2d", "maxpool", kernel_size=3, stride=2, padding=1)
    _stages(row, block, counts, 64)
    _head(row, 1000)
    _settings(g, 4)
    depth = sum(counts) * (3 if block == BOTTLENECK else 2) + 2
    words = (
        f"**ResNet-{depth}**: a stem that makes the picture four times smaller, then {sum(counts)} residual blocks in "
        "four stages. Each stage has half the height and width of the one before and twice its channels. Double-click "
        "a stage, and a block in it."
    )
    note(g, words, -0.9, 5.2, 70)


def _small_resnet(g: Graph, counts: tuple[int, ...], width: int, title: str) -> None:
    row = Row(g, port(g, "x", 0, 0))
    row.op("Conv2d", "conv1", out_channels=width, kernel_size=3, padding=1, bias=False)
    row.op("BatchNorm2d", "bn1")
    row.op("ReLU", "relu")
    _stages(row, BASIC, counts, width)
    _head(row, 10)
    _settings(g, len(counts))
    words = (
        f"**{title}**: the picture is small already, so the stem keeps its size; then {sum(counts)} residual blocks in "
        f"{len(counts)} stages, each with half the height and width of the one before and twice its channels."
    )
    note(g, words, -0.9, 5.2, 70)


_WORDS = ("He", "residual network", "ImageNet")
_SMALL = ("He", "residual network", "CIFAR-10")


@part("resnet-18", "ResNet-18", *NETWORKS, "y = fc(mean of 8 residual blocks)", _WORDS, year=2016)
def resnet18(g: Graph) -> None:
    """Eight residual blocks of two convolutions each: the smallest of the residual networks.

    x is N×3×224×224 or another size; y is N×classes. 11,689,512 parameters, the same network as torchvision's. (He,
    Zhang, Ren and Sun 2016, "Deep residual learning for image recognition")
    """
    _resnet(g, BASIC, (2, 2, 2, 2))


@part("resnet-34", "ResNet-34", *NETWORKS, "y = fc(mean of 16 residual blocks)", _WORDS, year=2016)
def resnet34(g: Graph) -> None:
    """Sixteen residual blocks of two convolutions each.

    x is N×3×224×224 or another size; y is N×classes. 21,797,672 parameters, the same network as torchvision's. (He et
    al. 2016, "Deep residual learning for image recognition")
    """
    _resnet(g, BASIC, (3, 4, 6, 3))


@part("resnet-50", "ResNet-50", *NETWORKS, "y = fc(mean of 16 bottleneck blocks)", _WORDS, year=2016)
def resnet50(g: Graph) -> None:
    """Sixteen bottleneck blocks of three convolutions each: fifty layers with parameters.

    x is N×3×224×224 or another size; y is N×classes. 25,557,032 parameters, the same network as torchvision's. (He et
    al. 2016, "Deep residual learning for image recognition")
    """
    _resnet(g, BOTTLENECK, (3, 4, 6, 3))


@part(
    "resnet-18-32", "ResNet-18 for 32×32", *NETWORKS, "y = fc(mean of 8 residual blocks)", _SMALL, year=2016
)
def resnet18_32(g: Graph) -> None:
    """ResNet-18 whose stem keeps the size, for small pictures such as those of CIFAR-10.

    x is N×3×32×32; y is N×classes. 11,173,962 parameters with ten classes. (He et al. 2016, with the stem of their
    section 4.2)
    """
    _small_resnet(g, (2, 2, 2, 2), 64, "ResNet-18 for 32×32")


@part("resnet-20", "ResNet-20", *NETWORKS, "y = fc(mean of 9 residual blocks)", _SMALL, year=2016)
def resnet20(g: Graph) -> None:
    """The residual network that the paper tries on CIFAR-10: nine blocks in three stages of 16, 32 and 64 channels.

    x is N×3×32×32; y is N×classes. 272,474 parameters; the paper says 0.27 million. What goes past a block that changes
    size is projected (option B), where the paper pads it with zeros on CIFAR-10. (He et al. 2016, section 4.2)
    """
    _small_resnet(g, (3, 3, 3), 16, "ResNet-20")


@part("resnet-8", "ResNet-8", *NETWORKS, "y = fc(mean of 3 residual blocks)", _SMALL, year=2016)
def resnet8(g: Graph) -> None:
    """The smallest of that family, one block a stage: three blocks of 16, 32 and 64 channels.

    x is N×3×32×32; y is N×classes. It learns within a minute what a small data set has to teach. (He et al. 2016,
    section 4.2, with n = 1)
    """
    _small_resnet(g, (1, 1, 1), 16, "ResNet-8")
