"""Where a graph gives its answer: the scores of classes, the loss that judges them, and what classes are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import ProblemsError
from ...ops.loss import Loss
from ..flatten import End
from ..inference import Inference
from ..verdicts import back_from
from .eye import Unit, eye_of, upstream

if TYPE_CHECKING:
    from ..training import Trainer

MOST_CLASSES = 100_000


@dataclass(frozen=True)
class Answer:
    """scores: the end that has a number for each class. loss: what judges them; None where nothing does."""

    scores: End
    loss: Loss | None
    count: int
    source: str

    def unit(self, label: int) -> Unit:
        """What says how much speaks for a class. Where there is one number alone, it speaks for the second of two."""
        return Unit(self.scores, (0 if self.count == 1 else label,))

    @property
    def classes(self) -> int:
        """How many classes there are: two where one number alone tells them apart."""
        return 2 if self.count == 1 else self.count


def answer_of(found: Inference, scores: End | None = None) -> Answer:
    """The answer nearest to the goal, else the last layer that gives numbers for each picture; or that at `scores`.

    ProblemsError where no picture leads to one.
    """
    eye_of(found)  # says so where there is none
    for key in back_from(found):
        node = found.nodes[key]
        if isinstance(node.op, Loss) and "input" in node.inputs and scores in (None, node.inputs["input"]):
            made = _answer(found, node.inputs["input"], node.op)
            if made is not None:
                return made
    used = {end for key in found.healthy for end in found.nodes[key].inputs.values()}
    for key in reversed(found.healthy):
        node = found.nodes[key]
        for output in node.op.results() if node.op is not None else ():
            end = (key, output)
            if scores == end or (scores is None and end not in used):
                made = _answer(found, end if scores == end else _before_chances(found, end), None)
                if made is not None:
                    return made
    raise ProblemsError(
        "No layer here says something of a whole picture.",
        hint="Add one that gives a number for each class, such as Linear.",
    )


def _before_chances(found: Inference, end: End) -> End:
    """The scores of which these probabilities are made, if they are such: a score says more than a probability."""
    node = found.nodes[end[0]]
    if node.op is None or node.op.reads_as not in ("probabilities", "log-probabilities"):
        return end
    sources = list(node.inputs.values())
    same = (
        len(sources) == 1
        and sources[0] in found.specs
        and found.specs[sources[0]].shape == found.specs[end].shape
    )
    return sources[0] if same else end


def _answer(found: Inference, end: End, loss: Loss | None) -> Answer | None:
    spec = found.specs.get(end)
    if spec is None or spec.kind != "float" or spec.ndim < 2 or not isinstance(spec.shape[1], int):
        return None
    if any(size != 1 for size in spec.shape[2:]):  # of maps of one pixel, as a global pooling leaves them
        return None
    if not 1 <= spec.shape[1] <= MOST_CLASSES:
        return None
    behind = upstream(found, [end[0]])
    try:
        eye = eye_of(found, end[0])
    except ProblemsError:
        return None
    return Answer(end, loss, spec.shape[1], eye.end[0]) if eye.end[0] in behind else None


def class_names(trainer: Trainer | None, count: int) -> tuple[str, ...]:
    """What the classes are called; their numbers where nobody says."""
    data = None if trainer is None else trainer.batches.data
    names = data.classes if data is not None and not data.by_step else ()
    return (*names[:count], *(str(k) for k in range(len(names), count)))
