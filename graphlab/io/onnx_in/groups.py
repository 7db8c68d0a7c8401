"""Blocks become groups: those of one form are uses of one definition, what differs between them being its settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...engine.flat import End
from ...graph import Document
from ...graph.document import Edge, Node
from ...graph.groups import checked, sockets_of
from ...graph.layout import layered
from ...ops import get, make
from .blocks import Block, Item
from .sheet import Drawn, Sheet
from .tensors import Array
from .words import Names, as_name

MOST_SETTINGS = 12  # of a group; blocks that differ in more have a definition each
Wiring = tuple[tuple[str, int, str], ...]  # socket, number of the item (negative: of what enters), output


@dataclass
class _Part:
    """One item of a sheet: a node, or a use of a group, with what goes into its sockets."""

    item: Item
    inputs: list[tuple[str, End]]
    params: dict[str, Any]
    op: str
    use: _Use | None = None


@dataclass
class _Use:
    """A block as a use of a group: its definition, and by end the socket or output of the use."""

    definition: str
    takes: dict[End, str]
    gives: dict[End, str]
    sockets: dict[str, tuple[str, ...]]
    values: dict[str, Any]
    names: dict[str, str]  # by key of a node, its path inside


@dataclass
class _Shape:
    """A block read off: its parts in an order that is the same for all of its form, what enters and what leaves."""

    parts: list[_Part]
    entering: list[End]
    leaving: list[End]
    wiring: list[Wiring] = field(default_factory=list)

    @property
    def form(self) -> tuple[object, ...]:
        ops = tuple(part.op if part.use is None else part.use.definition for part in self.parts)
        number = {key: k for k, part in enumerate(self.parts) for key in _keys(part.item)}
        exits = tuple(
            (number[key], _output(self.parts[number[key]], (key, out))) for key, out in self.leaving
        )
        return ops, tuple(self.wiring), exits


class Grouping:
    """The document of a sheet whose nodes were arranged into blocks, and its weights by the names they have there."""

    def __init__(self, sheet: Sheet, items: list[Item], title: str) -> None:
        self._sheet = sheet
        self._definitions: dict[str, Document] = {}
        self._uses: dict[int, _Use] = {}
        self._used_by: dict[End, list[str]] = {}
        for node in sheet.nodes.values():
            for end in node.inputs.values():
                self._used_by.setdefault(end, []).append(node.key)
        for blocks in _by_depth(items):
            self._define(blocks)
        whole = _Shape(self._parts(items), [], [])
        whole.wiring = [self._wiring(part, whole) for part in whole.parts]
        document, names = self._drawn(whole, title, "")
        self.document = checked(document.with_(definitions=dict(self._definitions)))
        self.names = names
        self.weights: dict[str, Array] = {
            f"{names[key]}.{socket}": array
            for key, node in sheet.nodes.items()
            for socket, array in node.weights.items()
        }

    # Definitions

    def _define(self, blocks: Sequence[Block]) -> None:
        """Every one of those blocks, in which all blocks are uses of groups already, is a use of a group afterwards."""
        kinds: dict[tuple[object, ...], list[tuple[Block, _Shape]]] = {}
        for block in blocks:
            shape = self._shape(block)
            kinds.setdefault(shape.form, []).append((block, shape))
        for alike in kinds.values():
            for some in self._split(alike):
                self._share(some)

    def _split(self, alike: list[tuple[Block, _Shape]]) -> Iterable[list[tuple[Block, _Shape]]]:
        """Blocks of one form, apart where they differ in more than a group can have settings for."""
        has_groups = any(part.use is not None for part in alike[0][1].parts)
        if not has_groups and len(_differing([shape for _, shape in alike])) <= MOST_SETTINGS:
            return [alike]
        same: dict[str, list[tuple[Block, _Shape]]] = {}
        for block, shape in alike:
            told = repr([sorted(part.params.items()) for part in shape.parts])
            same.setdefault(told, []).append((block, shape))
        return same.values()

    def _share(self, blocks: list[tuple[Block, _Shape]]) -> None:
        first, model = blocks[0]
        differing = _differing([shape for _, shape in blocks])
        definition = f"g{len(self._definitions) + 1}"
        title = self._title(first, len(blocks))
        document, names = self._drawn(model, title, first.word)
        settings = {
            (k, param): f"{names[_key(model.parts[k].item)]} {param}".replace("/", " ")
            for k, param in differing
        }
        ids = {k: f"n{k + 1}" for k in range(len(model.parts))}
        document = document.with_(promoted={name: (ids[k], param) for (k, param), name in settings.items()})
        self._definitions[definition] = document
        for block, shape in blocks:
            own = {key: names[m] for key, m in zip(_in_order(shape), _in_order(model), strict=True)}
            values = {
                name: _param(shape.parts[k], param)
                for (k, param), name in settings.items()
                if _param(shape.parts[k], param) != _param(model.parts[k], param)
            }
            takes = {end: _port_name("x", n, len(shape.entering)) for n, end in enumerate(shape.entering)}
            gives = {end: _port_name("y", n, len(shape.leaving)) for n, end in enumerate(shape.leaving)}
            self._uses[id(block)] = _Use(definition, takes, gives, sockets_of(document), values, own)

    def _title(self, block: Block, count: int) -> str:
        """What a definition is called: as its only use, else after it."""
        taken = {d.name for d in self._definitions.values()}
        name, number = block.name, 2
        while name in taken:
            name, number = f"{block.name} {number}", number + 1
        return name

    # Blocks read off

    def _parts(self, items: Iterable[Item]) -> list[_Part]:
        return [self._part(item) for item in items]

    def _part(self, item: Item) -> _Part:
        if isinstance(item, str):
            node = self._sheet.nodes[item]
            return _Part(item, list(node.inputs.items()), node.params, node.op)
        use = self._uses[id(item)]
        params: dict[str, Any] = {"definition": use.definition, **use.sockets}
        if use.values:
            params["values"] = tuple(sorted(use.values.items()))
        return _Part(item, [(name, end) for end, name in use.takes.items()], params, "Group", use)

    def _shape(self, block: Block) -> _Shape:
        inside = set(block.leaves())
        leaving = [
            (key, output)
            for key in block.leaves()
            for output in self._outputs(self._sheet.nodes[key])
            if self._leaves((key, output), inside)
        ]
        parts = self._parts(block.items)
        shape = _Shape(_from_the_end(parts, leaving), [], leaving)
        for part in shape.parts:
            for _, end in part.inputs:
                if end[0] not in inside and end not in shape.entering:
                    shape.entering.append(end)
        shape.wiring = [self._wiring(part, shape) for part in shape.parts]
        return shape

    def _outputs(self, node: Drawn) -> tuple[str, ...]:
        return make(node.op, node.params).results()

    def _leaves(self, end: End, inside: set[str]) -> bool:
        """Whether a value is used outside, or given by the model, or used by nobody though it is all its node gives."""
        takers = self._used_by.get(end, [])
        if any(taker not in inside for taker in takers) or end in self._sheet.results:
            return True
        node = self._sheet.nodes[end[0]]
        used = any(self._used_by.get((end[0], output)) for output in self._outputs(node))
        return not used and end[1] == self._outputs(node)[0]

    def _wiring(self, part: _Part, shape: _Shape) -> Wiring:
        owner = {key: k for k, other in enumerate(shape.parts) for key in _keys(other.item)}
        found = []
        for socket, end in part.inputs:
            k = owner.get(end[0])
            if k is None:
                found.append((socket, -1 - shape.entering.index(end), ""))
            else:
                found.append((socket, k, _output(shape.parts[k], end)))
        return tuple(found)

    # Sheets drawn

    def _drawn(self, shape: _Shape, title: str, word: str) -> tuple[Document, dict[str, str]]:
        """A sheet with places for its nodes; and by the key of every node in it its path there."""
        names, paths = Names(), dict[str, str]()
        nodes: dict[str, Node] = {}
        for n in range(len(shape.entering)):
            names.taken.add(_port_name("x", n, len(shape.entering)))
        for n in range(len(shape.leaving)):
            names.taken.add(_port_name("y", n, len(shape.leaving)))
        for k, part in enumerate(shape.parts):
            name = self._named(part, names, word)
            params = {key: part.params[key] for key in sorted(part.params)}
            is_frozen = isinstance(part.item, str) and self._sheet.nodes[part.item].frozen
            nodes[f"n{k + 1}"] = Node(f"n{k + 1}", part.op, name, params, frozen=is_frozen)
            if part.use is None:
                paths[_key(part.item)] = name
            else:
                paths |= {key: f"{name}/{path}" for key, path in part.use.names.items()}
        edges = self._edges(shape, nodes)
        document = Document(title, nodes, edges, next_id=len(nodes) + 1)
        places = layered(document)
        nodes = {i: replace(node, position=places[i]) for i, node in nodes.items()}
        return document.with_(nodes=nodes), paths

    def _named(self, part: _Part, names: Names, word: str) -> str:
        if isinstance(part.item, Block):
            return names.take(part.item.name, "block")
        node = self._sheet.nodes[part.item]
        instead = node.instead or node.op.lower()
        own = node.word[len(word) :] if word and node.word.startswith(word) else node.word
        if word and as_name(own, "").isdigit():
            own = f"{instead}_{as_name(own, '')}"
        return names.take(own, instead)

    def _edges(self, shape: _Shape, nodes: dict[str, Node]) -> dict[tuple[str, str], Edge]:
        """The wires of a sheet; ports are added to its nodes."""
        first = len(nodes) + 1
        for n in range(len(shape.entering)):
            name = _port_name("x", n, len(shape.entering))
            nodes[f"n{first + n}"] = Node(f"n{first + n}", "GroupInput", name, {})
        edges: dict[tuple[str, str], Edge] = {}
        for k, wiring in enumerate(shape.wiring):
            for socket, source, output in wiring:
                start = (f"n{source + 1}", output) if source >= 0 else (f"n{first - 1 - source}", "y")
                edges[f"n{k + 1}", socket] = Edge(*start, f"n{k + 1}", socket)
        first = len(nodes) + 1
        owner = {key: k for k, part in enumerate(shape.parts) for key in _keys(part.item)}
        for n, end in enumerate(shape.leaving):
            name, k = _port_name("y", n, len(shape.leaving)), owner[end[0]]
            nodes[f"n{first + n}"] = Node(f"n{first + n}", "GroupOutput", name, {})
            edges[f"n{first + n}", "x"] = Edge(
                f"n{k + 1}", _output(shape.parts[k], end), f"n{first + n}", "x"
            )
        return edges


def _keys(item: Item) -> list[str]:
    return [item] if isinstance(item, str) else item.leaves()


def _key(item: Item) -> str:
    return _keys(item)[0]


def _in_order(shape: _Shape) -> list[str]:
    """The keys of all nodes of a block, in the order of its form."""
    found: list[str] = []
    for part in shape.parts:
        found += [_key(part.item)] if part.use is None else part.use.names
    return found


def _output(part: _Part, end: End) -> str:
    return end[1] if part.use is None else part.use.gives[end]


def _port_name(letter: str, number: int, count: int) -> str:
    return letter if count == 1 else f"{letter}_{number + 1}"


def _param(part: _Part, name: str) -> Any:
    return part.params.get(name, get(part.op).params_of[name].default)


def _differing(shapes: Sequence[_Shape]) -> list[tuple[int, str]]:
    """(number of the part, param) of what is not the same in all of them."""
    found = []
    for k, first in enumerate(shapes[0].parts):
        names = sorted({name for shape in shapes for name in shape.parts[k].params})
        found += [
            (k, name)
            for name in names
            if any(_param(s.parts[k], name) != _param(first, name) for s in shapes)
        ]
    return found


def _from_the_end(parts: list[_Part], leaving: Sequence[End]) -> list[_Part]:
    """The parts in the order in which they are come upon from what leaves, which is the same for all of one form."""
    owner = {key: part for part in parts for key in _keys(part.item)}
    found: dict[int, _Part] = {}
    todo = [owner[key] for key, _ in reversed(leaving)]
    waiting: list[tuple[_Part, bool]] = [(part, False) for part in todo]
    seen: set[int] = set()
    while waiting:
        part, is_done = waiting.pop()
        if is_done:
            found[id(part)] = part
        elif id(part) not in seen:
            seen.add(id(part))
            waiting.append((part, True))
            sources = [owner[end[0]] for _, end in part.inputs if end[0] in owner]
            waiting += [(source, False) for source in reversed(sources)]
    return [*found.values(), *(part for part in parts if id(part) not in found)]


def _by_depth(items: Iterable[Item]) -> list[list[Block]]:
    """All blocks, those without blocks in them first, then those that have only such, and so on."""
    levels: list[list[Block]] = []

    def enter(block: Block) -> int:
        depth = max((enter(item) + 1 for item in block.items if isinstance(item, Block)), default=0)
        while len(levels) <= depth:
            levels.append([])
        levels[depth].append(block)
        return depth

    for item in items:
        if isinstance(item, Block):
            enter(item)
    return levels
