"""The script of the graph as the window shows it: written in slices while nothing else is to be done, and kept true."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from ..engine.feeding import source_ends
from ..engine.flatten import End
from ..engine.messages import TensorKey, Watched
from ..engine.plan import Plan
from ..io.numpy_code import Writer
from ..io.numpy_script import Numbers, Script
from ..io.python_literals import INLINE
from ..ops import Dim
from .plans import optimizer_of, shown_plan_of

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
        self._looked_at: tuple[Plan | None, list[End], list[str]] = (None, [], [])
        self._measured: tuple[object, dict[End, tuple[int, ...]]] = (None, {})
        self._soon = QTimer(self, interval=0)
        self._soon.timeout.connect(self._write_on)

    @property
    def is_writing(self) -> bool:
        return self._work is not None

    def stop(self) -> None:
        self._soon.stop()

    def wishes(self) -> list[Watched]:
        """The small arrays that are written out: their numbers have to be known."""
        plan = shown_plan_of(self._session)
        small = self._small(plan, self._sizes(plan))
        return [Watched(TensorKey("value", *end), INLINE) for end in small if end not in plan.states]

    def keep(self) -> None:
        """Begins to write anew when the graph or the sizes are others; else takes over numbers that are others."""
        session = self._session
        plan, training = shown_plan_of(session), session.whole.training
        sizes = self._sizes(plan)
        basis = (plan, training, tuple(sorted(sizes.items())))
        numbers = self._numbers(plan, sizes)
        if basis != self._basis:
            self._basis, self.plan = basis, plan
            self._writer = Writer(plan, numbers, optimizer_of(session))
            self._work = self._writer.work()
            self._soon.start()
        elif self._work is not None:
            self._soon.start()  # it may have been stopped
        elif self._writer is not None and self._writer.renumber(numbers):
            self._finish()

    def _write_on(self) -> None:
        end = time.perf_counter() + SLICE
        if self._work is None:
            self._soon.stop()
            return
        work, self._work = self._work, None  # a fault ends it
        for _ in work:
            if time.perf_counter() > end:
                self._work = work
                return
        self._soon.stop()
        self._finish()

    def _finish(self) -> None:
        assert self._writer is not None
        self.script = self._writer.script()
        self.changed.emit()

    def _numbers(self, plan: Plan, sizes: Mapping[str, int]) -> Numbers:
        """What the engine has sent of the small arrays, or what the inputs themselves hold."""
        session, arrays = self._session, {}
        for key, name in self._small(plan, sizes):
            tensor = session.tensor_at(TensorKey("value", key, name))
            op, spec = plan.op(key), plan.inference.specs.get((key, name))
            literal = op.literal() if op.source else None if (key, name) in plan.states else op.start(name)
            if tensor is not None and tensor.array.shape == tensor.shape:
                arrays[key, name] = np.asarray(tensor.array)
            elif literal is not None:
                kind = np.int64 if spec is not None and spec.kind == "int" else plan.dtype
                arrays[key, name] = np.asarray(literal, kind)
        shapes = self._shapes(plan, sizes)
        there = {end: array for end, array in arrays.items() if array.shape == shapes[end]}
        return Numbers(dict(sizes), there, seed=session.whole.training.seed, step=session.status.step)

    def _small(self, plan: Plan, sizes: Mapping[str, int]) -> list[End]:
        """What is written out in the script, if its numbers are known."""
        shapes = self._shapes(plan, sizes)
        return [end for end, shape in shapes.items() if math.prod(shape) <= INLINE][:MOST_SHOWN]

    def _shapes(self, plan: Plan, sizes: Mapping[str, int]) -> dict[End, tuple[int, ...]]:
        """Everything that a script begins with, and its shape."""
        basis = (plan, tuple(sizes.items()))
        if basis != self._measured[0]:
            specs = plan.inference.specs
            found = {(key, name): specs[key, name].at(sizes) for key, name in source_ends(plan)}
            slots = {**plan.parameters, **plan.states}
            self._measured = basis, found | {end: slot.shape for end, slot in slots.items()}
        return self._measured[1]

    def _sizes(self, plan: Plan) -> dict[str, int]:
        """The open sizes, such as N: as they were in the last pass, else as they will be in most batches."""
        if plan is not self._looked_at[0]:
            self._looked_at = plan, source_ends(plan), sorted(plan.symbols)
        _, ends, symbols = self._looked_at
        found = dict.fromkeys(symbols, self._session.whole.training.batch_size)
        for key, name in ends if symbols else ():
            tensor, literal = self._session.tensor_at(TensorKey("value", key, name)), plan.op(key).literal()
            shape = tensor.shape if tensor is not None else np.shape(literal) if literal is not None else ()
            asked = plan.inference.specs[key, name].shape
            for size, real in zip(asked, shape, strict=False) if len(asked) == len(shape) else ():
                if isinstance(size, Dim) and len(size.names) == 1:
                    found[next(iter(size.names))] = real
        return found
