"""Session: one open document, its engine and its selection. No widget knows another widget; they meet here."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..engine.inference import Inference, infer
from ..engine.seen import Seen
from ..errors import GraphlabError
from ..graph import Document, Graph, Inside, diff
from ..graph.groups import put
from .asking import Asking
from .brought import Brought
from .comparing import Comparing
from .editing import Editing
from .endings import Endings
from .engine_client import EngineClient
from .explaining import Explainer
from .gradient_checks import GradientChecks
from .health import Health
from .intake import Intake
from .ledger import Ledger
from .looking import Looking
from .losses import Losses
from .marks_of_training import MarksOfTraining
from .moments import RememberedMoments
from .new_weights import NewWeights
from .notice import Level, Notice, of_error
from .overlays import Overlays
from .player import Player
from .progress import Progress
from .recording import Recording
from .remedies import Remedies
from .runs import Runs
from .scales import Scales
from .sealing import Sealing
from .sheets import Sheets
from .striding import Strides
from .supposing import Supposing
from .sweeping import Sweeping
from .tensors import Wish
from .transferring import Transferring
from .travelling import Travelling
from .watches import Watches
from .worker import Worker

log = logging.getLogger("graphlab.ui")

MOST_NOTICES = 1000


class Session(Sheets):
    """What every widget of a window shares.

    Widgets read `graph`, `document`, `inference`, `selection`, `status`, `schedule`, `losses` and `tensor(...)`, listen
    to the signals, and call the methods. `engine=False` starts no engine process (for tests of what needs none).

    `graph`, `document` and `inference` are those of the sheet that is shown: the whole, or the inside of a group that
    was entered (`inside` holds the ids of the group nodes on the way). `root`, `whole` and `seen.whole` are those of
    the whole. Ids of nodes are the sheet's. The engine's keys ("n9/n2") appear in `status`, `schedule` and
    `all_breakpoints`, and where a method says so; `seen` translates.
    """

    whole_changed = Signal(object, object)  # old Document, new Document: the whole was edited
    opened = Signal()  # a different document has been put in; comes after its document_changed
    values_changed = Signal(object)  # set of ids of the nodes whose tensors are new
    status_changed = Signal(object)  # messages.Status
    scalars_arrived = Signal(object)  # messages.Scalars
    compiled = Signal(object)  # messages.Loaded: the schedule is another
    checked = Signal(object)  # messages.Checked
    tallied = Signal(object)  # messages.Totals: what the graph takes, a moment after it was edited
    profiled = Signal(object)  # messages.Profiled
    examined = Signal(object)  # messages.Examined
    hovered = Signal(str)  # node id under the pointer somewhere, "" for none
    file_wanted = Signal(object)  # Path: somebody wants that file opened as a document
    add_requested = Signal(str)  # op name: somebody wants it in the middle of what the canvas shows
    help_requested = Signal(str)  # op name: somebody wants to read what it is
    show_requested = Signal()  # somebody wants the selection brought into view
    view_requested = Signal(object)  # Bookmark: somebody wants to look there
    edit_requested = Signal(str)  # id of a note or frame on the sheet whose text is to be written
    command_wanted = Signal(str)  # id of an action: somebody wants it done
    menu_requested = Signal(object)  # QPoint on the screen: somebody wants the menu of the selection there
    notice = Signal(object)  # Notice
    saved = Signal()  # path or saved state changed

    def __init__(
        self, graph: Graph | None = None, parent: QObject | None = None, *, engine: bool = True
    ) -> None:
        super().__init__(parent)
        self.root = self.graph = graph or Graph()
        self.inside: tuple[str, ...] = ()
        self.path: Path | None = None
        self.selection: frozenset[str] = frozenset()
        self.all_breakpoints: frozenset[tuple[str, str]] = frozenset()
        self.all_conditions: dict[tuple[str, str], str] = {}
        self._shown = self.graph.document
        self.seen = Seen(infer(self._shown), self._shown)
        self.losses = Losses()
        self.notices: list[Notice] = []
        self.engine = EngineClient(self, self.root.document, start=engine)
        self.player = Player(self)
        self.remedies = Remedies(self)
        self.explainer = Explainer(self)
        self.strides, self.progress = Strides(self), Progress(self)
        self.asking, self.ledger = Asking(self), Ledger(self)
        self.looking, self.scales = Looking(self), Scales(self)
        self.worker, self.brought, self.intake = Worker(self), Brought(self), Intake(self)
        self.comparing = Comparing(self)
        self.health = Health(self)
        self.watches = Watches(self)
        self.editing, self.supposing = Editing(self), Supposing(self)
        self.checks, self.moments = GradientChecks(self), RememberedMoments(self)
        self.marks, self.overlays = MarksOfTraining(self), Overlays(self)
        self.new_weights, self.transferring = NewWeights(self), Transferring(self)
        self.travel, self.endings, self.recording = Travelling(self), Endings(self), Recording(self)
        self.runs, self.sweeping = Runs(self), Sweeping(self)
        self.sealing = Sealing(self)
        self.root.changed.connect(self._graph_changed)
        self.engine.frame.connect(self._take_frame)
        self.engine.status_changed.connect(self.status_changed)
        self.engine.scalars.connect(self._take_scalars)
        self.engine.compiled.connect(self.compiled)
        self.engine.checked.connect(self.checked)
        self.engine.tallied.connect(self.tallied)
        self.engine.profiled.connect(self.profiled)
        self.engine.examined.connect(self.examined)
        self.engine.told.connect(self._pass_on)

    # What there is

    @property
    def status(self) -> m.Status:
        return self.engine.status

    @property
    def schedule(self) -> tuple[m.ScheduleEntry, ...]:
        """The entries of one step as the engine compiled them; empty before that."""
        return self.engine.loaded.schedule if self.engine.loaded else ()

    @property
    def vitals(self) -> tuple[m.Vital, ...]:
        """How the nodes were doing when the graph as it is was last examined."""
        return self.engine.vitals

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
        return not self.root.is_saved or (
            self.path is not None and (self.engine.has_learnt or self.editing.has_set_weights)
        )

    @property
    def watching(self) -> tuple[m.Watched, ...]:
        """Everything that is watched at present."""
        return self.engine.wishes.union()

    def tensor(self, kind: str, node: str, socket: str = "") -> m.Tensor | None:
        """The newest tensor of kind "value", "grad" or "term"; without `socket`, of the node's first output.

        Its `array` may be a leading block of the whole; `shape` and `stats` are those of the whole.
        """
        key, name = self.seen.end(node, socket or self._output(node))
        return self.engine.tensors.get(kind, key, name)

    def tensor_at(self, key: m.TensorKey) -> m.Tensor | None:
        """The newest tensor under the engine's own key."""
        return self.engine.tensors.get(key.kind, key.node, key.socket)

    def term(self, source: str, output: str, target: str, socket: str) -> m.Tensor | None:
        """What a wire on the sheet adds to its source's gradient.

        None when the engine has not sent it, or when the wire leads to several places inside a group.
        """
        keys = self.term_keys(source, output, target, socket)
        return self.tensor_at(keys[0]) if len(keys) == 1 else None

    def term_keys(self, source: str, output: str, target: str, socket: str) -> list[m.TensorKey]:
        """The engine's keys of what flows back along a wire on the sheet."""
        key, _ = self.seen.end(source, output)
        return [
            m.TensorKey("term", key, f"{consumer}.{name}")
            for consumer, name in self.seen.consumers(target, socket)
        ]

    def _output(self, node: str) -> str:
        """The name of a node's first output; "" when it has none."""
        found = self.document.nodes.get(node)
        results = found.make().results() if found and found.is_known else ()
        return results[0] if results else ""

    def terms(self, node: str) -> dict[str, m.Tensor]:
        """What each edge adds to the gradient of a node, by the engine's "target key.input"."""
        return self.engine.tensors.terms(self.seen.key(node))

    # Document

    def open(self, graph: Graph, path: Path | None = None, weights: dict[str, Any] | None = None) -> None:
        """Puts another document in place of the present one, with the weights that came with it."""
        before, shown = self.whole, self._shown
        self.player.stop()
        self.recording.leave()
        self.root.changed.disconnect(self._graph_changed)
        self._leave_sheet()
        self.root = self.graph = graph
        self.inside, self.path = (), path
        graph.changed.connect(self._graph_changed)
        self.selection = frozenset()
        self._forget_breakpoints()
        self.losses.clear()
        self._shown = graph.document
        self._look(infer(graph.document))
        self.engine.open(graph.document, self.brought.open(weights or {}))
        self.whole_changed.emit(before, graph.document)
        self._announce(shown)
        self.selection_changed.emit(self.selection)
        self.entered.emit(self.inside)
        self.opened.emit()
        self.saved.emit()

    def mark_saved(self, path: Path | None) -> None:
        """The present document and weights are in that file."""
        self.path = path
        self.root.mark_saved()
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

    def would_be(self, sheet: Document) -> Inference:
        """What the inference of the sheet would be if it were this. GraphError when it cannot be."""
        graph = self.graph
        whole = put(self.whole, graph.definition, sheet) if isinstance(graph, Inside) else sheet
        return Seen(infer(whole, previous=self.seen.whole), sheet, self.inside).inference

    def _graph_changed(self, old: Document, new: Document) -> None:
        change = diff(old, new)
        matters = (
            change.computes_differently or change.training or bool(change.renamed)
        )  # problems name nodes
        before = self.seen.whole
        whole = infer(new, previous=before) if matters else before
        if matters:
            self.engine.load(new, whole.nodes)
        shown, inside = self._shown, self.inside
        self._follow()
        self._look(whole)
        self._keep_breakpoints(before.nodes, whole.nodes)
        self.whole_changed.emit(old, new)
        if self.inside != inside:
            self._arrive(shown)
        elif matters:
            self._announce(shown)
        elif self._shown is not shown:
            self.document_changed.emit(shown, self._shown)
        self._keep_selection()

    def look_again(self) -> None:
        """Rows that a table lacked are here now: the document is what it was, and its faults are not."""
        self._look(infer(self.whole))
        self.engine.load(self.whole, self.seen.whole.nodes)
        self._announce(self._shown)

    # Talk

    def notify(self, level: Level, text: str, hint: str = "", node_id: str = "") -> None:
        self.tell(Notice(level, text, hint, node_id))

    def _pass_on(self, notice: Notice) -> None:
        """What the engine says names nodes by path."""
        self.tell(dataclasses.replace(notice, node_id=self._id(notice.node_id)))

    def tell(self, notice: Notice) -> None:
        """Shows a notice in the window and keeps it for the log."""
        log.info("%s: %s", notice.level, notice.sentence)
        self.notices.append(notice)
        del self.notices[:-MOST_NOTICES]
        self.notice.emit(notice)

    def _id(self, name: str) -> str:
        """The engine's key of a node that an error names, by its path or by its name on the sheet."""
        here = self._shown.ids_by_name.get(name)
        if here is not None:
            return self.seen.prefix + here
        return next((key for key, node in self.seen.whole.nodes.items() if name in (node.path, key)), "")

    def name_of(self, key: str) -> str:
        """What people call a node of the engine's: "hidden", "cell/hidden"."""
        flat = self.seen.whole.nodes.get(key)
        return flat.path if flat is not None else ""

    # Engine

    def watch(self, owner: object, keys: Iterable[Wish], limit: int = 256) -> None:
        """From now on `owner` wants these tensors, at most `limit` elements of each, and no others.

        The keys name nodes of the sheet; those of terms are the engine's own (see `term_keys`).
        """
        self.watch_keys(owner, [self._engine_wish(key) for key in keys], limit)

    def watch_keys(self, owner: object, keys: Iterable[Wish], limit: int = 256) -> None:
        """The same for the engine's own keys."""
        self.engine.watch(owner, keys, limit)

    def _engine_wish(self, wish: Wish) -> Wish:
        if isinstance(wish, m.Watched):
            return m.Watched(self._engine_key(wish.key), wish.limit)
        return self._engine_key(wish)

    def _engine_key(self, key: m.TensorKey) -> m.TensorKey:
        if key.kind == "term":
            return key
        node, socket = self.seen.end(key.node, key.socket)
        return m.TensorKey(key.kind, node, socket)

    def _take_frame(self, keys: set[str]) -> None:
        self.values_changed.emit(self.seen.shown_by(keys))

    def explain(self, kind: str, node: str, socket: str, index: Iterable[int]) -> None:
        """Has it told how one element of the value or "grad" of an output or parameter came about.

        For kind "term" the socket is the input that a wire ends in: told is what comes back along it.
        """
        end = self.seen.consumers(node, socket)[0] if kind == "term" else self.seen.end(node, socket)
        self.explainer.ask(kind, *end, tuple(index))

    def unwatch(self, owner: object) -> None:
        self.engine.watch(owner, (), 0)

    def weights(self, patience: float = 3.0) -> dict[str, Any]:
        """All weights by "node name.socket"; those of the last checkpoint when the engine does not answer in time."""
        return {**self.brought.pending(), **self.engine.fetch_weights(patience)}

    def close(self) -> None:
        """Ends the engine process. Nothing may be asked of the session afterwards."""
        self.player.stop()
        self.recording.close()
        self.runs.close()
        self.sweeping.close()
        self.worker.close()
        self.engine.close()

    def _take_scalars(self, scalars: m.Scalars) -> None:
        self.losses.take(scalars)
        self.scalars_arrived.emit(scalars)

    def in_a_moment(self, work: Callable[[], object]) -> None:
        """Runs `work` when the event loop is next idle, unless the session is gone by then."""
        QTimer.singleShot(0, self, work)
