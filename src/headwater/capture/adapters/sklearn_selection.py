"""scikit-learn's model selection: parts know what they are parts of; cross-validation is a run."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType
from typing import Any, Final

from headwater.capture import models, objects
from headwater.capture.adapters.sklearn import called, fitting
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, Split, merge, mix, mixed, recall, remember
from headwater.capture.patching import Patches
from headwater.capture.watching import Observer, generating

SUPPORTED = ((1, 3), (2, 0))

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(selection: ModuleType, patches: Patches) -> None:
    """Observe the functions; searches are estimators."""
    for name, observer in (
        ("train_test_split", _split),
        ("cross_val_score", _validated("cross_val_score")),
        ("cross_validate", _validated("cross_validate")),
        ("cross_val_predict", _predict),
    ):
        defined = sys.modules[getattr(selection, name).__module__]
        patches.observe(selection, name, observer, also=[defined])
    patches.observe_function(sys.modules["sklearn.utils"], "resample", _resample)
    for kind in list(vars(sys.modules["sklearn.model_selection._split"]).values()):
        split = vars(kind).get("split") if isinstance(kind, type) else None
        if not isinstance(split, FunctionType):
            continue
        if split.__code__.co_flags & _GENERATOR:
            patches.replace(kind, "split", generating(split, _fold))
        else:  # it makes an array of the label, and goes on with a generator
            patches.observe(kind, "split", _ask)


def _split(result: Any, args: Arguments, kwargs: Named) -> None:
    """Each array gives two parts."""
    if not args:
        return
    sizes = [part.shape[0] if hasattr(part, "shape") else len(part) for part in result[:2]]
    seed = kwargs.get("random_state")
    how = (
        ("train", sizes[0]),
        ("test", sizes[1]),
        ("random_state", seed if isinstance(seed, int) else None),
        ("shuffle", bool(kwargs.get("shuffle", True))),
        ("stratified", kwargs.get("stratify") is not None),
    )
    for place, part in enumerate(result):
        origin = recall(args[place // 2]) or Origin(opaque=True)
        split = Split("test" if place % 2 else "train", how)
        remember(part, origin._replace(splits=origin.splits | {split}))
        mix(part, mixed(args[place // 2]))


def _resample(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows are chosen by chance, or by what they are to be stratified by."""
    by = objects.brought([kwargs.get("stratify")])
    for part, whole in zip(result if len(args) > 1 else [result], args, strict=False):
        origin = recall(whole)
        if origin is not None:
            remember(part, merge(origin, by).of_columns(None if by.opaque else origin.columns))


_GENERATOR: Final = 0x20
"""`CO_GENERATOR` of `inspect`."""


_asked: Final[Beside[Origin]] = Beside()
"""A splitter → the origin of what it was last asked to split."""


def _ask(_: Any, args: Arguments, kwargs: Named) -> None:
    _asked.put(args[0], objects.brought([*args[1:], *kwargs.values()]))


def _fold(number: int, parts: Any, args: Arguments, kwargs: Named) -> None:
    """The numbers of the rows of each part came from what is split."""
    splitter, given = args[0], [*args[1:], *kwargs.values()]
    train, test = parts
    how = (
        ("method", type(splitter).__name__),
        ("fold", number),
        ("train", len(train)),
        ("test", len(test)),
        ("random_state", _number(getattr(splitter, "random_state", None))),
        ("shuffle", bool(getattr(splitter, "shuffle", False))),
    )
    origin = _asked.own(splitter) or objects.brought(given)
    origin = origin._replace(columns=None, shaped=frozenset())
    for part, rows in (("train", train), ("test", test)):
        remember(rows, origin._replace(splits=origin.splits | {Split(part, how)}))


def _number(seed: Any) -> int | None:
    return seed if isinstance(seed, int) else None


def _validated(name: str) -> Observer:
    def observe(result: Any, args: Arguments, kwargs: Named) -> None:
        if fitting.get():
            return
        model = args[0] if args else kwargs["estimator"]
        columns = result if isinstance(result, dict) else {"test_score": result}
        measured: dict[str, float] = {}
        for key, column in columns.items():
            if key.startswith(("test_", "train_")):
                measured |= {f"mean_{key}": float(column.mean()), f"std_{key}": float(column.std())}
        params = {"estimator": called(model), **model.get_params(), "folds": len(column)}
        models.trial(name, params, measured, objects.made_of([*args[1:], *kwargs.values()]))

    return observe


def _predict(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = objects.made_of([*args[1:], *kwargs.values()])
    if origin is not None:
        objects.give(result, origin)
        models.predicted(result, args[0] if args else kwargs["estimator"])
