"""What the engine process tells: what is watched, where the run is, its losses; each when it is due."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from . import messages as m
from .experiments.in_slices import Experiments
from .pacing import Pace, Purse, Speed, Stopwatch
from .plan import Plan
from .preview import preview, same, shown_of
from .sampling import Sampler
from .workspace import Workspace

BESIDE = 0.03  # of the time of training goes into all that is watched, together
SIGN, SIGN_SHARE = 0.1, 0.01  # seconds between two signs of life where frames are dear, and their share
FRAME = 1 / 30  # seconds between frames while training
FRAME_SHARE = 0.03  # of the time at most goes into making frames
REPORT = 0.2  # seconds between reports at least
REPORT_SHARE = 0.05
CHECKPOINT = 2.0  # seconds between checkpoints at least
CHECKPOINT_SHARE = 0.02


class Teller:
    """The half of a `Host` that reads the run and sends events."""

    def __init__(self) -> None:
        self.space = Workspace()
        self.run_id = 0
        self.state = "idle"
        self.watched: tuple[m.Watched, ...] = ()
        self._announced: Plan | None = None
        self._reported: m.ReportRecord | None = None  # the last report, until somebody has judged it
        self._shown = -1  # the run of which all that was watched has been sent
        self._sent: dict[m.TensorKey, m.Tensor] = {}  # the last of each array
        self._purse = Purse(BESIDE)
        self._sampler = Sampler(self._purse)
        self.experiments = Experiments()
        self._hit = ""  # the breakpoint that it stands at
        self._frames, self._reports = Pace(FRAME, FRAME_SHARE), Pace(REPORT, REPORT_SHARE, 0.05)
        self._checkpoints = Pace(CHECKPOINT, CHECKPOINT_SHARE)
        self._signs = Pace(SIGN, SIGN_SHARE)
        self._speed = Speed()

    def _send(self, event: m.Event) -> None:
        raise NotImplementedError

    def _send_all(self, events: Iterable[m.Event]) -> None:
        for event in events:
            self._send(event)

    def _show(self) -> None:
        """The losses so far, where the run is, and everything that is watched."""
        watch = Stopwatch()
        self._tell_anew()
        frame = self._frame(self.watched)  # first, so that all arrives together and is painted at once
        self._send_losses()
        self._send_status()
        self._send(frame)
        self._shown = self.run_id
        self._send_probed()
        self._send_all(self.experiments.follow(self.space, self.run_id, hurry=self.state != "training"))
        self._frames.done(watch)
        self._pay(watch)

    def _pay(self, watch: Stopwatch) -> None:
        """What was done beside training; while nothing trains, nothing waits for it."""
        if self.state == "training":
            self._purse.spend(watch.seconds)

    def _give_sign(self) -> None:
        """Losses and where it is, without what is watched."""
        watch = Stopwatch()
        self._send_losses()
        self._send_status()
        self._signs.done(watch)

    def _frame(self, items: Iterable[m.Watched]) -> m.Frame:
        """What of these arrays looks different from what was sent of them; of another run, all."""
        if self._shown != self.run_id:
            self._sent = {}
        arrays = ((item, self.space.array(shown_of(item.key))) for item in items)
        found = [(item, array) for item, array in arrays if array is not None]
        tensors = [preview(item.key, *array, item.limit) for item, array in found]
        tensors = [tensor for tensor in tensors if not same(self._sent.get(tensor.key), tensor)]
        self._sent.update({tensor.key: tensor for tensor in tensors})
        return m.Frame(self.run_id, self.space.run.steps_done, tuple(tensors))

    def _announce(self) -> None:
        space = self.space
        plan = self._announced = space.run.plan
        trainer = space.trainer
        entries = tuple(m.ScheduleEntry(entry.phase, entry.id) for entry in plan.schedule)
        batches, rows = (
            (0, 0) if trainer is None else (trainer.steps_per_epoch, trainer.batches.count("train"))
        )
        is_able, asked = space.obstacle is None, space.asking.told()
        self._send(m.Loaded(self.run_id, entries, plan.parameter_size, is_able, batches, asked, rows))

    def _tell_anew(self) -> None:
        """What an edit had computed again."""
        anew, self.space.anew = self.space.anew, None
        if anew is not None:
            self._send(m.Recomputed(self.run_id, anew.nodes, anew.total))

    def _report(self) -> None:
        if self.space.obstacle is not None:
            return
        watch = Stopwatch()
        self._reported = report = self.space.report()
        self._send_losses((report,))
        self._reports.done(watch)

    def _checkpoint(self) -> None:
        watch = Stopwatch()
        self._send(m.Weights(self.run_id, 0, self.space.weights(), self.space.state()))
        self._checkpoints.done(watch)

    def _send_probed(self) -> None:
        run, values = self.space.run, self._sampler.probes.read(self.space)
        if (series := self._sampler.take(self.run_id)) is not None:
            self._send(series)
        if values:
            self._send(m.Probed(self.run_id, run.steps_done, run.cursor, values))
        self._send_norms()
        self._send_spreads()

    def _send_norms(self) -> None:
        self._sampler.norms.note(self.space.run)
        if (norms := self._sampler.norms.take(self.run_id)) is not None:
            self._send(norms)

    def _send_spreads(self) -> None:
        self._sampler.spreads.note(self.space, self.state == "training")
        if (spreads := self._sampler.spreads.take(self.run_id)) is not None:
            self._send(spreads)

    def _send_losses(self, reports: tuple[m.ReportRecord, ...] = ()) -> None:
        chunks = list(self.space.take_losses())
        for first, losses in chunks[:-1]:
            self._send(m.Scalars(self.run_id, first, losses))
        if chunks or reports:
            first, losses = chunks[-1] if chunks else (self.space.run.steps_done, np.zeros(0))
            self._send(m.Scalars(self.run_id, first, losses, reports))

    def _send_status(self) -> None:
        run, entry = self.space.run, self.space.last_entry
        line = None if entry is None else m.ScheduleEntry(entry.phase, entry.id)
        speed = self._speed.now(run.steps_done) if self.state == "training" else 0.0
        step, epoch = run.steps_done, self.space.epoch
        self._send(m.Status(self.run_id, self.state, step, epoch, run.cursor, line, speed, self._hit))

    def _fail(self, message: str, hint: str, node: str, step: int = 0) -> None:
        self._send(m.Failed(message, hint, node, step))
