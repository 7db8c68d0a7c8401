"""Weights of PyTorch's recurrent layers, by their names, into cells that are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.graph import Graph
from graphlab.lab.transfer import match

KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def arrays(gates: int, *endings: str, width: int = 8) -> dict[str, Any]:
    """A state_dict of layers of 8 units that read 8 numbers (`width` from the second layer on)."""
    rng = np.random.default_rng(0)
    found = {}
    for ending in endings:
        read = width if "1" in ending else 8
        shapes = ((gates * 8, read), (gates * 8, 8), (gates * 8,), (gates * 8,))
        found |= {f"rnn.{k}{ending}": rng.standard_normal(s) for k, s in zip(KINDS, shapes, strict=True)}
    return found


def run_of(key: str) -> Run:
    g = Graph("net")
    x = g.add("Input", name="x", shape=("N", 4, 8))
    (g.add_layer if key.endswith("cell") else g.add_part)(key, x, name="net", hidden=8, steps=4)
    return Run(g)


@pytest.mark.parametrize(
    ("key", "gates", "endings", "layers"),
    [
        ("elman-cell", 1, [""], [""]),
        ("lstm-cell", 4, ["_l0"], [""]),
        ("gru-cell", 3, ["_l0"], [""]),
        ("stacked-lstm", 4, ["_l0", "_l1"], ["layer 1/", "layer 2/"]),
        ("bidirectional-lstm", 4, ["_l0", "_l0_reverse"], ["forwards/", "backwards/"]),
    ],
)
def test_they_go_by_their_names(key: str, gates: int, endings: list[str], layers: list[str]) -> None:
    given, run = arrays(gates, *endings), run_of(key)
    found = match(given, {name: array.shape for name, array in run.parameters.items()})
    assert found.is_whole
    taken = found.taken(given)
    for ending, layer in zip(endings, layers, strict=True):
        for side in ("ih", "hh"):
            for kind in ("weight", "bias"):
                assert taken[f"net/{layer}{side} {kind}.value"] is given[f"rnn.{kind}_{side}{ending}"]


def test_a_layer_of_another_size_is_not_taken() -> None:
    run = run_of("gru-cell")
    found = match(arrays(4, "_l0"), {name: array.shape for name, array in run.parameters.items()})
    assert {row.how for row in found.rows} == {"missing"}
    assert len(found.strays) == 4


def test_one_without_biases_is_not_half_taken() -> None:
    given = {name: array for name, array in arrays(3, "_l0").items() if "bias" not in name}
    run = run_of("gru-cell")
    found = match(given, {name: array.shape for name, array in run.parameters.items()})
    assert {row.how for row in found.rows} == {"missing"}


def test_a_cell_that_is_a_plain_group_is_known_as_well() -> None:
    own = {"c/ih.weight": (8, 8), "c/ih.bias": (8,), "c/hh.weight": (8, 8), "c/hh.bias": (8,)}
    assert match(arrays(1, ""), own).is_whole
