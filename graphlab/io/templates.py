"""Templates: small graphs to begin with, each trainable at once. Some travel with graphlab, others a person has saved.

One that was saved is a file in a folder; its name is the file's. It holds a graph with its training settings, and no
weights.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import FileError, GraphlabError, NameTakenError, ParamError
from ..graph import Document, Graph
from .files import load, save
from .network_templates import networks
from .template_drawings import drawings

SUFFIX = ".graphlab"
SETTINGS = "GRAPHLAB_SETTINGS"  # environment variable: a folder for all that is remembered
UNTITLED = "untitled"
BLANK = "blank"
_LONGEST = 60
_FORBIDDEN = '/\\:*?"<>|'


@dataclass(frozen=True)
class Template:
    """A graph to begin with. `path`: the file of one that a person has saved; None for one of ours."""

    name: str
    title: str
    description: str
    draw: Callable[[Graph], None] | None = None
    path: Path | None = None

    @property
    def is_own(self) -> bool:
        """Whether a person has saved it."""
        return self.path is not None

    def graph(self) -> Graph:
        """A new graph made of it, that no file holds. FileError, BrokenFileError for a file that cannot be read."""
        if self.path is not None:
            return Graph(load(self.path)[0].document.with_(name=UNTITLED))
        drawn = Graph(UNTITLED)
        if self.draw is not None:
            self.draw(drawn)
        return Graph(drawn.document)  # nothing to undo


def templates(folder: Path | None = None) -> list[Template]:
    """Ours, then those that were saved into `folder`, by name. Whether a file can be read shows when it is opened."""
    ours = [Template(name, title, about, draw) for name, title, about, draw in drawings]
    return [*ours, *own_templates(folder or own_folder())]


def network_templates() -> list[Template]:
    """The large networks, each with a picture to look at; they are offered by themselves, because they are many."""
    return [Template(name, title, about, draw) for name, title, about, draw in networks()]


def own_templates(folder: Path) -> list[Template]:
    try:
        files = [p for p in folder.iterdir() if p.suffix == SUFFIX and not p.name.startswith(".")]
    except OSError:  # there is no such folder yet
        return []
    files.sort(key=lambda path: path.stem.lower())
    return [Template(p.stem, p.stem, "Your own.", path=p) for p in files]


def template(name: str, folder: Path | None = None) -> Template:
    """The template of that name, the person's own before ours. FileError, with the nearest name, when there is none."""
    found = {each.name: each for each in (*network_templates(), *templates(folder))}
    if name in found:
        return found[name]
    near = difflib.get_close_matches(name, found, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(found))}."
    raise FileError(f"There is no template '{name}'.", hint=hint)


def own_folder() -> Path:
    """Where a person's templates lie: beside the settings of the window."""
    return settings_folder() / "templates"


def settings_folder() -> Path:
    """Where all lies that is remembered of a person, as Qt places it, which is not to be asked here."""
    own = os.environ.get(SETTINGS)
    if own:
        return Path(own)
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "graphlab"
    if sys.platform == "darwin":
        return home / "Library" / "Preferences" / "graphlab"
    return Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "graphlab"


# What a person does with their own


def keep(document: Document, name: str, folder: Path | None = None, *, replace: bool = False) -> Template:
    """Saves a document as a template. ParamError for an impossible name, NameTakenError, SaveError."""
    name = checked_name(name)
    place = (folder or own_folder()) / f"{name}{SUFFIX}"
    if place.exists() and not replace:
        raise NameTakenError(f"There is a template “{name}” already.", hint="Choose another name.")
    _make_folder(place.parent)
    save(document.with_(name=name), place)
    return Template(name, name, "Your own.", path=place)


def rename(found: Template, name: str) -> Template:
    """Gives one of a person's own another name. ParamError, NameTakenError, FileError."""
    name, path = checked_name(name), _path_of(found)
    place = path.with_name(f"{name}{SUFFIX}")
    if place.exists() and place != path:
        raise NameTakenError(f"There is a template “{name}” already.", hint="Choose another name.")
    try:
        path.rename(place)
    except OSError as error:
        raise _refused(path, "renamed", error) from error
    return dataclasses.replace(found, name=name, title=name, path=place)


def remove(found: Template) -> None:
    """Deletes one of a person's own. FileError."""
    path = _path_of(found)
    try:
        path.unlink()
    except OSError as error:
        raise _refused(path, "deleted", error) from error


def checked_name(name: str) -> str:
    """The name without spaces around it. ParamError when no file can be called so."""
    name = name.strip()
    bad = next((letter for letter in name if letter in _FORBIDDEN or not letter.isprintable()), "")
    if not name or bad or name.startswith(".") or len(name) > _LONGEST:
        why = f"it holds “{bad}”" if bad else "it is empty" if not name else "it is too long"
        why = "it begins with a dot" if name.startswith(".") else why
        raise ParamError(
            f"A template cannot be called “{name[:_LONGEST]}”: {why}.",
            hint=f"Take up to {_LONGEST} letters, digits and spaces.",
        )
    return name


def _path_of(found: Template) -> Path:
    if found.path is None:
        raise GraphlabError(f"{found.title} travels with graphlab and stays.", hint="Save one of your own.")
    return found.path


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"{folder} cannot be made: {error.strerror or error}.", hint="Check your permissions."
        ) from error


def _refused(path: Path, done: str, error: OSError) -> FileError:
    return FileError(
        f"{path.name} cannot be {done}: {error.strerror or error}.", hint="Look into the folder."
    )
