"""What differs between two documents, in words: nodes, wires, notes, frames, groups, training settings, searches.

Where things stand, the colours of frames, bookmarks and what a graph is called are no differences. Nodes are paired by
these rules, each for what those before it left over:

1. by id, where both documents come from one: most ids that they share belong to the same operation;
2. by name and operation;
3. by operation, where either has just one node of it left;
4. by structure: the same operation, joined through the same sockets to nodes that are pairs already;
5. by name alone: another operation has taken a node's place.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from . import sweep_comparison
from .diff import diff
from .document import Document, Edge, Frame, Node, Note, Training
from .groups import is_use, role
from .promoting import by_end
from .searched import place_of, written

Kind = Literal["added", "removed", "changed"]
What = Literal["node", "wire", "note", "frame", "group", "training", "sweep"]
Pairs = Mapping[str, str]  # id before → id after
SIGNS: dict[Kind, str] = {"added": "+", "removed": "−", "changed": "~"}
_ALIKE = 2 / 3  # of the ids that both have
_LONGEST = 40
_FLAGS = ("muted", "frozen")
FOLLOWS = ("definition", "takes", "gives")  # params of a use of a group that say what its definition is


@dataclass(frozen=True)
class Difference:
    """One line of a comparison.

    sheet: "" for the whole graph, else the id of the group that it is inside, in the later document (in the earlier one
    where the group is gone). id: of the node, note or frame, in the document that has it; of a change, in the later
    one. edge: the wire, by ids of the document that has it. param, before, after: what changed of a node.
    """

    kind: Kind
    what: What
    text: str
    sheet: str = ""
    id: str = ""
    edge: Edge | None = None
    param: str = ""
    before: Any = None
    after: Any = None

    @property
    def sign(self) -> str:
        return SIGNS[self.kind]

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"


@dataclass(frozen=True)
class Sheet:
    """The two versions of the whole graph or of one group, and which node of one is which of the other."""

    before: Document
    after: Document
    pairs: Pairs
    differences: tuple[Difference, ...]

    def ids(self, kind: Kind, what: What = "node") -> tuple[str, ...]:
        """The nodes (notes, frames) that differ in that way, each once."""
        found = (d.id for d in self.differences if d.kind == kind and d.what == what)
        return tuple(dict.fromkeys(found))

    def edges(self, kind: Kind) -> tuple[Edge, ...]:
        return tuple(d.edge for d in self.differences if d.kind == kind and d.edge is not None)


@dataclass(frozen=True)
class Comparison:
    """All that differs. `sheets`: the whole under "", groups that both have under the later one's id."""

    differences: tuple[Difference, ...] = ()
    sheets: Mapping[str, Sheet] = field(default_factory=dict)

    @property
    def is_equal(self) -> bool:
        return not self.differences


def compare(before: Document, after: Document) -> Comparison:
    """What leads from the earlier document to the later one."""
    groups = _pair_groups(before, after)
    sheets = {"": _sheet(before, after, "", groups)}
    for old, new in groups.items():
        sheets[new] = _sheet(before.definitions[old], after.definitions[new], new, groups)
    found = [
        *_training(before, after, sheets[""].pairs),
        *_sweep(before, after, sheets, groups),
        *_groups(before, after, groups),
        *_shown_params(sheets),
    ]
    for sheet in sheets.values():
        found.extend(sheet.differences)
    return Comparison(tuple(found), sheets)


# Pairing


def pair(before: Document, after: Document) -> dict[str, str]:
    """Which node is which, by the rules at the head of this file."""
    found = _Pairing(before.nodes, after.nodes)
    if shares_ids(before, after):
        found.join((i, i) for i in before.nodes if i in after.nodes)
    found.by_key(lambda node: (node.name, node.op))
    found.by_key(lambda node: node.op, alone=True)
    _by_structure(found, before, after)
    found.by_key(lambda node: node.name)
    return found.pairs


def shares_ids(before: Document, after: Document) -> bool:
    """Whether both come from one document, so that an id means the same node in either."""
    common = before.nodes.keys() & after.nodes.keys()
    alike = sum(before.nodes[i].op == after.nodes[i].op for i in common)
    return bool(common) and alike >= _ALIKE * len(common) and 2 * len(common) >= _fewest(before, after)


def _fewest(before: Document, after: Document) -> int:
    return min(len(before.nodes), len(after.nodes))


class _Pairing:
    """Pairs as they are found, and what is left over."""

    def __init__(self, before: Mapping[str, Node], after: Mapping[str, Node]) -> None:
        self.pairs: dict[str, str] = {}
        self.before, self.after = dict(before), dict(after)

    def join(self, pairs: Iterable[tuple[str, str]]) -> None:
        for old, new in pairs:
            if old in self.before and new in self.after:
                self.pairs[old] = new
                del self.before[old], self.after[new]

    def by_key(self, key: Callable[[Node], Hashable], *, alone: bool = False) -> None:
        """Joins what has the same key. `alone`: only where either has just one of it."""
        counts = [Counter(map(key, side.values())) for side in (self.before, self.after)]
        there = {key(node): i for i, node in self.after.items()}
        self.join(
            [
                (i, there[k])
                for i, k in ((i, key(node)) for i, node in self.before.items())
                if k in there and (not alone or (counts[0][k] == counts[1][k] == 1))
            ]
        )


