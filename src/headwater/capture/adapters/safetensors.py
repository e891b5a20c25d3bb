"""safetensors: written under another name and moved, and read, in Rust, unseen by the net.

`safe_open` is a class in Rust, whose objects cannot be referred to weakly. Which file one is of
stands beside its place in memory; whoever comes to stand there later has been opened too.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from headwater.capture import files, models, objects, runtime
from headwater.capture.origins import Origin
from headwater.capture.patching import Patches
from headwater.capture.quiet import is_deaf, quiet

SUPPORTED = ((0, 4), (1, 0))

HANDLES_MAX: Final = 10_000
"""Open files, and slices of them, that are told apart; of older ones nothing is known."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]

_opened: Final[dict[int, Origin | None]] = {}


def install(module: ModuleType, patches: Patches) -> None:
    """Observe what names a file, and what is taken out of an open one."""
    if module.__name__ == "safetensors":
        _install_handles(module, patches)
        return
    patches.observe(module, "load_file", _load)
    patches.observe(module, "save_file", _save)
    if hasattr(module, "save_model"):
        patches.observe(module, "save_model", _save_model)
        patches.observe(module, "load_model", _load_model)


def _load(result: Any, args: Arguments, kwargs: Named) -> None:
    objects.load(result, args[0] if args else kwargs["filename"])


def _save(_: Any, args: Arguments, kwargs: Named) -> None:
    given = args[0] if args else next(kwargs[name] for name in _TENSORS if name in kwargs)
    file = args[1] if len(args) > 1 else kwargs["filename"]
    models.saved(objects.stand_in(given), file)


_TENSORS: Final = ("tensor_dict", "tensors")


def _save_model(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("model", "filename"), args, strict=False)) | kwargs
    models.saved(given["model"], given["filename"])


def _load_model(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("model", "filename"), args, strict=False)) | kwargs
    from headwater.capture.adapters import torch_weights  # the program has imported PyTorch

    torch_weights.teach(given["model"], files.read(given["filename"]) or Origin(opaque=True))


# Open files


def _install_handles(module: ModuleType, patches: Patches) -> None:
    handle = module.safe_open

    def __init__(self: object, *args: Any, **kwargs: Any) -> None:  # noqa: N807 (it takes its place)
        if is_deaf():
            return
        try:
            with quiet():
                given = args[0] if args else kwargs.get("filename")
                _keep(self, files.read(given))
        except Exception as error:
            runtime.complain(f"safe_open: {error!r}")

    import inspect  # numpy and PyTorch have imported it

    made: Any = __init__
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    shown = inspect.signature(handle)
    made.__signature__ = shown.replace(parameters=[own, *shown.parameters.values()])
    made.__doc__ = handle.__init__.__doc__
    del made.__annotations__
    patches.replace(handle, "__init__", __init__)
    for name in ("get_tensor", "get_tensors"):
        if hasattr(handle, name):
            patches.observe(handle, name, _take)
    patches.observe(handle, "get_slice", _take_slice)


def _keep(handle: object, origin: Origin | None) -> None:
    _opened.pop(id(handle), None)
    if len(_opened) >= HANDLES_MAX:
        del _opened[next(iter(_opened))]
    _opened[id(handle)] = origin


def _take(result: Any, args: Arguments, _: Named) -> None:
    origin = _opened.get(id(args[0]))
    if origin is not None:
        objects.give(result, origin)


_sliced: Final[list[type]] = []


def _take_slice(result: Any, args: Arguments, _: Named) -> None:
    _keep(result, _opened.get(id(args[0])))
    if type(result) not in _sliced:
        _sliced.append(type(result))
        Patches().observe(type(result), "__getitem__", _take)
