"""What a report is about: a document with the runs and sweeps that were kept of it, one of which it tells in full."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ...errors import BrokenFileError, FileError, GraphlabError
from ...graph import Document
from ...io import load
from ...io.examples import example, examples
from ..runs import KeptRun, RunFolder, folder_beside, read_run, unsaved_folder
from ..runs.kept import HEAD as RUN_HEAD
from ..sweeps.kept import KeptSweep
from ..sweeps.names import is_sweep, kept_sweeps, sweeps_folder
from ..sweeps.records import Opening
from ..sweeps.seal import read_openings


@dataclass(frozen=True)
class Subject:
    """source: how the document is named on a command line. runs, sweeps: those of the document, the newest first.

    run, sweep: what is told in full, None where there is none. broken: what could not be read.
    openings: each time that the test rows of the document were looked at.
    """

    document: Document
    source: str
    runs: tuple[KeptRun, ...] = ()
    run: KeptRun | None = None
    sweeps: tuple[KeptSweep, ...] = ()
    sweep: KeptSweep | None = None
    broken: tuple[str, ...] = ()
    author: str = ""
    when: float = 0.0
    kind: str = field(default="document")
    openings: tuple[Opening, ...] = ()

    @cached_property
    def title(self) -> str:
        return self.document.name


def subject_of(what: str | os.PathLike[str], of: str | os.PathLike[str] | None = None) -> Subject:
    """What FILE, EXAMPLE, the folder of a run or sweep, or the name of a run means.

    of: the document whose runs are meant, where a run is named by its name or number. FileError, with the nearest.
    """
    word, path = os.fspath(what), Path(what).expanduser()
    if is_sweep(path):
        return _of_sweep(path)
    if (path / RUN_HEAD).is_file():
        return _of_run(read_run(path))
    if of is not None:
        return _of_run(_runs_of(Path(of)).run(word))
    if path.is_file():
        return of_document(load(path)[0].document, path)
    if word in {each.name for each in examples()}:
        return of_document(load(example(word).path)[0].document, None, word)
    if path.exists():
        raise FileError(
            f"{word} is neither a run nor a sweep.", hint="Name a folder inside it, or the document."
        )
    return _of_run(_named_run(word))


def of_document(document: Document, path: Path | None, name: str = "") -> Subject:
    """The document with its newest run and sweep. path: its file; None for an example or one that no file holds."""
    folder = RunFolder(folder_beside(path) if path is not None else unsaved_folder())
    runs = tuple(run for run in folder.runs() if path is not None or run.head.graph == document.name)
    run, damaged = _newest(runs)
    sweeps, broken = kept_sweeps(sweeps_folder(path, document.name))
    return Subject(
        document,
        str(path) if path is not None else name or named(document.name),
        runs,
        run,
        tuple(sweeps),
        sweeps[0] if sweeps else None,
        (*folder.broken, *damaged, *broken),
        openings=_openings(path, document),
    )


def _openings(path: Path | None, document: Document) -> tuple[Opening, ...]:
    return tuple(read_openings(sweeps_folder(path, document.name)))


def _newest(runs: Sequence[KeptRun]) -> tuple[KeptRun | None, list[str]]:
    """The newest that was trained and can be read, and the ids of newer ones that cannot."""
    damaged = []
    for run in runs:
        if run.figures.steps:
            try:
                run.document()
                run.curve()
            except GraphlabError:
                damaged.append(run.id)
                continue
            return run, damaged
    return None, damaged


def named(title: str) -> str:
    """What a document that lies in no file is named by: an example by its name, another by a file to save it as."""
    known = {each.title: each.name for each in examples()}
    return (
        known.get(title)
        or f"{''.join(c if c.isalnum() else '-' for c in title).strip('-') or 'graph'}.graphlab"
    )


def _of_run(run: KeptRun) -> Subject:
    """One run, among the others of the same graph in its folder."""
    folder = RunFolder(run.path.parent)
    others = tuple(each for each in folder.runs() if each.head.graph == run.head.graph)
    source = run.head.origin or named(run.head.graph)
    try:
        document = run.document()
    except GraphlabError as error:
        raise BrokenFileError(f"The graph of {run.name} in {run.path} cannot be read: {error}") from error
    looks = _openings(Path(run.head.origin) if run.head.origin else None, document)
    return Subject(document, source, others, run, broken=folder.broken, kind="run", openings=looks)


def _of_sweep(path: Path) -> Subject:
    sweep = KeptSweep(path)
    source = sweep.head.origin or named(sweep.head.graph)
    return Subject(
        sweep.document, source, sweeps=(sweep,), sweep=sweep, kind="sweep", openings=tuple(sweep.openings())
    )


def _runs_of(path: Path) -> RunFolder:
    return RunFolder(path if path.is_dir() else folder_beside(path))


def _named_run(word: str) -> KeptRun:
    """A run of an example or of a graph that no file holds. FileError that names everything that was tried."""
    if Path(word).suffix or "/" in word or "\\" in word:
        raise FileError(
            f"There is no file '{word}'.", hint="Give a .graphlab file, or the folder of a run or sweep."
        )
    try:
        return RunFolder(unsaved_folder()).run(word)
    except GraphlabError as error:
        near = difflib.get_close_matches(word, [each.name for each in examples()], n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else f"{error.hint} For a run of a file, add --of FILE."
        raise FileError(f"There is no file, example or run '{word}'.", hint=hint) from None
