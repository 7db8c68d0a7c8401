"""resources/ is found in a checkout and inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

from graphlab import resources
from graphlab.resources import resource


def test_a_checkout_finds_the_folder_beside_the_package():
    assert resource("data", "digits.npz").is_file()


def test_a_wheel_finds_the_folder_inside_the_package(tmp_path, monkeypatch):
    packaged = tmp_path / "resources" / "data"
    packaged.mkdir(parents=True)
    (packaged / "digits.npz").touch()
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    assert resource("data", "digits.npz") == packaged / "digits.npz"


def test_what_is_not_there_is_a_path_that_does_not_exist():
    assert isinstance(resource("no", "such", "thing"), Path)
    assert not resource("no", "such", "thing").exists()
