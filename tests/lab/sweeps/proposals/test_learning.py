"""What Optuna proposes: better than chance, a function of seed and results, from a journal that nothing hangs on."""

from __future__ import annotations

import json
import logging
import math
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab.errors import SaveError, SettingsError
from graphlab.graph.sweep import Space, Sweep
from graphlab.lab.sweeps.proposals import extent, proposer
from graphlab.lab.sweeps.proposals.cube import mark
from graphlab.lab.sweeps.records import Epoch, Fit, Key
from graphlab.lab.sweeps.trials import Trial

optuna = pytest.importorskip("optuna", reason='pip install "graphlab[sweep]"')

BOTH = ("tpe", "cmaes")
PLANE = {"x": Space("range", (), -5, 10), "y": Space("range", (), 0, 15)}
MIXED = {
    "lr": Space("log", (), 1e-4, 1e-1),
    "units": Space("list", (8, 16, 32)),
    "batch": Space("integer", (), 8, 64, 8),
}
Results = dict[int, Trial]


def branin(v: Mapping[str, Any]) -> float:
    """Branin's function, whose least value is 0.397887 (Dixon and Szegö 1978)."""
    x, y = v["x"], v["y"]
    bent = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bent**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def mixed(v: Mapping[str, Any]) -> float:
    return (math.log10(v["lr"]) + 2) ** 2 + abs(v["units"] - 16) / 8 + v["batch"] / 64


def result(
    k: int, values: Mapping[str, Any], score: float | None, state: Any = "done", epochs: int = 9
) -> Trial:
    curve = [Epoch(e, e, 0.0) for e in range(1, epochs + 1)]
    return Trial(k, values, (Fit(Key(k), state, 0, "loss", score, epochs=curve),), 1, "loss")


def found(
    method: str,
    count: int,
    spaces: Mapping[str, Space] = PLANE,
    loss: Callable[[Mapping[str, Any]], float] = branin,
    journal: Path | None = None,
    kept: Results | None = None,
    **settings: Any,
) -> Results:
    """So many trials, one after the other; those that were kept are gone through again."""
    kept = kept or {}
    sweep = Sweep(method=method, trials=count, **settings)
    made = proposer(spaces, sweep, extent(spaces, sweep, 1), rising=False, journal=journal, kept=kept)
    results: Results = {}
    told = 0
    for k in range(count):
        needed = made.needs(k)
        for j in range(told, needed):
            made.tell(results[j])
        told = max(told, needed)
        values = made.propose(k, kept[k].values if k in kept else None)
        if values is None:
            break
        results[k] = kept.get(k) or result(k, values, loss(values))
    return results


def tried(results: Results) -> list[dict[str, Any]]:
    return [dict(trial.values) for trial in results.values()]


def best(results: Results) -> float:
    return min(trial.score for trial in results.values())


def ten_d(v: Mapping[str, Any]) -> float:
    return sum((value - 0.3) ** 2 for value in v.values())


def test_tpe_and_cmaes_find_better_values_than_chance_on_branin():
    seeds, each = range(5), 40
    medians = {
        method: np.median([best(found(method, each, seed=seed)) for seed in seeds])
        for method in ("random", "tpe", "cmaes")
    }
    assert medians["tpe"] - 0.3979 < 0.5 * (medians["random"] - 0.3979)
    assert medians["cmaes"] - 0.3979 < 0.5 * (medians["random"] - 0.3979)


def test_cmaes_finds_the_middle_of_ten_dimensions():
    cube = {f"x{i}": Space("range", (), 0, 1) for i in range(10)}
    chance, learnt = (best(found(method, 200, cube, ten_d)) for method in ("random", "cmaes"))
    assert learnt < 0.1 * chance


@pytest.mark.parametrize("method", BOTH)
def test_a_trial_is_a_function_of_the_seed_and_of_what_may_be_known(method, tmp_path):
    first = tried(found(method, 20, MIXED, mixed, seed=1))
    assert first == tried(found(method, 20, MIXED, mixed, tmp_path / "optuna.journal", seed=1))
    assert first != tried(found(method, 20, MIXED, mixed, seed=2))


