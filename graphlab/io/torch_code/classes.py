"""Sheets as classes: uses of a group that come to the same share one; what differs becomes an argument of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..python_names import identifier
from .layout import INDENT, wrapped
from .sheets import Entry, Line, Sheet

MOST_ARGUMENTS = 6  # of a class; with more, each use gets a class of its own
Told = tuple[str, str]  # a line, and the key of the node that it is of ("" for none)
Place = tuple[int, int]  # an entry, and one of its arguments


@dataclass
class Class:
    """One class to be written. arguments: what its uses differ in: name → the places it stands at."""

    name: str
    model: Sheet
    arguments: dict[str, list[Place]] = field(default_factory=dict)
    comments: bool = True


@dataclass(frozen=True)
class Use:
    """A sheet's class, and the values of its arguments."""

    of: Class
    values: tuple[tuple[str, str], ...] = ()


class Classes:
    """The classes of a tree of sheets, those that are used first."""

    def __init__(self, root: Sheet, title: str) -> None:
        self._uses: dict[int, Use] = {}
        self._taken = {"Path", "Tensor", "Module"}
        self.found: list[Class] = []
        self._levels: dict[int, list[Sheet]] = {}
        self._measure(root)
        self._taken.add(title)
        for level in sorted(self._levels):
            for alike in _grouped(self._levels[level], self._key).values():
                self._unite(alike, title if alike[0] is root else "")

    def _measure(self, sheet: Sheet) -> int:
        """How many levels of modules there are in it."""
        level = 1 + max((self._measure(inner) for _, inner in sheet.inner()), default=0)
        self._levels.setdefault(level, []).append(sheet)
        return level

    def _key(self, sheet: Sheet) -> tuple[object, ...]:
        """What uses of one class have in common: everything but numbers of layers."""
        entries = [
            (e.name, self._kind(e), tuple(k for k, _ in self.args(e)), e.frozen) for e in sheet.entries
        ]
        lines = [line.text for line in sheet.lines]
        own = [*sheet.weights, *sheet.owners.items()]
        return (sheet.definition, *entries, *lines, *sheet.takes, None, *sheet.gives, *own)

    def _kind(self, entry: Entry) -> str:
        return entry.kind if entry.inner is None else self._uses[id(entry.inner)].of.name

    def args(self, entry: Entry) -> tuple[tuple[str, str], ...]:
        """The arguments with which a module is made, as they stand in this use."""
        return entry.args if entry.inner is None else self._uses[id(entry.inner)].values

    def _unite(self, alike: list[Sheet], title: str) -> None:
        arguments = self._differing(alike)
        if len(arguments) > MOST_ARGUMENTS:
            for same in _grouped(alike, self._exactly).values():
                self._add(same, {}, title)
        else:
            self._add(alike, arguments, title)

    def _exactly(self, sheet: Sheet) -> tuple[object, ...]:
        return tuple(self.args(entry) for entry in sheet.entries)

    def _add(self, alike: list[Sheet], arguments: dict[str, list[Place]], title: str) -> None:
        name = title or self._free(alike[0].title)
        shapes = {tuple(line.shape for line in sheet.lines) for sheet in alike}
        made = Class(name, alike[0], arguments, comments=len(shapes) == 1)
        self.found.append(made)
        for sheet in alike:
            values = tuple(
                (word, self.args(sheet.entries[places[0][0]])[places[0][1]][1])
                for word, places in arguments.items()
            )
            self._uses[id(sheet)] = Use(made, values)

    def _differing(self, alike: Sequence[Sheet]) -> dict[str, list[Place]]:
        """The places at which uses differ; those that differ alike are one argument."""
        columns: dict[tuple[str, ...], list[Place]] = {}
        for k, entry in enumerate(alike[0].entries):
            for i in range(len(self.args(entry))):
                values = tuple(self.args(sheet.entries[k])[i][1] for sheet in alike)
                if len(set(values)) > 1:
                    columns.setdefault(values, []).append((k, i))
        named: dict[str, list[Place]] = {}
        for places in columns.values():
            named[_free_word(self._word(alike[0], places[0]), named)] = places
        return named

    def _word(self, sheet: Sheet, place: Place) -> str:
        """What an argument is called: after the module it goes to, and its role there."""
        entry, i = sheet.entries[place[0]], place[1]
        key = self.args(entry)[i][0]
        if not key:
            key = ROLES.get(entry.kind, ())[i] if i < len(ROLES.get(entry.kind, ())) else f"size_{i + 1}"
        return key if key in PLAIN else f"{entry.name}_{key}"

    def _free(self, title: str) -> str:
        word = camel(title)
        name, number = word, 1
        while name in self._taken:
            number += 1
            name = f"{word}{number}"
        self._taken.add(name)
        return name

    # Text

    def lines(self, made: Class) -> Iterator[Told]:
        """The lines of a class, each with the node that it is of."""
        sheet = made.model
        yield from plain(f"class {made.name}(nn.Module):")
        words = [*made.arguments]
        yield from plain(*wrapped(f"def __init__({', '.join(['self', *words])}):", 1))
        yield from plain(f"{INDENT * 2}super().__init__()")
        at = {place: word for word, places in made.arguments.items() for place in places}
        for k, entry in enumerate(sheet.entries):
            args = [
                f"{key}={at.get((k, i), value)}" if key else at.get((k, i), value)
                for i, (key, value) in enumerate(self.args(entry))
            ]
            yield from ((text, entry.node) for text in wrapped(self._made(entry, args), 2))
            if entry.frozen and entry.kind != "buffer":
                yield f"{INDENT * 2}self.{entry.name}.requires_grad_(False)", entry.node
        yield from plain("", *wrapped(f"def forward({', '.join(['self', *sheet.takes])}):", 1))
        yield from body(sheet, made.comments)

    def _made(self, entry: Entry, args: Sequence[str]) -> str:
        if entry.kind == "buffer":
            return f"self.register_buffer({', '.join(args)})"
        return f"self.{entry.name} = {self._kind(entry)}({', '.join(args)})"


