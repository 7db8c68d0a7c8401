"""All known operations by name. Family files are found by scanning this folder, third-party ones by entry point."""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.metadata
import logging
import pkgutil
from collections.abc import Mapping
from typing import Any, TypeVar

from ..errors import GraphlabError, UnknownOpError
from .base import CATEGORIES, Op

log = logging.getLogger("graphlab.ops")
OpClass = TypeVar("OpClass", bound=type[Op])

_ops: dict[str, type[Op]] = {}
_aliases: dict[str, str] = {}
_scanned = False


def register(cls: OpClass) -> OpClass:
    """Class decorator: makes an operation known to the whole program under its class name."""
    if cls.category not in CATEGORIES:
        raise ValueError(f"{cls.__name__}.category is '{cls.category}', not one of {', '.join(CATEGORIES)}")
    there = _ops.get(cls.__name__)
    if there is not None and there.__module__ != cls.__module__:
        raise ValueError(
            f"{cls.__name__} of {cls.__module__} has the name of an operation of {there.__module__}"
        )
    _ops[cls.__name__] = cls
    _aliases.update(dict.fromkeys(cls.aliases, cls.__name__))
    return cls


def get(name: str) -> type[Op]:
    """The operation of that name or former name. UnknownOpError, with the nearest name, when there is none."""
    _scan()
    name = _aliases.get(name, name)
    if name in _ops:
        return _ops[name]
    words = {word.lower(): op for op, cls in _ops.items() for word in cls.other_names()}
    words |= {op.lower(): op for op in _ops}
    near = difflib.get_close_matches(name.lower(), words, n=1, cutoff=0.5)
    raise UnknownOpError(
        f"There is no operation '{name}'.",
        hint=f"Did you mean {words[near[0]]}?" if near else "`graphlab.ops` lists them.",
    )


def known(name: str) -> bool:
    """Whether an operation of that name (or former name) exists."""
    _scan()
    return name in _ops or name in _aliases


def names() -> list[str]:
    """The names of all operations, by category, then alphabetically."""
    return [cls.__name__ for family in by_category().values() for cls in family]


def by_category() -> dict[str, list[type[Op]]]:
    """All operations, by category in the order of `CATEGORIES`."""
    _scan()
    families: dict[str, list[type[Op]]] = {category: [] for category in CATEGORIES}
    for _, cls in sorted(_ops.items()):
        families[cls.category].append(cls)
    return {category: family for category, family in families.items() if family}


def by_role(role: str) -> type[Op]:
    """The operation with that structural role, such as "group". UnknownOpError when there is none."""
    _scan()
    for cls in _ops.values():
        if cls.role == role:
            return cls
    raise UnknownOpError(f"There is no operation with the role '{role}'.")


def make(name: str, params: Mapping[str, Any]) -> Op:
    """The operation with those params; equal calls share one instance. UnknownOpError, ParamError."""
    cls, items = get(name), tuple(sorted(params.items()))
    try:
        hash(items)
    except TypeError:
        return cls(**params)  # ParamError: no param takes what cannot be hashed, such as a dict
    return _make(cls.__name__, items, _types(items))


@functools.lru_cache(maxsize=4096)
def _make(name: str, params: tuple[tuple[str, Any], ...], types: Any) -> Op:
    return _ops[name](**dict(params))


def _types(value: Any) -> Any:
    """The types inside nested tuples: to a cache 1, 1.0 and True are the same, to a param they are not."""
    return tuple(map(_types, value)) if isinstance(value, tuple) else type(value)


def _scan() -> None:
    global _scanned
    if _scanned:
        return
    _scanned = True
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{__package__}.{module.name}")
    for entry in importlib.metadata.entry_points(group="graphlab.ops"):
        _load_foreign(entry)


def _load_foreign(entry: importlib.metadata.EntryPoint) -> None:
    """A broken third-party package costs its own ops, never the program."""
    try:
        entry.load()
    except (ImportError, AttributeError, GraphlabError, ValueError) as error:
        log.warning("The operations of %s cannot be loaded: %s", entry.value, error)
