"""Tables as text (CSV, TSV): what separates cells, whether names stand on top, and what each column holds.

Numbers become float32. A column of words becomes indices of its classes. Nothing is guessed of a single cell: a
column is all numbers, or it is words.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from ..errors import BrokenFileError, DataError, FileError, TooLargeError
from . import store
from .reading import LONGEST_NAME, MOST_CLASSES, Reading, clean_name, is_whole, likely_target

Floats = npt.NDArray[np.float32]
Progress = Callable[[float], None]  # is told the share that is done; raises to stop

DELIMITERS = (",", ";", "\t", "|")
ABSENT = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "-", ".", "#n/a", "missing"})
COUNTERS = frozenset({"", "id", "index", "no", "nr", "row", "rownames", "unnamed: 0"})
MOST_BYTES = 4 << 30
MOST_COLUMNS = 10_000
HEAD = 256 << 10  # bytes that are looked at first
SAMPLE = 200  # lines of them that are looked into
BLOCK = 50_000  # cells that are taken in at a time
MOST_LINES = 5  # with something missing that are named
LOOKED_ON = 100_000  # lines behind one that is too short or too long
SLACK = 1.2  # how far an estimate may be off
_DECIMAL = re.compile(r"[+-]?\d*,\d+")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass
class Form:
    """How a file is written."""

    encoding: str
    delimiter: str
    has_header: bool
    comma: bool  # whether numbers are written 5,1
    names: tuple[str, ...]
    head: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """Where the bytes of a table come from; it can be opened more than once."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


def read_delimited(path: Path, progress: Progress = lambda share: None) -> Reading:
    """The rows of a CSV or TSV file.

    Raises:
        FileError: it cannot be read. TooLargeError: it holds more than 50 million numbers; told before they are read,
            as far as can be. DataError: it is empty, or its rows differ in length; the message names the line.
    """
    try:
        return _table(Source(path.name, path.stat().st_size, lambda: open(path, "rb")), progress)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error


def read_text(text: str, name: str = "clipboard") -> Reading:
    """The rows of a table that is at hand as text, as a spreadsheet puts it on the clipboard. As `read_delimited`."""
    data = text.encode("utf-8", "replace")
    return _table(Source(name, len(data), lambda: io.BytesIO(data)), lambda share: None)


def _table(source: Source, progress: Progress) -> Reading:
    if source.size > MOST_BYTES:
        raise TooLargeError(f"{source.name} has {source.size:,} bytes; {MOST_BYTES:,} are the most.")
    with source.open() as file:
        head = file.read(HEAD)
    try:
        form = sniff(source.name, head, whole=source.size <= len(head))
        _require_room(source, head, len(form.names))
        try:
            return _read(source, form, progress)
        except UnicodeDecodeError:
            form.encoding = "latin-1"
            return _read(source, form, progress)
    except csv.Error as error:
        raise BrokenFileError(
            f"{source.name} is no table: {error}.",
            hint="Is a quotation mark missing? Else save it as CSV again.",
        ) from error


def sniff(name: str, head: bytes, whole: bool = True) -> Form:
    """How a file is written, by its first bytes; `whole`: they are all of it. DataError when there is nothing in it."""
    encoding = next((word for bom, word in _BOMS if head.startswith(bom)), "utf-8")
    if encoding != "utf-16" and b"\0" in head:
        raise DataError(f"{name} is no text.", hint="Save it as CSV.")
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
    except UnicodeDecodeError:
        encoding, text = "latin-1", head.decode("latin-1")
    lines = text.splitlines(keepends=True)
    if not whole and len(lines) > 1:
        lines = lines[:-1]  # which may be cut short
    lines = lines[: SAMPLE + 1]
    if not any(line.strip() for line in lines):
        raise DataError(f"{name} is empty.", hint="Choose another file.")
    delimiter = _delimiter(lines, name)
    rows = list(_rows(lines, delimiter))
    if not rows:
        raise DataError(f"{name} is empty.", hint="Choose another file.")
    comma = delimiter != "," and _has_decimal_commas(rows)
    has_header = _has_header(rows, comma)
    names = _names(rows[0] if has_header else [f"column {k + 1}" for k in range(len(rows[0]))])
    if len(names) > MOST_COLUMNS:
        raise TooLargeError(
            f"{name} has {len(names):,} columns; {MOST_COLUMNS:,} are the most.",
            hint="Save it as a .npy file.",
        )
    if has_header and len(rows) == 1 and whole:
        raise DataError(f"{name} has a line of names, but no rows.", hint="Choose another file.")
    return Form(encoding, delimiter, has_header, comma, names, rows[1:] if has_header else rows)


