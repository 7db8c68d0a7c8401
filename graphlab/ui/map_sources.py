"""Of which pictures maps are shown: rows of the data that a graph tells apart, or else what it is fed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..engine import messages as m
from ..engine.inference import Inference
from ..engine.verdicts import layers
from ..engine.wants.eye import Eye, eye_of, has_eye
from .evaluating import Evaluation
from .samples import CLASSES, Samples

if TYPE_CHECKING:
    from .session import Session

End = tuple[str, str]
Shape = tuple[int, ...]

WHOLE = 1 << 18  # numbers of a batch up to which it is looked at whole
MOST = 200  # layers that can be chosen from
FEW = 8  # pictures that are fed, over which slopes are averaged


@dataclass(frozen=True)
class Shown:
    """What was asked about: a layer, and which sample. place: of the answer's rows. told: what the sample is called."""

    end: End
    row: int
    place: int
    told: str


class OfRows:
    """Rows of the data, of the part that is looked at."""

    is_fed = False

    def __init__(self, session: Session, samples: Samples) -> None:
        self._session, self._samples = session, samples

    @property
    def missing(self) -> str:
        """Why there are none; "" where there are."""
        samples = self._samples
        return samples.missing_for(CLASSES) if samples.look is None or samples.decision is None else ""

    @property
    def split(self) -> str:
        return self._samples.split

    def rows(self) -> NDArray[Any]:
        look = self._samples.look
        return look.splits.get(self.split, np.zeros(0, np.int64)) if look is not None else np.zeros(0)

    def ends(self) -> list[End]:
        """The layers that have maps, in order."""
        where, found = self._samples.decision, self._session.seen.whole
        if where is None or where.scores not in found.specs:
            return []
        return [end for end in layers(found, where) if found.specs[end].ndim >= 3]

    def ask(self, asked: Evaluation, end: End, number: int) -> Shown | None:
        rows, look = self.rows(), self._samples.look
        if not number < len(rows) or look is None:
            return None
        asked.of_rows(self.split, [end], [number])
        row = int(rows[number])
        word = f" ({look.classes[look.labels[row]]})" if look.labels is not None else ""
        return Shown(end, row, 0, f"row {row:,}{word}")

    def picture(self, shown: Shown) -> NDArray[Any] | None:
        """(channels, height, width); None of what is no picture."""
        look = self._samples.look
        if look is None or look.image_shape is None or not shown.row < len(look):
            return None
        found: NDArray[Any] = look.x[shown.row].reshape(look.image_shape)
        return found

    def where(self) -> tuple[End, Shape | None] | None:
        """Where pictures go in, and their sizes."""
        decision, look = self._samples.decision, self._samples.look
        op: Any = self._samples.target_source()
        if decision is None or look is None or op is None:
            return None
        return (decision.source, op.results()[0]), look.image_shape

    def pictures(self) -> NDArray[Any] | None:
        """Those over which slopes are averaged; None for the rows of the split."""
        return None


class OfFed:
    """What goes in where pictures go in, as the run has it."""

    is_fed = True
    split = ""
    missing = ""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._of: Inference | None = None
        self._eye: Eye | None = None
        self._ends: list[End] = []

    @property
    def eye(self) -> Eye | None:
        """Where pictures go in; None where none do."""
        whole = self._session.seen.whole
        if whole is not self._of:
            self._of, self._eye = whole, eye_of(whole) if has_eye(whole) else None
            self._ends = [] if self._eye is None else _behind(whole, self._eye.end)
        return self._eye

    def batch(self) -> NDArray[Any] | None:
        """(n, channels, height, width); None before anything has come, or where it is too large."""
        eye = self.eye
        tensor = None if eye is None else self._session.tensor_at(m.TensorKey("value", *eye.end))
        if eye is None or tensor is None:
            return None
        array = np.asarray(tensor.array)
        return eye.pictures_of(array) if array.size and array.shape == tuple(tensor.shape) else None

    def rows(self) -> NDArray[Any]:
        batch = self.batch()
        return np.arange(0 if batch is None else len(batch))

    def ends(self) -> list[End]:
        return self._ends if self.eye is not None else []

    def ask(self, asked: Evaluation, end: End, number: int) -> Shown | None:
        eye, batch = self.eye, self.batch()
        if eye is None or batch is None or not number < len(batch):
            return None
        chosen = batch if eye.rows is not None else batch[number : number + 1]
        asked.of_arrays({eye.end: eye.rows_of(np.asarray(chosen, np.float32))}, [end])
        return Shown(end, number, number if eye.rows is not None else 0, f"picture {number}")

    def picture(self, shown: Shown) -> NDArray[Any] | None:
        batch = self.batch()
        return None if batch is None or not shown.row < len(batch) else batch[shown.row]

    def where(self) -> tuple[End, Shape | None] | None:
        return None if self.eye is None else (self.eye.end, self.eye.shape)

    def pictures(self) -> NDArray[Any] | None:
        batch = self.batch()
        return None if batch is None else np.asarray(batch[:FEW], np.float32)

    def watched(self) -> list[m.Watched]:
        return [] if self.eye is None else [m.Watched(m.TensorKey("value", *self.eye.end), WHOLE)]


def _behind(found: Inference, source: End) -> list[End]:
    """The outputs with maps that depend on a source, in topological order; of very many the first."""
    depends, ends = {source[0]}, []
    for key, node in found.nodes.items():
        if key in found.unhealthy or node.op is None:
            continue
        if any(wire in depends for wire, _ in node.inputs.values()):
            depends.add(key)
            specs = [((key, output), found.specs.get((key, output))) for output in node.op.results()]
            ends += [
                end for end, spec in specs if spec is not None and spec.ndim >= 3 and spec.kind == "float"
            ]
    return ends[:MOST]
