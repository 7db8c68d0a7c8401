"""Recording what an operation does, so that it can be done again without the Python around it.

Most operations are a few NumPy calls on arrays that never change their place. Such a call is watched once, through an
array type that notes every NumPy function applied to it, and from then on the noted functions are called directly. On
tiny networks this halves the time of a step. What is noted is bit for bit what the operation did; whatever cannot be
noted safely (a value looked at, an array made anew, randomness) leaves the operation as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops import Context, Op

Array = npt.NDArray[Any]
Call = Callable[[], Any]

# What an operation may ask of an array without the answer depending on the numbers in it.
_HARMLESS = frozenset(
    [
        "shape",
        "ndim",
        "size",
        "dtype",
        "itemsize",
        "nbytes",
        "strides",
        "flags",
        "T",
        "base",
        "reshape",
        "transpose",
        "swapaxes",
        "dot",
        "clip",
        "take",
        "put",
        "argmax",
        "_noted_method",
        "__class__",
        "__array_ufunc__",
        "__array_function__",
        "__array_finalize__",
        "__array_priority__",
        "__array_interface__",
        "__array_struct__",
        "__array_wrap__",
        "view",
        "tape",
        "__dict__",
    ]
)
_CONTEXT = frozenset(
    [
        "scratch",
        "passing",
        "ones",
        "kept",
        "state",
        "next_state",
        "training",
        "in_pieces",
        "zero",
        "half",
        "one",
        "dtype",
        "node",
    ]
)


class Tape:
    """The calls noted so far, and what they wrote; `is_faithful` turns False when something cannot be noted.

    `seen` counts all that were seen, noted or not.
    """

    def __init__(self, known: Iterable[Array] = ()) -> None:
        self.calls: list[Call] = []
        self.tests: list[Call] = []
        self.written: list[Array] = []
        self.known = {id(array) for array in known}
        self._ones: dict[Any, Array] = {}
        self.is_faithful = True
        self.seen = 0

    def spoil(self) -> None:
        self.is_faithful = False

    def note(self, written: Array, function: Callable[..., Any], /, *args: Any, **more: Any) -> None:
        self.calls.append(partial(function, *args, **more))
        self.written.append(written)

    def knows(self, value: Any) -> bool:
        """Watched arrays keep their place and Python numbers their value; anything else was made on the way.

        A np.float64 is a float too, but one that was worked out, maybe from the numbers of an array.
        """
        if isinstance(value, (Watched, int, float)):
            return not isinstance(value, np.generic)
        return id(value) in self.known

    def one(self, plain: Array) -> Array:
        """The first array that looked at the same memory in the same way.

        Where input and output are one object, NumPy need not find out how they overlap: 130 ns.
        """
        where = (plain.__array_interface__["data"][0], plain.shape, plain.strides, plain.dtype)
        return self._ones.setdefault(where, plain)

    def forget(self) -> None:
        """Lets go of all that it noted.

        What was watched knows its tape, and noted calls hold plain views of what was watched: a circle through plain
        arrays, which Python's collector does not see through.
        """
        self.calls, self.tests, self.written = [], [], []
        self.known, self._ones = set(), {}

    def wrote(self, array: Array) -> bool:
        return any(np.may_share_memory(array, out) for out in self.written)


class Watched(np.ndarray[Any, Any]):
    """An array that notes on its tape what is done to it."""

    tape: Tape | None

    def __array_finalize__(self, made_from: Any) -> None:
        tape = getattr(made_from, "tape", None)
        self.__dict__["tape"] = tape
        if tape is not None and not np.may_share_memory(_plain(self), _plain(made_from)):
            tape.spoil()  # a copy: its content would be that of the recording

    def __getattribute__(self, name: str) -> Any:
        if name not in _HARMLESS:
            tape = super().__getattribute__("__dict__").get("tape")
            if tape is not None:
                tape.spoil()
        return super().__getattribute__(name)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **more: Any) -> Any:
        out = more.pop("out", ())
        arrays, results = [_plain(a) for a in inputs], tuple(_plain(a) for a in out)
        done = getattr(ufunc, method)(*arrays, **more, **({"out": results} if results else {}))
        tape = _tape_of((*inputs, *out))
        if tape is None:
            return done
        tape.seen += 1
        if not results or more.get("where", True) is not True or not all(map(tape.knows, inputs)):
            tape.spoil()
        elif method == "__call__":
            values = _as_arrays(arrays, results[0])
            if ufunc in (np.maximum, np.minimum):  # which take no third position
                tape.note(results[0], ufunc, *values, **more, out=results[0])
            else:
                tape.note(results[0], ufunc, *values, *results, **more)
        else:
            tape.note(results[0], getattr(ufunc, method), *arrays, **more, out=results[0])
        return out[0] if len(out) == 1 else done

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        tape = _tape_of(args) or _tape_of(kwargs.values())
        if tape is not None:
            tape.seen += 1
            values = (*args, *kwargs.values())
            if function is np.copyto and kwargs.keys() <= {"where"} and all(map(tape.knows, values)):
                named = {name: _plain(value) for name, value in kwargs.items()}
                tape.note(_plain(args[0]), np.copyto, *(_plain(a) for a in args), **named)
            else:
                tape.spoil()
        return function(*_plainly(args), **{name: _plainly(value) for name, value in kwargs.items()})

    def dot(self, other: Any, out: Any = None) -> Any:
        mine, its = _plain(self), _plain(other)
        tape = _tape_of((self, other, out))
        if tape is not None:
            tape.seen += 1
        if out is None:
            if tape is not None:
                tape.spoil()
            return mine.dot(its)
        target = _plain(out)
        mine.dot(its, target)
        if tape is not None:
            if tape.knows(other):
                tape.note(target, mine.dot, its, target)
            else:
                tape.spoil()
        return out

    def clip(self, *args: Any, **more: Any) -> Any:
        """Noted as x.clip(low, high, out) with two Python numbers."""
        mine, plain = _plain(self), [_plain(a) for a in args]
        done = mine.clip(*plain, **more)
        if self.tape is not None:
            self.tape.seen += 1
            if len(args) == 3 and not more and all(isinstance(a, (int, float)) for a in args[:2]):
                self.tape.note(plain[2], mine.clip, *plain)
            else:
                self.tape.spoil()
        return args[2] if len(args) == 3 else done

    def take(self, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
        """Noted as x.take(indices, axis, out, "clip"), which asks nothing of the indices."""
        return self._noted_method("take", (indices, axis, out, mode), out, mode == "clip")

    def put(self, indices: Any, values: Any, mode: Any = "raise") -> None:
        """Noted as x.put(indices, values, "clip")."""
        self._noted_method("put", (indices, values, mode), self, mode == "clip")

    def argmax(self, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        """Noted as x.argmax(axis, out)."""
        if keepdims:
            return self._looked_at(_plain(self).argmax(axis, out=_plain(out), keepdims=keepdims))
        return self._noted_method("argmax", (axis, out), out, True)

    def _noted_method(self, name: str, args: Sequence[Any], out: Any, may_be_noted: bool) -> Any:
        plain = [_plain(a) for a in args]
        method = getattr(_plain(self), name)
        done = method(*plain)
        tape = _tape_of((self, *args))
        if tape is not None:
            known = all(tape.knows(a) for a in args if a is not None and not isinstance(a, str))
            if out is not None and may_be_noted and known:
                tape.note(_plain(out), method, *plain)
            else:
                tape.spoil()
        return done if out is None else out

    def __getitem__(self, index: Any) -> Any:
        found = _plain(self)[index]
        if _is_plain_index(index) and isinstance(found, np.ndarray) and self.tape is not None:
            return watched(found, self.tape)
        return self._looked_at(found)

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.tape is not None:
            self.tape.spoil()
        _plain(self)[index] = _plain(value)

    def __float__(self) -> float:
        return float(self._looked_at(_plain(self)))

    def __int__(self) -> int:
        return int(self._looked_at(_plain(self)))

    def __bool__(self) -> bool:
        return bool(self._looked_at(_plain(self)))

    def __index__(self) -> int:
        return int(self._looked_at(_plain(self)))

    def __iter__(self) -> Any:
        return iter(self._looked_at(_plain(self)))

    def _looked_at(self, answer: Any) -> Any:
        tape = self.__dict__.get("tape")
        if tape is not None:
            tape.spoil()
        return answer


class WatchedContext:
    """A context whose scratch and state arrays are watched, and whose randomness spoils the tape.

    The training flag may be asked: a recording holds for one answer, and whoever keeps it sees to that.
    """

    def __init__(self, context: Context, tape: Tape) -> None:
        self._context, self._tape = context, tape

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._context, name)
        if name == "holds":
            return self._holds
        if name not in _CONTEXT:
            self._tape.spoil()
            return value
        if name in ("scratch", "passing", "ones", "kept", "state", "next_state"):
            return lambda *args: _watch(value(*args), self._tape)
        return _watch(value, self._tape)

    def _holds(self, test: Callable[..., bool], *args: Any) -> bool:
        """Will be asked before anything else is done, so it must not be about what the operation itself has written."""
        plain, tape = [_plain(a) for a in args], self._tape
        answer = test(*plain)
        is_written = any(isinstance(a, np.ndarray) and tape.wrote(a) for a in plain)
        if answer and not is_written and all(map(tape.knows, args)):
            tape.tests.append(partial(test, *plain))
        else:
            tape.spoil()
        return answer


class Tested(partial[Any]):
    """An operation's bound call that does what was noted as long as the tests hold; else all of the operation."""

    noted: list[Call]
    tests: list[Call]

    def __call__(self) -> None:
        for test in self.tests:
            if not test():
                super().__call__()
                return
        for call in self.noted:
            call()


