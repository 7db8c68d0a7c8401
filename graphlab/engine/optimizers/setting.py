"""The settings of an optimizer: numbers and switches that are checked whenever they are set."""

from __future__ import annotations

import numbers
from typing import Any

from ...errors import SettingsError


class Setting:
    """A number of an optimizer, checked whenever it is set, so that it can be changed while training.

    Assigning what is no number, or is outside [low, high], raises SettingsError. There is no `__get__`: reading it
    is reading a plain attribute, and as fast.
    """

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, optimizer: Any, value: Any) -> None:
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not is_number or not self.low <= value <= self.high:
            raise SettingsError(
                f"{self.name} of {type(optimizer).__name__} cannot be {value!r}.",
                hint=f"It takes a number from {self.low:g} to {self.high:g}.",
            )
        self._put(optimizer, float(value))

    def _put(self, optimizer: Any, value: Any) -> None:
        optimizer.__dict__[self.name] = value
        optimizer.__dict__["is_bound"] = False  # what was made from the former value is made anew


class Switch(Setting):
    """Something about an optimizer that is on or off."""

    def __init__(self) -> None:
        super().__init__(0, 1)

    def __set__(self, optimizer: Any, value: Any) -> None:
        if not isinstance(value, bool):
            raise SettingsError(
                f"{self.name} of {type(optimizer).__name__} cannot be {value!r}.",
                hint="It takes True or False.",
            )
        self._put(optimizer, value)


def setting(low: float, high: float) -> Any:
    """A `Setting`, which type checkers may take for the number that it holds."""
    return Setting(low, high)


def switch() -> Any:
    """A `Switch`, which type checkers may take for the bool that it holds."""
    return Switch()
