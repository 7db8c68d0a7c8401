"""Draws a PyTorch module as nodes of a graph. A node is named by the module's path, with _ for the dots."""

from __future__ import annotations

import functools
from typing import Any

from torch import nn

from graphlab.graph import Graph

Ends = Any  # a handle, an output of one, or a list of such


@functools.singledispatch
def draw(module: nn.Module, g: Graph, path: str, *inputs: Ends) -> Ends:
    """Adds the nodes of a module; returns where its result comes out. The families register their own modules."""
    raise TypeError(f"nobody has said how {type(module).__name__} is drawn")


def inside(path: str, child: str) -> str:
    """The path of a child, as nodes are named."""
    return f"{path}_{child}" if path else child


@draw.register
def _(module: nn.Sequential, g: Graph, path: str, x: Ends) -> Ends:
    for name, child in module.named_children():
        x = draw(child, g, inside(path, name), x)
    return x


@draw.register
def _(module: nn.Linear, g: Graph, path: str, x: Ends) -> Ends:
    return g.add("Linear", x, name=path, units=module.out_features, bias=module.bias is not None)


@draw.register
def _(module: nn.Conv2d, g: Graph, path: str, x: Ends) -> Ends:
    params = {name: getattr(module, name) for name in ("kernel_size", "stride", "padding", "groups")}
    bias = module.bias is not None
    return g.add("Conv2d", x, name=path, out_channels=module.out_channels, bias=bias, **params)


def _alike(module: nn.Module, g: Graph, path: str, x: Ends) -> Ends:
    params = {name: getattr(module, name) for name in ALIKE[type(module)]}
    return g.add(type(module).__name__, x, name=path, **params)


WINDOW = ("kernel_size", "stride", "padding")
ALIKE: dict[type[nn.Module], tuple[str, ...]] = {
    nn.MaxPool2d: WINDOW,
    nn.AvgPool2d: WINDOW,
    nn.AdaptiveAvgPool2d: ("output_size",),
    nn.BatchNorm2d: ("eps", "momentum"),
    nn.LayerNorm: ("eps",),
    nn.Dropout: ("p",),
    nn.Flatten: ("start_dim", "end_dim"),
    nn.Tanh: (),
    nn.ReLU: (),
}  # called the same here and there, with the attributes that are our params
for kind in ALIKE:
    draw.register(kind, _alike)


@draw.register(nn.MSELoss)
@draw.register(nn.CrossEntropyLoss)
def _(module: nn.Module, g: Graph, path: str, x: Ends, target: Ends) -> Ends:
    return g.add(type(module).__name__, x, target, name=path)
