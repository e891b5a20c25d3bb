"""Boosted trees: matrices that hold data and label, and boosters that are trained on them.

What XGBoost and LightGBM have in common; both read and write their files in C, unseen by the net.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from headwater.capture import files, models, objects, origins
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, recall, remember

_PATHS: Final = (str, os.PathLike)

labels: Final[Beside[Origin]] = Beside()
"""A matrix → the origin of its label."""


def hold(matrix: object, data: object, label: object, others: list[Any]) -> None:
    """Note what a matrix holds; `data` may be a file, named by path."""
    if isinstance(data, _PATHS):
        path = os.fspath(data).partition("?")[0].partition("#")[0]
        remember(matrix, files.read(path))
        return
    origin, inside = objects.made_of([data, label, *others]), recall(data)
    if origin is not None and inside is not None:
        origin = origin._replace(columns=inside.columns)
    remember(matrix, origin)
    labels.put(matrix, recall(label))


def train(
    booster: Any,
    matrix: object,
    said: Mapping[str, Any],
    names: Callable[[Any], list[str] | None],
    *,
    before: object = None,
) -> None:
    """Note that a booster was trained on a matrix, with these parameters.

    `before` is the booster, or the file of one, that training went on from.
    """
    known = dict(said)

    def describe(model: Any) -> models.Described:
        told = {"estimator": called(model), **models.parameters(known)}
        features = names(model)
        return {**told, "features": list(features)} if features else told

    origin = recall(matrix)
    models.train(booster, describe, origin, labels.get(matrix))
    if before is not None:
        found = files.read(before, kind="model") if isinstance(before, _PATHS) else recall(before)
        origin = origins.further(found or Origin(opaque=True), origin)
    remember(booster, None if origin is None else origin._replace(columns=None))


def called(model: object) -> str:
    """Name the class of a model by its library."""
    kind = type(model)
    return f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}"


def evaluated(booster: object, results: object) -> None:
    """Note what was measured while it was trained: of each set and metric, the last value."""
    training = models.trainings.get(booster)
    if training is None or not isinstance(results, Mapping):
        return
    for name, metrics in results.items():
        for metric, value in metrics.items():
            last = value[-1] if isinstance(value, list) and value else value
            if isinstance(last, (int, float)):
                training.metrics[f"{name}_{metric}"] = float(last)


def predict(result: object, booster: object, data: list[Any]) -> None:
    """Let a prediction come from the booster and from what it was asked about."""
    origin = objects.together([booster, *(one for one in data if objects.is_data(one))])
    if origin is not None:
        objects.give(result, origin._replace(columns=None))
    models.predicted(result, booster)


def load(booster: object, given: object) -> None:
    """Record that a booster was loaded from a file."""
    if isinstance(given, _PATHS):
        remember(booster, files.read(given, kind="model"))


def take(booster: object, model: object) -> None:
    """Let the booster within an estimator come from what that came from."""
    if recall(booster) is None:
        remember(booster, recall(model))
        models.share(booster, model)


def cross_validated(params: object, matrix: object, columns: Mapping[str, Any]) -> None:
    """Record a cross-validation as a run; `columns` are scores by round, the last one counts."""
    measured = {name: float(values[-1]) for name, values in columns.items() if len(values)}
    models.trial("cv", dict(params) if isinstance(params, Mapping) else {}, measured,
                 recall(matrix))  # fmt: skip
