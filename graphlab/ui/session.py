"""Session: one open document, its engine and its selection. No widget knows another widget; they meet here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..engine.inference import Inference, infer
from ..errors import GraphlabError
from ..graph import Document, Graph, diff
from .engine_client import EngineClient
from .losses import Losses
from .notice import Level, Notice, of_error
from .player import Player
from .tensors import Wish

log = logging.getLogger("graphlab.ui")

MOST_NOTICES = 1000


class Session(QObject):
    """What every widget of a window shares.

    Widgets read `graph`, `document`, `inference`, `selection`, `status`, `schedule`, `losses` and `tensor(...)`, listen
    to the signals, and call the methods. `engine=False` starts no engine process (for tests of what needs none).
    """

    document_changed = Signal(object, object)  # old Document, new Document
    opened = Signal()  # a different document has been put in; comes after its document_changed
    inference_changed = Signal(object)  # Inference
    selection_changed = Signal(object)  # frozenset of node and note ids
    values_changed = Signal(object)  # set of ids of the nodes whose tensors are new
    status_changed = Signal(object)  # messages.Status
    scalars_arrived = Signal(object)  # messages.Scalars
    compiled = Signal(object)  # messages.Loaded: the schedule is another
    checked = Signal(object)  # messages.Checked
    breakpoints_changed = Signal(object)  # frozenset of (node id, phase)
    hovered = Signal(str)  # node id under the pointer somewhere, "" for none
    add_requested = Signal(str)  # op name: somebody wants it in the middle of what the canvas shows
    notice = Signal(object)  # Notice
    saved = Signal()  # path or saved state changed

    def __init__(
        self, graph: Graph | None = None, parent: QObject | None = None, *, engine: bool = True
    ) -> None:
        super().__init__(parent)
        self.graph = graph or Graph()
        self.path: Path | None = None
        self.selection: frozenset[str] = frozenset()
        self.breakpoints: frozenset[tuple[str, str]] = frozenset()
        self.inference: Inference = infer(self.graph.document)
        self.losses = Losses()
        self.notices: list[Notice] = []
        self.engine = EngineClient(self, self.graph.document, start=engine)
        self.player = Player(self)
        self.graph.changed.connect(self._graph_changed)
        self.engine.frame.connect(self.values_changed)
        self.engine.status_changed.connect(self.status_changed)
        self.engine.scalars.connect(self._take_scalars)
        self.engine.compiled.connect(self.compiled)
        self.engine.checked.connect(self.checked)
        self.engine.told.connect(self.tell)

    # What there is

    @property
    def document(self) -> Document:
        return self.graph.document

    @property
    def status(self) -> m.Status:
        return self.engine.status

    @property
    def schedule(self) -> tuple[m.ScheduleEntry, ...]:
        """The entries of one step as the engine compiled them; empty before that."""
        return self.engine.loaded.schedule if self.engine.loaded else ()

    @property
    def loaded(self) -> m.Loaded | None:
        return self.engine.loaded

    @property
    def step_number(self) -> int:
        """The training step one is in, or has just ended; 0 before the first."""
        return self.status.step + (0 < self.status.cursor < len(self.schedule))

    @property
    def is_running(self) -> bool:
        """Whether it trains, or plays in slow motion."""
        return self.status.state == "training" or self.player.is_playing

    @property
    def is_modified(self) -> bool:
        """Whether closing would lose something: an edit, or training of a document that has a file."""
        return not self.graph.is_saved or (self.path is not None and self.engine.has_learnt)

    @property
    def watching(self) -> tuple[m.Watched, ...]:
        """Everything that is watched at present."""
        return self.engine.wishes.union()

    def tensor(self, kind: str, node: str, socket: str = "") -> m.Tensor | None:
        """The newest tensor of kind "value", "grad" or "term"; without `socket`, of the node's first output.

        Its `array` may be a leading block of the whole; `shape` and `stats` are those of the whole.
        """
        return self.engine.tensors.get(kind, node, socket or self._output(node))

    def _output(self, node: str) -> str:
        """The name of a node's first output; "" when it has none."""
        found = self.document.nodes.get(node)
        results = found.make().results() if found and found.is_known else ()
        return results[0] if results else ""

    def terms(self, node: str) -> dict[str, m.Tensor]:
        """What each edge adds to the gradient of a node, by "target id.input"."""
        return self.engine.tensors.terms(node)

    # Document

    def open(self, graph: Graph, path: Path | None = None, weights: dict[str, Any] | None = None) -> None:
        """Puts another document in place of the present one, with the weights that came with it."""
        old = self.document
        self.player.stop()
        self.graph.changed.disconnect(self._graph_changed)
        self.graph, self.path = graph, path
        graph.changed.connect(self._graph_changed)
        self.selection = frozenset()
        self.set_breakpoints(())
        self.losses.clear()
        self.engine.open(graph.document, weights or {})
        self._announce(old, graph.document)
        self.selection_changed.emit(self.selection)
        self.opened.emit()
        self.saved.emit()

    def mark_saved(self, path: Path | None) -> None:
        """The present document and weights are in that file."""
        self.path = path
        self.graph.mark_saved()
        self.engine.mark_kept()
        self.saved.emit()

    def attempt(self, edit: Callable[..., Any], *args: Any, **more: Any) -> bool:
        """Runs an edit; what a person did wrong becomes a notice in place. Whether it went well."""
        try:
            edit(*args, **more)
        except GraphlabError as error:
            self.tell(of_error(error, self._id(error.node)))
            return False
        return True

    def _graph_changed(self, old: Document, new: Document) -> None:
        gone = self.selection - new.nodes.keys() - new.notes.keys()
        change = diff(old, new)
        if change.computes_differently or change.training or change.renamed:
            self.engine.load(new)
        if change.removed:
            self.set_breakpoints(b for b in self.breakpoints if b[0] in new.nodes)
        if change.computes_differently or change.training or change.renamed:  # problems name nodes
            self._announce(old, new)
        else:
            self.document_changed.emit(old, new)
        if gone:
            self.select(self.selection - gone)

    def _announce(self, old: Document, new: Document) -> None:
        self.inference = infer(new, previous=self.inference)
        self.document_changed.emit(old, new)
        self.inference_changed.emit(self.inference)

    # Selection and talk

    def select(self, ids: Iterable[str]) -> None:
        """Makes these nodes and notes the selection; ids that do not exist are left out."""
        document = self.document
        chosen = frozenset(i for i in ids if i in document.nodes or i in document.notes)
        if chosen != self.selection:
            self.selection = chosen
            self.selection_changed.emit(chosen)

    @property
    def selected_node(self) -> str:
        """The id of the one selected node; "" for none or several."""
        nodes = [i for i in self.selection if i in self.document.nodes]
        return nodes[0] if len(nodes) == 1 else ""

    def notify(self, level: Level, text: str, hint: str = "", node_id: str = "") -> None:
        self.tell(Notice(level, text, hint, node_id))

    def tell(self, notice: Notice) -> None:
        """Shows a notice in the window and keeps it for the log."""
        log.info("%s: %s", notice.level, notice.sentence)
        self.notices.append(notice)
        del self.notices[:-MOST_NOTICES]
        self.notice.emit(notice)

    def _id(self, name: str) -> str:
        return self.document.ids_by_name.get(name, name if name in self.document.nodes else "")

    # Engine

    def watch(self, owner: object, keys: Iterable[Wish], limit: int = 256) -> None:
        """From now on `owner` wants these tensors, at most `limit` elements of each, and no others."""
        self.engine.watch(owner, keys, limit)

    def unwatch(self, owner: object) -> None:
        self.engine.watch(owner, (), 0)

    def step(self, count: int = 1) -> None:
        """Executes the next entries of the schedule."""
        self.player.stop()
        self.engine.send(m.Step(count))

    def back(self, count: int = 1) -> None:
        self.player.stop()
        self.engine.send(m.Back(count))

    def go_to(self, cursor: int) -> None:
        """Goes to a place in the schedule of the present step; 0 is before everything."""
        self.player.stop()
        self.engine.send(m.GoTo(cursor))

    def run_to(self, id: str, phase: str = "forward") -> None:
        """Runs until just after that node's entry in that phase."""
        self.player.stop()
        self.engine.send(m.RunTo(id, phase))

    def phase(self, name: str) -> None:
        """Drains "forward", "backward" or "update"."""
        self.player.stop()
        self.engine.send(m.Phase(name))

    def train_step(self) -> None:
        """One whole training step."""
        self.player.stop()
        self.engine.send(m.Train(1))

    def train(self) -> None:
        """Trains on, at the speed that the player is set to."""
        self.player.play()

    def pause(self) -> None:
        self.player.stop()
        self.engine.pause()

    def stop(self) -> None:
        """Stops training and goes back to the start of the present step; weights stay."""
        self.pause()
        self.engine.send(m.GoTo(0))

    def reset(self) -> None:
        """Fresh weights from the document's seed, step 0, an empty loss curve."""
        self.pause()
        self.engine.reset()
        self.losses.clear()

    def set_element(self, node: str, socket: str, index: tuple[int, ...], value: float) -> None:
        """Changes one number of a learnable parameter or fed input."""
        self.engine.send(m.SetElement(node, socket, tuple(index), float(value)))

    def check_gradients(self) -> None:
        """Compares the gradients with finite differences; answered by `checked`."""
        self.engine.send(m.GradientCheck())

    def set_breakpoints(self, entries: Iterable[tuple[str, str]]) -> None:
        """Replaces the breakpoints, (node id, "forward" or "backward") each."""
        chosen = frozenset(entries)
        if chosen != self.breakpoints:
            self.breakpoints = chosen
            self.engine.set_breakpoints(chosen)
            self.breakpoints_changed.emit(chosen)

    def toggle_breakpoint(self, node: str, phase: str = "forward") -> None:
        self.set_breakpoints(self.breakpoints ^ {(node, phase)})

    def weights(self, patience: float = 3.0) -> dict[str, Any]:
        """All weights by "node name.socket"; those of the last checkpoint when the engine does not answer in time."""
        return self.engine.fetch_weights(patience)

    def close(self) -> None:
        """Ends the engine process. Nothing may be asked of the session afterwards."""
        self.player.stop()
        self.engine.close()

    def _take_scalars(self, scalars: m.Scalars) -> None:
        self.losses.take(scalars)
        self.scalars_arrived.emit(scalars)

    def in_a_moment(self, work: Callable[[], object]) -> None:
        """Runs `work` when the event loop is next idle, unless the session is gone by then."""
        QTimer.singleShot(0, self, work)
