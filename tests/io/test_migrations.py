"""Old files: brought up to date step by step, or refused with the way out."""

from __future__ import annotations

import pytest

from graphlab.errors import BrokenFileError, VersionError
from graphlab.graph import Graph
from graphlab.graph.codec import VERSION, from_record, to_record
from graphlab.io.migrations import MIGRATIONS, Migrations


@pytest.fixture
def migrations():
    """As if two versions had gone before: nodes once had titles, and the document was called a graph."""
    steps = Migrations(newest=3)

    @steps.step(1)
    def graph_became_document(record):
        record["document"] = record.pop("graph")
        return record

    @steps.step(2)
    def titles_became_names(record):
        for node in record["document"]["nodes"]:
            node["name"] = node.pop("title")
        return record

    return steps


def test_each_step_is_taken_in_turn(migrations):
    old = {"format": "graphlab", "version": 1, "graph": {"nodes": [{"id": "n1", "title": "a"}]}}
    new = migrations.apply(old)
    assert new == {"format": "graphlab", "version": 3, "document": {"nodes": [{"id": "n1", "name": "a"}]}}


def test_a_record_of_the_newest_version_is_left_alone(migrations):
    record = {"format": "graphlab", "version": 3, "document": {}}
    assert migrations.apply(dict(record)) == record


def test_a_migrated_record_is_a_document():
    steps = Migrations(newest=VERSION)

    @steps.step(VERSION - 1)
    def nodes_were_called_units(record):
        record["document"]["nodes"] = record["document"].pop("units")
        return record

    graph = Graph("old")
    graph.add("Input", name="x")
    old = to_record(graph.document) | {"version": VERSION - 1}
    old["document"]["units"] = old["document"].pop("nodes")
    assert from_record(steps.apply(old)) == graph.document


def test_damage_found_by_a_step_is_said(migrations):
    with pytest.raises(BrokenFileError, match=r"version 1\) cannot be brought up to date"):
        migrations.apply({"format": "graphlab", "version": 1})


def test_a_version_without_a_step_is_too_old(migrations):
    with pytest.raises(VersionError, match="version 0, which is too old"):
        migrations.apply({"format": "graphlab", "version": 0})


def test_a_newer_version_is_refused(migrations):
    with pytest.raises(VersionError, match="version 4; this graphlab reads versions up to 3"):
        migrations.apply({"format": "graphlab", "version": 4})


def test_every_version_from_the_first_can_be_read():
    assert set(MIGRATIONS._steps) == set(range(1, VERSION))
