"""Where sweeps lie, and which is meant."""

from __future__ import annotations

import time

import msgspec
import pytest

from graphlab.errors import FileError
from graphlab.lab.sweeps import kept
from graphlab.lab.sweeps.names import find_sweep, kept_sweeps, newest_unfinished, sweep_folders, sweeps_folder
from graphlab.lab.sweeps.records import End

from .made import made_sweep


@pytest.fixture
def folder(tmp_path):
    first = made_sweep(tmp_path, trials=2)
    second = tmp_path / "0002-20261128-130000"
    first.rename(second)
    made_sweep(tmp_path, trials=2)
    (tmp_path / "0003-20261128-140000").mkdir()  # just being made
    return tmp_path


def test_sweeps_lie_beside_the_file_and_each_example_has_a_folder_of_its_own(tmp_path):
    assert sweeps_folder(tmp_path / "net.graphlab") == tmp_path / "net.sweeps"
    assert sweeps_folder(None, "digits mlp/2").name == "digits-mlp-2.sweeps"
    assert sweeps_folder(None, "xor") != sweeps_folder(None, "spiral")


def test_the_newest_comes_first_and_what_is_no_sweep_is_left_out(folder):
    assert [path.name[:4] for path in sweep_folders(folder)] == ["0002", "0001"]


@pytest.mark.parametrize("word", ["2", "#2", "0002", "0002-20261128-130000"])
def test_a_sweep_is_meant_by_its_number_or_its_name(folder, word):
    assert find_sweep(folder, word).name == "0002-20261128-130000"


def test_a_sweep_that_is_not_there_is_told_with_those_that_are(folder):
    with pytest.raises(FileError, match=r"no sweep '7'.*0002-20261128-130000, 0001"):
        find_sweep(folder, "7")
    with pytest.raises(FileError, match="means several"):
        find_sweep(folder, "000")


def test_a_damaged_sweep_is_named_and_the_others_are_read(folder):
    (folder / "0002-20261128-130000" / kept.HEAD).write_bytes(b"{")
    found, broken = kept_sweeps(folder)
    assert [sweep.head.number for sweep in found] == [1]
    assert broken == ["0002-20261128-130000"]


def test_the_newest_that_is_not_finished_goes_on(folder):
    end = msgspec.json.encode(End("finished", time.time()))
    (folder / "0002-20261128-130000" / kept.END).write_bytes(end)
    assert newest_unfinished(folder).name[:4] == "0001"
    (newest_unfinished(folder) / kept.END).write_bytes(end)
    with pytest.raises(FileError, match="All sweeps there are finished"):
        newest_unfinished(folder)
