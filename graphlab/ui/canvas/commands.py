"""What one can ask of the canvas by name: the methods that menus, shortcuts and the command palette call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ...graph import Document, Edge, Point, edits
from ...graph.drawn.shapes import HEADER, MIDDLE, WIDTH
from ...graph.framing import refitted
from ...ops import Op
from .. import frame_edits, group_edits, offers, searching
from ..favourites import favourites
from ..intake import is_table
from . import clipboard, framing, replacing, surgery, walk, wiring
from .camera import Camera
from .file_drops import files_in
from .fitting import op_takes
from .habits import End, habits
from .inline import NameEditor, NoteEditor
from .ports import port_name
from .scene import Key, SocketAt
from .surface import Surface
from .tidying import Tidying

if TYPE_CHECKING:
    from ..session import Session
    from .gestures import Pointer

_BESIDE = 40.0  # how far a duplicate lies from its original
_STEP = 1.25
_LEGIBLE = 0.7  # the zoom at which all of a node can be read


class Commands(Surface):
    """What the canvas can be asked to do."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.tidying = Tidying(self)

    # Adding

    def add_at_pointer(self) -> None:
        """Opens the search at the pointer; when that is elsewhere, where a node has room: beside the selected one."""
        self.add_at(wiring.place_to_add(self) if self.pointer_is_elsewhere else self.pointer_or_middle())

    def add_at(self, screen: QPointF) -> None:
        """Opens the search at a pixel."""
        place = self.camera.world(screen)
        self.open_search(screen, lambda op: self._add(op, (place.x() - 24, place.y() - HEADER / 2)))

    def search_to_insert(self, wire: Key, screen: QPointF) -> None:
        """Opens the search for what may be inserted into a wire."""
        place = self.camera.world(screen)
        document, inference = self.session.document, self.session.inference
        self.open_search(
            screen,
            lambda op: self._add(op, (place.x() - WIDTH / 2, place.y() - MIDDLE), wire),
            lambda op: surgery.can_insert(document, inference, wire, op()),
            "Insert an operation",
            self._end(SocketAt(*document.edges[wire][:2], False)) if wire in document.edges else None,
        )

    def search_for_wire(self, origin: SocketAt, at: Pointer) -> None:
        """A wire was dropped on nothing: opens the search for what fits its loose end."""
        spec = self.session.inference.specs.get((origin.node, origin.name))

        def accepts(op: type[Op]) -> bool:
            return bool(op.outputs) if origin.is_input else bool(op_takes(op, spec))

        def add(op: type[Op]) -> None:
            place = at.world.x() - (WIDTH if origin.is_input else 0), at.world.y() - MIDDLE
            if self.scene.has_socket(origin):
                self.session.attempt(self._add_wired, op, place, origin)
            else:  # undone meanwhile
                self._add(op, place)

        self.open_search(at.screen, add, accepts, "Operations that fit", self._end(origin))

    def _end(self, origin: SocketAt) -> End:
        return End(offers.key_of(self.session.document.nodes[origin.node]), origin.name, origin.is_input)

    def _add_wired(self, op: type[Op], place: Point, origin: SocketAt) -> None:
        graph = self.session.graph
        spec = self.session.inference.specs.get((origin.node, origin.name))
        usual = habits().socket(self._end(origin), offers.key(op))
        with graph.edit(f"Add {op.__name__}"):
            wish = port_name(graph.document, op, origin)
            added = offers.add(graph, offers.key(op), place, wish)
            if origin.is_input:
                edge = Edge(added.id, usual or added.node.make().results()[0], origin.node, origin.name)
            else:
                socket = op_takes(op, spec, usual) or op_takes(op, None)
                edge = Edge(origin.node, origin.name, added.id, socket)
            surgery.connect(graph, [edge])
            if not origin.is_input:
                surgery.fit(graph, added.id, spec)
        self._added(offers.key(op), added.id)

    def _add(self, op: type[Op], place: Point, wire: Key | None = None) -> None:
        self.session.attempt(self.add_op, offers.key(op), place, wire)

    def add_op(self, op: str, place: Point, wire: Key | None = None) -> str:
        """Adds a node of what an `offers` key stands for, selected, with its top left corner there.

        It is led into `wire` if it fits. GraphlabError.
        """
        added = surgery.add_at(self.session.graph, op, place, wire, self.session.inference)
        self._added(op, added)
        return added

    def _added(self, op: str, node: str) -> None:
        favourites.use(self.session.root, op)
        self.session.select({node})
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def add_note(self, screen: QPointF | None = None) -> None:
        """Puts an empty note at the pointer, and opens it for writing."""
        place = self.camera.world(screen or self.pointer_or_middle())
        note = self.session.graph.add_note("", (place.x(), place.y()))
        self.session.select({note.id})
        self.edit_note(note.id)

    def replace_selected(self, screen: QPointF | None = None) -> None:
        """Opens the search for what may stand in the place of the selected nodes."""
        replacing.ask(self, screen)

    def mend(self) -> None:
        """Opens a menu of what mends the selected wire or node, else the first fault on this sheet."""
        faulty = [*self.selected_wires, *((node, "") for node in self.in_order())]
        faulty += [(problem.node_id, problem.socket) for problem in self.session.inference.problems]
        found = next((end for end in faulty if self.session.remedies.problems(*end)), None)
        if found is None:
            self.session.notify("info", "The graph has no problems.")
            return
        self.reveal(found[0])
        corner = self.camera.screen_rect(self.scene.rect(found[0])).bottomLeft()
        if self.mender.open_menu(*found, corner) is None:
            problem = self.session.remedies.problems(*found)[0]
            self.session.notify(
                "warning", f"{problem.node}: {problem.message}", problem.hint, problem.node_id
            )

    # Removing

    def delete_selection(self) -> None:
        """Deletes the selected nodes, notes, frames and wires; what lies in a frame stays."""
        wires = [key for key in self.selected_wires if key in self.session.document.edges]
        if self.session.selection or wires:
            self.session.attempt(surgery.delete, self.session.graph, self.in_order(), wires)

    def delete_and_rejoin(self) -> None:
        """Deletes the selection and joins what it separated, where shapes allow."""
        if self.session.selection:
            chosen = self.in_order()
            self.session.attempt(
                surgery.delete_and_rejoin, self.session.graph, chosen, self.session.inference
            )

    def in_order(self) -> list[str]:
        """What is selected, in the order of the document."""
        document, chosen = self.session.document, self.session.selection
        return [i for i in (*document.nodes, *document.notes, *document.frames) if i in chosen]

    # Clipboard

    def copy(self) -> None:
        """Puts the selection on the clipboard, as JSON text, with what lies in its frames."""
        if not self.session.selection:
            return
        session = self.session
        items = frame_edits.with_content(session)
        mark, searches = clipboard.mark_of(session.graph), searching.of_sheet(session)
        text = clipboard.to_text(session.document, items, mark, searches)
        QGuiApplication.clipboard().setText(
            text
        )  # a QMimeData made here would outlive Python, and crash its end

    def cut(self) -> None:
        """Puts the selection on the clipboard and deletes it; frames with what lies in them."""
        self.copy()
        self.session.select(frame_edits.with_content(self.session))
        self.delete_selection()

    @property
    def can_paste(self) -> bool:
        mime = _on_clipboard()
        text = mime.text() if mime.hasText() else ""
        return clipboard.FORMAT in text[:200] or mime.hasImage() or bool(files_in(mime)) or is_table(text)

    def paste(self, screen: QPointF | None = None, incoming: bool = False) -> None:
        """Pastes at the pointer; `incoming` draws the wires that came from outside the copied, too."""
        self.session.attempt(self._paste, screen or self.pointer_or_middle(), incoming)

    def _paste(self, screen: QPointF, incoming: bool) -> None:
        copied = clipboard.from_text(QGuiApplication.clipboard().text())
        if copied is None:
            self._paste_data(screen)
            return
        place, (x, y) = self.camera.world(screen), clipboard.centre(copied)
        shift = round(place.x() - x - WIDTH / 2), round(place.y() - y - MIDDLE)
        self.session.select(clipboard.paste(self.session.graph, copied, shift, incoming=incoming))

    def _paste_data(self, screen: QPointF) -> None:
        """Files, an image or a table from another program become data nodes."""
        mime, place = _on_clipboard(), self.camera.world(screen)
        corner, intake = (round(place.x()), round(place.y())), self.session.intake
        if files := files_in(mime):
            intake.take(files, corner)
        elif mime.hasImage():
            intake.take_image(QGuiApplication.clipboard().image(), corner)
        elif not intake.take_text(mime.text(), corner):
            self.session.notify(
                "info",
                "There are no nodes on the clipboard, nor a table, an image or files.",
                "Copy some first.",
            )

    def duplicate(self) -> None:
        """Copies the selection beside itself, with the wires that enter it; the clipboard stays as it is."""
        self.session.attempt(self._duplicate)

    def _duplicate(self) -> None:
        mark = clipboard.mark_of(self.session.graph)
        items = frame_edits.with_content(self.session)
        copied = clipboard.from_text(clipboard.to_text(self.session.document, items, mark))
        if copied is not None and self.session.selection:
            shift = _BESIDE, _BESIDE
            pasted = clipboard.paste(self.session.graph, copied, shift, incoming=True, label="Duplicate")
            self.session.select(pasted)

    # Naming and writing

    def rename_selected(self) -> None:
        """Opens the name of the one selected node for editing; the title of a frame and a note's text likewise."""
        chosen = self.session.selection
        item = self.session.selected_node or next(iter(chosen if len(chosen) == 1 else ()), "")
        self.edit_text(item)

    def edit_text(self, item: str) -> None:
        """Opens the name of a node, the text of a note, or the title of a frame, for editing."""
        document = self.session.document
        if item in document.nodes:
            self.rename(item)
        elif item in document.frames:
            framing.rename(self, item)
        elif item in document.notes:
            self.edit_note(item)

    def rename(self, node: str) -> None:
        """Opens the name of a node for editing, in its header."""
        self.reveal(node)
        header = self.scene.rect(node)
        header.setHeight(HEADER)
        place = self.camera.screen_rect(header).toRect()
        place.setSize(place.size().expandedTo(QSize(150, 26)))
        name = self.session.document.nodes[node].name
        graph = self.session.graph  # the sheet may be another when the name is kept

        def keep(new: str) -> None:
            if node in graph.document.nodes:
                group_edits.rename(self.session, graph, node, new)

        below = QPointF(place.left(), place.bottom())
        editor = NameEditor(self, place, name, keep, lambda e: self.explain(below, e.message, e.hint))
        self.open_editor(editor)

    def edit_note(self, note: str) -> None:
        """Opens the text of a note for editing, on its card."""
        if note not in self.session.document.notes:
            return
        rect = self.camera.screen_rect(self.scene.note_rect(note)).toRect()
        rect.setSize(rect.size().expandedTo(QSize(120, 44)))

        graph = self.session.graph  # the sheet may be another when the text is kept

        def change(text: str) -> None:
            if note in graph.document.notes:
                graph.replace(edits.edit_note(graph.document, note, text=text), "Edit note")

        def keep(text: str) -> None:
            self.session.attempt(change, text)

        px = min(max(round(12 * self.camera.zoom), 10), 24)
        self.open_editor(NoteEditor(self, rect, self.session.document.notes[note].text, px, keep))

    # Looking

    def frame_all(self) -> None:
        """Shows the whole graph, and goes on to while the window changes its size, until somebody looks elsewhere."""
        self.frame(self.scene.bounds())
        self.shows_all = bool(self.session.document.nodes)

    def frame_selection(self) -> None:
        """Shows the selection as large as is sensible; everything when nothing is selected."""
        self.frame(
            self.scene.bounds(self.session.selection) if self.session.selection else self.scene.bounds()
        )

    def frame(self, rect: QRectF) -> None:
        """Takes the camera to a rectangle of the canvas."""
        if rect.isEmpty():  # nothing yet: what comes first appears at its natural size
            state = self.width() / 2, self.height() / 2, 1.0
        else:
            state = self.camera.framing(rect, self.width(), self.height())
        self.motion.fly_to(state, self.middle, at_once=not self.was_framed or not self.isVisible())
        self.was_framed = True
        self.shows_all = False

    def reveal(self, item: str) -> None:
        """Moves the view just so far that a node, note or frame is in it; of a large one, its upper left part."""
        self.bring_into_view(self.scene.bounds([item]))

    def look_at(self, item: str, top: int = 0, corner: QRect | None = None) -> None:
        """Flies to a node, note or frame, no nearer than it takes to read it; stays where it is in view already.

        `top`: pixels at the top that something else covers; `corner`: a rectangle that something covers, too.
        """
        rect = self.scene.bounds({item})
        if rect.isEmpty():
            return
        room = QRectF(self.rect()).adjusted(24, 24 + top, -24, -24)
        there = Camera(*self.motion.destination)
        place = there.screen_rect(rect)
        is_covered = corner is not None and place.intersects(QRectF(corner))
        if there.zoom >= _LEGIBLE and room.contains(place) and not is_covered:
            return
        high = max(room.height(), 80.0)
        zoom = min(max(there.zoom, _LEGIBLE), room.width() / rect.width(), high / rect.height())
        centre = room.center() if room.height() > 0 else self.middle
        x, y = centre.x() - rect.center().x() * zoom, centre.y() - rect.center().y() * zoom
        self.motion.fly_to((x, y, zoom), self.middle, at_once=not self.isVisible())
        self.was_framed, self.shows_all = True, False

    def show_place(self, place: QPointF) -> None:
        """Moves the view just so far that a node at that place (canvas units) would be in it."""
        self.bring_into_view(QRectF(place - QPointF(WIDTH, MIDDLE), QSizeF(2 * WIDTH, 2 * MIDDLE)))

    def zoom_in(self) -> None:
        self.zoom_by(_STEP, self.middle)

    def zoom_out(self) -> None:
        self.zoom_by(1 / _STEP, self.middle)

    # The whole

    def select_all(self) -> None:
        document = self.session.document
        self.session.select((*document.nodes, *document.notes, *document.frames))

    def tidy(self) -> None:
        """Lays the selected nodes out anew, or all; one undo entry, and the nodes glide to their places."""
        self.tidying.start()

    def arrive(
        self, places: Mapping[str, Point], label: str, *, frame: bool = False, refit: bool = False
    ) -> bool:
        """Moves items there as one undo entry; they glide, and with `frame` the whole is shown. Whether any moved.

        `refit`: coloured frames go on to surround what they surrounded.
        """
        self.motion.stop_gliding()
        before = self.session.document
        if not self.session.attempt(self._move_to, places, label, refit):
            return False
        start, end = (_places(document, places) for document in (before, self.session.document))
        moved = {i: place for i, place in start.items() if end[i] != place}
        if moved and frame:
            self.frame_all()
        if self.motion.can_glide(len(moved)):
            self.motion.glide(moved, end, self.show_places, self.settle)
        return bool(moved)

    def _move_to(self, places: Mapping[str, Point], label: str, refit: bool) -> None:
        graph = self.session.graph
        moved = edits.move(graph.document, places)
        graph.replace(refitted(graph.document, moved, frame_edits.size_in(moved)) if refit else moved, label)

    def make_goal(self, node: str) -> None:
        """Makes training minimise this node."""
        graph = self.session.graph
        self.session.attempt(
            lambda: graph.replace(edits.configure(graph.document, goal=node), "Training settings")
        )

    def walk(self, way: walk.Way, wires: bool = False) -> None:
        """Selects the next node in a direction; with `wires`, the next along the wires."""
        chosen = [i for i in self.session.document.nodes if i in self.session.selection]
        board = next((i for i in self.scene.boards if i in self.session.selection), "")
        if not chosen and board:
            found = walk.from_place(self.scene, self.scene.boards.rect(board).center(), way)
        elif not chosen:
            first = self.session.inference.order[:1]
            found = first[0] if first else ""
        elif wires:
            found = walk.along(self.session.document, self.scene, chosen[-1], way)
        else:
            found = walk.nearest(self.scene, chosen[-1], way)
        if found:
            self.session.select({found})
            self.reveal(found)


def _places(document: Document, items: Iterable[str]) -> dict[str, Point]:
    """Where these nodes, notes and frames are."""
    nodes, notes, frames = document.nodes, document.notes, document.frames
    return {i: (nodes.get(i) or notes.get(i) or frames[i]).position for i in items}


def _on_clipboard() -> QMimeData:
    """What is on the clipboard. Qt has nothing to give, not even an empty one, when its owner is gone."""
    found: QMimeData | None = QGuiApplication.clipboard().mimeData()
    return QMimeData() if found is None else found
