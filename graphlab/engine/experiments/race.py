"""A race: the same graph from the same weights, on the same batches, trained by several optimizers side by side."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ...errors import ExperimentError, NumericsError
from ...graph import Training
from ..optimizers import OPTIMIZERS, make_optimizer
from ..schedules import make_schedule
from ..training import Evaluation, Trainer
from .travelled import ROOM, Travelled

Floats = npt.NDArray[np.float64]
MOST = 12  # racers
LOOKS = 40  # times that held-out rows are looked at in the course of a race
LAST = 50  # steps whose mean is the loss a racer is judged by, at most a tenth of the race
PIECE = 0.004  # seconds that a racer trains before it is the next one's turn


@dataclasses.dataclass(frozen=True)
class Racer:
    """An optimizer with its learning rate; all its other settings are the document's."""

    optimizer: str
    lr: float

    @property
    def name(self) -> str:
        return f"{self.optimizer} {self.lr:g}"


@dataclasses.dataclass(frozen=True)
class Standing:
    """How a racer stands. loss: the mean of its last steps. best: the least such mean so far, and the step of it.

    seconds: of its steps. ended: why it goes no further; "" while it may.
    """

    step: int
    loss: float
    best: float
    best_step: int
    seconds: float
    validation_loss: float | None = None
    metrics: dict[str, float] = dataclasses.field(default_factory=dict)
    ended: str = ""


class Runner:
    """One racer on its way."""

    def __init__(self, racer: Racer, trainer: Trainer, training: Training, fresh: bool, room: int) -> None:
        settings = dataclasses.replace(training, optimizer=racer.optimizer, lr=racer.lr)
        optimizer = make_optimizer(settings)
        self.racer, self.trainer = racer, trainer.twin(optimizer)
        if fresh:
            self.trainer.reset(training.seed)
        optimizer.schedule = make_schedule(settings, self.trainer.steps_per_epoch)
        self.first = self.trainer.steps_done
        self.losses: list[float] = []
        self.looked: list[tuple[int, Evaluation]] = []
        self.travelled = Travelled(room)
        self.travelled.note(self.trainer.run)
        self.ended = ""
        self._window = 1
        self._best: tuple[float, int] = (math.inf, 0)

    def advance_to(self, step: int) -> None:
        """Makes steps until so many of the race are done, or it can go no further."""
        run = self.trainer.run
        while not self.ended and (left := step - len(self.losses)) > 0:
            try:
                self.losses += self.trainer.advance(min(left, self.travelled.until_next(run))).tolist()
            except NumericsError as error:
                self.losses += run.losses
                self.ended = f"diverged at step {len(self.losses) + 1:,}: {error.message}"
                return
            self.travelled.note(run)

    def look(self, window: int) -> None:
        """Measures where it stands; the mean loss counts `window` steps."""
        self._window = window
        loss = self.loss
        if math.isfinite(loss) and loss < self._best[0]:
            self._best = (loss, len(self.losses))
        split = "validation" if self.trainer.batches.count("validation") else "train"
        if not self.ended:
            self.looked.append((len(self.losses), self.trainer.evaluate(split, 1024)))

    @property
    def loss(self) -> float:
        return float(np.mean(self.losses[-self._window :])) if self.losses else math.nan

    def standing(self) -> Standing:
        found = self.looked[-1][1] if self.looked and not self.ended else None
        held_out = self.trainer.batches.count("validation") > 0
        return Standing(
            len(self.losses),
            self.loss,
            *self._best,
            self.trainer.seconds,
            found.loss if found is not None and held_out else None,
            found.metrics if found is not None else {},
            self.ended,
        )


