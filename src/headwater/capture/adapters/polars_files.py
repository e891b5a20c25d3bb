"""Files that polars reads and writes, at once or when a plan is collected."""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any, Final

from headwater.capture import files, handles
from headwater.capture.adapters.polars_arguments import function_made
from headwater.capture.adapters.polars_steps import Frame, Scan, origin_of
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, pending, recall, remember
from headwater.capture.patching import Patches

_READERS: Final = (
    "read_csv", "read_parquet", "read_ipc", "read_ipc_stream", "read_json", "read_ndjson",
    "read_avro", "read_excel", "read_ods", "read_lines", "read_delta",
)  # fmt: skip
_SCANNERS: Final = (
    "scan_csv", "scan_parquet", "scan_ipc", "scan_ndjson", "scan_lines", "scan_delta",
)  # fmt: skip
_NO_DATA: Final = ("read_parquet_schema", "read_parquet_metadata", "read_ipc_schema")
_WRITERS: Final = (
    "write_csv", "write_parquet", "write_ipc", "write_ipc_stream", "write_json", "write_ndjson",
    "write_avro", "write_excel", "write_delta",
)  # fmt: skip
_SINKS: Final = ("sink_parquet", "sink_csv", "sink_ipc", "sink_ndjson", "sink_delta")
_LATER: Final = (
    "collect_async",
    "collect_batches",
    "sink_batches",
    "execute",
    "remote",
    "describe",
)
"""Ways to collect whose result is not there yet, or is not a frame."""
_FUNCTIONS: Final = ("map_elements", "map_batches", "rolling_map")
_NAMES: Final = ("source", "sources", "file", "path", "target", "workbook")

_sinks: Final[Beside[tuple[Frame, Any, Any]]] = Beside()
"""Of lazy frames that write when they are collected: of what, where, and what was there."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(polars: ModuleType, patches: Patches) -> None:
    """Observe what names files, and what has a plan executed."""
    frame, plan = polars.DataFrame, polars.LazyFrame
    for owner, names, observer, before in (
        (polars, _READERS, _read, None),
        (polars, _SCANNERS, _scan, None),
        (polars, ("scan_pyarrow_dataset",), _scan_arrow, None),
        (polars, _NO_DATA, _no_data, None),
        (frame, _WRITERS, _write, _look),
        (plan, _SINKS, _sink, _look),
        (plan, ("collect", *_LATER), _collect, None),
        (plan, ("profile",), _profile, None),
        (polars, ("collect_all", "collect_all_async"), _collect_all, None),
        (polars.Expr, _FUNCTIONS, function_made, None),
        (polars, ("map_batches", "map_groups"), function_made, None),
    ):
        for name in names:
            if owner is polars:
                patches.observe_function(polars, name, observer, before=before, called_back=True)
            elif hasattr(owner, name):
                patches.observe(owner, name, observer, before=before, called_back=True)


def _no_data(*_: Any) -> None:
    """Whoever looks at a schema opens a file, and reads no data."""


def _given(args: Arguments, kwargs: Named, at: int) -> Any:
    if len(args) > at:
        return args[at]
    return next((kwargs[name] for name in _NAMES if name in kwargs), None)


def _read(result: Any, args: Arguments, kwargs: Named) -> None:
    source = _given(args, kwargs, 0)
    if isinstance(source, bytes):
        return
    for frame in result.values() if isinstance(result, dict) else [result]:
        if not hasattr(frame, "get_columns"):
            continue
        schema = dict(frame.schema)
        origin = files.read(source, schema)
        remember(frame, None if origin is None else Frame(origin, schema))


def _scan(result: Any, args: Arguments, kwargs: Named) -> None:
    source = _given(args, kwargs, 0)
    if not isinstance(source, bytes) and files.named(source):
        remember(result, Frame.scanned(Scan(source, result)))


def _scan_arrow(result: Any, args: Arguments, kwargs: Named) -> None:
    from headwater.capture.adapters.arrow_sources import place, system_of

    dataset = args[0] if args else kwargs["source"]
    system = system_of(dataset) if hasattr(dataset, "files") else None
    if system is not None:
        remember(result, Frame.scanned(Scan(place(list(dataset.files), system), result)))


# Plans that are executed


def _collect(result: Any, args: Arguments, _: Named) -> None:
    _collected(result, args[0])


def _profile(result: Any, args: Arguments, _: Named) -> None:
    _collected(result[0], args[0])


def _collect_all(result: Any, args: Arguments, kwargs: Named) -> None:
    frames = args[0] if args else kwargs["lazy_frames"]
    if not isinstance(frames, (list, tuple)):
        return
    made = result if isinstance(result, list) else [None] * len(frames)
    for one, frame in zip(made, frames, strict=True):
        _collected(one, frame)


def _collected(result: Any, plan: Any) -> None:
    sunk = _sinks.get(plan)
    if sunk is not None:
        frame, target, before = sunk
        frame.read()
        _wrote(target, before, frame.origin(), frame.schema(), {})
        return
    known = pending(plan)
    if not isinstance(known, Frame):
        return
    known.read()
    if hasattr(result, "get_columns"):
        remember(result, known)


# Writes


def _look(args: Arguments, kwargs: Named) -> tuple[Any, Any]:
    """Give where it is written, and what lies in the folder now if it is written in parts."""
    handles.note(args, kwargs)
    target = _given(args, kwargs, 1)
    base = getattr(getattr(target, "_pl_partition_by", None), "base_path", None)
    if base is None:
        is_parts = kwargs.get("partition_by") is not None or "delta" in str(kwargs.get("mode", ""))
        base = target if is_parts else None
    if base is None or "://" in str(base):
        return target if base is None else str(base), None
    return os.path.abspath(base), files.listing(os.path.abspath(base))


def _write(result: Any, args: Arguments, kwargs: Named) -> None:
    target, before = kwargs["__before__"]
    if target is None or isinstance(result, str):
        return  # the text was returned, not written
    frame = args[0]
    origin = recall(frame)
    said = {} if before is not None else {"rows": frame.height}
    _wrote(target, before, origin, frame.schema, said)


def _wrote(target: Any, before: Any, origin: Origin | None, schema: Any, said: Named) -> None:
    if schema is not None:
        said["schema"] = {name: str(kind) for name, kind in schema.items()}
        origin = None if origin is None else origin.keep(schema)
    if before is None:
        files.write(target, origin, **said)
    else:
        files.write_folder(target, before, origin, **said)


def _sink(result: Any, args: Arguments, kwargs: Named) -> None:
    target, before = kwargs["__before__"]
    known = pending(args[0])
    if hasattr(result, "collect"):  # it is written when this is collected
        handles.forget()
        frame = known if isinstance(known, Frame) else Frame(origin_of(known))
        _sinks.put(result, (frame, target, before))
        return
    if isinstance(known, Frame):
        known.read()
    schema = known.schema() if isinstance(known, Frame) else None
    _wrote(target, before, None if known is None else origin_of(known), schema, {})
