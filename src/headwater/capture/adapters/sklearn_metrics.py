"""scikit-learn's metrics: what they say of a model's predictions is said of the model."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType
from typing import Any

from headwater.capture import models
from headwater.capture.adapters.sklearn import fitting
from headwater.capture.patching import Patches
from headwater.capture.watching import Observer

SUPPORTED = ((1, 3), (2, 0))

_TRUTHS = ("y_true",)
_ANSWERS = ("y_pred", "y_score", "y_proba", "y_prob", "pred_decision")


def install(metrics: ModuleType, patches: Patches) -> None:
    """Observe each function that gives one number."""
    for name in metrics.__all__:
        function = getattr(metrics, name)
        if isinstance(function, FunctionType) and name.endswith(("_score", "_loss", "_error")):
            defined = sys.modules[function.__module__]
            patches.observe(metrics, name, _measured(name), also=[defined])


def _measured(name: str) -> Observer:
    def observe(result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if fitting.get():
            return
        answers = args[1] if len(args) > 1 else _named(kwargs, _ANSWERS)
        maker = models.predictor(answers)
        if maker is not None:
            truth = args[0] if args else _named(kwargs, _TRUTHS)
            models.measure(maker, name, result, truth)

    return observe


def _named(kwargs: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((kwargs[name] for name in names if name in kwargs), None)
