"""`graphlab export`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from graphlab import Graph, save


@pytest.mark.parametrize(
    ("name", "start"), [("g.mmd", "flowchart"), ("g.dot", "digraph"), ("g.tex", "% \\usepackage{tikz}")]
)
def test_texts_are_written_by_their_suffix(call, tmp_path, name, start):
    assert call("export", "xor", name).code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_another_suffix_is_refused_with_those_there_are(call):
    assert (
        "Let it end in .svg, .pdf, .png, .mmd, .dot, .tex, .py, .onnx."
        in call("export", "xor", "g.gif").complaint
    )


def test_a_folder_that_is_not_there_is_named(call):
    assert "no folder" in call("export", "xor", "nowhere/g.mmd").complaint


def test_a_picture_shows_the_values(program_call, tmp_path):
    done = program_call("export", "tanh-by-hand", "g.svg")
    assert done.code == 0, done.err
    assert "0.9866" in (tmp_path / "g.svg").read_text(encoding="utf-8")


def test_the_code_is_written_with_its_arrays_beside_it(call, tmp_path):
    done = call("export", "digits-mlp", "digits.py", "--train", "3")
    assert done.code == 0, done.complaint
    assert "digits.npz" in done.out
    text = (tmp_path / "digits.py").read_text(encoding="utf-8")
    assert "hidden = digits_x @ hidden_weight.T + hidden_bias" in text
    assert "t=4" in text  # Adam's next step
    printed = subprocess.run(
        [sys.executable, "digits.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert printed.stdout.startswith("loss = ")


def test_predictions_leave_as_onnx(call, tmp_path):
    onnx = pytest.importorskip("onnx")
    assert "Wrote digits.onnx" in call("export", "digits-mlp", "--to", "digits.onnx").out
    assert [each.name for each in onnx.load(tmp_path / "digits.onnx").graph.output] == ["out"]
    assert call("export", "digits-mlp", "digits.onnx", "--loss").code == 0
    assert [each.name for each in onnx.load(tmp_path / "digits.onnx").graph.output] == ["loss"]


def test_a_module_of_pytorch_has_its_weights_beside_it(call, tmp_path):
    done = call("export", "digits-cnn", "digits.py", "--pytorch")
    assert "Wrote digits.py and digits.safetensors." in done.out
    assert "class " in (tmp_path / "digits.py").read_text(encoding="utf-8")
    done = call("export", "xor", "xor.py", "--pytorch", "--loop", "--train", "5")
    assert "xor.npz" in done.out
    assert "def train(model, data, epochs" in (tmp_path / "xor.py").read_text(encoding="utf-8")


def test_somewhere_must_be_named(call):
    assert "export xor OUT, such as xor.onnx" in call("export", "xor").complaint


def test_code_without_data_says_what_is_missing(call, tmp_path):
    g = Graph("hungry")
    g.add("Sum", g.add("Input", name="x", shape=("N", 2)), name="loss")
    save(g, tmp_path / "hungry.graphlab")
    done = call("export", "hungry.graphlab", "hungry.py")
    assert done.code != 0
    assert "x has not been fed" in done.complaint
    assert not (tmp_path / "hungry.py").exists()


@pytest.mark.parametrize(
    ("option", "out"),
    [("--pytorch", "a.onnx"), ("--loop", "a.svg"), ("--loss", "a.py"), ("--plain", "a.pdf")],
)
def test_an_option_for_another_kind_of_file_is_not_passed_over(call, tmp_path, option, out):
    done = call("export", "xor", out, option)
    assert done.code != 0
    assert f"{option} says nothing to {out}" in done.complaint
    assert not (tmp_path / out).exists()


def test_a_plain_drawing_needs_no_window_and_shows_settings(call, tmp_path, monkeypatch):
    monkeypatch.setattr("graphlab.cli.export.unseen_qt_app", None)
    assert call("export", "digits-mlp", "g.svg", "--plain").code == 0
    text = (tmp_path / "g.svg").read_text(encoding="utf-8")
    assert "units 64" in text
    assert call("export", "digits-mlp", "dark.svg", "--plain", "--theme", "dark").code == 0
    assert "#14161a" in (tmp_path / "dark.svg").read_text(encoding="utf-8")
