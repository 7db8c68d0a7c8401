"""`graphlab report`."""

from __future__ import annotations

from pathlib import Path


def test_it_writes_one_page_and_says_where(call, tmp_path):
    done = call("report", "xor", "-o", "out.html", "--author", "Ada <3")
    assert done.code == 0
    assert done.out.startswith("Wrote out.html, ")
    assert 'value="Ada &lt;3"' in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_machines_are_told_path_and_size(call, tmp_path):
    told = call("report", "xor", "--json").json
    path = Path(told["path"])
    assert path.suffix == ".html"
    assert (tmp_path / path).stat().st_size == told["bytes"]


def test_it_tells_the_run_that_was_kept(call, tmp_path):
    call("train", "xor", "--epochs", 2, "--no-record", "--save", "own.graphlab")
    call("train", "own.graphlab", "--epochs", 2)
    assert call("report", "1", "--of", "own.graphlab", "-o", "run.html").code == 0
    assert 'id="result"' in (tmp_path / "run.html").read_text(encoding="utf-8")
    assert call("report", "7", "--of", "own.graphlab").complaint.startswith("There is no run '7'")


def test_bad_input_is_refused_in_a_line(call, tmp_path):
    assert "Did you mean xor?" in call("report", "xorr").complaint
    assert ".html" in call("report", "xor", "-o", "xor.txt").complaint
    assert not (tmp_path / "xor.txt").exists()
