"""Data: the rows that the graph learns from, their classes and figures, how they are divided, and points to paint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from ...data import store
from ...data.looking import Look, Remark, look, remarks, size_of
from ...data.points import are_in, next_class
from ...graph import Document, Node, touched
from ..canvas.file_drops import accept, files_in
from ..data_view import painted
from ..data_view.class_bars import ClassBars
from ..data_view.features import FeatureTable
from ..data_view.preview import Preview
from ..data_view.scores import lacking_scores
from ..data_view.settings_part import PartsPart, SetPart
from ..files import DATA
from ..inspector.parts import heading
from ..session import Session
from ..widgets.fields import QuietCombo
from .live import LivePanel, header_button
from .registry import panel

BIG = 2_000_000  # numbers that are looked at beside the main thread
WIDE = 640  # pixels from which the parts stand side by side
BELOW = 170.0  # canvas units between what there is and a new source
_ROLES = {"error": "error", "warning": "warning", "info": "secondary"}


class _Area(QScrollArea):
    """As wide as there is room, with or without its scroll bar."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.widget().setMaximumWidth(self.viewport().width())


@panel("data", "Data", "right", 30, shown=False, tabbed=True)
class DataPanel(LivePanel):
    """Follows the sources of the document that bring rows; shows one of them."""

    picture = "data"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.look: Look | None = None
        self._shown: object = None
        self._told: object = None  # what was drawn last
        self._known: tuple[Any, dict[str, str]] = (None, {})  # the sources among these nodes
        self._chosen = ""
        self._fault = ""
        self.source = QuietCombo()
        self.source.setAccessibleName("Source")
        self.source.setToolTip("Which source of rows is shown")
        self.said = QLabel()
        self.preview = Preview()
        self.bars, self.features = ClassBars(), FeatureTable()
        self.settings, self.parts = SetPart(session), PartsPart(session)
        self._classes_title, self._features_title = heading("Classes"), heading("Features")
        self.set_content(self._build())
        self.setMinimumWidth(250)
        self.setAcceptDrops(True)
        session.whole_changed.connect(self._follow)
        session.opened.connect(self.changed)
        self.source.activated.connect(lambda _: self._choose())
        self.preview.scatter.painted.connect(self._painted)
        self.preview.class_wanted.connect(self._one_more_class)

    def _build(self) -> QWidget:
        inside = QWidget()
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom, inside)
        self._columns.setContentsMargins(14, 8, 14, 12)
        self._columns.setSpacing(12)
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        first = [self.source, self.preview]
        second = [self.said, self.settings, self._classes_title, self.bars]
        third = [self.parts, self._features_title, self.features]
        for widgets, stretch in ((first, 3), (second, 2), (third, 2)):
            column = QVBoxLayout()
            column.setSpacing(8)
            for widget in widgets:
                column.addWidget(widget, 1 if widget is self.preview else 0)
            if widgets is not first:
                column.addStretch(1)
            self._columns.addLayout(column, stretch)
        self._area = _Area()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(inside)
        return self._area

    def header_tools(self) -> list[QWidget]:
        return [
            header_button("import", "open", "Import data: CSV, arrays, images, text …", self.import_data),
            header_button(
                "paint", "brush", "Put points of your own into the graph, and paint them", self.begin_painting
            ),
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= WIDE
        way = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        self._columns.setDirection(way)
        for k, (beside, below) in enumerate(((3, 1), (2, 0), (2, 0))):
            self._columns.setStretch(k, beside if is_wide else below)
        self.preview.fit_into(0 if is_wide else self.height())

    # What is shown

    def _follow(self, old: Document, new: Document) -> None:
        """Sources are looked for anew only where an edit touched one: a hand that drags edits at every move."""
        before, there = self._known
        others = touched(old.nodes, new.nodes)
        if before is old.nodes and len(old.nodes) == len(new.nodes):
            is_same = not any(i in there or _brings(new.nodes[i]) for i in others)
            self._known = (new.nodes, there) if is_same else self._known
        self.changed()

    def sources(self) -> dict[str, str]:
        """The names of the nodes that bring rows, by id."""
        nodes = self.session.whole.nodes
        if self._known[0] is not nodes:
            found = {n.id: n.name for n in nodes.values() if _brings(n)}
            self._known = (nodes, found)
        return self._known[1]

    @property
    def shown_source(self) -> str:
        """The id of the node that is shown: chosen here, else selected, else the first; "" for none."""
        there = self.sources()
        if self._chosen in there:
            return self._chosen
        selected = self.session.selection & there.keys() if not self.session.inside else ()
        return next(iter(selected), next(iter(there), ""))

    def missing(self) -> bool:
        if not self.shown_source:
            self._shown = self.look = None
            self.empty.say(
                "There are no rows yet. Import a file, add a Dataset node, or paint points of your own.",
                "Paint points",
                self.begin_painting,
                "brush",
            )
            return True
        self._take_in()
        if self.look is None:
            self.empty.say(self._fault or "Reading the rows …")
            return True
        return False

    def _key(self) -> object:
        whole, source = self.session.whole, self.shown_source
        training = whole.training
        op: Any = whole.nodes[source].make()
        is_here = store.holds(op)
        return (
            source,
            op,
            is_here,
            training.validation,
            training.test,
            training.seed,
            training.stratified,
        )

    def _take_in(self) -> None:
        """Looks at the rows, unless they are those that are shown; many of them beside the main thread."""
        key = self._key()
        if key == self._shown:
            return
        self._shown = key
        whole, source = self.session.whole, self.shown_source
        training, op = whole.training, whole.nodes[source].make()
        how = (op, training.validation, training.test, training.seed, training.stratified)
        if size_of(op) <= BIG:
            self._arrived(key, look(*how))
            return
        self._fault = ""
        if self.look is not None and self.look.title != getattr(op, "title", ""):
            self.look = None

        def found(progress: Any) -> tuple[Look, Any]:
            made = look(*how)
            return made, _features_of(made)

        self.session.worker.start(
            whole.nodes[source].name,
            found,
            lambda made: self._arrived(key, *made),
            lambda error: self._failed(key, str(error)),
        )

    def _arrived(self, key: object, found: Look, features: Any = None) -> None:
        if key != self._shown:
            return
        self.look = found
        self._features = _features_of(found) if features is None else features
        self._is_new = True
        if self.isVisible():
            QTimer.singleShot(0, self, self.changed)

    def _failed(self, key: object, why: str) -> None:
        if key == self._shown:
            self.look, self._fault = None, why
            self.changed()

    def redraw(self) -> None:
        now = (self._shown, self.session.whole, self.session.seen.whole)
        if self.look is None or (now == self._told and not self._is_new):
            return  # nothing but numbers of the run is new
        self._told = now
        self._tell_remarks()
        self._show_sources()
        source = self.shown_source
        op = self.session.whole.nodes[source].make()
        self.settings.show_source(source, op, self.look)
        self.parts.show_source(self.look)
        if not self._is_new:
            return
        self._is_new = False
        self._show_rows(source, op, self.look)

    _is_new = False
    _features: Sequence[Any] = ()

    def _show_rows(self, source: str, op: Any, found: Look) -> None:
        can_paint = painted.can_paint(op, found)
        self.preview.show_look(found, source, can_paint, can_paint and bool(next_class(found.classes)))
        self.bars.show_look(found)
        self._classes_title.setVisible(found.labels is not None)
        self.bars.setVisible(found.labels is not None)
        is_table = found.image_shape is None and len(self._features) > 0
        self._features_title.setVisible(is_table)
        self.features.setVisible(is_table)
        if is_table:
            self.features.show_features(self._features)

    def _show_sources(self) -> None:
        there = self.sources()
        self.source.setVisible(len(there) > 1)
        if [*there] != [self.source.itemData(k) for k in range(self.source.count())]:
            self.source.clear()
            for id, name in there.items():
                self.source.addItem(name, id)
        self.source.setCurrentIndex(self.source.findData(self.shown_source))

    def _choose(self) -> None:
        self._chosen = str(self.source.currentData() or "")
        self.changed()

    # What is odd

    def remarks(self) -> list[Remark]:
        """What is odd about the rows shown, the worst first."""
        if self.look is None:
            return []
        found = [*remarks(self.look, self.session.whole.training.batch_size, self._features)]
        found += lacking_scores(self.session.whole, self.session.seen.whole, self.shown_source, self.look)
        order = list(_ROLES)
        return sorted(found, key=lambda remark: order.index(remark.level))

    def _tell_remarks(self) -> None:
        found = self.remarks()
        signs = {"error": "✕", "warning": "!", "info": "·"}
        self.said.setText("\n".join(f"{signs[r.level]} {r.text} {r.hint}".strip() for r in found))
        role = _ROLES[found[0].level] if found else "secondary"
        if self.said.property("role") != role:
            self.said.setProperty("role", role)
            self.said.style().polish(self.said)
        self.said.setVisible(bool(found))

    # Painting

    def begin_painting(self) -> None:
        """Shows the points that can be painted; without any, puts an empty table on the sheet."""
        whole = self.session.whole
        if not self.shown_source or not are_in(whole.nodes[self.shown_source].make()):
            there = next((i for i in self.sources() if are_in(whole.nodes[i].make())), "")
            self._chosen = there or painted.new_table(self.session)
        self.changed()
        QTimer.singleShot(0, self, self._take_brush)

    def _take_brush(self) -> None:
        self._redraw()
        if self.preview.scatter.can_paint:
            self.preview.scatter.choose_tool("brush")
            self.preview.scatter.setFocus(Qt.FocusReason.OtherFocusReason)

    def _painted(self, points: Any, labels: Any, words: str) -> None:
        if self.shown_source and self.look is not None:
            self._shown = None  # what is on the screen is the hand's, whatever becomes of it
            painted.put(self.session, self.shown_source, points, labels, self.look.classes, words)
            self.changed()

    def _one_more_class(self) -> None:
        if not self.shown_source or self.look is None:
            return
        scatter, more = self.preview.scatter, (*self.look.classes, next_class(self.look.classes))
        if painted.put(self.session, self.shown_source, scatter.points, scatter.labels, more, "Add a class"):
            scatter.classes = len(more)
            scatter.choose_class(len(more) - 1)

    # In and out

    def import_data(self) -> None:
        """Asks for files and puts them on the sheet."""
        self._take([Path(name) for name in QFileDialog.getOpenFileNames(self, "Import data", "", DATA)[0]])

    def _take(self, paths: list[Path]) -> None:
        """Puts files on the sheet, below what is there."""
        below = max((n.position[1] + BELOW for n in self.session.document.nodes.values()), default=0.0)
        self.session.intake.take(paths, (0.0, below))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_in(event.mimeData()):
            accept(event)

    def dropEvent(self, event: QDropEvent) -> None:
        accept(event)
        self._take(files_in(event.mimeData()))

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """The rows that are shown: their features, their target, and the part that they are in."""
        found = self.look
        if found is None:
            return [], iter(())
        header = [*(found.name(k) for k in range(found.x.shape[1])), found.target or "target", "part"]
        return header, _rows(found)


def _brings(node: Node) -> bool:
    """Whether a node brings rows."""
    return node.is_known and bool(node.make().brings)


def _features_of(found: Look) -> Sequence[Any]:
    """The figures of the features; of images nobody wants those of every pixel."""
    return found.features() if found.image_shape is None else ()


def _rows(found: Look) -> Iterator[Sequence[Any]]:
    parts = np.full(len(found), "", object)
    for name, rows in found.splits.items():
        parts[rows] = name
    for k, row in enumerate(found.x):
        goal: Any = ""
        if found.labels is not None:
            goal = found.classes[int(found.labels[k])] if found.labels[k] >= 0 else ""
        elif found.numbers is not None:
            goal = float(found.numbers[k])
        yield [*row.tolist(), goal, parts[k]]
