"""kill -9 in the middle of training: no file is corrupt, and all that was known a moment before is there.

`GRAPHLAB_TEST_KILLS=50` kills more often.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from graphlab.io import load
from graphlab.lab.runs import RunFolder
from tests.lab.runs.writing_for_ever import BATCH, FILE, RUNS, TOLD

KILLS = int(os.environ.get("GRAPHLAB_TEST_KILLS", "10"))
LONGEST = 0.08  # seconds of training before the kill
ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "tests.lab.runs.writing_for_ever"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_kill_in_the_middle_of_training_leaves_every_file_whole(tmp_path: Path) -> None:
    chance = random.Random(os.environ.get("GRAPHLAB_TEST_SEED", "7"))
    begun = 0
    with subprocess.Popen(
        COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        for k in range(KILLS):
            home = tmp_path / str(k)
            home.mkdir()
            _kill(process, home, chance.uniform(0.005, LONGEST))
            begun += _check(home)
    assert begun > KILLS / 2


def _kill(process: "subprocess.Popen[str]", home: Path, after: float) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{home}\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    assert process.stdout.readline() == "dead\n"


def _check(home: Path) -> bool:
    """Whether training had begun when it was killed; then all is there but perhaps what was just being written."""
    graph, weights = load(home / FILE)
    assert graph.document.name == "net"
    _are_of_one_step([weights] if weights else [])
    folder = RunFolder(home / RUNS)
    runs = folder.runs()
    assert folder.broken == ()
    told = (home / TOLD).read_text().split() if (home / TOLD).exists() else []
    if not told:
        return False
    (run,) = runs
    assert run.state == "interrupted"
    assert run.document() == graph.document
    curve = run.curve()
    assert np.array_equal(curve.losses, np.arange(len(curve.losses)) / 7)
    assert len(curve.losses) in (int(told[-1]), int(told[-1]) - BATCH)
    assert len(curve.epochs) in (len(told), len(told) - 1, len(told) - 2)
    _are_of_one_step([run.weights(which) for which in ("final", "best") if run.has_weights(which)])
    return True


def _are_of_one_step(found: "list[dict[str, np.ndarray]]") -> None:
    assert all(len(np.unique(arrays["hidden.weight"])) == 1 for arrays in found)
