"""Lines of Python as formatters lay them out: in double quotes, and what is too long in several lines."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

WIDTH = 88
INDENT = "    "
OPENING, CLOSING = "([{", ")]}"


def wrapped(text: str, level: int, comment: str = "") -> Iterator[str]:
    """A statement at that level of indentation; the comment behind it where there is room."""
    text = _plain(text)
    indent = INDENT * level
    lead = len(text) - len(text.lstrip())
    indent, text = indent + text[:lead], text[lead:]
    if len(indent) + len(text) > WIDTH:
        yield from _split(text, indent)
    elif comment and len(indent) + len(text) + len(comment) + 4 <= WIDTH:
        yield f"{indent}{text}  # {comment}"
    else:
        yield f"{indent}{text}"


def _plain(text: str) -> str:
    """Strings in double quotes."""
    if "'" not in text:
        return text
    found, last = [], 0
    for token in tokenize.generate_tokens(io.StringIO(text.strip()).readline):
        if token.type == tokenize.STRING and token.string[0] == "'" and '"' not in token.string:
            start, end = (token.start[1], token.end[1])
            found += [text.strip()[last:start], '"' + token.string[1:-1] + '"']
            last = end
    lead = len(text) - len(text.lstrip())
    return text[:lead] + "".join(found) + text.strip()[last:]


def _split(text: str, indent: str) -> Iterator[str]:
    """In the last bracket that is open at the outermost level: what is in it on a line, or one to a line."""
    found = _bracket(text)
    if found is None:
        yield from _in_brackets(text, indent)
        return
    start, end = found
    head, inside, tail = text[: start + 1], text[start + 1 : end], text[end:]
    yield f"{indent}{head}"
    inner = indent + INDENT
    parts = _parts(inside)
    is_call = not inside.startswith("*") or len(parts) > 1
    if len(inner) + len(inside) <= WIDTH:
        yield f"{inner}{inside}"
    elif len(parts) == 1 or " for " in inside:
        yield from _split(inside, inner) if len(parts) == 1 else (f"{inner}{inside}",)
    else:
        for part in parts:
            comma = "," if is_call else ""
            lines = [f"{part}"] if len(inner) + len(part) < WIDTH else None
            if lines is None:
                whole = list(_split(part, inner))
                yield from whole[:-1]
                yield f"{whole[-1]}{comma}"
            else:
                yield f"{inner}{part}{comma}"
    yield f"{indent}{tail}"


def _in_brackets(text: str, indent: str) -> Iterator[str]:
    """A value without brackets gets some: names one to a line, or a sum with each sign in front."""
    head, value = (
        ("return", text[7:])
        if text.startswith("return ")
        else text.split(" = ", 1)
        if " = " in text
        else ("", "")
    )
    if not value:
        yield f"{indent}{text}"
        return
    lead = f"{indent}{head} (" if head == "return" else f"{indent}{head} = ("
    inner, parts = indent + INDENT, _parts(value)
    yield lead
    if len(parts) > 1:
        yield from (f"{inner}{part}," for part in parts)
    elif len(inner) + len(value) <= WIDTH:
        yield f"{inner}{value}"
    else:
        first, *others = value.split(" + ")
        yield f"{inner}{first}"
        yield from (f"{inner}+ {other}" for other in others)
    yield f"{indent})"


def _bracket(text: str) -> tuple[int, int] | None:
    """The last bracket at the outermost level that holds something."""
    depth, start, found = 0, 0, None
    for place, sign in enumerate(text):
        if sign in OPENING:
            start, depth = (place, 1) if not depth else (start, depth + 1)
        elif sign in CLOSING and depth:
            depth -= 1
            if not depth and place > start + 1:
                found = start, place
    return found


def _parts(text: str) -> list[str]:
    """What stands between commas at the outermost level."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign in OPENING) - (sign in CLOSING)
        if sign == "," and not depth:
            parts.append(text[start:place].strip())
            start = place + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]
