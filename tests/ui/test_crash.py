"""The window's own process killed in the middle of work: what is left, and what is not."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graphlab.io import orphans
from graphlab.ui import recovery, settings

PROGRAM = """
from PySide6.QtCore import QTimer
from graphlab.graph import Graph
from graphlab.io import orphans
from graphlab.ui import app, recovery
window = app.open_window(Graph("work"), block=False)
window.session.graph.add("Tanh", name="h")
def look():
    if list(recovery.folder().glob("*.autosave")) and window.session.engine.is_up:
        print(window.session.engine.link.pid, flush=True)
timer = QTimer(); timer.timeout.connect(look); timer.start(50)
app.application().exec()
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" not in status.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_window_leaves_its_document_and_no_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.PLACE, str(tmp_path))
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    engine = int(program.stdout.readline())
    program.kill()
    program.communicate()
    (orphan,) = orphans(recovery.folder())
    assert [node.name for node in orphan.document.nodes.values()] == ["h"]
    orphan.discard()
    end = time.monotonic() + 10
    while is_running(engine) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_running(engine)
