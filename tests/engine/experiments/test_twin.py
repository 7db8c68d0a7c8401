"""A twin of a trainer goes on as the trainer would, and neither knows of the other."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import OPTIMIZERS, Trainer
from tests.engine.networks import winding_graph


@pytest.mark.parametrize("schedule", ["constant", "OneCycleLR", "ReduceLROnPlateau"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_goes_on_bit_by_bit_and_leaves_the_other_alone(optimizer: str, schedule: str) -> None:
    settings = {
        "optimizer": optimizer,
        "schedule": schedule,
        "lr": 0.01,
        "clip_norm": 1.0,
        "weight_decay": 0.01,
    }
    trainer = Trainer(winding_graph(**settings))
    trainer.advance(3)
    trainer.advance(1)  # in the middle of an epoch
    before = trainer.run.state()
    twin = trainer.twin()
    ahead = np.concatenate([twin.advance(2), twin.advance(3)])
    after = trainer.run.state()
    assert all(np.array_equal(before[name], after[name]) for name in ("parameters", "states", "step"))
    assert all(np.array_equal(v, after["optimizer"][name]) for name, v in before["optimizer"].items())
    assert np.array_equal(ahead, np.concatenate([trainer.advance(2), trainer.advance(3)]))
    assert np.array_equal(twin.run.store.flat, trainer.run.store.flat)