def test_tpe_does_not_look_at_trials_that_are_fewer_than_ahead_before():
    plain = tried(found("tpe", 24, ahead=6))
    scored = iter(range(100))
    other = tried(found("tpe", 24, loss=lambda v: branin(v) if next(scored) < 14 else 0.0, ahead=6))
    assert plain[:20] == other[:20], "trial 19 is proposed from 0 … 13"
    assert plain[20] != other[20]


def test_cmaes_has_generations_as_large_as_go_on_at_a_time():
    made = proposer(PLANE, Sweep(method="cmaes", trials=40, ahead=9), 40, rising=False)
    results: Results = {}
    needs = []
    for k in range(20):
        needs.append(made.needs(k))
        for j in range(needs[-2] if k else 0, needs[-1]):
            made.tell(results[j])
        values = made.propose(k)
        results[k] = result(k, values, branin(values))
    assert needs == [0, *[1] * 9, *[10] * 9, 19]


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize("count", [1, 9, 17])
def test_a_sweep_that_was_broken_off_goes_on_as_if_it_had_not_been(method, count, tmp_path):
    whole = found(method, 24, MIXED, mixed)
    journal = tmp_path / "optuna.journal"
    kept = found(method, count, MIXED, mixed, journal)
    assert tried(found(method, 24, MIXED, mixed, journal, kept)) == tried(whole)


def test_the_journal_of_tpe_is_gone_on_with(tmp_path):
    journal = tmp_path / "optuna.journal"
    kept = found("tpe", 12, MIXED, mixed, journal)
    before = journal.read_bytes()
    found("tpe", 16, MIXED, mixed, journal, kept)
    assert journal.read_bytes().startswith(before)
    assert len(journal.read_bytes()) > len(before)


def test_the_journal_is_one_that_optuna_reads(tmp_path):
    journal = tmp_path / "optuna.journal"
    results = found("tpe", 12, PLANE, journal=journal)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(journal)))
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.load_study(study_name="sweep", storage=storage)
    assert [trial.params for trial in study.trials] == tried(results)
    told = [trial.value for trial in study.trials]
    assert told == [results[k].score if k <= 11 - 8 else None for k in range(12)]


def _without_end(data: bytes) -> bytes:
    return data[:-30]


def _with_other_value(data: bytes) -> bytes:
    lines = [json.loads(line) for line in data.splitlines()]
    for line in lines:
        if line["op_code"] == 6 and line.get("values"):
            line["values"] = [0.0]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _with_other_params(data: bytes) -> bytes:
    return data.replace(b'"param_value_internal":0', b'"param_value_internal":1', 1)


