"""SQL of polars, by its plan; where it names files, or has values in it, by data set.

A context has frames by name, and those that are made in it; `pl.sql` takes those of its caller.
"""

from __future__ import annotations

import re
import sys
from types import FrameType, ModuleType
from typing import Any, Final

from headwater.capture import files
from headwater.capture.adapters import duckdb_texts as texts
from headwater.capture.adapters.polars_arguments import Call, Input
from headwater.capture.adapters.polars_notes import known_of, note_step
from headwater.capture.adapters.polars_steps import UNKNOWN
from headwater.capture.beside import Beside
from headwater.capture.patching import Patches

_DATA: Final = ("polars", "pandas", "pyarrow")
_MADE: Final = re.compile(r"\s*create\s+table\s+(\w+)\s+as\s+(.+)", re.IGNORECASE | re.DOTALL)
_contexts: Final[Beside[dict[str, Any]]] = Beside()
"""What is known of the frames of a context, by name: they are held by the context itself."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


class Kept:
    """Stands for a table that a statement made in a context."""


def install(polars: ModuleType, patches: Patches) -> None:
    """Observe contexts, and the function that makes one for a single statement."""
    context = polars.SQLContext
    patches.observe(context, "__init__", _begun)
    patches.observe(context, "register", _registered)
    patches.observe(context, "register_many", _registered_many)
    patches.observe(context, "execute", _executed)
    patches.observe_function(polars, "sql", _sql)


def _begun(_: Any, args: Arguments, kwargs: Named) -> None:
    frames = args[1] if len(args) > 1 else kwargs.get("frames")
    options = ("frames", "register_globals", "eager", "eager_execution")
    named = {name: one for name, one in kwargs.items() if name not in options}
    _contexts.put(args[0], {**_known(frames), **_known(named)})


def _registered(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "name", "frame"), args, strict=False)) | kwargs
    _of(args[0]).update(_known({given["name"]: given["frame"]}))


def _registered_many(_: Any, args: Arguments, kwargs: Named) -> None:
    frames = args[1] if len(args) > 1 else kwargs.get("frames")
    _of(args[0]).update(_known(frames))
    _of(args[0]).update(_known({n: one for n, one in kwargs.items() if n != "frames"}))


def _of(context: Any) -> dict[str, Any]:
    found = _contexts.get(context)
    if found is None:
        found = {}
        _contexts.put(context, found)
    return found


def _known(frames: Any) -> dict[str, Any]:
    """Know frames by name, without holding them."""
    if not isinstance(frames, dict):
        return {}
    return {name: known_of(one) or UNKNOWN for name, one in frames.items()}


def _executed(result: Any, args: Arguments, kwargs: Named) -> None:
    query = args[1] if len(args) > 1 else kwargs["query"]
    own = _of(args[0])
    made = _MADE.match(query)
    if made is not None and made[1] not in own:
        frame = Kept()
        _tell(frame, made[2], own)
        own[made[1]] = known_of(frame) or UNKNOWN
    known = dict(own)
    for name in args[0].tables():
        if name not in known:  # registered as one of the variables of the caller
            known.update(_known({name: _variable(name)}))
    _tell(result, query, known)


def _sql(result: Any, args: Arguments, kwargs: Named) -> None:
    query = args[0] if args else kwargs["query"]
    frames = {name: _variable(name) for name in texts.look(query).words}
    of_data = {n: one for n, one in frames.items() if type(one).__module__.startswith(_DATA)}
    _tell(result, query, _known(of_data))


def _tell(result: Any, query: str, known: dict[str, Any]) -> None:
    """Know what came of the frames that a statement names."""
    if not hasattr(result, "collect_schema") and not isinstance(result, Kept):
        return
    read = {name: known[name] for name in texts.look(query).words if name in known}
    of_files = [files.read(path) or UNKNOWN for path in texts.look(query).paths]
    if all(one is UNKNOWN for one in (*read.values(), *of_files)):
        return
    if of_files or "values" in query.lower():  # frames that polars makes itself
        note_step(result, (), [*read.values(), *of_files])
        return
    frames = {name: Input(place) for place, name in enumerate(read)}
    made: Call = ("pl.SQLContext", (), {"frames": frames})
    note_step(result, (made, ("execute", (query,), {})), list(read.values()))


def _variable(name: str) -> Any:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith(("polars", "headwater.capture")):
            found = frame.f_locals.get(name)
            return frame.f_globals.get(name) if found is None else found
        frame = frame.f_back
    return None
