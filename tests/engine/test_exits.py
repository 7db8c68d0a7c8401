"""How a process ended, in words."""

from __future__ import annotations

import pytest

from graphlab.engine.exits import how_it_ended


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "it left unasked"),
        (3, "exit code 3"),
        (-9, "signal SIGKILL: it was killed, perhaps for want of memory"),
        (-11, "signal SIGSEGV"),
        (-250, "signal 250"),
    ],
)
def test_signals_have_their_names(code, words):
    assert how_it_ended(code) == words
