"""Repeated cells as NumPy code and as diagrams: the same numbers on their own, and drawn as what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.graph import Graph
from graphlab.io.diagram import dot, mermaid, tikz
from graphlab.io.numpy_code import to_numpy
from tests.engine.cells import elman, gru, unrolled
from tests.engine.test_unroll import X
from tests.engine.test_unroll_feeding import LENGTHS, TOKENS, masked, writing


def last_output() -> Graph:
    cell = elman()
    cell.add("GroupOutput", cell.add("Linear", cell["act"], units=2), name="y", position=(900.0, 300.0))
    g = masked(cell, outputs_as="last")
    g.connect(g["rnn"]["y"], "square", "x")
    return g


CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "cut, from learnt values, mean": (
        lambda: unrolled(elman(), begin="learnable", outputs_as="mean", truncate=2),
        {"x": X},
    ),
    "lengths, all": (lambda: masked(gru()), {"x": X, "lengths": LENGTHS}),
    "lengths, mean": (lambda: masked(elman(), outputs_as="mean"), {"x": X, "lengths": LENGTHS}),
    "lengths, last": (last_output, {"x": X, "lengths": LENGTHS}),
    "taught": (lambda: writing(), {"x": TOKENS}),
    "taught now and then": (lambda: writing(teacher=0.5), {"x": TOKENS}),
    "fed back until it ends": (lambda: writing(teacher=0.0, stop=3), {"x": TOKENS}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_script_comes_to_the_same_numbers(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, feed = CASES[case]
    run = Run(make(), dtype="float64", seed=1)
    run.feed(**feed)
    run.forward()
    run.backward()
    exec(compile(to_numpy(run), "script", "exec"), {"__name__": "__main__"})
    said = dict(line.split(" = ") for line in capsys.readouterr().out.splitlines() if " = " in line)
    assert float(said["loss"]) == pytest.approx(run.loss, rel=1e-6)
    for name, gradient in run.gradients.items():
        told = said[f"|d {name.removesuffix('.value')}|"]
        assert float(told) == pytest.approx(float(np.linalg.norm(gradient)), rel=1e-4), name


def test_diagrams_draw_it_as_a_group_with_its_shapes() -> None:
    document = unrolled(elman()).document
    text = mermaid(document)
    assert '[["rnn<br/>Unroll"]]' in text
    assert "N×5×4" in text
    assert "peripheries=2" in dot(document)
    assert r"\node[group]" in tikz(document)
