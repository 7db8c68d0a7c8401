"""MobileNet: depthwise separable blocks one behind another."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import note, port, setting
from .row import NETWORKS, Draw, Row, part

# (channels before, channels after, stride) of each block, in thirty-seconds (Howard et al. 2017, table 1)
_STAGES = (
    ((1, 2, 1),),
    ((2, 4, 2), (4, 4, 1)),
    ((4, 8, 2), (8, 8, 1)),
    ((8, 16, 2), *((16, 16, 1),) * 5),
    ((16, 32, 2), (32, 32, 1)),
)


def _stage(blocks: tuple[tuple[int, int, int], ...]) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        for k, (before, after, stride) in enumerate(blocks, 1):
            row.part("separable-block", f"block{k}", channels=32 * before, width=32 * after, stride=stride)
        row.end()
        ends = [(f"block{k}", "channels", before) for k, (before, _, _) in enumerate(blocks, 1)]
        ends += [(f"block{k}", "width", after) for k, (_, after, _) in enumerate(blocks, 1)]
        setting(g, "width", *ends)
        note(g, "**Stage**: depthwise separable blocks one behind another, all of one size.", -0.8, 2.6, 54)

    return draw


@part(
    "mobilenet",
    "MobileNet",
    *NETWORKS,
    "y = fc(mean of 13 depthwise separable blocks)",
    ("MobileNetV1", "Howard", "ImageNet"),
    year=2017,
)
def mobilenet(g: Graph) -> None:
    """A convolution and thirteen depthwise separable blocks: made for telephones.

    x is N×3×224×224 or another size; y is N×classes. 4,231,976 parameters; `width` is the paper's width multiplier, 32
    times it. (Howard et al. 2017, "MobileNets: Efficient convolutional neural networks for mobile vision applications")
    """
    row = Row(g, port(g, "x", 0, 0))
    row.part("conv-bn-relu", "stem", width=32, stride=2)
    for k, blocks in enumerate(_STAGES, 1):
        words = "one separable block" if len(blocks) == 1 else f"{len(blocks)} separable blocks"
        row.group(f"Stage of {words}", _stage(blocks), f"stage{k}")
    row.op("GlobalAvgPool2d", "avgpool")
    row.op("Flatten", "flatten")
    row.op("Linear", "fc", units=1000)
    row.end()
    setting(g, "classes", ("fc", "units", 1))
    setting(
        g, "width", ("stem", "width", 1), *((f"stage{k}", "width", 1) for k in range(1, len(_STAGES) + 1))
    )
    words = (
        "**MobileNet**: thirteen depthwise separable blocks, each about a ninth of the work of a convolution. *width* "
        "32 is the network of the paper, 16 one of half its channels."
    )
    note(g, words, -0.9, 5.2, 70)
