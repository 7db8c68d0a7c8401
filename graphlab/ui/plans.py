"""The plan of what the engine runs, in the window's own process: what equations and code are written from."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..engine import Plan
from ..engine.inference import Inference
from ..engine.optimizers import Optimizer, make_optimizer
from ..errors import SettingsError
from ..graph.document import Training

if TYPE_CHECKING:
    from .session import Session

_last: weakref.WeakKeyDictionary[Session, tuple[Inference, Training, Plan]] = weakref.WeakKeyDictionary()


def plan_of(session: Session) -> Plan:
    """The plan of the whole document; the very same object until something in it computes differently.

    Nothing is allocated for it. A faulty graph has one too, of the part that runs.
    """
    found, training = session.seen.whole, session.whole.training
    known = _last.get(session)
    if known is None or known[0] is not found or known[1] != training:
        known = found, training, Plan(session.whole, previous=known[2] if known else None)
        _last[session] = known
    return known[2]


def optimizer_of(session: Session) -> Optimizer | None:
    """The optimizer that the document asks for, with its settings; None for one that does not exist."""
    try:
        return make_optimizer(session.whole.training)
    except SettingsError:
        return None


def entries(session: Session) -> dict[tuple[str, str], int]:
    """The place of each entry of the schedule, by (phase, key), as the engine has compiled it."""
    return {(entry.phase, entry.node): place for place, entry in enumerate(session.schedule)}


def shown_keys(session: Session, nodes: Iterable[str], keys: Iterable[str]) -> set[str]:
    """Which of the engine's keys are, or lie inside, these nodes of the sheet; what stands behind one counts, too."""
    chosen = {node for node in nodes if node in session.document.nodes}
    if not chosen:
        return set()
    found = {key for key in keys if session.seen.here(key) in chosen}
    return found | {session.seen.key(node) for node in chosen}
