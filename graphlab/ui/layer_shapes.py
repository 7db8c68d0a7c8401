"""Which shapes come out of a cell that is repeated along a sequence, asked while a node of it is only thought of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ShapeError
from ..graph import Document, Graph
from ..ops import Size, Spec, by_role

Rule = Callable[..., tuple[Spec | None, ...]]
_STEPS = 2  # shapes are the same at all steps


def layer_rule(groups: Document, params: Mapping[str, Any], rule_of: Callable[[Document], Rule]) -> Rule:
    """`infer` of a class that stands for a layer.

    groups: a document that has the cell among its definitions. params: those of the node, `definition` among them.
    rule_of: gives that of a sheet with ports.
    """
    ask: list[Rule] = []

    def rule(self: Any, **specs: Spec) -> tuple[Spec | None, ...]:
        if not ask:
            ask.append(rule_of(_sheet(groups, params)))
        given, length = {}, None
        for name in self.per_step:
            if name in specs:
                given[name], length = _short(name, specs[name])
        found = ask[0](self, **given)
        return tuple(_long(self, *each, length) for each in zip(self.results(), found, strict=True))

    return rule


def _sheet(groups: Document, params: Mapping[str, Any]) -> Document:
    """The layer with few steps between ports of the names of its sockets."""
    few = Graph(Document(definitions=groups.definitions))
    with few.edit("Draw"):
        layer = few.add(by_role("unroll").__name__, name="the layer", **{**params, "steps": _STEPS})
        made = layer.node.make()
        for k, socket in enumerate(s for s in made.sockets() if not s.optional):
            port = few.add(by_role("port in").__name__, name=socket.name, position=(-200.0, 100.0 * k))
            few.connect(port, layer, socket.name)
        for k, output in enumerate(made.results()):
            few.add(
                by_role("port out").__name__, layer[output], name=f"{output} out", position=(200.0, 100.0 * k)
            )
    return few.document


def _short(name: str, spec: Spec) -> tuple[Spec, Size]:
    """A sequence of few steps, and how long it is. ShapeError when it is none."""
    if spec.ndim < 2:
        raise ShapeError(
            f"{name} ({spec}) is no sequence.", hint="Feed N×T×…, the batch in front.", socket=name
        )
    return spec.with_shape(spec.shape[0], _STEPS, *spec.shape[2:]), spec.shape[1]


def _long(layer: Any, output: str, spec: Spec | None, length: Size | None) -> Spec | None:
    """What an output is for a sequence as long as the one that is fed."""
    if spec is None or length is None or output in layer.lasts:
        return spec
    return spec.with_shape(spec.shape[0], length, *spec.shape[2:])
