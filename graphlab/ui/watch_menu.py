"""What of a node, a wire or an entry of the schedule can be watched, as entries of a menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from ..engine.flatten import FlatNode
from ..engine.optimizer_state import STEP, names_for
from .icons import icon

if TYPE_CHECKING:
    from .session import Session

Choice = tuple[str, Callable[[], object]]


def of_node(session: Session, node: str) -> list[Choice]:
    """For a node on the sheet: its outputs, parameters and running statistics, and their gradients."""
    return of_key(session, session.seen.key(node))


def of_key(session: Session, key: str, phase: str = "") -> list[Choice]:
    """The same for a node of the engine's; with a phase, what that entry of the schedule computes comes first."""
    flat, whole = session.seen.whole.nodes.get(key), session.seen.whole
    if flat is None or flat.op is None:
        return []
    pin = partial(_pin, session, key)
    found: list[Choice] = []
    for output in flat.op.results():
        spec = whole.specs.get((key, output))
        name = "Value" if output == flat.op.results()[0] else output
        is_float = spec is not None and spec.kind == "float"
        found.append((name, pin("value", output)))
        if is_float and whole.goal:
            found.append(
                (f"Gradient of {name.lower()}" if name != "Value" else "Gradient", pin("grad", output))
            )
    if phase == "backward":
        found.sort(key=lambda choice: not choice[0].startswith("Gradient"))
    return found + _owned(session, key, flat)


def _owned(session: Session, key: str, flat: FlatNode) -> list[Choice]:
    whole, found = session.seen.whole, list[Choice]()
    pin = partial(_pin, session, key)
    for name in [socket.name for socket in flat.op.sockets()] if flat.op is not None else []:
        if (key, name) in whole.learnables:
            found.append((name, pin("value", name)))
            if whole.goal:
                found.append((f"Gradient of {name}", pin("grad", name)))
    found += [(name, pin("value", name)) for owner, name in whole.states if owner == key]
    owned = [socket for owner, socket in whole.learnables if owner == key]
    return found + [choice for name in owned for choice in _kept(session, key, name)]


def _kept(session: Session, key: str, name: str) -> list[Choice]:
    """What the optimizer keeps of a parameter that is learnt, but for how many steps it has taken."""
    whole, training = session.seen.whole, session.whole.training
    if not whole.goal or whole.nodes[key].frozen:
        return []
    names = [f"{name}.{state}" for state in names_for(training) if state != STEP]
    return [(f"{each} ({training.optimizer})", _pin(session, key, "value", each)) for each in names]


def of_wire(session: Session, target: str, socket: str) -> list[Choice]:
    """For a wire on the sheet: what goes along it, and what comes back."""
    edge = session.document.inputs_of(target).get(socket)
    if edge is None:
        return []
    end = session.seen.end(edge.source, edge.output)
    found: list[Choice] = [("Watch what goes along it", _pin(session, end[0], "value", end[1]))]
    keys = session.term_keys(edge.source, edge.output, target, socket)
    spec = session.seen.whole.specs.get(end)
    if session.seen.whole.goal and len(keys) == 1 and spec is not None and spec.kind == "float":
        consumer, name = keys[0].taker
        found.append(("Watch what comes back along it", _pin(session, consumer, "term", name)))
    return found


def _pin(session: Session, key: str, kind: str, socket: str) -> Callable[[], object]:
    return lambda: session.watches.pin(kind, key, socket)


def fill(menu: QMenu, choices: list[Choice], title: str = "Watch") -> None:
    """Puts the choices into a menu of their own."""
    if not choices:
        return
    inner = menu.addMenu(icon("watch"), title)
    for text, run in choices:
        inner.addAction(text).triggered.connect(lambda *_, run=run: run())
