"""The twins of the examples that write are the same network to PyTorch, and are trained the same way."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from benchmarks import language
from benchmarks.targets import bits_of
from graphlab.engine import Trainer
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import example

pytestmark = pytest.mark.parity


@pytest.mark.parametrize("name", language.TWINS)
def test_a_twin_says_the_same_before_and_after_some_steps(name: str):
    trainer = Trainer(Graph(load(example(name).path)[0].document))
    twin = language.TWINS[name](trainer)
    assert language.held_out(twin, trainer) == pytest.approx(bits_of(trainer)[0], rel=1e-6)
    trainer.advance(6)
    language.train(twin, trainer)
    assert language.held_out(twin, trainer) == pytest.approx(bits_of(trainer)[0], rel=1e-5)
