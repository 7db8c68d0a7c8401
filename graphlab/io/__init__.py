"""Files: `.graphlab` archives and plain graph.json, weights, autosaves. Trusts no file, and never loses an old one."""

from .autosave import Autosave, Orphan, orphans
from .files import from_bytes, load, load_bytes, read_preview, save, to_bytes
from .numpy_code import to_numpy
from .onnx_in import from_onnx
from .onnx_out import to_onnx
from .torch_code import to_pytorch

__all__ = [
    "Autosave",
    "Orphan",
    "from_bytes",
    "from_onnx",
    "load",
    "load_bytes",
    "orphans",
    "read_preview",
    "save",
    "to_bytes",
    "to_numpy",
    "to_onnx",
    "to_pytorch",
]
