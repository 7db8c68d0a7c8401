"""The large networks as templates: each sees a picture at once, and begins a new graph."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Trainer, infer
from graphlab.graph import parts
from graphlab.io import load, save
from graphlab.io.templates import network_templates, template, templates

NAMES = [each.name for each in network_templates()]


def test_every_network_of_the_shelf_can_be_begun_with_and_none_crowds_the_small_ones() -> None:
    shelf = [key for key, part in parts.parts().items() if part.family == "Image networks"]
    assert shelf == NAMES
    assert not set(NAMES) & {each.name for each in templates()}
    assert all(each.description.endswith(".") for each in network_templates())


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_fits_and_there_is_something_to_learn(name: str) -> None:
    graph = template(name).graph()
    found = infer(graph.document)
    assert found.problems == ()
    assert found.goal or name.startswith("u-net")  # which is told no masks
    assert graph.is_saved
    assert not graph.can_undo
    places = [node.position for node in graph.document.nodes.values()]
    for k, (x, y) in enumerate(places):
        assert all(abs(x - a) >= 190 or abs(y - b) >= 140 for a, b in places[:k])


@pytest.mark.parametrize("name", ["lenet-5", "resnet-8", "deep-autoencoder"])
def test_one_picture_goes_forward_and_back_and_is_learnt(name: str) -> None:
    trainer = Trainer(template(name).graph())
    losses = [trainer.train_step() for _ in range(3)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]


def test_a_file_of_a_large_network_is_small(tmp_path) -> None:
    save(template("resnet-50").graph(), tmp_path / "net.graphlab")
    assert (tmp_path / "net.graphlab").stat().st_size < 100_000
    graph, weights = load(tmp_path / "net.graphlab")
    assert not weights
    assert infer(graph.document).problems == ()
