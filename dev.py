#!/usr/bin/env python3
"""The one door to graphlab's workshop. Needs Python 3.11 and nothing else; the rest it fetches into .venv.

python3 dev.py run [EXAMPLE or FILE]    open the window (without a screen: train in the terminal instead)
python3 dev.py test [--parity] [...]    the tests; --parity adds PyTorch as oracle, the rest goes to pytest
python3 dev.py lint [--fix]             style and types
python3 dev.py bench [NAME] [--check]   measure; --check fails for each target that is missed, the rest goes to NAME
python3 dev.py shots [FOLDER [ONLY]]    picture every example and panel in the window, dark and light
"""

from __future__ import annotations

import argparse
import ctypes
import difflib
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STATE = VENV / "graphlab-dev.json"
PINS = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
OLDEST = (3, 11)
EXAMPLE = "digits-mlp"
IN_CI = bool(os.environ.get("CI"))
MOST_AT_ONCE = 4  # processes for all the tests: each takes up to 2 GB
# each file by one process, in order; one that dies ends it all, where otherwise the rest would wait for ever
SHARED = ("--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart", "0")
NO_BENCHMARKS = {"report", "readme", "op_cases"}  # what lies among them

# PyPI's torch for Linux brings 2 GB of CUDA along; its makers keep CPU builds here.
TORCH = "torch==2.13.0+cpu"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"

# What Qt loads from the system on Linux: Debian's package → the library that proves it is there.
OFFSCREEN = {
    "libglib2.0-0": "libglib-2.0.so.0",
    "libgl1": "libGL.so.1",
    "libegl1": "libEGL.so.1",
    "libxkbcommon0": "libxkbcommon.so.0",
    "libfontconfig1": "libfontconfig.so.1",
    "libdbus-1-3": "libdbus-1.so.3",
}
X11 = {
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-shape0": "libxcb-shape.so.0",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")  # the first is Debian's package as well
WAYLAND = {"libwayland-cursor0": "libwayland-cursor.so.0"}


class SetUpError(Exception):
    """Something this program needs is missing, and a person has to provide it."""


# ---------------------------------------------------------------- commands


def run(options: argparse.Namespace, rest: list[str]) -> int:
    set_up()
    if has_screen():
        need_libraries({**OFFSCREEN, **(WAYLAND if os.environ.get("WAYLAND_DISPLAY") else X11)})
        return graphlab(options.what, *rest)
    say("There is no screen here, so the same job runs in the terminal: train, then picture the window.")
    need_libraries(OFFSCREEN)
    picture = Path.cwd() / "graphlab-window.png"
    return graphlab("train", options.what, *rest) or graphlab("shot", options.what, str(picture))


def test(options: argparse.Namespace, rest: list[str]) -> int:
    set_up("sweep", "cluster", *(("parity", "onnx") if options.parity else ()))
    need_libraries(OFFSCREEN)
    if IN_CI and not rest:
        need_browser()
    env = {"GRAPHLAB_TEST_PARITY": "1"} if options.parity else {}
    on_x = 0 if rest else test_on_x()  # with arguments of their own, people want just those tests
    processes = str(min(os.cpu_count() or 1, MOST_AT_ONCE))
    at_once = [] if rest else ["-n", processes, *SHARED]
    code = call(PYTHON, "-m", "pytest", *at_once, *rest, env=env)
    if on_x:
        say("The pass on a real X server failed; its report is further up.")
    return code or on_x


def lint(options: argparse.Namespace, rest: list[str]) -> int:
    set_up()
    if options.fix:
        call(PYTHON, "-m", "ruff", "check", "--fix", "--quiet", ".")
        call(PYTHON, "-m", "ruff", "format", "--quiet", ".")
    checks = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"])
    return worst([call(PYTHON, "-m", *check) for check in checks])


