"""What one turns while a network learns: numbers of its nodes such as the p of Dropout, and which parameters learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..engine import messages as m
from ..engine.inference import Inference
from ..engine.optimizers import OPTIMIZERS
from ..engine.schedules import make_schedule
from ..engine.training import too_large
from ..errors import SettingsError
from ..graph import Document, Training
from ..graph.groups import definition_of
from ..ops import get, known
from . import numbers

MOST = 40  # nodes that are listed


class Knob(NamedTuple):
    """A number of a node, and the bounds that a slider has for it.

    way: the ids of the groups that it stands in, from outside, by the first use of each.
    """

    node: str
    name: str
    title: str
    value: float
    low: float
    high: float
    way: tuple[str, ...] = ()


@dataclass(frozen=True)
class Learner:
    """A node that owns parameters, so many in all, and whether the update leaves them as they are."""

    node: str
    title: str
    size: int
    frozen: bool


def knobs_of(document: Document) -> list[Knob]:
    """Those of all nodes, also in groups, of a group once; of a node without a name for it, the operation's own.

    What each use of a group sets for itself is turned at the use.
    """
    found: list[Knob] = []
    seen: set[str] = set()
    waiting: list[tuple[tuple[str, ...], str, Document]] = [((), "", document)]
    while waiting:
        way, titles, sheet = waiting.pop(0)
        found += _on_sheet(sheet, way, titles)
        for node in sheet.nodes.values() if document.definitions else ():
            inner = definition_of(document, node)
            if inner is not None and (definition := node.params["definition"]) not in seen:
                seen.add(definition)
                waiting.append(((*way, node.id), f"{titles}{node.name} / ", inner))
    return found


def _on_sheet(sheet: Document, way: tuple[str, ...], titles: str) -> list[Knob]:
    turned = {op: get(op).knobs for op in {node.op for node in sheet.nodes.values()} if known(op)}
    promoted = set(sheet.promoted.values())
    return [
        Knob(node.id, name, f"{titles}{node.name} {name}", *bounds, way)
        for node in sheet.nodes.values()
        if (names := turned.get(node.op, ()))
        for op in (node.make(),)  # of most nodes nothing is made
        for name in names
        if (node.id, name) not in promoted and (bounds := op.knob(name)) is not None
    ]


def learners_of(document: Document, inference: Inference) -> list[Learner]:
    """The nodes of the whole document, and the groups, that own parameters, in the order of computing."""
    sizes: dict[str, int] = {}
    for (key, _), shape in inference.learnables.items():
        node = key.partition("/")[0]
        count = 1
        for size in shape:
            count *= size
        sizes[node] = sizes.get(node, 0) + count
    order = [key.partition("/")[0] for key in inference.order]
    known = [node for node in dict.fromkeys([*order, *sizes]) if node in sizes and node in document.nodes]
    return [
        Learner(node, document.nodes[node].name, sizes[node], document.nodes[node].frozen) for node in known
    ]


def warning_of(training: Training, loaded: m.Loaded | None) -> str:
    """What to say of settings that will hardly be meant, with the rows that the engine has; "" of others."""
    rows = loaded.rows if loaded else 0
    return " ".join(filter(None, (_warning_of_rate(training), too_large(training.batch_size, rows))))


def _warning_of_rate(training: Training) -> str:
    """Of a learning rate that is far from what its optimizer usually has."""
    kind = OPTIMIZERS.get(training.optimizer)
    if kind is None:
        return ""
    low, high = kind.usual
    usual = f"Usual for {training.optimizer}: {numbers.plain(low, 1)} to {numbers.plain(high, 1)}."
    if training.lr > high:
        return f"So large a rate may make the loss jump, or grow without end. {usual}"
    if training.lr < low:
        return f"So small a rate hardly moves anything. {usual}"
    return ""


def rate_now(training: Training, batches: int, step: int) -> float | None:
    """The learning rate of the step after so many, as the schedule has it; None where that depends on the loss."""
    try:
        schedule = make_schedule(training, max(1, batches))
    except SettingsError:
        return None
    if schedule is None:
        return training.lr
    return None if schedule.watches else schedule.rate(training.lr, step)
