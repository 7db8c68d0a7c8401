"""What a graph takes, in words."""

from __future__ import annotations

from graphlab.engine.messages import Totals
from graphlab.ui.totals import explanation, summary

KNOWN = Totals(1, 1_200_000, 2_300_000, 3_100_000, 97_440, 32)


def test_everything_in_one_line() -> None:
    assert summary(6090, KNOWN) == "6,090 parameters · 1.2 MFLOP/example · 3.1 MB"
    assert summary(1, None) == "1 parameter"
    assert summary(0, Totals(1, None, None, None, 0, 32)) == "0 parameters"


def test_the_tooltip_says_what_is_counted() -> None:
    told = explanation(6090, KNOWN)
    assert "6,090 learnable numbers" in told
    assert "Forward: 1.2 MFLOP for one example" in told
    assert "Backward: 2.3 MFLOP more" in told
    assert "3.1 MB with 32 examples at once: 97.4 kB for parameters" in told
    assert "3 MB for values" in told
    assert "no fault" not in told


def test_what_is_not_known_is_said() -> None:
    assert "open until something is fed" in explanation(0, Totals(1, None, None, None, 0, 32))
    assert "no fault" in explanation(0, KNOWN, is_partial=True)
    assert "no loss" in explanation(0, Totals(1, 12, 0, 400, 0, 32))
