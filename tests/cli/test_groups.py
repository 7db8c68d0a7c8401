"""Graphs with groups on the command line: everything inside is told under its path."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphlab as gl


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """x → [cell: lin → act] → loss"""
    g = gl.Graph("cells")
    x = g.add("Input", name="x", value=((1.0, 2.0),), shape=("N", 2))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=2), name="act")
    g.add("Mean", act, name="loss")
    g.group("lin", "act", name="cell")
    gl.save(g, tmp_path / "cells.graphlab")
    return tmp_path / "cells.graphlab"


def test_show_lists_what_is_inside_by_path(call, file):
    told = call("show", file, "--json").json
    assert [node["name"] for node in told["nodes"]] == ["x", "cell/lin", "cell/act", "loss"]
    assert told["nodes"][1]["params"] == {"units": 2}
    assert "cell/act" in call("show", file).out


def test_the_story_names_what_is_inside(call, file):
    told = call("run", file, "--step").out
    assert "cell/lin.weight" in told
    assert "cell/act" in told


def test_check_looks_at_parameters_inside(call, file):
    assert "cell/lin.weight" in call("check", file).out