def _rows(lines: Sequence[str] | io.TextIOBase, delimiter: str) -> Iterator[list[str]]:
    """The lines as cells, those left out in which nothing stands."""
    for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
        if any(cell.strip() for cell in row):
            yield row


def _delimiter(lines: Sequence[str], name: str) -> str:
    """What gives all lines the same number of cells, and most of them."""

    def quality(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in _rows(lines, delimiter)]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) / len(counts) if usual > 1 else 0.0), usual

    by_quality = sorted(DELIMITERS, key=quality, reverse=True)
    if name.lower().endswith(".tsv") and quality("\t")[1] > 1:
        return "\t"
    return by_quality[0] if quality(by_quality[0])[0] > 0 else ","


def _has_decimal_commas(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell.strip() for row in rows for cell in row]
    return any(_DECIMAL.fullmatch(cell) for cell in cells) and not any(
        "." in cell and _is_number(cell, False) for cell in cells
    )


def _has_header(rows: Sequence[Sequence[str]], comma: bool) -> bool:
    """Whether the first line holds names: a word above a column of numbers, or all words and none of them again."""
    first, rest = [cell.strip() for cell in rows[0]], rows[1:]
    if any(_is_number(cell, comma) for cell in first) and not any(
        not _is_number(cell, comma) and cell.casefold() not in ABSENT for cell in first
    ):
        return False

    def is_numbers(k: int) -> bool:
        cells = [row[k].strip() for row in rest if k < len(row)]
        known = [cell for cell in cells if cell.casefold() not in ABSENT]
        return bool(known) and all(_is_number(cell, comma) for cell in known)

    numeric = [is_numbers(k) for k in range(len(first))]
    words = [bool(cell) and not _is_number(cell, comma) and cell.casefold() not in ABSENT for cell in first]
    if any(number and word for number, word in zip(numeric, words, strict=True)):
        return True
    if any(numeric) or not rest:
        return not rest and all(words)
    below = {cell.strip() for row in rest for cell in row}
    return all(words) and len(set(first)) == len(first) and not below & set(first)


def _is_number(cell: str, comma: bool) -> bool:
    try:
        float(cell.replace(",", ".", 1) if comma else cell)
    except ValueError:
        return False
    return "_" not in cell


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    """Names that differ, none empty."""
    found: dict[str, None] = {}
    for k, cell in enumerate(cells):
        name = base = clean_name(cell) or f"column {k + 1}"
        number = 2
        while name in found:
            name = f"{base[: LONGEST_NAME - 5]} {number}"
            number += 1
        found[name] = None
    return tuple(found)


def _require_room(source: Source, head: bytes, columns: int) -> None:
    """TooLargeError by an estimate, before anything is read; the rows read are counted besides."""
    lines = max(head.count(b"\n"), 1)
    estimate = int(source.size / max(len(head) / lines, 1) * columns) if source.size > len(head) else 0
    if estimate > store.MOST * SLACK:
        store.require_room(round(estimate, 2 - len(str(estimate))), source.name, "about ")


class _Column:
    """What is known of a column so far: its numbers, or the classes of its words."""

    def __init__(self, is_words: bool, comma: bool) -> None:
        self.is_words, self._comma = is_words, comma
        self.parts: list[Floats] = []
        self.classes: dict[str, int] = {}
        self.stray: tuple[int, str] | None = None  # the first cell that is no number: row, what stands there

    def take(self, cells: Sequence[str], first: int) -> None:
        """The next cells, of which the first stands in row `first` (from 1)."""
        if self.stray is not None or len(self.classes) > MOST_CLASSES:
            return
        if self.is_words:
            self.parts.append(np.fromiter(map(self._index, cells), np.float32, len(cells)))
            return
        try:
            numbers = np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            numbers = np.fromiter(
                (self._number(c, first + k) for k, c in enumerate(cells)), np.float64, len(cells)
            )
        with np.errstate(over="ignore"):
            self.parts.append(numbers.astype(np.float32))

    def _index(self, cell: str) -> float:
        word = cell.strip()
        if word.casefold() in ABSENT:
            return np.nan
        return self.classes.setdefault(word, len(self.classes))

    def _number(self, cell: str, row: int) -> float:
        word = cell.strip()
        if word.casefold() in ABSENT:
            return np.nan
        try:
            return float(word.replace(",", ".", 1) if self._comma else word)
        except ValueError:
            self.stray = self.stray or (row, word)
            return np.nan

    def ordered(self) -> tuple[Floats, tuple[str, ...]]:
        """The numbers, and the classes by name: they are numbered in the order of the alphabet."""
        numbers = np.concatenate(self.parts)
        if not self.is_words:
            return numbers, ()
        words = sorted(self.classes)
        place = np.empty(len(words) + 1, np.float32)
        place[[self.classes[word] for word in words]] = np.arange(len(words))
        place[-1] = np.nan
        codes = np.where(np.isnan(numbers), len(words), numbers).astype(np.int64)
        return place[codes], tuple(clean_name(word) or "?" for word in words)


