"""Boosted trees: matrices that hold data and label, and boosters that are trained on them.

What XGBoost and LightGBM have in common; both read and write their files in C, unseen by the net.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, Final

from headwater.capture import files, learning, models, objects, origins
from headwater.capture.beside import Beside
from headwater.capture.hearing import Heard
from headwater.capture.origins import LEARNED, Field, Origin, recall, remember
from headwater.capture.settings import Inside, inside

training: Final[ContextVar[bool]] = ContextVar("headwater_boosting", default=False)
"""Whether a booster is trained that calls something: what that reads and writes is observed."""

_CALLED: Final = ("obj", "custom_metric", "feval", "callbacks")
_LOOKING_ON: Final = (
    "EvaluationMonitor", "TrainingCheckPoint", "LearningRateScheduler", "_LogEvaluationCallback",
    "_RecordEvaluationCallback", "_ResetParameterCallback",
)  # fmt: skip
"""Callbacks of the libraries' that do not stop training by how well it does."""
_STOPPING: Final = (
    "early_stopping_round", "early_stopping_rounds", "early_stopping", "n_iter_no_change",
)  # fmt: skip

_PATHS: Final = (str, os.PathLike)

labels: Final[Beside[Origin]] = Beside()
"""A matrix → the origin of its label."""
_lessons: Final[Beside[Mapping[str, frozenset[Field]]]] = Beside()
"""A matrix → the columns of a booster that is trained on it, if they are known."""
_shifted: Final[Beside[bool]] = Beside()
"""Matrices with margins, which go into what is predicted of them: that is not known by column."""


def hold(
    matrix: object, data: object, label: object, others: list[Any], *, margin: object = None
) -> None:
    """Note what a matrix holds; `data` may be a file, named by path."""
    others = [*others, margin]
    if margin is not None:
        _shifted.put(matrix, True)
    if isinstance(data, _PATHS):
        path = os.fspath(data).partition("?")[0].partition("#")[0]
        remember(matrix, files.read(path))
        return
    origin, inside = objects.made_of([data, label, *others]), recall(data)
    if origin is not None and inside is not None:
        origin = origin.of_columns(inside.columns)
    remember(matrix, origin)
    origins.mix(matrix, origins.mixed(data))
    _lessons.put(matrix, learning.taught([data, label, *others]))
    labels.put(matrix, recall(label))


def add(matrix: object, name: str, given: Iterable[object]) -> None:
    """Note that a matrix was given more after it was made: its label, weights or margins."""
    data = [one for one in given if objects.is_data(one)]
    origin, before = recall(matrix), _lessons.get(matrix)
    if name == "label":
        labels.put(matrix, recall(data[0]) if data else None)
    if "margin" in name:
        _shifted.put(matrix, True)
    if origin is None or not data:
        return
    more, lesson = objects.made_of(data), learning.taught(data)
    remember(matrix, origin.obscure() if more is None else origins.joined(origin, more))
    if before is None or lesson is None:
        _lessons.put(matrix, None)
    else:
        _lessons.put(matrix, {LEARNED: before[LEARNED] | lesson[LEARNED]})


class Begun:
    """A training that began: what it was given to call, and what is read meanwhile."""

    __slots__ = ("_heard", "_inside", "opens")

    def __init__(self, found: Inside) -> None:
        self._inside = found
        self.opens = found.opens
        self._heard = Heard()

    def stop(self) -> Origin | None:
        """Listen no more; give what it brought along."""
        self._heard.stop()
        return self._inside.origin(self._heard.keys, learned=False)


