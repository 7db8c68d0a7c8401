"""`graphlab train`: figures, settings, saving, the same weights twice, and a clean end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from graphlab import data
from graphlab.engine import OPTIMIZERS
from graphlab.graph import Graph
from graphlab.io import load, save
from graphlab.lab.runs import RunFolder, unsaved_folder
from graphlab.lab.sweeps.seal import TESTS, read_openings


def test_the_closing_lines_give_the_figures_of_every_part(call):
    done = call("train", "digits-mlp", "--epochs", 2)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[-4].split() == ["rows", "loss", "accuracy"]
    assert [line.split()[:2] for line in lines[-3:-1]] == [["train", "1,257"], ["validation", "270"]]
    assert lines[-1] == "Test rows: sealed (270 rows; --test opens them)."
    assert lines[-5].startswith("Trained Digits with an MLP after 2 epochs, 80 steps in ")


def test_test_rows_are_opened_when_asked_for_and_that_is_counted(call, own_home):
    for times in ("once", "twice"):
        lines = call("train", "spirals", "--epochs", 1, "--test", "--no-record").out.splitlines()
        assert lines[-2].split()[:2] == ["test", "60"]
        assert lines[-1] == f"Test rows: opened {times}."
    end = call("train", "spirals", "--epochs", 1, "--test", "--json", "--no-record").json_lines[-1]
    assert (end["test"]["rows"], end["test_rows"], end["opened"]) == (60, 60, 3)
    (book,) = own_home.rglob(TESTS)
    looks = read_openings(book.parent)
    assert {(look.by, look.sweep, look.trial, look.metric, look.rows) for look in looks} == {
        ("training", "", -1, "accuracy", 60)
    }
    assert looks[-1].score == end["test"]["accuracy"]
    later = call("train", "spirals", "--epochs", 1, "--no-record")
    assert later.out.splitlines()[-1] == (
        "Test rows: opened 3 times before, not this time (60 rows; --test opens them)."
    )


def test_the_openings_of_a_file_lie_beside_it(call, tmp_path):
    assert call("new", "--trained", "spirals", "mine").code == 0
    end = call("train", "mine.graphlab", "--epochs", 1, "--json", "--no-record").json_lines[-1]
    assert (end["test_rows"], end["opened"], "test" in end) == (60, 0, False)
    assert not (tmp_path / "mine.sweeps").exists()
    call("train", "mine.graphlab", "--epochs", 1, "--test", "--no-record")
    assert len(read_openings(tmp_path / "mine.sweeps")) == 1


def test_what_keeps_test_rows_from_being_opened_is_told_before_it_trains(call, tmp_path):
    told = call("train", "spirals", "--set", "test=0", "--test").complaint
    assert "holds back no test rows" in told
    assert "--set test=0.15" in told
    assert call("new", "--trained", "spirals", "mine").code == 0
    (tmp_path / "mine.sweeps").write_text("a file where the folder should be")
    assert "mine.sweeps" in call("train", "mine.graphlab", "--test").complaint


def test_without_test_rows_nothing_is_said_of_them(call):
    done = call("train", "xor", "--epochs", 1)
    assert "Test rows" not in done.out
    assert "opened" not in call("train", "xor", "--epochs", 1, "--json").json_lines[-1]


def test_json_is_a_line_per_epoch_and_one_at_the_end(call):
    *epochs, end = call("train", "spirals", "--epochs", 3, "--json").json_lines
    assert [e["epoch"] for e in epochs] == [1, 2, 3]
    assert all(
        {"loss", "accuracy", "validation_loss", "validation_accuracy", "seconds"} <= e.keys() for e in epochs
    )
    assert (end["event"], end["epochs"], end["interrupted"]) == ("end", 3, False)
    assert {"rows", "loss", "accuracy"} == end["validation"].keys()


@pytest.mark.parametrize(("name", "accuracy"), [("digits-mlp", 0.95), ("digits-cnn", 0.97)])
def test_digits_held_out_are_read(program_call, name, accuracy):
    end = program_call("train", name, "--test", "--json").json_lines[-1]
    assert end["validation"]["accuracy"] >= accuracy
    assert end["test"]["accuracy"] >= accuracy
    assert end["seconds"] < 60


def test_the_same_seed_gives_the_same_weights_bit_by_bit_in_two_processes(program_call, tmp_path):
    for k in (1, 2):
        environment = {**os.environ, "PYTHONHASHSEED": str(k)}
        words = ["train", "digits-cnn", "--epochs", 2, "--seed", 7, "--save", f"{k}.graphlab"]
        assert program_call(*words, env=environment).code == 0
    _, first = load(tmp_path / "1.graphlab")
    _, second = load(tmp_path / "2.graphlab")
    assert first.keys() == second.keys() != set()
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)


def test_another_seed_gives_other_weights(call, tmp_path):
    for seed in (1, 2):
        call("train", "xor", "--epochs", 1, "--seed", seed, "--save", f"{seed}.graphlab")
    (_, first), (_, second) = (load(tmp_path / f"{seed}.graphlab") for seed in (1, 2))
    assert not np.array_equal(first["hidden.weight"], second["hidden.weight"])


def test_the_settings_given_are_used_and_saved(call, tmp_path):
    words = [
        "--epochs",
        3,
        "--lr",
        0.5,
        "--batch-size",
        2,
        "--optimizer",
        "sgd",
        "--seed",
        4,
        "--save",
        "out",
    ]
    assert call("train", "xor", *words).code == 0
    training = load(tmp_path / "out.graphlab")[0].document.training
    assert (training.epochs, training.lr, training.batch_size, training.optimizer, training.seed) == (
        3,
        0.5,
        2,
        "SGD",
        4,
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_trains_by_a_schedule(call, tmp_path, optimizer):
    words = ["--epochs", 2, "--optimizer", optimizer, "--schedule", "onecyclelr", "--save", "out"]
    assert call("train", "xor", *words).code == 0
    training = load(tmp_path / "out.graphlab")[0].document.training
    assert (training.optimizer, training.schedule) == (optimizer, "OneCycleLR")
    assert f"{optimizer}, lr 0.05 by OneCycleLR" in call("show", "out.graphlab").out


def test_training_begins_afresh_unless_told_to_continue(call, tmp_path):
    call("train", "xor", "--save", "once")
    fresh = call("train", "once.graphlab", "--epochs", 1, "--json").json_lines[0]
    onward = call("train", "once.graphlab", "--epochs", 1, "--continue", "--json").json_lines[0]
    assert fresh["loss"] > 0.5
    assert onward["loss"] < 0.01


def test_a_graph_with_plain_inputs_trains_on_a_data_set(call, write):
    g = Graph("plain")
    x = g.add("Input", name="x", shape=("N", 2))
    t = g.add("Input", name="target", shape=("N", 1))
    g.add("MSELoss", g.add("Linear", g.add("Tanh", g.add("Linear", x, units=8)), units=1), t)
    end = call("train", write(g), "--data", "xor", "--epochs", 300, "--lr", 0.05, "--json").json_lines[-1]
    assert end["train"]["loss"] < 0.01


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--lr", "nan"], "lr cannot be nan."),
        (["--lr", "inf"], "lr cannot be inf."),
        (["--lr", "-1"], "lr cannot be -1.0."),
        (["--lr", "fast"], "'fast' is not a valid float"),
        (["--epochs", "0"], "epochs cannot be 0."),
        (["--batch-size", "0"], "batch_size cannot be 0."),
        (["--seed", "-1"], "seed cannot be -1."),
        (["--optimizer", "Adamm"], "'Adamm' is not one of"),
        (["--schedule", "Cosine"], "'Cosine' is not one of"),
        (["--data", "xorr"], "There is no data set 'xorr'. Did you mean xor?"),
        (["--save", "no/such/folder/out"], "There is no folder"),
        (["--save", "."], "is a folder"),
    ],
)
def test_impossible_settings_are_refused_before_training(call, words, says):
    assert says in call("train", "xor", *words).complaint


def test_what_has_nothing_to_learn_is_refused(call):
    assert "There is nothing to learn" in call("train", "colah").complaint


def test_a_faulty_graph_is_refused_with_its_fault(call):
    complaint = call("train", "xor", "--set", "out.units=2").complaint
    assert complaint.startswith("loss.target: ")
    assert "Set units of the last layer to 1." in complaint


def test_training_that_diverges_names_the_node_and_saves_nothing(call, tmp_path):
    g_words = ["train", "tanh-by-hand", "--lr", 1e6, "--save", "out"]
    done = call(*g_words)
    assert done.code == 2
    assert "holds" in done.err
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "out.graphlab").exists()


@pytest.mark.skipif(
    sys.platform == "win32", reason="a console event there, which cannot be sent to one process"
)
def test_ctrl_c_ends_training_with_what_was_reached_and_saves_it(tmp_path):
    words = ["train", "digits-cnn", "--epochs", "100000", "--save", "out", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "graphlab.cli", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert json.loads(process.stdout.readline())["epoch"] == 1  # it is under way
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    end = json.loads(out.splitlines()[-1])
    assert process.returncode == 130
    assert err == b""
    assert end["interrupted"] is True
    assert end["steps"] > 0
    _, weights = load(tmp_path / "out.graphlab")
    assert weights["conv1.weight"].shape == (16, 1, 3, 3)


def test_where_nothing_can_move_epochs_are_told_in_about_ten_lines(call):
    lines = call("train", "xor").out.splitlines()
    epochs = [line for line in lines if line.startswith("epoch")]
    assert 10 <= len(epochs) <= 12
    assert epochs[-1].startswith("epoch 200/200  training loss ")


def test_the_pieces_in_which_training_is_driven_change_nothing(monkeypatch):
    from graphlab.cli import progress
    from graphlab.engine import Trainer
    from graphlab.io.examples import example

    def weights(look):
        monkeypatch.setattr(progress, "LOOK", look)
        trainer = Trainer(load(example("digits-mlp").path)[0])
        progress.drive(trainer, 2, progress.Lines(), progress.Interruption())
        return trainer.run.state()["parameters"].tobytes()

    assert weights(0.0) == weights(10.0)


def test_a_csv_can_be_the_data_of_a_graph_with_inputs(call, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("a,b,class\n" + "".join(f"{k % 2},{k // 2 % 2},{'ny'[k % 2]}\n" for k in range(80)))
    graph = Graph("points")
    x = graph.add("Input", name="x", shape=("N", 2))
    target = graph.add("Input", name="target", shape=("N",), dtype="int")
    graph.add("CrossEntropyLoss", graph.add("Linear", x, units=2), target, name="loss")
    graph.configure(epochs=60, lr=0.5)
    save(graph, tmp_path / "g.graphlab")
    *_, end = call("train", tmp_path / "g.graphlab", "--data", path, "--json").json_lines
    assert end["train"]["accuracy"] == 1.0
    done = call("train", tmp_path / "g.graphlab", "--data", tmp_path / "no.csv")
    assert done.code != 0
    assert "does not exist" in done.err


def test_a_file_trains_on_the_rows_that_it_carries_in_another_process(program_call, tmp_path):
    rows = np.arange(80).reshape(40, 2) % 2
    graph = Graph("own")
    table = graph.add("Table", name="rows", **data.from_arrays(rows, rows[:, 0], name="own.npz"))
    graph.add("CrossEntropyLoss", graph.add("Linear", table["x"], units=2), table["target"], name="loss")
    save(graph, tmp_path / "g.graphlab")
    *_, end = program_call("train", tmp_path / "g.graphlab", "--epochs", "3", "--json").json_lines
    assert end["train"]["rows"] + end["validation"]["rows"] + end["test_rows"] == 40


def test_it_stops_when_nothing_improves_and_ends_with_the_best_weights(call, tmp_path):
    best, end = tmp_path / "best.graphlab", tmp_path / "end.graphlab"
    flags = ("--stop-patience", 3, "--keep-best", "--save-best", best, "--save", end, "--no-record")
    done = call("train", "spirals", "--epochs", 200, "--lr", 0.1, *flags, "--json")
    *epochs, told = done.json_lines
    assert told["stopped"] == "the validation loss has not improved for 3 epochs"
    losses = [epoch["validation_loss"] for epoch in epochs]
    assert told["epochs"] == len(epochs) == int(np.argmin(losses)) + 1 + 3
    assert told["best"] == {"epoch": int(np.argmin(losses)) + 1, "validation loss": min(losses)}
    assert told["validation"]["loss"] == pytest.approx(min(losses))
    (_, kept), (_, last) = load(best), load(end)
    assert all(np.array_equal(kept[name], last[name]) for name in kept)


def test_it_says_why_it_stopped(call):
    done = call("train", "xor", "--stop-loss", 0.1, "--no-record")
    assert "Training ended because the loss of the epoch, " in done.out
    done = call("train", "spirals", "--epochs", 1000000, "--stop-seconds", 0.05, "--no-record")
    assert "Training ended because it has taken 0.05 seconds." in done.out


def test_rows_folds_and_the_seed_of_the_split_are_told_apart_from_the_seed(call):
    """As fits of a sweep have them."""
    words = ("train", "digits-mlp", "--epochs", 1, "--json")
    whole, less, fold = (
        call(*words, *more).json_lines[-1] for more in ((), ("--rows", 0.5), ("--fold", "2/3"))
    )
    assert whole["train"]["rows"] == 1257
    assert less["train"]["rows"] == 628
    assert less["validation"]["rows"] == whole["validation"]["rows"]
    assert fold["validation"]["rows"] == 509
    other = call(*words, "--seed", 5, "--split-seed", 0).json_lines[-1]
    assert (other["seed"], "test" in other) == (5, False)
    run = RunFolder(unsaved_folder()).runs()[0]
    assert run.labels.note == "Weights and batches of seed 5."


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--rows", 0), "--rows cannot be 0"),
        (("--rows", 1.5), "--rows cannot be 1.5"),
        (("--fold", "0/3"), "--fold 0/3 names no fold"),
        (("--fold", "4/3"), "names no fold"),
        (("--fold", "3"), "names no fold"),
        (("--threads", 0), "0 threads"),
        (("--split-seed", -1), "seed cannot be -1"),
        (("--set", "momentumm=0.5"), "no training setting 'momentumm'"),
        (("--set", "relu.op=Tanhh"), "Tanh"),
        (("--set", "relu.copies=-1"), "copies"),
    ],
)
def test_what_rows_and_changes_cannot_be_is_told(call, words, told):
    assert told in call("train", "digits-mlp", *words).complaint
