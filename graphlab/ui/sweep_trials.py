"""What a window does with a trial of a sweep: opens it with its weights, and makes its values the document's."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from ..errors import ExperimentError, GraphlabError
from ..graph import Document, Graph
from ..graph.edits import configure
from ..graph.searching import apply
from ..graph.sweep import ROWS
from ..io import weights as tensors
from ..lab.sweeps import state_bytes
from ..lab.sweeps.kept import KeptSweep
from ..lab.sweeps.records import Done, Fit, Task
from ..lab.sweeps.reproducing import train_command
from ..lab.sweeps.trials import Trial
from ..lab.sweeps.versions import own_version
from ..lab.sweeps.writer import threads_of
from .notice import of_error

if TYPE_CHECKING:
    from .sweeping import Sweeping


class TrialUse(QObject):
    """`open_wanted`: (Graph, weights) are to be opened. `changed`: a trial is trained again, or no longer."""

    open_wanted = Signal(object, object)
    changed = Signal()
    _trained = Signal(object)  # (KeptSweep, Trial, Task, Done), from another thread

    def __init__(self, sweeping: Sweeping) -> None:
        super().__init__(sweeping)
        self._sweeping, self._session = sweeping, sweeping.session
        self._workers: Any = None
        self.training = -1  # the trial that is trained again at present, −1 for none
        self._trained.connect(self._take, Qt.ConnectionType.QueuedConnection)

    # Its values

    def apply(self, number: int) -> None:
        """Makes the values of a trial those of the document, in one entry of undo."""
        trial = self._sweeping.trial(number)
        if trial is not None and self._session.attempt(self._apply, trial):
            taken = {
                name: value for name, value in trial.values.items() if name != ROWS
            }  # of rows it has all
            values = ", ".join(f"{name} {_said(value)}" for name, value in taken.items())
            self._session.notify(
                "info",
                f"The document has the settings of trial {number} now: {values}.",
                "Undo takes them back.",
            )

    def _apply(self, trial: Trial) -> None:
        session = self._session
        session.root.replace(_settled(session.whole, trial), f"Settings of trial {trial.number}")

    def command(self, number: int) -> str:
        """The line for the terminal that trains it again, to the bit. GraphlabError."""
        kept, trial = self._sweeping.kept, self._sweeping.trial(number)
        if kept is None or trial is None:
            raise ExperimentError(f"There is no trial {number}.", hint="Choose one of the table.")
        return train_command(kept, trial)

    # Opening

    def open(self, number: int) -> None:
        """Opens a trial as a document of its own, with its weights; where none were kept, it is trained again."""
        kept, trial = self._sweeping.kept, self._sweeping.trial(number)
        if kept is not None and trial is not None:
            self._sweeping.do(partial(_with_weights, kept, trial), self._open_or_train, self._failed)

    def _open_or_train(self, found: tuple[KeptSweep, Trial, Document, dict[str, Any] | None]) -> None:
        kept, trial, document, weights = found
        fit = fit_to_open(trial)
        if weights is not None:
            self._open(trial, document, weights)
        elif fit is None:
            why = "it failed" if trial.state == "failed" else "it has not been trained yet"
            self._open(trial, document, {})
            self._session.notify("info", f"Trial {trial.number} has no weights: {why}.")
        elif self.training >= 0:
            self._session.notify("info", f"Trial {self.training} is being trained again.", "One at a time.")
        else:
            self._train(kept, trial, fit)

    def _open(self, trial: Trial, document: Document, weights: dict[str, Any]) -> None:
        self.open_wanted.emit(Graph(document.with_(name=f"{document.name} trial {trial.number}")), weights)

    def _train(self, kept: KeptSweep, trial: Trial, fit: Fit) -> None:
        """In a process of its own, exactly as it was trained."""
        from ..lab.sweeps.workers import local_workers  # slow to load, and seldom needed

        self.training = trial.number
        self._session.notify(
            "info", f"The weights of trial {trial.number} were not kept: it is trained again, exactly."
        )
        try:
            self._workers = local_workers(1, threads=threads_of(kept.head))
            document = self._workers.share(kept.document_bytes())
            task = task_again(kept, trial, fit, document)
            self._workers.submit(task).add_done_callback(partial(self._report, kept, trial, task))
        except GraphlabError as error:
            self._rest()
            self._failed(error)
        self.changed.emit()

    def _report(self, kept: KeptSweep, trial: Trial, task: Task, future: Future[Done]) -> None:
        """In a thread of the workers."""
        if not future.cancelled():
            try:
                self._trained.emit((kept, trial, task, future.result()))
            except RuntimeError:  # the window is gone
                return

    def _take(self, found: tuple[KeptSweep, Trial, Task, Done]) -> None:
        kept, trial, task, done = found
        self._rest()
        self.changed.emit()
        if not (done.weights or done.state):
            why = done.fit.error or "another graphlab answered"
            self._failed(ExperimentError(f"Trial {trial.number} cannot be trained again: {why}"))
            return
        if done.fit.score != next((fit.score for fit in trial.fits if fit.key == done.fit.key), None):
            self._session.notify(
                "warning",
                f"Trial {trial.number} came to another score than before.",
                "Is it the same machine, and the same graphlab?",
            )
        job = partial(_learnt, kept, trial, task, done)
        self._sweeping.do(job, lambda pair: self._open(trial, *pair), self._failed)

    def _rest(self) -> None:
        self.training = -1
        if self._workers is not None:
            self._workers.close()
        self._workers = None

    def _failed(self, error: GraphlabError) -> None:
        self._session.tell(of_error(error))

    def close(self) -> None:
        """The session ends."""
        self._rest()


def fit_to_open(trial: Trial) -> Fit | None:
    """The fit whose weights stand for the trial: its first that came to an end, or was pruned; None for none."""
    return next((fit for fit in trial.fits if fit.state in ("done", "pruned") and fit.epochs), None)


def task_again(kept: KeptSweep, trial: Trial, fit: Fit, document: str) -> Task:
    """What makes the weights of a fit once more. document: what the workers know it by."""
    folds = int(kept.head.sweep.get("folds", 0))
    until = fit.epochs[-1].epoch if fit.state == "pruned" else 0
    return Task(
        fit.key,
        document,
        dict(trial.values),
        fit.seed,
        folds=folds,
        until=until,
        metric=kept.head.metric,
        weights=True,
        rows=False,
        version=own_version(),
    )


def _applied(kept: KeptSweep, trial: Trial) -> Document:
    """In the thread of the files."""
    return _settled(kept.document, trial)


def _settled(document: Document, trial: Trial) -> Document:
    """With the values of a trial, its seed among them."""
    found = apply(document, trial.values)
    return configure(found, seed=int(trial.values["seed"])) if "seed" in trial.values else found


def _learnt(kept: KeptSweep, trial: Trial, task: Task, done: Done) -> tuple[Document, dict[str, Any]]:
    """In the thread of the files: the weights that came back; of a trial that was pruned, as they stood then."""
    document = _applied(kept, trial)
    if done.weights:
        return document, dict(tensors.from_bytes(done.weights))
    from ..lab.sweeps.fit import trainer_of  # slow to load, and seldom needed

    run = trainer_of(task, kept.document).run
    run.load_state(state_bytes.from_bytes(done.state)["run"])
    return document, dict(run.weights)


def _with_weights(kept: KeptSweep, trial: Trial) -> tuple[KeptSweep, Trial, Document, dict[str, Any] | None]:
    """In the thread of the files."""
    fit = fit_to_open(trial)
    return kept, trial, _applied(kept, trial), kept.weights(fit.key) if fit is not None else None


def _said(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
