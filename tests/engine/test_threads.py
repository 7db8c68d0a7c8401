"""One BLAS thread unless asked otherwise, and only where there is something to divide."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from graphlab.engine import threads as module
from graphlab.engine.quiet import BUFFER, quiet
from graphlab.engine.threads import (
    HEAVY,
    VARIABLE,
    blas_threads,
    multiplies_in_pieces,
    thread_count,
)
from graphlab.engine.threads import threads as asked
from graphlab.errors import SettingsError


def threads() -> set[int]:
    return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}


def test_heavy_graphs_are_computed_with_one_thread_and_others_get_theirs_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with threadpool_limits(limits=2, user_api="blas"):
        before = threads()
        with blas_threads(HEAVY):
            assert threads() == {1}
        assert threads() == before


def test_tiny_graphs_pay_nothing() -> None:
    assert isinstance(blas_threads(HEAVY - 1), nullcontext)


def test_the_variable_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "4")
    assert thread_count() == 4
    for nonsense in ("0", "-1", "many", "1.5", ""):
        monkeypatch.setenv(VARIABLE, nonsense)
        with pytest.raises(SettingsError, match=VARIABLE):
            thread_count()


def test_what_is_asked_for_goes_before_the_variable_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "4")
    with asked(2):
        assert thread_count() == 2
        with blas_threads(HEAVY):
            assert threads() == {2}
        with asked(None):
            assert thread_count() == 2
    with asked(None):
        assert thread_count() == 4
    for nonsense in (0, -1, 5000):
        with pytest.raises(SettingsError, match=str(nonsense)), asked(nonsense):
            pass


@pytest.mark.parametrize(
    ("count", "has_kernels", "expected"), [("1", True, True), ("1", False, False), ("2", True, False)]
)
def test_products_are_taken_in_pieces_by_one_thread_that_has_kernels_for_small_matrices(
    count: str, has_kernels: bool, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, count)
    monkeypatch.setattr(module, "_has_small_kernels", lambda: has_kernels)
    assert multiplies_in_pieces() is expected


def test_numpys_buffers_are_small_and_its_warnings_off_only_while_a_graph_is_computed() -> None:
    size, warnings = np.getbufsize(), np.geterr()
    with quiet():
        assert np.getbufsize() == BUFFER
        assert set(np.geterr().values()) == {"ignore"}
    assert (np.getbufsize(), np.geterr()) == (size, warnings)
