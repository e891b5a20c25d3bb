"""MLflow's models: a folder, of which the files that hold the model are told; not its descriptions.

They are read by the library that wrote them, and are observed there.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any, Final

from headwater.capture import files, models, objects, runs
from headwater.capture.adapters.mlflow import place
from headwater.capture.patching import Patches

SUPPORTED = ((2, 10), (4, 0))

DESCRIBING: Final = (
    "MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt", "input_example.json",
    "serving_input_example.json", "registered_model_meta",
)  # fmt: skip
_PATHS: Final = ("model_path", "data", "pickled_model", "model_data")

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(flavor: ModuleType, patches: Patches) -> None:
    """Observe what puts a model into a folder, outside of any run."""
    patches.observe(flavor, "save_model", _save)


def _save(_: Any, args: Arguments, kwargs: Named) -> None:
    path = args[1] if len(args) > 1 else kwargs["path"]
    wrote([*args[:1], *kwargs.values()], os.fspath(path), {}, runs.current())


def wrote(given: list[Any], root: str, flavors: Any, run: runs.Run) -> None:
    """Record that a model, which is among what was given, was written into a folder."""
    found = [one for one in given if isinstance(one, tuple(models.kinds))]
    model = found[0] if len(found) == 1 else None
    local = root.removeprefix("file://")
    if os.path.isdir(local):
        named = [one for one in files.named(local) if os.path.basename(one.name) not in DESCRIBING]
    else:
        inside = {one[key] for one in flavors.values() for key in _PATHS if one.get(key)}
        named = [name for one in sorted(inside) for name in files.named(place(root, one))]
    origin = None if model is None else objects.gather(model)
    said = models.said(model) if model is not None else {"kind": "model"}
    for name in named:
        run.record_draft(name, {**(origin.said() if origin is not None else {}), **said})
    training = None if model is None else models.trainings.get(model)
    if training is not None:
        training.saved += [(run, name) for name in named]