class Race:
    """Trains twins of `trainer` for so many steps; the run itself stays as it is.

    Every racer sees the batches that a training from there would see, so the same race ends the same, to the bit.

    Args:
        fresh: from the weights that the document's seed gives, rather than from the present ones.
        steps: of each; by default the epochs of the document.

    Raises:
        ExperimentError: no racers, too many, or two alike. SettingsError: an optimizer that there is not, or a rate
            that cannot be. MemoryBudgetError: there is no room for that many copies.
    """

    def __init__(self, trainer: Trainer, racers: Sequence[Racer], steps: int = 0, fresh: bool = True) -> None:
        self.racers = tuple(racers)
        _check(self.racers)
        training = trainer.run.document.training
        for racer in self.racers:  # before the first copy is made
            make_optimizer(dataclasses.replace(training, optimizer=racer.optimizer, lr=racer.lr))
        self.steps = steps or training.epochs * trainer.steps_per_epoch
        room = ROOM // len(self.racers)
        self.runners = [Runner(racer, trainer, training, fresh, room) for racer in self.racers]
        self._window = max(1, min(LAST, self.steps // 10))

    @property
    def done(self) -> int:
        """Steps that all have made who can."""
        return min(
            (len(r.losses) for r in self.runners if not r.ended),
            default=max(len(r.losses) for r in self.runners),
        )

    @property
    def is_over(self) -> bool:
        return all(runner.ended or len(runner.losses) >= self.steps for runner in self.runners)

    def work(self) -> Iterator[None]:
        """Trains them in turns, yielding after each turn."""
        piece, every = 1, max(1, self.steps // LOOKS)
        while not self.is_over:
            start = self.done
            stop = min(start + piece, (start // every + 1) * every, self.steps)
            began = time.perf_counter()
            for runner in self.runners:
                runner.advance_to(stop)
                yield
            turn = (time.perf_counter() - began) / len(self.runners)
            piece = max(1, min(2 * piece, int(piece * PIECE / max(turn, 1e-7))))
            if stop % every == 0 or stop == self.steps:
                for runner in self.runners:
                    runner.look(self._window)
                    yield

    def standings(self) -> list[Standing]:
        return [runner.standing() for runner in self.runners]

    def losses(self, first: int = 0) -> Floats:
        """(racers, steps): the loss of every step from `first` (0: the first) on; NaN where one made none."""
        count = max((len(r.losses) for r in self.runners), default=0)
        found = np.full((len(self.runners), max(count - first, 0)), np.nan)
        for row, runner in zip(found, self.runners, strict=True):
            own = runner.losses[first:]
            row[: len(own)] = own
        return found


def order(standings: Sequence[Standing]) -> list[int]:
    """Who is first: by the held-out loss where there is one, else by the loss of the last steps; who ended, last."""

    def key(k: int) -> tuple[bool, float]:
        s = standings[k]
        loss = s.loss if s.validation_loss is None else s.validation_loss
        return bool(s.ended) or not math.isfinite(loss), loss if math.isfinite(loss) else math.inf

    return sorted(range(len(standings)), key=key)


def read_racers(text: str, training: Training) -> list[Racer]:
    """ "SGD, Adam:0.01": optimizers, each with a learning rate or else the document's. ExperimentError."""
    found = []
    known = {name.lower(): name for name in OPTIMIZERS}
    for part in (part.strip() for part in text.split(",")):
        name, colon, rate = part.partition(":")
        if name.strip().lower() not in known:
            raise ExperimentError(
                f"There is no optimizer '{name.strip()}'.", hint=f"Choose from {', '.join(OPTIMIZERS)}."
            )
        try:
            lr = float(rate) if colon else training.lr
        except ValueError:
            raise ExperimentError(
                f"'{rate.strip()}' is no learning rate.", hint="Write, for instance, SGD:0.1."
            ) from None
        found.append(Racer(known[name.strip().lower()], lr))
    return found


def _check(racers: Sequence[Racer]) -> None:
    if not racers:
        raise ExperimentError("Nobody races.", hint="Name at least one optimizer.")
    if len(racers) > MOST:
        raise ExperimentError(f"{len(racers)} are too many for a race.", hint=f"Take {MOST} at most.")
    twice = [racer.name for k, racer in enumerate(racers) if racer in racers[:k]]
    if twice:
        raise ExperimentError(f"{twice[0]} races twice.", hint="Give them different learning rates.")