def record_all(calls: Iterable[partial[Any]], results: Callable[[partial[Any]], list[Array]]) -> list[Call]:
    """Carries out bound calls one after the other; returns a list that does the same, with less Python in it.

    `results(call)` names the arrays that a call fills. Use it only after every call has been carried out before, so
    that what an operation does once (filling a scratch array) is done.
    """
    done: list[Call] = []
    for call in calls:
        noted = record(call.func, call.args, call.keywords, results(call))
        done += [call] if noted is None else noted
    return done


def record(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    named: Mapping[str, Any],
    results: Iterable[Array],
    known: Iterable[Array] = (),
) -> list[Call] | None:
    """Carries out `function(*args, **named)` and returns the NumPy calls it made; None when they cannot be noted.

    Every array of `results` must be written by one of them; an operation that hid its work is left as it is. `known`
    are arrays that it has from elsewhere, to be read only, and that keep their place like its arguments.
    """
    tape = Tape(known)
    try:
        _watch_call(tape, function, args, named)
        if not tape.is_faithful or not all(tape.wrote(array) for array in results):
            return None
        if not tape.tests:
            return tape.calls
        tested = Tested(function, *args, **named)
        tested.noted, tested.tests = tape.calls, tape.tests
        return [tested]
    finally:
        tape.forget()


