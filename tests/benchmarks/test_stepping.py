"""The benchmark of steps measures what it says: every node has a turn forward and backward, and each is timed."""

from __future__ import annotations

from benchmarks import stepping
from graphlab.engine.workspace import Workspace


def test_all_of_the_large_graph_is_computed_forward_and_backward() -> None:
    document = stepping.large(200)
    schedule = Workspace(document).run.schedule
    assert len(document.nodes) == 200
    for phase in ("forward", "backward"):
        assert sum(entry.phase == phase for entry in schedule) == 200
    assert schedule[-1].phase == "update"


def test_each_entry_has_a_time_of_its_own() -> None:
    document = stepping.large(60)
    times = stepping.seconds_of(document)
    assert len(times) == len(Workspace(document).run.schedule)
    assert all(0 < seconds < 1 for seconds in times)
