"""Opening windows, pictures of them, and bugs that are caught at the top."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from graphlab.io.examples import example
from graphlab.lab.runs import unsaved_folder
from graphlab.ui import app, guard, settings
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import small


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(settings.PLACE, str(tmp_path / "settings"))
    hook = sys.excepthook
    yield
    sys.excepthook = hook
    for handler in [h for h in guard.log.handlers if isinstance(h, logging.FileHandler)]:
        guard.log.removeHandler(handler)
        handler.close()


def close(window: MainWindow) -> None:
    window.files.ask = lambda name: "discard"
    window.close()
    window.deleteLater()
    QApplication.processEvents()


@pytest.mark.xserver
def test_a_window_opens_on_a_graph_without_blocking(qtbot) -> None:  # type: ignore[no-untyped-def]
    window = app.open_window(small(), block=False)
    qtbot.waitExposed(window)
    assert window.isVisible()
    assert "small" in window.windowTitle()
    close(window)


def test_a_file_that_is_not_there_opens_a_window_that_says_so(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    window = app.open_window(tmp_path / "nothing.graphlab", block=False)
    assert window.session.document.nodes == {}
    assert "does not exist" in window.session.notices[-1].text
    close(window)


def test_two_windows_keep_apart(qtbot) -> None:  # type: ignore[no-untyped-def]
    one, two = app.open_window(small(), block=False), app.open_window(None, block=False)
    two.add_node("Tanh")
    assert len(one.session.document.nodes) == 3
    assert len(two.session.document.nodes) == 1
    close(one)
    assert two.isVisible()
    close(two)


def test_a_shot_shows_the_window_in_the_size_asked_for(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    app.shot(example("xor").path, tmp_path / "xor.png", size=(1200, 760), theme_name="light", train_steps=20)
    picture = QImage(str(tmp_path / "xor.png"))
    assert (picture.width(), picture.height()) == (1200, 760)
    assert len({picture.pixel(x, y) for x in range(0, 1200, 7) for y in range(0, 760, 7)}) > 50
    assert settings.recent() == []  # a picture is no use of a file
    app.theme.apply(app.application(), "dark")
    assert not unsaved_folder().exists()  # training for a picture is nobody's run


def test_a_bug_is_logged_with_its_traceback_and_told_once(tmp_path: Path) -> None:
    guard.start_log()
    told: list[str] = []
    for _ in range(2):
        try:
            raise ZeroDivisionError("in a paint event")
        except ZeroDivisionError as error:
            guard.report(error, lambda text, hint: told.append(text))
    assert len(told) == 1
    assert "ZeroDivisionError" in told[0]
    text = settings.log_file().read_text(encoding="utf-8")
    assert text.count("Traceback") == 2


def test_a_bug_in_the_event_loop_leaves_the_window_and_the_document() -> None:
    """In a process of its own, where no test framework catches it first."""
    program = (
        "from PySide6.QtCore import QTimer\n"
        "from graphlab.graph import Graph\n"
        "from graphlab.ui import app\n"
        "graph = Graph('mine'); graph.add('Tanh', name='h')\n"
        "window = app.open_window(graph, block=False)\n"
        "def bug(): raise KeyError('bug')\n"
        "def check():\n"
        "    print(window.isVisible(), 'h' in window.session.graph, window.session.notices[-1].text)\n"
        "    window.files.ask = lambda name: 'discard'; window.close()\n"
        "QTimer.singleShot(0, bug); QTimer.singleShot(200, check)\n"
        "app.application().exec()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("True True Something went wrong inside graphlab: KeyError")
