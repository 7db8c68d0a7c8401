"""The runs that a window knows, and what one does with them. Every file is read and written by the clerk's thread."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from ..engine.messages import ReportRecord
from ..errors import GraphlabError
from ..graph import Document, Graph
from ..io import weight_files
from ..lab.runs import MOST_BYTES, Curve, KeptRun, Labels, RunFolder, tensorboard
from ..lab.runs.differences import Row, changes_apart, graphs_apart, settings_apart
from ..lab.runs.kept import Which
from ..lab.transfer import match
from . import numbers, recording, settings
from .clerk import Clerk
from .notice import Notice, of_error
from .overlays import overlay

if TYPE_CHECKING:
    from .session import Session

OFTEN = 500  # milliseconds between two looks into the folder while something is being kept
LIMIT = "runs.most"  # setting: bytes from which on old runs are offered for deletion
LIMITS = (100_000_000, MOST_BYTES, 2_000_000_000, 10_000_000_000)  # bytes, to choose from
UNDOS = 100

Undo = tuple[str, Callable[[], None]]


def most_bytes() -> int:
    """How much runs may take until the oldest are offered for deletion."""
    try:
        return max(int(settings.text(LIMIT, str(MOST_BYTES))), 0)
    except ValueError:
        return MOST_BYTES


class Runs(QObject):
    """The runs of the document at hand. Nobody looks into the folder unless somebody has joined.

    changed: others are there, or they are called otherwise. open_wanted: (Graph, weights) are to be opened.
    compared: what differs between the runs that were asked for last.
    """

    changed = Signal()
    open_wanted = Signal(object, object)
    compared = Signal(object, object)  # ids, rows

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.all: list[KeptRun] = []
        self.broken: tuple[str, ...] = ()
        self.is_known = False  # whether anybody has looked yet
        self._folder = RunFolder(session.recording.folder)
        self._watchers: set[int] = set()
        self._undos: list[Undo] = []
        self._slow = Clerk(self)  # for what must not keep a run from being written
        self._is_looking = False
        self._asked = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        session.recording.changed.connect(self.look_soon)
        session.opened.connect(self._opened)
        session.saved.connect(self._moved)

    @property
    def folder(self) -> Path:
        return self._folder.path

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(run.size for run in self.all)

    def run(self, id: str) -> KeptRun | None:
        return next((run for run in self.all if run.id == id), None)

    def some(self, ids: Iterable[str]) -> list[KeptRun]:
        """Those of these that are there, in the order of the ids."""
        known = {run.id: run for run in self.all}
        return [known[id] for id in ids if id in known]

    # Looking

    def join(self, who: object) -> None:
        """From now on somebody wants to know of every change."""
        self._watchers.add(id(who))
        if not self.is_known:
            self._slow.do(self._folder.empty_trash)
        self.look()

    def leave(self, who: object) -> None:
        self._watchers.discard(id(who))

    def look_soon(self) -> None:
        if self._watchers and not self._timer.isActive():
            self._timer.start(OFTEN if self.is_known else 0)

    def look(self) -> None:
        """Has the folder looked into; `changed` tells when it is done."""
        self._timer.stop()
        if self._is_looking:
            self.look_soon()
            return
        self._is_looking = True
        folder, live = self._folder, self._session.recording.live
        self._do(lambda: (folder, folder.runs(live), folder.broken), self._take)

    def _take(self, found: tuple[RunFolder, list[KeptRun], tuple[str, ...]]) -> None:
        folder, runs, broken = found
        self._is_looking = False
        if folder is not self._folder:
            self.look_soon()
            return
        self.all, self.broken, self.is_known = runs, broken, True
        self._rename_curves()
        self.changed.emit()

    def _rename_curves(self) -> None:
        """Curves are called what their runs are."""
        names = {run.id: run.name for run in self.all}
        for each in self._session.overlays.all:
            if each.key in names and each.name != names[each.key]:
                self._session.overlays.add(dataclasses.replace(each, name=names[each.key]))

    def _opened(self) -> None:
        """Another document: the curves of runs of the one before are no longer drawn."""
        for run in self.all:
            self._session.overlays.remove(run.id)
        self._moved()

    def _moved(self) -> None:
        """The document may lie elsewhere."""
        path = self._session.recording.folder
        if path != self._folder.path:
            self._folder = RunFolder(path)
            self.all, self.is_known = [], False
            self._undos.clear()
            self.changed.emit()
            self.look_soon()

    # What is remembered for every window

    def set_keep(self, on: bool) -> None:
        """Whether trainings are kept from now on."""
        settings.settings().setValue(recording.KEEP, "yes" if on else "no")
        self.changed.emit()

    def set_most(self, most: int) -> None:
        """From how many bytes on old runs are offered for deletion."""
        settings.settings().setValue(LIMIT, str(most))
        self.changed.emit()

    def set_beside(self, on: bool) -> None:
        """Whether runs of a document lie beside its file, or with the settings."""
        settings.settings().setValue(recording.PLACE, "beside" if on else "user")
        self._moved()

    def _do(self, job: Callable[[], Any], done: Callable[[Any], object]) -> None:
        self._session.recording.clerk.do(job, done, self._failed)

    def _failed(self, error: GraphlabError) -> None:
        self._is_looking = False
        self._session.tell(of_error(error))
        self.look()

    # Labels

    def rename(self, id: str, name: str) -> None:
        self._label("Rename", {id: {"name": name}})

    def note(self, id: str, text: str) -> None:
        self._label("Note", {id: {"note": text}})

    def tag(self, ids: Iterable[str], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Adds tags to these runs and takes others away."""
        come, gone = list(add), set(remove)
        changes = {}
        for run in self.some(ids):
            tags = [tag for tag in run.labels.tags if tag not in gone]
            changes[run.id] = {"tags": tuple(dict.fromkeys([*tags, *come]))}
        self._label("Tags", changes)

    def _label(self, title: str, changes: Mapping[str, Mapping[str, Any]]) -> None:
        folder, before = self._folder, dict[str, Labels]()

        def job() -> None:
            for id, each in changes.items():
                before[id] = folder.label(id, **each)

        def take_back() -> None:
            for id, labels in before.items():
                folder.set_labels(id, labels)

        self._can_undo(title, lambda: self._do(take_back, self._look_again))
        self._do(job, self._look_again)

    def _look_again(self, _: object) -> None:
        self.look()

    # Deleting, and taking back

    def delete(self, ids: Sequence[str]) -> None:
        """Into the trash; Undo brings them back. One that is being trained stays."""
        folder, wanted, gone = self._folder, self.some(ids), list[str]()

        def undo() -> None:
            self._undos = [each for each in self._undos if each[1] is not undo]
            self._do(lambda: folder.restore(gone), self._look_again)

        self._can_undo("Delete", undo)
        self._do(
            lambda: gone.extend(folder.delete([run.id for run in wanted])),
            lambda _: self._deleted(wanted, gone, undo),
        )

    def _deleted(self, wanted: list[KeptRun], gone: list[str], undo: Callable[[], None]) -> None:
        for id in gone:
            self._session.overlays.remove(id)
        names = [run.name for run in wanted if run.id in gone]
        if names:
            told = names[0] if len(names) == 1 else f"{len(names):,} runs"
            self._session.tell(Notice("info", f"Deleted {told}.", choice=("Undo", undo)))
        for run in wanted:
            if run.id not in gone:
                self._session.notify("warning", f"{run.name} is being trained, and stays.", "Reset first.")
        self.look()

    def too_many(self) -> list[KeptRun]:
        """The oldest runs without a tag that would have to go for the rest to keep within the limit."""
        over, found = self.size - most_bytes(), []
        for run in reversed(self.all):
            if over > 0 and not run.labels.tags and not run.is_running:
                found.append(run)
                over -= run.size
        return found

    def _can_undo(self, title: str, work: Callable[[], None]) -> None:
        self._undos.append((title, work))
        del self._undos[:-UNDOS]

    @property
    def undo_title(self) -> str:
        """What `undo` would take back; "" for nothing."""
        return self._undos[-1][0] if self._undos else ""

    def undo(self) -> None:
        """Takes back what was done last with a run, such as deleting or renaming."""
        if self._undos:
            self._undos.pop()[1]()

    # Curves

    def is_drawn(self, id: str) -> bool:
        return any(each.key == id for each in self._session.overlays.all)

    def draw(self, ids: Iterable[str], on: bool = True) -> None:
        """Draws the curves of these runs over those of the training at hand, or no longer."""
        for run in self.some(ids):
            if not on:
                self._session.overlays.remove(run.id)
            elif not self.is_drawn(run.id):
                self._do(partial(_with_curve, run), self._drawn)

    def _drawn(self, found: tuple[KeptRun, Curve]) -> None:
        run, curve = found
        reports = [ReportRecord(**dataclasses.asdict(epoch)) for epoch in curve.epochs]
        self._session.overlays.add(overlay(run.name, curve.losses, reports, curve.first, key=run.id))

    # Differences

    def compare(self, ids: Sequence[str]) -> None:
        """Has it worked out in what these runs differ; answered by `compared`, the latest question alone."""
        self._asked += 1
        asked, runs = self._asked, self.some(ids)

        def job() -> list[Row]:
            lines = [graphs_apart(runs[0], run) for run in runs[1:]]
            graphs = [Row("graph", (None, *("\n".join(each) or "the same" for each in lines)))]
            return [*settings_apart(runs), *(graphs if any(lines) else ()), *changes_apart(runs)]

        def done(rows: list[Row]) -> None:
            if asked == self._asked:
                self.compared.emit([run.id for run in runs], rows)

        if len(runs) > 1:
            self._do(job, done)

    def compare_with_present(self, id: str) -> None:
        """Compares the graph of a run with the one at hand, on the canvas."""

        def done(found: tuple[KeptRun, Document]) -> None:
            self._session.comparing.start(found[1], found[0].name)

        for run in self.some([id]):
            self._do(partial(_with_document, run), done)

    # The graph and the weights

    def open(self, id: str, which: Which = "final") -> None:
        """Has the graph of a run opened with its weights, the last or those of the best epoch."""

        def done(found: tuple[KeptRun, Document, dict[str, Any]]) -> None:
            run, document, weights = found
            self.open_wanted.emit(Graph(document.with_(name=f"{document.name} {run.name}")), weights)

        for run in self.some([id]):
            self._do(partial(_with_weights, run, which), done)

    def put(self, id: str, which: Which = "final") -> None:
        """Puts the weights of a run into the graph at hand, those that fit by name and shape; Undo takes that back."""

        def done(found: tuple[KeptRun, dict[str, Any]]) -> None:
            self._session.attempt(self._put, *found)

        for run in self.some([id]):
            self._do(partial(_only_weights, run, which), done)

    def _put(self, run: KeptRun, weights: dict[str, Any]) -> None:
        session, own = self._session, self._session.new_weights.shapes()
        found = match(weights, own, broken=weight_files.bad_numbers(weights))
        left = [row for row in found.rows if not row.is_chosen]
        why = f"{left[0].target}: {left[0].words}." if left else ""
        if not found.chosen:
            raise GraphlabError(f"No weights of {run.name} fit this graph.", hint=why)
        session.new_weights.put(found.taken(weights), f"Weights of {run.name}")
        session.marks.add(session.status.step, f"weights of {run.name}")
        took = f"Took {len(found.chosen):,} of {numbers.count(len(own), 'array')} from {run.name}."
        session.notify("warning" if left else "info", took, why or "Undo brings the former weights back.")

    def export(self, ids: Sequence[str], folder: Path) -> None:
        """Writes runs into a folder for TensorBoard; a long one takes a while, and nothing waits for it."""
        runs, session = self.some(ids), self._session

        def done(made: list[Path]) -> None:
            told = made[0].name if len(made) == 1 else f"{len(made):,} runs"
            session.notify("info", f"Wrote {told} for TensorBoard.", f"Look: tensorboard --logdir {folder}")

        self._slow.do(
            lambda: tensorboard.export(runs, folder), done, lambda error: session.tell(of_error(error))
        )

    def close(self) -> None:
        """The session ends."""
        self._timer.stop()
        self._watchers.clear()
        self._slow.close()

    def show_folder(self, id: str = "") -> None:
        """Opens the folder of a run, or of all, in the system's file manager."""
        path = self.folder / id if id else self.folder
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._session.notify("warning", f"No file manager opens {path}.")

    def told(self) -> str:
        """How many there are, and what they take."""
        text = f"{numbers.count(len(self.all), 'run')} · {numbers.size_of(self.size)}"
        if self.broken:
            text += f" · {numbers.count(len(self.broken), 'run')} cannot be read"
        return text


def _with_curve(run: KeptRun) -> tuple[KeptRun, Curve]:
    return run, run.curve()


def _with_document(run: KeptRun) -> tuple[KeptRun, Document]:
    return run, run.document()


def _with_weights(run: KeptRun, which: Which) -> tuple[KeptRun, Document, dict[str, Any]]:
    return run, run.document(), _weights(run, which)


def _only_weights(run: KeptRun, which: Which) -> tuple[KeptRun, dict[str, Any]]:
    return run, run.weights(which)


def _weights(run: KeptRun, which: Which) -> dict[str, Any]:
    """The weights wanted, the last ones where there are no best; none where it ended before there were any."""
    for each in (which, "final"):
        if run.has_weights(each):
            return run.weights(each)
    return {}
