"""Calling the command line: in this process, and as a program of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from graphlab.cli.program import program


class Called:
    """What a call left: exit code, standard output, standard error output."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        """The one line of JSON on the standard output."""
        (line,) = self.out.splitlines()
        return json.loads(line)

    @property
    def json_lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self):
        """The one line on the standard error output; the call must have been refused."""
        assert self.code == 2, self.out + self.err
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("graphlab: ")
        return line.removeprefix("graphlab: ")


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Calls a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        result = CliRunner().invoke(program, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Called(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def program_call(tmp_path):
    """Calls `python -m graphlab.cli` as a program of its own, in an empty folder."""

    def call(*words, **more):
        command = [sys.executable, "-m", "graphlab.cli", *(str(word) for word in words)]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=100, **more
        )
        return Called(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def write(tmp_path):
    """Writes a graph into a file and returns its path."""
    from graphlab.io import save

    def write(graph, name="graph.graphlab", **more):
        path = tmp_path / name
        save(graph, path, **more)
        return path

    return write
