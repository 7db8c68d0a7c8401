"""ONNX files become graphs: operators as nodes, weights as parameters, repeated blocks as groups."""

from .opening import Opened, open_onnx
from .file import SUFFIX

__all__ = ["SUFFIX", "Opened", "open_onnx"]
