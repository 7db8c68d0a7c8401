"""The experiments of an engine process: at most one of each kind, begun by commands and done in slices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ...errors import ExperimentError, GraphlabError, MemoryBudgetError
from .. import messages as m
from ..training import Trainer
from ..wants import jobs as wants
from .jobs import Finding, Job, Mapping, Racing, Ways
from .travelled import PAUSE, Travelled

if TYPE_CHECKING:
    from ..workspace import Workspace

COMMANDS = (m.MapLoss, m.FindRate, m.StartRace, m.StopExperiment, *wants.JOBS)
EDITED = "The graph was edited."


class Experiments:
    """What a host does with `COMMANDS`. Nothing in here raises: what goes wrong is told in an event.

    The run is only read: weights are copied when an experiment begins, and the way it travels as it goes.
    """

    def __init__(self) -> None:
        self.travelled = Travelled(pause=PAUSE)
        self._jobs: dict[type[Job], Job] = {}
        self._plane: Mapping | None = None  # stays when it is measured
        self._racers: dict[str, Travelled] = {}

    @property
    def is_busy(self) -> bool:
        return bool(self._jobs)

    def take(self, space: Workspace, run: int, command: m.Command) -> Iterator[m.Event]:
        """Begins what is asked for; another of its kind that was under way ends."""
        if isinstance(command, m.StopExperiment):
            self._stop(command.request)
        elif isinstance(command, m.MapLoss):
            before, self._plane = self._plane, None
            yield from self._begin(space, run, command, lambda: self._mapping(space, command, before))
        elif isinstance(command, m.FindRate):
            yield from self._begin(space, run, command, lambda: Finding(_trainer(space), command))
        elif isinstance(command, m.StartRace):
            self._racers = {}
            yield from self._begin(space, run, command, lambda: self._racing(space, command))
        elif (wanted := wants.JOBS.get(type(command))) is not None:
            yield from self._begin(space, run, command, lambda: wanted(space, command))

    def go_on(self, space: Workspace, run: int, seconds: float, shared: bool) -> Iterator[m.Event]:
        """A slice of each; `shared`: the run trains meanwhile."""
        for kind, job in list(self._jobs.items()):
            try:
                has_news = job.go_on(seconds / len(self._jobs), shared)
            except (GraphlabError, MemoryError) as error:
                self._jobs.pop(kind)
                yield _failed(run, job, error)
                continue
            if job.is_done:
                self._jobs.pop(kind)
            if has_news:
                yield job.told(run)
                if isinstance(job, Racing):
                    yield from self._ways_of_racers(run)

    def follow(self, space: Workspace, run: int, hurry: bool = True) -> Iterator[m.Event]:
        """Notes where the run is, and tells it where a plane is looked at."""
        self.travelled.note(space.asking.trained)
        if self._plane is not None and space.trainer is not None:
            yield from self._plane.frame(run, space.trainer, self.travelled, hurry)

    def drop(self, run: int) -> Iterator[m.Event]:
        """The graph is another: what was begun cannot go on."""
        jobs, self._jobs, self._plane, self._racers = self._jobs, {}, None, {}
        for job in jobs.values():
            yield _failed(run, job, ExperimentError(EDITED, hint="Begin again."))

    def _begin(
        self, space: Workspace, run: int, command: m.Command, make: Callable[[], Job]
    ) -> Iterator[m.Event]:
        self._jobs.pop(_KINDS[type(command)], None)
        try:
            job = make()
        except (GraphlabError, MemoryError) as error:
            yield _refused(run, command, error)
            return
        self._jobs[type(job)] = job
        yield job.told(run)
        if isinstance(job, Mapping):
            yield from self.follow(space, run)
            yield from self._ways_of_racers(run)

    def _mapping(self, space: Workspace, command: m.MapLoss, before: Mapping | None) -> Mapping:
        trainer = _trainer(space)
        self.travelled.note(trainer.run)
        self._plane = Mapping(trainer, Ways(self.travelled, self._racers), command, before)
        return self._plane

    def _racing(self, space: Workspace, command: m.StartRace) -> Racing:
        job = Racing(_trainer(space), command)
        self._racers = job.ways
        return job

    def _ways_of_racers(self, run: int) -> Iterator[m.Event]:
        for name, way in self._racers.items():
            if self._plane is not None and (found := self._plane.walked(run, name, way, None)) is not None:
                yield found

    def _stop(self, request: int) -> None:
        self._jobs = {kind: job for kind, job in self._jobs.items() if job.request != request}
        if self._plane is not None and self._plane.request == request:
            self._plane = None


_KINDS: dict[type, type[Job]] = {
    m.MapLoss: Mapping,
    m.FindRate: Finding,
    m.StartRace: Racing,
    **wants.JOBS,
}
_ANSWERS: dict[type, Callable[..., m.Event]] = {
    Mapping: m.LossMapped,
    Finding: m.RatesTried,
    Racing: m.Raced,
    **wants.ANSWERS,
}


def _trainer(space: Workspace) -> Trainer:
    """The trainer of a graph that can be trained; else the obstacle is raised."""
    if space.obstacle is not None or space.trainer is None:
        raise space.obstacle or ExperimentError("There is nothing to train.")
    return space.trainer


def _failed(run: int, job: Job, error: Exception) -> m.Event:
    return _told(run, type(job), job.request, error)


def _refused(run: int, command: m.Command, error: Exception) -> m.Event:
    return _told(run, _KINDS[type(command)], command.request, error)  # type: ignore[union-attr]


def _told(run: int, kind: type[Job], request: int, error: Exception) -> m.Event:
    if not isinstance(error, GraphlabError):
        error = MemoryBudgetError("There is no memory for a copy of the network.")
    return _ANSWERS[kind](run, request, is_done=True, message=error.message, hint=error.hint)