def begin(_: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Begun | None:
    """Look at what training is given to call; None where that is nothing."""
    given = {name: kwargs.get(name) for name in _CALLED}
    params = kwargs.get("params")
    if isinstance(params, Mapping):
        given["objective"] = params.get("objective")
    found = inside(SimpleNamespace(**given))
    return None if found is None else Begun(found)


def broke_off(_: Any, _args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Listen no more to a training that failed."""
    begun: Begun | None = kwargs["__before__"]
    if begun is not None:
        begun.stop()


def held_out(given: Mapping[str, Any], sets: object) -> Origin | None:
    """Give the origin of the sets that training was stopped by, if it was by any."""
    params = given.get("params") or {}
    rounds = [given.get("early_stopping_rounds"), *(params.get(name) for name in _STOPPING)]
    callbacks = given.get("callbacks") or ()
    if not any(rounds) and all(type(one).__name__ in _LOOKING_ON for one in callbacks):
        return None
    each = sets if isinstance(sets, (list, tuple)) else [] if sets is None else [sets]
    found = [_lesson(one) or objects.UNKNOWN for one in each]
    return origins.merge(*found) if found else None


def _lesson(matrix: object) -> Origin | None:
    """Give what a booster comes from that is trained on a matrix alone."""
    origin = recall(matrix)
    return None if origin is None else origin.of_columns(_lessons.get(matrix))


def update(
    booster: Any, matrix: object, said: Mapping[str, Any], names: Callable[[Any], Any]
) -> None:
    """Note that a booster was trained for a round more, on a matrix."""
    if models.trainings.get(booster) is None:
        train(booster, matrix, said, names, before=booster if recall(booster) else None)
        return
    known, new = recall(booster), _lesson(matrix) or Origin(opaque=True)
    if known is not None:
        remember(booster, origins.merge(known, new))


def train(
    booster: Any,
    matrix: object,
    said: Mapping[str, Any],
    names: Callable[[Any], list[str] | None],
    *,
    before: object = None,
    more: Iterable[Origin | None] = (),
) -> None:
    """Note that a booster was trained on a matrix, with these parameters.

    `before` is the booster, or the file of one, that training went on from; `more` is what else had
    a part in it.
    """
    known = dict(said)

    def describe(model: Any) -> models.Described:
        told = {"estimator": called(model), **models.parameters(known)}
        features = names(model)
        return {**told, "features": list(features)} if features else told

    origin = _lesson(matrix)
    models.train(booster, describe, recall(matrix), labels.get(matrix))
    if before is not None:
        found = files.read(before, kind="model") if isinstance(before, _PATHS) else recall(before)
        origin = origins.further(found or Origin(opaque=True), origin)
    remember(booster, None if origin is None else origins.merge(origin, *more))


def called(model: object) -> str:
    """Name the class of a model by its library."""
    kind = type(model)
    return f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}"


def evaluated(booster: object, results: object, best: int | None) -> None:
    """Note what was measured while it was trained: of each set and metric, the last value.

    `best` is the round that it was stopped for, if it was.
    """
    known = models.trainings.get(booster)
    if known is not None:
        known.metrics |= last_of(results)
        if best is not None:
            known.metrics["best_iteration"] = float(best)


def last_of(results: object) -> dict[str, float]:
    """Give the last value of each set and metric."""
    found: dict[str, float] = {}
    for name, metrics in results.items() if isinstance(results, Mapping) else ():
        for metric, value in metrics.items() if isinstance(metrics, Mapping) else ():
            last = value[-1] if isinstance(value, list) and value else value
            if isinstance(last, (int, float)):
                found[f"{name}_{metric}"] = float(last)
    return found


def predict(result: object, booster: object, data: list[Any]) -> None:
    """Let a prediction come from the booster and from what it was asked about, or its file."""
    origin = objects.together([booster, *(one for one in data if objects.is_data(one))])
    asked = data[0] if data else None
    if isinstance(asked, _PATHS):
        read = files.read(asked) or Origin(opaque=True)
        whole = read if origin is None else origins.merge(read, origin)
        objects.give(result, whole.of_columns(None))
    elif origin is not None:
        known = None if _shifted.get(asked) else learning.fields_of(data)
        objects.give(result, origin.of_columns(learning.answered(booster, known)))
    models.predicted(result, booster)


def load(booster: object, given: object) -> None:
    """Record that a booster was loaded from a file."""
    if isinstance(given, _PATHS):
        remember(booster, files.read(given, kind="model"))
        learning.read_whole(booster)


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
