"""`graphlab wants`, `why` and `dream`: figures, pictures, and what is told of bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab.data.pictures import read_picture, to_png
from graphlab.graph import Graph
from graphlab.io import save

TRAINED = ("digits-cnn", "--trained")


def test_a_picture_climbs_and_is_saved_with_the_best_samples_beside_it(call: Any, tmp_path: Path) -> None:
    out = tmp_path / "wants.png"
    told = call(
        "wants",
        *TRAINED[:1],
        "out",
        "--at",
        "3",
        *TRAINED[1:],
        "--steps",
        "20",
        "--best",
        "--out",
        str(out),
    )
    assert told.code == 0, told.err
    assert "out[3] says" in told.out
    assert "Of the training rows it says most at" in told.out
    channels, height, width = read_picture(out).shape
    assert channels in (1, 3)
    assert width > 8 * height


def test_json_holds_curve_and_picture(call: Any) -> None:
    told = call("wants", "digits-cnn", "out", "--at", "3", "--steps", "5", "--json").json
    assert told["unit"] == "out[3]"
    assert len(told["curve"]) == 6
    assert told["curve"][-1] > told["curve"][0]
    assert np.shape(told["picture"]) == (1, 8, 8)


@pytest.mark.parametrize("method", ["integrated", "grad-cam", "occlusion", "fool"])
def test_an_answer_is_explained(call: Any, tmp_path: Path, method: str) -> None:
    out = tmp_path / "why.png"
    told = call("why", *TRAINED, "--row", "5", "--method", method, "--patch", "3", "--out", str(out))
    assert told.code == 0, told.err
    assert "% sure" in told.out
    assert out.stat().st_size > 100


def test_a_picture_of_ones_own_is_made_to_fit(call: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.png"
    own.write_bytes(to_png(np.random.default_rng(0).integers(0, 255, (3, 40, 30)).astype(np.uint8)))
    told = call("why", *TRAINED, "--picture", str(own), "--json").json
    assert np.shape(told["map"]) == (1, 8, 8)
    out = tmp_path / "dream.png"
    dreamt = call("dream", "digits-cnn", "conv1", str(own), "--steps", "2", "--out", str(out))
    assert dreamt.code == 0, dreamt.err
    _, height, width = read_picture(out).shape
    assert height / width == pytest.approx(40 / 30)


def test_bad_input_is_one_line(call: Any, tmp_path: Path) -> None:
    assert "no unit [99]" in call("wants", "digits-cnn", "out", "--at", "99").complaint
    assert "no row 99,999" in call("why", "digits-cnn", "--row", "99999").complaint
    assert "Let it end in .png" in call("why", "digits-cnn", "--out", "why.txt").complaint
    assert "no parameters of 'xor'" in call("why", "xor", "--trained").complaint
    assert "No picture goes into this graph" in call("why", "xor").complaint
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    assert "broken.png" in call("why", "digits-cnn", "--picture", str(broken)).complaint


def test_a_graph_without_data_takes_a_picture(call: Any, tmp_path: Path) -> None:
    g = Graph("bare")
    x = g.add("Input", name="x", shape=("N", 1, 4, 4))
    g.add("Linear", g.add("Flatten", x), name="scores", units=3)
    save(g, tmp_path / "bare.graphlab")
    np.save(tmp_path / "x.npy", np.zeros((1, 4, 4)))
    told = call("why", str(tmp_path / "bare.graphlab"), "--picture", str(tmp_path / "x.npy"), "--json").json
    assert told["class"] in ("0", "1", "2")
    assert "no train rows" in call("why", str(tmp_path / "bare.graphlab")).complaint
