"""The rows of the source that a picture is of: features, classes, parts. Read once, beside the main thread if many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...data import store
from ...data.looking import Look, look, size_of
from ..session import Session

BIG = 500_000  # numbers that are read beside the main thread


class Rows:
    """What is read of one source: `found`, once it is there; `then` is called when it has come later."""

    def __init__(self, session: Session, then: Callable[[], object]) -> None:
        self._session, self._then = session, then
        self._key: object = None
        self.found: Look | None = None

    def of(self, key: str) -> Look | None:
        """The rows of a node by the engine's key; None while they are read, and where it brings none."""
        node = self._session.seen.whole.nodes.get(key)
        op: Any = node.op if node is not None else None
        if op is None or not op.brings:
            self._key = self.found = None
            return None
        training = self._session.whole.training
        how = (op, training.validation, training.test, training.seed, training.stratified)
        is_here = store.holds(op)
        wanted = (key, is_here, *how)
        if wanted != self._key:
            self._key, self.found = wanted, None
            self._read(wanted, how, node.path if node is not None else "")
        return self.found

    def _read(self, wanted: object, how: tuple[Any, ...], name: str) -> None:
        if size_of(how[0]) <= BIG:
            self.found = look(*how)
            return

        def arrived(found: Look) -> None:
            if wanted == self._key:
                self.found = found
                self._then()

        self._session.worker.start(name, lambda _: look(*how), arrived, lambda _: None)
