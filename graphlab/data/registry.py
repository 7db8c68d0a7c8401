"""The data sets by name: `dataset` adds one and its card, `load` makes one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec

from ..errors import DataError
from ..ops.catalogue import Card, card, register_card
from .checks import within
from .dataset import Data
from .givers import gives

P = ParamSpec("P")

_makers: dict[str, Callable[..., Data]] = {}


def dataset(made: Card, licence: str = "") -> Callable[[Callable[P, tuple[Any, Any]]], Callable[P, Data]]:
    """Decorator: turns a function that returns (x, target) into a data set that the whole program can name.

    The function's arguments are the parameters of the card; they are checked against its bounds before it
    runs.
    """

    def decorate(make: Callable[P, tuple[Any, Any]]) -> Callable[P, Data]:
        signature = inspect.signature(make)

        @functools.wraps(make)
        def maker(*args: P.args, **kwargs: P.kwargs) -> Data:
            call = signature.bind(*args, **kwargs)
            call.apply_defaults()
            given = {
                name: within(name, value, made.parameters[name]) for name, value in call.arguments.items()
            }
            x, target = make(**given)  # type: ignore[call-arg, arg-type]  # the signature was bound above
            data = Data(
                x,
                target,
                made.name,
                made.classes,
                description=made.description,
                licence=licence,
                image_shape=made.image_shape,
                held_out=made.held_out,
                by_step=made.target == "mask",
            )
            return data.with_target(made.target_form)

        maker.__signature__ = signature.replace(return_annotation=Data)  # type: ignore[attr-defined]
        register_card(made)
        _makers[made.name] = maker
        return maker

    return decorate


def names() -> list[str]:
    """Every data set: published figures, then those made from a seed."""
    return list(_makers)


def load(name: str, layout: str = "flat", target: str = "", **parameters: Any) -> Data:
    """The data set of that name, in that layout ("flat" or "image") and target form ("" is what suits the
    set).

    DataError for an unknown name (with the nearest one), a parameter the set does not take or cannot have,
    or a layout or form it does not come in.
    """
    known = card(name)
    if unknown := sorted(set(parameters) - set(known.parameters)):
        takes = f"It takes {', '.join(known.parameters)}." if known.parameters else "It takes none."
        raise DataError(f"The data set {name} has no parameter '{unknown[0]}'.", hint=takes)
    data = _makers[name](**parameters).with_layout(layout)
    return data.with_target(target) if target else data


@gives("catalogue")
def _of_catalogue(op: Any) -> Data:
    """The data set that a Dataset node names."""
    return load(op.dataset, op.layout, op.target_form(), **op.settings())
