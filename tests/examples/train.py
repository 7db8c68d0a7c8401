"""Trains the examples that come with parameters: `python -m tests.examples.train` writes resources/trained."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.targets import held_out, trained
from graphlab.io import weight_files
from graphlab.io.examples import example
from graphlab.resources import resource

NAMES = ("spirals", "digits-mlp", "digits-cnn", "lenet-mnist")
SEED = 0


def write() -> None:
    """Writes weights and list."""
    folder = resource("trained")
    folder.mkdir(exist_ok=True)
    lines: list[dict[str, Any]] = []
    for name in NAMES:
        trainer = trained(name, SEED)
        weight_files.write(folder / f"{name}.safetensors", trainer.run.weights)
        share = round(held_out(trainer)[0], 4)
        lines.append({"name": name, "title": example(name).title, "seed": SEED, "accuracy": share})
    text = json.dumps(lines, indent=2, ensure_ascii=False)
    (folder / "index.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
