"""PyTorch's parameters: what the weights of a module came from, whichever module they lie in.

Weights are trained, loaded and copied with one module and used in another: an encoder out of an
autoencoder, a backbone within a classifier, a deep copy of the best so far. So what a module was
trained on or loaded from stands beside each of its parameters, and beside the memory that these
show, which a state shows too. Parameters of which nothing is known are as they were made, random,
but where gradients were computed of them, or processes of a group may have sent them.
"""

from __future__ import annotations

import ctypes
import weakref
import zlib
from types import ModuleType
from typing import Any, Final

from headwater.capture import beside, files, models, objects, origins
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, is_known, recall, remember, remember_new
from headwater.capture.patching import Patches

Arguments = tuple[Any, ...]
Named = dict[str, Any]


class _Learned:
    """What a module came from that taught its parameters, as far as it got."""

    __slots__ = ("origin",)

    def __init__(self, origin: Origin) -> None:
        self.origin = origin


LOOKED_BYTES_MAX: Final = 4096
MARKED_MAX: Final = 4
"""So much of so many parameters, the first and the last, tells whether a module was trained."""

_learned: Final[Beside[_Learned]] = Beside()
_taught: Final[Beside[tuple[_Learned, ...]]] = Beside()
"""A parameter, or the memory that it shows → what taught it."""
_copied: Final[Beside[weakref.ref[Any]]] = Beside()
"""A parameter that is a copy → that which it was copied of, when that had learned nothing."""
_derived: Final[Beside[int]] = Beside()
"""A parameter, or its memory → how it was when gradients were computed."""
_marked: Final[Beside[tuple[weakref.ref[Any], ...]]] = Beside()
"""A module → its parameters of which that is known."""
_looked: Final[Beside[tuple[int, list[Any], Origin | None]]] = Beside()
"""A module → when it was looked at, what was directly in it, and what its weights came from."""
_times = 0
_torch: Any = None


def install(torch: ModuleType, patches: Patches) -> None:
    """Observe copies, what is put into a tensor, and modules that carry their code along."""
    global _torch
    _torch = torch
    for kind in (torch.Tensor, torch.nn.Parameter):
        patches.observe(kind, "__deepcopy__", _copy)
    patches.observe(torch.Tensor, "copy_", _put)
    patches.observe(torch.nn.Embedding, "from_pretrained", _take_over)
    patches.observe(torch.jit, "load", _load, also=[torch.jit._serialization])
    patches.observe(torch.jit, "save", _save, also=[torch.jit._serialization])
    for kind in (torch.jit.ScriptModule, torch.jit.RecursiveScriptModule):  # traced, scripted
        patches.observe(kind, "save", _save)


def teach(model: Any, origin: Origin) -> None:
    """Let a module, and the parameters in it, be of this origin from now on."""
    global _times
    origin = origin._replace(columns=None)
    remember(model, origin)
    known = _learned.get(model)
    if known is None:
        known = _Learned(origin)
        _learned.put(model, known)
    known.origin = origin
    _times += 1
    for one in model.parameters():
        _teach(one, known)


def derive(model: Any) -> None:
    """Note how a module is when gradients of it are computed, that no optimizer stepped yet.

    If it is another later on, and still none has, the program trained it by itself.
    """
    marked = _marked.own(model)
    if marked is None:
        parts = [weakref.ref(one) for one in model.parameters() if one.requires_grad]
        marked = (*parts[:MARKED_MAX], *parts[MARKED_MAX:][-MARKED_MAX:])
        _marked.put(model, marked)
    now = [one for reference in marked if (one := reference()) is not None]
    if any(map(_is_changed, now)):
        teach(model, origins.merge(objects.UNKNOWN, origin_of(model) or Origin()))
    for one in now:
        look = _look(one)
        _derived.put(one, look)
        _derived.put(_memory(one), look)


def stepped(model: Any) -> None:
    """An optimizer changed a module, which is why it is another than when `derive` saw it."""
    for one in model.parameters():
        _forget_look(one)


def _forget_look(tensor: Any) -> None:
    _derived.put(tensor, None)
    _derived.put(_memory(tensor), None)


def _is_changed(tensor: Any) -> bool:
    known = _derived.get(tensor) if tensor is not None else None
    return known is not None and known != _look(tensor)


