"""Filter bench: what would this filter do? Its numbers, a picture, and what it makes of it, live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QImage,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from ...data.pictures import SUFFIXES
from ...errors import GraphlabError
from ...lab.filter_bench import EDGES, EDGES_TOLD, applied, grey, window
from ...lab.filter_quiz import Question
from .. import numbers
from ..chosen_filters import chosen_filters
from ..filter_editor import FilterEditor
from ..filter_exchange import FilterExchange
from ..filter_sources import OWN, SCENE, FilterSources, is_picture
from ..guessing import Guessing
from ..samples import samples_of
from ..session import Session
from ..tensors import Wish
from ..theme import ui_font
from ..widgets.filter_picture import CAPTION, FOOTER, FilterPicture, seen
from ..widgets.own_keys import OwnKeys
from ..widgets.picture import grey_image
from .live import LivePanel, header_choice, header_switch
from .registry import panel

Floats = NDArray[np.float64]

WIDE = 218  # pixels of the column with the numbers
NARROWEST = 130  # pixels of the picture, so that what stands below can be read
SHARE = 0.45  # of the width, that the picture takes at most
LINES = 3  # of what is told of the filter


@panel("filter-bench", "Filter bench", "bottom", 42, icon="filter-bench", shown=False, tabbed=True)
class FilterBenchPanel(LivePanel):
    """The filter, the picture, and beside it what comes out, or four answers to choose from."""

    picture = "filter-bench"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.sources = FilterSources(session, self)
        self.samples = samples_of(session)
        self._whole = self._input = np.zeros((1, 1, 1))
        self._output: Floats | None = None
        self._shown: tuple[object, ...] = ()
        self.source = header_choice((), "Picture", "Which picture the filter goes over", self._choose_source)
        self.number = _counter()
        self.number.valueChanged.connect(self._renew_picture)
        self.edges = header_choice(
            tuple(EDGES), "Edges", "What lies beyond the edge of the picture", self._renew_output
        )
        for k, told in enumerate(EDGES_TOLD.values()):
            self.edges.setItemData(k, told, Qt.ItemDataRole.ToolTipRole)
        self.colour = header_switch(
            "colour", "Red, green and blue each by itself, not in grey", False, lambda _: self._show_picture()
        )
        self.predict = header_switch(
            "predict first", "Say which of four pictures a filter makes, then see", False, self._set_mode
        )
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that a picture can be pasted after a press
        self.set_content(self._build())
        OwnKeys(self, "Ctrl+V", run=self.paste)
        self.sources.changed.connect(self._renew_sources)
        self._renew_sources()

    # Building

    def _build(self) -> QWidget:
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(10, 2, 8, 6)
        row.setSpacing(14)
        self.before, self.after = FilterPicture("Picture"), FilterPicture("Output")
        self.before.hovered.connect(self._point_at_input)
        self.after.hovered.connect(self._point_at_output)
        self.before.pressed.connect(lambda _: self._ask_for_own())
        self.guessing = Guessing(self.session)
        self.guessing.asked.connect(self._show_question)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.after)
        self.pages.addWidget(self.guessing)
        self.said = QLabel()
        row.addWidget(self._filter_column())
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setMinimumWidth(1)
        self.said.setFont(ui_font(12))
        self.said.setFixedHeight(LINES * self.said.fontMetrics().lineSpacing() + 2)
        self.said.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        right, both = QVBoxLayout(), QHBoxLayout()
        right.setSpacing(4)
        both.setSpacing(14)
        both.addWidget(self.before)
        both.addWidget(self.pages, 1)
        right.addLayout(both, 1)
        right.addWidget(self.said)
        right.addWidget(self.guessing.foot)
        self.guessing.foot.hide()
        row.addLayout(right, 1)
        return content

    def _filter_column(self) -> QWidget:
        left = QWidget()
        left.setFixedWidth(WIDE)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.editor, self.exchange = FilterEditor(self.session), FilterExchange(self.session)
        self.editor.changed.connect(self._renew_output)
        self.editor.grid.refused.connect(self.said.setText)
        self.exchange.taken.connect(self.editor.set_kernel)
        self.exchange.wanted.connect(lambda: self.exchange.put(self.editor.kernel))
        column.addWidget(self.editor, 1)
        column.addWidget(self.exchange)
        return left

    def header_tools(self) -> list[QWidget]:
        return [self.source, self.number, self.edges, self.colour, self.predict]

    # The picture

    def _renew_sources(self) -> None:
        self.source.refill(self.sources.names)
        self._renew_picture()

    def _choose_source(self, name: str) -> None:
        if name == OWN and self.sources.own is None:
            self._ask_for_own()
        self._renew_picture()

    def _ask_for_own(self) -> None:
        """A press on one's own picture, or choosing it before there is one, asks for a file."""
        if self.source.currentText() != OWN:
            return
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        chosen = QFileDialog.getOpenFileName(self, "Open a picture", "", f"Pictures ({kinds})")[0]
        if chosen:
            self.bring(Path(chosen))
        elif self.sources.own is None:
            self.source.setCurrentText(SCENE)

    def bring(self, path: Path) -> None:
        """A file of one's own is what the filter goes over."""
        if self.session.attempt(self.sources.bring, path):
            self._go_to_own()

    def paste(self) -> None:
        """The picture on the clipboard is what the filter goes over."""
        mime = QGuiApplication.clipboard().mimeData()
        files = [Path(url.toLocalFile()) for url in mime.urls()] if mime is not None else []
        if any(map(is_picture, files)):
            self.bring(next(filter(is_picture, files)))
        elif self.session.attempt(self.sources.paste, QGuiApplication.clipboard().image()):
            self._go_to_own()

    def _go_to_own(self) -> None:
        self.source.setCurrentText(OWN)
        self._renew_picture()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(is_picture(Path(url.toLocalFile())) for url in event.mimeData().urls()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.bring(next(filter(is_picture, files)))

    def _renew_picture(self, *_: object) -> None:
        """Another picture may be meant."""
        name, count = self.source.currentText(), self.sources.count(self.source.currentText())
        self.number.setRange(0, max(count - 1, 0))
        self.number.setEnabled(count > 1)
        wanted = (name, self.number.value(), self.sources.key(name))
        if wanted != self._shown:
            self._shown = wanted
            self._whole = self.sources.picture(name, self.number.value())
            self._show_picture()

    def _show_picture(self) -> None:
        """The picture in colour or grey, and what comes of it."""
        whole = self._whole
        in_colour = self.colour.isChecked() and len(whole) == 3 and not self.is_guessing
        self._input = whole if in_colour else grey(whole)
        is_own = self.source.currentText() == OWN and self.sources.own is not None
        self.before.title = f"{self.sources.own_name} (press for another)" if is_own else "Picture"
        self.before.show_image(grey_image(self._input if in_colour else self._input[0], 0.0, 1.0))
        self._fit()
        if self.is_guessing:
            self.guessing.begin(whole, self.editor.side)
        self._renew_output()

    def _fit(self) -> None:
        """The picture takes no more width than it fills; the rest is for what comes of it."""
        height, width = self._whole.shape[-2:]
        tall = max(self.before.height() - CAPTION - FOOTER, 40.0)
        room = (self.width() - WIDE - 60) * (SHARE / 2 if self.is_guessing else SHARE)
        self.before.setFixedWidth(round(min(max(tall * width / height + 4, NARROWEST), max(room, NARROWEST))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # What comes out

    def _renew_output(self, *_: object) -> None:
        edges = self.edges.currentText()
        self.edges.setToolTip(EDGES_TOLD[edges])
        if self.is_guessing:
            self._tell_input()
            return
        try:
            self._output = applied(self._input, self.editor.kernel, edges)
        except GraphlabError as error:
            self._output = None
            self.after.show_image(QImage())
            self.said.setText(f"{error.message} {error.hint}".strip())
            return
        self.said.setText(self.editor.told())
        self.after.show_image(seen(self._output, self.editor.kernel))
        self._point_at_nothing()

    def _tell_input(self) -> None:
        height, width = self._input.shape[-2:]
        self.before.tell(f"{height}×{width}, {'red, green, blue' if len(self._input) == 3 else 'grey'}")

    # A place on both pictures

    def _point_at_output(self, pixel: tuple[int, int] | None) -> None:
        """The pixels that it was made of are marked on the picture."""
        if pixel is None or self._output is None:
            self._point_at_nothing()
            return
        self.before.mark(window(pixel, self.editor.kernel, self.edges.currentText()))
        self.after.mark((pixel[0], pixel[0] + 1, pixel[1], pixel[1] + 1))
        values = self._output[(slice(None), *pixel)].tolist()
        told = "  ".join(numbers.number(value, 4, sign=True) for value in values)
        self.after.tell(f"[{pixel[0]}, {pixel[1]}]  Σ filter · window = {told}")

    def _point_at_input(self, pixel: tuple[int, int] | None) -> None:
        if pixel is None:
            self._point_at_nothing()
            return
        values = self._input[(slice(None), *pixel)].tolist()
        told = "  ".join(numbers.number(value, 3) for value in values)
        self.before.mark((pixel[0], pixel[0] + 1, pixel[1], pixel[1] + 1))
        self.before.tell(f"[{pixel[0]}, {pixel[1]}]  {told}")

    def _point_at_nothing(self) -> None:
        self.before.mark()
        self.after.mark()
        self._tell_input()
        if self._output is not None:
            low, high = float(self._output.min(initial=0)), float(self._output.max(initial=0))
            self.after.tell(f"{numbers.number(low, sign=True)} … {numbers.number(high, sign=True)}")

    # Predict first

    @property
    def is_guessing(self) -> bool:
        return self.predict.isChecked()

    def _set_mode(self, on: bool) -> None:
        """Four answers instead of the output, and back to the filter as it was."""
        self.editor.lock(on)
        for widget in (self.exchange, self.edges, self.colour):
            widget.setEnabled(not on)
        self.said.setVisible(not on)
        self.guessing.foot.setVisible(on)
        self.pages.setCurrentWidget(self.guessing if on else self.after)
        self._show_picture()
        if on:
            self.guessing.cards.setFocus()

    def _show_question(self, question: Question) -> None:
        """Its filter stands where one's own was; that comes back."""
        if self.is_guessing:
            self.editor.show_asked(question.kernel)

    # The panel

    def keys(self) -> Sequence[Wish]:
        """The weights of the selected convolution, and the pictures that the graph is fed."""
        found = chosen_filters(self.session)
        return [*self.sources.fed.watched(), *([found.watched] if found is not None else [])]

    def redraw(self) -> None:
        self.exchange.refresh()
        self._renew_sources()

    def dress(self, *_: object) -> None:
        self._renew_output()
        self.guessing.dress()
        super().dress()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.samples.read_for(self)
        self._fit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.samples.leave(self)

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Every number that comes out, with its place."""
        output = self._output if self._output is not None else np.zeros((0, 0, 0))
        return ["channel", "y", "x", "value"], ([*at, float(value)] for at, value in np.ndenumerate(output))


def _counter() -> QSpinBox:
    made = QSpinBox()
    made.setAccessibleName("Number of the picture")
    made.setToolTip("Which of the pictures")
    made.setFixedHeight(22)
    made.setStyleSheet("min-height: 16px; font-size: 11px;")
    return made
