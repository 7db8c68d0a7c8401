"""CanvasView: the widget. It turns events into gestures and commands; painting and finding is `surface`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QContextMenuEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from ..announcing import announce
from ..describing import selection_sentence
from . import grouping, keys, menus, tooltips, values_menu, wiring
from .breadcrumb import Breadcrumb
from .commands import Commands
from .detail import Detail
from .drops import Ghost, op_in
from .file_drops import FileGhost, accept, files_in
from .find_bar import FindBar
from .gestures import Pointer, begin
from .gestures.reach import Reach
from .goal_chip import GoalChip
from .minimap import Minimap
from .port_tabs import PortTabs
from .sample_chip import SampleChip
from .scene import SocketAt
from .sheets import Sheets
from .time_chip import TimeChip

if TYPE_CHECKING:
    from ...graph import Document
    from ..session import Session

_WHEEL = 1.0016  # zoom for each eighth of a degree
_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_COMES_BACK = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
)


class CanvasView(Commands):
    """Shows the session's document and edits it by hand.

    For others: the methods of `Commands`; `camera`, `scene`; `snap_to_grid`, `shows_guides`; `motion.enabled`.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self._button = Qt.MouseButton.NoButton
        self._menu_was_stroke = False
        self.sheets = Sheets(self)
        self.crumb = Breadcrumb(session, self)
        self.port_tabs = PortTabs(self, lambda kind: grouping.add_port(self, kind))
        self.find_bar, self.minimap = FindBar(self), Minimap(self)
        self.goal_chip, self.sample_chip = GoalChip(session, self), SampleChip(session, self)
        self.time_chip = TimeChip(session, self)
        self.folding.time_wanted.connect(lambda steps: self.time_chip.go(self.time_chip.time + steps))
        for signal in (session.entered, session.whole_changed, self.find_bar.placed):
            signal.connect(self._place_chip)
        session.asking.changed.connect(self.update)
        self._describe_soon = QTimer(self, singleShot=True, interval=0)
        self._describe_soon.timeout.connect(self._describe)
        session.selection_changed.connect(self._describe_soon.start)
        session.inference_changed.connect(self._describe_soon.start)
        session.show_requested.connect(self.frame_selection)
        session.edit_requested.connect(self.edit_text)
        session.menu_requested.connect(self.open_menu_of_selection)
        session.entered.connect(lambda inside: self.port_tabs.show(bool(inside)))

    def _describe(self) -> None:
        """Tells screen readers what is selected; the outline tells them all there is."""
        told = selection_sentence(self.looks, self.session.selection)
        if told != self.accessibleDescription():
            self.setAccessibleDescription(told)
            if self.hasFocus():
                announce(self, told)

    @property
    def covered(self) -> int:
        """The height at the top that the breadcrumb, the find bar and the chips take."""
        chips = self.time_chip.room, self.goal_chip.room, self.sample_chip.room
        return max(self.crumb.room, self.find_bar.room, *chips)

    def _place_chip(self, *_: object) -> None:
        self.time_chip.place(max(self.crumb.room, self.find_bar.room))
        top = max(self.crumb.room, self.find_bar.room, self.time_chip.room)
        for chip in (self.goal_chip, self.sample_chip):  # a question ends the sample, and the other way round
            chip.place(top)

    def _document_changed(self, old: Document, new: Document) -> None:
        self.sheets.follow()
        super()._document_changed(old, new)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.minimap.follow()

    def end_gesture(self) -> None:
        super().end_gesture()
        self.port_tabs.follow(None, self.middle)

    def begin_by_keys(self, socket: SocketAt) -> None:
        """Takes a wire from this socket into the hand, to be led by keys."""
        self.cancel_gesture()
        self.gesture = Reach(self, socket)
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_menu(self, at: QPointF) -> QMenu:
        menu = menus.menu_at(self, at)
        self._pop_up(menu, self.mapToGlobal(at.toPoint()))
        return menu

    def open_menu_of_selection(self, at: QPoint) -> None:
        """The menu of what is selected, at a place of the screen: somebody asked for it elsewhere."""
        self._pop_up(menus.menu_of_selection(self), at)

    def _pop_up(self, menu: QMenu, at: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session.document_changed.connect(menu.close)  # what it was about may be gone
        menu.popup(at)

    # Mouse

    def _pointer(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        return Pointer(position, self.camera.world(position), modifiers)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.search.dismiss()
        self.bubble.hide()
        self.motion.land()
        if self.gesture is not None and self.gesture.by_keys:
            self.cancel_gesture()
        if self.gesture is not None:
            return
        at = self._pointer(event.position(), event.modifiers())
        self.gesture = begin(self, event.button(), at)
        self._button = event.button()
        # A stroke has no menu, whenever the system asks for one, and even if the stroke was taken back.
        self._menu_was_stroke = self.gesture is not None and self._button == Qt.MouseButton.RightButton
        self.update_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._pointer(event.position(), event.modifiers())
        if self.gesture is None or self.gesture.by_keys:
            self._hover(at)
            return
        self.gesture.move(at)
        if self.gesture is None or not event.buttons():
            return
        if self.gesture.scrolls:
            self.edge_scroll.follow(at.screen, self.width(), self.height())
        else:
            self.edge_scroll.stop()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture = self.gesture
        if gesture is None or gesture.by_keys or event.button() != self._button:
            return
        at = self._pointer(event.position(), event.modifiers())
        gesture.release(at)
        self.end_gesture()
        if not self.search.isVisible():
            self._hover(at)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        place = self.camera.world(at)
        if item := self.item_under(place):
            if not grouping.enter(self, item, place) and not values_menu.open_under(self, place):
                self.edit_text(item)
        elif (wire := self.wire_under(place)) is not None:
            grouping.add_point(self, wire, place)
        else:
            self.add_at(at)

    def _hover(self, at: Pointer) -> None:
        before, self.pointer = self.mender.chip_at(self.pointer) if self.pointer else None, at.screen
        if self.mender.chip_at(at.screen) != before:
            self.update()
        self.folding.hover(at.world)
        node = self.node_under(at.world)
        wire = None if node else self.wire_under(at.world)
        if node != self.hovered_node:
            self.hovered_node = node
            self.session.hovered.emit(node)
            self.update()
        if wire != self.hovered_wire:
            self.hovered_wire = wire
            self.update()
        self.update_cursor(at)

    def leaveEvent(self, event: QEvent) -> None:
        self.folding.hover(None)
        self.forget_pointer()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel zooms at the pointer; two fingers on a touchpad pan, and zoom with Ctrl."""
        pixels, control = event.pixelDelta(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        fingers = not pixels.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase
        if fingers and not control:
            self.pan_by(pixels.x(), pixels.y())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan_by((event.angleDelta().y() or event.angleDelta().x()) * 0.6, 0)
        else:
            self.zoom_by(_WHEEL ** event.angleDelta().y(), event.position())
        if self.gesture is not None:
            self.gesture.move(self._pointer(event.position(), event.modifiers()))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.gesture is not None or (
            self._menu_was_stroke and event.reason() == QContextMenuEvent.Reason.Mouse
        ):
            return
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.open_menu(wiring.place_of_selection(self) if by_key else QPointF(event.pos()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._belongs_to_gesture(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            if not self.mender.offer_under(QPointF(event.pos())):
                QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_by(1 + event.value(), event.position())
            return True
        return super().event(event)

    def _belongs_to_gesture(self, event: QEvent) -> bool:
        return self.gesture is not None and isinstance(event, QKeyEvent) and self.gesture.takes(event)

    def tip_at(self, screen: QPointF) -> str:
        """The tooltip for a pixel, "" for none."""
        place = self.camera.world(screen)
        if self.detail > Detail.FAR and (socket := self.socket_under(place)) is not None:
            return tooltips.of_socket(self.session.document, self.looks, socket)
        if tip := self.folding.tip_at(place):
            return tip
        if node := self.node_under(place):
            told = tooltips.of_node(self.scene, self.looks, self.live, node)
            return told + self.session.checks.tip(node) + tooltips.of_searches(self.session, node)
        wire = self.wire_under(place)
        if wire is not None:
            return tooltips.of_wire(self.session.document, self.looks, wire)
        link = self.link_under(place)
        return tooltips.of_link(link) if link else self._tip_of_frame(place)

    def _tip_of_frame(self, place: QPointF) -> str:
        part = self.frame_under(place)
        return "" if part is None else tooltips.of_frame(self.session, part.frame)

    def open_link(self, address: str) -> None:
        """Opens a web address in the browser."""
        if not QDesktopServices.openUrl(QUrl(address)):
            self.session.notify("warning", f"No program opens {address}.", "Copy it into a browser.")

    # Keyboard and focus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.press(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hold_space(False)
        else:
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab opens the search here; Shift+Tab still leaves the canvas."""
        return False if forward else super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.shows_focus = event.reason() in _KEYBOARD
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.shows_focus = False
        self.hold_space(False)
        if self.gesture is not None and self.gesture.by_keys and event.reason() not in _COMES_BACK:
            self.cancel_gesture()
        self.update()

    # Drops from the library, and of files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        op, files = op_in(event, self.session.whole), files_in(event.mimeData())
        if op:
            self.ghost = Ghost(self, op)
            event.acceptProposedAction()
        elif files:
            self.ghost = FileGhost(self, files)
            accept(event)
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self.ghost is not None:
            self.ghost.move(event)
            (accept if isinstance(self.ghost, FileGhost) else QDropEvent.acceptProposedAction)(event)
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.ghost = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        op, files = op_in(event, self.session.whole), files_in(event.mimeData())
        if files:
            dragged = FileGhost(self, files)
            dragged.move(event)
            self.ghost = None
            self.session.in_a_moment(dragged.drop)
            accept(event)
            return
        if not op:
            event.ignore()
            return
        ghost = self.ghost if isinstance(self.ghost, Ghost) else Ghost(self, op)
        ghost.move(event)
        self.ghost = None
        place = ghost.place
        self.session.attempt(self.add_op, op, (place.x(), place.y()), ghost.receiver)
        event.acceptProposedAction()

    # Size

    def sizeHint(self) -> QSize:
        return QSize(900, 600)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.was_framed:
            self.frame_all()
        self.look_again.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What was in the middle stays there; where all was shown, all is shown."""
        old = event.oldSize()
        if old.isValid() and self.shows_all and self.isVisible():
            self.motion.land()
            self.was_framed = False  # no flight: the frame follows the window
            self.frame_all()
        elif old.isValid() and self.was_framed:
            self.camera.pan((self.width() - old.width()) / 2, (self.height() - old.height()) / 2)
        self.camera_changed()
        self.crumb.place()
        self.port_tabs.place()
        self.find_bar.place()
        self._place_chip()
        self.tidying.strip.place()
