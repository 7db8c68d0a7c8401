"""The networks that are measured: each once, as a PyTorch model, and drawn from it as our graph.

One file a family. Whoever computes a network, ours and the peers alike, begins with the model's weights.
"""

from .alexnet import alexnet
from .attention import encoder_layer
from .convolutional import digits_cnn, lenet
from .fully_connected import mlp
from .recurrent import elman_by_hand, fused, unrolled
from .residual import resnet18, resnet50
from .scalar import micrograd_demo
from .vgg import vgg16
from .workload import Workload

__all__ = [
    "Workload",
    "alexnet",
    "digits_cnn",
    "elman_by_hand",
    "encoder_layer",
    "fused",
    "lenet",
    "micrograd_demo",
    "mlp",
    "resnet18",
    "resnet50",
    "unrolled",
    "vgg16",
]
