"""The variables of a script: one for each value, parameter and gradient of a plan, readable and unique."""

from __future__ import annotations

import bisect
import builtins
import keyword
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

from ..engine.flatten import End
from ..engine.plan import Edge, Plan
from ..engine.symbols import stands_for_parameter

OWN = {"np", "Path", "dtype", "arrays", "gradients", "settings", "step", "training"}
_TAKEN = OWN | set(keyword.kwlist) | set(keyword.softkwlist) | set(dir(builtins))


class Variables:
    """Names by what they stand for. A node "conv 1" becomes `conv_1`, "rnn/t=3/tanh" `rnn_t3_tanh`.

    A value of one of several outputs is `lstm_h_n`, a parameter `hidden_weight`, a gradient `d_hidden_weight`, and what
    comes back to h along the wire into gate `d_h_via_gate`. `reserved` are names that the script uses otherwise.
    """

    def __init__(self, plan: Plan, reserved: Iterable[str] = ()) -> None:
        self._taken = _TAKEN | set(reserved)
        self._values: dict[End, str] = {}
        self._gradients: dict[End, str] = {}
        self._terms: dict[Edge, str] = {}
        for key, node in plan.nodes.items():
            for output in plan.op(key).results():
                several = len(plan.op(key).results()) > 1
                self._values[key, output] = self._free(f"{node.path}_{output}" if several else node.path)
        for end, slot in (*plan.parameters.items(), *plan.states.items()):
            if end in plan.parameters and stands_for_parameter(plan, end[0]):
                self._values[end] = self._values[end[0], plan.op(end[0]).results()[0]]
            else:
                self._values[end] = self._free(slot.name)
        self._name_gradients(plan)
        self._all = sorted({*self._values.values(), *self._gradients.values(), *self._terms.values()})

    def _name_gradients(self, plan: Plan) -> None:
        by_source: dict[End, list[Edge]] = defaultdict(list)
        for edge in plan.edges:
            by_source[edge.source].append(edge)
        own: dict[str, str] = {}
        for end, name in self._values.items():
            if end not in plan.states:
                own[name] = own.get(name) or self._free(f"d_{name}")
                self._gradients[end] = own[name]
        for end, edges in by_source.items():
            takers = Counter(edge.target[0] for edge in edges)
            for edge in edges:
                key, socket = edge.target
                way = f"{plan.nodes[key].path}_{socket}" if takers[key] > 1 else plan.nodes[key].path
                alone = len(edges) == 1
                self._terms[edge] = (
                    self._gradients[end] if alone else self._free(f"{self._gradients[end]}_via_{way}")
                )

    def value(self, end: End) -> str:
        """Of an output, a parameter or a state."""
        return self._values[end]

    def gradient(self, end: End) -> str:
        """Of the gradient of an output or a parameter."""
        return self._gradients[end]

    def term(self, edge: Edge) -> str:
        """Of what comes back along a wire; where it is the only one, that is the gradient."""
        return self._terms[edge]

    def prefix(self, end: End) -> str:
        """What the other variables of a node's block may begin with, so that they are nobody else's."""
        name = self._values[end]
        at = bisect.bisect_left(self._all, f"{name}_")
        nobody = at >= len(self._all) or not self._all[at].startswith(f"{name}_")
        return name if nobody else f"{name}_"

    def _free(self, wish: str) -> str:
        stem = identifier(wish)
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name


def identifier(text: str) -> str:
    """The text as a Python identifier: what is no letter or digit becomes an underscore, "t=3" becomes t3."""
    text = unicodedata.normalize("NFKC", text).replace("=", "")  # as Python itself reads identifiers
    text = "".join(sign if f"a{sign}".isidentifier() else "_" for sign in text)
    text = re.sub("__+", "_", text).strip("_") or "value"
    return text if text.isidentifier() else f"n{text}"
