"""Which sheet of a document is shown, the whole or the inside of a group, and what of it is selected."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal

from ..engine.inference import Inference
from ..engine.seen import Seen
from ..errors import GraphlabError
from ..graph import Document, Graph, Inside
from ..graph.copies import node_of, place_of
from ..graph.folding import timed
from .notice import Notice, of_error
from .steering import Steering

_SHARED = ":"


class Sheets(Steering):
    """The part of a session that knows what is shown; beside it, what the run is told, and the document itself."""

    document_changed = Signal(object, object)  # old Document, new Document: what is shown is another
    entered = Signal(object)  # the ids of the groups that were entered, to what is shown now
    inference_changed = Signal(object)  # Inference
    selection_changed = Signal(object)  # frozenset of the ids of nodes, notes and frames
    root: Graph
    graph: Graph
    inside: tuple[str, ...]
    selection: frozenset[str]
    _shown: Document

    @property
    def document(self) -> Document:
        """What is shown: the whole, or the inside of a group."""
        return self._shown

    @property
    def whole(self) -> Document:
        """The whole document, whatever is shown of it."""
        return self.root.document

    @property
    def inference(self) -> Inference:
        """The inference of what is shown, under its own ids."""
        return self.seen.inference

    # Going in and out

    def enter(self, node: str) -> bool:
        """Shows the inside of a group on the sheet, or of a copy "n5/t=3"; False, and nothing happens, for others."""
        found = self._shown.nodes.get(node_of(node))
        if found is None or str(found.params.get("definition", "")) not in self.whole.definitions:
            return False
        self.go_inside((*self.inside, node))
        return True

    def leave(self) -> None:
        """Shows what the group stands in, with the group selected; nothing happens on the whole itself."""
        if self.inside:
            group = self.inside[-1]
            self.go_inside(self.inside[:-1])
            self.select({node_of(group)})

    def go_inside(self, path: tuple[str, ...]) -> None:
        """Shows the sheet that these group nodes lead to, () for the whole. GraphError when it is not there."""
        path = timed(self.whole, path)
        if path == self.inside:
            return
        graph = Inside(self.root, path) if path else self.root
        shown = self._shown
        self._leave_sheet()
        self.graph, self.inside, self._shown = graph, path, graph.document
        self._look(self.seen.whole)
        self._arrive(shown)

    def _arrive(self, shown: Document) -> None:
        """Tells everybody that another sheet is shown."""
        self.selection = frozenset()
        self._announce(shown)
        self.selection_changed.emit(self.selection)
        self.entered.emit(self.inside)

    def show(self, key: str) -> None:
        """Goes to the sheet that a node of the engine's stands on, and selects it; of a shared one, nothing."""
        if _SHARED in key:  # it stands on no sheet, but for a socket of every use
            return
        path, node = place_of(key)
        try:
            self.go_inside(path)
        except GraphlabError as error:
            self.tell(of_error(error))
            return
        self.select({node})

    def select_key(self, key: str) -> None:
        """Selects the node that is, or contains, one of the engine's; goes to its sheet when it is elsewhere."""
        here = self.seen.here(key)
        if here:
            self.select({here})
        else:
            self.show(key)

    def _follow(self) -> None:
        """After an edit: the sheet as it is now; when its group is gone, the nearest that is left around it."""
        while isinstance(self.graph, Inside) and not self.graph.is_there:
            self._leave_sheet()
            self.inside = self.inside[:-1]
            self.graph = Inside(self.root, self.inside) if self._can_stand() else self.root
        self.inside, self._shown = timed(self.whole, self.inside), self.graph.document

    def _can_stand(self) -> bool:
        while self.inside:
            try:
                Inside(self.root, self.inside).leave()
            except GraphlabError:
                self.inside = self.inside[:-1]
            else:
                return True
        return False

    def _leave_sheet(self) -> None:
        if isinstance(self.graph, Inside):
            self.graph.leave()

    def _look(self, whole: Inference) -> None:
        self.seen = Seen(whole, self._shown, self.inside)

    def _announce(self, shown: Document) -> None:
        self.document_changed.emit(shown, self._shown)
        self.inference_changed.emit(self.inference)

    def _keep_selection(self) -> None:
        if not all(map(self._shown.has, self.selection)):
            self.select(self.selection)  # as far as it is there

    # Selection

    def select(self, ids: Iterable[str]) -> None:
        """Makes these nodes, notes and frames the selection; ids that do not exist are left out."""
        chosen = frozenset(filter(self._shown.has, ids))
        if chosen != self.selection:
            self.selection = chosen
            self.selection_changed.emit(chosen)

    @property
    def selected_node(self) -> str:
        """The id of the one selected node; "" for none or several."""
        found = ""
        for item in self.selection:
            if item in self._shown.nodes:
                if found:
                    return ""
                found = item
        return found

    def tell(self, notice: Notice) -> None:
        """Shows a notice in the window."""
        raise NotImplementedError
