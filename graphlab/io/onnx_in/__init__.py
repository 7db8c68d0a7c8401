"""ONNX files become graphs: operators as nodes, weights as parameters, repeated blocks as groups.

`file` and `tensors` read what may be damaged or hostile, `model` makes plain records of it, `older` and `rewriting`
bring operators into today's form, `folding` works out what is known beforehand, `sheet` draws the rest as nodes.
`blocks` finds what repeats, `groups` makes a document of it. The onnx package is imported when a file is read.
"""

from .file import is_onnx
from .opening import Opened, from_onnx, lost_in, open_onnx

__all__ = ["Opened", "from_onnx", "is_onnx", "lost_in", "open_onnx"]
