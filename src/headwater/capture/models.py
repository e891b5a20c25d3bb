"""Models in a program: how each was trained, and how well it does, told when it is saved.

What is noted while a model is trained is little: the origins of what it was given. Its parameters
are asked for when it is written to a file; what is measured after that is added to what was said.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from headwater.capture import datasets, files, learning, objects, process, runs
from headwater.capture.beside import Beside
from headwater.capture.origins import Field, Origin, Split, recall, source_column, told

Described = dict[str, Any]
Describer = Callable[[Any], Described]
"""A model → members of a `headwater_training` facet that it can tell itself."""

SEEDS: Final = ("random_state", "seed")
"""Parameters that are seeds."""
TOLD_MAX: Final = 50
"""Models that a run tells of one by one; each file tells of its own, however many there are."""
UNSAVED_MAX: Final = 20
"""Models that are in no file, when they predict, and that a run tells of."""
_PLAIN: Final = (str, int, float, bool, type(None))

kinds: Final[list[type]] = []
"""Classes of models, of the libraries that are loaded."""


describers: Final[dict[type, Describer]] = {}
"""Class of models → what tells of one that was not trained here, but loaded."""


class Training:
    """What is known of how a model was trained in this program."""

    __slots__ = (
        "beside", "describe", "features", "is_exact", "label", "metrics", "name", "outer", "rows",
        "saved", "splits",
    )  # fmt: skip

    def __init__(self, describe: Describer, data: Origin | None, label: Origin | None) -> None:
        self.rows: int | None = None
        self.beside: frozenset[Field] = frozenset()
        """What it learned of besides its features, such as a label or weights, as far as known."""
        self.name = ""
        """By what the run tells of it while it is in no file."""
        self.outer: Training | None = None
        """Of the search that it is the best of, and that predicts with it."""
        self.describe = describe
        self.features = None if data is None else data.columns
        self.is_exact = data is not None and not data.opaque
        """Whether a feature without a source is known to have none."""
        self.label = label
        known = [origin.splits for origin in (data, label) if origin is not None]
        self.splits: frozenset[Split] = frozenset().union(*known)
        self.metrics: dict[str, float] = {}
        self.saved: list[tuple[runs.Run, datasets.Name]] = []

    def go_on_from(self, earlier: Training) -> None:
        """Tell of what an earlier training learned of, too: each feature is of its own."""
        if self.features is not None and earlier.features is not None:
            features = dict(earlier.features)
            for name, fields in self.features.items():
                features[name] = features.get(name, frozenset()) | fields
            self.features = features
        self.is_exact = self.is_exact and earlier.is_exact
        self.beside |= earlier.beside


trainings: Final[Beside[Training]] = Beside()


class Maker(NamedTuple):
    """What is known of who made a prediction: how it was trained here, or where it came from."""

    training: Training | None
    origin: Origin | None


_predicted_by: Final[Beside[Maker]] = Beside()
_measured: Final[Beside[dict[str, dict[str, float]]]] = Beside()
"""A run → what was measured in it → of the model in which file → the value."""
_asked_in: Final[Beside[int]] = Beside()
"""A run → how many models that are in no file were asked to describe themselves."""
_trained_in: Final[Beside[dict[str, Described]]] = Beside()
"""A run → the file of a model that it trained → what that tells of itself."""


def train(
    model: object,
    describe: Describer,
    data: Origin | None,
    label: Origin | None = None,
    *,
    rows: int | None = None,
) -> Training:
    """Note that a model was trained, on data and a label of these origins, on so many rows."""
    training = Training(describe, data, label)
    training.rows = rows
    trainings.put(model, training)
    return training


def share(part: object, whole: object) -> None:
    """Let what was taken out of a model be told of as that."""
    training = trainings.get(whole)
    if training is not None:
        told = training.describe(whole)
        copied = train(part, lambda _: dict(told), None, training.label)
        copied.features, copied.is_exact = training.features, training.is_exact
        copied.splits = training.splits
        copied.metrics, copied.rows = training.metrics, training.rows


def trial(
    name: str, params: dict[str, Any], measured: dict[str, float], origin: Origin | None
) -> None:
    """Record a run within the current one that tried something and kept nothing."""
    outer = runs.current()
    run = runs.Run(f"{outer.name}.{name}", params=parameters(params)["hyperparameters"])
    run.begin(outer)
    for key in sorted(origin.sources) if origin is not None else ():
        run.record_read_around(key)
    run.metrics(measured)
    run.end(runs.COMPLETE)


def predicted(result: object, model: object) -> None:
    """Note which model made a prediction, which may outlive the model."""
    _predicted_by.put_new(result, maker(model))


def predictor(result: object) -> Maker | None:
    """Give what is known of the model that made a prediction."""
    return _predicted_by.get(result)


def maker(model: object) -> Maker:
    """Give what is known of a model as one that makes predictions."""
    training = trainings.get(model)
    # What a worker fits is told of by who has it fitted.
    if training is not None and not (training.saved or training.name or process.is_worker()):
        _tell_unsaved(model, training)
    return Maker(training, recall(model))


def _tell_unsaved(model: object, training: Training) -> None:
    """Say of the run that it uses a model that is in no file yet, and may never be."""
    run = runs.current()
    known = _trained_in.get(run) or {}
    training.name = type(model).__name__
    asked = _asked_in.get(run) or 0
    if asked >= UNSAVED_MAX:  # to describe one takes as long as to fit a small one
        return
    _asked_in.put(run, asked + 1)
    told = training.describe(model)
    number = 1
    while training.name in known and known[training.name] != told:
        number += 1
        training.name = f"{type(model).__name__} {number}"
    _tell_run([training.name], told)


def _forget_unsaved(training: Training) -> None:
    """It is in a file by now, and is told of by that name."""
    known = _trained_in.get(runs.current())
    for one in (training, training.outer):
        if known is not None and one is not None:
            known.pop(one.name, None)


def best(model: object, search: object, score: object) -> None:
    """Note that a model is what a search predicts with: what is measured is of both."""
    known, outer = trainings.get(model), trainings.get(search)
    if known is not None and outer is not None:
        known.metrics, known.saved, known.outer = outer.metrics, outer.saved, outer
        if isinstance(score, float):
            outer.metrics["best_score"] = float(score)


def measure(by: Maker, name: str, value: Any, truth: object) -> None:
    """Note how well a model does by `truth`; of a model that came from a file, the run says it."""
    value = _plain(value)
    if not isinstance(value, (int, float)):
        return
    origin = recall(truth)
    if origin is not None and origin.splits:
        name = f"{_last(origin.splits).part}_{name}"
    training = by.training
    if training is None:
        _measure_loaded(by.origin, name, float(value))
        return
    training.metrics[name] = float(value)
    if not training.saved:
        if not process.is_worker():
            _measure_of(training.name, name, float(value))
        return
    told = {"facets": {"headwater_training": {"metrics": dict(training.metrics)}}}
    for run, file in training.saved:
        if not run.ended and run.has_written(file):
            run.record_draft(file, {**told, "adds": "facts"})


def _measure_loaded(origin: Origin | None, name: str, value: float) -> None:
    """Say it of the run; where it measures the models of several files, file by file."""
    if origin is None or len(origin.sources) != 1:
        runs.current().metrics({name: value})
        return
    ((_, path),) = origin.sources
    _measure_of(path, name, value)


def _measure_of(path: str, name: str, value: float) -> None:
    run = runs.current()
    known = _measured.get(run)
    if known is None:
        _measured.put(run, known := {})
    each = known.setdefault(name, {})
    each[path] = value
    called = [os.path.basename(one) for one in each]
    if len(set(called)) < len(called):
        called = list(each)
    named = dict(zip(called, each.values(), strict=True))
    run.metrics({name: value if len(each) == 1 else named})


def loaded(thing: object, given: object) -> None:
    """Record that an object was loaded, which may be a model or have some in it."""
    found = _models(thing)
    objects.load(thing, given, **({"kind": "model"} if found else {}))
    for model in found:
        learning.read_whole(model)


def saved(model: object, given: object) -> None:
    """Record that a model is written to a file, and how it was made."""
    objects.store(model, given, **said(model))
    found = _models(model)
    main = _main(found)
    names = files.named(given)
    told: list[Described] = []
    for one in found if main is None else [main]:
        training = trainings.get(one)
        if training is not None:
            training.saved += [(runs.current(), name) for name in names]
            told.append(training.describe(one))
            _forget_unsaved(training)
    if told:
        said_of_all = {**_common(told), "estimator": _classes(told)}
        _tell_run([name.name for name in names], said_of_all)


def _main(found: list[object]) -> object:
    """Give the one of several that predicts: the others prepare what it is given. None: several."""
    if len(found) > 1:
        found = [one for one in found if hasattr(one, "predict")]
    return found[0] if len(found) == 1 else None


def _common(told: list[Described]) -> Described:
    """Tell of several models what is said of all of them."""
    first, *others = told
    common: Described = {}
    for name, value in first.items():
        if isinstance(value, dict) and all(isinstance(one.get(name), dict) for one in others):
            value = _common([value, *(one[name] for one in others)])
            if value:
                common[name] = value
        elif all(name in one and one[name] == value for one in others):
            common[name] = value
    return common


def _classes(told: Iterable[Described]) -> str:
    return ", ".join(sorted({name for one in told for name in one["estimator"].split(", ")}))


def _tell_run(names: Iterable[str], told: Described) -> None:
    """Say of the run what it trained; of several models, file by file."""
    run = runs.current()
    known = _trained_in.get(run)
    if known is None:
        _trained_in.put(run, known := {})
    if len(known) >= TOLD_MAX:
        return
    known.update(dict.fromkeys(names, told))
    several = {os.path.basename(name): one for name, one in known.items()}
    if len(several) < len(known):
        several = known
    body: Described = {"estimator": _classes(known.values())}
    for member in ("hyperparameters", "seeds"):
        if any(one.get(member) for one in known.values()):
            each = {name: one.get(member, {}) for name, one in several.items()}
            body[member] = each if len(each) > 1 else next(iter(each.values()))
    run.facet("headwater_training", **body)


def said(thing: object) -> Described:
    """Tell of a model, or of those in a container, as `Run.record_write` takes it."""
    found = _models(thing)
    if not found:
        return {}
    main = _main(found)
    if main is None:
        each = [_told_alone(one) for one in found]
        told = _common(each)
        facets = [one.get("facets", {}).get("headwater_training") for one in each]
        if all(facets):
            told["facets"]["headwater_training"]["estimator"] = _classes(facets)
        return told
    return _told_alone(main)


def _told_alone(model: object) -> Described:
    training = trainings.get(model)
    return _told_loaded(model) if training is None else _told(model, training)


def _told_loaded(model: object) -> Described:
    for kind, describe in describers.items():
        if isinstance(model, kind):
            told = describe(model)
            told.pop("features", None)
            told.pop("metrics", None)
            return {"kind": "model", "facets": {"headwater_training": told}}
    return {"kind": "model"}


def _models(thing: object) -> list[object]:
    return [one for one in (thing, *objects.members(thing)) if isinstance(one, tuple(kinds))]


def _told(model: object, training: Training) -> Described:
    told = training.describe(model)
    features = told.pop("features", None)
    if training.splits:
        told["splits"] = _splits(training.splits)
    elif training.rows is not None:
        told["splits"] = {"train": training.rows}
    if training.label is not None:
        columns = _columns(training.label.all_fields())
        if columns:
            told["labelSource"] = ", ".join(columns)
    if training.metrics:
        told["metrics"] = told.get("metrics", {}) | training.metrics
    facets = {"headwater_training": told}
    known = training.features or {}
    if features and any(name in known for name in features):
        named = {name: _columns(known.get(name, frozenset())) for name in features}
        without = [name for name in features if name in known and not known[name]]
        facets["headwater_features"] = {"features": named}
        if without and training.is_exact:
            facets["headwater_features"]["sourceless"] = without
    return {"kind": "model", "facets": facets}


def parameters(values: dict[str, Any]) -> Described:
    """Tell hyperparameters, plain values and classes of estimators, and the seeds among them."""
    told = {name: _plain(value) for name, value in sorted(values.items())}
    plain = {name: value for name, value in told.items() if _is_plain(value)}
    described: Described = {"hyperparameters": plain}
    seeds = {
        name: value
        for name, value in plain.items()
        if name.rpartition("__")[2] in SEEDS and isinstance(value, int)
    }
    if seeds:
        described["seeds"] = seeds
    return described


def _plain(value: Any) -> Any:
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        return value.item()
    if hasattr(value, "get_params") and not isinstance(value, type):
        return type(value).__qualname__
    return value


def _is_plain(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) <= objects.MEMBERS_MAX and all(map(_is_plain, value))
    return isinstance(value, _PLAIN)


def _columns(fields: frozenset[tuple[str, str, str, str]]) -> list[str]:
    return sorted({source_column(field) for field in told(fields)})


def _splits(splits: frozenset[Split]) -> Described:
    steps = [{"part": one.part, **dict(one.how)} for one in sorted(splits, key=_size, reverse=True)]
    return steps[0] if len(steps) == 1 else {"steps": steps}


def _last(splits: frozenset[Split]) -> Split:
    return min(splits, key=_size)


def _size(split: Split) -> int:
    sizes = dict(split.how)
    return sum(one for one in (sizes.get("train"), sizes.get("test")) if isinstance(one, int))
