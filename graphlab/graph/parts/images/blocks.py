"""The blocks that networks for pictures are made of, each as its paper has it."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import note, port, put, setting
from .row import BLOCKS, FOR_RELU, Row, group, part


@part(
    "conv-block",
    "Conv block",
    *BLOCKS,
    "y = pool(max(0, W ⋆ x + b))",
    ("convolutional layer", "conv relu pool"),
    year=1989,
)
def conv_block(g: Graph) -> None:
    """Convolution, activation, pooling: filters look for a feature everywhere, and of each square the best stays.

    x is N×C×H×W; y has `width` channels and half the height and width. Put one behind another: each sees twice as far
    as the one before. (LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition")
    """
    row = Row(g, port(g, "x", 0, 0))
    row.op("Conv2d", "conv", out_channels=16, kernel_size=3, padding="same")
    row.op("ReLU", "relu")
    row.op("MaxPool2d", "pool", kernel_size=2)
    row.end()
    setting(g, "width", ("conv", "out_channels", 1))
    setting(g, "kernel", ("conv", "kernel_size", 1))
    setting(g, "pool", ("pool", "kernel_size", 1))
    words = (
        "**Conv block**: *conv* weighs each window by the same filters, *relu* keeps what answers, *pool* the "
        "strongest answer of each square. Where exactly it was is forgotten; that it was there is not."
    )
    note(g, words, -0.8, 3.4, 70)


@part("conv-bn-relu", "Conv, norm, ReLU", *BLOCKS, "y = max(0, norm(W ⋆ x))", ("ConvBNReLU",), year=2015)
def conv_bn_relu(g: Graph) -> None:
    """Convolution, batch normalisation, ReLU: the layer of most networks since 2015.

    x is N×C×H×W; y has `width` channels. The convolution has no bias, because the normalisation would take it away
    again and has one of its own. (Ioffe and Szegedy 2015, "Batch normalization")
    """
    row = Row(g, port(g, "x", 0, 0))
    row.op("Conv2d", "conv", out_channels=16, kernel_size=3, padding=1, bias=False)
    row.op("BatchNorm2d", "bn")
    row.op("ReLU", "relu")
    row.end()
    setting(g, "width", ("conv", "out_channels", 1))
    for name, param in (("kernel", "kernel_size"), ("stride", "stride"), ("padding", "padding")):
        setting(g, name, ("conv", param, 1))
    setting(g, "eps", ("bn", "eps", 1))
    note(
        g,
        "**Conv, norm, ReLU**: *bn* brings each channel to mean 0 and variance 1 before it is bent.",
        -0.7,
        3.4,
        48,
    )


# Residual blocks (ResNet)


def _downsample(g: Graph) -> None:
    row = Row(g, port(g, "x", 0, 0))
    row.op("Conv2d", "0", out_channels=64, kernel_size=1, stride=2, bias=False)
    row.op("BatchNorm2d", "1")
    row.end()
    setting(g, "width", ("0", "out_channels", 1))
    setting(g, "stride", ("0", "stride", 1))
    words = "**Downsample**: brings x to the size and the channels of what is added to it."
    note(g, words, -0.7, 2.6, 48)


_PAST = {
    False: "x goes past them unchanged",
    True: "x goes past them through *downsample*, because it is to have other channels or another size",
}


def _residual(g: Graph, kernels: tuple[int, ...], strided: int, projects: bool) -> None:
    """`kernels`: of its convolutions, the last of a bottleneck with four times the width. `strided`: which has the
    stride, from 1."""
    x = port(g, "x", 0, 0)
    row = Row(g, x, 1, 1.2)
    wider = 4 if len(kernels) == 3 else 1
    widths = [1] * (len(kernels) - 1) + [wider]
    for k, (kernel, times) in enumerate(zip(kernels, widths, strict=True), 1):
        stride = 2 if projects and k == strided else 1
        size = {"kernel_size": kernel, "padding": kernel // 2, "stride": stride}
        row.op("Conv2d", f"conv{k}", out_channels=64 * times, bias=False, **size)
        row.op("BatchNorm2d", f"bn{k}")
        if k < len(kernels):
            row.op("ReLU", f"relu{k}")
    past = x
    ends = [(f"conv{k}", "out_channels", times) for k, times in enumerate(widths, 1)]
    if projects:
        settings = {"width": 64 * wider} if wider > 1 else {}
        past = group(g, "Downsample", _downsample, "downsample", (230.0 * 2, 0.0), x, **settings)
        ends.append(("downsample", "width", wider))
    total = put(g, "Add", "add", row.column, 0, past, row.last)
    relu = put(g, "ReLU", f"relu{len(kernels)}", row.column + 1, 0, total)
    port(g, "y", row.column + 2, 0, relu)
    setting(g, "width", *ends)
    if projects:
        setting(g, "stride", (f"conv{strided}", "stride", 1), ("downsample", "stride", 1))
    words = (
        f"**Residual block**: the layers below learn only what is to be *added* to x; {_PAST[projects]}. "
        "So the gradient reaches x even where the layers pass on little of it."
    )
    note(g, words, -0.9, 4.4, 70)


@part(
    "basic-block",
    "Residual block",
    *BLOCKS,
    "y = max(0, x + norm(W₂ ⋆ max(0, norm(W₁ ⋆ x))))",
    ("BasicBlock", "ResNet", "skip connection"),
    year=2016,
)
def basic_block(g: Graph) -> None:
    """Two 3×3 convolutions and a way past them: the block of ResNet-18 and ResNet-34.

    x and y are N×width×H×W. The layers learn what to add to x, and start from a network that passes x on. The same as
    torchvision's BasicBlock. (He et al. 2016, "Deep residual learning for image recognition")
    """
    _residual(g, (3, 3), 1, projects=False)


@part(
    "basic-block-down",
    "Residual block, downsampling",
    *BLOCKS,
    "y = max(0, P(x) + norm(W₂ ⋆ max(0, norm(W₁ ⋆ x))))",
    ("BasicBlock", "ResNet", "projection shortcut"),
    year=2016,
)
def basic_block_down(g: Graph) -> None:
    """A residual block that changes size: half the height and width (`stride` 2), and `width` channels.

    x is N×C×H×W. What goes past the layers is brought to the same size by a 1×1 convolution. The first block of each
    stage of ResNet-18 and ResNet-34 but the first stage. (He et al. 2016, option B of their shortcuts)
    """
    _residual(g, (3, 3), 1, projects=True)


@part(
    "bottleneck",
    "Bottleneck block",
    *BLOCKS,
    "y = max(0, x + f(x)), f: 1×1 to width, 3×3, 1×1 to 4·width",
    ("Bottleneck", "ResNet-50"),
    year=2016,
)
def bottleneck(g: Graph) -> None:
    """A residual block that is narrow in the middle: 1×1 down to `width` channels, 3×3, 1×1 up to four times that.

    x and y are N×4·width×H×W. The 3×3 convolution sees few channels, so it is cheap. The block of ResNet-50. (He et al.
    2016, figure 5)
    """
    _residual(g, (1, 3, 1), 2, projects=False)


@part(
    "bottleneck-down",
    "Bottleneck block, downsampling",
    *BLOCKS,
    "y = max(0, P(x) + f(x)), f: 1×1 to width, 3×3, 1×1 to 4·width",
    ("Bottleneck", "ResNet-50", "projection shortcut"),
    year=2016,
)
def bottleneck_down(g: Graph) -> None:
    """A bottleneck block that changes size: what goes past it is brought to 4·width channels by a 1×1 convolution.

    x is N×C×H×W. The stride is that of the 3×3 convolution, as in torchvision, which reads images a little better than
    the paper's, at the first 1×1 one. (He et al. 2016; Goyal et al. 2017)
    """
    _residual(g, (1, 3, 1), 2, projects=True)


# Blocks of several paths


@part(
    "fire",
    "Fire module",
    *BLOCKS,
    "s = max(0, W ⋆ x); y = [max(0, W₁ ⋆ s), max(0, W₃ ⋆ s)]",
    ("SqueezeNet", "squeeze", "expand"),
    year=2016,
)
def fire(g: Graph) -> None:
    """Squeeze and expand: few channels in between, looked at by filters of 1×1 and of 3×3 side by side.

    x is N×C×H×W; y has 8·width channels, half of them from each kind. (Iandola et al. 2016, "SqueezeNet: AlexNet-level
    accuracy with 50x fewer parameters")
    """
    row = Row(g, port(g, "x", 0, 0.8), 1, 0.8)
    row.op("Conv2d", "squeeze", out_channels=16, kernel_size=1, weight_init=FOR_RELU)
    squeezed = row.op("ReLU", "squeezed")
    ends = []
    for k, kernel in enumerate((1, 3)):
        side = Row(g, squeezed, 3, 1.6 * k)
        size = {"kernel_size": kernel, "padding": kernel // 2, "weight_init": FOR_RELU}
        side.op("Conv2d", f"expand{kernel}x{kernel}", out_channels=64, **size)
        ends.append(side.op("ReLU", f"expanded{kernel}x{kernel}"))
    port(g, "y", 6, 0.8, put(g, "Concat", "both", 5, 0.8, *ends))
    widths = (("squeeze", 1), ("expand1x1", 4), ("expand3x3", 4))
    setting(g, "width", *((name, "out_channels", times) for name, times in widths))
    words = (
        "**Fire module**: a 3×3 filter is dear where there are many channels, so *squeeze* leaves few "
        "of them first."
    )
    note(g, words, -1.0, 4.2, 64)


# By path: the convolution that makes it cheaper and its channels; the convolution, its window and its channels.
_PATHS = (
    ("", 0, "ch1x1", 1, 64),
    ("ch3x3red", 96, "ch3x3", 3, 128),
    ("ch5x5red", 16, "ch5x5", 5, 32),
    ("", 0, "pool_proj", 1, 32),
)


def _inception(g: Graph, norms: bool) -> None:
    """Four paths side by side. `norms`: each convolution with batch normalisation, and 3×3 in the place of 5×5."""
    x = port(g, "x", 0, 2.1)
    step, ends, convolved = 1 if norms else 2, [], []

    def convolve(row: Row, name: str, width: int, kernel: int) -> None:
        size = {"padding": kernel // 2}
        convolved.append(name)
        if norms:
            row.part("conv-bn-relu", name, width=width, kernel=kernel, eps=0.001, **size)
            return
        row.op("Conv2d", name, out_channels=width, kernel_size=kernel, weight_init=FOR_RELU, **size)
        row.op("ReLU", f"relu {name}")

    for k, (before, fewer, name, kernel, width) in enumerate(_PATHS):
        row = Row(g, x, 1, 1.4 * k)
        if before:
            convolve(row, before, fewer, 1)
        if name == "pool_proj":
            row.op("MaxPool2d", "pool", kernel_size=3, stride=1, padding=1)
        row.column = 1 + step
        convolve(row, name, width, 3 if norms and kernel == 5 else kernel)
        ends.append(row.last)
    column = 1 + 2 * step
    port(g, "y", column + 1, 2.1, put(g, "Concat", "together", column, 2.1, *ends))
    for name in convolved:
        setting(g, name, (name, "width" if norms else "out_channels", 1))
    words = (
        "**Inception block**: how large a feature is, is left open. Four paths look at once, through windows of 1×1, "
        f"3×3 and {'once more 3×3' if norms else '5×5'} pixels and at the strongest neighbour, and their channels are "
        "put together. What ends in *red* leaves fewer channels for the large windows."
    )
    note(g, words, -1.0, 4.2, 84)


@part(
    "inception",
    "Inception block",
    *BLOCKS,
    "y = [1×1, 3×3(1×1), 5×5(1×1), 1×1(pool)], each with ReLU",
    ("GoogLeNet", "Inception v1", "Inception module"),
    year=2015,
)
def inception(g: Graph) -> None:
    """Four paths side by side: windows of 1×1, 3×3 and 5×5, and the strongest neighbour. (Inception v1)

    x is N×C×H×W; y has the sum of the four paths' channels. Each setting is the number of channels of the convolution
    of that name. (Szegedy et al. 2015, "Going deeper with convolutions", figure 2b)
    """
    _inception(g, norms=False)


@part(
    "inception-bn",
    "Inception block, normalised",
    *BLOCKS,
    "y = [1×1, 3×3(1×1), 3×3(1×1), 1×1(pool)], each with norm and ReLU",
    ("GoogLeNet", "Inception v1", "torchvision Inception"),
    year=2015,
)
def inception_bn(g: Graph) -> None:
    """The Inception block of torchvision's GoogLeNet: with batch normalisation, and 3×3 where the paper has 5×5.

    x is N×C×H×W; y has the sum of the four paths' channels. Each setting is the number of channels of the convolution
    of that name. (torchvision.models.googlenet)
    """
    _inception(g, norms=True)


@part(
    "dense-layer",
    "Dense layer (DenseNet)",
    *BLOCKS,
    "y = [x, W₃ ⋆ max(0, norm(W₁ ⋆ max(0, norm(x))))]",
    ("DenseNet", "dense connectivity", "bottleneck layer"),
    year=2017,
)
def dense_layer(g: Graph) -> None:
    """Adds `growth` new channels to those that are there, and keeps the old ones: nothing is computed twice.

    x is N×C×H×W, y N×(C + growth)×H×W. A 1×1 convolution brings x to four times the growth first. Layers one behind
    another see what all before them have found. (Huang et al. 2017, "Densely connected convolutional networks")
    """
    x = port(g, "x", 0, 0)
    row = Row(g, x, 1, 1.2)
    for k, (kernel, width) in enumerate(((1, 128), (3, 32)), 1):
        row.op("BatchNorm2d", f"norm{k}")
        row.op("ReLU", f"relu{k}")
        row.op("Conv2d", f"conv{k}", out_channels=width, kernel_size=kernel, padding=kernel // 2, bias=False)
    port(g, "y", 8, 0, put(g, "Concat", "grown", 7, 0, x, row.last))
    setting(g, "growth", ("conv1", "out_channels", 4), ("conv2", "out_channels", 1))
    words = "**Dense layer**: x goes past whole, and the few channels found below are put behind it."
    note(g, words, -0.7, 4.2, 48)


def transition(g: Graph) -> None:
    """Between the blocks of DenseNet: `width` channels, and half the height and width."""
    row = Row(g, port(g, "x", 0, 0))
    row.op("BatchNorm2d", "norm")
    row.op("ReLU", "relu")
    row.op("Conv2d", "conv", out_channels=128, kernel_size=1, bias=False)
    row.op("AvgPool2d", "pool", kernel_size=2)
    row.end()
    setting(g, "width", ("conv", "out_channels", 1))
    note(g, "**Transition**: half the channels, and half the height and width.", -0.7, 3.4, 48)


@part(
    "separable-block",
    "Depthwise separable block",
    *BLOCKS,
    "y = max(0, norm(W₁ ⋆ max(0, norm(D ⋆ x)))), D: one filter a channel",
    ("MobileNet", "depthwise convolution", "pointwise", "separable convolution"),
    year=2017,
)
def separable_block(g: Graph) -> None:
    """A convolution in two: first each channel by a filter of its own, then the channels are mixed pixel by pixel.

    x is N×channels×H×W, y N×width×H×W, smaller by the `stride`. About a ninth of the work of a 3×3 convolution.
    (Howard et al. 2017, "MobileNets")
    """
    row = Row(g, port(g, "x", 0, 0))
    size = {"kernel_size": 3, "padding": 1, "groups": 32}
    row.op("Conv2d", "depthwise", out_channels=32, bias=False, **size)
    row.op("BatchNorm2d", "norm1")
    row.op("ReLU", "relu1")
    row.op("Conv2d", "pointwise", out_channels=64, kernel_size=1, bias=False)
    row.op("BatchNorm2d", "norm2")
    row.op("ReLU", "relu2")
    row.end()
    setting(g, "channels", ("depthwise", "out_channels", 1), ("depthwise", "groups", 1))
    setting(g, "width", ("pointwise", "out_channels", 1))
    setting(g, "stride", ("depthwise", "stride", 1))
    words = (
        "**Depthwise separable block**: *depthwise* looks at neighbours, each channel for itself; *pointwise* looks "
        "across the channels, each pixel for itself. *channels* is how many x has."
    )
    note(g, words, -0.8, 4.4, 64)
