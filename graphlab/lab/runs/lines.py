"""The lines of a run's files, written and read: losses in steps.jsonl, epochs in epochs.jsonl, marks in marks.jsonl.

A line is appended in one write. Whatever dies in the middle of it leaves a broken last line, which a reader leaves out.

    {"first": 1200, "seconds": 3.25, "f4": "…"}     the losses of the steps after 1,200 updates, in order

"f4" (or "f8", where float32 would not hold them) is what `np.frombuffer(base64.b64decode(text), "<f4")` reads. A line
whose `first` is less than what is there replaces what came after: those steps were taken back and done anew. Numbers
that JSON does not know stand as the texts "nan", "inf" and "-inf".
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...engine.training import Report
from ...errors import FileError

Floats = npt.NDArray[np.float64]
LONGEST = 64 << 20  # bytes of a line
MOST = 1 << 31  # and of a file

Record = dict[str, Any]


def line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def losses_line(first: int, losses: Any, seconds: float) -> bytes:
    """Losses as they are, to the bit: as float32 where that holds them."""
    exact = np.asarray(losses, dtype="<f8").reshape(-1)
    with np.errstate(over="ignore"):
        short = exact.astype("<f4")
    kind, held = ("f4", short) if np.array_equal(short, exact, equal_nan=True) else ("f8", exact)
    text = base64.b64encode(held.tobytes()).decode("ascii")
    return line({"first": int(first), "seconds": round(float(seconds), 3), kind: text})


def epoch_line(epoch: Report) -> bytes:
    record: Record = {"epoch": epoch.epoch, "step": epoch.step, "loss": written(epoch.loss)}
    if epoch.metrics:
        record["metrics"] = {name: written(value) for name, value in epoch.metrics.items()}
    if epoch.validation_loss is not None:
        record["validation_loss"] = written(epoch.validation_loss)
        record["validation_metrics"] = {name: written(v) for name, v in epoch.validation_metrics.items()}
    return line({**record, "seconds": written(epoch.seconds)})


def mark_line(step: int, text: str) -> bytes:
    return line({"step": int(step), "text": text})


def written(value: float) -> float | str:
    """A number as JSON has it, or as a text where it has none."""
    value = float(value)
    return value if math.isfinite(value) else str(value)


# Reading: whatever is wrong with a line, it and what follows is left out


def read_losses(path: Path) -> tuple[int, Floats, float]:
    """(updates before the first of them, the loss of every step, seconds of training)."""
    first, size, seconds = 0, 0, 0.0
    store = np.empty(4096)
    for record in records(path):
        try:
            start, values = int(record["first"]), _values(record)
            spent = float(record["seconds"])
        except (KeyError, TypeError, ValueError, OverflowError):
            break
        if size == 0 or not first <= start <= first + size:
            first, size = start, 0
        size = start - first
        need = size + len(values)
        if need > len(store):
            store = np.concatenate([store[:size], np.empty(max(need, 2 * len(store)) - size)])
        store[size:need] = values
        size, seconds = need, max(seconds, spent)
    return first, store[:size].copy(), seconds


def _values(record: Record) -> Floats:
    kind = "f4" if "f4" in record else "f8"
    try:
        data = base64.b64decode(record[kind], validate=True)
    except binascii.Error as error:
        raise ValueError("it is not base64") from error
    return np.frombuffer(data, f"<{kind}").astype(np.float64)


def read_epochs(path: Path) -> list[Report]:
    """Every epoch, oldest first; one that was done anew stands for its former self."""
    found: list[Report] = []
    for record in records(path):
        try:
            epoch = _epoch(record)
        except (KeyError, TypeError, ValueError, OverflowError):
            break
        while found and found[-1].epoch >= epoch.epoch:
            found.pop()
        found.append(epoch)
    return found


def _epoch(record: Record) -> Report:
    validation = record.get("validation_loss")
    return Report(
        int(record["epoch"]),
        int(record["step"]),
        float(record["loss"]),
        _numbers(record.get("metrics", {})),
        None if validation is None else float(validation),
        _numbers(record.get("validation_metrics", {})),
        float(record.get("seconds", 0.0)),
    )


def _numbers(raw: Any) -> dict[str, float]:
    return {str(name): float(value) for name, value in dict(raw).items()}


def read_marks(path: Path) -> list[tuple[int, str]]:
    """(step, what was changed) in order."""
    found: list[tuple[int, str]] = []
    for record in records(path):
        try:
            found.append((int(record["step"]), str(record["text"])))
        except (KeyError, TypeError, ValueError, OverflowError):
            break
    return found


def records(path: Path) -> Iterator[Record]:
    """The lines of a file up to the first that is broken; none where there is no file. FileError."""
    try:
        with open(path, "rb") as file:
            left = MOST
            while (text := file.readline(min(LONGEST, left) + 1)).endswith(b"\n"):
                left -= len(text)
                record = _record(text)
                if record is None or left < 0:
                    return
                yield record
    except FileNotFoundError:
        return
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error


def _record(text: bytes) -> Record | None:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
