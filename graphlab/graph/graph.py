"""Graph: the live, editable, undoable document. The canvas and a notebook use the very same one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..errors import ConnectError, GraphError, UnknownNodeError
from ..ops import get, make
from . import edits, framing, grouping, groups, searched
from .bookmarking import Bookmarking
from .connect import default_input, default_output, input_names
from .document import Document, Edge, Frame, Node, Note, Point
from .furnishing import Furnishing
from .history import History, Mark
from .rect import Rect
from .room import Room
from .searches import Searches
from .unrolls import Unrolls

Listener = Callable[[Document, Document], None]


class Output:
    """One output of a node, to be wired into another: `data["target"]`."""

    def __init__(self, graph: Graph, id: str, output: str) -> None:
        self.graph, self.id, self.output = graph, id, output


class Handle:
    """A node as `Graph.add` returns it: a name to write, and a source to wire."""

    def __init__(self, graph: Graph, id: str) -> None:
        self.graph, self.id = graph, id

    @property
    def node(self) -> Node:
        """What the document holds of it now. UnknownNodeError when it was removed."""
        return self.graph.document.node(self.id)

    @property
    def name(self) -> str:
        return self.node.name

    def __getitem__(self, output: str) -> Output:
        return Output(self.graph, self.id, output)

    def __repr__(self) -> str:
        is_there = self.id in self.graph.document.nodes
        return f"<{self.node.op} {self.name}>" if is_there else f"<removed node {self.id}>"


Source = Handle | Output | str
NodeRef = Handle | str


class Changed:
    """Calls its listeners with (old document, new document) after every change.

    All of them hear of every change, in the order of the changes: one that a listener makes is told after the present
    one, and an exception of a listener is raised when all were told.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._news: deque[tuple[Document, Document]] = deque()

    def connect(self, listener: Listener) -> Listener:
        self._listeners.append(listener)
        return listener

    def disconnect(self, listener: Listener) -> None:
        self._listeners.remove(listener)

    def emit(self, old: Document, new: Document) -> None:
        self._news.append((old, new))
        if len(self._news) > 1:
            return
        faults: list[Exception] = []
        while self._news:
            for listener in tuple(self._listeners):
                try:
                    listener(*self._news[0])
                except Exception as fault:
                    faults.append(fault)
            self._news.popleft()
        if faults:
            raise faults[0]


