"""Networks for pictures: their parameters are as many as published, and their settings make others of them."""

from __future__ import annotations

import math
import time

import pytest

from graphlab.engine import infer
from graphlab.graph import Graph, parts
from graphlab.graph.codec import from_bytes, to_bytes
from graphlab.graph.groups import settings_of

LARGE, SMALL = (3, 224, 224), (3, 32, 32)
# key: (x, y, parameters, who says so)
PUBLISHED = {
    "lenet-5-1998": ((1, 32, 32), (10,), 60_000, "LeCun et al. 1998, section II.B"),
    "lenet-5": ((1, 28, 28), (10,), 61_706, "156 + 2,416 + 48,120 + 10,164 + 850"),
    "alexnet": (LARGE, (1000,), 60_965_224, "Krizhevsky et al. 2012 (“60 million”); ONNX's bvlc_alexnet"),
    "vgg-11": (LARGE, (1000,), 132_863_336, "torchvision vgg11; the paper's table 2: 133 million"),
    "vgg-16": (LARGE, (1000,), 138_357_544, "torchvision vgg16; the paper's table 2: 138 million"),
    "vgg-19": (
        LARGE,
        (1000,),
        143_667_240,
        "torchvision vgg19; ONNX's vgg19; the paper's table 2: 144 million",
    ),
    "resnet-18": (LARGE, (1000,), 11_689_512, "torchvision resnet18"),
    "resnet-34": (LARGE, (1000,), 21_797_672, "torchvision resnet34"),
    "resnet-50": (LARGE, (1000,), 25_557_032, "torchvision resnet50; ONNX's resnet50"),
    "resnet-18-32": (SMALL, (10,), 11_173_962, "ResNet18 of kuangliu/pytorch-cifar"),
    "resnet-20": (
        SMALL,
        (10,),
        272_474,
        "He et al. 2016, table 6: 0.27 million; with option B's projections",
    ),
    # Two figures: the paper's network, as BVLC published its weights, and torchvision's, with norms and without 5×5.
    "googlenet": (LARGE, (1000,), 6_998_552, "BVLC GoogLeNet and ONNX's inception_v1"),
    "googlenet-bn": (LARGE, (1000,), 6_624_904, "torchvision googlenet, without its auxiliary classifiers"),
    "squeezenet": (LARGE, (1000,), 1_248_424, "torchvision squeezenet1_0"),
    "squeezenet-light": (LARGE, (1000,), 1_235_496, "torchvision squeezenet1_1; ONNX's squeezenet"),
    "densenet-121": (LARGE, (1000,), 7_978_856, "torchvision densenet121; ONNX's densenet121"),
    "mobilenet": (LARGE, (1000,), 4_231_976, "Howard et al. 2017: 4.2 million; Keras MobileNet, trainable"),
    # zhixuhao/unet has 31,031,685: a 3×3 convolution to 2 channels and a 1×1 one to 1 at the end, 1,157 for our 130.
    "u-net": ((1, 64, 64), (2, 64, 64), 31_031_685 - 1_157 + 130, "zhixuhao/unet, but for its last layer"),
    "u-net-bn": ((3, 64, 64), (2, 64, 64), 31_037_698, "milesial/Pytorch-UNet"),
    "deep-autoencoder": ((1, 28, 28), (1, 28, 28), 2_837_314, "784-1000-500-250-30 and back, with biases"),
    "vit-b-16": (LARGE, (1000,), 86_567_656, "torchvision vit_b_16"),
}
OURS = {
    "resnet-8": (SMALL, (10,)),
    "conv-autoencoder": ((1, 28, 28), (1, 28, 28)),
    "vit-32": (SMALL, (10,)),
}
NETWORKS = [*PUBLISHED, *OURS]


def fed(key: str, x: tuple[int, ...], **settings):
    """What is found of the part with a batch of such pictures, and the document."""
    g = Graph()
    g.add_part(key, g.add("Input", name="x", shape=("N", *x)), name="net", **settings)
    return infer(g.document), g.document


def y_of(key: str, x: tuple[int, ...], **settings):
    found, document = fed(key, x, **settings)
    assert found.problems == ()
    spec = found.specs[document.node("net").id, "y"]
    assert str(spec.shape[0]) == "N"
    return spec.shape[1:]


def spec_at(found, path: str):
    """The shape, without the batch, of what the node at a path computes."""
    (key,) = (key for key, node in found.nodes.items() if node.path == path)
    return found.specs[key, "y"].shape[1:]


def test_every_network_on_the_shelf_is_counted() -> None:
    shelf = [key for key, part in parts.parts().items() if part.family == "Image networks"]
    assert sorted(shelf) == sorted(NETWORKS)


@pytest.mark.parametrize("key", PUBLISHED)
def test_a_network_has_the_published_number_of_parameters(key: str) -> None:
    x, y, parameters, _ = PUBLISHED[key]
    found, document = fed(key, x)
    assert found.problems == ()
    assert found.specs[document.node("net").id, "y"].shape[1:] == y
    assert found.total_parameters == parameters


@pytest.mark.parametrize("key", OURS)
def test_one_of_our_own_gives_what_it_should(key: str) -> None:
    x, y = OURS[key]
    assert y_of(key, x) == y


