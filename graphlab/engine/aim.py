"""To which step a training goes: a number of steps, the end of an epoch, or the epochs that the document asks for."""

from __future__ import annotations

from .messages import Train
from .training import Trainer


class Aim:
    """`target` is the step at which training is over; where epochs were asked for, it follows the settings."""

    def __init__(self) -> None:
        self.target = 0
        self._first: int | None = None  # the step from which the document's epochs count

    def take(self, command: Train, trainer: Trainer, epochs: int) -> None:
        """Training begins, or goes on: to the end of what was asked for at first, or for as long again after that."""
        done, each = trainer.steps_done, trainer.steps_per_epoch
        self._first = None
        if command.epoch:
            self.target = done + each - done % each
        elif command.steps:
            self.target = done + command.steps
        else:
            self._first = 0 if done < each * epochs else done
            self.target = self._first + each * epochs

    def follow(self, trainer: Trainer, epochs: int) -> None:
        """Other epochs, or other batches, take another number of steps; what is past that ends with the next step."""
        if self._first is not None:
            self.target = max(self._first + trainer.steps_per_epoch * epochs, trainer.steps_done + 1)
