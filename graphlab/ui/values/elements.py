"""Single elements of tensors, by the engine's keys: as they came with the frame, or asked for where they did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...engine import messages as m

if TYPE_CHECKING:
    from ..session import Session

Index = tuple[int, ...]


class Elements(QObject):
    """`arrived` says that a number which was not here is here now."""

    arrived = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._far: dict[tuple[m.TensorKey, Index], float] = {}
        session.values_changed.connect(self._outdate)

    def of(self, key: m.TensorKey, index: Index) -> float | None:
        """The element as it is in this step; None while it is not known, or there is none."""
        tensor = self._session.tensor_at(key)
        if tensor is None or not tensor.fresh or len(index) != len(tensor.shape):
            return None
        if any(i >= size for i, size in zip(index, tensor.shape, strict=True)):
            return None  # a gradient that was broadcast from a scalar has one element only
        if all(i < size for i, size in zip(index, tensor.array.shape, strict=True)):
            return float(tensor.array[index])
        if (key, index) not in self._far:
            self._ask(key, index)
        return self._far.get((key, index))

    def _ask(self, key: m.TensorKey, index: Index) -> None:
        spans = tuple((i, i + 1, 1) for i in index)

        def taken(looked: m.Looked) -> None:
            if looked.array is not None and looked.array.size:
                self._far[key, index] = float(looked.array.reshape(-1)[0])
                self.arrived.emit()

        lane = f"{key.kind} {key.node} {key.socket}"
        self._session.looking.ask(self, lane, lambda request: m.Look(request, key, spans, "every"), taken)

    def _outdate(self, *_: object) -> None:
        self._far.clear()
