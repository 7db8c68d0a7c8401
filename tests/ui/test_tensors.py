"""The store of newest tensors, and who watches what."""

import gc

import numpy as np

from graphlab.engine.messages import Frame, Stats, Tensor, TensorKey, Watched
from graphlab.ui.tensors import Tensors, Wishes

NO_STATS = Stats(0, 0, 0, 0, 0, 0, 0, 0)


class Owner:
    pass


def tensor(kind: str, node: str, socket: str) -> Tensor:
    return Tensor(TensorKey(kind, node, socket), (2,), "float32", True, NO_STATS, np.zeros(2))


def test_the_union_asks_for_each_tensor_once_with_the_greatest_limit() -> None:
    wishes, a, b = Wishes(), Owner(), Owner()
    key, other = TensorKey("value", "n1", "y"), TensorKey("grad", "n1", "y")
    wishes.set(a, [key, other], 10)
    wishes.set(b, [Watched(key, 500)], 10)
    assert wishes.union() == (Watched(other, 10), Watched(key, 500))


def test_setting_the_same_wishes_again_is_no_change() -> None:
    wishes, a = Wishes(), Owner()
    assert wishes.set(a, [TensorKey("value", "n1", "y")], 10)
    assert not wishes.set(a, [TensorKey("value", "n1", "y")], 10)


def test_an_owner_that_is_gone_wishes_nothing() -> None:
    wishes, a = Wishes(), Owner()
    wishes.set(a, [TensorKey("value", "n1", "y")], 10)
    del a
    gc.collect()
    assert wishes.union() == ()


def test_without_a_socket_the_first_one_is_meant() -> None:
    tensors = Tensors()
    tensors.take(Frame(1, 0, (tensor("value", "n1", "x"), tensor("value", "n1", "target"))))
    found = tensors.get("value", "n1")
    assert found is not None
    assert found.key.socket == "x"
    assert tensors.get("grad", "n1") is None


def test_after_an_edit_what_stayed_is_kept_but_not_fresh() -> None:
    tensors = Tensors()
    tensors.take(Frame(1, 0, (tensor("value", "n1", "y"), tensor("value", "n2", "y"))))
    tensors.outdate({"n1": None})
    stayed = tensors.get("value", "n1")
    assert stayed is not None
    assert not stayed.fresh
    assert tensors.get("value", "n2") is None


def test_the_first_frame_of_another_version_forgets_what_it_leaves_out() -> None:
    tensors = Tensors()
    tensors.take(Frame(1, 0, (tensor("value", "n1", "y"), tensor("value", "n2", "y"))))
    assert tensors.take(Frame(2, 0, (tensor("value", "n1", "y"),))) == {"n1", "n2"}
    assert tensors.get("value", "n2") is None
    assert tensors.take(Frame(2, 0, ())) == set()
    assert tensors.get("value", "n1") is not None
