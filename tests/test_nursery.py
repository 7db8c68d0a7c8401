"""Forks that stand in for processes in tests end, talk and die as those do."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from graphlab.ui import engine_link
from tests.nursery import CAN_FORK, HOST, NUMPY, Forked, begin, carry_out, engine_popen

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="here they are processes")


def test_what_is_carried_out_has_its_words_its_output_and_its_exit_code():
    done = carry_out(
        NUMPY, "import sys, numpy; print(sys.argv[1:], numpy.pi); sys.exit(3)", "a", "b c", timeout=20
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "['a', 'b c'] 3.141592653589793\n", "")


def test_a_mistake_is_told_on_standard_error():
    done = carry_out(NUMPY, "print(1 / 0)", timeout=20)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_one_that_hangs_is_killed_when_its_time_is_over():
    with pytest.raises(subprocess.TimeoutExpired):
        carry_out(NUMPY, "import time; time.sleep(60)", timeout=0.1)


def test_forks_share_nothing_and_the_pipes_of_one_end_with_it():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    code = "import sys, numpy as np; np.mine = input(); print(np.mine, flush=True); sys.stdin.read()"
    one, other = (
        begin(NUMPY, code, **pipes),
        begin(NUMPY, "import numpy; print(hasattr(numpy, 'mine'))", **pipes),
    )
    one.stdin.write(b"first\n")
    one.stdin.flush()
    assert one.stdout.readline() == b"first\n"
    assert other.stdout.read() == b"False\n"  # to the end: nobody else holds the pipe
    assert other.wait(20) == 0
    assert one.poll() is None
    os.kill(one.pid, signal.SIGKILL)
    assert one.wait(20) == one.returncode == -signal.SIGKILL
    for process in (one, other):
        process.stdin.close()
        process.stdout.close()


def test_it_has_the_environment_and_the_folder_of_whoever_begins_it(monkeypatch, tmp_path):
    monkeypatch.setenv("GRAPHLAB_TRIAL", "here")
    monkeypatch.chdir(tmp_path)
    done = carry_out(NUMPY, "import os; print(os.environ['GRAPHLAB_TRIAL'], os.getcwd())", timeout=20)
    assert done.stdout.split() == ["here", str(tmp_path)]


def test_what_the_window_starts_is_known_and_nothing_else_is_forked():
    assert engine_link.HOST == HOST
    other = engine_popen(["true"])
    assert isinstance(other, subprocess.Popen)
    assert not isinstance(other, Forked)
    assert other.wait(20) == 0
