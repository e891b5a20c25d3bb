"""Arrow's CSV, JSON, Feather, ORC and IPC files, and streams that Arrow opens."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from headwater.capture import files, handles
from headwater.capture.adapters.arrow_sources import names, place, said, to_write
from headwater.capture.adapters.arrow_streams import follow
from headwater.capture.adapters.arrow_writers import closed, given_to, note, opened
from headwater.capture.origins import recall, remember
from headwater.capture.patching import Patches

SUPPORTED = ((14, 0), (30, 0))

_READERS: Final = ("read_csv", "open_csv", "read_json", "open_json", "read_feather", "read_table")
_WRITERS: Final = ("write_csv", "write_feather", "write_table")
_FILES: Final = ("input_file", "output_file", "source", "dest", "where", "sink", "path")

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(module: ModuleType, patches: Patches) -> None:
    """Observe what names a file in one of `pyarrow.csv`, `json`, `feather`, `orc`, `ipc`, `_fs`."""
    for name in _READERS:
        patches.observe_function(module, name, _read, called_back=True)
    for name in _WRITERS:
        patches.observe_function(module, name, _write, before=handles.note, called_back=True)
    for name in ("CSVWriter", "ORCWriter", "RecordBatchFileWriter", "RecordBatchStreamWriter"):
        if hasattr(module, name):
            _follow_writer(getattr(module, name), patches)
    kind = module.__name__.rpartition(".")[2]
    more = {"ipc": _install_ipc, "orc": _install_orc, "_fs": _install_streams}.get(kind)
    if more is not None:
        more(module, patches)


def _follow_writer(writer: type, patches: Patches) -> None:
    patches.observe(writer, "__init__", _open_writer, before=handles.note, called_back=True)
    for name in ("write", "write_table", "write_batch"):
        if hasattr(writer, name):
            patches.observe(writer, name, given_to, before=note)
    for name in ("close", "__exit__"):
        patches.observe(writer, name, closed, before=note)


def _install_ipc(module: ModuleType, patches: Patches) -> None:
    for name in ("open_file", "open_stream"):
        patches.observe(module, name, _open_reader, called_back=True)
    for name in ("RecordBatchFileReader", "RecordBatchStreamReader"):
        patches.observe(getattr(module, name), "__init__", _init_reader, called_back=True)
    for name in ("new_file", "new_stream"):
        patches.observe(module, name, _new_writer, before=handles.note, called_back=True)
    for name in ("read_all", "get_batch", "read_pandas", "get_record_batch"):
        if hasattr(module.RecordBatchFileReader, name):
            patches.observe(module.RecordBatchFileReader, name, _member)


def _install_orc(module: ModuleType, patches: Patches) -> None:
    patches.observe(module.ORCFile, "__init__", _init_reader)
    for name in ("read", "read_stripe"):
        patches.observe(module.ORCFile, name, _member)


def _install_streams(module: ModuleType, patches: Patches) -> None:
    for name in ("open_input_file", "open_input_stream", "open_output_stream",
                 "open_append_stream"):  # fmt: skip
        patches.observe(module.FileSystem, name, _open_stream)


def _given(args: Arguments, kwargs: Named, at: int) -> Any:
    named: Callable[[], Any] = lambda: next(  # noqa: E731
        (kwargs[name] for name in _FILES if name in kwargs), None
    )
    return place(args[at] if len(args) > at else named(), kwargs.get("filesystem"))


def _read(result: Any, args: Arguments, kwargs: Named) -> None:
    remember(result, files.read(_given(args, kwargs, 0), _columns(result)))


def _columns(result: Any) -> list[str] | None:
    found = getattr(result, "columns", None)  # of pandas
    called = names(result)
    return [str(one) for one in found] if called is None and found is not None else called


def _write(_: Any, args: Arguments, kwargs: Named) -> None:
    table = args[0] if args else next(kwargs[n] for n in ("data", "df", "table") if n in kwargs)
    if hasattr(table, "read_next_batch"):  # used up by now: its schema is there still
        files.write(_given(args, kwargs, 1), to_write(recall(table), table))
        return
    columns = getattr(table, "columns", ())
    if names(table) is None and len(columns):  # of pandas
        origin = recall(table)
        kept = None if origin is None else origin.keep(columns)
        files.write(_given(args, kwargs, 1), kept, rows=len(table))
        return
    files.write(_given(args, kwargs, 1), to_write(recall(table), table), **said(table))


def _open_writer(_: Any, args: Arguments, kwargs: Named) -> None:
    opened(args[0], _given(args, kwargs, 1))


def _new_writer(result: Any, args: Arguments, kwargs: Named) -> None:
    opened(result, _given(args, kwargs, 0))


def _open_reader(result: Any, args: Arguments, kwargs: Named) -> None:
    remember(result, files.read(_given(args, kwargs, 0), names(result)))


def _init_reader(_: Any, args: Arguments, kwargs: Named) -> None:
    remember(args[0], files.read(_given(args, kwargs, 1), names(args[0])))


def _member(result: Any, args: Arguments, _: Named) -> None:
    origin, called = recall(args[0]), _columns(result)
    if origin is not None:
        remember(result, origin if called is None else origin.keep(called))


def _open_stream(result: Any, args: Arguments, kwargs: Named) -> None:
    path = args[1] if len(args) > 1 else kwargs.get("path", kwargs.get("source"))
    named = place(path, args[0])
    if isinstance(named, str):
        follow(result, named, reads=result.readable())
