"""Which libraries are understood, and the hook that fits an adapter when one is imported.

An adapter is a module with

    SUPPORTED = ((2, 0), (4, 0))    from this version of the library on, up to and without that
    def install(module, patches):   put observers into it (`patching.Patches`)

Others add theirs by an entry point of the group `headwater.adapters`, named as the module that it
is for. `headwater run` looks those up once and tells its processes by `HEADWATER_ADAPTERS`
(`module=adapter` separated by commas), so that no process spends its start on looking.

An adapter that fails, or meets a version that it does not know, is taken out whole: one warning on
standard error, and a gap on the run.
"""

from __future__ import annotations

import os
import sys

from headwater.capture import opens, runtime
from headwater.capture.patching import Patches
from headwater.capture.quiet import quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, Final, TypeAlias


ADAPTERS: Final[Mapping[str, str]] = {
    "sys": "headwater.capture.adapters.processes",
    "os": "headwater.capture.adapters.processes",
    "signal": "headwater.capture.adapters.processes",
    "subprocess": "headwater.capture.adapters.processes",
    "multiprocessing.util": "headwater.capture.adapters.processes",
    "threading": "headwater.capture.adapters.threading",
    "concurrent.futures.thread": "headwater.capture.adapters.threading",
    "IPython.core.interactiveshell": "headwater.capture.adapters.ipython",
    "jupyter_client.connect": "headwater.capture.adapters.jupyter",
    "ipykernel.kernelapp": "headwater.capture.adapters.jupyter",
    "pandas": "headwater.capture.adapters.pandas",
    "sqlite3": "headwater.capture.adapters.sqlite3",
    "psycopg": "headwater.capture.adapters.psycopg",
    "sqlalchemy": "headwater.capture.adapters.sqlalchemy",
    "pandas.io.sql": "headwater.capture.adapters.pandas_sql",
    "pickle": "headwater.capture.adapters.pickle",
    "cloudpickle": "headwater.capture.adapters.pickle",
    "dill": "headwater.capture.adapters.pickle",
    "shutil": "headwater.capture.adapters.copies",
    "pathlib._os": "headwater.capture.adapters.pathlib",
    "zipfile": "headwater.capture.adapters.copies",
    "tarfile": "headwater.capture.adapters.copies",
    "urllib.request": "headwater.capture.adapters.downloads",
    "requests.sessions": "headwater.capture.adapters.downloads",
    "h5py": "headwater.capture.adapters.h5py",
    "joblib": "headwater.capture.adapters.joblib",
    "skops.io._persist": "headwater.capture.adapters.skops",
    "numpy": "headwater.capture.adapters.numpy",
    "pyarrow": "headwater.capture.adapters.pyarrow",
    "pyarrow._compute": "headwater.capture.adapters.pyarrow_compute",
    "pyarrow.parquet.core": "headwater.capture.adapters.pyarrow_parquet",
    "pyarrow.dataset": "headwater.capture.adapters.pyarrow_dataset",
    "pyarrow.csv": "headwater.capture.adapters.pyarrow_files",
    "pyarrow.json": "headwater.capture.adapters.pyarrow_files",
    "pyarrow.feather": "headwater.capture.adapters.pyarrow_files",
    "pyarrow.ipc": "headwater.capture.adapters.pyarrow_files",
    "pyarrow.orc": "headwater.capture.adapters.pyarrow_files",
    "pyarrow._fs": "headwater.capture.adapters.pyarrow_files",
    "polars": "headwater.capture.adapters.polars",
    "duckdb": "headwater.capture.adapters.duckdb",
    "safetensors": "headwater.capture.adapters.safetensors",
    "safetensors.numpy": "headwater.capture.adapters.safetensors",
    "safetensors.torch": "headwater.capture.adapters.safetensors",
    "torch": "headwater.capture.adapters.torch",
    "mlflow": "headwater.capture.adapters.mlflow",
    "mlflow.store.artifact.http_artifact_repo": "headwater.capture.adapters.mlflow_artifacts",
    "mlflow.store.artifact.mlflow_artifacts_repo": "headwater.capture.adapters.mlflow_artifacts",
    "mlflow.store.artifact.models_artifact_repo": "headwater.capture.adapters.mlflow_artifacts",
    "mlflow.sklearn": "headwater.capture.adapters.mlflow_models",
    "mlflow.xgboost": "headwater.capture.adapters.mlflow_models",
    "mlflow.lightgbm": "headwater.capture.adapters.mlflow_models",
    "mlflow.pytorch": "headwater.capture.adapters.mlflow_models",
    "xgboost": "headwater.capture.adapters.xgboost",
    "lightgbm": "headwater.capture.adapters.lightgbm",
    "scipy.sparse": "headwater.capture.adapters.scipy_sparse",
    "sklearn.base": "headwater.capture.adapters.sklearn",
    "sklearn.metrics": "headwater.capture.adapters.sklearn_metrics",
    "sklearn.model_selection": "headwater.capture.adapters.sklearn_selection",
}
"""Module → the adapter that is fitted once it has been imported."""

FURTHER: Final = "HEADWATER_ADAPTERS"
GROUP: Final = "headwater.adapters"


