"""Which part of the data a panel looks at, and how well the network does on it, in one line."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ..samples import Samples
from .fields import QuietCombo


class SplitChoice(QuietCombo):
    """For the title bar of a panel: the parts that have rows."""

    def __init__(self, samples: Samples, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples = samples
        self.setAccessibleName("Part of the data")
        self.setToolTip("Which rows are looked at: held out for validation or test, or trained on")
        self.setFixedHeight(22)
        self.setStyleSheet("min-height: 16px; padding: 0 20px 0 6px; font-size: 11px;")
        self.activated.connect(lambda _: samples.choose(self.currentText()))
        samples.arrived.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        there = self._samples.splits()
        if there != tuple(self.itemText(k) for k in range(self.count())):
            self.clear()
            self.addItems(there)
        if there and self.currentText() != self._samples.split:
            self.setCurrentText(self._samples.split)


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
