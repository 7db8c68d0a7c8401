"""The script of the graph as the window shows it: written in slices while nothing else is to be done, and kept true."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from ..engine.flatten import End
from ..engine.messages import TensorKey, Watched
from ..engine.plan import Plan
from ..io.numpy_code import Writer
from ..io.numpy_script import Numbers, Script
from ..io.python_literals import INLINE
from ..ops import Dim
from .plans import optimizer_of, plan_of

if TYPE_CHECKING:
    from .session import Session

SLICE = 0.008  # seconds of writing at a time
MOST_SHOWN = 400  # arrays that are written out in the script; of more, those that come first


class Scripting(QObject):
    """`script` is the newest; `changed` tells of another. `keep` looks whether it is still true, and writes if not."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.script: Script | None = None
        self.plan: Plan | None = None
        self._writer: Writer | None = None
        self._work: Iterator[None] | None = None
        self._basis: tuple[Any, ...] = ()
        self._soon = QTimer(self, interval=0)
        self._soon.timeout.connect(self._write_on)

    @property
    def is_writing(self) -> bool:
        return self._work is not None

    def stop(self) -> None:
        self._soon.stop()

    def wishes(self) -> list[Watched]:
        """The small arrays that are written out: their numbers have to be known."""
        plan = plan_of(self._session)
        sizes = self._sizes(plan)
        small = [end for end, shape in _beginnings(plan, sizes) if int(np.prod(shape)) <= INLINE]
        keys = [
            TensorKey("value", key, name)
            for key, name in small[:MOST_SHOWN]
            if (key, name) not in plan.states
        ]
        return [Watched(key, INLINE) for key in keys]

    def keep(self) -> None:
        """Begins to write anew when the graph or the sizes are others; else takes over numbers that are others."""
        session = self._session
        plan, training = plan_of(session), session.whole.training
        sizes = self._sizes(plan)
        basis = (plan, training, tuple(sorted(sizes.items())))
        numbers = self._numbers(plan, sizes)
        if basis != self._basis:
            self._basis, self.plan = basis, plan
            self._writer = Writer(plan, numbers, optimizer_of(session))
            self._work = self._writer.work()
            self._soon.start()
        elif self._writer is not None and self._work is None and self._writer.renumber(numbers):
            self._finish()

    def _write_on(self) -> None:
        end = time.perf_counter() + SLICE
        if self._work is None:
            self._soon.stop()
            return
        for _ in self._work:
            if time.perf_counter() > end:
                return
        self._work = None
        self._soon.stop()
        self._finish()

    def _finish(self) -> None:
        assert self._writer is not None
        self.script = self._writer.script()
        self.changed.emit()

    def _numbers(self, plan: Plan, sizes: Mapping[str, int]) -> Numbers:
        """What the engine has sent of the small arrays, or what the inputs themselves hold."""
        session, seed = self._session, self._session.whole.training.seed
        arrays: dict[End, Any] = {}
        for (key, name), shape in _beginnings(plan, sizes):
            if int(np.prod(shape)) > INLINE or len(arrays) >= MOST_SHOWN:
                continue
            tensor = session.tensor_at(TensorKey("value", key, name))
            literal = plan.op(key).literal() if plan.op(key).source else plan.op(key).start(name)
            if tensor is not None and tensor.array.shape == shape:
                arrays[key, name] = np.asarray(tensor.array)
            elif literal is not None and np.shape(literal) == shape:
                spec = plan.inference.specs.get((key, name))
                kind = np.int64 if spec is not None and spec.kind == "int" else plan.dtype
                arrays[key, name] = np.asarray(literal, kind)
        return Numbers(dict(sizes), arrays, seed=seed, step=session.status.step)

    def _sizes(self, plan: Plan) -> dict[str, int]:
        """The open sizes, such as N: as they were in the last pass, else as they will be in most batches."""
        found = dict.fromkeys(sorted(plan.symbols), self._session.whole.training.batch_size)
        for key in plan.nodes:
            if not plan.op(key).source:
                continue
            for name in plan.op(key).results():
                tensor = self._session.tensor_at(TensorKey("value", key, name))
                literal = plan.op(key).literal()
                shape = (
                    tensor.shape if tensor is not None else np.shape(literal) if literal is not None else ()
                )
                spec = plan.inference.specs[key, name]
                for size, real in zip(spec.shape, shape, strict=False):
                    if isinstance(size, Dim) and len(size.names) == 1 and len(shape) == len(spec.shape):
                        found[next(iter(size.names))] = real
        return found


def _beginnings(plan: Plan, sizes: Mapping[str, int]) -> Iterator[tuple[End, tuple[int, ...]]]:
    """Everything that a script begins with, and its shape."""
    for key in plan.nodes:
        if plan.op(key).source:
            for name in plan.op(key).results():
                yield (key, name), plan.inference.specs[key, name].at(sizes)
    for end, slot in (*plan.parameters.items(), *plan.states.items()):
        yield end, slot.shape
