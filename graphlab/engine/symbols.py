"""What the nodes of a plan are called in its equations, and which letters of an operation's formula stand for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..ops import Op
from .flatten import End
from .latex import Name, named, word
from .plan import Plan

USUAL = {  # what formulas call a socket or an output of that name, where the operation says nothing else
    "weight": ("W", "w"),
    "bias": ("b",),
    "value": (r"\theta", "v"),
    "query": ("q",),
    "key": ("k",),
    "input": ("x",),
    "target": ("t",),
    "input1": ("a",),
    "input2": ("b",),
    "anchor": ("a",),
    "positive": ("p",),
    "negative": ("n",),
    "source": ("s",),
    "index": (r"\mathrm{index}",),
    "loss": (r"\ell",),
    "weights": ("w",),
    "weight_ih_l0": ("W",),
    "weight_hh_l0": ("U",),
    "bias_ih_l0": ("b",),
}
_SIGNS = {"α": r"\alpha", "β": r"\beta", "δ": r"\delta", "ε": r"\epsilon", "λ": r"\lambda"}
_WORDED = {"alpha": r"\alpha", "beta": r"\beta", "gamma": r"\gamma", "lambda": r"\lambda", "theta": r"\theta"}


def letters_for(op: Op, name: str) -> tuple[str, ...]:
    """The letters of the operation's formulas that mean the socket, output or param of that name, the first the usual.

    `x1` is `x_1` there.
    """
    own = tuple(letter for letter, meant in op.letters.items() if meant == name)
    there = () if own else USUAL.get(name, ())
    short = named(name)
    return (*own, *there, str(short).replace("{", "").replace("}", "") if short.is_letter else word(name))


def param_letters(op: Op) -> Iterator[tuple[str, str]]:
    """(letter, param) of the params that formulas name."""
    for name, param in op.params_of.items():
        for letter in (*letters_of_symbol(param.symbol), *(a for a, b in op.letters.items() if b == name)):
            yield letter, name


def letters_of_symbol(symbol: str) -> tuple[str, ...]:
    """How a formula writes the symbol of a param; its `ε` may be an epsilon of either form."""
    if not symbol:
        return ()
    spelt = _SIGNS.get(symbol, _WORDED.get(symbol, symbol))
    return (spelt, r"\varepsilon") if spelt == r"\epsilon" else (spelt,)


class Symbols:
    """One name for every value and parameter of a plan; no two are alike.

    A node inside a group goes by its own name where nobody else has it, else by as much of its path as tells it from
    all others.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._nodes = dict(self._name(plan))

    def _name(self, plan: Plan) -> Iterator[tuple[str, Name]]:
        counts = Counter(end for node in plan.nodes.values() for end in _endings(node.path))
        taken: set[Name] = set()
        for key, node in plan.nodes.items():
            short = next((end for end in _endings(node.path) if counts[end] == 1), node.path)
            found = self._shared(key, short) or (Name(word(short)) if "/" in short else named(short))
            if found in taken:
                found = Name(word(node.path))
            taken.add(found)
            yield key, found

    def _shared(self, key: str, short: str) -> Name | None:
        """What the uses of a group share is called as if the first of them owned it."""
        owner, separator, socket = short.rpartition(" ")
        if ":" not in key or not separator:
            return None
        return _owned(
            USUAL.get(socket, (word(socket),))[0], str(named(owner)) if "/" not in owner else word(owner)
        )

    def node(self, key: str) -> Name:
        """The name of a node, which is that of its value where it has one output."""
        return self._nodes[key]

    def value(self, end: End) -> Name:
        """The name of an output."""
        key, output = end
        if len(self._plan.op(key).results()) < 2:
            return self._nodes[key]
        short = named(output)
        return _owned(short.base, short.sub, str(self._nodes[key]))

    def parameter(self, end: End) -> Name:
        """The name of a parameter that a node owns; a node that is nothing but a parameter is called like it."""
        key, socket = end
        if stands_for_parameter(self._plan, key):
            return self._nodes[key]
        letter = letters_for(self._plan.op(key), socket)[0]
        base, _, below = (letter, "", "") if letter.startswith(r"\mathrm") else letter.partition("_")
        return _owned(base, below, str(self._nodes[key]))


def stands_for_parameter(plan: Plan, key: str) -> bool:
    """Whether the node is a parameter drawn by itself: its value is what its one socket owns."""
    sockets = plan.sockets(key)
    return len(sockets) == 1 and sockets[0].learnable and (key, sockets[0].name) in plan.parameters


def _owned(base: str, *below: str) -> Name:
    return Name(base, ",".join(filter(None, below)))


def _endings(path: str) -> Iterable[str]:
    """ "a/b/c" ends in "c", "b/c" and "a/b/c"."""
    parts = path.split("/")
    return ["/".join(parts[k:]) for k in range(len(parts) - 1, -1, -1)]
