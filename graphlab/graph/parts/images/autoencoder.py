"""Autoencoders: a picture squeezed through a few numbers, and drawn again from them."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import note, port, setting
from .row import NETWORKS, Draw, Row, part

_WIDTH, _CODE = 250, 30


def _dense_encoder(g: Graph) -> None:
    row = Row(g, port(g, "x", 0, 0))
    row.op("Flatten", "flatten")
    for k, times in enumerate((4, 2, 1), 1):
        row.op("Linear", f"fc{k}", units=_WIDTH * times)
        row.op("ReLU", f"relu{k}")
    row.op("Linear", "narrow", units=_CODE)
    row.end("code")
    setting(g, "width", *((f"fc{k}", "units", times) for k, times in enumerate((4, 2, 1), 1)))
    setting(g, "code", ("narrow", "units", 1))
    note(g, "**Encoder**: ever fewer units, down to the code.", -0.6, 3.0, 40)


def _dense_decoder(g: Graph) -> None:
    row = Row(g, port(g, "code", 0, 0))
    for k, times in enumerate((1, 2, 4), 1):
        row.op("Linear", f"fc{k}", units=_WIDTH * times)
        row.op("ReLU", f"relu{k}")
    row.op("Linear", "picture", units=784)
    row.op("Sigmoid", "grey")
    row.op("Reshape", "image", shape=("N", 1, 28, 28))
    row.end()
    setting(g, "width", *((f"fc{k}", "units", times) for k, times in enumerate((1, 2, 4), 1)))
    note(g, "**Decoder**: the same way back, from the code to every pixel.", -0.6, 3.0, 40)


def _whole(g: Graph, encoder: Draw, decoder: Draw, kind: str, words: str) -> None:
    row = Row(g, port(g, "x", 0, 0))
    code = row.group(f"{kind} encoder", encoder, "encoder")
    row.group(f"{kind} decoder", decoder, "decoder")
    row.end()
    port(g, "code", 3, 1.2, code)
    setting(g, "code", ("encoder", "code", 1))
    setting(g, "width", ("encoder", "width", 1), ("decoder", "width", 1))
    note(g, words, -1.0, 3.6, 80)


@part(
    "deep-autoencoder",
    "Deep autoencoder",
    *NETWORKS,
    "y = decoder(code), code = encoder(x)",
    ("Hinton", "encoder-decoder", "bottleneck"),
    year=2006,
    gives=("y", "code"),
)
def autoencoder(g: Graph) -> None:
    """Draws a picture again from thirty numbers, so those must say all that matters: dense layers down, and up again.

    x is N×1×28×28 between 0 and 1; y the same, to be compared with x by MSELoss; `code` N×code. 2,837,314 parameters.
    (Layers 784-1000-500-250-30 of Hinton and Salakhutdinov 2006, "Reducing the dimensionality of data with neural
    networks", with ReLU in the place of the logistic function)
    """
    words = (
        "**Deep autoencoder**: nobody says what is in the pictures. What *encoder* makes of one is all that *decoder* "
        "gets to draw it again, so it becomes a short description of it."
    )
    _whole(g, _dense_encoder, _dense_decoder, "Dense", words)


def _conv_encoder(g: Graph) -> None:
    row = Row(g, port(g, "x", 0, 0))
    for k, times in enumerate((1, 2), 1):
        row.op("Conv2d", f"conv{k}", out_channels=16 * times, kernel_size=3, stride=2, padding=1)
        row.op("ReLU", f"relu{k}")
    row.op("Conv2d", "narrow", out_channels=8, kernel_size=1)
    row.end("code")
    setting(g, "width", *((f"conv{k}", "out_channels", times) for k, times in enumerate((1, 2), 1)))
    setting(g, "code", ("narrow", "out_channels", 1))
    words = "**Encoder**: half the height and width, twice; then few channels."
    note(g, words, -0.6, 3.0, 40)


def _conv_decoder(g: Graph) -> None:
    row = Row(g, port(g, "code", 0, 0))
    for k, times in enumerate((2, 1), 1):
        size = {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}
        row.op("ConvTranspose2d", f"up{k}", out_channels=16 * times, **size)
        row.op("ReLU", f"relu{k}")
    row.op("Conv2d", "picture", out_channels=1, kernel_size=3, padding=1)
    row.op("Sigmoid", "grey")
    row.end()
    setting(g, "width", *((f"up{k}", "out_channels", times) for k, times in enumerate((2, 1), 1)))
    setting(g, "channels", ("picture", "out_channels", 1))
    note(g, "**Decoder**: twice the height and width, twice; then a picture.", -0.6, 3.0, 40)


@part(
    "conv-autoencoder",
    "Convolutional autoencoder",
    *NETWORKS,
    "y = decoder(code), code = encoder(x)",
    ("encoder-decoder", "denoising", "transposed convolution"),
    year=2011,
    gives=("y", "code"),
)
def conv_autoencoder(g: Graph) -> None:
    """Squeezes a picture into a small one of a few channels, and draws it again: convolutions down, transposed ones up.

    x is N×1×H×W between 0 and 1, with H and W multiples of 4; y the same, to be compared with x by MSELoss; `code` is
    N×code×H/4×W/4. (Masci et al. 2011, "Stacked convolutional auto-encoders for hierarchical feature extraction")
    """
    words = (
        "**Convolutional autoencoder**: the code keeps its places, a small picture of a few channels. Feed it noisy "
        "pictures and compare with clean ones, and it learns to clean."
    )
    _whole(g, _conv_encoder, _conv_decoder, "Convolutional", words)
    setting(g, "channels", ("decoder", "channels", 1))
