"""Search as people type it: the letters of the query in order, best where they begin words. For every search box."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Match:
    """How well a text fits a query (higher is better), and the positions of the letters that matched."""

    score: float
    positions: tuple[int, ...] = ()


def match(query: str, text: str) -> Match | None:
    """How `text` fits `query`, None if it does not. Case is ignored; an empty query fits everything equally."""
    wanted, lower = query.lower().replace(" ", ""), text.lower()
    if not wanted:
        return Match(0.0)
    at = lower.find(query.lower().strip())
    if at >= 0:  # in one piece: best at the beginning, then at the beginning of a word
        bonus = 60 if at == 0 else 40 if _begins_word(text, at) else 20
        return Match(100 + bonus - len(text) * 0.1, tuple(range(at, at + len(query.strip()))))
    return _scattered(wanted, lower, text)


def score(query: str, text: str) -> float:
    """How well `text` fits as one number to rank by: 0 if it does not, 1 for scattered letters, 3 for a beginning."""
    found = match(query, text)
    return 0.0 if found is None else max(found.score, 1.0) / 50


def _scattered(wanted: str, lower: str, text: str) -> Match | None:
    positions: list[int] = []
    score, start = 0.0, 0
    for letter in wanted:
        at = _next(letter, lower, text, start)
        if at < 0:
            return None
        score += 8 if _begins_word(text, at) else 4 if positions and at == positions[-1] + 1 else 0
        score -= (at - start) * 0.2
        positions.append(at)
        start = at + 1
    return Match(score - len(text) * 0.1, tuple(positions))


def _next(letter: str, lower: str, text: str, start: int) -> int:
    """The next place of the letter; one that begins a word is taken first if the letter right here does not fit."""
    plain = lower.find(letter, start)
    if plain == start or plain < 0:
        return plain
    heads = (i for i in range(start, len(lower)) if lower[i] == letter and _begins_word(text, i))
    return next(heads, plain)


def _begins_word(text: str, at: int) -> bool:
    if at == 0 or not text[at - 1].isalnum():
        return True
    return text[at].isupper() and not text[at - 1].isupper()
