"""Networks that say which character comes next: where in a graph they do, and how good they are per character."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..data import Data
from ..errors import DataError
from ..ops.loss import Loss
from .flatten import End
from .inference import Inference
from .plan import Plan
from .verdicts import back_from, source_of

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
JUDGED = ("scores", "log-probabilities")  # what a loss wants that is −ln of a probability
GLANCE = 100  # rows that tell what kind of text it is
PLAIN = {"reduction": "mean", "weight": None, "label_smoothing": 0.0}


@dataclass(frozen=True)
class Language:
    """Where a graph reads characters and scores the next one.

    loss: key of the loss that judges it. scores: what it judges. reads: the rows of characters that go in, N×length.
    source: key of the node that brings them. at_each: whether there are scores at every place, or only after the row.
    """

    loss: str
    scores: End
    reads: End
    source: str
    length: int
    at_each: bool


def language(found: Inference) -> Language | None:
    """The decision about characters nearest to the goal, else to the end; None where none are read and judged.

    Whether the numbers stand for characters is for the caller to see: that is known of the rows.
    """
    for key in back_from(found):
        node = found.nodes[key]
        if not isinstance(node.op, Loss) or not node.op.tells_classes:
            continue
        if not {"input", "target"} <= node.inputs.keys():
            continue
        scores, source = node.inputs["input"], source_of(found, node.inputs["target"])
        for end in _upstream(found, scores):
            spec = found.specs.get(end)
            if end[0] == source and spec is not None and spec.kind == "int" and spec.ndim == 2:
                length = spec.shape[1]
                if isinstance(length, int):
                    judged = found.specs.get(node.inputs["target"])
                    at_each = judged is not None and judged.shape != spec.shape[:1]
                    return Language(key, scores, end, source, length, at_each)
    return None


def _upstream(found: Inference, end: End) -> list[End]:
    """Every output on which this one depends, itself first."""
    order, seen = [end], {end}
    for key, _ in order:
        for source in found.nodes[key].inputs.values():
            if source not in seen:
                seen.add(source)
                order.append(source)
    return order


def layers_of(found: Inference, where: Language) -> tuple[End, ...]:
    """The values between the characters and their scores that keep the places: N×length×units, in their order."""
    ends = {end for end in _upstream(found, where.scores) if end[0] != where.source}
    downstream = {where.source}
    layers: list[End] = []
    for key in found.order:
        node = found.nodes[key]
        if not any(source in downstream for source, _ in node.inputs.values()):
            continue
        downstream.add(key)
        names = node.op.results() if node.op is not None else ()
        layers += [(key, name) for name in names if (key, name) in ends and _keeps(found, (key, name), where)]
    return tuple(layers)


def _keeps(found: Inference, end: End, where: Language) -> bool:
    """Whether a value has units for each place."""
    spec = found.specs.get(end)
    if spec is None or spec.kind != "float" or spec.ndim != 3:
        return False
    return spec.shape[1] == where.length and isinstance(spec.shape[2], int)


def scores_at(scores: Array, place: int, length: int, count: int) -> Floats:
    """The scores of the next character after one place of the one row that went in, of `count` characters.

    scores: 1×classes×length or length×classes, one decision at each place, or 1×classes, one after the whole row.
    DataError where there are fewer classes than characters, or another number of places.
    """
    array = np.asarray(scores, np.float64)
    if array.ndim == 3:
        array = array[0].T
    if array.ndim != 2 or len(array) not in (1, length) or array.shape[1] < count:
        shape = "×".join(map(str, np.shape(scores)))
        raise DataError(
            f"The scores are {shape}, not one for each of {count} characters at each of {length} places.",
            hint=f"Let the last layer have {count} units, and bring the loss 1×{count}×{length}.",
        )
    found: Floats = array[place if len(array) == length else 0, :count]
    return found


def of_row(scores: Array, row: int, rows: int) -> Array:
    """What belongs to one of the rows that went in together, as `scores_at` takes it."""
    each = len(scores) // rows
    return scores[row * each : (row + 1) * each]


def writes(plan: Plan, data: Data | None) -> bool:
    """Whether the goal is the mean of −ln of what the network gives the right character, the next one in a text."""
    if data is None or not plan.goal or not _goes_on(data):
        return False
    op, target = plan.op(plan.goal), plan.nodes[plan.goal].inputs.get("target")
    if not isinstance(op, Loss) or op.wants not in JUDGED or target is None:
        return False
    is_plain = all(op.params.get(name, value) == value for name, value in PLAIN.items())
    return is_plain and plan.inference.specs[target].kind == "int"


def _goes_on(data: Data) -> bool:
    """Whether the target of a step is the character that its row goes on with; a translation is another text."""
    if not data.alphabet or data.classes != data.alphabet:
        return False
    if not data.by_step:
        return data.gap is not None
    asked, follows = data.target[:GLANCE, :-1], data.x[:GLANCE, 1:]
    return asked.shape == follows.shape and bool((asked == follows)[asked >= 0].all())


def without_rows(metrics: dict[str, float], data: Data | None) -> dict[str, float]:
    """Without what is told of whole rows, where those are cut out of a text anywhere."""
    is_cut = data is not None and data.gap is not None
    return {name: value for name, value in metrics.items() if not (is_cut and name == "exact")}


def per_character(loss: float) -> dict[str, float]:
    """What a mean loss in nats comes to: bits a character, and the perplexity.

    The perplexity is among how many equally likely characters the network hesitates.
    """
    return {
        "bits per character": loss / math.log(2),
        "perplexity": math.exp(loss) if loss < 700 else math.inf,
    }
