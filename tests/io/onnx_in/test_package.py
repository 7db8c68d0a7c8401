"""The onnx package's models converted from PyTorch, and its simple ones, with the results that lie beside them.

What we do not do is listed with the reason in not_done.json; one listed there that passes is a failure too.
`python -m tests.io.onnx_in.test_package` writes that list anew, and refuses to while a model gives wrong numbers.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from graphlab.errors import FeedError, NumericsError
from graphlab.io.onnx_in import open_onnx
from tests.io.onnx_in.imported import package_models, values_of

onnx = pytest.importorskip("onnx")
NOT_DONE = Path(__file__).with_name("not_done.json")
FOLDERS = ("pytorch-converted", "pytorch-operator", "simple")
MODELS = [path for folder in FOLDERS for path in package_models(folder)]
REASONS = json.loads(NOT_DONE.read_text(encoding="utf-8"))


def test_every_model_listed_as_not_done_exists():
    assert set(REASONS) <= {name_of(path) for path in MODELS}
    assert all(len(reason) > 10 for reason in REASONS.values())


@pytest.mark.parametrize("path", MODELS, ids=lambda path: name_of(path))
def test_model(path):
    assert why_not(path) == REASONS.get(name_of(path), "")


def name_of(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.parent.name}"


def why_not(path: Path) -> str:
    """Why a model is not done here; "" for one that gives the right numbers. AssertionError for wrong ones."""
    found = open_onnx(path)
    if found.lost:
        return " ".join(dict.fromkeys(found.lost.values()))
    proto = onnx.load(path)
    known = {t.name for t in proto.graph.initializer}
    names = [info.name for info in proto.graph.input]
    for folder in sorted(path.parent.glob("test_data_set_*")):
        feeds = dict(zip(names, stored(folder, "input"), strict=False))  # initialisers come last
        try:
            got = values_of(found, {name: array for name, array in feeds.items() if name not in known})
        except (NumericsError, FeedError) as error:
            return f"Its data: {error.message}"
        for ours, theirs in zip(got, stored(folder, "output"), strict=True):
            assert ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    return ""


def stored(folder: Path, word: str) -> list[np.ndarray]:
    found = []
    for k in range(len(list(folder.glob(f"{word}_*.pb")))):
        tensor = onnx.TensorProto()
        tensor.ParseFromString((folder / f"{word}_{k}.pb").read_bytes())
        found.append(onnx.numpy_helper.to_array(tensor))
    return found


def write_list() -> None:
    reasons = {name_of(path): reason for path in MODELS if (reason := why_not(path))}
    NOT_DONE.write_text(json.dumps(reasons, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_list()
