"""ONNX files in the window: opened, dropped, saved as a file of our own; what has no counterpart shows and says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab.io import load
from graphlab.ui.intake import can_take
from tests.io.onnx_in.imported import model, saved
from tests.ui.window_trial import PATIENCE, Make

onnx = pytest.importorskip("onnx")
helper = onnx.helper


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """x → fc → act → odd (which has no counterpart)."""
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["h"], transB=1, name="fc"),
        helper.make_node("Relu", ["h"], ["a"], name="act"),
        helper.make_node("NonZero", ["a"], ["z"], name="odd"),
    ]
    weights = {"w": np.arange(6, dtype=np.float32).reshape(3, 2)}
    return saved(tmp_path, model(nodes, {"x": ["N", 2]}, ["z"], weights, title="small net"))


def test_a_file_opens_is_stepped_and_saved_as_one_of_our_own(
    make: Make, qtbot: Any, tmp_path: Path, net: Path
) -> None:
    window = make(engine=True)
    session = window.session
    window.files.choose_open = lambda: str(net)
    window.actions_.run("file.open")
    assert session.whole.name == "small net"
    assert session.path is None
    assert session.is_modified
    assert "NonZero" in session.notices[-1].text
    (problem,) = session.inference.problems
    assert (problem.node, "NonZero" in problem.message) == ("odd", True)
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    session.phase("forward")
    qtbot.waitUntil(lambda: session.status.cursor == 3, timeout=PATIENCE)  # the placeholder waits

    path = tmp_path / "mine.graphlab"
    window.files.choose_save = lambda start, kinds: str(path)
    assert window.files.save()
    graph, weights = load(path)
    assert graph.document == session.whole
    np.testing.assert_array_equal(weights["fc.weight"], [[0, 1], [2, 3], [4, 5]])


def test_a_file_that_is_refused_leaves_the_window_as_it_was(make: Make, tmp_path: Path) -> None:
    window = make()
    before = window.session.whole
    (tmp_path / "bad.onnx").write_bytes(b"")
    assert can_take(tmp_path / "bad.onnx")
    assert not window.files.open(tmp_path / "bad.onnx")
    assert "bad.onnx is empty" in window.session.notices[-1].text
    assert window.session.whole is before
