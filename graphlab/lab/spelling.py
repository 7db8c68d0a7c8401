"""Names of weights that mean the same, spelt by different programs.

A module of PyTorch separates by dots and has no spaces; a graph has "block1/conv.weight", "W.value" for a parameter
that is a node, and "cell (shared)/ih weight.value" for what uses of a group share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"n(\d+)")  # what a node called 0 is in Python
_AROUND = ("module", "features")  # what wrappers and torchvision's networks put in front
_STEP = re.compile(r"[./]")

Words = tuple[str, ...]


def words_of(name: str) -> Words:
    """The words of a name in order, without what only one program says."""
    words = [
        _NUMBER.sub(r"\1", word) if _NUMBER.fullmatch(word) else word
        for word in _WORD.findall(name.replace("(shared)", ""))
    ]
    if len(words) > 1 and words[-1] == "value":
        words.pop()
    while len(words) > 2 and words[0] in _AROUND:
        words.pop(0)
    return tuple(words)


def by_spelling(own: Sequence[str], there: Sequence[str]) -> dict[str, str]:
    """{name here: name there} of those with the same words, with or without the first step of one side's names.

    Whichever way finds the most. Names that come to the same words as another on their side are no one's.
    """
    ways = [(own, there), (_stepped(own), there), (own, _stepped(there))]
    found: dict[str, str] = {}
    for ours, theirs in ways:
        here, known = _unique(own, ours), _unique(there, theirs)
        alike = {here[words]: known[words] for words in here if words in known}
        found = alike if len(alike) > len(found) else found
    return found


def _stepped(names: Sequence[str]) -> list[str]:
    """The names without the first step that all of them have; as they are where they differ in it."""
    steps = {_STEP.split(name, maxsplit=1)[0] for name in names}
    if len(steps) != 1:
        return list(names)
    return [_STEP.split(name, maxsplit=1)[-1] for name in names]


def _unique(names: Sequence[str], spelt: Sequence[str]) -> dict[Words, str]:
    """The names by their words, without those that are spelt like another."""
    pairs = [(words_of(word), name) for word, name in zip(spelt, names, strict=True)]
    counts = Counter(words for words, _ in pairs)
    return {words: name for words, name in pairs if counts[words] == 1}
