"""Which nodes belong together: residual blocks, inception modules, stages of them, found by structure alone.

A node that every path passes is a cut. Between two cuts lies one node's worth of a chain, or a part with branches: a
block, if it is not too large. Blocks of one form take along what stands at all of them alike, such as the activation
behind. Where a sheet would still be long, blocks that follow one another become a stage, and plain stretches are cut
behind their poolings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ...graph.naming import LONGEST
from ...ops import get
from .sheet import Drawn, Sheet
from .words import as_name, shared_front

READABLE = 12  # how many nodes a sheet may have in a row
AT_ONCE = 24  # how many a block may have: its branches stand one below another
LARGEST = 80  # nodes of a block with branches; what is larger is no block but a whole network
LEAST = 3  # nodes of a group
LONGEST_PERIOD = 6
MADE_UP = ("block", "stage")


@dataclass
class Block:
    """Nodes that become a group: keys of nodes, and blocks in it. `word`: what its nodes' names begin with."""

    items: list[str | Block]
    name: str = ""
    word: str = ""
    form: tuple[object, ...] = field(default=())

    def leaves(self) -> list[str]:
        return [key for item in self.items for key in ([item] if isinstance(item, str) else item.leaves())]


Item = str | Block


def arranged(sheet: Sheet) -> list[Item]:
    """The nodes of a sheet, with blocks in the places of what is in them."""
    return _Arranging(sheet).items()


@dataclass
class _Unit:
    """A cut with what lies between it and the one before. `form`: equal for units that look alike."""

    nodes: list[str]
    form: tuple[object, ...]

    @property
    def is_branched(self) -> bool:
        return len(self.nodes) > 1