def _read(source: Source, form: Form, progress: Progress) -> Reading:
    words = {k for k in range(len(form.names)) if _looks_like_words(form, k)}
    columns = _all_numbers(source, form, progress) if not words and not form.comma else None
    columns = columns or _scan(source, form, words, progress)
    strays = {k: column.stray for k, column in enumerate(columns) if column.stray is not None}
    notes = [
        f"{form.names[k]} is taken as words, because row {row:,} has “{cell[:20]}” there."
        for k, (row, cell) in strays.items()
    ]
    if strays:
        columns = _scan(source, form, words | strays.keys(), progress)
    return _with_lines(_joined(source.name, form, columns, notes), source, form)


def _with_lines(found: Reading, source: Source, form: Form) -> Reading:
    """With a note on the lines of the file that lack something, where there are such."""
    gaps = np.isnan(found.cells)
    rows = np.flatnonzero(gaps.any(axis=1))
    if not len(rows):
        return found
    wanted = rows[:MOST_LINES].tolist()
    lines = _lines_of(source, form, wanted)
    cells = ", ".join(
        f"line {line:,} ({', '.join(found.columns[k] for k in np.flatnonzero(gaps[row])[:3])})"
        for row, line in zip(wanted, lines, strict=True)
    )
    more = f" and {len(rows) - len(wanted):,} more" if len(rows) > len(wanted) else ""
    note = f"Something is missing in {cells}{more}. Choose in the inspector what to do: drop them, or fill in the mean."
    return replace(found, notes=(*found.notes, note))


def _lines_of(source: Source, form: Form, rows: Sequence[int]) -> list[int]:
    """The lines of the file, from 1, in which those rows (ascending) end."""
    with source.open() as raw:
        reader = csv.reader(
            io.TextIOWrapper(raw, encoding=form.encoding, newline=""),
            delimiter=form.delimiter,
            skipinitialspace=True,
        )
        numbered = (reader.line_num for _ in _checked_rows(source.name, reader, form))
        last = rows[-1]
        lines = list(islice(numbered, last + 1))
    return [lines[row] for row in rows]


def _looks_like_words(form: Form, k: int) -> bool:
    cells = [row[k].strip() for row in form.head if k < len(row)]
    known = [cell for cell in cells if cell.casefold() not in ABSENT]
    return bool(known) and not any(_is_number(cell, form.comma) for cell in known)


