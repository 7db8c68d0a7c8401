"""What can be set of the data while training goes on: noise and number of a toy set, and how the rows are divided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from ...data.looking import Look
from ...ops.catalogue import CARDS
from .. import numbers
from ..inspector.parts import heading
from ..session import Session
from ..widgets.fields import QuietCombo
from .preparing import NOISE, WAYS, augmentations, augmented, behind, noise_of, normalised
from .slide import Slide

MOST_NOISE, MOST_SAMPLES = 0.5, 5000
MOST_HELD = 0.5


def small(text: str, tip: str, run: Callable[[], object]) -> QPushButton:
    """A small button."""
    button = QPushButton(text)
    button.setProperty("role", "small")
    button.setToolTip(tip)
    button.clicked.connect(lambda: run())
    return button


class SetPart(QWidget):
    """The sliders of a set that is made from a seed, noise on the rows of any, and normalisation."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id, self._op, self._look = "", None, None  # type: str, Any, Look | None
        self.which = QuietCombo()
        self.which.setAccessibleName("Data set")
        self.which.setToolTip("Which of the sets on board")
        for card in CARDS.values():
            self.which.addItem(card.title, card.name)
        self.noise = Slide("noise", "How far the points stray", 0.0, MOST_NOISE)
        self.samples = Slide("samples", "How many points there are", 4, MOST_SAMPLES, whole=True, log=True)
        self.strength = Slide(
            "noise", "Standard deviation of what is added to the rows in training", 0.0, 1.0
        )
        self.anew = small("Draw anew", "Other points of the same kind: the next seed", self._draw_anew)
        self.add_noise = small(
            "Add noise", "Put a GaussianNoise node behind the rows, with a slider here", self._put_noise
        )
        self.augment = small("Augment", "Change every image at random, in training only", lambda: None)
        self.augment.setMenu(self._augmentations())
        self.normalise = small(
            "Normalise", "Put nodes behind the rows that bring them to one scale", lambda: None
        )
        menu = QMenu(self.normalise)
        menu.setToolTipsVisible(True)
        for way in WAYS:
            entry = menu.addAction(way.title)
            entry.setToolTip(way.tip)
            entry.triggered.connect(lambda _=False, w=way.id: self.add_normalisation(w))
        self.normalise.setMenu(menu)
        for button in (self.normalise, self.augment):
            button.setStyleSheet("padding-right: 22px")  # for the arrow
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.which, self.noise, self.samples, self.strength):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.anew, self.add_noise, self.normalise):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.augment, 0, Qt.AlignmentFlag.AlignLeft)
        self.which.activated.connect(lambda _: self._set_which())
        self.noise.moved.connect(lambda value: self._set("noise", value))
        self.samples.moved.connect(lambda value: self._set("samples", round(value)))
        self.strength.moved.connect(self._set_strength)
        for slide in (self.noise, self.samples, self.strength):
            slide.let_go.connect(self._session_seal)

    def show_source(self, id: str, op: Any, found: Look) -> None:
        """Shows what can be set of this node."""
        self._id, self._op, self._look = id, op, found
        chosen = CARDS.get(op.params.get("dataset", "")) if op.brings == "catalogue" else None
        taken = chosen.parameters if chosen else {}
        self.which.setVisible(op.brings == "catalogue")
        self.which.setCurrentIndex(self.which.findData(chosen.name if chosen else ""))
        for slide, name in ((self.noise, "noise"), (self.samples, "samples")):
            slide.setVisible(name in taken)
            if name in taken:
                value = getattr(op, name)
                value = float(taken[name].default if value is None else value)
                least, most = (taken[name].low, MOST_SAMPLES) if name == "samples" else (0.0, MOST_NOISE)
                slide.set_range(least, max(most, value))
                slide.set_value(value)
        self.anew.setVisible("seed" in taken)
        self.anew.setToolTip(f"Other points of the same kind: the next seed (now {getattr(op, 'seed', 0)})")
        noise = noise_of(self._session.root.document, id)
        self.strength.setVisible(bool(noise))
        self.strength.label.setText("added noise" if "noise" in taken else "noise")
        self.add_noise.setVisible(not noise and not taken and len(found) > 0)
        self.normalise.setEnabled(len(found) > 0)
        self.augment.setVisible(len(found.shape) == 3)
        if noise:
            value = float(self._session.root.document.nodes[noise].make().params["std"])
            self.strength.set_range(0.0, max(1.0, value))
            self.strength.set_value(value)

    def _augmentations(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for op, words in augmentations().items():
            entry = menu.addAction(op)
            entry.setToolTip(words)
            entry.triggered.connect(lambda _=False, o=op: self.add_augmentation(o))
        return menu

    def add_augmentation(self, op: str) -> None:
        """Puts that operation behind the images, as one edit."""
        root, found = self._session.root, self._look
        if found is not None:
            self._session.attempt(
                lambda: root.replace(augmented(root.document, self._id, op, found.shape), f"Add {op}")
            )

    def add_normalisation(self, way: str) -> None:
        """Puts the nodes of that way behind the source, as one edit."""
        root, found = self._session.root, self._look
        if found is not None:
            self._session.attempt(
                lambda: root.replace(normalised(root.document, self._id, found, way), "Add normalisation")
            )

    def _put_noise(self) -> None:
        root = self._session.root
        self._session.attempt(lambda: root.replace(behind(root.document, self._id, NOISE)[0], "Add noise"))

    def _set_which(self) -> None:
        """Another set, with noise and number as suit it."""
        name = str(self.which.currentData())
        if name != self._op.params.get("dataset"):
            plain = {"dataset": name, "noise": None, "samples": None}
            self._session.attempt(self._session.root.set, self._id, **plain)

    def _draw_anew(self) -> None:
        self._session.attempt(self._session.root.set, self._id, seed=int(self._op.seed) + 1)

    def _set(self, name: str, value: float) -> None:
        self._session.attempt(
            self._session.root.set, self._id, key=f"data {self._id}.{name}", **{name: value}
        )

    def _set_strength(self, value: float) -> None:
        node = noise_of(self._session.root.document, self._id)
        if node:
            self._session.attempt(self._session.root.set, node, key=f"data {node}.std", std=value)

    def _session_seal(self) -> None:
        self._session.root.seal()


class PartsPart(QWidget):
    """How many rows are for training, validation and test; sliders that change it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.counts = QLabel()
        self.counts.setWordWrap(True)
        self.counts.setProperty("role", "secondary")
        self.validation = Slide(
            "validation", "Share of the rows to measure on while training", 0.0, MOST_HELD, percent=True
        )
        self.test = Slide("test", "Share of the rows kept apart until the end", 0.0, MOST_HELD, percent=True)
        self.stratified = QCheckBox("stratified")
        self.stratified.setToolTip("Keep the classes in proportion in every part")
        self.anew = small(
            "Divide anew",
            "The next seed; start values and the order of batches follow it, too",
            self._divide_anew,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading("Parts"))
        for widget in (self.counts, self.validation, self.test):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self.stratified)
        row.addStretch(1)
        row.addWidget(self.anew)
        column.addLayout(row)
        self.validation.moved.connect(lambda value: self._configure("validation", value))
        self.test.moved.connect(lambda value: self._configure("test", value))
        self.validation.let_go.connect(lambda: session.root.seal())
        self.test.let_go.connect(lambda: session.root.seal())
        self.stratified.clicked.connect(lambda on: self._configure("stratified", on))

    def show_source(self, found: Look) -> None:
        """Shows how these rows are divided."""
        training = self._session.whole.training
        self.validation.set_value(training.validation)
        self.test.set_value(training.test)
        self.stratified.setChecked(training.stratified)
        self.stratified.setVisible(found.labels is not None)
        counts = {name: len(rows) for name, rows in found.splits.items()}
        words = " · ".join(f"{name} {numbers.figures(count)}" for name, count in counts.items())
        shares = training.validation + training.test
        if shares and counts and counts["train"] == len(found):
            words += ": too few rows to keep any apart"
        self.counts.setText(words or "The rows cannot be divided yet.")

    def _configure(self, name: str, value: Any) -> None:
        key = "" if isinstance(value, bool) else f"data training.{name}"
        self._session.attempt(self._session.root.configure, key, **{name: value})

    def _divide_anew(self) -> None:
        self._session.attempt(self._session.root.configure, "", seed=self._session.whole.training.seed + 1)
