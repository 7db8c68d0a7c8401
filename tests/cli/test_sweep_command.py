"""The line that begins the sweep of a document says all of it: the command line reads the same sweep from it."""

from __future__ import annotations

import shlex

import pytest

from graphlab.cli.sweep import searched, sweep
from graphlab.graph.sweep import Sweep
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.lab.sweeps.reproducing import sweep_command
from graphlab.lab.sweeps.whole import settings_of


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"method": "grid", "trials": 0, "folds": 5, "metric": "loss"},
        {"pruning": "asha", "rung": 2, "keep": 4, "seconds": 100.0, "seed": 7},
        {"method": "tpe", "seeds": 3, "ahead": 2},
    ],
)
def test_the_command_line_reads_the_same_sweep(settings):
    graph = load(example("digits-mlp").path)[0]
    graph.search("hidden.units", "8,16,32")
    graph.search("lr", "0.001,0.01")
    graph.search("relu.op", "ReLU,Tanh")
    graph.configure_sweep(**settings)
    program, command, *words = shlex.split(sweep_command(graph.document, "my graph"))
    assert (program, command, words[0]) == ("graphlab", "sweep", "my graph")
    asked = sweep.make_context("sweep", list(words)).params
    names = ("method", "trials", "seeds", "folds", "pruning", "rung", "keep", "metric", "ahead")
    given = {name: asked[name] for name in names if asked[name] is not None}
    changes = settings_of(asked["minutes"], asked["sweep_seed"], given)
    bare = graph.document.with_(sweep=Sweep())
    assert searched(bare, asked["searches"], changes).sweep == graph.document.sweep
