"""An engine without a process, for panels that ask for experiments: it answers when a test says so."""

from __future__ import annotations

from collections import deque
from typing import Any

from graphlab.engine import messages as m
from graphlab.engine.experiments.in_slices import COMMANDS, Experiments
from graphlab.engine.workspace import Workspace
from graphlab.ui.session import Session


class Beside:
    """Does the experiments that a session (without an engine of its own) asks for. `asked`: the commands, in order."""

    def __init__(self, session: Session, monkeypatch: Any) -> None:
        self.session = session
        self.space = Workspace(session.whole)
        self.experiments = Experiments()
        self.asked: list[Any] = []
        self.events: deque[Any] = deque()
        self.shown = (0, "idle")
        monkeypatch.setattr(session.engine, "send", self._send)
        list(self.experiments.follow(self.space, 0))
        self.announce()

    def announce(self) -> None:
        """The schedule, as a host tells it."""
        plan = self.space.run.plan
        schedule = tuple(m.ScheduleEntry(entry.phase, entry.id) for entry in plan.schedule)
        batches = self.space.trainer.steps_per_epoch if self.space.trainer is not None else 0
        self.session.engine.loaded = m.Loaded(0, schedule, plan.parameter_size, True, batches)
        self.session.compiled.emit(self.session.loaded)

    def _send(self, command: Any) -> None:
        if isinstance(command, COMMANDS):
            self.asked.append(command)
            self.events += self.experiments.take(self.space, 0, command)
        elif isinstance(command, m.Train):
            self.train(command.steps or 20)

    def tell(self) -> None:
        """What it has said so far reaches the window."""
        while self.events:
            self.session.engine.answered.emit(self.events.popleft())

    def work(self) -> None:
        """Does everything that was asked for to its end."""
        self.tell()
        while self.experiments.is_busy:
            self.events += self.experiments.go_on(self.space, 0, 0.05, False)
            self.tell()

    def train(self, steps: int) -> None:
        """Trains the run itself, with a look at it after each step."""
        assert self.space.trainer is not None
        for _ in range(steps):
            self.space.trainer.advance(1, remember=True)
            self.events += self.experiments.follow(self.space, 0)
        run = self.space.run
        entry = m.ScheduleEntry("update", "")
        status = m.Status(0, "paused", run.steps_done, self.space.epoch, run.cursor, entry)
        self.session.engine.status = status
        self.tell()
        self.session.status_changed.emit(status)