def _with_another_trial(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return data + next(line for line in lines if json.loads(line)["op_code"] == 4)


DAMAGE = (
    _without_end,
    _with_other_value,
    _with_other_params,
    _with_another_trial,
    lambda data: b"",
    lambda data: b"\x00\xff not a journal\n",
    lambda data: data[len(data) // 2 :],
    lambda data: b"[" * 100_000 + b"\n",
)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_journal_that_says_something_else_or_is_damaged_is_made_again(damage, tmp_path):
    journal = tmp_path / "optuna.journal"
    kept = found("tpe", 16, MIXED, mixed, journal)
    data = damage(journal.read_bytes())
    assert data != journal.read_bytes()
    journal.write_bytes(data)
    whole = tried(found("tpe", 20, MIXED, mixed))
    assert tried(found("tpe", 20, MIXED, mixed, journal, kept)) == whole


class Trap:
    def __reduce__(self) -> Any:
        return Path.touch, (Trap.path,)

    path: Path


def test_a_pickle_in_a_journal_is_not_read(tmp_path):
    journal, Trap.path = tmp_path / "optuna.journal", tmp_path / "sprung"
    kept = found("cmaes", 30, PLANE, journal=journal)
    lines = [json.loads(line) for line in journal.read_bytes().splitlines()]
    pickles = [line for line in lines if any("cma:optimizer" in name for name in line.get("system_attr", ()))]
    assert pickles, "this is where Optuna has them"
    for line in pickles:
        first = "cma:optimizer:0" in line["system_attr"]
        line["system_attr"] = {"cma:optimizer:0": pickle.dumps(Trap()).hex()} if first else {"other": ""}
    journal.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    assert len(found("cmaes", 40, PLANE, journal=journal, kept=kept)) == 40
    assert not Trap.path.exists()


@pytest.mark.parametrize("method", BOTH)
def test_what_was_written_down_holds_where_the_sampler_would_say_something_else(method):
    kept = found("random", 10, MIXED, mixed, seed=5)
    results = found(method, 30, MIXED, mixed, kept=kept)
    assert tried(results)[:10] == tried(kept)
    assert len(results) == 30


@pytest.mark.parametrize("method", BOTH)
def test_nothing_is_tried_twice_and_a_small_space_is_tried_whole(method):
    small = {"units": Space("list", (8, 16, 32)), "copies": Space("integer", (), 1, 4)}
    results = found(method, 30, small, lambda v: v["units"] + v["copies"])
    assert len(set(map(mark, tried(results)))) == len(results) == 12


@pytest.mark.parametrize("method", BOTH)
def test_trials_that_fail_leave_the_search_going(method):
    def loss(v: Mapping[str, Any]) -> float:
        return math.nan if v["x"] > 5 else branin(v)

    results = found(method, 40, loss=loss)
    lost = [trial for trial in results.values() if trial.score != trial.score]
    assert len(results) == 40
    assert 0 < len(lost) < 30
    assert min(trial.score for trial in results.values() if trial.score == trial.score) < 5


def test_what_was_pruned_counts_as_it_was_at_its_rung(tmp_path):
    journal = tmp_path / "optuna.journal"
    made = proposer(PLANE, Sweep(method="tpe"), 9, rising=False, journal=journal)
    for k, (state, score) in enumerate((("done", 1.0), ("pruned", 2.0), ("failed", None))):
        values = made.propose(k)
        made.tell(result(k, values, score, state, epochs=3))
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(journal)))
    trials = storage.get_all_trials(storage.get_study_id_from_name("sweep"))
    assert [trial.state.name for trial in trials] == ["COMPLETE", "PRUNED", "FAIL"]
    assert trials[1].intermediate_values == {3: 2.0}


def test_cmaes_says_what_to_do_with_choices_and_with_one_hyperparameter():
    choice = {"optimizer": Space("choice", ("SGD", "Adam")), **PLANE}
    with pytest.raises(SettingsError, match=r"optimizer is a choice.*tpe"):
        found("cmaes", 5, choice)
    with pytest.raises(SettingsError, match=r"two hyperparameters or more"):
        found("cmaes", 5, {"x": PLANE["x"], "one": Space("list", (3,))})


def test_without_optuna_the_message_says_what_to_install(monkeypatch):
    import sys

    for name in [name for name in sys.modules if name.startswith("graphlab.lab.sweeps.proposals.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(SettingsError, match=r'pip install "graphlab\[sweep\]"'):
        proposer(PLANE, Sweep(method="tpe"), 9)


def test_a_journal_that_cannot_be_written_is_named(tmp_path):
    made = proposer(PLANE, Sweep(method="tpe"), 9, journal=tmp_path / "optuna.journal")
    (tmp_path / "optuna.journal").unlink()
    (tmp_path / "optuna.journal").mkdir()
    with pytest.raises(SaveError, match=r"optuna.journal cannot be written"):
        made.propose(0)


def test_optuna_is_quiet_and_its_own_verbosity_is_left_as_it_was(caplog, capfd):
    optuna.logging.set_verbosity(optuna.logging.INFO)
    try:
        with caplog.at_level(logging.INFO):
            found("tpe", 3)
        assert optuna.logging.get_verbosity() == optuna.logging.INFO
    finally:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "space",
    [
        Space("list", (8, 16, 32)),
        Space("choice", (1, True, "1", None, 1.0)),
        Space("integer", (), 1, 10, 4),
        Space("integer", (), 1, 9, log=True),
        Space("integer", (), 4, 30, 5, log=True),
        Space("list", ((3, 3), (5, 5))),
    ],
)
def test_every_value_has_its_place_in_optunas_distribution_and_comes_back(space):
    from graphlab.lab.sweeps.proposals.distributions import distribution, param, value

    made = distribution(space)
    places = [param(space, v) for v in space.grid()]
    assert all(made._contains(made.to_internal_repr(place)) for place in places)
    assert [mark({"": value(space, place)}) for place in places] == [mark({"": v}) for v in space.grid()]
