"""MLflow's artifacts that a tracking server gives out: a local copy came from what is served.

`models:/name/1`, `runs:/…` and aliases all end there. The server's file is named by the URL at
which it is served, as the run that logged it has named it. What describes a model is no data.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any

from headwater.capture import datasets, runs
from headwater.capture.adapters.mlflow import bare, place
from headwater.capture.adapters.mlflow_models import DESCRIBING
from headwater.capture.patching import Patches

SUPPORTED = ((2, 10), (4, 0))

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(module: ModuleType, patches: Patches) -> None:
    """Observe what fetches one file, and what MLflow notes beside a model that was fetched."""
    for kind, name, observer in (
        ("HttpArtifactRepository", "_download_file", _fetched),
        ("MlflowArtifactsRepository", "_download_file", _fetched),
        ("ModelsArtifactRepository", "_add_registered_model_meta_file", _noted),
    ):
        owner = getattr(module, kind, None)
        if owner is not None and owner.__module__ == module.__name__ and name in vars(owner):
            patches.observe(owner, name, observer)


def _fetched(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "remote_file_path", "local_path"), args, strict=False)) | kwargs
    remote, local = given["remote_file_path"], datasets.name(given["local_path"])
    run = runs.current()
    if os.path.basename(remote) in DESCRIBING:
        _forget(run, local)
        return
    served = datasets.name(place(bare(given["self"].artifact_uri), remote))
    run.record_read(served, {})
    run.record_draft(local, {"inputs": [served[:2]]})


def _noted(_: Any, args: Arguments, _kwargs: Named) -> None:
    _forget(runs.current(), datasets.name(os.path.join(args[-1], "registered_model_meta")))


def _forget(run: runs.Run, name: datasets.Name) -> None:
    if run.has_written(name):
        run.record_removal(name)
