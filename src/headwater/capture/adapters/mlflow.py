"""MLflow: its runs are runs of ours within the current one; what is logged to one is said of it.

Everything that programs and autologging log goes through one client below the public functions;
that is where it is observed, so that fluent calls, `MlflowClient` and autologging are alike. What
MLflow does in its own store, be it files, a database or a server, is nobody's data.

A metric that is logged again and again is counted: its last value is recorded at the end, and
before that each time its count doubles. Models come into `mlflow_models`.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, Final

from headwater.capture import context, datasets, exits, files, runs, runtime
from headwater.capture.patching import Patches
from headwater.capture.quiet import quiet

SUPPORTED = ((2, 10), (4, 0))

TAGS_MAX: Final = 100
"""Tags of one run that are told; MLflow's own (`mlflow.…`) are not."""
FACET: Final = "headwater_mlflow"
_STATES: Final = {"FINISHED": runs.COMPLETE, "FAILED": runs.FAIL, "KILLED": runs.ABORT}

Arguments = tuple[Any, ...]
Named = dict[str, Any]


class _Logged:
    """A run of MLflow's, and the run of ours that says what it says."""

    def __init__(self, run: runs.Run, base: str) -> None:
        self.run = run
        self.base = base
        self.entered = False
        self.added = False
        """Whether MLflow's run had ended before, as it did."""
        self.before: runs.Run | None = None
        self.artifacts: str | None = None
        self.facet: dict[str, Any] = {}
        self.tags: dict[str, str] = {}
        self.metrics: dict[str, tuple[float, int, int]] = {}
        """Name → last value, how often it was logged, last step."""

    def count(self, name: str, value: Any, step: Any) -> None:
        """Count a value of a metric."""
        number, at = float(value), int(step or 0)
        times = self.metrics.get(name, (0.0, 0, 0))[1] + 1
        self.metrics[name] = (number, times, at)
        if times & (times - 1) == 0:
            self.run.metrics({name: number})

    def tell(self) -> None:
        """Say where it is to be found, its tags, and how often its metrics were logged."""
        counted = {
            name: {"count": times, "step": step} for name, (_, times, step) in self.metrics.items()
        }
        said = {**self.facet, "tags": dict(list(self.tags.items())[:TAGS_MAX]), "metrics": counted}
        self.run.facet(FACET, **{name: one for name, one in said.items() if one})

    def end(self, state: str, error: BaseException | None = None) -> None:
        """End it with the last values."""
        if self.run.ended:
            return
        if self.entered:
            context.restore(self.run, self.before)
        self.run.metrics({name: value for name, (value, _, _) in self.metrics.items()})
        self.tell()
        self.run.end(state, None if error is None else runs.outcome(error)[1])


_logged: Final[dict[str, _Logged]] = {}
_experiments: Final[dict[str, str]] = {"0": "Default"}


def install(mlflow: ModuleType, patches: Patches) -> None:
    """Observe the client below, and what makes a run the active one."""
    fluent = sys.modules["mlflow.tracking.fluent"]
    client = sys.modules["mlflow.tracking._tracking_service.client"].TrackingServiceClient
    registry = sys.modules.get("mlflow.tracking._model_registry.client")
    for owner in (client, getattr(registry, "ModelRegistryClient", None)):
        # Made, a client makes its store, tables and folders.
        for name in list(vars(owner)) if owner is not None else ():
            method = vars(owner).get(name)
            if (callable(method) or isinstance(method, property)) and (
                name == "__init__" or not name.startswith("__")
            ):
                patches.observe(owner, name, _METHODS.get(name, _nothing))
    patches.observe(mlflow, "start_run", _start, also=[fluent])
    patches.observe(mlflow, "end_run", _finish, before=_active, also=[fluent])
    patches.observe(mlflow.models.Model, "log", _log_model)
    runtime.recorder()  # it is to be done after these
    atexit.register(_end_all)


def _nothing(_result: Any, _args: Arguments, _kwargs: Named) -> None:
    """What MLflow does in its store."""


# Runs


def _start(result: Any, _args: Arguments, _kwargs: Named) -> None:
    logged = _of(result.info.run_id, result)
    if not logged.entered:
        logged.before = context.swap(logged.run)
        logged.entered = True


def _created(result: Any, args: Arguments, _: Named) -> None:
    _of(result.info.run_id, result, getattr(args[0], "tracking_uri", None))