class _Arranging:
    def __init__(self, sheet: Sheet) -> None:
        self._nodes = sheet.nodes
        self._results = {key for key, _ in sheet.results}
        self._main = self._fed()
        self._takers: dict[str, list[str]] = {key: [] for key in sheet.nodes}
        for node in sheet.nodes.values():
            for source in dict.fromkeys(source for source, _ in node.inputs.values()):
                self._takers[source].append(node.key)

    def _fed(self) -> dict[str, None]:
        """The nodes that depend on what is fed, in topological order."""
        found: dict[str, None] = {}
        for node in self._nodes.values():
            if get(node.op).source or any(source in found for source, _ in node.inputs.values()):
                found[node.key] = None
        return found

    def items(self) -> list[Item]:
        items = self._grouped(list(self._main))
        self._name(items)
        self._put_beside(items)
        return items

    def _grouped(self, items: list[Item]) -> list[Item]:
        """The nodes of a sheet with as much in groups as it takes to make it readable."""
        ways = (
            lambda items: self._repeated(self._blocks(self._units())),
            self._stages,
            self._pieces,
            self._plain_turns,
            self._chains,
            self._by_name,
        )
        for way in ways:
            if len(items) > READABLE:
                items = way(items)
        for block in _blocks_in(items):
            for way in (self._chains, self._by_name):
                if len(block.items) > AT_ONCE and all(isinstance(item, str) for item in block.items):
                    block.items = way(block.items)
        return items

    # Cuts

    def _units(self) -> list[_Unit]:
        order = list(self._main)
        place = {key: k for k, key in enumerate(order)}
        far, units, open_ = 0, [], []
        starts = [k for k, key in enumerate(order) if not self._main_inputs(key)]
        far = max(starts, default=0)
        for k, key in enumerate(order):
            open_.append(key)
            is_cut = far <= k
            far = max(far, self._reach(key, place, len(order)))
            if is_cut:
                units.append(_Unit(open_, self._form(open_)))
                open_ = []
        if open_:
            units.append(_Unit(open_, self._form(open_)))
        return units

    def _main_inputs(self, key: str) -> list[str]:
        return [source for source, _ in self._nodes[key].inputs.values() if source in self._main]

    def _reach(self, key: str, place: dict[str, int], end: int) -> int:
        """The place of the last node that takes a value of this one."""
        takers = [place[taker] for taker in self._takers[key] if taker in place]
        return end if not takers or key in self._results else max(takers)

    def _form(self, keys: Sequence[str]) -> tuple[object, ...]:
        """What ops there are and how they hang together."""
        number = {key: k for k, key in enumerate(keys)}
        return tuple(
            (
                self._nodes[key].op,
                tuple(
                    (socket, number.get(source, -1))
                    for socket, (source, _) in self._nodes[key].inputs.items()
                ),
            )
            for key in keys
        )

    # Blocks

    def _blocks(self, units: list[_Unit]) -> list[Item]:
        kinds: dict[tuple[object, ...], list[int]] = {}
        for k, unit in enumerate(units):
            has_source = any(not self._main_inputs(key) for key in unit.nodes)
            if unit.is_branched and len(unit.nodes) <= LARGEST and not has_source:
                kinds.setdefault(unit.form, []).append(k)
        spans: dict[int, tuple[int, int]] = {}
        free = [not unit.is_branched for unit in units]
        for members in sorted(kinds.values(), key=len, reverse=True):
            behind = self._behind(units, free, members)
            for k in members:
                spans[k] = (k, k + behind + 1)
                free[k : k + behind + 1] = [False] * (behind + 1)
        for members in sorted(kinds.values(), key=len, reverse=True):
            before = self._before(units, free, members)
            for k in members:
                spans[k - before] = (k - before, spans.pop(k)[1])
                free[k - before : k] = [False] * before
        items: list[Item] = []
        k = 0
        while k < len(units):
            start, stop = spans.get(k, (k, k + 1))
            keys = [key for unit in units[start:stop] for key in unit.nodes]
            if k in spans:
                items.append(Block(list(keys), form=self._form(keys)))
            else:
                items += keys
            k = stop
        return items

    def _alike(self, units: list[_Unit], free: list[bool], members: list[int], distance: int) -> str:
        """The op that stands so far from every one of those units; "" where they differ, or it belongs to another."""
        places = [k + distance for k in members]
        if any(not 0 <= p < len(units) or not free[p] for p in places):
            return ""
        ops = {self._nodes[units[p].nodes[0]].op for p in places}
        return ops.pop() if len(ops) == 1 else ""

    def _behind(self, units: list[_Unit], free: list[bool], members: list[int]) -> int:
        """How many nodes behind every one of those units belong to it, as they stand at all alike."""
        count = 0
        while (op := self._alike(units, free, members, count + 1)) and _follows(op):
            count += 1
        return count

    def _before(self, units: list[_Unit], free: list[bool], members: list[int]) -> int:
        """How many nodes before them do; of a single one it cannot be told."""
        count, nearest = 0, min((b - a for a, b in pairwise(members)), default=0)
        while count + 1 < nearest and (op := self._alike(units, free, members, -count - 1)) and _leads(op):
            count += 1
        return count

    # What makes a long sheet shorter

    def _key(self, item: Item) -> object:
        return self._nodes[item].op if isinstance(item, str) else item.form

    def _repeated(self, items: list[Item], is_plain: bool = False) -> list[Item]:
        """Blocks that take turns, such as attention and what comes after it, are one together.

        is_plain: so are nodes, such as convolution, normalisation and activation.
        """
        keys = [self._key(item) for item in items]
        found: list[Item] = []
        k = 0
        while k < len(items):
            period = next(
                (p for p in range(2, LONGEST_PERIOD + 1) if self._takes_turns(items, keys, k, p, is_plain)), 0
            )
            if not period:
                found.append(items[k])
                k += 1
                continue
            while keys[k : k + period] == (turn := keys[k : k + period]) and len(turn) == period:
                found.append(Block(items[k : k + period], form=tuple(turn)))
                k += period
                if keys[k : k + period] != turn:
                    break
        return found

    def _plain_turns(self, items: list[Item]) -> list[Item]:
        """The same for nodes, such as convolution, normalisation and activation; and stages of them."""
        found = self._repeated(items, is_plain=True)
        return self._stages(found) if len(found) < len(items) else items

    def _takes_turns(
        self, items: list[Item], keys: list[object], k: int, period: int, is_plain: bool
    ) -> bool:
        turn, taken = keys[k : k + period], items[k : k + period]
        nodes = [item for item in taken if isinstance(item, str)]
        if any("Pool" in self._nodes[key].op or not self._main_inputs(key) for key in nodes):
            return False
        has_block = len(nodes) < len(taken) or (is_plain and any(self._learns(key) for key in nodes))
        again = all(keys[k + period * n : k + period * (n + 1)] == turn for n in (1, 2))
        return has_block and again and len(set(turn)) > 1

    def _stages(self, items: list[Item]) -> list[Item]:
        """Blocks that follow one another at one size of image are a stage."""
        found: list[Item] = []
        run: list[Item] = []

        def close() -> None:
            if len(run) > 1:
                found.append(Block(list(run), form=tuple(self._key(item) for item in run)))
            else:
                found.extend(run)
            run.clear()

        for item in items:
            if run and (isinstance(item, str) or self._size(item) != self._size(run[-1])):
                close()
            if isinstance(item, str):
                found.append(item)
            else:
                run.append(item)
        close()
        return found

    def _size(self, item: Item) -> object:
        node = self._nodes[item if isinstance(item, str) else item.leaves()[-1]]
        shape = () if node.spec is None else node.spec.shape
        return shape[2:] if len(shape) == 4 else shape[1:]

    def _pieces(self, items: list[Item]) -> list[Item]:
        """Plain stretches are cut behind each pooling."""
        found: list[Item] = []
        run: list[str] = []

        def close(to_end: bool = False) -> None:
            is_piece = len(run) >= LEAST and not to_end and any(self._learns(key) for key in run)
            found.extend([Block(list(run), form=self._form(run))] if is_piece else run)
            run.clear()

        for item in items:
            if isinstance(item, Block):
                close()
                found.append(item)
            elif not self._main_inputs(item):
                found.append(item)
            else:
                run.append(item)
                if "Pool" in self._nodes[item].op and "Global" not in self._nodes[item].op:
                    close()
        close(to_end=True)
        return found

    def _chains(self, items: list[Item]) -> list[Item]:
        """Of what has no cuts, such as a U-Net, the stretches without branches."""
        found: list[Item] = []
        run: list[str] = []
        for item in [*items, None]:
            goes_on = (
                isinstance(item, str)
                and bool(run)
                and not get(self._nodes[item].op).reads_as
                and self._main_inputs(item) == [run[-1]]
                and [t for t in self._takers[run[-1]] if t in self._main] == [item]
            )
            if not goes_on:
                is_chain = len(run) > LEAST and any(self._learns(key) for key in run)
                found.extend([Block(list(run), form=self._form(run))] if is_chain else run)
                run = []
            if isinstance(item, str):
                run.append(item)
            elif item is not None:
                found.append(item)
        return found if len(found) > 3 else items

    def _by_name(self, items: list[Item]) -> list[Item]:
        """Nodes that follow one another and whose names have a path in common, such as a module's or a step's.

        What follows one another in topological order is never left by a path that comes back.
        """
        words = [self._nodes[item].word if isinstance(item, str) else "" for item in items]
        front = shared_front(words).rpartition("/")[0]
        below = [word[len(front) :].lstrip("/").partition("/") for word in words]
        found: list[Item] = []
        run: list[str] = []
        now = ""
        for item, (first, slash, _) in [*zip(items, below, strict=True), (None, ("", "", ""))]:
            path = first if slash else ""
            is_plain = isinstance(item, str) and bool(self._main_inputs(item))
            if run and not (is_plain and path in (now, "") and (path or not first)):
                found.extend([Block(list(run), form=self._form(run))] if len(run) >= LEAST else run)
                run = []
            if isinstance(item, str) and is_plain and (path or run):
                now = path or now
                run.append(item)
            elif item is not None:
                found.append(item)
        return found

    def _learns(self, key: str) -> bool:
        op = self._nodes[key].op
        return any(socket.learnable for socket in get(op)().sockets())

    # Names

    def _name(self, items: Iterable[Item]) -> None:
        for item in items:
            if isinstance(item, Block):
                self._name(item.items)
                words = [self._nodes[key].word for key in item.leaves()]
                item.word = shared_front(words)
                item.name = as_name(item.word, "") or self._made_up(item)
        blocks = [item for item in items if isinstance(item, Block)]
        alike = Counter(block.name for block in blocks)
        for block in blocks:
            if alike[block.name] > 1 and (told := self._made_up(block)) not in MADE_UP:
                block.name = told

    def _made_up(self, block: Block) -> str:
        """What a block is called whose nodes have nothing in common in their names."""
        inner = [item for item in block.items if isinstance(item, Block)]
        if inner:
            is_told = all(item.word for item in (inner[0], inner[-1])) and len(inner) == len(block.items)
            return f"{inner[0].name} to {inner[-1].name}"[:LONGEST] if is_told else "stage"
        learning = [key for key in block.leaves() if self._learns(key)]
        products = [key for key in learning if get(self._nodes[key].op).factors]
        words = [as_name(self._nodes[key].word, "") for key in products or learning]
        words = [word for word in words if word]
        is_plain = all(len(self._main_inputs(key)) == 1 for key in block.leaves())
        if not words or not is_plain:
            return "block"
        return words[0] if len(words) == 1 else f"{words[0]} to {words[-1]}"[:LONGEST]

    # What is not fed

    def _put_beside(self, items: list[Item]) -> None:
        """Parameters and constants stand in the innermost block that holds all who take them."""
        for key in reversed([key for key in self._nodes if key not in self._main]):
            self._insert(items, key, set(self._takers[key]))

    def _insert(self, items: list[Item], key: str, takers: set[str]) -> None:
        for item in items:
            if isinstance(item, Block) and takers and takers <= set(item.leaves()):
                self._insert(item.items, key, takers)
                return
        first = next((k for k, item in enumerate(items) if _holds(item, takers)), len(items))
        items.insert(first, key)


def _blocks_in(items: Iterable[Item]) -> Iterator[Block]:
    for item in items:
        if isinstance(item, Block):
            yield item
            yield from _blocks_in(item.items)


def _holds(item: Item, keys: set[str]) -> bool:
    return item in keys if isinstance(item, str) else bool(keys & set(item.leaves()))


def _follows(op: str) -> bool:
    """Whether it belongs to what stands before it."""
    is_end = get(op).reads_as != ""
    return not is_end and (get(op).category in ("Activation", "Normalisation") or op.startswith("Dropout"))


def _leads(op: str) -> bool:
    """Whether it may belong to what stands behind it."""
    cls = get(op)
    return not cls.source and "Pool" not in op and cls.category in ("Layer", "Activation", "Normalisation")


__all__ = ["Block", "Drawn", "Item", "arranged"]
