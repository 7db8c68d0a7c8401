"""What a network says of rows whose classes are known: which class, how surely, and whether that is right.

Made of the arrays of a forward pass; knows no run. What is counted from many verdicts is in `confusion`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..ops.loss import Loss
from .flatten import End
from .inference import Inference

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
LEAST = 1e-12  # probabilities below this are taken for it, so that no loss is infinite
ORDERS = ("as they come", "wrong first", "least sure first", "surest first", "largest loss first")


@dataclass(frozen=True)
class Decision:
    """Where in a graph classes are told apart.

    loss: key of the loss that judges it. scores, target: what goes into it. source: key of the node that brings the
    rows, and so the classes.
    """

    loss: str
    scores: End
    target: End
    source: str

    @property
    def ends(self) -> tuple[End, End]:
        return self.scores, self.target


def decision(found: Inference, prefer: str = "") -> Decision | None:
    """The decision nearest to the goal, else to the end of the graph; None where no classes are told apart.

    prefer: key of a loss, or of scores, that is taken instead where it is one. A loss that knows no classes, such as
    MSELoss, counts too, as long as its target comes from rows: whether those have classes is for the caller to see.
    """
    nearest = None
    for key in back_from(found):
        node = found.nodes[key]
        if not isinstance(node.op, Loss) or not {"input", "target"} <= node.inputs.keys():
            continue
        scores, target = node.inputs["input"], node.inputs["target"]
        source = source_of(found, target)
        spec = found.specs.get(scores)
        if source and spec is not None and spec.ndim in (1, 2):
            made = Decision(key, scores, target, source)
            if prefer in ("", key, scores[0]):
                return made
            nearest = nearest or made
    return nearest


def back_from(found: Inference) -> list[str]:
    """The healthy nodes that the goal depends on, the nearest first; without a goal all, the last first."""
    if not found.goal:
        return found.healthy[::-1]
    order, seen = [found.goal], {found.goal}
    for key in order:
        for source, _ in found.nodes[key].inputs.values():
            if source not in seen:
                seen.add(source)
                order.append(source)
    return [key for key in order if key not in found.unhealthy]


def source_of(found: Inference, end: End) -> str:
    """The node that brings the rows of which this is made; "" for none."""
    todo, seen = [end[0]], {end[0]}
    for key in todo:
        node = found.nodes.get(key)
        if node is None or node.op is None:
            return ""
        if node.op.brings:
            return key
        new = [source for source, _ in node.inputs.values() if source not in seen]
        seen.update(new)
        todo += new
    return ""


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What is said of some rows. chances: (rows, classes), each row adding up to 1. true, said: classes.

    rows: which rows of the data they are. places: which rows of their split.
    """

    classes: tuple[str, ...]
    chances: Floats
    true: Indices
    said: Indices
    rows: Indices
    places: Indices

    def __len__(self) -> int:
        return len(self.true)

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        """Those of which nothing is said, because what came out is not a number."""
        return np.asarray(~np.isfinite(self.chances).all(axis=1))

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        return np.asarray((self.said == self.true) & ~self.lost)

    @property
    def accuracy(self) -> float:
        """NaN for no rows."""
        return float(self.right.mean()) if len(self) else float("nan")

    @property
    def sureness(self) -> Floats:
        """The probability of the class said."""
        return self.chances[np.arange(len(self)), self.said]

    @property
    def losses(self) -> Floats:
        """−ln of the probability of the right class. What is not a number counts as the worst."""
        of_true = np.nan_to_num(self.chances[np.arange(len(self)), self.true], nan=0.0)
        return -np.log(np.clip(of_true, LEAST, 1.0)) + 0.0

    def arranged(self, order: str, true: int | None = None, said: int | None = None) -> Indices:
        """The positions of those of a class (and said to be of one), in one of `ORDERS`."""
        keep = np.ones(len(self), bool)
        if true is not None:
            keep &= self.true == true
        if said is not None:
            keep &= self.said == said
        found = np.flatnonzero(keep)
        by = {
            "wrong first": (-self.losses, self.right),  # the last key counts most
            "least sure first": (self.sureness,),
            "surest first": (-self.sureness,),
            "largest loss first": (-self.losses,),
        }.get(order)
        return found if by is None else found[np.lexsort(tuple(key[found] for key in by))]


def judge(loss: Loss, scores: Any, target: Any, classes: tuple[str, ...], rows: Any, places: Any) -> Verdicts:
    """Verdicts from what went into a loss: scores (rows, …) and targets, as class, column or one-hot.

    DataError where they do not tell so many classes apart.
    """
    given = np.asarray(scores)
    given = given.reshape(len(given), -1)
    told = loss.chances(given) if loss.tells_classes else np.asarray(given, np.float64)
    if told.shape[1] == 1:
        told = np.hstack((1 - told, told))
    true = _classes_of(np.asarray(target))
    if told.shape[1] < len(classes) or (len(true) and true.max() >= told.shape[1]):
        raise DataError(
            f"There are {len(classes)} classes, but the network gives {told.shape[1]} numbers a row.",
            hint=f"Let its last layer have {len(classes)} units.",
        )
    names = (*classes, *(str(k) for k in range(len(classes), told.shape[1])))
    said = np.nan_to_num(told, nan=-np.inf).argmax(axis=1)
    return Verdicts(names, told, true, said, np.asarray(rows, np.int64), np.asarray(places, np.int64))


def _classes_of(target: npt.NDArray[Any]) -> Indices:
    if target.dtype.kind in "iu":
        return target.reshape(len(target)).astype(np.int64)
    flat = target.reshape(len(target), -1)
    if flat.shape[1] == 1:
        return (flat[:, 0] > 0.5).astype(np.int64)
    return np.asarray(flat.argmax(axis=1), np.int64)


MOST_LAYERS = 16


def layers(found: Inference, where: Decision) -> list[End]:
    """The values on the way from the rows to the scores, in order; of very many some from all along it."""
    depends, backwards = {where.source}, {where.scores[0]}
    for key in found.order:
        if any(source in depends for source, _ in found.nodes[key].inputs.values()):
            depends.add(key)
    for key in reversed(found.order):
        if key in backwards:
            backwards.update(source for source, _ in found.nodes[key].inputs.values())
    on_the_way = [
        (key, found.nodes[key].op.results()[0])  # type: ignore[union-attr]
        for key in found.order
        if key in depends & backwards and key not in (where.source, where.scores[0])
    ]
    chosen = [end for end in on_the_way if end in found.specs and found.specs[end].ndim > 0]
    if len(chosen) >= MOST_LAYERS:
        places = np.unique(np.linspace(0, len(chosen) - 1, MOST_LAYERS - 1).astype(int))
        chosen = [chosen[k] for k in places.tolist()]
    return [*chosen, where.scores]
