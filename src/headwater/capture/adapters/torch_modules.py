"""PyTorch's modules: what they were trained on, what they predict, and their states.

A module that is called from outside of any other gives what came from it and from what it was
called with; the loss is such a result. A step of an optimizer trains the modules that were called
since the last one and have parameters of its own, on what the losses came from that gradients were
computed of. A loss that was computed otherwise came from nobody knows what, and so did gradients
that processes of a group share.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any, Final

from headwater.capture import models, objects, origins
from headwater.capture.adapters.torch_weights import derive, is_in_group, origin_of, stepped, teach
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, recall, remember_new
from headwater.capture.patching import Patches
from headwater.capture.quiet import busy, quiet
from headwater.capture.runtime import complain
from headwater.capture.watching import watched

calling: Final[ContextVar[bool]] = ContextVar("headwater_calling", default=False)
"""Whether a module is being called: what goes on within is the module's."""

SETTINGS_MAX: Final = 20
"""Groups of parameters whose settings are told one by one."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


class _Loop:
    """What happened since the last step of an optimizer."""

    def __init__(self) -> None:
        self.called: dict[int, weakref.ref[Any]] = {}
        self.losses: Origin | None = None
        self.stepped = False
        self.drawn: object = None

    def renew(self) -> None:
        """Begin anew after a step."""
        if self.stepped:
            self.called.clear()
            self.losses, self.stepped = None, False


class _Fit:
    """How a module was trained so far."""

    def __init__(self, seed: int) -> None:
        self.optimizers: list[tuple[weakref.ref[Any], dict[str, Any]]] = []
        self.seed = seed
        self.steps = 0
        self.epochs = 0
        self.drawn: object = None


loop: Final = _Loop()
_fits: Final[Beside[_Fit]] = Beside()
_states: Final[Beside[tuple[weakref.ref[Any], tuple[tuple[str, int], ...]]]] = Beside()
_owned: Final[Beside[dict[int, bool]]] = Beside()
_torch: Any = None


def install(torch: ModuleType, patches: Patches) -> None:
    """Observe calls from outside, gradients, steps, and states in and out."""
    global _torch
    _torch = torch
    module = torch.nn.Module
    call = watched(module.__call__, _called, guard=calling, unless=torch.compiler.is_compiling)
    patches.replace(module, "__call__", call)
    patches.observe(module, "state_dict", _give_state)
    patches.observe(module, "load_state_dict", _take_state)
    patches.observe(torch.autograd, "backward", _differentiated, guard=calling)
    patches.observe(torch.autograd, "grad", _derived, guard=calling)
    hook = torch.optim.Optimizer.__module__
    register = __import__(hook, fromlist=["_"]).register_optimizer_step_post_hook
    patches.also_undo(register(_stepped).remove)


def tensors(thing: object, deep: int = objects.DEPTH_MAX) -> Iterator[Any]:
    """List the tensors in something, one in another."""
    if isinstance(thing, _torch.Tensor):
        yield thing
    elif deep:
        for one in objects.members(thing):
            yield from tensors(one, deep - 1)


def _called(result: Any, args: Arguments, kwargs: Named) -> None:
    model = _inner(args[0])
    given = [one for one in (*args[1:], *kwargs.values()) if not isinstance(one, bool)]
    came = origins.merge(origin_of(model), objects.brought(_flat(given)))
    for one in tensors(result):
        remember_new(one, came._replace(columns=None))
        models.predicted(one, model)
    if _torch.is_grad_enabled() and next(model.parameters(), None) is not None:
        loop.renew()
        loop.called[id(model)] = weakref.ref(model)


def _flat(given: Iterable[Any]) -> Iterator[Any]:
    """Look for what may hold data within containers."""
    for one in given:
        inside = list(tensors(one))
        if inside:
            yield from inside
        else:
            yield one


def _inner(module: Any) -> Any:
    """Give the module that a compiled one was compiled of."""
    return getattr(module, "_orig_mod", module)


def _derived(_result: Any, _args: Arguments, _kwargs: Named) -> None:
    """With gradients a program may train by itself, without an optimizer."""
    for reference in loop.called.values():
        model = reference()
        if model is not None and _fits.get(model) is None:
            derive(model)


def _differentiated(_: Any, args: Arguments, kwargs: Named) -> None:
    loop.renew()
    _derived(_, args, kwargs)
    given = args[0] if args else kwargs["tensors"]
    for one in tensors(given if isinstance(given, (list, tuple)) else [given]):
        found = recall(one) or Origin(opaque=True)
        loop.losses = found if loop.losses is None else origins.merge(loop.losses, found)


def _stepped(optimizer: Any, _args: Any, _kwargs: Any) -> None:
    """A step is counted; it never stops the program."""
    if _torch.compiler.is_compiling() or busy():
        return
    try:
        with quiet():
            for reference in list(loop.called.values()):
                model = reference()
                if model is not None and _has_part(optimizer, model):
                    _train(model, optimizer)
            loop.stepped = True
    except Exception as error:
        complain(f"step: {error!r}")


def _has_part(optimizer: Any, model: Any) -> bool:
    """Whether an optimizer changes parameters of a model."""
    known = _owned.get(optimizer)
    if known is None:
        known = {}
        _owned.put(optimizer, known)
    found = known.get(id(model))
    if found is None:
        own = {id(one) for group in optimizer.param_groups for one in group["params"]}
        found = known[id(model)] = any(id(one) in own for one in model.parameters())
    return found


def _train(model: Any, optimizer: Any) -> None:
    fit, training = _fits.get(model), models.trainings.get(model)
    if fit is None or training is None:
        fit = _Fit(_torch.initial_seed())
        _fits.put(model, fit)
        training = models.train(model, _describe, loop.losses)
        stepped(model)
    if not any(one() is optimizer for one, _ in fit.optimizers):
        fit.optimizers.append((weakref.ref(optimizer), _settings(optimizer)))
    fit.steps += 1
    training.metrics["steps"] = fit.steps
    if loop.drawn is not None and loop.drawn is not fit.drawn:
        fit.drawn = loop.drawn
        fit.epochs += 1
        training.metrics["epochs"] = fit.epochs
    known, more = origin_of(model), loop.losses or Origin(opaque=True)
    if is_in_group():
        more = more._replace(opaque=True)
    if recall(model) is None or not (
        known is not None and more.sources <= known.sources and more.opaque <= known.opaque
    ):
        teach(model, origins.merge(known, more))
    if not more.splits <= training.splits:
        training.splits |= more.splits


def _describe(model: Any) -> models.Described:
    told: models.Described = {"estimator": _name(model)}
    fit = _fits.get(model)
    if fit is not None:
        settings: dict[str, Any] = {}
        for place, (reference, last) in enumerate(fit.optimizers):
            optimizer = reference()
            front = f"optimizer{place}__" if place else ""
            now = last if optimizer is None else _settings(optimizer)
            settings |= {front + name: one for name, one in now.items()}
        told |= models.parameters(settings)
        told["seeds"] = {**told.get("seeds", {}), "torch": fit.seed}
    return told


def _settings(optimizer: Any) -> dict[str, Any]:
    """Tell the settings of an optimizer; of several groups, with their number in front."""
    groups = optimizer.param_groups
    told: dict[str, Any] = {"optimizer": _name(optimizer)}
    for place, group in enumerate(groups[:SETTINGS_MAX]):
        front = f"group{place}__" if len(groups) > 1 else ""
        told |= {f"{front}{name}": one for name, one in group.items() if name != "params"}
    return told


def _name(thing: Any) -> str:
    """Name a class where users import it from."""
    kind = type(thing)
    module = kind.__module__
    if module.startswith("torch.optim."):
        module = "torch.optim"
    elif module.startswith("torch.nn.modules."):
        module = "torch.nn"
    return f"{module}.{kind.__qualname__}"


# States


def _give_state(result: Any, args: Arguments, _: Named) -> None:
    """A state shows the parameters of its module: it is of whatever the module is of."""
    _states.put(result, (weakref.ref(_inner(args[0])), _kept(result)))


def _kept(state: Any) -> tuple[tuple[str, int], ...]:
    return tuple((name, id(one)) for name, one in state.items())


def told(thing: Any) -> Any:
    """Put modules in the place of their states, as far as these are as they were given."""
    known = _states.get(thing)
    if known is not None:
        model = known[0]()
        return model if model is not None and _kept(thing) == known[1] else thing
    if isinstance(thing, dict) and any(_states.get(one) is not None for one in thing.values()):
        return {name: told(one) for name, one in thing.items()}
    return thing


def is_state(thing: Any) -> bool:
    """Whether something is the state of a module, be it a copy or one from a file."""
    return isinstance(thing, dict) and hasattr(thing, "_metadata")


def _take_state(_: Any, args: Arguments, kwargs: Named) -> None:
    """A module with the state of another, or of a file, came from that."""
    model = _inner(args[0])
    state = args[1] if len(args) > 1 else kwargs["state_dict"]
    came = objects.gather(objects.stand_in(state)) or Origin(opaque=True)
    strict = args[2] if len(args) > 2 else kwargs.get("strict", True)
    before = None if strict else origin_of(model)
    teach(model, came if before is None else origins.merge(before, came))
