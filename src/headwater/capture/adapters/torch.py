"""PyTorch: tensors, by dataset; modules in `torch_modules`, loaders in `torch_data`, files here.

A tensor shows a storage, as a view shows an array: origins stand beside both. Tensors made of known
arrays, moved, cast, joined or classified by are known; other arithmetic is of unknown origin.
PyTorch counts what is written into a tensor in place, and the count is held against. A tensor that
shares the memory of an array is held against that too, and an array of a tensor's memory is summed.

While something is compiled or traced, nothing is observed: what is compiled is what was there.
"""

from __future__ import annotations

import ctypes
import importlib
import zlib
from types import ModuleType
from typing import Any, Final

from headwater.capture import beside, contents, handles, models, objects
from headwater.capture.adapters import torch_data, torch_modules, torch_weights
from headwater.capture.origins import recall, remember, remember_new
from headwater.capture.patching import Patches
from headwater.capture.watching import watched

SUPPORTED = ((2, 1), (3, 0))

_MAKING: Final = ("tensor", "as_tensor", "from_numpy")
_JOINING: Final = ("cat", "concat", "stack", "vstack", "hstack")
_KEEPING: Final = (
    "to", "float", "double", "half", "long", "int", "cpu", "cuda", "clone", "argmax", "softmax",
    "sigmoid",
)  # fmt: skip
"""Methods by which a tensor becomes another of the same data."""
_KINDS: Final = ("torch", "torch.nn.parameter")

Arguments = tuple[Any, ...]
Named = dict[str, Any]

_module: type = type(None)
"""The class of modules, once there is one."""


def install(torch: ModuleType, patches: Patches) -> None:
    """Observe what makes tensors, what trains and asks modules, and what names a file."""
    global _module
    _module = torch.nn.Module
    for kind in _KINDS:
        beside.bases[kind] = _storage
        contents.witnesses[kind] = contents.Witness(_mark, _holds, _owner)
    objects.followed.extend((torch.Tensor, torch.nn.Module))
    models.kinds.append(torch.nn.Module)
    objects.states.append(torch_modules.told)
    compiled = torch.compiler.is_compiling
    builtins = importlib.import_module("torch.jit._builtins")
    # Where C looks for the function that `__torch_function__` is told of.
    told = type(torch._C._VariableFunctions)
    for names, observer in ((_MAKING, _make), (_JOINING, _join)):
        for name in names:
            # TorchScript knows functions by identity; Dynamo goes into those of Python.
            original = getattr(torch, name)
            made = watched(original, observer, guard=torch_modules.calling, unless=compiled)
            builtins._register_builtin(made, f"aten::{name}")
            patches.replace(torch, name, made)
            if name in vars(told):
                patches.replace(told, name, staticmethod(made))
    for name in _KEEPING:
        patches.observe(torch.Tensor, name, _keep, guard=torch_modules.calling)
    patches.observe(torch.Tensor, "numpy", _show, guard=torch_modules.calling)
    for name, action, before in (("save", _save, handles.note), ("load", _load, None)):
        patches.observe(
            torch, name, action, before=before, also=[torch.serialization], called_back=True
        )
    torch_modules.install(torch, patches)
    torch_data.install(torch, patches)
    torch_weights.install(torch, patches)


def _storage(tensor: Any) -> object:
    found = getattr(tensor, "untyped_storage", None)
    try:
        return None if found is None else found()
    except (RuntimeError, NotImplementedError):  # sparse, fake, or on no device
        return None


def _owner(tensor: Any) -> Any:
    found = _storage(tensor)
    return tensor if found is None else found


def _mark(tensor: Any) -> int | tuple[int] | None:
    """How often a tensor was written into; inference tensors do not count, and are summed."""
    try:
        return int(tensor._version)
    except RuntimeError:
        return _sum(_storage(tensor))


def _holds(tensor: Any, mark: int | tuple[int]) -> bool:
    now = _mark(tensor) if isinstance(mark, int) else _sum(_storage(tensor))
    return now == mark and contents.shared_holds(_owner(tensor))


def _sum(storage: Any) -> tuple[int] | None:
    """Sum the bytes of a storage in main memory, within the limit of arrays."""
    size = 0 if storage is None or storage.device.type != "cpu" else storage.nbytes()
    if not 0 < size <= contents.SUMMED_BYTES_MAX:
        return None
    held = (ctypes.c_ubyte * size).from_address(storage.data_ptr())
    return (zlib.crc32(memoryview(held)),)


def _make(result: Any, args: Arguments, kwargs: Named) -> None:
    """A tensor of an array, a frame or a list of tensors; it may share their memory."""
    data = args[0] if args else kwargs.get("data")
    origin = objects.gather(data)
    if origin is not None and result is not data:
        remember_new(result, origin._replace(columns=None))
        if type(data).__module__ == "numpy" and hasattr(data, "flags"):
            contents.share(_owner(result), data)


def _join(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = objects.together(args[0] if args else kwargs["tensors"])
    if origin is not None:
        remember_new(result, origin)
        _predicted(result, args[0] if args else kwargs["tensors"])


def _keep(result: Any, args: Arguments, _: Named) -> None:
    origin = torch_weights.of(args[0])
    if origin is not None and result is not args[0]:
        remember_new(result, origin)
        _predicted(result, args[:1])


def _predicted(result: Any, given: Any) -> None:
    found = [models.predictor(one) for one in given]
    if found and found[0] is not None and all(one is found[0] for one in found):
        models.predicted(result, found[0])


def _show(result: Any, args: Arguments, _: Named) -> None:
    """An array that shows the memory of a tensor; what is put into that is not counted."""
    origin = torch_weights.of(args[0])
    if origin is not None:
        contents.mark(args[0], _sum(_storage(args[0])))
        remember(result, origin)
        _predicted(result, args[:1])


def _save(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("obj", "f"), args, strict=False)) | kwargs
    thing = objects.stand_in(given["obj"])
    if any(map(torch_modules.is_state, (thing, *objects.members(thing)))):
        objects.store(thing, given["f"], kind="model")
    else:
        torch_weights.settle(thing, _module)
        models.saved(thing, given["f"])


def _load(result: Any, args: Arguments, kwargs: Named) -> None:
    objects.load(result, args[0] if args else kwargs["f"])
    for one in (result, *objects.members(result)):
        if isinstance(one, _module) and (origin := recall(one)) is not None:
            torch_weights.teach(one, origin)