def _by_structure(found: _Pairing, before: Document, after: Document) -> None:
    """From pairs along wires to what is joined to them in the same way."""
    todo = deque(found.pairs.items())
    while todo and found.before and found.after:
        old, new = todo.popleft()
        near = [*_fed_alike(before, after, old, new), *_feeding_alike(found, before, after, old, new)]
        for pair in near:
            if _fits(found, *pair):
                found.join([pair])
                todo.append(pair)


def _fits(found: _Pairing, old: str, new: str) -> bool:
    if old not in found.before or new not in found.after:
        return False
    return found.before[old].op == found.after[new].op


def _fed_alike(before: Document, after: Document, old: str, new: str) -> Iterator[tuple[str, str]]:
    """What feeds the same sockets of a pair."""
    theirs = after.inputs_of(new)
    for socket, edge in before.inputs_of(old).items():
        if socket in theirs and theirs[socket].output == edge.output:
            yield edge.source, theirs[socket].source


def _feeding_alike(
    found: _Pairing, before: Document, after: Document, old: str, new: str
) -> Iterator[tuple[str, str]]:
    """What a pair feeds through the same sockets, as far as it is left over, in the order of the wires."""
    left: dict[tuple[str, str, str], deque[str]] = {}
    for edge in after.consumers(new):
        if edge.target in found.after:
            key = edge.output, edge.input, after.nodes[edge.target].op
            left.setdefault(key, deque()).append(edge.target)
    for edge in before.consumers(old):
        waiting = left.get((edge.output, edge.input, before.nodes[edge.target].op))
        if waiting and edge.target in found.before:
            yield edge.target, waiting.popleft()


def _pair_groups(before: Document, after: Document) -> dict[str, str]:
    """Which group is which: by id, where the documents share them and its content does too; else by name."""
    shared = shares_ids(before, after)
    found = {
        i: i
        for i, inner in before.definitions.items()
        if (other := after.definitions.get(i)) is not None
        and (
            inner.name == other.name or (shared and shares_ids(_without_ports(inner), _without_ports(other)))
        )
    }
    names = {inner.name: i for i, inner in after.definitions.items() if i not in found}
    for i, inner in before.definitions.items():
        if i not in found and inner.name in names:
            found[i] = names.pop(inner.name)
    return found


def _without_ports(inner: Document) -> Document:
    """The nodes of a group that it did not get by being made: those say nothing of where it comes from."""
    nodes = inner.nodes.items()
    return Document(nodes={i: node for i, node in nodes if role(node) not in ("port in", "port out")})


# What differs


def _sheet(before: Document, after: Document, sheet: str, groups: Pairs) -> Sheet:
    pairs = pair(before, after)
    place = f"{after.name}: "
    found = [
        *_nodes(before, after, pairs, groups),
        *_wires(before, after, pairs),
        *_texts(before.notes, after.notes, "note"),
        *_texts(before.frames, after.frames, "frame"),
    ]
    if sheet:
        found = [replace(difference, sheet=sheet, text=place + difference.text) for difference in found]
    return Sheet(before, after, pairs, tuple(found))


def _nodes(before: Document, after: Document, pairs: Pairs, groups: Pairs) -> Iterator[Difference]:
    new = set(pairs.values())
    for i, node in after.nodes.items():
        if i not in new:
            yield Difference("added", "node", f"{node.name} ({node.op})", id=i)
    for i, node in before.nodes.items():
        if i not in pairs:
            yield Difference("removed", "node", f"{node.name} ({node.op})", id=i)
    for old, i in _changed(before, after, pairs):
        yield from _changes(before.nodes[old], after.nodes[i], groups)


def _changed(before: Document, after: Document, pairs: Pairs) -> Iterable[tuple[str, str]]:
    """The pairs that are not the same object, or equal; told by `diff` where the ids are the same."""
    if all(old == new for old, new in pairs.items()):
        return [(i, i) for i in diff(before, after).changed if i in pairs]
    return [(old, new) for old, new in pairs.items() if before.nodes[old] is not after.nodes[new]]


def _changes(before: Node, after: Node, groups: Pairs) -> Iterator[Difference]:
    def changed(param: str, old: Any, new: Any) -> Difference:
        words = f"{after.name}: {param} {value_text(old)} → {value_text(new)}"
        return Difference("changed", "node", words, id=after.id, param=param, before=old, after=new)

    if before.name != after.name:
        yield changed("name", before.name, after.name)
    if before.op != after.op:
        yield changed("op", before.op, after.op)
    yield from (
        changed(flag, getattr(before, flag), getattr(after, flag))
        for flag in _FLAGS
        if getattr(before, flag) != getattr(after, flag)
    )
    if before.op == after.op:
        yield from (changed(*change) for change in _params(before, after, groups))


