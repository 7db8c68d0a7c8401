"""Numbers as a person types them: `1/3`, `sqrt(2)/4`, `-x*2`, where x is the number that stands there now.

The grammar is that of conditions (Python's), with numbers, `x`, `pi`, `e`, + - * / **, parentheses and a few functions;
`×`, `÷`, `·`, `^`, `π`, `√` and a true minus are read as well. `*2`, `/2` and `+= 0.1` begin with what stands there.
Nothing is ever evaluated as Python.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ConditionError
from .conditions import ARITHMETIC, FUNCTIONS, LONGEST

SAMPLE = "For example: 1/3, sqrt(2)/4, 2e-3 or x*2."
NAMES = {"pi": math.pi, "e": math.e, "tau": math.tau}
MORE: dict[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "tanh": math.tanh,
    "log2": math.log2,
    "sigmoid": lambda x: 0.5 * (1 + math.tanh(0.5 * x)),
    "round": round,
}
_KNOWN = FUNCTIONS | MORE
_SIGNS = {"−": "-", "×": "*", "·": "*", "÷": "/", "^": "**", "π": "pi", "√": "sqrt", "\u202f": "", "½": "1/2"}
_BEGINS = ("+=", "-=", "*=", "/=")


def evaluate(text: str, x: float | None = None) -> float:
    """The finite number that a text comes to; `x` is what stands there now, None where nothing does.

    Raises:
        ConditionError: it cannot be read, or comes to no finite number; the message says why, the hint what to write.
    """
    tree = read(text)
    if x is None and reads_x(tree):
        raise ConditionError(
            "There is no x here: no number stands here yet.", hint="Write a number, such as 1/3."
        )
    names = NAMES if x is None else {**NAMES, "x": x}
    try:
        found = _number(tree, names)
    except ZeroDivisionError:
        raise ConditionError(f"“{text.strip()}” divides by zero.", hint=SAMPLE) from None
    except OverflowError:
        raise ConditionError(f"“{text.strip()}” is too large for any number.", hint=SAMPLE) from None
    except (ValueError, TypeError):
        why = "takes a root or logarithm of a number that has none"
        raise ConditionError(f"“{text.strip()}” {why}.", hint=SAMPLE) from None
    if not math.isfinite(found):
        raise ConditionError(f"“{text.strip()}” is not finite.", hint=SAMPLE)
    return found


def read(text: str) -> ast.expr:
    """The tree of a text, all of whose parts are known. ConditionError."""
    plain = _plain(text)
    if not plain or len(plain) > LONGEST:
        raise ConditionError(f"Write a number of at most {LONGEST} characters.", hint=SAMPLE)
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ConditionError(f"“{text.strip()}” cannot be read as a number.", hint=SAMPLE) from None
    _check(tree)
    return tree


def reads_x(tree: ast.expr) -> bool:
    """Whether it depends on what stands there."""
    return any(isinstance(part, ast.Name) and part.id == "x" for part in ast.walk(tree))


def _plain(text: str) -> str:
    """The text in Python's own signs, with the x that a leading sign stands for."""
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    text = text.strip()
    if text[:2] in _BEGINS:
        return f"x{text[0]}({text[2:].strip()})"
    if text[:1] in ("*", "/") and text[:2] != "**":
        return f"x{text[0]}({text[1:].strip()})"
    return text


def _check(part: ast.expr) -> None:
    """ConditionError for whatever is not of this language."""
    if isinstance(part, ast.Constant) and type(part.value) in (int, float):
        return
    if isinstance(part, ast.Name):
        if part.id not in NAMES and part.id != "x":
            known = ", ".join(("x", *NAMES))
            raise ConditionError(f"There is no {part.id} here.", hint=f"There are {known}.")
        return
    for inner in _inside(part):
        _check(inner)


def _inside(part: ast.expr) -> list[ast.expr]:
    if isinstance(part, ast.UnaryOp) and isinstance(part.op, (ast.USub, ast.UAdd)):
        return [part.operand]
    if isinstance(part, ast.BinOp) and type(part.op) in ARITHMETIC:
        return [part.left, part.right]
    if (
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and len(part.args) == 1
        and not part.keywords
    ):
        if part.func.id not in _KNOWN:
            raise ConditionError(
                f"There is no function {part.func.id}.", hint=f"There are {', '.join(sorted(_KNOWN))}."
            )
        return part.args
    raise ConditionError(f"“{ast.unparse(part)}” is not possible in a number.", hint=SAMPLE)


def _number(part: ast.expr, names: Mapping[str, float]) -> float:
    if isinstance(part, ast.Constant):
        return float(str(part.value))
    if isinstance(part, ast.Name):
        return names[part.id]
    if isinstance(part, ast.UnaryOp):
        value = _number(part.operand, names)
        return -value if isinstance(part.op, ast.USub) else value
    if isinstance(part, ast.BinOp):
        found: Any = ARITHMETIC[type(part.op)](_number(part.left, names), _number(part.right, names))
        if isinstance(found, complex):  # a root of a negative number
            raise ValueError
        return float(found)
    assert isinstance(part, ast.Call)
    assert isinstance(part.func, ast.Name)
    return float(_KNOWN[part.func.id](_number(part.args[0], names)))
