"""The surface of the canvas: follows the session, paints, and knows what lies under a pixel. Takes no events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QCursor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ...graph import Document, Point
from ...ops import Op
from .. import theme as themes
from ..announcing import announce
from ..favourites import favourites
from ..offers import everything
from ..painting import painting
from ..theme import theme
from . import frame_parts
from .bubble import Bubble
from .camera import Camera
from .cursors import cursor_at
from .detail import Detail, bears_all, detail_at
from .draw_anew import draw_anew
from .draw_checks import CheckBadges
from .draw_comparison import Differences
from .draw_found import Found
from .draw_searched import SearchBadges
from .draw_spot import draw_elsewhere
from .draw_wires import Emphasis
from .drops import Ghost
from .file_drops import FileGhost
from .folding import Folding
from .frame_parts import Part
from .gestures import Gesture, Pointer
from .habits import End
from .ink import take_pen
from .inline import NameEditor, NoteEditor
from .live import Live
from .looks import LookBook
from .mender import Mender
from .motion import EdgeScroll, Motion
from .order_told import Awaited, draw_awaited
from .picture import Moment, Picture
from .pointing import Pointing
from .ranking import Wish, taste
from .scene import Key, Scene, SocketAt
from .search import SearchPopup
from .surgery import can_insert

if TYPE_CHECKING:
    from ..session import Session

_REACH = 9.0  # pixels around a socket, and around a wire
_LOOK_AFTER = 60  # milliseconds of rest before other tensors are asked for
_MOST_TOLD = 3  # fan-outs spelt out at a time
_ROOM = 80  # pixels repainted around what changed


class Surface(QWidget):
    """Follows a session and paints it; knows what lies where. `Commands` and `CanvasView` build on it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setAccessibleName("Canvas")
        self.setMinimumSize(120, 80)
        self.session = session
        self.scene, self.camera, self.looks = Scene(), Camera(), LookBook()
        self.live = Live(session, self)
        self.picture = Picture(self.scene, self.camera, self.looks, self.live)
        self.motion = Motion(self, self.camera, self.camera_changed)
        self.edge_scroll = EdgeScroll(self, self._scroll)
        self.gesture: Gesture | None = None
        self.ghost: Ghost | FileGhost | None = None
        self.found: Found | None = None  # what a search under way has found on this sheet
        self.selected_wires: frozenset[Key] = frozenset()
        self.snap_to_grid = False
        self.shows_guides = True
        self.space_is_down = False
        self.was_framed = False
        self.shows_all = False
        self.hovered_node = ""
        self.pointed_node = ""  # here or in a panel
        self.hovered_wire: Key | None = None
        self.pointer: QPointF | None = None  # the pixel that it hovers over
        self.shows_focus = False
        self._editor: NameEditor | NoteEditor | None = None
        self.search = SearchPopup(self)
        self.bubble = Bubble(self)
        self.mender = Mender(self)
        self.pointing, self.folding = Pointing(self), Folding(self)
        self.differences = Differences(self)
        self.check_badges = CheckBadges(self)
        self.search_badges = SearchBadges(self)
        self._chosen: Callable[[type[Op]], None] = lambda op: None
        self.search.chosen.connect(lambda op: self._chosen(op))
        self.search.asked.connect(session.help_requested)
        self.search.starred.connect(lambda key: favourites.toggle(session.root, key))
        self._catch_up = _timer(self, 0, self.update)
        self.look_again = _timer(self, _LOOK_AFTER, self._watch)
        self._listen()

    def _listen(self) -> None:
        session = self.session
        session.document_changed.connect(self._document_changed)
        session.inference_changed.connect(self._inference_changed)
        session.selection_changed.connect(self._selection_changed)
        session.values_changed.connect(self._values_changed)
        session.status_changed.connect(self._status_changed)
        session.opened.connect(self._opened)
        session.breakpoints_changed.connect(self._status_changed)
        session.strides.stepped.connect(self._follow_run)
        session.hovered.connect(self._pointed_at)
        session.editing.recomputed.connect(self.update)
        session.health.changed.connect(self.update)
        themes.theme_changed.connect(self._theme_changed)
        session.scales.changed.connect(self._theme_changed)
        self.scene.show(session.document)
        self.looks.show(session.document, session.inference, session.seen.parameters_of)

    # What the session tells

    def _document_changed(self, old: Document, new: Document) -> None:
        self.motion.stop_gliding()
        self.scene.show(new)
        self.selected_wires = frozenset(key for key in self.selected_wires if key in new.edges)
        self.hovered_wire = self.hovered_wire if self.hovered_wire in new.edges else None
        self.hovered_node = self.hovered_node if self.hovered_node in new.nodes else ""
        if self.gesture is not None:
            self.gesture.document_changed()
        self.look_again.start()
        self.update()

    def _inference_changed(self, inference: object) -> None:
        session = self.session
        self.looks.show(session.document, session.inference, session.seen.parameters_of)
        self.mender.forget()
        self.update()

    def _selection_changed(self, chosen: frozenset[str]) -> None:
        if chosen:
            self.selected_wires = frozenset()
        self.update()

    def _values_changed(self, nodes: set[str]) -> None:
        if bears_all(self.detail, len(self.scene.ids)) and not nodes.isdisjoint(self.visible_nodes()):
            self.update()

    def _status_changed(self, status: object) -> None:
        self.update()

    def _follow_run(self) -> None:
        """A step was taken: what was computed comes into view, unless a hand holds something; and it is said."""
        node, phase = self.live.lit
        if node in self.scene.index and self.gesture is None:
            above = _ROOM / self.camera.zoom  # its number, and the way that led to this sheet
            self.bring_into_view(self.scene.rect(node).adjusted(0, -above / 2, 0, 0))
        progress, total = self.session.progress, len(self.session.schedule)
        name = self.session.name_of(progress.current)
        announce(self, f"{phase} {name}, {progress.cursor} of {total}" if phase else f"start, 0 of {total}")

    def _pointed_at(self, node: str) -> None:
        if node != self.pointed_node:
            self.pointed_node = node
            self.update()

    def forget_pointer(self) -> None:
        """The pointer is elsewhere, or what lies over the canvas has it."""
        self.pointer = None
        if self.hovered_node or self.hovered_wire:
            self.hovered_node, self.hovered_wire = "", None
            self.session.hovered.emit("")
            self.update()

    def _opened(self) -> None:
        """Another document: what was in the hand, searched for or written belongs to the one before."""
        self.leave_sheet()
        if self._editor is not None:
            self._editor.finish()
        self.was_framed = False

    def _theme_changed(self, now: object = None) -> None:
        self.picture.forget()
        self.update()

    # Seeing

    @property
    def detail(self) -> Detail:
        return detail_at(self.camera.zoom)

    @property
    def shows_order(self) -> bool:
        """Whether nodes wear their numbers in the order of computing, and their part in the whole."""
        return self.picture.nodes.order.shown

    @shows_order.setter
    def shows_order(self, on: bool) -> None:
        self.picture.nodes.order.shown = on
        self.update()

    @property
    def middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def centre(self) -> Point:
        """The top left corner for a node that is to stand in the middle of the view."""
        place = self.camera.world(self.middle)
        return round(place.x()) - 80.0, round(place.y()) - 58.0

    def visible_nodes(self) -> list[str]:
        area = self.camera.world_rect(QRectF(self.rect()))
        return [self.scene.ids[k] for k in self.scene.nodes_in(area).tolist()]

    def _watch(self) -> None:
        self.live.watch(self.scene, self.visible_nodes() if self.isVisible() else (), self.detail)

    def camera_changed(self) -> None:
        if self._editor is not None:
            self._editor.leave()
        self.look_again.start()
        self.update()

    def pan_by(self, dx: float, dy: float) -> None:
        """Moves the picture by so many pixels."""
        self.motion.land()
        self.shows_all = False
        self.camera.pan(dx, dy)
        self.camera_changed()

    def zoom_by(self, factor: float, at: QPointF) -> None:
        """Zooms about a pixel."""
        self.motion.land()
        self.shows_all = False
        self.camera.zoom_at(at, factor)
        self.camera_changed()

    def _scroll(self, dx: float, dy: float) -> None:
        if self.gesture is None:
            self.edge_scroll.stop()
            return
        self.pan_by(dx, dy)
        at = self.gesture.at
        self.gesture.move(Pointer(at.screen, self.camera.world(at.screen), at.modifiers))

    def bring_into_view(self, area: QRectF) -> None:
        """Moves the view just so far that a rectangle of the canvas is in it; of a large one, its upper left part."""
        rect = self.camera.screen_rect(area)
        room = QRectF(self.rect()).adjusted(24, 24, -24, -24)
        rect.setSize(rect.size().boundedTo(room.size()))
        dx = max(room.left() - rect.left(), 0.0) + min(room.right() - rect.right(), 0.0)
        dy = max(room.top() - rect.top(), 0.0) + min(room.bottom() - rect.bottom(), 0.0)
        if dx or dy:
            self.pan_by(dx, dy)

    def touch(self, area: QRectF) -> None:
        """Repaints a rectangle of the canvas and a little around it."""
        rect = self.camera.screen_rect(area).toAlignedRect()
        self.update(rect.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM))

    def show_places(self, places: Mapping[str, Point]) -> None:
        """Shows items elsewhere than the document says, until `settle`."""
        self.scene.displace(places)
        self.update()

    def settle(self) -> None:
        self.scene.settle()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            self._paint(painter, event.rect())
        if self.picture.behind:
            self._catch_up.start()

    def _paint(self, painter: QPainter, area: QRect) -> None:
        wires = Emphasis(self.hovered_wire, self.selected_wires)
        if self.gesture is not None:
            wires = self.gesture.emphasis(wires)
        elif self.ghost is not None:
            wires = wires._replace(receiving=self.ghost.receiver)
        moment = Moment(
            self.session.selection,
            wires,
            self._told_nodes(),
            self.pointed_node,
            self.devicePixelRatioF(),
            self.gesture is not None,
        )
        self.picture.paint(painter, area, QRectF(self.rect()), moment)
        self.differences.paint(painter, area)
        self._paint_anew(painter)
        self.check_badges.paint(painter, area)
        self.search_badges.paint(painter, area)
        if self.found is not None:
            self.found.draw(painter, area, self.camera, self.picture, self.scene, moment.selected)
        self.pointing.paint(painter)
        self.mender.paint(painter)
        current, (node, phase) = self.session.progress.current, self.live.lit
        if current and not node:
            draw_elsewhere(painter, QRectF(self.rect()), self.session.name_of(current), phase)
        if isinstance(self.bubble.about, Awaited) and self.bubble.isVisible():
            draw_awaited(painter, self.camera, self.scene, self.bubble.about)
        if self.ghost is not None:
            self.ghost.paint(painter)
        if self.gesture is not None:
            self.gesture.paint(painter)
        if self.shows_focus:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            take_pen(painter, theme().accent, 2)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _paint_anew(self, painter: QPainter) -> None:
        """What an edit of a number has had computed again."""
        anew = {self.session.seen.here(key) for key in self.session.editing.fresh.nodes}
        if anew:
            draw_anew(painter, self.camera, self.scene, sorted(anew), QRectF(self.rect()))

    def _told_nodes(self) -> tuple[str, ...]:
        """The fan-outs whose gradients are spelt out: the one pointed at; else what was computed last, or added to by
        that; else the one selected.
        """
        if not self.live.flows_back:
            return ()
        lit, phase = self.live.lit
        touched = [lit, *self.live.fed_by(lit)] if phase == "backward" and lit in self.scene.index else []
        for candidates in ([self.pointed_node], touched, [self.session.selected_node]):
            found = [node for node in candidates if node in self.scene.index and self.live.is_fan_out(node)]
            if found:
                return tuple(found[:_MOST_TOLD])
        return ()

    # What lies where

    def socket_under(self, place: QPointF) -> SocketAt | None:
        return self.scene.socket_at(
            place, max(_REACH / self.camera.zoom, 7.0) if self.camera.zoom < 1 else 9.0
        )

    def node_under(self, place: QPointF) -> str:
        return self.scene.node_at(place, self.session.selection)

    def wire_under(self, place: QPointF) -> Key | None:
        return None if self.node_under(place) else self.scene.wire_at(place, _REACH * 0.8 / self.camera.zoom)

    def receiver_under(self, rect: QRectF, op: Op) -> Key | None:
        """The wire behind the middle of `rect` into which `op` fits."""
        key = self.scene.wire_at(rect.center(), rect.height() * 0.4)
        if key is None or not can_insert(self.session.document, self.session.inference, key, op):
            return None
        return key

    @property
    def pointer_is_elsewhere(self) -> bool:
        """Whether the pointer is not over the canvas."""
        return not (self.underMouse() and self.rect().contains(self.mapFromGlobal(QCursor.pos())))

    def pointer_or_middle(self) -> QPointF:
        return self.middle if self.pointer_is_elsewhere else QPointF(self.mapFromGlobal(QCursor.pos()))

    def note_under(self, place: QPointF) -> str:
        """The note there that nothing covers, "" for none."""
        return "" if self.node_under(place) or self.wire_under(place) else self.scene.boards.note_at(place)

    def link_under(self, place: QPointF) -> str:
        """The web address in a note there, "" for none."""
        note = self.note_under(place)
        return self.picture.notes.link_at(note, place, self.camera.zoom) if note else ""

    def frame_under(self, place: QPointF) -> Part | None:
        """The title or edge of a frame there that nothing covers. Within a frame is empty canvas."""
        part = frame_parts.part_at(self, place)
        if part is None or part.over:
            return part
        covered = self.node_under(place) or self.wire_under(place) or self.scene.boards.note_at(place)
        return None if covered else part

    def item_under(self, place: QPointF) -> str:
        """The node, note or frame there, "" for a wire or nothing."""
        part = self.frame_under(place)
        if part is not None:
            return part.frame
        return self.node_under(place) or self.note_under(place)

    # Selection of wires (the session keeps that of nodes, notes and frames)

    def select_wire(self, wire: Key, more: bool = False) -> None:
        chosen = self.selected_wires ^ {wire} if more else frozenset({wire})
        if not more:
            self.session.select(())
        self.select_wires(chosen)

    def select_wires(self, wires: Iterable[Key]) -> None:
        chosen = frozenset(wires)
        if chosen != self.selected_wires:
            self.selected_wires = chosen
            self.update()

    # In place

    def explain(self, at: QPointF, text: str, hint: str = "") -> None:
        """Says in a bubble at a pixel why something was refused."""
        self.bubble.say(at.toPoint(), text, hint)

    def open_search(
        self,
        at: QPointF,
        chosen: Callable[[type[Op]], None],
        accepts: Callable[[type[Op]], bool] | None = None,
        title: str = "",
        end: End | None = None,
        kin: str = "",
    ) -> None:
        """Opens the search at a pixel; `chosen` gets the op.

        `end`: the socket from which a wire was drawn. `kin`: the category of which most is expected.
        """
        self._chosen = chosen
        self.forget_pointer()
        person = taste(self.session, wires=end is not None)
        self.search.open_at(
            at.toPoint(), everything(self.session), accepts, title, wish=Wish(end, kin), person=person
        )

    def open_editor(self, editor: NameEditor | NoteEditor) -> None:
        if self._editor is not None:
            self._editor.finish()
        self._editor = editor
        editor.destroyed.connect(lambda: self._closed(editor))

    def _closed(self, editor: QWidget) -> None:
        if self._editor is editor:
            self._editor = None

    # The hand

    def leave_sheet(self) -> None:
        """Another sheet is about to be shown: what the hand was doing on this one ends, and has done nothing."""
        self.search.dismiss()
        self.bubble.hide()
        if self.gesture is not None:
            self.scene.settle()
            self.end_gesture()

    def cancel_gesture(self) -> None:
        """Esc: nothing happened."""
        if self.gesture is not None:
            self.gesture.cancel()
            self.end_gesture()

    def end_gesture(self) -> None:
        self.gesture = None
        self.edge_scroll.stop()
        self.update_cursor()
        self.update()

    def update_cursor(self, at: Pointer | None = None) -> None:
        shape = cursor_at(self, at)
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    def hold_space(self, down: bool) -> None:
        """While Space is down, dragging pans."""
        self.space_is_down = down
        self.update_cursor()


def _timer(parent: QWidget, milliseconds: int, work: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(work)
    return timer
