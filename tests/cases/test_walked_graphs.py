"""The published step-by-step examples, stepped through the window with F10; every view says the published numbers.

The tables below say of each case which node, and which gradient, a published number stands at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from graphlab.cli.program import program
from graphlab.graph import Graph
from graphlab.io import save
from tests.cases import drawn
from tests.cases.walking import Walk, listed, says
from tests.ui.window_trial import Make

Place = tuple[int, ...]


EVERYWHERE = ("on_canvas", "in_trace", "in_inspector", "explained")
IN_COLOURS = EVERYWHERE[1:]  # on the node the gradient of a vector is a strip of colours


class Shown(NamedTuple):
    """Where a published number stands: the value or "grad" of a node, which element, and which views write it."""

    node: str
    kind: str = "value"
    at: Place = ()
    views: tuple[str, ...] = EVERYWHERE


class Story(NamedTuple):
    """A case: how it is drawn, its goal, where its numbers stand, and what the wires of fan-outs bring."""

    case: str
    draw: Callable[[Graph], None]
    goal: str
    shown: dict[str, Shown]
    terms: dict[str, list[float]] = {}  # of a node: what comes back along its wires

    @property
    def numbers(self) -> list[tuple[Shown, float, float]]:
        """(where, what, how exactly) for every published number."""
        case = drawn.figures(self.case)
        return [
            (place, _number(case["expected"], key), case["tolerance"]) for key, place in self.shown.items()
        ]


def _number(expected: dict[str, Any], key: str) -> float:
    """ "dx[2]" is the third of the numbers published as dx."""
    name, _, index = key.partition("[")
    found = expected[name]
    return float(found[int(index.rstrip("]"))] if index else found)


def values(*names: str) -> dict[str, Shown]:
    return {name: Shown(name) for name in names}


def gradients(*names: str, published: str = "{}") -> dict[str, Shown]:
    return {published.format(name): Shown(name, "grad") for name in names}


NEURON = ("w0", "x0", "w1", "x1", "w2", "w0x0", "w1x1", "s1", "s2")
STORIES = {
    "add and multiply": Story(
        "cs231n_add_mul",
        drawn.add_and_multiply,
        "f",
        values("q", "f") | gradients(*"xyzq", published="df/d{}"),
    ),
    "sigmoid circuit, values": Story(
        "cs231n_sigmoid_circuit_values",
        drawn.sigmoid_circuit,
        "f",
        values("w0x0", "w1x1", "s1", "s2", "neg", "exp", "plus1", "f"),
    ),
    "sigmoid circuit, gradients": Story(
        "cs231n_sigmoid_circuit_gradients",
        drawn.sigmoid_circuit,
        "f",
        gradients(*NEURON, "neg", "exp", "plus1", "f"),
    ),
    "sigmoid in one node": Story(
        "cs231n_sigmoid_circuit_gradients",
        partial(drawn.sigmoid_circuit, whole=True),
        "f",
        gradients(*NEURON, "f"),
    ),
    "gate patterns": Story(
        "cs231n_gate_patterns",
        drawn.gate_patterns,
        "f",
        values("mul", "max", "f") | gradients(*"xyzw", "mul", "max", published="d{}"),
    ),
    "two paths": Story(
        "colah_backprop",
        drawn.colah,
        "e",
        values(*"cde") | gradients(*"abcd", published="de/d{}"),
        {"b": [2, 3]},
    ),
    "micrograd": Story(
        "micrograd_readme", drawn.micrograd_readme, "g", values("g") | gradients("a", "b", published="dg/d{}")
    ),
    "micrograd, sanity": Story(
        "micrograd_test_sanity",
        drawn.micrograd_sanity,
        "y",
        values("y") | gradients("x", published="dy/d{}"),
    ),
    "neuron": Story(
        "karpathy_neuron",
        drawn.karpathy_neuron,
        "o",
        values("o") | gradients("x1", "x2", "w1", "w2"),
    ),
    "neuron of exponentials": Story(
        "karpathy_neuron",
        partial(drawn.karpathy_neuron, decomposed=True),
        "o",
        values("o") | gradients("x1", "x2", "w1", "w2"),
    ),
    "twice a product with itself": Story(
        "d2l_autograd",
        drawn.dot_twice,
        "y",
        values("y") | {f"dx[{k}]": Shown("x", "grad", (k,), IN_COLOURS) for k in range(4)},
        {"x": [6, 6]},
    ),
}


def opened(story: Story) -> Graph:
    g = Graph(story.case)
    story.draw(g)
    g.configure(goal=story.goal)
    g.tidy()
    return Graph(g.document)


@pytest.mark.parametrize("name", STORIES)
def test_every_view_says_the_published_numbers(name: str, make: Make, qtbot: Any) -> None:
    story = STORIES[name]
    walk = Walk(make, qtbot, opened(story))
    order = walk.go("forward")
    assert order[-1] == story.goal
    assert f"entry {len(order)} of {len(walk.session.schedule)}" in walk.on_timeline()
    assert walk.on_timeline().count(story.goal) == 2  # forward and backward
    _assert_shown(walk, story, "value")
    back = walk.go("backward")
    assert back[0] == story.goal
    _assert_shown(walk, story, "grad")
    for node, expected in story.terms.items():
        _assert_terms(walk, node, expected)


def _assert_shown(walk: Walk, story: Story, kind: str) -> None:
    for place, number, tolerance in story.numbers:
        if place.kind == kind:
            for view in place.views:
                text = getattr(walk, view)(place.node, kind, place.at)
                assert says(text, number, tolerance), (view, place, text, number)


def _assert_terms(walk: Walk, node: str, expected: list[float]) -> None:
    """What comes back along each wire stands on it, in the bubble, in the inspector and in the explanation."""
    edges = list(walk.session.document.consumers(walk.id(node)))
    assert len(edges) == len(expected)
    names = walk.session.document.nodes
    terms, total = walk.sum_at(node)
    assert sorted(float(listed(t)[0].replace("−", "-")) for t in terms) == sorted(expected)
    if walk.session.inference.specs[walk.id(node), "y"].ndim == 0:
        on_wires = [walk.on_wire(names[edge.target].name, edge.input) for edge in edges]
        assert sorted(float(text) for text in on_wires) == sorted(expected)
        walk.explained(node, "grad")
        assert sorted(walk.terms()) == sorted(expected)
    assert says(total, sum(expected))


@pytest.mark.parametrize("name", STORIES)
def test_the_command_line_says_them_too(name: str, tmp_path: Any) -> None:
    story, file = STORIES[name], tmp_path / "case.graphlab"
    save(opened(story), file)
    told = CliRunner().invoke(program, ["run", str(file), "--step"]).stdout
    forward, _, backward = told.partition("Backward")
    for place, number, tolerance in story.numbers:
        part = forward if place.kind == "value" else backward
        (line,) = re.findall(rf"^ +(?:\d+ +)?{place.node} .*$", part, re.MULTILINE)[:1]
        figures = listed(line.partition(place.node)[2])
        assert any(says(text, number, tolerance) for text in figures), (place, line, number)
        words = ["explain", str(file), place.node, "--at", ",".join(map(str, place.at)), "--json"]
        found = CliRunner().invoke(program, [*words, *(["--grad"] if place.kind == "grad" else [])])
        shown = json.loads(found.stdout)["value"]
        assert shown == pytest.approx(number, abs=tolerance + 1e-6 * abs(number) + 1e-7), place
