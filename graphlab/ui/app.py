"""Opening windows: from the command line, from a notebook, and offscreen for pictures."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ..engine.messages import Train
from ..errors import GraphlabError
from ..graph import Graph
from ..io import load
from . import display, guard, icons, settings, theme
from .session import Session
from .shell import Shell
from .tidying import Tidying
from .window import MainWindow, apply_theme

Source = Graph | str | os.PathLike[str] | None
_windows: list[MainWindow] = []


def application() -> QApplication:
    """The one QApplication, dressed in the theme of the settings; made on the first call."""
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.property("graphlab"):
        return app
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setProperty("graphlab", True)
    Tidying(app)
    app.setApplicationName("graphlab")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("graphlab")
    app.setWindowIcon(icons.app_icon())
    display.restore()
    apply_theme()
    QGuiApplication.styleHints().colorSchemeChanged.connect(lambda scheme: _follow())
    return app


def make_window(source: Source = None) -> MainWindow:
    """A window on a graph, a file or nothing, not yet shown. A file that cannot be read is told of in the window."""
    application()
    window = MainWindow(Session(source if isinstance(source, Graph) else None))
    if source is not None and not isinstance(source, Graph):
        window.files.open(Path(source))
    _know(window)
    return window


def open_window(source: Source = None, *, block: bool | None = None) -> MainWindow:
    """Shows a window on a graph, a file or nothing.

    The window is a tab of a frame of its own, where other documents join it.

    Without an event loop it runs one and returns when the last window has closed; where one runs already, as in a
    notebook after `%gui qt`, it returns at once. `block` decides otherwise.
    """
    guard.start_log()
    window = make_window(source)
    guard.install(lambda text, hint: _tell(text, hint))
    shell = Shell()
    shell.add(window)
    shell.added.connect(_know)
    shell.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    shell.show()
    shell.activateWindow()
    window.recovery.offer()
    if block if block is not None else not _loop_runs():
        application().exec()
    return window


def shot(
    source: Source,
    out_path: str | os.PathLike[str],
    size: tuple[int, int] = (1600, 1000),
    theme_name: str = "dark",
    train_steps: int = 0,
    *,
    prepare: Callable[[MainWindow], object] | None = None,
) -> None:
    """Renders the whole window to a PNG. `train_steps`: 0 for one forward and backward pass; negative for none at all.

    `prepare(window)` may select, open or hide things before the picture is taken. What is remembered between starts
    stays as it is. FileError when the file cannot be read.
    """

    def grab(window: MainWindow) -> None:
        if prepare:
            prepare(window)
            _settle(lambda: False, 0.35)
        window.grab().save(str(out_path))

    _with_window(source, size, theme_name, train_steps, grab)


def _with_window(
    source: Source,
    size: tuple[int, int],
    theme_name: str,
    train_steps: int,
    use: Callable[[MainWindow], object],
) -> None:
    """Shows a graph in a window that nobody sees, runs it, hands the window to `use`, and closes it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = application()
    theme.apply(app, theme_name)
    window = _window_for_picture(source)
    window.resize(*size)
    window.show()
    _settle(lambda: window.session.engine.is_up and _is_complete(window), 10.0)
    if window.session.document.nodes:
        _run(window, train_steps)
    _settle(lambda: False, 0.35)
    use(window)
    window.session.mark_saved(None)
    window.close()
    window.deleteLater()


def draw(
    source: Source, out_path: str | os.PathLike[str], *, theme_name: str = "light", train_steps: int = 0
) -> None:
    """Draws the graph, without the window, as SVG, PDF or PNG by the suffix. `train_steps` as for `shot`. SaveError."""
    from .canvas.export import export

    faults: list[GraphlabError] = []

    def write(window: MainWindow) -> None:
        try:
            export(window.canvas, Path(out_path))
        except GraphlabError as error:  # the window must be closed first
            faults.append(error)

    _with_window(source, (1600, 1000), theme_name, train_steps, write)
    if faults:
        raise faults[0]


def _window_for_picture(source: Source) -> MainWindow:
    graph, weights = load(source) if isinstance(source, str | os.PathLike) else (source, {})
    window = make_window(None)
    window.remembers = window.session.recording.is_on = False
    window.docks.reset()
    if graph is not None:
        window.session.open(graph, None, weights)
    return window


def _run(window: MainWindow, steps: int) -> None:
    session = window.session
    _settle(lambda: session.loaded is not None, 20.0)
    if steps > 0:
        session.engine.send(Train(steps))
        _settle(lambda: session.status.step >= steps and session.status.state != "training", 60.0)
    if steps >= 0 and session.loaded is not None:
        session.phase("backward" if session.seen.whole.goal else "forward")
        _settle(lambda: session.status.cursor > 0, 10.0)


def _is_complete(window: MainWindow) -> bool:
    """Whether every panel that can be seen has been built."""
    in_sight = (dock for dock in window.docks.by_id.values() if dock.isVisible() and not dock.is_behind)
    return all(dock.content is not None for dock in in_sight)


def _settle(done: Callable[[], bool], limit: float) -> None:
    """Lets Qt work until `done`, at most `limit` seconds."""
    loop, end = QEventLoop(), time.monotonic() + limit
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if done() or time.monotonic() > end else None)
    timer.start(20)
    loop.exec()
    timer.stop()


def _know(window: MainWindow) -> None:
    _windows.append(window)
    window.closed.connect(_forget)


def _forget(window: MainWindow) -> None:
    if window in _windows:
        _windows.remove(window)


def _tell(text: str, hint: str) -> None:
    for window in _windows[-1:]:
        window.session.notify("error", text, hint)


def _follow() -> None:
    if settings.text("theme", "dark") == "system":
        apply_theme()


def _loop_runs() -> bool:
    """Whether somebody else runs Qt's event loop (IPython's `%gui qt`, or an application we are part of)."""
    app = QCoreApplication.instance()
    thread = app.thread() if app else None
    return bool(thread and thread.loopLevel() > 0) or _ipython_loop()


def _ipython_loop() -> bool:
    shell = sys.modules.get("IPython")
    running = getattr(shell.get_ipython(), "active_eventloop", None) if shell else None
    return running in ("qt", "qt6")