def count_calls(call: Call) -> int:
    """How many NumPy calls it is: 1 for a noted one; for an operation's, which is carried out, as many as are seen.

    What an operation does to arrays that it has made on the way is not seen.
    """
    function: Any = getattr(call, "func", None)
    if not isinstance(getattr(function, "__self__", None), Op):
        return 1
    bound: Any = call
    tape = Tape()
    _watch_call(tape, function, bound.args, bound.keywords)
    tape.forget()
    return tape.seen


def _watch_call(
    tape: Tape, function: Callable[..., Any], args: tuple[Any, ...], named: Mapping[str, Any]
) -> None:
    """Carries it out, noted on the tape."""
    function(*(_watch(a, tape) for a in args), **{name: _watch(a, tape) for name, a in named.items()})


def watched(array: Array, tape: Tape) -> Watched:
    """The same memory as an array that notes on `tape`."""
    found = array.view(Watched)
    found.__dict__["tape"] = tape
    return found


def _watch(value: Any, tape: Tape) -> Any:
    if isinstance(value, Context):
        return WatchedContext(value, tape)
    if isinstance(value, list):
        return [_watch(v, tape) for v in value]
    return watched(value, tape) if isinstance(value, np.ndarray) else value


def _plain(value: Any) -> Any:
    if not isinstance(value, Watched):
        return value
    plain = np.ndarray.view(value, np.ndarray)
    tape = value.__dict__["tape"]
    return plain if tape is None else tape.one(plain)


def _plainly(values: Any) -> Any:
    """Watched arrays made plain, also inside lists and tuples."""
    if isinstance(values, (list, tuple)):
        return type(values)(_plainly(v) for v in values)
    return _plain(values)


def _tape_of(values: Any) -> Tape | None:
    for value in values:
        if isinstance(value, Watched):
            return value.__dict__["tape"]  # type: ignore[no-any-return]
        if isinstance(value, (list, tuple)) and (found := _tape_of(value)) is not None:
            return found
    return None


def _as_arrays(values: list[Any], out: Array) -> list[Any]:
    """Python numbers as 0-d arrays of the arrays' type, which NumPy takes in half the time, where that is the same."""
    types = {value.dtype for value in values if isinstance(value, np.ndarray)}
    kind = next(iter(types), out.dtype)
    if len(types) > 1 or kind.kind != "f" or out.dtype not in (kind, bool):
        return values
    return [np.array(value, kind) if isinstance(value, (int, float)) else value for value in values]


def _is_plain_index(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or isinstance(part, (int, slice)) for part in parts)
