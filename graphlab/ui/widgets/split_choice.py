"""Which part of the data a panel looks at, and how well the network does on it, in one line."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ..samples import Samples
from .part_choice import PartChoice


class SplitChoice(PartChoice):
    """For the title bar of a panel: the parts that have rows. It holds for all panels that show samples."""

    def __init__(self, samples: Samples, parent: QWidget | None = None) -> None:
        super().__init__(samples.session, parent)
        self._samples = samples
        self.chosen.connect(samples.choose)
        samples.arrived.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self.show_parts(self._samples.splits(), self._samples.split)


def part_of(samples: Samples) -> str:
    """Which rows are looked at, and when that was."""
    found = samples.verdicts if samples.verdicts is not None else samples.residuals
    if found is None:
        return ""
    part = f"a sample of {len(found):,} of {samples.count:,}" if samples.is_part else f"{len(found):,}"
    return f"{part} {samples.split} rows  ·  step {samples.step:,}"


def said_of(samples: Samples) -> str:
    """How many rows are right, of how many, and when that was."""
    found = samples.verdicts
    if found is None:
        return ""
    right = int(found.right.sum())
    part = f"{len(found):,} of {samples.count:,}" if samples.is_part else f"{len(found):,}"
    text = f"{right:,} of {part} {samples.split} rows right"
    if samples.is_part:
        text = f"{right:,} right in a sample of {part} {samples.split} rows"
    lost = int(found.lost.sum())
    more = f"  ·  {lost:,} not a number" if lost else ""
    return f"{text} ({found.accuracy:.1%}){more}  ·  step {samples.step:,}"