class Graph(Unrolls, Furnishing, Bookmarking, Searches):
    """A graph that a person edits. Every edit is one undo entry and raises before anything changed.

    `Graph("xor")` starts empty; `Graph(document)` goes on from a document. Nodes are named by handle, name or id; an
    output by `"node.output"` or `handle["output"]`.
    """

    def __init__(self, document: Document | str = "untitled") -> None:
        start = Document(name=document) if isinstance(document, str) else document
        self.changed = Changed()
        self._history = History(start)
        self._pending: Document | None = None
        self._room = Room()
        self._saved = start

    # What is there

    @property
    def document(self) -> Document:
        """The present document, in the middle of `edit` too."""
        return self._history.document if self._pending is None else self._pending

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def nodes(self) -> list[Handle]:
        return [Handle(self, i) for i in self.document.nodes]

    def __getitem__(self, name: str) -> Handle:
        return Handle(self, self.document.node(name).id)

    def __contains__(self, name: object) -> bool:
        return name in self.document.ids_by_name

    def __len__(self) -> int:
        return len(self.document.nodes)

    def __repr__(self) -> str:
        return f"<Graph {self.name}: {len(self.document.nodes)} nodes, {len(self.document.edges)} edges>"

    # Editing

    def add(
        self, op: str, *sources: Source, name: str | None = None, position: Point | None = None, **more: Any
    ) -> Handle:
        """Adds a node, wires its sources, and returns its handle.

        Args:
            op: the operation's name.
            sources: what to plug into its sockets, in their order.
            name: a free name; otherwise one is made up.
            position: on the canvas; otherwise to the right of what it is wired to.
            more: params by name, and sources by socket name.

        Raises:
            UnknownOpError, ParamError, NameTakenError, ConnectError: nothing was added.
        """
        cls = get(op)
        sockets, params = self._split(cls.__name__, more)
        if cls.grows and len(sources) > 1:
            params.setdefault(cls.grows, len(sources))
        with self.edit(f"Add {cls.__name__}"):
            ends = [self._output(source) for source in sources]
            named = {socket: self._output(source) for socket, source in sockets.items()}
            nodes = self.document.nodes
            place = position or self._room.place(nodes, [i for i, _ in [*ends, *named.values()]])
            document, node = edits.add_node(self.document, op, params, name, place)
            self._room.put(nodes, document.nodes, node.position)
            self._hold(document)
            self._plug(node, ends, named)
        return Handle(self, node.id)

    def remove(self, *nodes: NodeRef) -> None:
        """Removes nodes, notes and frames with the wires at them."""
        ids = [self._item(node) for node in nodes]
        self._apply(edits.remove(self.document, ids), "Delete")

    def connect(self, source: Source, target: NodeRef, input: str | None = None) -> None:
        """Draws a wire; what was plugged into that socket is unplugged. `target` may be "node.input".

        Raises:
            ConnectError, SocketError, CycleError: the document is unchanged.
        """
        start, output = self._output(source)
        node, end = self._input(target, input)
        self._apply(edits.connect(self.document, Edge(start, output, node, end)), "Connect")

    def disconnect(self, target: NodeRef, input: str | None = None) -> None:
        """Removes the wire into a socket: `disconnect("loss", "target")` or `disconnect("loss.target")`."""
        node, socket = self._input(target, input, wired=True)
        self._apply(edits.disconnect(self.document, node, socket), "Disconnect")

    def set(self, node: NodeRef, key: str = "", **params: Any) -> None:
        """Sets params of a node; sets with the same `key` in a row are one undo entry. ParamError."""
        found = self._node(node)
        self._apply(edits.set_params(self.document, found.id, params), f"Change {found.name}", key)

    def move(self, places: Mapping[str, Point], key: str = "") -> None:
        """Moves nodes, notes and frames, by id or name; moves with the same `key` in a row are one undo entry."""
        ids = {self._item(item): place for item, place in places.items()}
        self._apply(edits.move(self.document, ids), "Move", key)

    def rename(self, node: NodeRef, name: str) -> None:
        """Renames a node. ParamError, NameTakenError."""
        self._apply(edits.rename(self.document, self._node(node).id, name), "Rename")

    def add_note(self, text: str, position: Point = (0.0, 0.0), size: Point = (260.0, 120.0)) -> Note:
        document, note = edits.add_note(self.document, text, position, size)
        self._apply(document, "Add note")
        return note

    def edit_note(self, note_id: str, key: str = "", **changes: Any) -> None:
        """Changes a note's text, position or size."""
        self._apply(edits.edit_note(self.document, note_id, **changes), "Edit note", key)

    def add_frame(
        self,
        title: str,
        *items: NodeRef,
        position: Point | None = None,
        size: Point | None = None,
        colour: str = "blue",
    ) -> Frame:
        """Draws a coloured, titled rectangle around nodes and notes, or where `position` and `size` say.

        Raises:
            UnknownNodeError, ParamError: nothing was added.
        """
        ids = [self._item(item) for item in items]
        box = framing.around(self.document, ids) or Rect(0.0, 0.0, *framing.EMPTY)
        document, frame = edits.add_frame(self.document, title, position or box[:2], size or box[2:], colour)
        self._apply(document, "Add frame")
        return frame

    def edit_frame(self, frame_id: str, key: str = "", **changes: Any) -> None:
        """Changes a frame's title, position, size or colour."""
        self._apply(edits.edit_frame(self.document, frame_id, **changes), "Edit frame", key)

    def set_flags(self, *nodes: NodeRef, **flags: bool) -> None:
        """Sets `muted` (left out: its first input passes through) or `frozen` (not trained) of nodes."""
        ids = [self._node(node).id for node in nodes]
        words = {"muted": ("Unmute", "Mute"), "frozen": ("Thaw", "Freeze")}
        label = next((words[name][bool(on)] for name, on in flags.items()), "Change")
        self._apply(edits.set_flags(self.document, ids, **flags), label)

    def group(self, *nodes: NodeRef, name: str = "group") -> Handle:
        """Makes nodes one group, whose sockets are the wires that were cut. GraphError."""
        document, node = grouping.group(self.document, [self._item(n) for n in nodes], name)
        self._apply(document, "Group")
        return Handle(self, node.id)

    def ungroup(self, node: NodeRef) -> list[str]:
        """Puts a group's content in its place; the ids of what was inside. GraphError when it is none."""
        document, ids = grouping.ungroup(self.document, self._node(node).id)
        self._apply(document, "Ungroup")
        return ids

    def make_unique(self, node: NodeRef) -> None:
        """Gives a use of a group a definition of its own. GraphError when it is none."""
        self._apply(groups.make_unique(self.document, self._node(node).id), "Make unique")

    def add_use(self, definition: str, position: Point = (0.0, 0.0)) -> Handle:
        """Adds one more use of a group of the document, by the definition's id. UnknownNodeError, GraphError."""
        with self.edit("Add group"):
            document, node = groups.add_use(self.document, definition, position)
            self._hold(groups.checked(document))
        return Handle(self, node.id)

    def insert(self, guest: Graph | Document, name: str = "", position: Point = (0.0, 0.0)) -> Handle:
        """Puts another graph's model in as a group: what is fed becomes a socket, losses stay out. GraphError.

        Its weights, as `load` gives them, go into a run under the group's name: `run.set("encoder/hidden.weight", W)`.
        """
        from .inserting import insert

        document = guest.document if isinstance(guest, Graph) else guest
        after, node = insert(self.document, document, position, name)
        self._apply(after, f"Insert {node.name}")
        return Handle(self, node.id)

    def inside(self, *nodes: NodeRef) -> Graph:
        """The graph inside a group: a live Graph of its own, sharing undo with this one. GraphError for no group.

        Several nodes lead through groups in groups.
        """
        from .inside import Inside

        found: Graph = self
        for node in nodes:
            path = (*getattr(found, "path", ()), found._node(node).id)
            found = Inside(getattr(found, "root", found), path)
        return found

    def configure(self, key: str = "", **settings: Any) -> None:
        """Changes training settings: goal, optimizer, lr, batch_size … SettingsError."""
        if settings.get("goal"):
            settings["goal"] = self._node(settings["goal"]).id
        self._apply(edits.configure(self.document, **settings), "Training settings", key)

    def tidy(self, *nodes: NodeRef) -> None:
        """Lays the whole graph, or those nodes, out anew: inputs left, goal right. Frames stay around their content."""
        from .layout import layered

        ids = [self._node(node).id for node in nodes] or None
        moved = edits.move(self.document, layered(self.document, ids))
        self._apply(framing.refitted(self.document, moved), "Tidy up")

    def replace(self, document: Document, label: str, key: str = "") -> None:
        """Puts a whole new document in place, as one undo entry."""
        self._apply(document, label, key)

    @contextmanager
    def edit(self, label: str, key: str = "") -> Iterator[Graph]:
        """Several edits as one undo entry, announced once; when one raises, none of them happened.

        Edits that change nothing leave no entry.
        """
        if self._pending is not None:  # an edit inside an edit is part of it
            yield self
            return
        self._pending = before = self._history.document
        try:
            yield self
        except BaseException:
            self._pending = None
            raise
        after, self._pending = groups.pruned(self._pending), None
        if after.sweep.searches:
            after = searched.followed(before, after)
        if after is not before and after != before:
            self._history.push(after, label, key)
            self.changed.emit(before, after)

    # Undo and saving

    @property
    def can_undo(self) -> bool:
        return self._history.before() is not None

    @property
    def can_redo(self) -> bool:
        return bool(self._history.redo_label)

    @property
    def undo_label(self) -> str:
        return self._history.undo_label

    @property
    def redo_label(self) -> str:
        return self._history.redo_label

    @property
    def history(self) -> list[str]:
        """The label of every undo entry, oldest first."""
        return self._history.labels

    @property
    def saved_position(self) -> int | None:
        """The entry of `history` that is in the file; None when it is none of them."""
        return self._history.find(self._saved)

    @property
    def position(self) -> int:
        """Which entry of `history` the document is at."""
        return self._history.position

    def version(self, position: int) -> Document:
        """The document of an entry of `history`, by its number; the present one stays. IndexError for none."""
        return self._history.version(position)

    def undo(self) -> bool:
        """Takes back the last edit; False when there is none."""
        at = self._history.before()
        return at is not None and self.go_to(at)

    def redo(self) -> bool:
        """Does again what was taken back; False when there is nothing."""
        at = self._history.after()
        return at is not None and self.go_to(at)

    def go_to(self, position: int) -> bool:
        """Goes to an entry of `history` by its number. GraphError in the middle of `edit`."""
        if self._pending is not None:
            raise GraphError("An edit is under way, so nothing can be undone now.", hint="Finish it first.")
        before, start = self.document, self.position
        after = self._history.go(position)
        marks = self._history.passed(start, self.position)
        if after is not before:
            self.changed.emit(before, after)
        for mark, forward in marks:
            mark.replay(forward)
        return after is not before or bool(marks)

    def note(self, mark: Mark, label: str) -> None:
        """An undo entry for something that was done beside the document, such as a weight set by hand."""
        self._history.note(mark, label)

    def seal(self) -> None:
        """Ends a drag: what comes next is an undo entry of its own, whatever its key."""
        self._history.seal()

    @property
    def is_saved(self) -> bool:
        return self.document is self._saved

    def mark_saved(self) -> None:
        """Remembers the present document as the one in the file; no later edit merges with it."""
        self.seal()
        self._saved = self.document

    def mark_unsaved(self) -> None:
        """Says that no file holds the present document (recovered after a crash)."""
        self._saved = Document()

    # How people name things

    def _whole(self) -> Graph:
        return self

    def _way(self) -> tuple[str, ...]:
        return ()

    def _apply(self, document: Document, label: str, key: str = "") -> None:
        with self.edit(label, key):
            self._hold(document)

    def _hold(self, document: Document) -> None:
        """In the middle of `edit`: what the document is so far."""
        self._pending = document

    def _node(self, node: NodeRef) -> Node:
        self._check_owner(node)
        return self.document.node(node.id if isinstance(node, Handle) else node)

    def _check_owner(self, source: Source) -> None:
        if isinstance(source, (Handle, Output)) and source.graph is not self:
            raise ConnectError(f"That node belongs to another graph ({source.graph.name}).")

    def _item(self, item: NodeRef) -> str:
        if isinstance(item, str) and (item in self.document.notes or item in self.document.frames):
            return item
        return self._node(item).id

    def _output(self, source: Source) -> tuple[str, str]:
        """(node id, output name) of what was meant."""
        self._check_owner(source)
        if isinstance(source, Output):
            return source.id, source.output
        if not isinstance(source, (Handle, str)):
            raise ConnectError(
                f"{source!r} is no node, so it cannot be wired.",
                hint="A socket's number is given by its name, such as b=3; other values take a Constant.",
            )
        name, dot, output = ("", "", "") if isinstance(source, Handle) else source.partition(".")
        node = source.node if isinstance(source, Handle) else self.document.node(name)
        return node.id, output if dot else default_output(node)

    def _input(self, target: NodeRef, input: str | None, wired: bool = False) -> tuple[str, str]:
        if isinstance(target, str) and input is None and "." in target:
            target, _, input = target.partition(".")
        node = self._node(target)
        if input is None and wired:
            sockets = list(self.document.inputs_of(node.id))
            if len(sockets) != 1:
                raise UnknownNodeError(
                    f"{node.name} has {len(sockets)} wires.",
                    hint=f"Name the socket: {', '.join(sockets) or 'none'}.",
                )
            return node.id, sockets[0]
        return node.id, input or default_input(self.document, node)

    def _split(self, op: str, more: Mapping[str, Any]) -> tuple[dict[str, Source], dict[str, Any]]:
        """Keyword arguments that are sources for sockets, and those that are params."""
        cls = get(op)
        shape = {cls.grows: more[cls.grows]} if cls.grows in more else {}
        names = {socket.name for socket in make(op, shape).sockets()}
        sockets = {
            n: v
            for n, v in more.items()
            if isinstance(v, (Handle, Output)) or (isinstance(v, str) and n in names)
        }
        return sockets, {n: v for n, v in more.items() if n not in sockets}

    def _plug(self, node: Node, ends: list[tuple[str, str]], named: dict[str, tuple[str, str]]) -> None:
        names = input_names(node)
        if len(ends) > len(names):
            raise ConnectError(
                f"{node.op} has {len(names)} input{'' if len(names) == 1 else 's'}, not {len(ends)}.",
                hint=f"They are: {', '.join(names)}." if names else "",
            )
        for socket, (source, output) in {**dict(zip(names, ends, strict=False)), **named}.items():
            self._hold(edits.connect(self.document, Edge(source, output, node.id, socket)))
