"""XGBoost's own interface; its estimators are scikit-learn's to the adapter of that."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Final

from headwater.capture import boosters, models, objects
from headwater.capture.beside import Beside
from headwater.capture.patching import Patches
from headwater.capture.watching import Observer

SUPPORTED = ((2, 0), (4, 0))

_BESIDE: Final = (
    "weight", "group", "qid", "label_lower_bound", "label_upper_bound", "feature_weights",
)  # fmt: skip
"""What a matrix is made of besides data and label, and learned of by who is trained on it."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]

_settings: Final[Beside[Named]] = Beside()
"""A booster → the parameters that it was made with."""


def install(xgboost: ModuleType, patches: Patches) -> None:
    """Observe matrices, training, and boosters in and out of files."""
    booster = xgboost.Booster
    models.kinds.append(booster)
    objects.followed.append(booster)
    for matrix in (xgboost.DMatrix, xgboost.QuantileDMatrix):
        patches.observe(matrix, "__init__", _hold)
    for name in ("label", "weight", "base_margin", "group"):
        patches.observe(xgboost.DMatrix, f"set_{name}", _add(name))
    for name in ("set_info", "set_float_info", "set_float_info_npy2d", "set_uint_info"):
        patches.observe(xgboost.DMatrix, name, _add_by_name)
    training = sys.modules["xgboost.training"]
    patches.observe(
        xgboost, "train", _train, before=boosters.begin, failed=boosters.broke_off,
        guard=boosters.training, lifted=True, also=[training],
    )  # fmt: skip
    patches.observe(xgboost, "cv", _cross_validate, also=[training])
    patches.observe(booster, "update", _update)
    patches.observe(booster, "boost", _update)
    patches.observe(booster, "__init__", _begin)
    patches.observe(booster, "predict", _predict)
    patches.observe(booster, "inplace_predict", _predict)
    estimator = getattr(xgboost, "XGBModel", None)
    for owner in (booster, estimator):
        if owner is not None:
            patches.observe(owner, "save_model", _save, called_back=True)
            patches.observe(owner, "load_model", _load, called_back=True)
    if estimator is not None:
        patches.observe(estimator, "get_booster", _take)


def _hold(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "data", "label"), args, strict=False)) | kwargs
    others = [given.get(name) for name in _BESIDE]
    margin = given.get("base_margin")
    boosters.hold(given["self"], given.get("data"), given.get("label"), others, margin=margin)


def _add(name: str) -> Observer:
    def observe(_: Any, args: Arguments, kwargs: Named) -> None:
        boosters.add(args[0], name, [*args[1:], *kwargs.values()])

    return observe


def _add_by_name(_: Any, args: Arguments, kwargs: Named) -> None:
    """`set_info(label=…)`, or `set_float_info("label", …)`."""
    if len(args) + len(kwargs) == 3 and ("field" in kwargs or isinstance(args[1], str)):
        given = dict(zip(("self", "field", "data"), args, strict=False)) | kwargs
        kwargs = {given["field"]: given["data"]}
    for name, one in kwargs.items():
        boosters.add(args[0], name, [one])


def _train(result: Any, args: Arguments, kwargs: Named) -> None:
    order = ("params", "dtrain", "num_boost_round")
    given = dict(zip(order, args, strict=False)) | kwargs
    begun: boosters.Begun | None = kwargs["__before__"]
    said = {**dict(given["params"]), "num_boost_round": given.get("num_boost_round", 10)}
    stopped = boosters.held_out(given, [one for one, _ in given.get("evals") or ()])
    boosters.train(
        result,
        given["dtrain"],
        said,
        _names,
        before=given.get("xgb_model"),
        more=(stopped, None if begun is None else begun.stop()),
    )
    best = getattr(result, "best_iteration", None)  # which it has only if it was stopped
    boosters.evaluated(result, given.get("evals_result"), best)


def _cross_validate(result: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("params", "dtrain"), args, strict=False)) | kwargs
    columns = {name: list(result[name]) for name in result}
    boosters.cross_validated(given["params"], given["dtrain"], columns)


def _begin(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "params", "cache", "model_file"), args, strict=False)) | kwargs
    boosters.load(given["self"], given.get("model_file"))
    _settings.put(given["self"], dict(given.get("params") or {}))


def _update(_: Any, args: Arguments, kwargs: Named) -> None:
    matrix = args[1] if len(args) > 1 else kwargs["dtrain"]
    boosters.update(args[0], matrix, _settings.get(args[0]) or {}, _names)


def _names(booster: Any) -> Any:
    return booster.feature_names


def _predict(result: Any, args: Arguments, kwargs: Named) -> None:
    boosters.predict(result, args[0], [*args[1:], *kwargs.values()])


def _save(_: Any, args: Arguments, kwargs: Named) -> None:
    models.saved(args[0], args[1] if len(args) > 1 else kwargs["fname"])


def _load(_: Any, args: Arguments, kwargs: Named) -> None:
    boosters.load(args[0], args[1] if len(args) > 1 else kwargs["fname"])


def _take(result: Any, args: Arguments, _: Named) -> None:
    boosters.take(result, args[0])
