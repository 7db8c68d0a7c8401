"""`graphlab shot`: a real picture of the window, and what is refused before Qt is even loaded."""

from __future__ import annotations

import pytest

from graphlab.cli.shot import png_size


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_writes_a_picture_of_that_size(program_call, tmp_path, theme):
    done = program_call("shot", "colah", "out.png", "--theme", theme, "--size", "1300x800")
    assert done.code == 0, done.err
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert png_size(tmp_path / "out.png") == (1300, 800)
    assert done.out == "Wrote out.png, 1300×800 pixels.\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing", "out.png"], "There is no file or example 'nothing'."),
        (["xor", "out.jpg"], "Let it end in .png."),
        (["xor", "no/folder/out.png"], "There is no folder"),
        (["xor", "out.png", "--size", "big"], "'big' is no size."),
        (["xor", "out.png", "--size", "90000x1"], "is no size"),
        (["xor", "out.png", "--theme", "pink"], "'pink' is not one of"),
        (["xor", "out.png", "--train", "-1"], "-1 is not in the range"),
    ],
)
def test_bad_input_is_refused_in_one_line(call, words, says):
    assert says in call("shot", *words).complaint
