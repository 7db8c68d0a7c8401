"""`graphlab weights`: listed, saved, loaded, transferred, refused."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.io import load, weight_files


@pytest.fixture
def trained(call, tmp_path):
    assert call("train", "xor", "--epochs", 3, "--save", "xor.graphlab").code == 0
    return tmp_path / "xor.graphlab"


def test_they_are_listed(call, trained):
    told = call("weights", "xor.graphlab")
    assert "hidden.weight" in told.out
    assert "8×2" in told.out
    assert "33 numbers in 4 arrays" in told.out
    assert {"name": "out.bias", "shape": [1], "numbers": 1, "bad": 0} in call("weights", "xor", "--json").json


def test_saved_and_loaded_they_are_the_same(call, trained):
    for suffix in weight_files.WRITABLE:
        assert "Wrote 4 arrays" in call("weights", trained, "save", f"w{suffix}").out
        assert call("weights", "xor", "load", f"w{suffix}", "--out", "again").code == 0
        ours, theirs = (load(name)[1] for name in ("xor.graphlab", "again.graphlab"))
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_only_some_are_loaded(call, trained):
    fresh = call("weights", "xor", "load", trained, "--only", "hidden", "--out", "some.graphlab")
    assert fresh.code == 0
    some, whole = load("some.graphlab")[1], load(trained)[1]
    assert np.array_equal(some["hidden.weight"], whole["hidden.weight"])
    assert not np.array_equal(some["out.weight"], whole["out.weight"])


def test_loading_demands_all_and_transfer_takes_what_fits(call, trained, tmp_path):
    refused = call("weights", "spirals", "load", trained, "--out", "s").complaint
    assert "4 missing there: hidden1.weight, hidden1.bias, hidden2.weight, hidden2.bias;" in refused
    assert "1 of another shape: out.weight (1×8 there, 1×32 here" in refused
    assert "2 not expected here: hidden.bias, hidden.weight" in refused
    assert "nothing was changed" in refused
    assert "transfer" in refused
    assert not (tmp_path / "s.graphlab").exists()
    found = call("weights", "spirals", "transfer", trained, "--out", "s", "--json").json
    taken = {row["here"]: row["taken"] for row in found["rows"]}
    assert taken["out.bias"]
    assert not taken["out.weight"]
    assert "8 instead of 32 inputs" in next(r["words"] for r in found["rows"] if r["here"] == "out.weight")
    assert load("s.graphlab")[1]["out.bias"] == load(trained)[1]["out.bias"]


def test_layers_of_other_names_need_a_word(call, trained):
    found = load(trained)[1]
    weight_files.write("other.npz", {name.replace("hidden", "fc"): a for name, a in found.items()})
    told = call("weights", "xor", "transfer", "other.npz", "--dry-run")
    assert "? hidden.weight" in " ".join(told.out.split())
    assert "--by-shape" in told.out
    call("weights", "xor", "transfer", "other.npz", "--by-shape", "--out", "named")
    assert np.array_equal(load("named.graphlab")[1]["hidden.weight"], found["hidden.weight"])
    call("weights", "xor", "transfer", "other.npz", "--map", "hidden.bias=fc.bias", "--out", "mapped")
    assert np.array_equal(load("mapped.graphlab")[1]["hidden.bias"], found["hidden.bias"])


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("load", "nan.npz", "--out", "o"), "1 of 1 numbers is NaN"),
        (("transfer", "nan.npz"), "An example cannot be written over. Add --out"),
        (("transfer", "nan.npz", "--out", "o.json"), "has no place for weights"),
        (("transfer", "nan.npz", "--only", "nix", "--dry-run"), "There are no weights called nix"),
        (("transfer", "nan.npz", "--map", "a", "--dry-run"), "is not of the form HERE=THERE"),
        (("transfer", "nan.npz", "--map", "a=b", "--dry-run"), "The graph has no weights a"),
        (("transfer", "nan.npz", "--map", "out.bias=b", "--dry-run"), "The file has no weights b"),
        (("save", "w.txt"), "what kind of file"),
        (("load",), "needs a file of weights"),
    ],
)
def test_what_cannot_be_is_said(call, words, what):
    from graphlab.engine import Run
    from graphlab.io.examples import example

    found = dict(Run(load(example("xor").path)[0]).weights)
    weight_files.write("nan.npz", found | {"out.bias": np.array([np.nan])})
    assert what in call("weights", "xor", *words).complaint


def test_weights_with_nan_are_named_in_the_list(call):
    weight_files.write("nan.npz", {"a": np.array([np.nan, 1])})
    told = call("weights", "nan.npz")
    assert told.code == 1
    assert "a: 1 of 2 numbers are NaN" in told.err