ROLES = {
    "nn.Linear": ("in_features", "out_features"),
    "nn.Conv1d": ("in_channels", "out_channels"),
    "nn.Conv2d": ("in_channels", "out_channels"),
    "nn.ConvTranspose1d": ("in_channels", "out_channels"),
    "nn.ConvTranspose2d": ("in_channels", "out_channels"),
    "nn.BatchNorm1d": ("num_features",),
    "nn.BatchNorm2d": ("num_features",),
    "nn.Embedding": ("num_embeddings", "embedding_dim"),
    "nn.Dropout": ("p",),
}
PLAIN = {"stride", "in_channels", "out_channels"}


def plain(*texts: str) -> Iterator[Told]:
    """Lines that are no node's."""
    return ((text, "") for text in texts)


def body(sheet: Sheet, comments: bool = True, gives: Sequence[str] | None = None) -> Iterator[Told]:
    """The lines of forward, the last of them what it returns."""
    found, lines = list(sheet.gives if gives is None else gives), list(sheet.lines)
    if lines and len(found) == 1 and lines[-1].text.startswith(f"{found[0]} = "):
        last = lines.pop()
        lines.append(Line(last.text.replace(f"{found[0]} = ", "return ", 1), last.shape, last.node))
    elif found:
        lines.append(Line(f"return {', '.join(found)}"))
    for line in lines or [Line("return None")]:
        yield from ((text, line.node) for text in wrapped(line.text, 2, line.shape if comments else ""))


def camel(title: str) -> str:
    """A title as the name of a class: "residual block" becomes ResidualBlock."""
    words = identifier(title).split("_")
    return "".join(word[:1].upper() + word[1:] for word in words if word) or "Network"


def _free_word(wish: str, taken: Mapping[str, object]) -> str:
    name, number = wish, 1
    while name in taken:
        number += 1
        name = f"{wish}_{number}"
    return name


def _grouped(sheets: Sequence[Sheet], key: object) -> dict[object, list[Sheet]]:
    found: dict[object, list[Sheet]] = {}
    for sheet in sheets:
        found.setdefault(key(sheet), []).append(sheet)  # type: ignore[operator]
    return found
