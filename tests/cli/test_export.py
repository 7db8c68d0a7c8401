"""`graphlab export`."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("name", "start"), [("g.mmd", "flowchart"), ("g.dot", "digraph"), ("g.tex", "% \\usepackage{tikz}")]
)
def test_texts_are_written_by_their_suffix(call, tmp_path, name, start):
    assert call("export", "xor", name).code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_another_suffix_is_refused_with_those_there_are(call):
    assert (
        "Let it end in .svg, .pdf, .png, .mmd, .dot, .tex, .py." in call("export", "xor", "g.gif").complaint
    )


def test_a_folder_that_is_not_there_is_named(call):
    assert "no folder" in call("export", "xor", "nowhere/g.mmd").complaint


def test_a_picture_shows_the_values(program_call, tmp_path):
    done = program_call("export", "tanh-by-hand", "g.svg")
    assert done.code == 0, done.err
    assert "0.9866" in (tmp_path / "g.svg").read_text(encoding="utf-8")
