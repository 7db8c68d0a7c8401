"""Parts of arrays, surveys of them, the largest of all, and files: as the engine answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.answers import ANSWERS
from graphlab.engine.looking import write_npy
from graphlab.engine.workspace import Workspace
from graphlab.errors import SaveError
from graphlab.graph import Graph
from tests.engine.test_workspace import moons


@pytest.fixture
def graph() -> Graph:
    return moons()


@pytest.fixture
def space(graph: Graph) -> Workspace:
    space = Workspace()
    space.load(graph.document, keep=False)
    space.phase("backward")
    return space


def ask(space: Workspace, question: m.Command) -> m.Event:
    """By way of the wire, as between the processes."""
    sent = m.decode_command(m.encode(question)[8:])
    return m.decode_event(m.encode(ANSWERS[type(sent)](space, 1, sent))[8:])


def weight(graph: Graph, kind: str = "value") -> m.TensorKey:
    return m.TensorKey(kind, graph["hidden"].id, "weight")


def test_a_part_of_a_parameter_comes_exactly(graph: Graph, space: Workspace) -> None:
    whole = space.array(weight(graph))
    assert whole is not None
    rows, columns = whole[0].shape
    looked = ask(space, m.Look(7, weight(graph), ((1, rows, 1), (0, columns, 1))))
    assert isinstance(looked, m.Looked)
    assert (looked.request, looked.shape, looked.fresh) == (7, whole[0].shape, True)
    assert np.array_equal(looked.array, whole[0][1:])


def test_a_part_that_reaches_too_far_is_cut(graph: Graph, space: Workspace) -> None:
    looked = ask(space, m.Look(1, weight(graph), ((90, 91, 1), (0, 99, 1))))
    assert isinstance(looked, m.Looked)
    rows, columns = looked.shape
    assert looked.spans == ((rows - 1, rows, 1), (0, columns, 1))


@pytest.mark.parametrize("spans", [((0, 1, 1),), ((0, 1, 0), (0, 1, 1))])
def test_a_part_that_cannot_be_says_so(
    graph: Graph, space: Workspace, spans: tuple[tuple[int, int, int], ...]
) -> None:
    looked = ask(space, m.Look(1, weight(graph), spans))
    assert isinstance(looked, m.Looked)
    assert looked.array is None
    assert "no part" in looked.message


def test_what_is_not_computed_yet_says_so(graph: Graph, tmp_path: Path) -> None:
    space = Workspace()
    space.load(graph.document, keep=False)
    key = m.TensorKey("grad", graph["hidden"].id, "y")
    looked = ask(space, m.Look(1, key, ((0, 1, 1), (0, 1, 1))))
    assert isinstance(looked, m.Looked)
    assert "Not computed" in looked.message
    surveyed = ask(space, m.Survey(2, key))
    assert isinstance(surveyed, m.Surveyed)
    assert surveyed.stats is None
    exported = ask(space, m.Export(3, key, str(tmp_path / "a.npy")))
    assert isinstance(exported, m.Exported)
    assert exported.message
    assert not list(tmp_path.iterdir())


def test_a_survey_tells_of_the_whole(graph: Graph, space: Workspace) -> None:
    found = space.array(weight(graph, "grad"))
    assert found is not None
    told = ask(space, m.Survey(2, weight(graph, "grad"), bins=10))
    assert isinstance(told, m.Surveyed)
    assert told.stats is not None
    assert told.stats.norm == pytest.approx(np.linalg.norm(found[0]), rel=1e-6)
    assert told.counts.sum() == found[0].size
    assert told.high is not None
    assert found[0][told.high] == found[0].max()


def test_the_largest_numbers_of_each_node_and_of_the_whole(graph: Graph, space: Workspace) -> None:
    ranged = ask(space, m.Range(3))
    assert isinstance(ranged, m.Ranged)
    hidden = graph["hidden"].id
    keys = [m.TensorKey("grad", hidden, socket) for socket in ("y", "weight", "bias")]
    arrays = [found[0] for key in keys if (found := space.array(key)) is not None]
    assert ranged.nodes["grad"][hidden] == pytest.approx(max(np.abs(a).max() for a in arrays))
    for kind in ("value", "grad"):
        assert ranged.whole[kind] == max(ranged.nodes[kind].values())


@pytest.mark.parametrize("layout", ["C", "F"])
def test_a_file_holds_the_array_to_the_bit(tmp_path: Path, layout: str) -> None:
    array = np.random.default_rng(0).normal(size=(300, 400)).astype(np.float32)
    array = array if layout == "C" else np.asfortranarray(array)
    size = write_npy(tmp_path / "a.npy", array)
    read = np.load(tmp_path / "a.npy")
    assert np.array_equal(read, array)
    assert read.dtype == array.dtype
    assert size == (tmp_path / "a.npy").stat().st_size
    for odd in (np.float64(2.5), np.zeros((0, 3)), np.arange(5)):
        write_npy(tmp_path / "b.npy", np.asarray(odd))
        assert np.array_equal(np.load(tmp_path / "b.npy"), odd)


def test_a_gradient_is_exported_by_the_engine(graph: Graph, space: Workspace, tmp_path: Path) -> None:
    exported = ask(space, m.Export(4, weight(graph, "grad"), str(tmp_path / "g.npy")))
    assert isinstance(exported, m.Exported)
    assert exported.size == (tmp_path / "g.npy").stat().st_size
    found = space.array(weight(graph, "grad"))
    assert found is not None
    assert np.array_equal(np.load(tmp_path / "g.npy"), found[0])


def test_a_full_disk_is_told_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "a.npy"
    place.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SaveError, match="no room"):
        write_npy(place, np.ones(5))
    assert place.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.npy"]
