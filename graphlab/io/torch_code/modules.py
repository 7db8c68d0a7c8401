"""Which operations are layers of torch.nn, with what arguments, and what their parameters are called there.

Everything else is said by an expression (`Op.emit_torch`, see `expressions`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...ops import Op

Shapes = Mapping[str, tuple[int, ...]]
Args = list[tuple[str, Any]]  # (keyword, "" for none; value)


@dataclass(frozen=True, slots=True)
class Layer:
    """`nn.Conv2d(1, 6, kernel_size=5)`: constructor and arguments.

    renamed: what our sockets and states are called there, where that differs. call: how it is called with {…} for the
    sockets; by default with the first. results: what comes back, nested as it comes, by our names.
    """

    kind: str
    args: Args
    renamed: Mapping[str, str] = field(default_factory=dict)
    call: str = ""
    results: str = ""


Making = Callable[[Op, Shapes], Layer | None]
_makings: dict[str, Making] = {}


def _makes(*names: str) -> Callable[[Making], Making]:
    def keep(making: Making) -> Making:
        _makings.update(dict.fromkeys(names, making))
        return making

    return keep


def layer_of(op: Op, shapes: Shapes) -> Layer | None:
    """The layer that does what an op does, if one does; `shapes` of the sockets that are there (-1 for open sizes)."""
    making = _makings.get(type(op).__name__)
    return None if making is None else making(op, shapes)


def _beside(op: Op, *defaults: tuple[str, Any]) -> Args:
    """Params under their names, where they are not PyTorch's default."""
    return [(name, op.params[name]) for name, usual in defaults if op.params[name] != usual]


@_makes("Linear")
def _linear(op: Op, shapes: Shapes) -> Layer:
    rows, columns = shapes["weight"]
    return Layer("Linear", [("", columns), ("", rows), *_beside(op, ("bias", True))])


@_makes("Bilinear")
def _bilinear(op: Op, shapes: Shapes) -> Layer:
    rows, one, other = shapes["weight"]
    args: Args = [("", one), ("", other), ("", rows), *_beside(op, ("bias", True))]
    return Layer("Bilinear", args, call="{x1}, {x2}")


@_makes("Embedding")
def _embedding(op: Op, shapes: Shapes) -> Layer:
    rows, columns = shapes["weight"]
    return Layer("Embedding", [("", rows), ("", columns), *_beside(op, ("padding_idx", None))])


@_makes("Conv1d", "Conv2d")
def _conv(op: Op, shapes: Shapes) -> Layer:
    made, inner = shapes["weight"][:2]
    return _filters(op, inner * op.params["groups"], made)


@_makes("ConvTranspose1d", "ConvTranspose2d")
def _conv_transpose(op: Op, shapes: Shapes) -> Layer:
    outer, made = shapes["weight"][:2]
    return _filters(op, outer, made * op.params["groups"], ("output_padding", 0))


def _filters(op: Op, before: int, after: int, *more: tuple[str, Any]) -> Layer:
    usual = (("stride", 1), ("padding", 0), *more, ("dilation", 1), ("groups", 1), ("bias", True))
    args: Args = [("", before), ("", after), ("kernel_size", op.params["kernel_size"])]
    return Layer(type(op).__name__, [*args, *_beside(op, *usual)])


@_makes("BatchNorm1d", "BatchNorm2d")
def _batch_norm(op: Op, shapes: Shapes) -> Layer:
    usual = (("eps", 1e-5), ("momentum", 0.1), ("affine", True), ("track_running_stats", True))
    return Layer(type(op).__name__, [("", shapes["x"][1]), *_beside(op, *usual)])


@_makes("InstanceNorm1d", "InstanceNorm2d")
def _instance_norm(op: Op, shapes: Shapes) -> Layer:
    return Layer(type(op).__name__, [("", shapes["x"][1]), *_beside(op, ("eps", 1e-5), ("affine", False))])


@_makes("GroupNorm")
def _group_norm(op: Op, shapes: Shapes) -> Layer:
    args: Args = [("", op.params["num_groups"]), ("", shapes["x"][1])]
    return Layer("GroupNorm", [*args, *_beside(op, ("eps", 1e-5), ("affine", True))])


