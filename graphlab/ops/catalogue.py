"""The cards of the data sets that the `Dataset` operation can name.

The figures live in graphlab/data, which adds its cards here when it is imported.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from ..errors import DataError

Kind = Literal["class", "binary", "number", "mask"]
Layout = Literal["flat", "image"]
TargetForm = Literal["class", "column", "one-hot"]

LAYOUTS: tuple[str, ...] = get_args(Layout)
TARGET_FORMS: tuple[str, ...] = get_args(TargetForm)


class Bounds(NamedTuple):
    """A parameter of a data set: what it is by default, and the least and greatest value that make sense."""

    default: float
    low: float
    high: float


@dataclass(frozen=True)
class Card:
    """What is known of a data set before it is made or read.

    `target` is "class" (one of `classes`), "binary" (one of two `classes`), "number" or "mask" (one of `classes` for
    each pixel); `held_out` is the share of rows to keep away from training unless somebody asks otherwise (0 for a set
    too small to share).
    """

    name: str
    title: str
    description: str
    feature_shape: tuple[int, ...]
    image_shape: tuple[int, ...] | None
    target: Kind
    classes: tuple[str, ...]
    samples: int
    parameters: Mapping[str, Bounds] = field(default_factory=dict)
    held_out: float = 0.2

    @property
    def target_form(self) -> TargetForm:
        """The form that targets take when nothing else is asked for: class indices, or a column of
        numbers.
        """
        return "class" if self.target in ("class", "mask") else "column"

    @property
    def target_forms(self) -> tuple[str, ...]:
        """The forms its targets can take."""
        forms: dict[Kind, tuple[str, ...]] = {
            "class": ("class", "one-hot"),
            "binary": TARGET_FORMS,
            "number": ("column",),
            "mask": ("class",),
        }
        return forms[self.target]

    def x_shape(self, layout: str = "flat") -> tuple[int, ...]:
        """The shape of one row: (features,) when flat, (channels, height, width) as image. DataError if it
        has none.
        """
        if layout not in LAYOUTS:
            raise DataError(f"There is no layout '{layout}'.", hint=f"Choose {' or '.join(LAYOUTS)}.")
        if layout == "flat":
            return self.feature_shape
        if self.image_shape is None:
            raise DataError(f"{self.title} ({self.name}) has no images.", hint="Choose layout flat.")
        return self.image_shape

    def target_shape(self, form: str = "") -> tuple[int, ...]:
        """The shape of one target: () for a class index, (height, width) for one of each pixel, (1,) for a column,
        (classes,) for one-hot. DataError if the set has no targets of that form.
        """
        form = form or self.target_form
        if form not in self.target_forms:
            raise DataError(
                f"{self.title} ({self.name}) has no targets of the form '{form}'.",
                hint=f"Choose {' or '.join(self.target_forms)}.",
            )
        if self.target == "mask" and self.image_shape is not None:
            return self.image_shape[1:]
        return {"class": (), "column": (1,), "one-hot": (len(self.classes),)}[form]


CARDS: dict[str, Card] = {}


def register_card(card: Card) -> None:
    """Makes a data set known to the whole program."""
    CARDS[card.name] = card


def card(name: str) -> Card:
    """The card of that data set. DataError, with the nearest name, when there is none."""
    if name in CARDS:
        return CARDS[name]
    near = difflib.get_close_matches(name.lower(), CARDS, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(CARDS)}."
    raise DataError(f"There is no data set '{name}'.", hint=hint)
