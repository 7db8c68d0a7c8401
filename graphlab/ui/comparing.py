"""The comparison of a session's document with another one: what is compared, what differs, which one is looked at."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from ..errors import GraphError
from ..graph import Comparison, Difference, Document, Inside, compare, diff, edits
from ..graph.comparison import FOLLOWS, Sheet
from ..graph.groups import is_use

if TYPE_CHECKING:
    from .session import Session

_REST = 150  # milliseconds after the last edit before everything is compared anew
_FLAGS = ("muted", "frozen")


class Comparing(QObject):
    """Compares while it is on, and keeps up with edits. The other document is the earlier one: what only it has went.

    `index` is the difference that is looked at, −1 for none.
    """

    began = Signal()
    changed = Signal()  # other differences, or none any more
    chosen = Signal(int)  # another difference is looked at
    ended = Signal()
    asked = Signal()  # somebody wants to choose what to compare with

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.other: Document | None = None
        self.title = ""
        self.found = Comparison()
        self.index = -1
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._compare)
        session.whole_changed.connect(self._edited)
        session.opened.connect(self.end)

    @property
    def is_on(self) -> bool:
        return self.other is not None

    def start(self, other: Document, title: str) -> None:
        """Compares with another document, called `title` in the window."""
        self.other, self.title, self.index = other, title, -1
        self._compare()
        self.began.emit()

    def end(self) -> None:
        if self.other is not None:
            self._timer.stop()
            self.other, self.title, self.found, self.index = None, "", Comparison(), -1
            self.changed.emit()
            self.ended.emit()

    def sheet(self) -> Sheet | None:
        """What differs on the sheet that is shown; None where there is nothing to compare."""
        return self.found.sheets.get(self._here()) if self.is_on else None

    def _here(self) -> str:
        """The id of the group that is shown, "" for the whole."""
        graph = self._session.graph
        return graph.definition if isinstance(graph, Inside) else ""

    # Going through them

    @property
    def differences(self) -> tuple[Difference, ...]:
        return self.found.differences

    def choose(self, index: int) -> None:
        """Looks at a difference, on its sheet."""
        if 0 <= index < len(self.differences):
            self.index = index
            self._enter(self.differences[index].sheet)
            self.chosen.emit(index)

    def step(self, steps: int) -> None:
        """To the next difference or the one before, round the ends."""
        count = len(self.differences)
        if count:
            start = self.index if self.index >= 0 or steps > 0 else 0
            self.choose((start + steps) % count)

    def _enter(self, definition: str) -> bool:
        """Shows the whole, or the inside of a group; whether anything leads there."""
        if definition == self._here():
            return True
        way = way_to(self._session.whole, definition)
        return way is not None and self._session.attempt(self._session.go_inside, way)

    # Taking what the other has

    def can_take(self, index: int) -> bool:
        """Whether the value that the other document has can be put in place of the present one."""
        if not 0 <= index < len(self.differences):
            return False
        found = self.differences[index]
        if found.kind != "changed" or found.what not in ("node", "training", "sweep"):
            return False
        return found.param not in ("op", *FOLLOWS) if found.what == "node" else True

    def take(self, index: int) -> None:
        """Takes over the value of the other document, as one undo entry. GraphlabError when it cannot be."""
        found = self.differences[index]
        if found.what == "training":
            value = self._goal(found) if found.param == "goal" else found.before
            root = self._session.root
            root.replace(edits.configure(root.document, **{found.param: value}), "Training settings")
            return
        if found.what == "sweep":
            self._take_search(found)
            return
        if not self._enter(found.sheet):
            raise GraphError("That group is used nowhere.", hint="Add a use of it first, from the library.")
        graph, node = self._session.graph, found.id
        if found.param == "name":
            graph.rename(node, str(found.before))
        elif found.param in _FLAGS:
            graph.set_flags(node, **{found.param: bool(found.before)})
        else:
            graph.set(node, **self._params(found))

    def _take_search(self, found: Difference) -> None:
        """What the other searches of that, or how."""
        root = self._session.root
        if found.text.startswith("search "):
            root.search(found.param, found.before)
        else:
            root.configure_sweep(**{found.param: found.before})

    def _params(self, found: Difference) -> dict[str, Any]:
        """The value; of what no form shows, such as the rows of a file and their columns, all that belongs together."""
        sheet = self.found.sheets[found.sheet]
        params = sheet.after.nodes[found.id].make().params_of
        if params[found.param].shown:
            return {found.param: found.before}
        before = next(old for old, new in sheet.pairs.items() if new == found.id)
        theirs = sheet.before.nodes[before].make().params
        return {n: theirs[n] for n, param in params.items() if not param.shown and n not in FOLLOWS}

    def _goal(self, found: Difference) -> str:
        """The node that was the goal of the other document; "" where it was none, or is gone."""
        assert self.other is not None
        return self.found.sheets[""].pairs.get(self.other.training.goal, "")

    # Keeping up

    def _edited(self, old: Document, new: Document) -> None:
        if self.is_on and not _only_moved(old, new):
            self._timer.start(_REST)

    def _compare(self) -> None:
        if self.other is None:
            return
        looked_at = self.differences[self.index] if 0 <= self.index < len(self.differences) else None
        self.found = compare(self.other, self._session.whole)
        self.index = next((k for k, d in enumerate(self.differences) if _same(d, looked_at)), -1)
        self.changed.emit()


def _same(difference: Difference, other: Difference | None) -> bool:
    """Whether it is about the same thing, whatever is there now."""
    if other is None:
        return False
    about = ("kind", "what", "sheet", "id", "edge", "param")
    return all(getattr(difference, name) == getattr(other, name) for name in about)


def _only_moved(old: Document, new: Document) -> bool:
    """Whether nothing but places is another, as after a drag or tidying up."""
    change = diff(old, new)
    moved = dataclasses.replace(change, changed=(), moved=(), changed_notes=(), changed_frames=())
    places = len(change.moved) == len(change.changed)
    same_texts = not (change.changed_notes or change.changed_frames)
    return places and same_texts and not change.renamed and not change.reworked and moved == type(change)()


def way_to(document: Document, definition: str) -> tuple[str, ...] | None:
    """The ids of the group nodes that lead to a group, () to the whole; None where nothing leads there."""
    if not definition:
        return ()
    ways: list[tuple[tuple[str, ...], Document]] = [((), document)]
    seen: set[str] = set()
    for way, sheet in ways:
        for node in sheet.nodes.values():
            inner = str(node.params.get("definition", "")) if is_use(node) else ""
            if inner == definition:
                return (*way, node.id)
            if inner in document.definitions and inner not in seen:
                seen.add(inner)
                ways.append(((*way, node.id), document.definitions[inner]))
    return None