def _look(tensor: Any) -> int:
    """Sum what is first in the memory of a tensor; elsewhere, count what was written into it."""
    memory = _memory(tensor)
    size = memory.nbytes() if hasattr(memory, "nbytes") and memory.device.type == "cpu" else 0
    if not size:
        return -1 if tensor.is_inference() else -2 - int(tensor._version)
    held = (ctypes.c_ubyte * min(size, LOOKED_BYTES_MAX)).from_address(memory.data_ptr())
    return zlib.crc32(memoryview(held))


def is_in_group() -> bool:
    """Whether this process trains together with others, which send it weights and gradients."""
    group = _torch.distributed
    return bool(group.is_available() and group.is_initialized() and group.get_world_size() > 1)


def _teach(tensor: Any, learned: _Learned) -> None:
    """Beside the tensor, which moves to other memory, and the memory, which a state shows."""
    _forget_look(tensor)
    for thing in (tensor, _memory(tensor)):
        before = _taught.own(thing) or ()
        if learned not in before:
            _taught.put(thing, (*before, learned))


def _memory(tensor: Any) -> Any:
    find = beside.bases.get(type(tensor).__module__)
    found = None if find is None else find(tensor)
    return tensor if found is None else found


def origin_of(model: Any) -> Origin | None:
    """Tell what a module came from: itself, and all parameters in it; None: they are random."""
    inside = list(model._modules.values())
    looked = _looked.get(model)
    marked = _marked.own(model)
    is_new = looked is None or looked[0] != _times or looked[1] != inside
    if looked is not None and not is_new and not any(_is_changed(one()) for one in marked or ()):
        return looked[2]
    found = [] if (known := recall(model)) is None else [known]
    parts = list(model.parameters())
    found += [one for part in parts if (one := of(part)) is not None]
    origin = origins.merge(*found)._replace(columns=None) if found else None
    if marked is not None or all(_derived.get(part) is None for part in parts):
        _looked.put(model, (_times, inside, origin))
    return origin


def of(tensor: Any) -> Origin | None:
    """Tell what a tensor came from: a parameter, a part of a state, or one that is known itself."""
    if is_known(tensor):
        return recall(tensor)
    taught, changed = _taught.get(tensor), _is_changed(tensor)
    if taught is not None:
        return origins.merge(
            *(one.origin for one in taught), *([objects.UNKNOWN] if changed else [])
        )
    if changed or is_in_group():
        return objects.UNKNOWN
    source = _copied.own(tensor)
    before = None if source is None else source()
    # It may be an average of what the other became, or be as random as that was.
    return objects.UNKNOWN if before is not None and _taught.get(before) is not None else None


def settle(thing: Any, kind: type) -> None:
    """Let modules that are about to be written be of what their weights came from."""
    for one in (thing, *objects.members(thing)):
        if isinstance(one, kind) and (found := origin_of(one)) is not None:
            remember(one, found)


def _copy(result: Any, args: Arguments, _: Named) -> None:
    origin = of(args[0])
    if origin is not None:
        _renew()
        remember_new(result, origin)
    else:
        _copied.put(result, weakref.ref(args[0]))


def _renew() -> None:
    global _times
    _times += 1


def _put(_: Any, args: Arguments, kwargs: Named) -> None:
    """What is put into a tensor is in it, and in whatever has it for a parameter."""
    given = args[1] if len(args) > 1 else kwargs.get("src", kwargs.get("other"))
    if given is None or args[0] is given:
        return
    _renew()
    _teach(args[0], _Learned(of(given) or objects.UNKNOWN))


def _take_over(result: Any, args: Arguments, kwargs: Named) -> None:
    given = args[1] if len(args) > 1 else kwargs["embeddings"]
    teach(result, of(given) or objects.UNKNOWN)


def _load(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = files.read(args[0] if args else kwargs["f"], kind="model")
    teach(result, origin or objects.UNKNOWN)


def _save(_: Any, args: Arguments, kwargs: Named) -> None:
    model, given = args[0] if args else kwargs["m"], args[1] if len(args) > 1 else kwargs["f"]
    found = origin_of(model)
    if found is not None:
        remember(model, found)
    models.saved(model, given)
