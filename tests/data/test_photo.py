"""A picture as a node: what it gives, how it travels, and what is said when it is not here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import graphlab as gl
from graphlab.data import photo, store
from graphlab.data.photo import photo_of, pixels_of
from graphlab.engine import Run
from graphlab.engine.inference import infer
from graphlab.errors import ParamError
from graphlab.graph import Graph
from graphlab.io import load, save
from graphlab.ops import make
from graphlab.ops.contents import PRESENT


def flag(path: Path, size: tuple[int, int] = (6, 4)) -> Path:
    made = Image.new("RGB", size, "#ff0000")
    made.putpixel((5, 0), (0, 0, 255))
    made.save(path)
    return path


def test_a_picture_gives_its_pixels_channels_first_from_0_to_1(tmp_path: Path):
    graph = Graph()
    graph.add("Picture", name="flag", **gl.data.picture(flag(tmp_path / "flag.png")))
    run = Run(graph)
    run.forward()
    y = run.value("flag")
    assert y.shape == (1, 3, 4, 6)
    assert y[0, :, 0, 5].tolist() == [0, 0, 1]
    assert y[0, :, 1, 5].tolist() == [1, 0, 0]


def test_until_one_is_chosen_it_is_the_sample():
    op = make("Picture", {})
    pixels = pixels_of(op)
    assert pixels is not None
    assert pixels.shape == (3, 96, 96)
    assert op.lack() == ("", "")
    assert op.contents() == ()  # it comes with graphlab, so no file has to carry it


def test_it_travels_inside_the_document(tmp_path: Path):
    found = gl.data.picture(flag(tmp_path / "flag.png"))
    graph = Graph()
    graph.add("Picture", name="flag", **found)
    save(graph, tmp_path / "a.graphlab")
    assert (tmp_path / "a.graphlab").stat().st_size < 5000
    store._kept.pop(found["content"])  # as in a program that has just been started
    PRESENT.discard(found["content"])
    assert pixels_of(graph.document.node("flag").make()) is None
    again = load(tmp_path / "a.graphlab")[0].document.node("flag").make()
    np.testing.assert_array_equal(pixels_of(again), np.rint(255 * found.cells).reshape(3, 4, 6))


def test_one_that_is_not_here_is_a_fault_with_what_to_do():
    graph = Graph()
    graph.add("Picture", name="lost", file="cat.png", content="0" * 64, size=(1, 4, 4))
    (problem,) = infer(graph.document).problems
    assert "cat.png is not here" in problem.message
    assert "inspector" in problem.hint
    assert pixels_of(graph.document.node("lost").make()) is None


def test_a_large_one_is_kept_smaller_and_that_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(photo, "MOST_PIXELS", 100)
    found = photo_of(np.zeros((1, 40, 10), np.uint8), "long.png")
    assert found.size == (1, 20, 5)
    assert found.notes[0].startswith("It was 10×40 pixels and is kept as 5×20")


@pytest.mark.parametrize("size", [(), (2, 4, 4), (1, 0, 4), ("N", 4, 4)])
def test_sizes_that_no_picture_has_are_refused(size: tuple[object, ...]):
    with pytest.raises(ParamError, match=r"Picture\.size"):
        make("Picture", {"size": size})
