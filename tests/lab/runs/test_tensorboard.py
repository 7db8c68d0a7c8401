"""What is exported for TensorBoard, opened with TensorBoard's own reader: every number is the same."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab.data import xor
from graphlab.engine import Trainer
from graphlab.engine.training import Report
from graphlab.errors import GraphlabError, SaveError
from graphlab.lab.runs import KeptRun, Labels, RunFolder, RunWriter, Start
from graphlab.lab.runs.tensorboard import BINS, curves, export
from tests.lab.runs.test_keeping import drawn

pytest.importorskip("tensorboardX")


@pytest.fixture
def run(tmp_path: Path) -> KeptRun:
    """200 real steps, with reports, odd numbers among them."""
    graph = drawn()
    trainer = Trainer(graph, data=xor())
    writer = RunWriter(
        tmp_path / "runs", Start(graph.document, labels=Labels("the best: one", ("good",), "why"))
    )
    for epoch in range(1, 5):
        writer.losses(trainer.steps_done, np.concatenate([trainer.advance(50) for _ in range(50)]), epoch / 2)
        odd = float("nan") if epoch == 3 else 0.5 / epoch
        metrics = {"accuracy": 0.25 * epoch, "r2": -1 / 3}
        writer.epoch(
            Report(epoch, trainer.steps_done, 1 / epoch, metrics, odd, {"accuracy": 1 / 3}, epoch / 2)
        )
    writer.weights(graph.document, trainer.run.weights, trainer.steps_done)
    writer.end("finished")
    (found,) = RunFolder(tmp_path / "runs").runs()
    return found


@pytest.fixture
def read(run: KeptRun, tmp_path: Path) -> Any:
    """The exported run in TensorBoard's reader."""
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    (path,) = export([run], tmp_path / "board")
    assert path == tmp_path / "board" / "the-best-one"
    found = reader.EventAccumulator(str(path), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    return found.Reload()


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_every_number_of_every_curve(run: KeptRun, read: Any) -> None:
    exported = {tag: list(points) for tag, points in curves(run.curve())}
    assert set(read.Tags()["scalars"]) == set(exported)
    assert set(exported) == {
        "loss/step",
        "loss/train",
        "loss/validation",
        "train/accuracy",
        "train/r2",
        "validation/accuracy",
    }
    for tag, points in exported.items():
        found = read.Scalars(tag)
        assert [each.step for each in found] == [step for step, _, _ in points]
        values = np.array([value for _, value, _ in points], np.float32)  # what an event file holds
        assert np.array_equal(np.array([each.value for each in found], np.float32), values, equal_nan=True)
    losses = run.curve().losses
    assert len(losses) == len(exported["loss/step"]) == 200
    steps = read.Scalars("loss/step")
    assert np.array_equal([each.value for each in steps], losses)  # to the bit: they were float32
    assert steps[0].wall_time >= run.head.began
    assert steps[-1].wall_time == pytest.approx(run.head.began + 2.0, abs=1e-3)


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_the_histograms_of_all_weights(run: KeptRun, read: Any) -> None:
    weights = run.weights()
    assert set(read.Tags()["histograms"]) == {f"weights/{name}" for name in weights}
    for name, values in weights.items():
        (event,) = read.Histograms(f"weights/{name}")
        told = event.histogram_value
        assert event.step == run.figures.steps
        assert told.num == values.size
        assert (told.min, told.max) == (values.min(), values.max())
        assert told.sum == pytest.approx(values.sum(dtype=np.float64), rel=1e-5)
        counts, _ = np.histogram(values, bins=BINS)
        assert sum(told.bucket) == counts.sum()
        assert [n for n in told.bucket if n] == [n for n in counts if n]


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_the_texts(run: KeptRun, read: Any) -> None:
    texts = {
        tag.partition("/")[0]: read.Tensors(tag)[0].tensor_proto.string_val[0].decode()
        for tag in read.Tags()["tensors"]
    }
    assert texts["note"] == "why"
    assert "| lr | 0.01 |" in texts["settings"]
    assert "hidden" in texts["graph"]


def test_a_long_curve_is_thinned_out_to_its_ends(run: KeptRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphlab.lab.runs.tensorboard.MOST", 20)
    tag, points = next(curves(run.curve()))
    steps = [step for step, _, _ in points]
    assert tag == "loss/step"
    assert (len(steps), steps[0], steps[-1]) == (20, 1, 200)


def test_folders_that_are_taken_are_left_alone(run: KeptRun, tmp_path: Path) -> None:
    first, second = (export([run], tmp_path / "board")[0] for _ in range(2))
    assert (first.name, second.name) == ("the-best-one", "the-best-one-2")
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="not a folder"):
        export([run], tmp_path / "file")


def test_without_tensorboardx_it_says_what_to_install(
    run: KeptRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(GraphlabError, match="not installed") as caught:
        export([run], tmp_path / "board")
    assert "graphlab[tensorboard]" in caught.value.hint
    assert not (tmp_path / "board").exists()
