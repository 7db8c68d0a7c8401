"""Which operations a search finds, best first: by the words, by what usually follows, by how often they are used.

While nothing is typed they come in parts, each under a heading: what usually comes next at a wire's end, favourites,
what was used last, and the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ...ops import Op
from ..favourites import SHOWN, favourites
from ..offers import key
from .habits import End, Habits, habits

if TYPE_CHECKING:
    from ..session import Session

OWN = 10  # what a person did counts so much more than what the examples do
LIKED = 12  # a favourite counts as if it had been added so often
_NEXT = 6  # rows under the heading of what usually comes next


@dataclass(frozen=True)
class Taste:
    """What is known of the person: how often each thing was added, what last, the favourites, the wires drawn here."""

    times: Mapping[str, int] = field(default_factory=dict)
    recent: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    wires: Habits = field(default_factory=Habits)

    def weight(self, name: str) -> int:
        return OWN * (self.times.get(name, 0) + LIKED * (name in self.liked))


def taste(session: Session, *, wires: bool = False) -> Taste:
    """That of the person at work. `wires`: with those of the document, which takes a while where there are many."""
    used = favourites.used(session.root)
    drawn = Habits()
    if wires:
        for sheet in (session.whole, *session.whole.definitions.values()):
            drawn.learn(sheet)
    return Taste(
        {use.key: use.times for use in used},
        tuple(use.key for use in used),
        tuple(favourites.liked(session.root)),
        drawn,
    )


class Wish(NamedTuple):
    """What a search is for.

    `end`: where a wire comes from. `kin`: a category whose ops come before others that match as well.
    """

    end: End | None = None
    kin: str = ""


def ranked(
    ops: Iterable[type[Op]], text: str, wish: Wish | None = None, person: Taste | None = None
) -> list[type[Op]]:
    """The ops that match `text`, best first; all of them when it is empty."""
    words, known, (end, kin), person = text.lower().split(), habits(), wish or Wish(), person or Taste()
    joins = _following(end, person)

    def rank(op: type[Op], score: int, place: int) -> tuple[int, int, bool, int, int]:
        name = key(op)
        use = person.weight(name) + known.ops[name]
        return score, -_joins(op, end, joins), op.category != kin, -use, place

    scored = [
        (rank(op, score, place), op) for place, op in enumerate(ops) if (score := _score(op, words)) < _NEVER
    ]
    return [op for _, op in sorted(scored, key=lambda row: row[0])]


def parts(ops: Iterable[type[Op]], wish: Wish, person: Taste) -> list[tuple[str, list[type[Op]]]]:
    """All of them, by heading, each once. The heading is "" where there is only one part."""
    rest = {key(op): op for op in ranked(ops, "", wish, person)}
    kin = [name for name, op in rest.items() if wish.kin and op.category == wish.kin]
    joins = _following(wish.end, person)
    following = [name for name, op in rest.items() if _joins(op, wish.end, joins)]
    wanted = (
        ("Usually next", _with_ports(following, rest)),
        (wish.kin, kin),
        ("Favourites", person.liked),
        ("Recently used", [name for name in person.recent if name in rest][:SHOWN]),
    )
    found: list[tuple[str, list[type[Op]]]] = []
    for title, names in wanted:
        members = [rest.pop(name) for name in names if name in rest]
        if members:
            found.append((title, members))
    last = "Also fits" if wish.end or wish.kin else "All operations"
    if rest:
        found.append((last if found else "", list(rest.values())))
    return found


def _with_ports(following: list[str], ops: Mapping[str, type[Op]]) -> list[str]:
    """The first few, a port of the group among them whatever comes before it."""
    ports = [name for name in following if ops[name].role in _PORTS]
    others = [name for name in following if name not in ports]
    first = [*others[: _NEXT - len(ports)], *ports]
    return [name for name in following if name in first]


_NEVER = 1000
_PORTS, _LIKELY = ("port in", "port out"), 1


def _following(end: End | None, person: Taste) -> Counter[str]:
    """How often a wire from that end leads to each key: in the examples and, which counts more, in one's own graph."""
    found: Counter[str] = Counter()
    if end is not None:
        found.update(habits().following(end))
        found.update({name: OWN * times for name, times in person.wires.following(end).items()})
    return found


def _joins(op: type[Op], end: End | None, joins: Counter[str]) -> int:
    if (
        end is not None and op.role in _PORTS
    ):  # the wire may be meant to leave the group, or to come from outside
        return _LIKELY
    return joins[key(op)]


def _score(op: type[Op], words: list[str]) -> int:
    return max((_word(op, word) for word in words), default=0)


def _word(op: type[Op], word: str) -> int:
    """0 for the very name, more the looser the match."""
    name = op.__name__.lower()
    if name == word:
        return 0
    if name.startswith(word):
        return 1
    if any(other.lower().startswith(word) for other in op.other_names()):
        return 2
    if word in name:
        return 3
    if op.category.lower().startswith(word):
        return 4
    if _in_order(word, name):
        return 5
    return 6 if len(word) > 2 and word in op.help().lower() else _NEVER


def _in_order(letters: str, name: str) -> bool:
    """Whether the letters occur in the name in this order: "bcel" finds BCEWithLogitsLoss."""
    rest = iter(name)
    return all(letter in rest for letter in letters)
