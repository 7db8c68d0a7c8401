"""With what arrays each operation is measured: about a hundred numbers, those of a layer, and a million."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import graphlab.data  # noqa: F401  (gives the Dataset op its cards)
from graphlab import ops
from graphlab.ops import Op
from graphlab.ops.example import Draw, classes, uniform


class Size(NamedTuple):
    """A matrix of examples × features, and images N×C×H×W of as many numbers."""

    name: str
    rows: int
    columns: int
    image: tuple[int, int, int, int]


SIZES = (
    Size("tiny", 8, 12, (2, 3, 4, 4)),
    Size("layer", 128, 256, (8, 16, 16, 16)),
    Size("large", 1024, 1024, (16, 64, 32, 32)),
)
PLACES = ("ArgMax", "ArgMin")  # give whole numbers, which have no gradient
OPEN = ("target", "condition", "attn_mask")  # sockets whose gradient nobody takes


class Case(NamedTuple):
    """One call of an operation: its params, its arguments, and those that a gradient is taken for."""

    op: type[Op]
    params: dict[str, Any]
    arguments: dict[str, Draw]

    @property
    def differentiable(self) -> list[str]:
        return [n for n, draw in self.arguments.items() if draw.kind == "float" and n not in OPEN]

    @property
    def has_gradient(self) -> bool:
        learnt = any(socket.learnable for socket in self.op.inputs)
        return self.op.__name__ not in PLACES and bool(learnt or self.differentiable)

    @property
    def used(self) -> tuple[str, ...]:
        """The results that something depends on: all parts of a Split, of other operations the first."""
        results = self.op(**self.params).results()
        return results if self.op.__name__ == "Split" else results[:1]


def measured() -> list[type[Op]]:
    """Every operation that computes something and has a PyTorch expression."""
    found = [op for family in ops.by_category().values() for op in family if not op.source and not op.role]
    return [op for op in found if op.__name__ not in UNLIKE and op.category != "Parameter"]


def cases(op: type[Op]) -> list[Case]:
    """The op at each size. What `SHAPES` does not say is its first example, with rows for 4 and columns for 3."""
    special = SHAPES.get(op.__name__)
    if special is not None:
        return [Case(op, params, _draws(arrays)) for params, arrays in map(special, SIZES)]
    example = op.examples[0]
    return [
        Case(op, example.params, {name: _grown(draw, size) for name, draw in example.arguments.items()})
        for size in SIZES
    ]


def _grown(draw: Draw, size: Size) -> Draw:
    sizes = {4: size.rows, 3: size.columns}
    if unknown := set(draw.shape) - set(sizes):
        raise ValueError(f"An example of shape {draw.shape} needs an entry in SHAPES for {sorted(unknown)}.")
    high = size.columns if draw.kind == "int" else draw.high
    return Draw(tuple(sizes[n] for n in draw.shape), draw.low, high, draw.kind)


def _draws(arrays: dict[str, Any]) -> dict[str, Draw]:
    return {name: a if isinstance(a, Draw) else Draw(a) for name, a in arrays.items()}


Shaped = Callable[[Size], tuple[dict[str, Any], dict[str, Any]]]


def _matrix(**params: Any) -> Shaped:
    """x as rows × columns."""
    return lambda size: (params, {"x": (size.rows, size.columns)})


def _image(**params: Any) -> Shaped:
    """x as N×C×H×W."""
    return lambda size: (params, {"x": size.image})


def _signal(**params: Any) -> Shaped:
    """x as N×C×L."""
    return lambda size: (params, {"x": (*size.image[:2], size.image[2] * size.image[3])})


def _sequence(size: Size, width: int) -> tuple[int, int, int]:
    """T×N×features of about as many numbers."""
    steps = max(2, size.rows // 16)
    return steps, max(2, size.rows * size.columns // (steps * width)), width


def _width(size: Size) -> int:
    return min(64, size.columns // 2 // 2 * 2)


def _convolution(inside: Shaped) -> Shaped:
    """3 wide, with as many channels out as in."""
    return lambda size: ({"out_channels": size.image[1], "kernel_size": 3, "padding": 1}, inside(size)[1])


def _recurrent(size: Size) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"hidden_size": _width(size)}, {"x": _sequence(size, _width(size))}


def _attention(size: Size) -> tuple[dict[str, Any], dict[str, Any]]:
    count, width = size.image[0], _width(size)
    shape = count, min(256, max(4, size.rows * size.columns // (count * width))), width
    return {}, {"query": shape, "key": shape, "value": shape}


def _by_head(size: Size) -> tuple[int, int, int, int]:
    """N×heads×T×features."""
    count, length, width = _attention(size)[1]["query"]
    return max(1, count // 2), 2, length, width


def _scores(size: Size) -> tuple[int, int, int, int]:
    count, heads, length, _ = _by_head(size)
    return count, heads, length, length


UNLIKE = (  # what PyTorch has no expression for
    "GaussianNoise",
    "PositionalEncoding",
    "RandnLike",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomRotation",
    "RandomShift",
    "RandomVerticalFlip",
    "ReverseSequence",
)
SHAPES: dict[str, Shaped] = {
    "AttentionScores": lambda s: ({}, {"query": _by_head(s), "key": _by_head(s)}),
    "Bilinear": lambda s: (
        {"units": min(16, s.rows)},
        {"x1": (s.rows, min(32, s.columns)), "x2": (s.rows, min(32, s.columns))},
    ),
    "BCEWithLogitsLoss": lambda s: (
        {},
        {"input": (s.rows, s.columns), "target": uniform(s.rows, s.columns, low=0.0, high=1.0)},
    ),
    "CDist": lambda s: ({}, {"x1": (s.rows, min(32, s.columns)), "x2": (s.rows, min(32, s.columns))}),
    "ClassToken": lambda s: ({}, {"x": _attention(s)[1]["query"]}),
    "Concat": lambda s: ({}, {"x1": (s.rows, s.columns // 2), "x2": (s.rows, s.columns // 2)}),
    "Conv1d": _convolution(_signal()),
    "Conv2d": _convolution(_image()),
    "ConvTranspose1d": _convolution(_signal()),
    "ConvTranspose2d": _convolution(_image()),
    "Det": lambda s: ({}, {"x": (s.rows * s.columns // 16, 4, 4)}),
    "Div": lambda s: ({}, {"a": (s.rows, s.columns), "b": uniform(s.rows, s.columns, low=0.5, high=2.0)}),
    "Einsum": lambda s: ({}, {"x1": (s.rows, s.columns), "x2": (s.columns, min(128, s.columns))}),
    "Embedding": lambda s: (
        {"num_embeddings": s.columns, "embedding_dim": min(64, s.columns)},
        {"x": classes(s.rows * s.columns // min(64, s.columns), count=s.columns)},
    ),
    "Expand": lambda s: ({"shape": (s.rows, -1)}, {"x": (s.columns,)}),
    "FeatureProducts": lambda s: ({}, {"x": (s.rows * s.columns // 36, 8)}),
    "Gather": lambda s: (
        {},
        {"x": (s.rows, s.columns), "index": classes(s.rows, s.columns, count=s.columns)},
    ),
    "GroupNorm": lambda s: ({"num_groups": s.image[1] // (8 if s.image[1] > 8 else 1)}, {"x": s.image}),
    "IndexSelect": lambda s: (
        {"dim": 0},
        {"x": (s.rows, s.columns), "index": classes(s.rows, count=s.rows)},
    ),
    "LearnedPositions": lambda s: ({}, {"x": _attention(s)[1]["query"]}),
    "Linear": lambda s: ({"units": min(128, s.columns)}, {"x": (s.rows, s.columns)}),
    "Grayscale": lambda s: ({}, {"x": (s.image[0] * s.image[1] // 3 or 1, 3, *s.image[2:])}),
    "LocalResponseNorm": _image(),
    "MaskedSoftmax": lambda s: ({}, {"x": _scores(s)}),
    "MatMul": lambda s: ({}, {"a": (s.rows, s.columns), "b": (s.columns, min(128, s.columns))}),
    "MergeHeads": lambda s: ({}, {"x": _by_head(s)}),
    "Mod": lambda s: ({}, {"a": (s.rows, s.columns), "b": uniform(s.rows, s.columns, low=0.5, high=2.0)}),
    "MultiheadAttention": lambda s: ({"num_heads": 2}, {"query": _attention(s)[1]["query"]}),
    "OneHot": lambda s: ({"num_classes": s.columns}, {"x": classes(s.rows, count=s.columns)}),
    "Pad": _image(),
    "Permute": _image(dims=(0, 2, 3, 1)),
    "PixelShuffle": lambda s: ({}, {"x": (s.image[0], 4 * s.image[1], s.image[2] // 2, s.image[3] // 2)}),
    "PolarCoordinates": lambda s: ({}, {"x": (s.rows * s.columns // 2, 2)}),
    "PolynomialFeatures": lambda s: ({}, {"x": (s.rows * s.columns // 16, 8)}),
    "Pow": lambda s: ({}, {"a": uniform(s.rows, s.columns, low=0.5, high=2.0), "b": (s.rows, s.columns)}),
    "Prod": lambda s: ({"dim": -1}, {"x": uniform(s.rows * s.columns // 8, 8, low=0.5, high=1.5)}),
    "ScaledDotProductAttention": _attention,
    "ScatterAdd": lambda s: (
        {},
        {
            "x": (s.rows, s.columns),
            "index": classes(s.rows, s.columns, count=s.rows),
            "source": (s.rows, s.columns),
        },
    ),
    "RGB": lambda s: ({}, {"x": (s.image[0] * s.image[1], 1, *s.image[2:])}),
    "Slice": _matrix(start=1),
    "Solve": lambda s: ({}, {"a": (s.columns // 4, s.columns // 4), "b": (s.columns // 4, s.rows)}),
    "Split": _matrix(),
    "SplitHeads": lambda s: ({"heads": 2}, {"x": _attention(s)[1]["query"]}),
    "Stack": lambda s: ({}, {"x1": (s.rows, s.columns // 2), "x2": (s.rows, s.columns // 2)}),
    "Squeeze": lambda s: ({}, {"x": (s.rows, 1, s.columns, 1)}),
    **dict.fromkeys(("CenterCrop", "Resize"), lambda s: ({"size": s.image[2] // 2}, {"x": s.image})),
    **dict.fromkeys(("Flatten", "Reshape"), _image()),
    **dict.fromkeys(("GLU", "Transpose", "Unsqueeze"), _matrix()),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), _recurrent),
    **dict.fromkeys(
        (
            "AdaptiveAvgPool1d",
            "AdaptiveMaxPool1d",
            "AvgPool1d",
            "Dropout1d",
            "GlobalAvgPool1d",
            "GlobalMaxPool1d",
            "InstanceNorm1d",
            "MaxPool1d",
        ),
        _signal(),
    ),
    **dict.fromkeys(
        (
            "AdaptiveAvgPool2d",
            "AdaptiveMaxPool2d",
            "AvgPool2d",
            "BatchNorm2d",
            "Dropout2d",
            "GlobalAvgPool2d",
            "GlobalMaxPool2d",
            "InstanceNorm2d",
            "MaxPool2d",
            "NormalizeChannels",
            "PixelUnshuffle",
            "Upsample",
        ),
        _image(),
    ),
}
