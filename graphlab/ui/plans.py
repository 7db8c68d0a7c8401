"""The plan of what the engine runs, in the window's own process: what equations and code are written from."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..engine import Plan
from ..engine.goals import SUM
from ..engine.inference import Inference
from ..engine.messages import Asked
from ..engine.optimizers import Optimizer, make_optimizer
from ..errors import GraphlabError, SettingsError
from ..graph.document import Training

if TYPE_CHECKING:
    from .session import Session

_asked: weakref.WeakKeyDictionary[Session, tuple[Plan, Asked, Plan]] = weakref.WeakKeyDictionary()
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


def shown_plan_of(session: Session) -> Plan:
    """The same, going back from what gradients are asked of, where that is not the loss."""
    plan, asked = plan_of(session), session.asking.asked
    if asked is None:
        return plan
    known = _asked.get(session)
    if known is None or known[0] is not plan or known[1] != asked:
        try:
            at = SUM if asked.at is None else asked.at
            made = Plan(session.whole, f"{asked.node}.{asked.socket}", at=at, previous=plan)
        except GraphlabError:  # an edit has taken it away; the engine will say so in a moment
            made = plan
        known = _asked[session] = plan, asked, made
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
