"""Rows from a file of one's own. The params say all that shapes depend on; the rows lie in `data.store`."""

from __future__ import annotations

import difflib
import math

from ..errors import ParamError, ShapeError
from .base import Example, Op, Param, Spec
from .catalogue import TARGET_FORMS
from .contents import PRESENT
from .input import KINDS
from .registry import register
from .spec import Dim, shape_text

MISSING = ("refuse", "drop", "mean")
CHOOSE = "Choose one in the inspector, or drop one on the canvas."


@register
class Table(Op):
    """The rows of a file of your own: a CSV, a NumPy array or images. They come one mini-batch at a time.

    `x` is N×features, or N×`shape`: 1, 28, 28 makes a grey image of each row. Of a column of words each word becomes
    a feature that is 0 or 1. `target` is the column that is to be predicted: as class indices (class), one column of
    numbers (column), or a 1 at the right class (one-hot); auto takes classes for words. With `dtype` int, x holds
    whole numbers, as an Embedding takes them.

    Where cells are empty, `missing` says what to do: drop such rows, or fill in the mean of the column. `standardise`
    brings every feature to mean 0 and spread 1, measured on the training rows.
    """

    synonyms = ("CSV", "TSV", "npy", "Spreadsheet", "Data frame", "Image folder", "File")
    category = "Input"
    formula = "x, target = the rows of the batch"
    latex = r"x,\ t = \mathrm{rows\ of\ the\ batch}"
    source = True
    brings = "content"
    outputs = ("x", "target")
    file = Param("", shown=False, help="The file that the rows were read from.")
    content = Param("", shown=False, help="The hash of the rows.")
    rows = Param(0, low=0, shown=False, help="How many rows there are.")
    unnamed = Param(
        0, low=0, shown=False, help="How many columns come first that have no name, such as pixels."
    )
    columns = Param((), kind="names", shown=False, help="The names of the columns.")
    whole = Param((), kind="names", shown=False, help="The columns that hold whole numbers from 0 on.")
    categories = Param((), kind="settings", shown=False, help="The classes of each column that has some.")
    gaps = Param((), kind="settings", shown=False, help="Where numbers are missing: first row and count.")
    features = Param(
        (), kind="names", shown=False, help="The columns that make x; none are all but the target."
    )
    target = Param("", shown=False, help="The column that is to be predicted; empty for none.")
    form = Param("auto", choices=("auto", *TARGET_FORMS), help="The form of the targets.")
    shape = Param((), kind="shape", help="The shape of one example, such as 1, 28, 28; empty for a flat row.")
    dtype = Param("float", choices=KINDS, help="float for numbers, int for indices that an Embedding takes.")
    missing = Param("refuse", choices=MISSING, help="What to do about rows that lack a number.")
    standardise = Param(False, help="Bring every feature to mean 0 and spread 1.")
    called = Param(
        (), kind="names", shown=False, help="What the classes are called; empty for their own names."
    )
    examples = (
        Example({"file": "a.csv", "rows": 3, "columns": ("a", "b"), "target": "b"}),
        Example({"rows": 2, "unnamed": 64, "shape": (1, 8, 8), "columns": ("class",), "target": "class"}),
        Example({"columns": ("a",), "categories": (("a", ("x", "y")),), "gaps": (("a", (1, 1)),)}),
        Example(
            {"columns": ("a", "b"), "features": ("a",), "whole": ("a",), "dtype": "int", "missing": "drop"}
        ),
    )
    cost = 0

    def check(self) -> None:
        for column, classes in self.categories:
            if not isinstance(classes, tuple) or not all(isinstance(word, str) for word in classes):
                raise ParamError(f"Table.categories of {column} are no words.", hint="Read the file again.")
            if column in self.whole and not all(word.isascii() and word.isdigit() for word in classes):
                raise ParamError(f"Table.categories of {column} are no numbers.", hint="Read the file again.")
        for column, gap in self.gaps:
            if not isinstance(gap, tuple) or len(gap) != 2 or not all(isinstance(n, int) for n in gap):
                raise ParamError(f"Table.gaps of {column} are no places.", hint="Read the file again.")

    # What is in it

    @property
    def title(self) -> str:
        """What to call it in a message."""
        return self.file or "the table"

    @property
    def width(self) -> int:
        """How many numbers one row holds as it is kept."""
        return int(self.unnamed) + len(self.columns)

    def classes(self, column: str) -> tuple[str, ...]:
        """The classes of a column; () when it has none."""
        found: tuple[str, ...] = dict(self.categories).get(column, ())
        return found

    def is_words(self, column: str) -> bool:
        """Whether a column is kept as indices of its classes, not as the numbers that it holds."""
        return bool(self.classes(column)) and column not in self.whole

    def used(self) -> tuple[str, ...]:
        """The columns that make x, besides the unnamed ones. ShapeError for one that is not there."""
        for name in (*self.features, *((self.target,) if self.target else ())):
            if name not in self.columns:
                raise self._no_column(name)
        if self.features:
            return tuple(name for name in self.features if name != self.target)
        return () if self.unnamed else tuple(name for name in self.columns if name != self.target)

    def target_form(self) -> str:
        """The form of the targets, auto resolved."""
        if self.form != "auto":
            return str(self.form)
        return "class" if self.classes(self.target) else "column"

    def lack(self) -> tuple[str, str]:
        if not self.content:
            return "There is no file yet.", CHOOSE
        if self.content not in PRESENT:
            return (
                f"The rows of {self.title} are not here: this file was saved or copied without them.",
                "Press Find file … in the inspector.",
            )
        if not self.rows:
            return f"{self.title} has no rows yet.", "Paint some points in the Data panel, or choose a file."
        gap = self.gap() if self.missing == "refuse" else None
        if gap is None:
            return "", ""
        column, row, count = gap
        cells = f" ({count:,} such cells)" if count > 1 else ""
        return (
            f"Row {row:,} of {self.title} has no number in {column}{cells}.",
            "Set missing to drop or mean.",
        )

    def gap(self) -> tuple[str, int, int] | None:
        """The first used column that lacks numbers: its name, the first row (from 1), and how many; None for none."""
        wanted = {*self.used(), self.target}
        return next(((name, *gap) for name, gap in self.gaps if name in wanted), None)

    # Shapes

    def results(self) -> tuple[str, ...]:
        return self.outputs if self.target else self.outputs[:1]

    def infer(self) -> Spec | tuple[Spec, ...]:
        x = Spec((Dim("N"), *self._example()), self.dtype)
        return (x, self._target()) if self.target else x

    def feature_count(self) -> int:
        """How many numbers x holds for one row."""
        if self.dtype == "int":
            return int(self.unnamed) + len(self.used())
        return int(self.unnamed) + sum(len(self.classes(c)) if self.is_words(c) else 1 for c in self.used())

    def _example(self) -> tuple[int, ...]:
        """The shape of one row of x."""
        if not self.columns and not self.unnamed:
            raise ShapeError("There is no file yet.", hint=CHOOSE)
        count, shape = self.feature_count(), self.shape
        if not count:
            raise ShapeError("No column is left for x.", hint="Choose another target, or more features.")
        if self.dtype == "int":
            self._require_whole()
        if not shape:
            return (count,)
        if any(isinstance(size, str) for size in shape) or math.prod(shape) != count:
            raise ShapeError(
                f"A row of {count:,} numbers has not the shape {shape_text(shape)}.",
                hint="Change shape, or leave it empty for a flat row.",
            )
        return tuple(shape)

    def _require_whole(self) -> None:
        """ShapeError where x would not hold whole numbers."""
        if self.standardise:
            raise ShapeError(
                "Indices cannot be standardised.", hint="Turn standardise off, or set dtype to float."
            )
        if self.missing == "mean" and not dict(self.gaps).keys().isdisjoint(self.used()):
            raise ShapeError("A mean is no index.", hint="Set missing to drop, or dtype to float.")
        for name in self.used():
            if name not in self.whole and not self.classes(name):
                raise ShapeError(
                    f"{name} holds measured numbers, not indices.",
                    hint="Set dtype to float, or leave it out.",
                )

    def _target(self) -> Spec:
        classes, form, name = self.classes(self.target), self.target_form(), self.target
        if name not in self.columns:
            raise self._no_column(name)
        if form == "class" and (classes or name in self.whole):
            return Spec((Dim("N"),), "int")
        if form == "one-hot" and classes:
            return Spec((Dim("N"), len(classes)))
        if form == "column" and (len(classes) == 2 or not self.is_words(name)):
            return Spec((Dim("N"), 1))
        if form == "column":
            raise ShapeError(
                f"{name} has {len(classes)} classes; a single column tells two apart.",
                hint="Set form to class or one-hot.",
            )
        raise ShapeError(f"{name} holds numbers, not classes.", hint="Set form to column.")

    def _no_column(self, name: str) -> ShapeError:
        near = difflib.get_close_matches(name, self.columns, n=1)
        known = ", ".join(self.columns[:8]) + (", …" if len(self.columns) > 8 else "")
        hint = f"Did you mean {near[0]}?" if near else f"It has {known or 'none that has a name'}."
        return ShapeError(f"{self.title} has no column '{name}'.", hint=hint)

    def contents(self) -> tuple[str, ...]:
        return (self.content,) if self.content else ()
