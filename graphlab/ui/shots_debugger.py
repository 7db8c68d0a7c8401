"""Pictures of the debugger at work, one a question that it answers; the documentation shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..io.examples import example

if TYPE_CHECKING:
    from .window import MainWindow

Prepare = Callable[["MainWindow"], object]
WAYS = ("cells", "table", "tiles", "line", "histogram")


def scenes() -> Iterator[tuple[str, Path, int, Prepare]]:
    """(title, file, training steps, what to do before the picture is taken)."""
    by_hand, cnn, mlp = (example(name).path for name in ("tanh-by-hand", "digits-cnn", "digits-mlp"))
    yield "debugger-ledger", example("colah").path, 0, _sum_half_way
    yield "debugger-goal", by_hand, 0, _one_element
    yield "debugger-explain", cnn, 50, _explained
    yield "debugger-what-if", example("xor").path, 100, _supposed
    yield "debugger-moments", mlp, 0, _two_moments
    yield "debugger-watches", mlp, 60, _watched
    yield "debugger-check", cnn, 20, _checked
    yield "debugger-health", mlp, 20, _unwell
    for way in WAYS:
        yield f"debugger-values-{way}", cnn, 50, partial(_values, way=way)
    for phase, cursor in (("forward", 5), ("backward", 20)):
        yield f"debugger-four-views-{phase}", by_hand, 0, partial(_four_views, cursor=cursor)


def _id(window: MainWindow, name: str) -> str:
    return window.session.document.node(name).id


def _wait(window: MainWindow, done: Callable[[], object]) -> None:
    from .app import _settle

    _settle(lambda: bool(done()), 5.0)


def _alone(window: MainWindow, *ids: str) -> None:
    """Only these panels, and the inspector and the timeline."""
    for other in window.docks.by_id.values():
        other.setVisible(other.panel.id in {*ids, "inspector", "timeline"})
    for id in ids:
        window.docks.show_wide(id)


def _turn_to_gradient(window: MainWindow) -> None:
    from .panels.inspector import InspectorPanel

    inspector = window.docks["inspector"].build()
    assert isinstance(inspector, InspectorPanel)
    inspector.node_page.tensors.show_tab("grad")


def _four_views(window: MainWindow, cursor: int) -> None:
    """Canvas, equations, code and trace in the middle of a step."""
    from .actions.code import VIEWS
    from .panels.code import CodePanel
    from .panels.equations import EquationsPanel

    window.docks.side_by_side(VIEWS)
    window.session.go_to(cursor)
    equations, code = (window.docks[name].build() for name in ("equations", "code"))
    assert isinstance(equations, EquationsPanel)
    assert isinstance(code, CodePanel)
    _wait(window, lambda: window.session.status.cursor == cursor)
    _wait(window, lambda: code.view.blockCount() > 1 and equations.tree.rows.typesetter.count > 9)
    _wait(window, lambda: equations.tree.rows.typesetter.is_idle)


def _sum_half_way(window: MainWindow) -> None:
    """The first of two terms has come back to b."""
    session = window.session
    session.go_to(7)
    session.select({_id(window, "b")})
    _alone(window, "trace")
    _wait(window, lambda: session.status.cursor == 7)
    _turn_to_gradient(window)


def _one_element(window: MainWindow) -> None:
    session = window.session
    session.attempt(session.asking.ask, _id(window, "h"), "", (1,))
    session.phase("backward")
    session.select({_id(window, "W")})
    _alone(window, "equations")
    _turn_to_gradient(window)
    _wait(window, lambda: session.status.cursor)


def _explained(window: MainWindow) -> None:
    session, conv = window.session, _id(window, "conv1")
    session.select({conv})
    session.explain("value", conv, "y", (0, 3, 4, 4))
    _alone(window, "explain")
    _wait(window, lambda: session.explainer.found is not None)


def _supposed(window: MainWindow) -> None:
    session, hidden = window.session, _id(window, "hidden")
    session.select({hidden})
    session.phase("backward")
    session.supposing.ask(hidden, "weight", (0, 0))
    session.supposing.set_delta(0.5)
    _alone(window, "what_if")
    _wait(window, lambda: session.supposing.answer is not None)


def _two_moments(window: MainWindow) -> None:
    """Before an update, and after it."""
    session = window.session
    session.phase("backward")
    session.moments.remember()
    _wait(window, lambda: session.moments.all)
    session.phase("update")
    session.phase("backward")
    _alone(window, "moments")
    _wait(window, lambda: session.moments.rows)
    if session.moments.rows:
        session.moments.look_at(session.moments.rows[0].key)
    session.select({_id(window, "hidden")})


def _watched(window: MainWindow) -> None:
    session, hidden = window.session, _id(window, "hidden")
    for expression in ("weight.norm", "grad.norm", "weight.grad.norm"):
        session.watches.add(hidden, expression)
    _alone(window, "watches")
    session.train()
    _wait(window, lambda: session.status.step > 300)
    session.pause()
    session.select({hidden})


def _checked(window: MainWindow) -> None:
    session = window.session
    _alone(window, "gradient-check")
    session.check_gradients()
    _wait(window, lambda: session.checks.result is not None)
    session.select({_id(window, "conv1")})


def _unwell(window: MainWindow) -> None:
    """Scores squashed before a loss that squashes them."""
    session = window.session
    out, loss = session.document.node("out"), session.document.node("loss")
    squash = session.graph.add("Softmax", out.name, name="squash")
    session.graph.connect(squash, loss.name)
    _alone(window, "health")
    session.examine()
    session.select({loss.id})


def _values(window: MainWindow, way: str) -> None:
    from .values.page import ValuesPage

    session, conv = window.session, _id(window, "conv1")
    session.select({conv})
    _alone(window, "values")
    for other in ("library", "outline"):
        window.docks[other].setVisible(False)
    page = window.docks["values"].build()
    assert isinstance(page, ValuesPage)
    page.show_kind("value")
    _wait(window, lambda: page.pane.view.mode)
    page.pane.view.choose(way)