def _params(before: Node, after: Node, groups: Pairs) -> Iterator[tuple[str, Any, Any]]:
    """(name, value before, value after) of the params that differ; one that is not set has its default."""
    old, new = _values(before), _values(after)
    left_out: tuple[str, ...] = ()
    if is_use(after) and groups.get(str(old.get("definition"))) == new.get("definition"):
        left_out = FOLLOWS  # its ports say so inside
    for name in dict.fromkeys((*old, *new)):
        if name not in left_out and old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def _values(node: Node) -> Mapping[str, Any]:
    return node.make().params if node.is_known else node.params


def _wires(before: Document, after: Document, pairs: Pairs) -> Iterator[Difference]:
    there = {
        (pairs[e.source], e.output, pairs[e.target], e.input): e
        for e in before.edges.values()
        if e.source in pairs and e.target in pairs
    }
    now = set(after.edges.values())
    for edge in after.edges.values():
        if edge not in there:
            yield Difference("added", "wire", wire_text(after, edge), id=edge.target, edge=edge)
    kept = {old for end, old in there.items() if Edge(*end) in now}
    for edge in before.edges.values():
        if edge not in kept:
            yield Difference("removed", "wire", wire_text(before, edge), id=edge.target, edge=edge)


def wire_text(document: Document, edge: Edge) -> str:
    """ "wire hidden.y → act.x"."""
    source, target = document.nodes[edge.source].name, document.nodes[edge.target].name
    return f"wire {source}.{edge.output} → {target}.{edge.input}"


def _texts(
    before: Mapping[str, Note] | Mapping[str, Frame],
    after: Mapping[str, Note] | Mapping[str, Frame],
    what: Literal["note", "frame"],
) -> Iterator[Difference]:
    """Notes or frames, told apart by what is written on them."""

    def words(item: Note | Frame) -> str:
        return item.text if isinstance(item, Note) else item.title

    same = Counter(map(words, before.values())) & Counter(map(words, after.values()))
    for kind, side in (("added", after), ("removed", before)):
        left = Counter(same)
        for i, item in side.items():
            if left[words(item)]:
                left[words(item)] -= 1
                continue
            text = f"{what} “{_short(' '.join(words(item).split()))}”"
            yield Difference(kind, what, text, id=i)  # type: ignore[arg-type]


def _training(before: Document, after: Document, pairs: Pairs) -> Iterator[Difference]:
    for setting in fields(Training):
        old, new = getattr(before.training, setting.name), getattr(after.training, setting.name)
        if setting.name == "goal":
            if pairs.get(old, old) == new:
                continue
            old, new = _name(before, old), _name(after, new)
        if old != new:
            words = f"training: {setting.name} {value_text(old)} → {value_text(new)}"
            yield Difference("changed", "training", words, param=setting.name, before=old, after=new)


def _sweep(
    before: Document, after: Document, sheets: Mapping[str, Sheet], groups: Pairs
) -> Iterator[Difference]:
    def now(node: str) -> str:
        definition, node_id = place_of(node)
        there = groups.get(definition, definition)
        found = sheets[there].pairs.get(node_id) if there in sheets else None
        return written((there, found)) if found is not None else node and f"gone {node}"

    for change in sweep_comparison.changes(before, after, now):
        kind, text, name, old, new = change
        yield Difference(kind, "sweep", text, param=name, before=old, after=new)


def _name(document: Document, node: str) -> str:
    return document.nodes[node].name if node in document.nodes else "automatic"


def _groups(before: Document, after: Document, groups: Pairs) -> Iterator[Difference]:
    new = set(groups.values())
    for i, inner in after.definitions.items():
        if i not in new:
            yield Difference("added", "group", f"group {inner.name}", sheet=i)
    for i, inner in before.definitions.items():
        if i not in groups:
            yield Difference("removed", "group", f"group {inner.name}", sheet=i)
    for old, i in groups.items():
        names = before.definitions[old].name, after.definitions[i].name
        if names[0] != names[1]:
            words = f"group {names[1]}: name {names[0]} → {names[1]}"
            yield Difference(
                "changed", "group", words, sheet=i, param="name", before=names[0], after=names[1]
            )


def _shown_params(sheets: Mapping[str, Sheet]) -> Iterator[Difference]:
    """Params that uses of a group may set, in one version only."""
    for i, sheet in sheets.items():
        pairs, inner = sheet.pairs, sheet.after
        was = {(pairs.get(n, n), p): name for (n, p), name in by_end(sheet.before).items()}
        now = by_end(inner)
        for end in dict.fromkeys((*was, *now)):
            if (end in was) != (end in now):
                kind: Kind = "added" if end in now else "removed"
                name = now.get(end) or was[end]
                yield Difference(kind, "group", f"group {inner.name}: shows {name}", sheet=i)


def value_text(value: Any) -> str:
    """A param as a person reads it: "on", "(3, 3)", "0.01", "−1"."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "automatic"
    if isinstance(value, float):
        short = f"{value:g}"
        return (short if float(short) == value else repr(value)).replace("-", "−")
    if isinstance(value, tuple):
        return _short(f"({', '.join(map(value_text, value))})")
    return _short(str(value).replace("-", "−") if isinstance(value, int) else str(value)) or "nothing"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
