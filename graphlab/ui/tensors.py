"""The newest arrays the engine sent, and who wants which. Knows nothing of processes or widgets."""

from __future__ import annotations

import weakref
from collections.abc import Container, Iterable

from msgspec.structs import replace

from ..engine.messages import Frame, Tensor, TensorKey, Watched

Wish = TensorKey | Watched


class Tensors:
    """Latest tensor by key; one of several outputs or sockets may be left unnamed."""

    def __init__(self) -> None:
        self._by_key: dict[TensorKey, Tensor] = {}
        self._first: dict[tuple[str, str], TensorKey] = {}
        self._run = 0
        self.step = 0  # how many updates the newest had seen

    def get(self, kind: str, node: str, socket: str = "") -> Tensor | None:
        """The newest of that kind at that node; without `socket`, that of the first socket that came."""
        key = TensorKey(kind, node, socket) if socket else self._first.get((kind, node))
        return self._by_key.get(key) if key else None

    def terms(self, node: str) -> dict[str, Tensor]:
        """What each edge adds to the gradient of a node, by "target id.input"."""
        return {k.socket: t for k, t in self._by_key.items() if k.kind == "term" and k.node == node}

    def take(self, frame: Frame) -> set[str]:
        """Enters a frame; returns the ids of the nodes that look different now.

        The first frame of another version of the document says all there is: what it leaves out was of shapes and
        numbers that are no more.
        """
        gone: set[str] = set()
        self.step = frame.step
        if frame.run != self._run:
            self._run = frame.run
            gone = {key.node for key in self._by_key}
            self.clear()
        for tensor in frame.tensors:
            self._by_key[tensor.key] = tensor
            self._first.setdefault((tensor.key.kind, tensor.key.node), tensor.key)
        return gone | {tensor.key.node for tensor in frame.tensors}

    def outdate(self, alive: Container[str] | None = None) -> None:
        """The graph is another: forgets nodes that are not `alive`; the rest is not of this step any more."""
        self._by_key = {
            k: replace(t, fresh=False) for k, t in self._by_key.items() if alive is None or k.node in alive
        }
        self._first = {pair: key for pair, key in self._first.items() if key in self._by_key}

    def forget_gradients(self) -> None:
        """They were of another goal."""
        self._by_key = {key: tensor for key, tensor in self._by_key.items() if key.kind == "value"}
        self._first = {pair: key for pair, key in self._first.items() if key in self._by_key}

    def clear(self) -> None:
        self._by_key.clear()
        self._first.clear()


class Wishes:
    """What each owner watches, and the union that the engine is told. An owner that is gone wishes nothing."""

    def __init__(self) -> None:
        self._of: weakref.WeakKeyDictionary[object, dict[TensorKey, int]] = weakref.WeakKeyDictionary()

    def set(self, owner: object, wishes: Iterable[Wish], limit: int) -> bool:
        """Replaces the wishes of an owner; False when they are what they were."""
        wanted: dict[TensorKey, int] = {}
        for wish in wishes:
            key, size = (wish.key, wish.limit) if isinstance(wish, Watched) else (wish, limit)
            wanted[key] = max(size, wanted.get(key, 0))
        if self._of.get(owner, {}) == wanted:
            return False
        self._of[owner] = wanted
        return True

    def drop(self, owner: object) -> bool:
        return bool(self._of.pop(owner, None))

    def union(self) -> tuple[Watched, ...]:
        """Every key once, with the greatest limit anyone asked for, in a fixed order."""
        limits: dict[TensorKey, int] = {}
        for wanted in self._of.values():
            for key, limit in wanted.items():
                limits[key] = max(limit, limits.get(key, 0))
        return tuple(Watched(key, limits[key]) for key in sorted(limits))
