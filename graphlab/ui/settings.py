"""What the program remembers between starts: layout, theme, recent files. One small file; its place can be changed."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths

PLACE = "GRAPHLAB_SETTINGS"  # environment variable: a folder to keep settings, autosaves and logs in
RECENT = 10
LAYOUT = 2  # raised when the docks change so much that an old layout no longer fits


def folder() -> Path:
    """Where settings and logs of this user lie."""
    own = os.environ.get(PLACE)
    if own:
        return Path(own)
    return (
        Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation))
        / "graphlab"
    )


def templates_folder() -> Path:
    """Where the templates lie that this user has saved."""
    return folder() / "templates"


def settings() -> QSettings:
    """The settings file. Cheap: Qt shares and caches it."""
    return QSettings(str(folder() / "graphlab.ini"), QSettings.Format.IniFormat)


def log_file() -> Path:
    """Where tracebacks and the engine's last words go."""
    return folder() / "graphlab.log"


def text(name: str, default: str = "") -> str:
    value = settings().value(name, default)
    return value if isinstance(value, str) else default


def recent() -> list[Path]:
    """The files opened or saved last, newest first, without those that are gone."""
    stored = settings().value("recent", [])
    names = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
    return [path for path in map(Path, names) if path.is_file()]


def remember(path: Path) -> None:
    """Puts a file at the head of the recent ones."""
    path = path.absolute()
    others = [str(p) for p in recent() if p != path]
    settings().setValue("recent", [str(path), *others][:RECENT])


def forget_recent() -> None:
    settings().remove("recent")
