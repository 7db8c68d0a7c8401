"""dev.py, the one door: what it says when something is missing, and when it installs again."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

DEV = Path(__file__).parents[1] / "dev.py"


@pytest.fixture
def dev(tmp_path, monkeypatch) -> ModuleType:
    """A fresh dev.py with a workshop of its own, which runs nothing but notes what it would run."""
    spec = importlib.util.spec_from_file_location("dev_probe", DEV)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pins = tmp_path / "constraints.txt"
    pins.write_text("numpy==2.4.6\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n")
    module.ran = []
    changes = {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "STATE": tmp_path / ".venv" / "state.json",
        "PINS": (pins,),
        "python_works": lambda: True,
        "call": lambda *command, **more: module.ran.append([str(word) for word in command]) or 0,
    }
    for name, value in changes.items():
        monkeypatch.setattr(module, name, value)
    return module


def installs(dev: ModuleType) -> int:
    return sum("--editable" in command for command in dev.ran)


def test_nothing_is_installed_twice(dev):
    dev.set_up()
    dev.set_up()
    assert installs(dev) == 1


def test_a_changed_pin_is_installed(dev):
    dev.set_up()
    dev.PINS[0].write_text("numpy==2.5.0\n")
    dev.set_up()
    assert installs(dev) == 2


def test_torch_comes_when_asked_for_and_stays(dev):
    dev.set_up()
    assert not any("parity" in word for word in dev.ran[-1])
    dev.set_up("parity")
    dev.PINS[0].write_text("numpy==2.5.0\n")
    dev.set_up()
    assert any("parity" in word for word in dev.ran[-1])


def test_an_installation_that_failed_is_tried_again(dev, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(dev, "call", lambda *command, **more: 1)
        with pytest.raises(dev.SetUpError, match="pip could not install"):
            dev.set_up()
    dev.set_up()
    assert installs(dev) == 1


def test_a_damaged_note_of_what_is_installed_counts_as_none(dev):
    dev.STATE.write_text("[1, 2")
    dev.set_up()
    assert installs(dev) == 1


@pytest.mark.skipif(os.name == "nt", reason="Linux only")
def test_who_may_not_install_is_told_the_line_to_run(dev, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(dev, "can_load", lambda library: library != "libEGL.so.1")
    line = "sudo apt-get install --yes --no-install-recommends libegl1$"
    with pytest.raises(dev.SetUpError, match=line):
        dev.need_libraries(dev.OFFSCREEN)
    assert dev.ran == []


@pytest.mark.skipif(os.name == "nt", reason="Linux only")
def test_root_gets_the_missing_packages_and_only_those(dev, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0)
    monkeypatch.setattr(dev, "can_load", lambda library: library == "libxcb-shape.so.0")
    dev.need_libraries(dev.X11)
    packages = [word for word in dev.ran[-1] if word.startswith("lib")]
    assert packages == [package for package in dev.X11 if package != "libxcb-shape0"]


def test_without_a_screen_run_trains_and_pictures_the_window(dev, monkeypatch):
    monkeypatch.setattr(dev, "has_screen", lambda: False)
    monkeypatch.setattr(dev, "need_libraries", lambda libraries: None)
    assert dev.run(*dev.parse(["run", "xor"])) == 0
    assert [command[3:5] for command in dev.ran if "graphlab.cli" in command] == [
        ["train", "xor"],
        ["shot", "xor"],
    ]


def test_with_a_screen_run_opens_the_window(dev, monkeypatch):
    monkeypatch.setattr(dev, "has_screen", lambda: True)
    monkeypatch.setattr(dev, "need_libraries", lambda libraries: None)
    assert dev.run(*dev.parse(["run"])) == 0
    assert dev.ran[-1][3:] == [dev.EXAMPLE]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a screen")
@pytest.mark.parametrize(
    ("variable", "screen"), [("DISPLAY", True), ("WAYLAND_DISPLAY", True), ("TERM", False)]
)
def test_a_screen_is_what_x_or_wayland_announce(dev, monkeypatch, variable, screen):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, ":1")
    assert dev.has_screen() is screen


def test_a_misspelt_benchmark_is_named_with_the_nearest_one(dev):
    (dev.ROOT / "benchmarks").mkdir()
    for name in ("engine.py", "canvas.py", "report.py", "readme.py", "op_cases.py", "__init__.py"):
        (dev.ROOT / "benchmarks" / name).touch()
    with pytest.raises(dev.SetUpError, match=r"no benchmark 'engin'\. Did you mean engine\?"):
        dev.bench(*dev.parse(["bench", "engin"]))
    with pytest.raises(dev.SetUpError, match=r"Name the benchmark that --fast is for: canvas, engine\."):
        dev.bench(*dev.parse(["bench", "--fast"]))


def test_words_after_a_benchmark_go_to_it_and_need_its_name(dev, monkeypatch):
    (dev.ROOT / "benchmarks").mkdir()
    (dev.ROOT / "benchmarks" / "engine.py").touch()
    monkeypatch.setattr(dev, "need_libraries", lambda libraries: None)
    assert dev.bench(*dev.parse(["bench", "engine", "--check", "--only", "lenet"])) == 0
    assert dev.ran[-1][2:] == ["benchmarks.engine", "--check", "--only", "lenet"]
    with pytest.raises(dev.SetUpError, match=r"Name the benchmark that --readme is for: engine\."):
        dev.bench(*dev.parse(["bench", "--readme"]))


def test_words_after_test_go_to_pytest_and_elsewhere_are_refused(dev, capsys):
    assert dev.parse(["test", "tests/ops", "-k", "Tanh", "--parity"])[1] == ["tests/ops", "-k", "Tanh"]
    with pytest.raises(SystemExit):
        dev.parse(["lint", "nonsense"])
    assert "nonsense means nothing here" in capsys.readouterr().err


def test_every_check_runs_even_when_the_first_fails(dev, monkeypatch):
    ran: list[str] = []
    monkeypatch.setattr(
        dev, "call", lambda *command, **more: ran.append(command[2]) or int(command[2] == "ruff")
    )
    monkeypatch.setattr(dev, "set_up", lambda *extras: None)
    assert dev.lint(*dev.parse(["lint"])) == 1
    assert ran == ["ruff", "ruff", "mypy"]


def test_pins_are_exact_and_cover_what_the_project_asks_for():
    lines = (DEV.parent / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    project = (DEV.parent / "pyproject.toml").read_text(encoding="utf-8")
    for name in (
        "numpy",
        "PySide6-Essentials",
        "pyqtgraph",
        "networkx",
        "msgspec",
        "safetensors",
        "pytest",
        "torch",
    ):
        assert name in pins
        assert name in project
    assert tuple(map(int, pins["PySide6-Essentials"].split(".")[:2])) < (6, 12)  # aborts Python 3.11


def test_ci_gets_a_browser_where_there_is_none(dev, monkeypatch):
    monkeypatch.setattr(dev.sys, "platform", "linux")
    asked = []
    monkeypatch.setattr(dev, "install_packages", asked.extend)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/usr/bin/chromium" if name == "chromium" else None)
    dev.need_browser()
    assert asked == []
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    dev.need_browser()
    assert asked == ["chromium"]
