"""PyTorch's parameters: what the weights of a module came from, whichever module they lie in.

Weights are trained, loaded and copied with one module and used in another: an encoder out of an
autoencoder, a backbone within a classifier, a deep copy of the best so far. So what a module was
trained on or loaded from stands beside each of its parameters, and beside the memory that these
show, which a state shows too. Parameters of which nothing is known are as they were made: random.
"""

from __future__ import annotations

import weakref
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


_learned: Final[Beside[_Learned]] = Beside()
_taught: Final[Beside[tuple[_Learned, ...]]] = Beside()
"""A parameter, or the memory that it shows → what taught it."""
_copied: Final[Beside[weakref.ref[Any]]] = Beside()
"""A parameter that is a copy → that which it was copied of, when that had learned nothing."""
_looked: Final[Beside[tuple[int, list[Any], Origin | None]]] = Beside()
"""A module → when it was looked at, what was directly in it, and what its weights came from."""
_times = 0


def install(torch: ModuleType, patches: Patches) -> None:
    """Observe copies, what is put into a tensor, and modules that carry their code along."""
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


def _teach(tensor: Any, learned: _Learned) -> None:
    """Beside the tensor, which moves to other memory, and the memory, which a state shows."""
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
    if looked is not None and looked[0] == _times and looked[1] == inside:
        return looked[2]
    found = [] if (known := recall(model)) is None else [known]
    found += [one for part in model.parameters() if (one := of(part)) is not None]
    origin = origins.merge(*found)._replace(columns=None) if found else None
    _looked.put(model, (_times, inside, origin))
    return origin


def of(tensor: Any) -> Origin | None:
    """Tell what a tensor came from: a parameter, a part of a state, or one that is known itself."""
    if is_known(tensor):
        return recall(tensor)
    taught = _taught.get(tensor)
    if taught is not None:
        return origins.merge(*(one.origin for one in taught))
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
