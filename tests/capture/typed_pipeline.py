"""A program as users write it: checked by mypy in strict mode, and run by the tests."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import assert_type

import headwater
from headwater.testing import recorded


@headwater.task
def load(path: Path) -> list[dict[str, str]]:
    """Read a table."""
    with headwater.read(path).open() as file:
        return list(csv.DictReader(file))


@headwater.task(name="features", owner="team:science")
def features(rows: list[dict[str, str]], out: Path) -> Path:
    """Write what can be computed of rows."""
    headwater.params(columns=["x"], normalised=True)
    out.write_text(json.dumps([float(row["x"]) for row in rows]))
    return headwater.write(out, rows=len(rows), schema={"x": "double"})


@headwater.task
def batches(path: Path) -> Iterator[float]:
    """Give numbers, one by one."""
    yield from json.loads(headwater.read(path).read_text())


@headwater.task
async def predict(path: Path) -> list[float]:
    """Use a model."""
    await asyncio.sleep(0)
    headwater.read(path, kind="model")
    return [0.5]


@headwater.task
async def stream(path: Path) -> AsyncIterator[float]:
    """Give predictions as they come."""
    for number in await predict(path):
        yield number


def train(out: Path, data: Path) -> headwater.Run:
    """Train a model."""
    with headwater.run("train", params={"depth": 8}, description="Fits.") as run:
        total = sum(batches(data))
        run.metrics(total=total)
        run.model(
            out, estimator="sum", hyperparameters={"depth": 8}, metrics={"auc": 0.8}, inputs=[data]
        )
        out.write_text(str(total))
    return run


def pipeline(folder: Path) -> str:
    """Do all of it."""
    assert_type(headwater.read(folder / "a.csv"), Path)
    assert_type(headwater.write("s3://bucket/key"), str)
    assert_type(headwater.table("w.db", "main.t"), tuple[str, str])
    assert_type(headwater.read(headwater.table("w.db", "main.t")), tuple[str, str])
    made = features(load(folder / "a.csv"), folder / "features.json")
    assert_type(made, Path)
    run = train(folder / "model.txt", made)
    answers = asyncio.run(predict(folder / "model.txt"))
    assert_type(answers, list[float])
    with headwater.run("report"):
        target = headwater.write(folder / "report.txt", mode="overwrite")
        headwater.read(folder / "model.txt")
        target.write_text(str(answers))
    return run.id


def upstream_of_model(folder: Path) -> set[str]:
    """Do it as a test of users would."""
    with recorded() as lineage:
        pipeline(folder)
    answer = lineage.ask(lambda store: store.trace(folder / "model.txt"))
    assert answer["nodes"][0]["kind"] == "version"
    return lineage.upstream("model.txt")
