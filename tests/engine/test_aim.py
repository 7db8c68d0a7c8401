"""Training goes to where it was told to go, also when epochs or batches are others in the meantime."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from graphlab.engine.aim import Aim
from graphlab.engine.messages import Train


def trainer(done: int, each: int = 10) -> Any:
    return SimpleNamespace(steps_done=done, steps_per_epoch=each)


@pytest.mark.parametrize(
    ("command", "done", "target"),
    [
        (Train(), 0, 50),
        (Train(), 33, 50),
        (Train(), 50, 100),
        (Train(), 73, 123),
        (Train(7), 33, 40),
        (Train(epoch=True), 33, 40),
        (Train(epoch=True), 40, 50),
    ],
)
def test_where_it_goes(command: Train, done: int, target: int) -> None:
    aim = Aim()
    aim.take(command, trainer(done), 5)
    assert aim.target == target


def test_other_epochs_and_batches_move_the_end_of_a_whole_training() -> None:
    aim = Aim()
    aim.take(Train(), trainer(0), 5)
    aim.follow(trainer(20), 8)
    assert aim.target == 80
    aim.follow(trainer(20, each=20), 8)
    assert aim.target == 160
    aim.follow(trainer(70), 5)
    assert aim.target == 71


def test_steps_that_were_asked_for_stay_what_they_are() -> None:
    for command in (Train(7), Train(epoch=True)):
        aim = Aim()
        aim.take(command, trainer(33), 5)
        aim.follow(trainer(34, each=3), 1)
        assert aim.target == 40
