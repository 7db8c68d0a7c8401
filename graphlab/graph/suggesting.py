"""A space to begin with, for whatever is to be searched: around the present value, as one would try it by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import GraphlabError
from ..ops import by_category, get, known
from . import parts
from .document import Document, Node
from .groups import definition_of, is_use, sheet, sockets_of
from .searched import node_at, place_of
from .searching import checked, fitted
from .sweep import COPIES, OP, ROWS, Space
from .targets import Target, target_of, what_stands

# What people try in each other's place, by what they know best.
_ALIKE = (
    ("ReLU", "Tanh", "GELU", "LeakyReLU", "SiLU", "ELU", "Sigmoid"),
    ("MaxPool1d", "AvgPool1d"),
    ("MaxPool2d", "AvgPool2d"),
    ("GlobalAvgPool1d", "GlobalMaxPool1d"),
    ("GlobalAvgPool2d", "GlobalMaxPool2d"),
    ("BatchNorm1d", "LayerNorm", "RMSNorm"),
    ("BatchNorm2d", "GroupNorm", "InstanceNorm2d"),
    ("RNN", "GRU", "LSTM"),
    ("MSELoss", "L1Loss", "HuberLoss", "SmoothL1Loss"),
    ("Add", "Mul", "Maximum", "Average"),
)
_AT_ONCE = 4  # of what may stand somewhere
_FEW = 5  # values of a range
_PAIRED = ("kernel_size", "kernel")  # odd sizes have a middle
_TINY = {
    "weight_decay": (1e-6, 1e-2),
    "min_lr": (1e-6, 1e-3),
    "clip_norm": (0.1, 10.0),
    "clip_value": (0.1, 10.0),
}


def suggestion(document: Document, target: Target) -> Space:
    """The space that is offered first; one that the target takes."""
    for space in (_by_kind(document, target), Space("list", (_plain(target.value),))):
        try:
            return fitted(document, target, space)
        except GraphlabError:
            continue
    return _by_kind(document, target)


def kin(document: Document, node: str) -> tuple[str, ...]:
    """What else may stand where a node stands: operations of its category that take its wires, usual ones first; of a
    group, those of the document, and ready-made parts of its family, that have as many sockets. Itself in front.
    """
    definition, node_id = place_of(node)
    there = sheet(document, definition)
    found = there.node(node_id)
    alike = _groups_like(there, found) if is_use(found) else _ops_like(found)
    names = dict.fromkeys((what_stands(there, found), *alike))
    target = target_of(document, node, OP)
    return tuple(name for name in names if _fits(document, target, name))


def kinds_of(target: Target) -> tuple[str, ...]:
    """The kinds of space that the target takes, in the order in which a form offers them."""
    if not target.is_number:
        return ("choice",)
    return ("list", "integer") if target.is_whole else ("list", "range", "log", "integer")


def as_kind(space: Space, kind: str) -> Space:
    """About the same numbers as another kind of space: the ends of a list, some values of a range."""
    if kind == space.kind:
        return space
    if kind in ("list", "choice"):
        return Space(kind, _some(space))
    low, high = _ends(space)
    if kind == "integer":
        return Space(
            kind, (), math.floor(low), max(math.ceil(high), math.floor(low)), log=space.is_log and low >= 1
        )
    if kind == "log":
        high = high if high > 0 else 1.0
        return Space(kind, (), low if low > 0 else _round(high / 1000), high)
    return Space(kind, (), low, high)


def _ends(space: Space) -> tuple[float, float]:
    values = [float(v) for v in space.values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if not space.values:
        return space.low, space.high
    return (min(values), max(values)) if values else (0.0, 1.0)


def _some(space: Space) -> tuple[Any, ...]:
    """A handful of values of a space, its ends among them."""
    if space.values:
        return space.values
    if space.kind == "integer":
        every = space.grid() if space.high - space.low < _FEW * space.step else ()
        spread = np.geomspace if space.log else np.linspace
        return every or tuple(dict.fromkeys(int(v) for v in spread(space.low, space.high, _FEW).round()))
    if space.kind == "log":
        decades = max(2, min(_FEW, round(math.log10(space.high / space.low)) + 1))
        return tuple(dict.fromkeys(_round(v) for v in np.geomspace(space.low, space.high, decades).tolist()))
    return tuple(dict.fromkeys(_round(v) for v in np.linspace(space.low, space.high, _FEW).tolist()))


def _by_kind(document: Document, target: Target) -> Space:
    param = target.param
    if target.is_op:
        return Space("choice", _usual(document, target)[:_AT_ONCE])
    if param.kind == "bool":
        return Space("choice", (True, False))
    if param.choices and not target.is_number:
        return Space("choice", tuple(param.choices))
    if not target.is_number:
        return Space("choice", (_plain(target.value),))
    value = _number(target)
    return _whole(target, int(value)) if target.is_whole else _real(target, float(value))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, tuple) else value


def _number(target: Target) -> float:
    """The present value, the first of several; of none, a common one."""
    value = target.value[0] if isinstance(target.value, tuple) and target.value else target.value
    usable = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if usable else target.param.low or 1


def _whole(target: Target, value: int) -> Space:
    if target.name == COPIES:
        return Space("integer", (), 0, max(3, value + 1))
    if target.name == "seed":
        return Space("list", (value, value + 1, value + 2))
    if target.name in _PAIRED:
        return _list(target, [value - 2, value, value + 2, value + 4])
    if value == 0 and not target.node:
        return _list(target, [0, 10, 100])
    if value < 4:
        return Space("integer", (), *_within(target, value - 1, value + 2))
    return _list(target, [round(value / 4), round(value / 2), value, value * 2, value * 4])


def _list(target: Target, values: list[int]) -> Space:
    low, high = _within(target, -math.inf, math.inf)
    return Space("list", tuple(v for v in values if low <= v <= high) or (int(_number(target)),))


def _real(target: Target, value: float) -> Space:
    param = target.param
    if target.name == ROWS:
        return Space("list", (0.1, 0.2, 0.5, 1.0))
    if target.name in _TINY and value == 0:
        return Space("log", (), *_TINY[target.name])
    if param.low == 0 and param.high is not None and param.high <= 1 and not param.log:
        return Space("range", (), *_share(value))
    if value > 0:
        low, high = _within(target, _round(value / 10), _round(value * 10))
        return Space("log", (), low, high) if low > 0 else Space("range", (), low, high)
    reach = abs(value) or 1.0
    return Space("range", (), *_within(target, value - reach, value + reach))


def _share(value: float) -> tuple[float, float]:
    """Around a number from 0 to 1; what is nearly 1 differs in how nearly."""
    if value >= 0.9:
        off = 1 - min(value, 0.999_999)
        return round(max(0.0, 1 - 10 * off), 9), round(1 - off / 10, 9)
    return 0.0, 0.5 if value < 0.4 else 0.9


def _within(target: Target, low: float, high: float) -> tuple[float, float]:
    """Those ends, within the bounds of the target."""
    least, most = target.param.low, target.param.high
    if least is not None and low <= least:
        low = least if not target.param.low_open else least + (high - least) / 100
    if target.param.kind == "shape":
        low = max(low, 1)
    return low, high if most is None else min(high, most)


def _round(value: float) -> float:
    """With one or two digits: 0.003 for 0.00300001."""
    return float(f"{value:.2g}")


def _usual(document: Document, target: Target) -> tuple[str, ...]:
    """Of what may stand there, what people try first: relatives, or groups; else just what stands there."""
    found = kin(document, target.node)
    near = next(
        (names for names in _ALIKE if target.value in names), found if _is_group(document, target) else ()
    )
    return tuple(name for name in found if name in (target.value, *near))


def _is_group(document: Document, target: Target) -> bool:
    node = node_at(document, target.node)
    return node is not None and is_use(node)


def _ops_like(node: Node) -> list[str]:
    if not known(node.op):
        return []
    near = next((names for names in _ALIKE if node.op in names), ())
    return [*near, *(cls.__name__ for cls in by_category()[get(node.op).category])]


def _groups_like(there: Document, node: Node) -> list[str]:
    inner = definition_of(there, node)
    if inner is None:
        return []
    own = _counts(sockets_of(inner))
    alike = [each.name for each in there.definitions.values() if _counts(sockets_of(each)) == own]
    here = {each.name for each in there.definitions.values()}
    families = {part.family for part in parts.parts().values() if part.title == inner.name}
    ready = [p for p in parts.parts().values() if p.family in families and p.title not in here]
    return [*alike, *(part.key for part in ready if _counts(part.sockets) == own)]


def _counts(sockets: dict[str, tuple[str, ...]]) -> tuple[int, int]:
    return len(sockets["takes"]), len(sockets["gives"])


def _fits(document: Document, target: Target, name: str) -> bool:
    try:
        checked(document, target, name)
    except GraphlabError:
        return False
    return True
