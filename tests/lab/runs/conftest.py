"""Runs made up for tables, filters and comparisons."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphlab.lab.runs import Figures, KeptRun, Labels
from graphlab.lab.runs.kept import Head

MakeRun = Callable[..., KeptRun]


def made_up(number: int, settings: dict[str, Any], labels: Labels, **figures: Any) -> KeptRun:
    head = Head(f"{number:04d}-20261128-004512", 1_000.0 * number, "digits", settings, number=number)
    return KeptRun(Path(head.id), head, labels, "finished", Figures(**figures), 1_000 * number)


@pytest.fixture
def runs() -> list[KeptRun]:
    """Three: a good one by Adam, a bad one by SGD, and one that never came to an epoch."""
    adam = {"optimizer": "Adam", "lr": 0.003, "batch_size": 32, "seed": 0, "weight_decay": 0.01}
    sgd = {"optimizer": "SGD", "lr": 0.1, "batch_size": 32, "seed": 1, "weight_decay": 0.0}
    return [
        made_up(
            1, adam, Labels("baseline", ("good", "keep"), "two layers"), loss=0.1, metrics={"accuracy": 0.95}
        ),
        made_up(2, sgd, Labels(tags=("goodish",)), loss=0.9, metrics={"accuracy": 0.4}),
        made_up(3, {**adam, "lr": 0.03}, Labels(), steps=7),
    ]
