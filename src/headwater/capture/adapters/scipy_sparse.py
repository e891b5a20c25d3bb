"""scipy: sparse matrices, as vectorizers and encoders make them; their rows, and their files.

A matrix may be written into like any array, so the arrays that it is made of are summed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from headwater.capture import contents, objects, origins
from headwater.capture.origins import recall, remember_new
from headwater.capture.patching import Patches

SUPPORTED = ((1, 10), (2, 0))

_FORMATS: Final = ("csr", "csc", "coo", "bsr")
_KEEPING: Final = (
    "toarray", "todense", "tocsr", "tocsc", "tocoo", "copy", "transpose", "astype",
)  # fmt: skip
"""Methods that give the same in another form."""
_PARTS: Final = ("data", "indices", "indptr", "row", "col")

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(sparse: ModuleType, patches: Patches) -> None:
    """Observe what is taken out of matrices, put together of them, and kept in files."""
    kinds = [getattr(sparse, f"{form}_{kind}") for form in _FORMATS for kind in ("matrix", "array")]
    objects.followed.extend(kinds)
    for module in {kind.__module__ for kind in kinds}:
        contents.witnesses[module] = contents.Witness(_sums, _holds, lambda matrix: matrix)
    for name, observer in (("__getitem__", _take), *((name, _keep) for name in _KEEPING)):
        for owner in {owner for kind in kinds for owner in kind.__mro__ if name in vars(owner)}:
            patches.observe(owner, name, observer)
    observers: dict[str, Callable[[Any, Arguments, Named], None]] = {
        "hstack": _join, "vstack": _join, "save_npz": _save, "load_npz": _load,
    }  # fmt: skip
    for name, joined in observers.items():
        patches.observe_function(sparse, name, joined)


def _sums(matrix: Any) -> tuple[Any, ...] | None:
    parts = [getattr(matrix, name, None) for name in _PARTS]
    found = tuple(contents.summed(one) for one in parts if one is not None)
    return None if None in found else found


def _holds(matrix: Any, mark: tuple[Any, ...]) -> bool:
    return _sums(matrix) == mark


def _keep(result: Any, args: Arguments, _: Named) -> None:
    origin = recall(args[0])
    if origin is not None and result is not args[0]:
        remember_new(result, origin)


def _take(result: Any, args: Arguments, _: Named) -> None:
    """Rows and columns, by numbers that may have come from elsewhere."""
    origin = recall(args[0])
    if origin is not None:
        places = args[1] if isinstance(args[1], tuple) else (args[1],)
        remember_new(result, origins.merge(origin, objects.brought(places))._replace(columns=None))


def _join(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = objects.together(args[0] if args else kwargs["blocks"])
    if origin is not None:
        remember_new(result, origin._replace(columns=None))


def _save(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("file", "matrix"), args, strict=False)) | kwargs
    objects.store(given["matrix"], _named(given["file"]))


def _load(result: Any, args: Arguments, kwargs: Named) -> None:
    objects.load(result, _named(args[0] if args else kwargs["file"]))


def _named(file: Any) -> Any:
    """A name without an ending gets one, as of numpy's archives."""
    if isinstance(file, (str, os.PathLike)) and not os.fspath(file).endswith(".npz"):
        return f"{os.fspath(file)}.npz"
    return file
