"""Reports as files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ...errors import SaveError
from ...graph import Document, Graph
from ...io.saving import write_atomically
from ..runs import KeptRun
from ..sweeps.kept import KeptSweep
from .page import page
from .subject import Subject, of_document, subject_of

SUFFIXES = (".html", ".htm")


def report(
    what: str | os.PathLike[str] | Graph | Document | KeptRun | KeptSweep,
    out: str | os.PathLike[str] | None = None,
    *,
    of: str | os.PathLike[str] | None = None,
    author: str = "",
) -> Path:
    """Writes the report of a document, of its file, of an example, a run or a sweep (or its folder); gives its path.

    out: "NAME-report.html" here where it is None. of: the document whose runs are meant, where `what` is the name or
    number of a run. author: what stands in the field for a name. FileError, BrokenFileError, SaveError.
    """
    subject = replace(_meant(what, of), author=author)
    return write(subject, Path(out) if out is not None else Path(default_name(subject)))


def _meant(
    what: str | os.PathLike[str] | Graph | Document | KeptRun | KeptSweep, of: str | os.PathLike[str] | None
) -> Subject:
    if isinstance(what, Graph):
        return of_document(what.document, None)
    if isinstance(what, Document):
        return of_document(what, None)
    return subject_of(what.path if isinstance(what, KeptRun | KeptSweep) else what, of)


def write(subject: Subject, out: Path) -> Path:
    """Writes the report, whole or not at all. SaveError, and an older file is untouched."""
    if out.suffix.lower() not in SUFFIXES:
        raise SaveError(f"{out.name} is no name for a report.", hint="Let it end in .html.")
    if not out.parent.is_dir():
        raise SaveError(f"There is no folder '{out.parent}' to write in.")
    write_atomically(out, page(subject).encode("utf-8"))
    return out


def default_name(subject: Subject) -> str:
    """What a report's file is called where nobody says."""
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in subject.title).strip("-.") or "untitled"
    return f"{plain}-report.html"