def test_the_help_of_a_network_tells_its_parameters() -> None:
    for key, (_, _, parameters, _) in PUBLISHED.items():
        about = " ".join(parts.named(key).about.split())
        assert f"{parameters:,}" in about, key


def test_the_layers_of_alexnet_are_as_large_as_the_paper_says() -> None:
    found, _ = fed("alexnet", LARGE)
    names = [*(f"net/conv{k}/relu" for k in range(2, 6)), "net/fc6/linear", "net/fc7/linear", "net/fc8"]
    sizes = [math.prod(spec_at(found, name)) for name in names]
    assert sizes == [186_624, 64_896, 64_896, 43_264, 4_096, 4_096, 1_000]
    assert math.prod(LARGE) == 150_528


def test_alexnet_has_two_groups_where_the_paper_has_them() -> None:
    found, _ = fed("alexnet", LARGE)
    groups = {n.path: n.op.groups for n in found.nodes.values() if n.op_name == "Conv2d"}
    assert [k for k, path in enumerate(groups, 1) if groups[path] == 2] == [2, 4, 5]


def test_the_maps_of_lenet_see_what_the_table_of_1998_says() -> None:
    from graphlab.graph.parts.images.lenet import TABLE, codes

    assert sum(map(len, TABLE)) * 25 + 16 == 1_516
    seen_by = [sum(channel in row for row in TABLE) for channel in range(6)]
    assert seen_by == [10] * 6  # all maps below are used alike
    assert len(set(codes())) == 10
    assert {len(code) for code in codes()} == {7 * 12}


@pytest.mark.parametrize("key", NETWORKS)
def test_width_and_classes_are_settings(key: str) -> None:
    x, y = PUBLISHED[key][:2] if key in PUBLISHED else OURS[key]
    known = parts.named(key).document.promoted
    if key == "lenet-5-1998":  # its table and its codes are for so many maps and these digits
        assert list(known) == ["padding"]
        assert y_of(key, (1, 28, 28), padding=2) == y
        return
    wish = {"classes": 7} if "classes" in known else {}
    full, _ = fed(key, x)
    width = next(name for name in ("width", "growth") if name in known)
    g = Graph()
    node = g.add_part(key)
    before = settings_of(g.document, node.node)[width]
    thin, document = fed(key, x, **wish, **{width: before // 2})
    assert thin.problems == ()
    assert thin.total_parameters < 0.6 * full.total_parameters
    assert thin.specs[document.node("net").id, "y"].shape[1:] == ((7, *y[1:]) if wish else y)


@pytest.mark.parametrize(
    ("key", "x", "settings"),
    [
        ("alexnet", (3, 64, 64), {"width": 4, "hidden": 64, "classes": 10}),
        ("vgg-16", SMALL, {"width": 16, "hidden": 128, "classes": 10}),
        ("resnet-50", SMALL, {"width": 16, "classes": 10}),
        ("googlenet", (3, 64, 64), {"width": 2, "classes": 10}),
        ("squeezenet", (3, 64, 64), {"width": 4, "classes": 10}),
        ("densenet-121", SMALL, {"growth": 8, "classes": 10}),
        ("mobilenet", SMALL, {"width": 8, "classes": 10}),
        ("vit-32", SMALL, {"patch": 8, "width": 48, "hidden": 96}),
    ],
)
def test_settings_make_a_variant_for_small_pictures(key, x, settings) -> None:
    assert y_of(key, x, **settings) == (10,)


def test_blocks_of_one_form_are_one_definition_with_weights_of_their_own() -> None:
    found, document = fed("resnet-50", LARGE)
    names = [d.name for d in document.definitions.values()]
    assert len(set(names)) == len(names)
    assert names.count("Bottleneck block") == 1
    paths = {found.nodes[key].path for key, _ in found.learnables}
    assert len({path for path in paths if path.endswith("/conv2")}) == 16


def test_names_in_a_residual_network_are_those_of_torchvision() -> None:
    found, _ = fed("resnet-18", LARGE)
    paths = {f"{found.nodes[key].path.removeprefix('net/')}.{socket}" for key, socket in found.learnables}
    for name in (
        "conv1.weight",
        "bn1.bias",
        "layer1/0/conv1.weight",
        "layer2/0/downsample/0.weight",
        "layer2/0/downsample/1.bias",
        "layer4/1/bn2.weight",
        "fc.bias",
    ):
        assert name in paths
    assert len(paths) == 62


def test_the_largest_networks_open_at_once_from_a_small_file() -> None:
    for key in ("resnet-50", "densenet-121", "vgg-19"):
        g = Graph()
        g.add_part(key, g.add("Input", name="x", shape=("N", *LARGE)))
        stored = to_bytes(g.document)
        assert len(stored) < 60_000
        began = time.perf_counter()
        found = infer(from_bytes(stored))
        assert found.problems == ()
        assert time.perf_counter() - began < 3


def test_as_many_groups_as_channels_is_one_setting() -> None:
    assert y_of("separable-block", (48, 8, 8), channels=48, width=20, stride=2) == (20, 4, 4)
