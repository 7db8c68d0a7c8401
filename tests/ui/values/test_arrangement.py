"""Which axes are rows and columns, and back from a place in the matrix to the element of the tensor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphlab.engine.regions import size_of
from graphlab.ui.values.arrangement import NONE, Arrangement
from graphlab.ui.widgets.extent import Extent, blocks


def test_the_last_two_axes_are_rows_and_columns_at_first() -> None:
    assert (Arrangement.of((4, 3, 8, 9)).rows, Arrangement.of((4, 3, 8, 9)).columns) == (2, 3)
    assert (Arrangement.of((7,)).rows, Arrangement.of((7,)).columns) == (NONE, 0)
    assert Arrangement.of(()).size == (1, 1)


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.data())
def test_a_place_in_the_matrix_leads_to_its_element_and_back(shape: list[int], data: st.DataObject) -> None:
    axes = data.draw(st.permutations(range(len(shape))))
    arrangement = Arrangement.of(tuple(shape)).turned(rows=axes[0]).turned(columns=axes[1])
    assert {arrangement.rows, arrangement.columns} == {axes[0], axes[1]}
    for axis in arrangement.hidden:
        arrangement = arrangement.moved(axis, data.draw(st.integers(-2, 9)))
    rows, columns = arrangement.size
    position = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    index = arrangement.index(position)
    assert arrangement.shows(index)
    assert arrangement.position(index) == position
    spans = arrangement.spans((0, rows, 0, columns))
    assert [size_of(span) for span in spans] == [
        size if k in (arrangement.rows, arrangement.columns) else 1 for k, size in enumerate(shape)
    ]


def test_an_axis_that_is_the_other_ones_changes_places_with_it() -> None:
    turned = Arrangement.of((2, 3, 4)).turned(rows=2)
    assert (turned.rows, turned.columns) == (2, 1)


def test_a_tensor_of_another_size_keeps_the_slice_as_far_as_it_goes() -> None:
    arrangement = Arrangement.of((4, 5, 6)).moved(0, 3)
    assert arrangement.fitted((2, 5, 6)).at[0] == 1
    assert arrangement.fitted((5, 6)) == Arrangement.of((5, 6))


def test_a_gallery_takes_the_axis_that_has_several() -> None:
    assert Arrangement.of((32, 16, 3, 3)).tile_axis() == 1
    assert Arrangement.of((16, 1, 3, 3)).tile_axis() == 0


def test_an_extent_tells_which_elements_a_cell_stands_for() -> None:
    extent = Extent(100, 90, 60, 90, top=20, left=0, down=7, across=10)
    assert extent.cell((26, 15)) == (0, 1)
    assert extent.block((79, 85)) == (76, 80, 80, 90)
    assert not extent.covers((80, 0))
    assert extent.holds((20, 80, 0, 90))
    assert "the largest of each 7×10" in extent.told()
    assert Extent.whole(3, 3).told() == ""
    assert blocks((0, 1000, 0, 10), 100, 100) == (10, 1)
