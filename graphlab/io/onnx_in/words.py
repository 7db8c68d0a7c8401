"""What nodes are called: as in the file where it has words for them, else after their weights, else after the op."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...graph.naming import LONGEST, free_name
from .model import Operator

_MADE_UP = re.compile(r"(node|n|r|op|t|id|_)?[_-]?\d*|.*[0-9a-f]{8}-[0-9a-f-]{20,}.*", re.IGNORECASE)
_WEIGHT = re.compile(
    r"[._/](w|b|s|rm|riv|weight|bias|scale|mean|var|gamma|beta|kernel|running_mean|running_var)(_\d+)?$",
    re.IGNORECASE,
)
_BAD = re.compile(r"[./\\:\x00-\x1f\x7f\ud800-\udfff]+")
_ID = re.compile(r"[nt]\d+")
_OUTPUT = re.compile(r"(.*/)?([A-Z][A-Za-z]+)(_\d+)?_output_\d+$")
ENDS = "/_.: -"  # where a word may be cut from what it has in common with others


def word_of(operator: Operator, weights: Iterable[str]) -> str:
    """The name that the file has for an operator, with its path; "" where it has none."""
    if operator.name and not is_made_up(operator.name, operator.kind):
        return _without_kind(operator.name.strip("/"), operator.kind)
    for weight in weights:
        if _WEIGHT.search(weight):
            return _WEIGHT.sub("", weight).strip("/")
    return ""


def word_of_value(name: str) -> str:
    """What an array is called: as in the file; what an operator gives, by PyTorch's names, after where that stands."""
    made = _OUTPUT.match(name.strip("/"))
    if made:
        return _without_kind(f"{made[1]}{made[2]}", made[2]) if made[1] else ""
    return "" if is_made_up(name) else name.strip("/")


def _without_kind(name: str, kind: str) -> str:
    """ "layer1/layer1.0/conv1/Conv" is the module layer1.0/conv1, as PyTorch writes it."""
    parts = name.split("/")
    if len(parts) > 1 and kind.startswith(re.sub(r"_\d+$", "", parts[-1]) or "/"):
        parts.pop()
    pairs = zip(parts, [*parts[1:], ""], strict=True)
    return "/".join(part for part, inner in pairs if not inner.startswith(f"{part}.") and inner != part)


def is_made_up(name: str, kind: str = "") -> bool:
    """Whether it is a number with a letter, or the operator's own name with one, which tells nothing."""
    plain = name.strip("/")
    return bool(_MADE_UP.fullmatch(plain)) or bool(
        kind and re.fullmatch(rf"(node_)?{re.escape(kind)}_?\d*", plain)
    )


def shared_front(words: Iterable[str]) -> str:
    """What all words that there are begin with, cut where a word of it ends; with the sign that stands there."""
    found = [word for word in words if word]
    if not found:
        return ""
    low, high = min(found), max(found)
    length = next(
        (k for k, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high))
    )
    if all(len(word) == length or word[length] in ENDS for word in found):
        return low[:length]
    return low[: 1 + max((low.rfind(end, 0, length) for end in ENDS), default=-1)]


def as_name(word: str, instead: str) -> str:
    """A word as the name of a node: nothing that a name must not have, and not too long."""
    name = _BAD.sub("_", word.strip(ENDS)).strip("_ ")[:LONGEST].strip("_ ") or instead
    return f"{name}_" if _ID.fullmatch(name) else name


class Names:
    """Free names for one sheet."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self._known: dict[str, int] = {}

    def take(self, word: str, instead: str) -> str:
        name = free_name(self.taken, as_name(word, instead), self._known)
        self.taken.add(name)
        return name
