"""Notes that a frame was made by a call on others: what `polars_steps` works out later."""

from __future__ import annotations

from typing import Any

from headwater.capture.adapters.polars_arguments import Call, Input, Unfollowed, uses_functions
from headwater.capture.adapters.polars_steps import DEPTH_MAX, UNKNOWN, Frame
from headwater.capture.origins import Later, pending, remember

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def note(result: Any, name: str, subject: Any, args: Arguments, kwargs: Named) -> None:
    """Know of a result that it was made by a call on a frame (`pl.`: of a function)."""
    if pending(subject) is None and not any(is_known(one) for one in (*args, *kwargs.values())):
        return
    inputs: list[Any] = [known_of(subject)] if subject is not None else []
    try:
        held = [hold(one, inputs) for one in args]
        named = {key: hold(value, inputs) for key, value in kwargs.items()}
        note_step(result, ((name, tuple(held), named),), inputs)
    except Unfollowed:
        note_step(result, (), inputs, unfollowed=True)


def note_step(
    result: Any, calls: tuple[Call, ...], inputs: list[Any], *, unfollowed: bool = False
) -> None:
    """Know that a result was made of inputs by these calls; by none: of their values.

    `unfollowed`: by something that cannot be called again, and may have done anything.
    """
    made = Frame(calls=calls, inputs=tuple(inputs))
    made.is_unfollowed = unfollowed
    if uses_functions() and hasattr(result, "get_columns"):
        made.know_schema(dict(result.schema))
    if made.depth >= DEPTH_MAX and not made.scans:
        made.origin()
    remember(result, made)


def is_known(thing: Any) -> bool:
    """Whether something is known of a frame or series, or of one in a list."""
    if isinstance(thing, (list, tuple)):
        return any(pending(one) is not None for one in thing)
    return not isinstance(thing, (str, int, float, bool)) and pending(thing) is not None


def methods(owner: type, *kinds: str) -> list[str]:
    """List the public methods that say they return one of these."""
    found = []
    for name, method in vars(owner).items():
        returns = getattr(method, "__annotations__", {}).get("return")
        if not name.startswith("_") and str(returns) in kinds:
            found.append(name)
    return found


def hold(value: Any, inputs: list[Any]) -> Any:
    """Hold an argument without its rows. Raises `Unfollowed`."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    kind = type(value)
    if hasattr(value, "collect_schema"):  # of a frame; subclasses too
        inputs.append(known_of(value))
        return Input(len(inputs) - 1)
    if hasattr(value, "_s") and hasattr(value, "to_frame"):
        inputs.append(known_of(value))
        return Input(len(inputs) - 1, value.name, value.dtype)
    if isinstance(value, (list, tuple)):
        return kind(hold(one, inputs) for one in value) if kind in (list, tuple) else value
    if isinstance(value, dict):
        return {key: hold(one, inputs) for key, one in value.items()}
    if kind.__module__.startswith("polars.") or isinstance(value, type):
        return value
    if hasattr(value, "__array__") or hasattr(value, "__next__") or callable(value):
        raise Unfollowed
    return value


def known_of(thing: Any) -> Any:
    """Give what is known of a frame or series; of a frame that nobody knows, its columns."""
    known = pending(thing)
    if isinstance(known, Later):
        return known
    if hasattr(thing, "get_columns"):
        return Frame(known or UNKNOWN, dict(thing.schema))
    return Frame(known or UNKNOWN) if hasattr(thing, "collect_schema") else known
