"""SqueezeNet: fire modules one behind another, and no dense layer."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import note, port, setting
from .row import NETWORKS, Draw, Row, part

_POOL: dict[str, object] = {"kernel_size": 3, "stride": 2, "ceil_mode": True}
_SQUEEZED = {2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 3, 8: 4, 9: 4}  # channels of each fire's squeeze, in sixteenths


def _stage(fires: tuple[int, ...], pools: bool) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        for k in fires:
            row.part("fire", f"fire{k}", width=16 * _SQUEEZED[k])
        if pools:
            row.op("MaxPool2d", "pool", **_POOL)
        row.end()
        setting(g, "width", *((f"fire{k}", "width", _SQUEEZED[k]) for k in fires))
        note(g, "**Stage**: fire modules one behind another, all of one size.", -0.6, 3.0, 40)

    return draw


def _squeezenet(g: Graph, version: str, first: int, kernel: int, stages: tuple[tuple[int, ...], ...]) -> None:
    """`first`: channels of the first convolution, in sixteenths."""
    row = Row(g, port(g, "x", 0, 0))
    row.op("Conv2d", "conv1", out_channels=16 * first, kernel_size=kernel, stride=2)
    row.op("ReLU", "relu1")
    row.op("MaxPool2d", "pool1", **_POOL)
    for k, fires in enumerate(stages, 1):
        words = f"{fires[0]} to {fires[-1]}" if len(fires) > 1 else str(fires[0])
        row.group(f"Fires {words}", _stage(fires, k < len(stages)), f"stage{k}")
    row.op("Dropout", "dropout")
    row.op("Conv2d", "conv10", out_channels=1000, kernel_size=1)
    row.op("ReLU", "relu10")
    row.op("GlobalAvgPool2d", "avgpool")
    row.op("Flatten", "flatten")
    row.end()
    setting(g, "classes", ("conv10", "out_channels", 1))
    names = ((f"stage{k}", "width", 1) for k in range(1, len(stages) + 1))
    setting(g, "width", ("conv1", "out_channels", first), *names)
    words = (
        f"**SqueezeNet {version}**: eight fire modules, and at the end a 1×1 convolution that scores each place of the "
        "picture; their mean is the answer. About as good as AlexNet, with a fiftieth of the parameters."
    )
    note(g, words, -0.9, 5.2, 70)


_WORDS = ("Iandola", "fire", "ImageNet")


@part("squeezenet", "SqueezeNet", *NETWORKS, "y = mean of conv10(8 fire modules)", _WORDS, year=2016)
def squeezenet10(g: Graph) -> None:
    """Eight fire modules between two convolutions: as good as AlexNet with a fiftieth of its parameters.

    x is N×3×224×224; y is N×classes. 1,248,424 parameters. (Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy
    with 50x fewer parameters and <0.5MB model size", table 1)
    """
    _squeezenet(g, "1.0", 6, 7, ((2, 3, 4), (5, 6, 7, 8), (9,)))


@part(
    "squeezenet-light",
    "SqueezeNet, lighter",
    *NETWORKS,
    "y = mean of conv10(8 fire modules)",
    _WORDS,
    year=2016,
)
def squeezenet11(g: Graph) -> None:
    """SqueezeNet with a smaller first convolution and earlier pooling: as good with less than half of the work.

    x is N×3×224×224; y is N×classes. 1,235,496 parameters. (By the authors of Iandola et al. 2016; torchvision's
    squeezenet1_1)
    """
    _squeezenet(g, "1.1", 4, 3, ((2, 3), (4, 5), (6, 7, 8, 9)))
