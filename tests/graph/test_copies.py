"""Paths that lead into copies of a cell."""

from __future__ import annotations

from graphlab.graph.copies import bare, into, node_of, path_of, place_of, time_of


def test_a_step_names_the_node_and_the_copy() -> None:
    assert into("n5", 3) == "n5/t=3"
    assert node_of("n5/t=3") == node_of("n5") == "n5"
    assert (time_of("n5/t=12"), time_of("n5")) == (12, -1)
    assert bare(("n2", "n5/t=3")) == ("n2", "n5")


def test_the_beginning_of_keys_is_a_path() -> None:
    assert path_of("") == ()
    assert path_of("n2/n5/t=3/n1/") == ("n2", "n5/t=3", "n1")


def test_a_key_tells_where_its_node_stands() -> None:
    assert place_of("n4") == ((), "n4")
    assert place_of("n5/t=3/n1") == (("n5/t=3",), "n1")
    assert place_of("n5/in x") == ((), "n5")
    assert place_of("n2/n5/out y") == (("n2",), "n5")
