"""What the tests of ONNX files share: models made in a few lines, the onnx package's own, and what a graph gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from graphlab.engine import Run
from graphlab.io.onnx_in import Opened, open_onnx

FLOAT, INT64 = 1, 7


def model(nodes, inputs, outputs, weights=None, opset=20, ir=10, title="net"):
    """A ModelProto. `inputs`: shapes by name (a list begins with the type: ["int", 2]); `weights`: arrays by name."""
    from onnx import helper, numpy_helper

    def info(name, shape):
        kind = INT64 if shape and shape[0] == "int" else FLOAT
        return helper.make_tensor_value_info(name, kind, shape[1:] if kind == INT64 else shape)

    graph = helper.make_graph(
        nodes,
        title,
        [info(name, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in (weights or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)


def saved(folder: Path, proto, name="net.onnx") -> Path:
    path = folder / name
    path.write_bytes(proto.SerializeToString())
    return path


def opened(folder: Path, *args, **more) -> Opened:
    """The graph of a model that is made as `model` makes it."""
    return open_onnx(saved(folder, model(*args, **more)))


def ops_in(document) -> dict[str, str]:
    """The op of each node by name, on the document's own sheet."""
    return {node.name: node.op for node in document.nodes.values()}


def package_models(folder: str) -> list[Path]:
    """The models that the onnx package brings along in that folder of its test data."""
    import onnx

    data = Path(onnx.__file__).parent / "backend" / "test" / "data" / folder
    return sorted(data.glob("*.onnx") if folder == "light" else data.glob("*/model.onnx"))


def run_of(found: Opened, dtype: str = "float64") -> Run:
    """A run with the weights of the file, that does not train."""
    run = Run(found.graph, dtype=dtype)
    run.clock.training = False
    for name, array in found.weights.items():
        run.set(name, array)
    return run


def results(path: Path, feeds: dict[str, np.ndarray], dtype: str = "float64") -> list[np.ndarray]:
    """What the graph of a file gives, in the order of its outputs; `feeds` by the names that the file has."""
    return values_of(open_onnx(path), feeds, dtype)


def values_of(found: Opened, feeds: dict[str, np.ndarray], dtype: str = "float64") -> list[np.ndarray]:
    """The same, of a file that was opened."""
    run = run_of(found, dtype)
    run.feed(**{found.inputs[name]: array for name, array in feeds.items()})
    while run.cursor < run.forward_end:
        run.step()
    return [np.array(run.value(name)) for name in found.outputs]
