"""Bringing the records of older files up to date, one version at a time.

When the format changes: raise `VERSION` in graph/codec.py, and write here what turns a record of the version before
into one of the new:

    @MIGRATIONS.step(1)
    def titles_became_names(record):
        ...
        return record
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import BrokenFileError, VersionError
from ..graph.codec import FORMAT, VERSION

Record = dict[str, Any]
Step = Callable[[Record], Record]


class Migrations:
    """The steps from each version to the next."""

    def __init__(self, newest: int) -> None:
        self.newest = newest
        self._steps: dict[int, Step] = {}

    def step(self, version: int) -> Callable[[Step], Step]:
        """Decorator: the function turns a record of that version into one of the next."""

        def register(function: Step) -> Step:
            self._steps[version] = function
            return function

        return register

    def apply(self, record: Any) -> Record:
        """The record in the newest version.

        Raises:
            BrokenFileError: it is no record of a graphlab document, or damaged where a step looks.
            VersionError: newer than this program, or older than any step.
        """
        version = self._version(record)
        while version < self.newest:
            if version not in self._steps:
                raise VersionError(
                    f"The file has version {version}, which is too old to read.",
                    hint="Open and save it with a graphlab in between.",
                )
            try:
                record = self._steps[version](record)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                raise BrokenFileError(
                    f"The file (version {version}) cannot be brought up to date: {error}."
                ) from error
            version += 1
            record["version"] = version
        return dict(record)

    def _version(self, record: Any) -> int:
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            raise BrokenFileError(
                "This is not a graphlab document.", hint='It should say "format": "graphlab".'
            )
        version = record.get("version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 0:
            raise BrokenFileError(f"The file's version is {str(version)[:40]!r}, which is none.")
        if version > self.newest:
            raise VersionError(
                f"The file has version {version}; this graphlab reads versions up to {self.newest}.",
                hint="Install a newer graphlab.",
            )
        return version


MIGRATIONS = Migrations(VERSION)
