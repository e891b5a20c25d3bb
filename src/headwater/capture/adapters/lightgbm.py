"""LightGBM's own interface; its estimators are scikit-learn's to the adapter of that."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from headwater.capture import boosters, models, objects
from headwater.capture.patching import Patches
from headwater.capture.watching import Observer

SUPPORTED = ((4, 0), (5, 0))

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(lightgbm: ModuleType, patches: Patches) -> None:
    """Observe data sets, training, and boosters in and out of files."""
    booster = lightgbm.Booster
    models.kinds.append(booster)
    objects.followed.append(booster)
    patches.observe(lightgbm.Dataset, "__init__", _hold)
    for name in ("label", "weight", "init_score", "group", "field"):
        patches.observe(lightgbm.Dataset, f"set_{name}", _add(name))
    engine = sys.modules["lightgbm.engine"]
    patches.observe(
        lightgbm, "train", _train, before=boosters.begin, failed=boosters.broke_off,
        guard=boosters.training, lifted=True, also=[engine],
    )  # fmt: skip
    patches.observe(lightgbm, "cv", _cross_validate, also=[engine])
    patches.observe(booster, "update", _update)
    patches.observe(booster, "refit", _refit)
    patches.observe(booster, "__init__", _begin)
    patches.observe(booster, "predict", _predict)
    patches.observe(booster, "save_model", _save, called_back=True)
    estimator = getattr(lightgbm, "LGBMModel", None)
    if estimator is not None:
        patches.observe(estimator, "booster_", _take)


def _hold(_: Any, args: Arguments, kwargs: Named) -> None:
    order = ("self", "data", "label", "reference", "weight", "group", "init_score")
    given = dict(zip(order, args, strict=False)) | kwargs
    # It takes over the bins of its reference, which are made of that one's data.
    others = [given.get(name) for name in ("reference", "weight", "group", "init_score")]
    boosters.hold(given["self"], given.get("data"), given.get("label"), others)


def _add(name: str) -> Observer:
    def observe(_: Any, args: Arguments, kwargs: Named) -> None:
        boosters.add(args[0], name, [*args[1:], *kwargs.values()])

    return observe


def _refit(result: Any, args: Arguments, kwargs: Named) -> None:
    """Leaves are learned anew, of other data; the trees stay those that were learned before."""
    given = dict(zip(("self", "data", "label"), args, strict=False)) | kwargs
    others = [given.get(name) for name in ("weight", "group", "init_score")]
    boosters.hold(result.train_set, given["data"], given["label"], others)
    boosters.train(result, result.train_set, dict(result.params), _names, before=args[0])


def _train(result: Any, args: Arguments, kwargs: Named) -> None:
    order = ("params", "train_set", "num_boost_round")
    given = dict(zip(order, args, strict=False)) | kwargs
    begun: boosters.Begun | None = kwargs["__before__"]
    stopped = boosters.held_out(given, given.get("valid_sets"))
    said = {"num_boost_round": given.get("num_boost_round", 100), **dict(given["params"])}
    boosters.train(
        result,
        given["train_set"],
        said,
        _names,
        before=given.get("init_model"),
        more=(stopped, None if begun is None else begun.stop()),
    )
    best = result.best_iteration
    boosters.evaluated(result, result.best_score, best if best > 0 else None)


def _cross_validate(result: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("params", "train_set"), args, strict=False)) | kwargs
    columns = {name: values for name, values in result.items() if isinstance(values, list)}
    boosters.cross_validated(given["params"], given["train_set"], columns)


def _begin(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "params", "train_set", "model_file"), args, strict=False)) | kwargs
    boosters.load(given["self"], given.get("model_file"))
    if given.get("train_set") is not None:
        said = dict(given.get("params") or {})
        boosters.train(given["self"], given["train_set"], said, _names)


def _update(_: Any, args: Arguments, kwargs: Named) -> None:
    matrix = args[1] if len(args) > 1 else kwargs.get("train_set")
    if matrix is not None:
        boosters.update(args[0], matrix, {}, _names)


def _names(booster: Any) -> Any:
    return booster.feature_name()


def _predict(result: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "data"), args, strict=False)) | kwargs
    boosters.predict(result, args[0], [given["data"], *args[2:], *kwargs.values()])


def _save(_: Any, args: Arguments, kwargs: Named) -> None:
    models.saved(args[0], args[1] if len(args) > 1 else kwargs["filename"])


def _take(result: Any, args: Arguments, _: Named) -> None:
    boosters.take(result, args[0])
