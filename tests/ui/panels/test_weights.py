"""Parameters as mosaics."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest

from graphlab.engine.messages import Frame, Tensor, TensorKey, Watched
from graphlab.graph import Graph
from graphlab.ui.panels.weights import Tile, Tiles, WeightsPanel, mosaic
from graphlab.ui.session import Session
from graphlab.ui.widgets.stats_line import stats_of


@pytest.mark.parametrize("room", [(300, 140), (190, 90), (900, 400)])
def test_images_lie_side_by_side_and_none_is_cut_off(
    room: tuple[int, int], quiet_session: Session, qtbot: Any
):
    tiles = Tiles(quiet_session, None)
    qtbot.addWidget(tiles)
    shapes = [(16, 2), (1, 16), (1, 128), (64, 64), (8, 1)]
    tiles.set_tiles([Tile("n1", f"p{k}", np.ones(shape), 1.0) for k, shape in enumerate(shapes)])
    tiles.lay_out(*room)
    frames = tiles.frames
    assert all(f.left() >= 0 and f.right() <= room[0] and f.bottom() <= tiles.height() for f in frames)
    assert not any(a.intersects(b) for k, a in enumerate(frames) for b in frames[:k])
    assert tiles.height() >= room[1]


def test_one_image_takes_the_height_of_the_panel(quiet_session: Session, qtbot: Any) -> None:
    tiles = Tiles(quiet_session, None)
    qtbot.addWidget(tiles)
    tiles.set_tiles([Tile("n1", "weight", np.ones((30, 30)), 1.0)])
    tiles.lay_out(400, 300)
    assert tiles.frames[0].height() > 200


def test_filters_stand_in_a_grid_of_outputs_and_inputs() -> None:
    board = mosaic(np.ones((4, 2, 3, 3)), (4, 2, 3, 3))
    assert board.shape == (4 * 4 - 1, 2 * 4 - 1)
    assert np.isnan(board[3]).all()


def test_rows_of_a_layer_that_looks_at_a_picture_are_pictures() -> None:
    weight = np.arange(10 * 64.0).reshape(10, 64)
    board = mosaic(weight, weight.shape)
    assert np.array_equal(board[:8, :8], weight[0].reshape(8, 8))
    assert np.array_equal(board[:8, 9:17], weight[1].reshape(8, 8))


def test_a_block_of_a_larger_matrix_is_no_picture() -> None:
    assert mosaic(np.zeros((10, 36)), (10, 784)).shape == (10, 36)


def test_a_matrix_stays_a_matrix_and_a_vector_is_a_row() -> None:
    assert mosaic(np.zeros((4, 3)), (4, 3)).shape == (4, 3)
    assert mosaic(np.zeros(5), (5,)).shape == (1, 5)


@pytest.fixture
def panel_on(qtbot: Any) -> Iterator[Callable[[Graph], WeightsPanel]]:
    """`panel_on(graph)`: the panel, shown; it and its session live until the test is over."""
    made: list[WeightsPanel] = []

    def build(graph: Graph) -> WeightsPanel:
        panel = WeightsPanel(Session(graph, engine=False))
        made.append(panel)
        for widget in (panel, *panel.header_tools()):
            qtbot.addWidget(widget)
        panel.resize(500, 200)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield build
    for panel in made:
        panel.hide()
        panel.session.close()


def conv(panel_on: Callable[[Graph], WeightsPanel], channels: int, weight: Any) -> WeightsPanel:
    """The panel on a convolution whose weights have come."""
    graph = Graph("conv")
    x = graph.add("Input", name="x", shape=("N", channels, 8, 8))
    node = graph.add("Conv2d", x, name="conv", out_channels=3, kernel_size=2)
    panel = panel_on(graph)
    values = np.asarray(weight, np.float32)
    key = TensorKey("value", node.id, "weight")
    tensor = Tensor(key, values.shape, "float32", True, stats_of(values), values)
    engine = panel.session.engine
    engine.frame.emit(engine.tensors.take(Frame(0, 1, (tensor,))))
    panel._redraw()
    return panel


def choose(combo: Any, text: str) -> None:
    combo.setCurrentText(text)
    combo.textActivated.emit(text)


def test_filters_are_sorted_by_norm_shown_of_one_input_and_each_by_itself(
    panel_on: Callable[[Graph], WeightsPanel],
) -> None:
    weight = np.ones((3, 2, 2, 2)) * np.array([1.0, 3.0, 2.0])[:, None, None, None]
    weight[:, 1] *= 10
    panel = conv(panel_on, 2, weight)
    assert panel.tiles._tiles[0].cells[::3, 0].tolist() == [1, 3, 2]
    choose(panel.order, "by norm")
    panel._redraw()
    assert panel.tiles._tiles[0].cells[::3, 0].tolist() == [3, 2, 1]
    choose(panel.channel, "input 1")
    panel._redraw()
    assert panel.tiles._tiles[0].cells[0, ::3].tolist() == [30, 20, 10]
    panel.switch.setChecked(True)
    panel._redraw()
    tile = panel.tiles._tiles[0]
    assert tile.drawn[0, ::3].tolist() == [1, 1, 1]
    assert tile.caption.endswith("strongest first, each by itself")
    assert tile.cells[0, 0] == 30


def test_filters_of_three_inputs_are_in_colour_and_tell_all_three_numbers(
    panel_on: Callable[[Graph], WeightsPanel],
) -> None:
    weight = np.zeros((3, 3, 2, 2))
    weight[0, 0], weight[0, 2] = 1.0, -1.0
    panel = conv(panel_on, 3, weight)
    tile = panel.tiles._tiles[0]
    assert tile.cells.shape[2] == 3
    frame = panel.tiles.frames[0]
    shot = panel.tiles.grab().toImage()
    seen = shot.pixelColor(int(frame.left()) + 4, int(frame.top()) + 4)
    assert (seen.red(), seen.blue()) == (255, 0)
    assert 120 <= seen.green() <= 135
    QTest.mouseMove(panel.tiles, frame.topLeft().toPoint() + QPoint(4, 4))
    assert panel.tiles._read_out(0) == "+1.000  0  −1.000"


def test_the_images_of_a_layer_on_mnist_are_wanted_whole(panel_on: Callable[[Graph], WeightsPanel]) -> None:
    graph = Graph("mlp")
    x = graph.add("Input", name="x", shape=("N", 784))
    graph.add("Linear", graph.add("Linear", x, name="hidden", units=64), name="out", units=64)
    panel = panel_on(graph)
    wishes = panel.keys()
    name = panel.session.name_of
    limits = {name(wish.key.node): wish.limit for wish in wishes if isinstance(wish, Watched)}
    assert limits == {"hidden": 1 << 18}