Gap: TypeAlias = "Callable[[str], None]"


class Disabled(Exception):
    """An adapter does not fit the library that it met; says why."""


class Hook:
    """A finder that finds nothing itself: it has adapters fitted to what others find."""

    def __init__(self, adapters: Mapping[str, str], gap: Gap) -> None:
        self._adapters = dict(adapters)
        self._gap = gap
        self._searching: set[str] = set()
        self._fitted: list[Patches] = []

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Let the other finders find it, and have it adapted once it has been executed."""
        if name not in self._adapters or name in self._searching:
            return None
        self._searching.add(name)
        try:
            spec = _find(name, path, target, self)
        finally:
            self._searching.discard(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            self._follow(spec)
        return spec

    def adapt(self, module: ModuleType, *, late: bool = False) -> None:
        """Fit the adapter of a module that has been executed; `late`: and may be in use since."""
        adapter = self._adapters.pop(module.__name__, None)
        if adapter is None:
            return
        patches = Patches(late=late)
        with quiet():
            try:
                fit(adapter, module, patches)
                self._fitted.append(patches)
            except Exception as error:
                patches.undo()
                why = error if isinstance(error, Disabled) else repr(error)
                runtime.complain(f"{module.__name__} is not captured: {why}")

    def adapt_imported(self, *, late: bool) -> None:
        """Fit the adapters of what has been imported already."""
        found = [sys.modules[name] for name in list(self._adapters) if name in sys.modules]
        for module in found:
            self.adapt(module, late=late)
        if late:
            _rebind([pair for one in self._fitted for pair in one.replaced()])

    def remove(self) -> None:
        """Adapt no more, and take every adapter out again."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        replaced = [pair for one in self._fitted for pair in one.replaced()]
        for patches in reversed(self._fitted):
            with quiet():
                patches.undo()
        _rebind([(made, before) for before, made in replaced])
        self._adapters.clear()

    def _follow(self, spec: ModuleSpec) -> None:
        # On the loader as it is, and only for this one module: whoever asks a module for its
        # loader (importlib.resources, inspect) finds the one that is really there.
        loader: Any = spec.loader
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            if loader.__dict__.get("exec_module") is exec_module:
                del loader.exec_module
            execute(module)
            self.adapt(module)

        try:
            loader.exec_module = exec_module
        except AttributeError:
            self._gap(f"{spec.name} is not captured: its loader {loader!r} cannot be followed")


def fit(adapter: str, module: ModuleType, patches: Patches) -> None:
    """Install `adapter` into `module`. Raises `Disabled` for a version that it does not know."""
    __import__(adapter)  # `importlib` is one module more
    found = sys.modules[adapter]
    version = getattr(sys.modules[module.__name__.partition(".")[0]], "__version__", None)
    if supports(found, version) is False:
        low, high = found.SUPPORTED
        raise Disabled(
            f"version {version} is not known (from {_dotted(low)}, before {_dotted(high)})"
        )
    found.install(module, patches)


def supports(adapter: ModuleType, version: object) -> bool | None:
    """Whether an adapter knows a version; None where it knows none, or the library tells none."""
    supported: tuple[tuple[int, ...], tuple[int, ...]] | None = getattr(adapter, "SUPPORTED", None)
    if supported is None or not isinstance(version, str):
        return None
    low, high = supported
    return low <= _numbers(version) < high


def adapters(environ: Mapping[str, str]) -> dict[str, str]:
    """List the adapters: ours, and those that `headwater run` found beside them."""
    found = dict(ADAPTERS)
    for one in environ.get(FURTHER, "").split(","):
        module, equals, adapter = one.partition("=")
        if equals:
            found[module] = adapter
    return found


def look_up() -> dict[str, str]:
    """Find the adapters of others: entry points of this environment. Takes milliseconds."""
    from importlib.metadata import entry_points

    return {one.name: one.value for one in entry_points(group=GROUP)}


def hook(gap: Gap, *, late: bool = False) -> Hook:
    """Begin to adapt: what is imported from now on, and what has been imported already.

    `late`: the program runs already, and has functions of what it imported in names of its own.
    """
    made = Hook(adapters(os.environ), gap)
    sys.meta_path.insert(0, made)
    made.adapt_imported(late=late)
    return made


def _rebind(pairs: Iterable[tuple[Any, Any]]) -> None:
    """Let names in the user's own modules mean what was put in the place of a library's functions.

    Functions written in Python stay what they are; this is for those in C.
    """
    made = {id(before): value for before, value in pairs}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name != "__main__" and (not isinstance(file, str) or opens.is_library(file)):
            continue
        if name.partition(".")[0] == "headwater":
            continue
        names = vars(module)
        for key in [key for key, value in list(names.items()) if id(value) in made]:
            names[key] = made[id(names[key])]


def _find(
    name: str, path: Sequence[str] | None, target: ModuleType | None, but: Hook
) -> ModuleSpec | None:
    for finder in list(sys.meta_path):
        search = getattr(finder, "find_spec", None)
        if finder is but or search is None:
            continue
        spec = search(name, path, target)
        if spec is not None:
            return spec  # type: ignore[no-any-return]
    return None


def _numbers(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split(".")[:3]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
