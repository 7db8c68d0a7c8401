"""How the numbers of each layer were spread over the steps: weights, what it gives, and the gradients of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import messages as m
from ..engine.inference import Inference
from ..lab.spreads import Histograms, History
from .reading import Reading

if TYPE_CHECKING:
    from .session import Session

KINDS = ("weights", "weight gradients", "activations", "activation gradients")
MOST = 24  # arrays of a kind
_GIVEN = ("Input", "Parameter", "Loss")  # categories whose values are no activations


def keys_of(found: Inference, kind: str) -> tuple[m.TensorKey, ...]:
    """What there is of a kind in a graph, in the order of its layers."""
    of = "grad" if kind.endswith("gradients") else "value"
    if kind.startswith("weight"):
        frozen = {key for key, node in found.nodes.items() if node.frozen}
        return tuple(
            m.TensorKey(of, *end) for end in found.learnables if of == "value" or end[0] not in frozen
        )
    keys = []
    for key in found.healthy:
        op = found.nodes[key].op
        if op is None or op.category in _GIVEN or not op.results():
            continue
        spec = found.specs.get((key, op.results()[0]))
        if spec is not None and spec.ndim > 0 and spec.kind == "float":
            keys.append(m.TensorKey(of, key, op.results()[0]))
    return tuple(keys)


class SpreadHistory(Reading):
    """One history for each kind, of which only the one looked at grows. Of many arrays some from all along are read."""

    def __init__(self, session: Session) -> None:
        self.kind = KINDS[0]
        self.keys: tuple[m.TensorKey, ...] = ()
        self.left_out = 0
        self._kept: dict[str, tuple[tuple[m.TensorKey, ...], History]] = {}
        super().__init__(session)

    @property
    def history(self) -> History:
        """That of the kind looked at."""
        return self._kept[self.kind][1] if self.kind in self._kept else History(0)

    def look_at(self, kind: str) -> None:
        """From now on at this of `KINDS`."""
        self.kind = kind
        self.renew()

    def renew(self) -> None:
        every = keys_of(self.session.seen.whole, self.kind)
        places = np.unique(np.linspace(0, len(every) - 1, min(len(every), MOST)).astype(int)) if every else ()
        self.keys = tuple(every[k] for k in places)
        self.left_out = len(every) - len(self.keys)
        if self._kept.get(self.kind, ((), None))[0] != self.keys:
            self._kept[self.kind] = (self.keys, History(len(self.keys)))
            self.changed.emit()
        self.read(self.keys)

    def names(self) -> list[str]:
        """Of the arrays, in their order."""
        nodes = self.session.seen.whole.nodes
        named = ((nodes[key.node].path if key.node in nodes else key.node, key.socket) for key in self.keys)
        return [f"{path}.{socket}" if self.kind.startswith("weight") else path for path, socket in named]

    def command(self, request: int, wanted: tuple[Any, ...]) -> m.Command:
        return m.WatchSpreads(request, wanted)

    def empty(self) -> None:
        self._kept = {kind: (keys, History(len(keys))) for kind, (keys, _) in self._kept.items()}

    @property
    def has_steps(self) -> bool:
        return any(history.size and history.steps[-1] > 0 for _, history in self._kept.values())

    def take(self, event: m.Event) -> bool:
        if not isinstance(event, m.Spreads) or event.request != self.request or self.kind not in self._kept:
            return False
        history = self.history
        parts = (
            np.asarray(part, np.int64) for part in (event.exponents, event.firsts, event.counts, event.bad)
        )
        for step, *each in zip(event.steps.tolist(), *parts, strict=True):
            history.take(step, Histograms(*each))
        return True
