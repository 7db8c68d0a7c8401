"""The graph as a drawing: vector text, the whole graph whatever is in view, and nothing written where it cannot be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtSvg import QSvgRenderer

from graphlab.errors import SaveError
from graphlab.ui.canvas import export
from tests.ui.window_trial import Make


@pytest.fixture
def window(make: Make) -> Any:
    from tests.ui.window_trial import small

    return make(small())


def test_svg_holds_names_and_shapes_as_text(window: Any) -> None:
    drawn = export.svg(window.canvas).decode()
    words = " ".join(re.findall(r"<text[^>]*>([^<]*)", drawn))
    for word in ("hidden", "Linear", "act", "N×3"):
        assert word in words
    assert QSvgRenderer(QByteArray(drawn.encode())).isValid()


def test_the_whole_graph_is_drawn_wherever_one_looks(window: Any) -> None:
    before = export.svg(window.canvas)
    window.canvas.pan_by(5000, 3000)
    window.canvas.zoom_by(0.1, window.canvas.middle)
    assert export.svg(window.canvas) == before


def test_selection_and_pointer_leave_no_trace(window: Any) -> None:
    before = export.image(window.canvas)
    window.canvas.select_all()
    assert export.image(window.canvas) == before


def test_pdf_is_a_page_as_large_as_the_graph(window: Any) -> None:
    drawn = export.pdf(window.canvas)
    assert drawn.startswith(b"%PDF")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", drawn)
    assert box is not None
    bounds = window.canvas.scene.bounds()
    assert float(box[1]) == pytest.approx((bounds.width() + 2 * export.MARGIN) * 72 / 96, abs=2)


def test_a_large_graph_gives_an_image_that_fits_into_memory(window: Any) -> None:
    window.session.graph.move({"act": (60_000.0, 40_000.0)})
    drawn = export.image(window.canvas)
    assert drawn.width() * drawn.height() <= export.MOST_PIXELS * 1.01


def test_files_are_written_by_their_suffix_and_others_refused(window: Any, tmp_path: Path) -> None:
    for suffix, start in ((".svg", b"<?xml"), (".pdf", b"%PDF"), (".png", b"\x89PNG")):
        path = tmp_path / f"a{suffix}"
        export.export(window.canvas, path)
        assert path.read_bytes().startswith(start)
    with pytest.raises(SaveError, match="kind of picture"):
        export.export(window.canvas, tmp_path / "a.gif")
    with pytest.raises(SaveError, match="no folder"):
        export.export(window.canvas, tmp_path / "nowhere" / "a.svg")


def test_an_empty_canvas_says_so(make: Make) -> None:
    with pytest.raises(SaveError, match="nothing on the canvas"):
        export.svg(make().canvas)


def test_the_actions_write_and_copy(window: Any, tmp_path: Path) -> None:
    window.files.choose_save = lambda start, kinds: str(tmp_path / "g.mmd")
    window.actions_["file.export"].trigger()
    assert (tmp_path / "g.mmd").read_text().startswith("flowchart LR")
    window.files.choose_save = lambda start, kinds: str(tmp_path / "g")
    window.actions_["file.export"].trigger()
    assert (tmp_path / "g.svg").exists()
    window.actions_["edit.copy_tikz"].trigger()
    assert r"\begin{tikzpicture}" in QGuiApplication.clipboard().text()
    window.actions_["edit.copy_picture"].trigger()
    assert not QGuiApplication.clipboard().image().isNull()


def test_a_disk_that_refuses_is_told_in_the_window(window: Any, tmp_path: Path) -> None:
    window.files.choose_save = lambda start, kinds: str(tmp_path / "nowhere" / "g.svg")
    window.actions_["file.export"].trigger()
    assert "no folder" in window.session.notices[-1].text


def test_cells_stay_sharp_in_svg(window: Any) -> None:
    from graphlab.engine.messages import Frame, Tensor, TensorKey
    from graphlab.ui.widgets.stats_line import stats_of

    values = np.array([[1.0, -1.0, 1.0]], np.float32)
    node = window.session.document.node("act").id
    tensor = Tensor(TensorKey("value", node, "y"), (1, 3), "float32", True, stats_of(values), values)
    window.session.engine.tensors.take(Frame(0, 1, (tensor,)))
    drawn = export.svg(window.canvas).decode()
    picture = re.search(r'xlink:href="data:image/png;base64,([^"]+)"', drawn)
    assert picture is not None
    image = QImage.fromData(QByteArray.fromBase64(picture[1].replace("\n", "").encode()))
    assert image.width() > 100, "three cells are not three pixels that a viewer would blend"