def _of(run_id: str, found: Any = None, tracking: str | None = None) -> _Logged:
    """Give what speaks for a run of MLflow's; begin it if it is new here."""
    logged = _logged.get(run_id)
    if logged is None or logged.run.ended:
        outer = runs.current()
        above = [one for one in _logged.values() if one.run is outer]
        base = above[0].base if above else outer.name or "python"
        experiment = "" if found is None else found.info.experiment_id
        name = f"{base}.{_experiments.get(experiment, 'mlflow')}"
        run = runs.Run(name if logged is None else logged.run.name)
        run.begin(outer)
        ended, logged = logged, _Logged(run, base)
        _logged[run_id] = logged
        logged.facet = {"runId": run_id, "trackingUri": bare(tracking or _tracking_uri())}
        if ended is not None:  # and something is added to it
            logged.facet, logged.artifacts, logged.added = ended.facet, ended.artifacts, True
    if found is not None:
        info = found.info
        logged.artifacts = served(info.artifact_uri)
        for key, value in found.data.tags.items():
            _tag(logged, key, value)
        logged.facet |= {
            "experimentId": info.experiment_id,
            "runName": getattr(info, "run_name", None),
            "experiment": _experiments.get(info.experiment_id),
            "artifactUri": bare(info.artifact_uri),
        }
    return logged


def _tracking_uri() -> str:
    return str(sys.modules["mlflow"].get_tracking_uri())


def bare(uri: str | None) -> str:
    """Leave user, password and query out of a URI."""
    scheme, mark, rest = (uri or "").partition("://")
    if not mark:
        return scheme
    authority, slash, path = rest.partition("?")[0].partition("#")[0].partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def _active(_args: Arguments, _kwargs: Named) -> str | None:
    run = sys.modules["mlflow"].active_run()
    return None if run is None else str(run.info.run_id)


def _finish(_: Any, args: Arguments, kwargs: Named) -> None:
    logged = _logged.get(kwargs["__before__"] or "")
    if logged is not None:
        status = args[0] if args else kwargs.get("status", "FINISHED")
        logged.end(_STATES.get(status, runs.COMPLETE), sys.exc_info()[1])


def _terminated(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "run_id", "status"), args, strict=False)) | kwargs
    logged = _logged.get(given["run_id"])
    if logged is not None:
        logged.end(_STATES.get(given.get("status") or "FINISHED", runs.COMPLETE))


def _end_all() -> None:
    """MLflow ends what is left open when the process ends."""
    with quiet():
        error = exits.uncaught()
        for logged in reversed(list(_logged.values())):
            try:
                failed = error is not None and not logged.added
                logged.end(*((runs.outcome(error)[0], error) if failed else (runs.COMPLETE,)))
            except Exception as problem:
                runtime.complain(f"mlflow: {problem!r}")


def _know_experiment(result: Any, args: Arguments, kwargs: Named) -> None:
    if isinstance(result, str):  # a new one
        _experiments[result] = str(args[1] if len(args) > 1 else kwargs.get("name"))
    elif result is not None:
        _experiments[str(result.experiment_id)] = str(result.name)


# What is logged


def _log_param(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "run_id", "key", "value"), args, strict=False)) | kwargs
    _of(given["run_id"]).run.params({given["key"]: given["value"]})


def _log_metric(_: Any, args: Arguments, kwargs: Named) -> None:
    order = ("self", "run_id", "key", "value", "timestamp", "step")
    given = dict(zip(order, args, strict=False)) | kwargs
    _of(given["run_id"]).count(given["key"], given["value"], given.get("step"))


def _set_tag(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "run_id", "key", "value"), args, strict=False)) | kwargs
    if not _is_its_own(given["key"]):
        _tag(_of(given["run_id"]), given["key"], given["value"])


def _tag(logged: _Logged, key: str, value: Any) -> None:
    if not _is_its_own(key):
        logged.tags[key] = str(value)


def _is_its_own(key: str) -> bool:
    """Whether a tag is one by which MLflow keeps something for itself."""
    return key.startswith("mlflow.")


