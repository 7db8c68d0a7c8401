"""Feature maps: what every channel of a layer makes of one sample, and what of it a unit sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from ...engine import messages as m
from ...lab.receptive import LayerField
from ..asker import Asker
from ..evaluating import Evaluation
from ..field_part import FieldPart
from ..map_sources import OfFed, OfRows, Shown
from ..samples import samples_of
from ..session import Session
from ..tensors import Wish
from ..wanting import wanting_of
from ..widgets.extent import Extent
from ..widgets.field_picture import FieldPicture
from ..widgets.field_table import FieldTable
from ..widgets.gallery import Gallery, Place
from ..widgets.picture_button import step_buttons
from ..widgets.split_choice import SplitChoice
from .live import LivePanel, header_choice, header_switch
from .registry import panel

End = tuple[str, str]
NARROW, WIDE = 140, 250  # pixels of the sample


@panel("feature-maps", "Feature maps", "bottom", 41, icon="filters", shown=False, tabbed=True)
class FeatureMapsPanel(LivePanel):
    """The sample on the left, the maps of the chosen layer on the right. Page Up and Page Down go from row to row.

    It follows the selected node, if that makes maps.
    A press on a unit shows on the sample what it sees.
    """

    picture = "filters"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.samples = samples_of(session)
        self.samples.arrived.connect(self.changed)
        self.samples.pointed.connect(self._point_at)
        self.asked = Asker(session, self._ask, self)
        self.asked.arrived.connect(self._take)
        self.maps: np.ndarray | None = None  # (channels, height, width)
        self._shown: Shown | None = None
        self._step, self._fault = 0, ""
        self._ends: list[End] = []
        self._of_rows, self._of_fed = OfRows(session, self.samples), OfFed(session)
        self.field = FieldPart(session, self)
        self.field.changed.connect(self._show_field)
        self.split = SplitChoice(self.samples)
        self.layer = header_choice((), "Layer", "Which layer's maps are shown", self._choose, 9)
        self.split.chosen.connect(self._choose)
        self.tabled = header_switch(
            "fields", "Layer by layer, how many pixels a unit sees", False, self._show_table
        )
        self.set_content(self._build())

    def _build(self) -> QWidget:
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(10, 2, 8, 6)
        row.setSpacing(14)
        left = QVBoxLayout()
        steps = QHBoxLayout()
        steps.setSpacing(2)
        self.number = QSpinBox()
        self.number.setAccessibleName("Sample")
        self.number.setToolTip("Which row of the part, counted from 0 (Page Up and Page Down step)")
        self.number.valueChanged.connect(self._choose)
        before, after = step_buttons(self.number)
        steps.addWidget(before)
        steps.addWidget(self.number, 1)
        steps.addWidget(after)
        self.image, self.gallery, self.said = FieldPicture(side=110), Gallery(), QLabel()
        left.addLayout(steps)
        left.addWidget(self.image, 1)
        self.image.setFixedWidth(NARROW)
        row.addLayout(left)
        right = QVBoxLayout()
        right.setSpacing(4)
        self.said.setProperty("role", "secondary")
        self.said.setMinimumWidth(1)
        size = self.gallery.sizePolicy()
        size.setVerticalPolicy(size.Policy.Expanding)
        self.gallery.setSizePolicy(size)
        self.gallery.setAccessibleName("Feature maps")
        self.gallery.elementActivated.connect(self._ask_what_it_wants)
        self.gallery.setToolTip(
            "Press on a unit to see what it looks at; double-click for what its channel wants"
        )
        self.gallery.elementSelected.connect(self._look_at)
        self.seen = QLabel()
        self.seen.setMinimumWidth(1)
        self.seen.setToolTip(
            "In theory: every pixel that it depends on in any way. In effect: of a mean over 32 samples of |∂ unit / ∂ "
            "pixel|, the side of a square of as many pixels as have 4.6 % of the largest or more."
        )
        self.fields = FieldTable()
        self.fields.setFixedWidth(380)
        self.fields.hide()
        self.fields.chosen.connect(self._go_to_layer)
        right.addWidget(self.said)
        right.addWidget(self.seen)
        self.seen.hide()
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(self.gallery, 1)
        both.addWidget(self.fields)
        right.addLayout(both, 1)
        row.addLayout(right, 1)
        return content

    def header_tools(self) -> list[QWidget]:
        return [self.split, self.layer, self.tabled]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.samples.read_for(self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.samples.leave(self)
        self.asked.forget()
        self.field.leave()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.image.setFixedWidth(min(max(self.height() - 64, NARROW), WIDE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        if by is not None:
            self.number.setValue(self.number.value() + by)
        else:
            super().keyPressEvent(event)

    # What is shown

    @property
    def source(self) -> OfRows | OfFed:
        """Rows that are told apart where there are such, else what is fed."""
        is_fed = self.samples.decision is None and self._of_fed.eye is not None
        return self._of_fed if is_fed else self._of_rows

    def keys(self) -> Sequence[Wish]:
        return self._of_fed.watched() if self.source.is_fed else []

    def _point_at(self, row: int) -> None:
        """Another panel wants to see that row."""
        there = np.flatnonzero(self._of_rows.rows() == row)
        if len(there):
            self.number.setValue(int(there[0]))

    def _choose(self, *_: object) -> None:
        """Another sample, layer or part."""
        if self.isVisible():
            self.asked.want(now=True)
            self.changed()

    def missing(self) -> bool:
        source = self.source
        if source.missing:
            self.empty.say(source.missing)
        elif not source.ends():
            self.empty.say("No layer here makes maps. Add one that does, such as Conv2d.")
        elif source.is_fed and not len(source.rows()):
            return False  # what units can see needs no picture
        elif self.maps is None:
            self._refresh_choices()
            self.asked.want()
            self.empty.say(self._fault or "Asking the network …")
        else:
            return False
        return True

    def _refresh_choices(self) -> None:
        source, nodes = self.source, self.session.seen.whole.nodes
        ends = source.ends()
        names = [nodes[key].path for key, _ in ends]
        if ends != self._ends or names != [self.layer.itemText(k) for k in range(self.layer.count())]:
            self._ends, chosen = ends, self.layer.currentText()
            self.layer.clear()
            self.layer.addItems(names)
            self.layer.setCurrentIndex(names.index(chosen) if chosen in names else 0)
        self._follow_selection()
        self._learn_fields()
        self.number.setMaximum(max(len(source.rows()) - 1, 0))
        self.split.setVisible(not source.is_fed)
        self.split.refresh()

    _selected = ""

    def _follow_selection(self) -> None:
        """The node that has been selected on the canvas is shown, if it makes maps."""
        node = self.session.selected_node
        if node == self._selected:
            return
        self._selected = node
        key = self.session.seen.key(node) if node else ""
        at = next((k for k, end in enumerate(self._ends) if end[0] == key), -1)
        if at not in (-1, self.layer.currentIndex()):
            self.layer.setCurrentIndex(at)
            self.asked.want(now=True)

    def redraw(self) -> None:
        self._refresh_choices()
        self.asked.want()
        self._draw()

    def _ask(self, asked: Evaluation) -> object:
        at = self.layer.currentIndex()
        if not 0 <= at < len(self._ends):
            return None
        return self.source.ask(asked, self._ends[at], self.number.value())

    def _take(self, about: object, event: m.Evaluated) -> None:
        assert isinstance(about, Shown)  # as asked
        if event.message:
            self.maps, self._fault = None, f"{event.message} {event.hint}".strip()
            self.changed()
            return
        is_first, self._fault = self.maps is None, ""
        value = np.asarray(event.values[0], np.float64)[about.place]
        self.maps = value.reshape(-1, *value.shape[-2:]) if value.ndim > 2 else value[None]
        self._shown, self._end, self._step = about, about.end, event.step
        self.changed() if is_first else self._draw()
        self._select_wanted()

    _end: End = ("", "")

    def _draw(self) -> None:
        maps, shown = self.maps, self._shown
        if self.source.is_fed and not len(self.source.rows()):
            self._draw_nothing()
            return
        if maps is None or shown is None:
            return
        count, height, width = maps.shape
        largest = float(np.abs(np.nan_to_num(maps)).max(initial=0.0))
        names = [str(k) for k in range(count)]
        self.gallery.set_tiles(maps, Extent.whole(height, width), scale=largest, names=names)
        flat = self.session.seen.whole.nodes.get(self._end[0])
        layer = flat.path if flat is not None else ""
        self.said.setText(f"{layer}: {count} maps of {shown.told}  ·  step {self._step:,}")
        picture = self.source.picture(shown)
        self.image.setVisible(picture is not None)
        if picture is not None:
            self.image.set_array(picture if picture.shape[0] == 3 else picture[0])
        self.gallery.show()
        self._look_at(self.gallery.selected())

    def _draw_nothing(self) -> None:
        """No picture has come: what units can see is told all the same."""
        where = self.source.where()
        if where is not None and where[1] is not None:
            self.image.set_array(np.zeros(where[1][-2:], np.float32))
        self.gallery.hide()
        self.fields.show()
        self.said.setText("No picture has come yet: choose a layer to see how far its units see.")

    # What a unit sees

    def _learn_fields(self) -> None:
        where = self.source.where()
        if where is None:
            return
        before = self.field.layers
        self.field.learn(*where)
        if self.field.layers is not before:
            self.fields.show_layers(self.field.layers)

    def _look_at(self, place: Place | None) -> None:
        """A unit of the maps, (map, row, column), is meant."""
        if place is None or self.maps is None:
            self.field.leave()
            return
        spec = self.session.seen.whole.specs.get(self._end)
        at = tuple(place) if spec is not None and spec.ndim > 3 else tuple(place[1:])
        source = self.source
        self.field.look_at(self._end, at, source.split, source.pictures())

    def _show_field(self) -> None:
        told = self.field.told()
        self.seen.setVisible(bool(told))
        self.seen.setText(told)
        self.image.mark(self.field.box, self.field.boxes_before(), self.field.slopes)

    def _show_table(self, on: bool) -> None:
        self.fields.setVisible(on or self.gallery.isHidden())

    def _go_to_layer(self, layer: LayerField) -> None:
        """The unit in the midst of that layer, where its maps can be shown."""
        if layer.end not in self._ends and len(self.source.rows()):
            return
        rows, columns = layer.field.shape
        if self.source.is_fed and not len(self.source.rows()):
            self.field.look_at(layer.end, (0, rows // 2, columns // 2), "", only_in_theory=True)
            return
        self._wanted = layer.end, (0, rows // 2, columns // 2)
        self.layer.setCurrentIndex(self._ends.index(layer.end))
        self._choose()
        self._select_wanted()

    _wanted: tuple[End, Place] | None = None  # a unit that is to be chosen once its maps have come

    def _select_wanted(self) -> None:
        if self._wanted is not None and self._wanted[0] == self._end:
            place, self._wanted = self._wanted[1], None
            self.gallery.select(place)

    def _ask_what_it_wants(self, place: tuple[int, int, int]) -> None:
        """Double-click or Enter on a map: the panel of what units want looks into that channel."""
        wanting_of(self.session).ask(self._end, place[:1], place[1:])

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Every number of every map, with its place."""
        maps = self.maps if self.maps is not None else np.zeros((0, 0, 0))
        return ["map", "y", "x", "value"], ([*at, float(value)] for at, value in np.ndenumerate(maps))