def _all_numbers(source: Source, form: Form, progress: Progress) -> list[_Column] | None:
    """The columns of a file that holds nothing but numbers, in a third of the time; None when it holds more."""
    columns = [_Column(False, False) for _ in form.names]
    with source.open() as raw:
        text = io.TextIOWrapper(raw, encoding=form.encoding)
        if form.has_header:
            _skip_header(text)
        taken = 0
        while lines := list(islice(text, max(1, BLOCK // len(columns)))):
            lines = [line for line in lines if not line.isspace()]
            if not lines:
                continue
            try:
                block = np.loadtxt(
                    lines, np.float32, comments=None, delimiter=form.delimiter, ndmin=2, quotechar='"'
                )
            except ValueError:  # a gap, a word, or a line of another length
                return None
            if block.shape[1] != len(columns):
                return None
            taken += len(block)
            store.require_room(taken * len(columns), source.name, "at least ")
            for column, numbers in zip(columns, block.T, strict=True):
                column.parts.append(np.ascontiguousarray(numbers))
            progress(min(raw.tell() / max(source.size, 1), 1.0))
    return columns if taken else None


def _skip_header(text: io.TextIOWrapper) -> None:
    """Goes on behind the line of names; one that goes on over several lines is left to the other way of reading."""
    while (line := text.readline()) and line.isspace():
        pass


def _scan(source: Source, form: Form, words: set[int], progress: Progress) -> list[_Column]:
    """Reads the file once from top to bottom."""
    count = len(form.names)
    columns = [_Column(k in words, form.comma) for k in range(count)]
    taken = 0
    with source.open() as raw:
        text = io.TextIOWrapper(raw, encoding=form.encoding, newline="")
        reader = csv.reader(text, delimiter=form.delimiter, skipinitialspace=True)
        rows = _checked_rows(source.name, reader, form)
        while block := list(islice(rows, max(1, BLOCK // count))):
            store.require_room((taken + len(block)) * count, source.name, "at least ")
            for column, cells in zip(columns, zip(*block, strict=True), strict=True):
                column.take(cells, taken + 1)
            taken += len(block)
            progress(min(raw.tell() / max(source.size, 1), 1.0))
    return columns


def _checked_rows(name: str, reader: Iterator[list[str]], form: Form) -> Iterator[list[str]]:
    count, is_first = len(form.names), form.has_header
    for row in reader:
        if len(row) != count:
            if not any(cell.strip() for cell in row):
                continue
            line = getattr(reader, "line_num", 0)
            raise DataError(
                f"Line {line:,} of {name} has {_cells(len(row))}; the first has {count:,}.{_others(reader, count)}",
                hint="Every line must have as many cells. Is a quotation mark missing?",
            )
        if is_first:
            is_first = False
        elif any(map(str.strip, row)):
            yield row


def _others(reader: Iterator[list[str]], count: int) -> str:
    """Which of the next lines have another number of cells as well: " So do lines 7 and 9." and the like."""
    lines: list[str] = []
    with contextlib.suppress(csv.Error, UnicodeDecodeError):
        lines.extend(
            f"{getattr(reader, 'line_num', 0):,}"
            for row in islice(reader, LOOKED_ON)
            if len(row) != count and any(cell.strip() for cell in row)
        )
    if not lines:
        return ""
    more = f" and {len(lines) - MOST_LINES:,} more" if len(lines) > MOST_LINES else ""
    return f" Others differ, too: line{'' if len(lines) == 1 else 's'} {', '.join(lines[:MOST_LINES])}{more}."


def _cells(count: int) -> str:
    return f"{count:,} cell" + ("" if count == 1 else "s")


def _joined(name: str, form: Form, columns: Sequence[_Column], notes: list[str]) -> Reading:
    """The columns that are of use, as one table."""
    kept: dict[str, Floats] = {}
    categories: dict[str, tuple[str, ...]] = {}
    for title, column in zip(form.names, columns, strict=True):
        if not column.parts:
            raise DataError(f"{name} has no rows.", hint="Choose another file.")
        if any(_DECIMAL.fullmatch(word) for word in islice(column.classes, SAMPLE)):
            notes.append(f"{title} is taken as words, because of commas in numbers. Write 1.5, not 1,5.")
        if column.is_words and _tells_rows_apart(column):
            notes.append(f"{title} is left out: its words tell rows apart, not classes.")
            continue
        numbers, classes = column.ordered()
        if np.isnan(numbers).all():
            notes.append(f"{title} is left out: it is empty.")
        elif _counts_rows(title, numbers) and len(columns) > 1:
            notes.append(f"{title} is left out: it only counts the rows.")
        else:
            kept[title] = numbers
            if classes:
                categories[title] = classes
    if not kept:
        raise DataError(f"{name} has no column that could be used.", hint=" ".join(notes))
    whole = tuple(t for t, numbers in kept.items() if t not in categories and is_whole(numbers))
    cells = np.stack(list(kept.values()), axis=1)
    return Reading(
        name,
        cells,
        tuple(kept),
        whole=whole,
        categories=categories,
        target=likely_target(tuple(kept)),
        notes=tuple(notes),
    )


def _tells_rows_apart(column: _Column) -> bool:
    """Whether hardly any word comes twice, as with names."""
    rows = sum(len(part) for part in column.parts)
    return len(column.classes) > MOST_CLASSES or (len(column.classes) > 20 and len(column.classes) > rows / 2)


def _counts_rows(title: str, numbers: Floats) -> bool:
    name = "" if title.startswith("column ") else title.casefold()
    if name not in COUNTERS or len(numbers) < 3:
        return False
    with np.errstate(invalid="ignore"):  # of ∞ − ∞
        return bool(numbers[0] in (0, 1) and (np.diff(numbers) == 1).all())