def bench(options: argparse.Namespace, rest: list[str]) -> int:
    known = sorted({path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py")} - NO_BENCHMARKS)
    if options.name and options.name not in known:
        raise SetUpError(f"There is no benchmark '{options.name}'. {meant(options.name, known)}")
    if rest and not options.name:
        raise SetUpError(f"Name the benchmark that {shlex.join(rest)} is for: {', '.join(known)}.")
    set_up("parity", "bench", "sweep", "cluster")
    need_libraries(OFFSCREEN)
    env = {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    flags = [*(["--check"] if options.check else []), *rest]
    names = [options.name] if options.name else known
    return worst([call(PYTHON, "-m", f"benchmarks.{name}", *flags, env=env) for name in names])


def shots(options: argparse.Namespace, rest: list[str]) -> int:
    set_up()
    need_libraries(OFFSCREEN)
    env = {"QT_QPA_PLATFORM": "offscreen"}
    return call(PYTHON, "-m", "graphlab.ui.shots", Path(options.folder).resolve(), options.only, env=env)


# ---------------------------------------------------------------- the environment


def set_up(*extras: str) -> None:
    """Makes .venv, or brings it up to date when the pins changed. PyTorch comes only when asked for."""
    if not python_works():
        make_venv()
    pins, present = read_state()
    wanted = {"test", "lint", *extras}
    if pins == fingerprint() and wanted <= present:
        return
    wanted |= present  # an update keeps what was asked for before
    say(f"Installing {', '.join(sorted(wanted))} into .venv; the first time this takes a minute or two.")
    if "parity" in wanted:
        install_torch()
    pip("--editable", f".[{','.join(sorted(wanted))}]", "--constraint", "constraints.txt")
    STATE.write_text(json.dumps({"pins": fingerprint(), "extras": sorted(wanted)}), encoding="utf-8")


def make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:  # Debian and Ubuntu ship Python without it
        install_packages([f"python{sys.version_info.major}.{sys.version_info.minor}-venv"])
    say("Making .venv.")
    if call(sys.executable, "-m", "venv", "--clear", VENV):
        raise SetUpError("Python could not make .venv; what it says above tells why.")


def python_works() -> bool:
    if not PYTHON.exists():
        return False
    probe = [str(PYTHON), "-c", f"import pip, sys; sys.exit(sys.version_info < {OLDEST})"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def install_torch() -> None:
    if not sys.platform.startswith("linux"):
        return  # elsewhere PyPI's torch is the CPU build
    arguments = ["install", "--quiet", "--no-deps", "--retries", "1", "--index-url", TORCH_INDEX, TORCH]
    if call(PYTHON, "-m", "pip", *arguments, quiet=True):
        say(f"{TORCH_INDEX} cannot be reached; pip will take PyPI's torch, which is large.")


def pip(*arguments: str) -> None:
    if call(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments):
        raise SetUpError("pip could not install what graphlab needs; what it says above tells why.")


def fingerprint() -> str:
    """Changes when a pin, an entry point or the environment's Python changes."""
    digest = hashlib.sha256((VENV / "pyvenv.cfg").read_bytes())
    for path in PINS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_state() -> tuple[str, set[str]]:
    """The fingerprint and the extras of the last complete installation."""
    try:
        state = json.loads(STATE.read_text(encoding="utf-8"))
        return state["pins"], set(state["extras"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", set()


# ---------------------------------------------------------------- the system's own libraries


def has_screen() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def need_libraries(libraries: Mapping[str, str]) -> None:
    """Every library in place, or installed where we may; SetUpError with the line to run where we may not."""
    if sys.platform.startswith("linux"):
        missing = [package for package, library in libraries.items() if not can_load(library)]
        if missing:
            install_packages(missing)


def can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_packages(packages: Sequence[str]) -> None:
    if not shutil.which("apt-get"):
        raise SetUpError(
            f"Install what Debian calls {', '.join(packages)}; there is no apt-get here to do it."
        )
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.geteuid() != 0:
        raise SetUpError(f"Missing system packages. Run:  sudo {shlex.join(install)}")
    say(f"Installing system packages: {' '.join(packages)}")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    call("apt-get", "update", "--quiet", env=env, quiet=True)
    if call(*install, env=env, quiet=True):
        raise SetUpError(f"The system packages could not be installed. Try:  {shlex.join(install)}")


def need_browser() -> None:
    """A browser for the test that opens a report. CI must have one; elsewhere it is left out without."""
    if sys.platform.startswith("linux") and not any(map(shutil.which, BROWSERS)):
        install_packages([BROWSERS[0]])


def test_on_x() -> int:
    """The tests marked `xserver` once more, on a real X server. CI must have one; elsewhere it is welcome."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        need_libraries(X11)
        if not shutil.which("xvfb-run") or not shutil.which("xauth"):
            install_packages(["xvfb", "xauth"])
    except SetUpError as error:
        if IN_CI:
            raise
        say(f"Leaving out the pass on a real X server. {error}")
        return 0
    say("The window's tests on a real X server:")
    server = ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1600x1000x24 -nolisten tcp"]
    files = sorted((ROOT / "tests").rglob("test_*.py"))  # pytest would take long to look through all of them
    pytest: list[str | Path] = [PYTHON, "-m", "pytest", "-m", "xserver", "-p", "no:cacheprovider"]
    pytest += [path for path in files if "mark.xserver" in path.read_text(encoding="utf-8")]
    return call(*server, *pytest, env={"GRAPHLAB_TEST_X": "1", "QT_QPA_PLATFORM": "xcb"})


# ---------------------------------------------------------------- running things


def graphlab(*arguments: str) -> int:
    return call(PYTHON, "-m", "graphlab.cli", *arguments, cwd=Path.cwd())


def call(
    *command: str | Path, env: Mapping[str, str] | None = None, cwd: Path = ROOT, quiet: bool = False
) -> int:
    """Runs a command in the foreground; with `quiet` its output is shown only if it fails."""
    words = [str(word) for word in command]
    pipe = subprocess.PIPE if quiet else None
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=pipe,
        stderr=subprocess.STDOUT if quiet else None,
    )
    if quiet and done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
    return done.returncode


def worst(codes: Sequence[int]) -> int:
    """0 if all went well. Every part runs, so that one failure does not hide the next."""
    return int(any(codes))


def meant(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."


def say(text: str) -> None:
    print(f"dev.py: {text}", flush=True)


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="dev.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(function: object, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(getattr(function, "__name__", ""), help=help)
        sub.set_defaults(function=function)
        return sub

    command(run, "open the window on an example").add_argument("what", nargs="?", default=EXAMPLE)
    command(test, "run the tests").add_argument(
        "--parity", action="store_true", help="with PyTorch and the ONNX cases as oracles"
    )
    command(lint, "check style and types").add_argument("--fix", action="store_true", help="mend what can be")
    benches = command(bench, "measure")
    benches.add_argument("name", nargs="?", help="one benchmark; all of them when left out")
    benches.add_argument("--check", action="store_true", help="exit 1, naming each target that is missed")
    pictures = command(shots, "picture every example and panel")
    pictures.add_argument("folder", nargs="?", default=str(ROOT / "shots"))
    pictures.add_argument(
        "only", nargs="?", default="", help="a part of the names wanted, e.g. panel or xor-light"
    )
    options, rest = parser.parse_known_args(arguments)
    if rest and options.function not in (run, test, bench):
        parser.error(f"{rest[0]} means nothing here")
    return options, rest


def main() -> int:
    if sys.version_info < OLDEST:
        raise SetUpError(f"graphlab needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    options, rest = parse(sys.argv[1:])
    result: int = options.function(options, rest)
    return result


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SetUpError as error:
        sys.exit(f"dev.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