def _log_batch(_: Any, args: Arguments, kwargs: Named) -> None:
    order = ("self", "run_id", "metrics", "params", "tags")
    given = dict(zip(order, args, strict=False)) | kwargs
    tags = [one for one in given.get("tags") or () if not _is_its_own(one.key)]
    if not (given.get("metrics") or given.get("params") or tags):
        return
    logged = _of(given["run_id"])
    params = {one.key: one.value for one in given.get("params") or ()}
    if params:
        logged.run.params(params)
    for one in given.get("metrics") or ():
        logged.count(one.key, one.value, one.step)
    for one in tags:
        _tag(logged, one.key, one.value)


def _log_inputs(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "run_id", "datasets"), args, strict=False)) | kwargs
    logged = _of(given["run_id"])
    for one in given.get("datasets") or ():
        source = json.loads(one.dataset.source or "{}")
        named = next((source[key] for key in ("uri", "url", "path") if source.get(key)), None)
        if isinstance(named, str):
            for name in files.named(named.removeprefix("file://")):
                logged.run.record_read(name, {})


def _log_artifact(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "run_id", "local_path", "artifact_path"), args, strict=False))
    given |= kwargs
    local = os.fspath(given["local_path"])
    folder = os.path.basename(os.path.normpath(local)) if os.path.isdir(local) else None
    _put(given["run_id"], local, [given.get("artifact_path"), folder])


def _log_artifacts(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "run_id", "local_dir", "artifact_path"), args, strict=False))
    given |= kwargs
    _put(given["run_id"], os.fspath(given["local_dir"]), [given.get("artifact_path")])


def _put(run_id: str, local: str, parts: Iterable[str | None]) -> None:
    """Files are copied to where the artifacts of a run are kept."""
    logged = _of(run_id)
    run = logged.run
    holding = os.path.dirname(_real(local))
    scratch = os.path.dirname(holding) == _real(tempfile.gettempdir()) and os.path.basename(
        holding
    ).startswith(tempfile.gettempprefix())
    for source in files.named(local):
        inside = "" if not os.path.isdir(local) else os.path.relpath(source.name, _real(local))
        end = inside or os.path.basename(local)
        target = None
        if logged.artifacts is not None:
            target = place(logged.artifacts, *(one for one in parts if one), end)
        if scratch and target is not None and source.path is not None:
            # MLflow writes what it is given as text, figure or table into such a file first.
            holder = runs.current()
            if holder.has_written(source):
                holder.record_removal(source)
                run.record_draft(datasets.name(target), {})
                continue
        run.record_read(source, {})
        if target is not None:
            run.record_draft(datasets.name(target), {"inputs": [source[:2]]})


def _real(path: str) -> str:
    return os.path.realpath(path)


def served(uri: str) -> str:
    """Give the URL at which a tracking server gives out what it keeps for a run.

    It names that itself by `mlflow-artifacts:/`, with a server or without, which is then the one
    that is used. Any other place has its own name already.
    """
    scheme, _, rest = uri.partition(":")
    if scheme != "mlflow-artifacts":
        return uri
    tracking = bare(_tracking_uri())
    server = tracking
    if rest.startswith("//") and not rest.startswith("///"):
        authority, _, rest = rest[2:].partition("/")
        server = f"{tracking.partition('://')[0]}://{authority}"
    return place(server, "api/2.0/mlflow-artifacts/artifacts", rest)


def place(root: str, *parts: str) -> str:
    """Name a file below a folder, which may be a URL."""
    root = root.removeprefix("file://")
    return "/".join([root.rstrip("/"), *(part.strip("/").replace(os.sep, "/") for part in parts)])


# Models


def _log_model(result: Any, args: Arguments, kwargs: Named) -> None:
    from headwater.capture.adapters import mlflow_models

    run_id = getattr(result, "run_id", None)
    logged = _of(run_id) if run_id else None
    root = served(str(result.artifact_path))
    if "/" not in root or not (os.path.isabs(root) or ":" in root):
        root = place((logged.artifacts if logged else None) or "", root)
    given = [*args, *kwargs.values()]
    mlflow_models.wrote(given, root, result.flavors, logged.run if logged else runs.current())


_METHODS: Final[dict[str, Callable[..., None]]] = {
    "create_run": _created,
    "set_terminated": _terminated,
    "get_experiment": _know_experiment,
    "get_experiment_by_name": _know_experiment,
    "create_experiment": _know_experiment,
    "log_param": _log_param,
    "log_metric": _log_metric,
    "log_batch": _log_batch,
    "set_tag": _set_tag,
    "log_inputs": _log_inputs,
    "log_artifact": _log_artifact,
    "log_artifacts": _log_artifacts,
}
