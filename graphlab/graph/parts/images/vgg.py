"""The networks of Oxford's Visual Geometry Group: 3×3 convolutions one upon the other, and nothing else."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import note, port, setting
from .alexnet import dense
from .row import FOR_RELU, NETWORKS, Draw, Row, part


def _stage(convolutions: int) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        names = [f"conv{k}" for k in range(1, convolutions + 1)]
        for name in names:
            row.op("Conv2d", name, out_channels=64, kernel_size=3, padding=1, weight_init=FOR_RELU)
            row.op("ReLU", name.replace("conv", "relu"))
        row.op("MaxPool2d", "pool", kernel_size=2)
        row.end()
        setting(g, "width", *((name, "out_channels", 1) for name in names))
        words = "**Stage**: two 3×3 filters, one upon the other, see 5×5 pixels, three see 7×7, with fewer parameters."
        note(g, words, -0.8, 3.4, 54)

    return draw


def _vgg(g: Graph, stages: tuple[int, ...]) -> None:
    row = Row(g, port(g, "x", 0, 0))
    widths = (1, 2, 4, 8, 8)
    for k, (many, times) in enumerate(zip(stages, widths, strict=True), 1):
        words = "one convolution" if many == 1 else f"{many} convolutions"
        row.group(f"Stage of {words}", _stage(many), f"block{k}", width=64 * times)
    row.op("Flatten", "flatten")
    for name in ("fc6", "fc7"):
        row.group("Dense layer with dropout", dense(), name)
    row.op("Linear", "fc8", units=1000)
    row.end()
    setting(g, "classes", ("fc8", "units", 1))
    setting(g, "width", *((f"block{k}", "width", times) for k, times in enumerate(widths, 1)))
    setting(g, "hidden", ("fc6", "units", 1), ("fc7", "units", 1))
    words = (
        f"**VGG-{sum(stages) + 3}**: {sum(stages)} convolutions of 3×3 in five stages, each with half the height and "
        "width of the one before and, up to 512, twice its channels; then three dense layers, which hold most of the "
        "parameters."
    )
    note(g, words, -0.9, 5.2, 70)


@part(
    "vgg-11",
    "VGG-11",
    *NETWORKS,
    "y = dense layers of 8 convolutions 3×3",
    ("Simonyan", "ImageNet"),
    year=2014,
)
def vgg11(g: Graph) -> None:
    """Eight 3×3 convolutions in five stages and three dense layers: the smallest of the VGG networks.

    x is N×3×224×224, any multiple of 32; y is N×classes. 132,863,336 parameters. (Simonyan and Zisserman 2015, "Very
    deep convolutional networks for large-scale image recognition", configuration A)
    """
    _vgg(g, (1, 1, 2, 2, 2))


@part(
    "vgg-16",
    "VGG-16",
    *NETWORKS,
    "y = dense layers of 13 convolutions 3×3",
    ("Simonyan", "ImageNet"),
    year=2014,
)
def vgg16(g: Graph) -> None:
    """Thirteen 3×3 convolutions in five stages and three dense layers: long the usual beginning of other networks.

    x is N×3×224×224, any multiple of 32; y is N×classes. 138,357,544 parameters. (Simonyan and Zisserman 2015,
    configuration D)
    """
    _vgg(g, (2, 2, 3, 3, 3))


@part(
    "vgg-19",
    "VGG-19",
    *NETWORKS,
    "y = dense layers of 16 convolutions 3×3",
    ("Simonyan", "ImageNet"),
    year=2014,
)
def vgg19(g: Graph) -> None:
    """Sixteen 3×3 convolutions in five stages and three dense layers: the deepest of the VGG networks.

    x is N×3×224×224, any multiple of 32; y is N×classes. 143,667,240 parameters. (Simonyan and Zisserman 2015,
    configuration E)
    """
    _vgg(g, (2, 2, 4, 4, 4))