@_makes("LayerNorm", "RMSNorm")
def _row_norm(op: Op, shapes: Shapes) -> Layer:
    asked = op.params["normalized_shape"]
    asked = shapes["x"][-1] if asked is None else asked
    usual = [("eps", 1e-5 if type(op).__name__ == "LayerNorm" else None), ("elementwise_affine", True)]
    if op.params["elementwise_affine"] and "bias" in op.params:
        usual.append(("bias", True))
    return Layer(type(op).__name__, [("", asked), *_beside(op, *usual)])


@_makes("LocalResponseNorm")
def _local_response(op: Op, shapes: Shapes) -> Layer:
    usual = (("alpha", 1e-4), ("beta", 0.75), ("k", 1.0))
    return Layer("LocalResponseNorm", [("", op.params["size"]), *_beside(op, *usual)])


@_makes("PReLU")
def _prelu(op: Op, shapes: Shapes) -> Layer:
    return Layer("PReLU", _beside(op, ("num_parameters", 1)))


@_makes("Dropout", "Dropout1d", "Dropout2d", "AlphaDropout")
def _dropout(op: Op, shapes: Shapes) -> Layer:
    return Layer(type(op).__name__, [("", op.params["p"])])


@_makes("MaxPool1d", "MaxPool2d")
def _max_pool(op: Op, shapes: Shapes) -> Layer:
    usual = (("stride", None), ("padding", 0), ("dilation", 1), ("ceil_mode", False))
    return Layer(type(op).__name__, [("", op.params["kernel_size"]), *_beside(op, *usual)])


@_makes("AvgPool1d", "AvgPool2d")
def _average_pool(op: Op, shapes: Shapes) -> Layer:
    usual = (("stride", None), ("padding", 0), ("ceil_mode", False), ("count_include_pad", True))
    return Layer(type(op).__name__, [("", op.params["kernel_size"]), *_beside(op, *usual)])


@_makes("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d")
def _adaptive(op: Op, shapes: Shapes) -> Layer:
    return Layer(type(op).__name__, [("", op.params["output_size"])])


@_makes("GlobalAvgPool1d", "GlobalAvgPool2d", "GlobalMaxPool1d", "GlobalMaxPool2d")
def _whole(op: Op, shapes: Shapes) -> Layer:
    return Layer(type(op).__name__.replace("Global", "Adaptive"), [("", 1)])


@_makes("RNN", "GRU", "LSTM")
def _recurrent(op: Op, shapes: Shapes) -> Layer | None:
    """One that begins at zeros, or at states for every sequence, and reads forward."""
    kind, params = type(op).__name__, op.params
    states = ("h", "c") if kind == "LSTM" else ("h",)
    given = [f"{state}_0" in shapes for state in states]
    batch = shapes["x"][0 if params["batch_first"] else 1]
    if params["reverse"] or len(set(given)) > 1:
        return None
    if given[0] and any(shapes[f"{s}_0"][1] != batch or batch == 1 for s in states):
        return None
    usual: list[tuple[str, Any]] = [
        ("num_layers", 1),
        ("bias", True),
        ("batch_first", False),
        ("bidirectional", False),
    ]
    usual += [("nonlinearity", "tanh")] if kind == "RNN" else []
    args: Args = [("", shapes["x"][2]), ("", params["hidden_size"]), *_beside(op, *usual)]
    begins = "({h_0}, {c_0})" if kind == "LSTM" else "{h_0}"
    results = "y, (h_n, c_n)" if kind == "LSTM" else "y, h_n"
    return Layer(kind, args, call="{x}" + (f", {begins}" if given[0] else ""), results=results)


@_makes("MultiheadAttention")
def _multihead(op: Op, shapes: Shapes) -> Layer | None:
    """Without a mask; with one the expression says more clearly what is done."""
    if op.params["is_causal"] or "attn_mask" in shapes:
        return None
    key = "{key}" if "key" in shapes else "{query}"
    value = "{value}" if "value" in shapes else key
    args: Args = [("", shapes["query"][2]), ("", op.params["num_heads"])]
    return Layer(
        "MultiheadAttention",
        [*args, *_beside(op, ("bias", True), ("batch_first", False))],
        {"out_proj_weight": "out_proj.weight", "out_proj_bias": "out_proj.bias"},
        f"{{query}}, {key}, {value}, average_attn_weights=False",
        "y, weights",
    )


@_makes("PixelShuffle", "PixelUnshuffle")
def _shuffle(op: Op, shapes: Shapes) -> Layer:
    name = "upscale_factor" if type(op).__name__ == "PixelShuffle" else "downscale_factor"
    return Layer(type(op).__name__, [("", op.params[name])])
