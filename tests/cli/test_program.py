"""The program as a whole: its words, its exit codes, its manners in a pipe, and that Qt stays away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

COMMANDS = {
    "examples": ["examples"],
    "examples as JSON": ["examples", "--json"],
    "show": ["show", "digits-cnn"],
    "run": ["run", "colah", "--step"],
    "train": ["train", "xor", "--epochs", "2", "--save", "out"],
    "check": ["check", "xor"],
    "help": ["--help"],
    "version": ["--version"],
    "new": ["new", "--template", "cnn", "mine"],
    "templates": ["templates"],
    "parts": ["parts"],
    "compare": ["compare", "xor", "spirals"],
    "a mistake": ["show", "nothing"],
}

NAMES = ("check", "compare", "examples", "new", "run", "shot", "show", "templates", "train")

WITHOUT_QT = f"""
import sys
from graphlab.cli.program import program
for name, words in {COMMANDS!r}.items():
    try:
        program.main(words)
    except SystemExit as end:
        pass
    found = sorted(name for name in sys.modules if name.split(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"))
    assert not found, (name, found)
    assert not any(each.startswith("graphlab.ui") for each in sys.modules), name
    print("no Qt by", name)
"""


def test_qt_is_not_imported_by_commands_that_do_not_draw(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_QT], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert [f"no Qt by {name}" for name in COMMANDS] == re.findall(
        "^no Qt by .*$", done.stdout, re.MULTILINE
    ), done.stderr


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]


def test_version(call, project):
    assert call("--version").out == f"graphlab {project['version']}\n"


def test_help_lists_every_command_in_one_line_each(call):
    out = call("--help").out
    for name in NAMES:
        assert re.search(rf"^  {name}  +\S.*\.$", out, re.MULTILINE)


@pytest.mark.parametrize(
    "command", ["check", "compare", "examples", "new", "run", "shot", "show", "templates", "train"]
)
def test_every_command_has_help(call, command):
    done = call(command, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: graphlab {command}")


def test_the_installed_program_and_the_module_are_the_same_thing(project):
    from graphlab.cli import main, program

    assert project["scripts"] == {"graphlab": "graphlab.cli:main"}
    assert main is program.main


def test_exit_codes_reach_the_shell(program_call):
    assert program_call("examples").code == 0
    assert program_call("show", "nothing").code == 2


@pytest.mark.parametrize(
    "words", [["train", "xor", "--json", "--epochs", "5000"], ["train", "xor", "--epochs", "5000"]]
)
def test_a_reader_that_goes_away_ends_the_program_quietly(words, tmp_path):
    """As `graphlab … | head -1`: the pipe is closed while there is more to write."""
    process = subprocess.Popen(
        [sys.executable, "-m", "graphlab.cli", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 1


def test_no_colour_is_written_when_it_is_not_wanted(program_call):
    coloured = program_call("show", "nothing", env={**os.environ, "FORCE_COLOR": "1"})
    plain = program_call("show", "nothing", env={**os.environ, "FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert "\x1b[31m" in coloured.err or "\x1b[1;31m" in coloured.err
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", plain.err)


def test_a_terminal_that_cannot_show_a_minus_sign_is_no_error(program_call):
    done = program_call("run", "cs231n-neuron", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.code == 0
    assert "?3" in done.out


def test_without_a_screen_the_window_is_refused_in_one_line(call, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for words in ([], ["xor"]):
        assert "There is no screen here to open a window on." in call(*words).complaint


def test_a_file_or_example_in_place_of_a_command_opens_the_window(call, write, monkeypatch):
    from types import SimpleNamespace

    from graphlab.cli import window
    from graphlab.graph import Graph

    opened = []
    monkeypatch.setattr(window, "has_screen", lambda: True)
    monkeypatch.setattr(window, "qt_app", lambda: SimpleNamespace(open_window=opened.append))
    path = write(Graph("mine"))
    for words in ([], ["xor"], [path]):
        assert call(*words).code == 0
    nothing, example, file = opened
    assert nothing is None
    assert isinstance(example, Graph), "an example is a copy, so that saving cannot overwrite it"
    assert example.name == "XOR"
    assert file == str(path)


def test_a_window_without_qt_is_refused_in_one_line(call, monkeypatch):
    monkeypatch.setattr("graphlab.cli.window.has_screen", lambda: True)
    monkeypatch.setitem(sys.modules, "graphlab.ui.app", None)
    monkeypatch.delattr("graphlab.ui.app", raising=False)
    assert "The window needs Qt, which cannot be loaded" in call("xor").complaint
