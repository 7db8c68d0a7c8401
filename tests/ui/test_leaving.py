"""The graph leaves the window as ONNX and as PyTorch: told when it is there, or why it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab.graph import Graph
from graphlab.ui.actions import code as actions
from graphlab.ui.leaving import save_module, save_onnx
from graphlab.ui.session import Session

PATIENCE = 20_000


def drawn() -> Graph:
    g = Graph("small")
    hidden = g.add("Linear", g.add("Dataset", name="xor")["x"], name="hidden", units=2)
    g.add("BCEWithLogitsLoss", g.add("Linear", hidden, name="out", units=1), "xor.target", name="loss")
    return g


@pytest.fixture
def session() -> Any:
    g = drawn()
    found = Session(Graph(g.document), engine=False)
    yield found
    found.close()


def told(qtbot: Any, session: Session, doing: Callable[[], None]) -> str:
    """What is said when it is done."""
    sentences: list[str] = []
    session.notice.connect(lambda notice: sentences.append(notice.sentence))
    doing()
    qtbot.waitUntil(lambda: bool(sentences), timeout=PATIENCE)
    return sentences[0]


def test_onnx_has_the_weights_of_the_moment(qtbot: Any, session: Session, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    path = tmp_path / "small.onnx"
    assert told(qtbot, session, lambda: save_onnx(session, path)).startswith("Saved the graph as small.onnx.")
    found = {each.name: onnx.numpy_helper.to_array(each) for each in onnx.load(path).graph.initializer}
    assert np.shape(found["hidden.weight"]) == (2, 2)


def test_a_module_is_written_with_what_lies_beside_it(qtbot: Any, session: Session, tmp_path: Path) -> None:
    said = told(qtbot, session, lambda: save_module(session, tmp_path / "small.py"))
    assert said.startswith("Saved the graph as small.py and small.safetensors.")
    assert "from small import load" in said
    said = told(qtbot, session, lambda: save_module(session, tmp_path / "trained.py", loop=True))
    assert "trained.npz" in said


def test_what_cannot_be_written_is_told(qtbot: Any, session: Session, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    matrix = session.graph.add("Parameter", name="m", shape=(2, 2))
    session.graph.add("Inverse", matrix, name="inv")
    said = told(qtbot, session, lambda: save_onnx(session, tmp_path / "small.onnx"))
    assert "inv (Inverse)" in said
    assert not (tmp_path / "small.onnx").exists()


def test_every_way_asks_where_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thinking better of it writes nothing; a name without suffix gets one."""
    asked: list[tuple[str, str]] = []
    written: list[tuple[str, Path, bool]] = []

    class Files:
        answer = ""

        def choose_save(self, start: str, kinds: str) -> str:
            asked.append((Path(start).name, kinds))
            return self.answer

    class Window:
        session = type("Session", (), {"path": None, "whole": type("Whole", (), {"name": "net"})})
        files = Files()

    monkeypatch.setattr(actions, "save_onnx", lambda s, path: written.append(("onnx", path, False)))
    monkeypatch.setattr(actions, "save_module", lambda s, path, loop: written.append(("torch", path, loop)))
    ways = (actions.export_onnx, actions.export_pytorch, actions.export_pytorch_training)
    for way in ways:
        way(Window())  # type: ignore[arg-type]
    assert not written
    assert [name for name, _ in asked] == ["net.onnx", "net.py", "net.py"]
    Window.files.answer = "/tmp/mine"
    for way in ways:
        way(Window())  # type: ignore[arg-type]
    assert [(kind, path.name, loop) for kind, path, loop in written] == [
        ("onnx", "mine.onnx", False),
        ("torch", "mine.py", False),
        ("torch", "mine.py", True),
    ]
