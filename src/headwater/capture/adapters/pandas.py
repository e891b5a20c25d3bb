"""pandas: files that are read and written, and the columns in between.

Exact for selection, renaming, merges, concatenation, assignment and aggregation by name. Other
operations keep names and are said to transform; reshaping (`pivot`, `melt`, `stack`, dummies) and
arrays are followed by dataset, not by column; what `apply` does is opaque.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any, Final

from headwater.capture import callers, files, handles, objects, origins
from headwater.capture.adapters import (
    pandas_changes,
    pandas_columns,
    pandas_groups,
    pandas_rows,
    pandas_several,
)
from headwater.capture.adapters.pandas_index import with_labels, written
from headwater.capture.adapters.pandas_labels import names_of, types_of
from headwater.capture.origins import Origin, merge, recall, remember
from headwater.capture.patching import Patches

SUPPORTED = ((2, 0), (4, 0))

_READERS: Final = (
    "read_csv", "read_table", "read_fwf", "read_parquet", "read_feather", "read_orc", "read_json",
    "read_excel", "read_pickle", "read_stata", "read_sas", "read_spss", "read_xml", "read_hdf",
)  # fmt: skip
_WRITERS: Final = (
    "to_csv", "to_feather", "to_orc", "to_json", "to_excel", "to_pickle", "to_stata",
    "to_xml", "to_hdf", "to_html", "to_latex", "to_markdown",
)  # fmt: skip
_FILES: Final = (
    "filepath_or_buffer", "path", "path_or_buf", "io", "path_or_buffer", "excel_writer", "buf",
    "fname",
)  # fmt: skip
"""What pandas calls the argument that names the file."""

_WHOLE: Final = frozenset({
    *_FILES, "sep", "delimiter", "encoding", "engine", "compression", "parse_dates", "low_memory",
    "na_values", "keep_default_na", "decimal", "thousands", "quotechar", "storage_options",
})  # fmt: skip
"""Arguments under which a reader gives all rows and columns of a file, as they are in it."""

_LOOKING: Final = (
    "pandas.util._exceptions", "pandas.core.common", "pandas.core.frame", "pandas.core.generic",
    "pandas.core.series",
)  # fmt: skip
"""Modules that look for the program's line, or whether it has a name for what it changes."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(pandas: ModuleType, patches: Patches) -> None:
    """Observe what programs call; what pandas calls within is left alone."""
    objects.followed.extend((pandas.DataFrame, pandas.Series))
    both = (pandas.DataFrame, pandas.Series)
    for owners, names, observer in (
        ((pandas,), _READERS, _read),
        ((pandas.ExcelFile,), ("parse",), _parse_sheet),
        (_readers_of_parts(), ("__next__", "get_chunk", "read"), _read_part),
        *pandas_columns.watched(pandas),
        *pandas_changes.watched(pandas),
        *pandas_several.watched(pandas),
        *pandas_rows.watched(pandas),
        *pandas_groups.watched(pandas),
    ):
        called_back = observer in (_read, _parse_sheet)
        also = _homes() if observer is _read else ()
        for owner in owners:
            for name in names:
                if hasattr(owner, name):
                    patches.observe(owner, name, observer, called_back=called_back, also=also)
    for owner in both:
        for name in _WRITERS:
            if hasattr(owner, name):
                patches.observe(owner, name, _write, before=handles.note, called_back=True)
    patches.observe(pandas.DataFrame, "query", pandas_columns.query, depth="level")
    patches.observe(pandas.DataFrame, "to_parquet", _write_parquet, before=_look,
                    called_back=True)  # fmt: skip
    for owner in both:
        patches.observe(owner, "_set_axis", pandas_changes.call_otherwise,
                        before=pandas_changes.before_that)  # fmt: skip
    callers.look_past_ours(_LOOKING, patches)


def _homes() -> list[ModuleType]:
    """Give the modules that have a reader too: `from pandas.io.parsers import read_csv`."""
    return [module for name, module in sys.modules.items() if name.startswith("pandas.io.")]


def _given(args: Arguments, kwargs: Named, place: int) -> Any:
    for name in _FILES:
        if name in kwargs:
            return kwargs[name]
    return args[place] if len(args) > place else None


def _read(result: Any, args: Arguments, kwargs: Named) -> None:
    given = _given(args, kwargs, 0)
    if hasattr(given, "_reader"):  # an ExcelFile
        given = given.io
    for frame in result.values() if isinstance(result, dict) else [result]:
        names = names_of(frame)
        said = _told(frame, names) if len(args) < 2 and kwargs.keys() <= _WHOLE else {}
        _came(frame, files.read(given, names, **said))


def _parse_sheet(result: Any, args: Arguments, _: Named) -> None:
    for frame in result.values() if isinstance(result, dict) else [result]:
        _came(frame, files.read(args[0].io, names_of(frame)))


def _read_part(result: Any, args: Arguments, _: Named) -> None:
    """Some rows of a file that is read piece by piece; the reader is of the file as a whole."""
    origin = recall(args[0])
    if origin is not None:
        names = names_of(result)
        of_file = [origins.read(key, names) for key in origin.sources]
        _came(result, merge(*of_file)._replace(seen=origin.seen))


def _readers_of_parts() -> tuple[Any, ...]:
    from pandas.io.json._json import JsonReader
    from pandas.io.parsers.readers import TextFileReader
    from pandas.io.stata import StataReader

    return TextFileReader, JsonReader, StataReader


def _came(frame: Any, origin: Origin | None) -> None:
    """Let a frame be of files: columns by name, and labels by the name of what they were."""
    index = getattr(frame, "index", None)
    if origin is not None and type(index).__name__ == "RangeIndex":
        # Numbers of rows are of no column. A frame of other rows has another index.
        remember(index, origin.of_columns({}))
    elif origin is not None and origin.columns is not None and index is not None:
        names = [*index.names]
        if None not in names:
            found = [origins.read(key, names) for key in origin.sources]
            origin = with_labels(origin, [*(merge(*found).columns or {}).values()])
    remember(frame, origin)


def _write(result: Any, args: Arguments, kwargs: Named) -> None:
    frame, given = args[0], _given(args, kwargs, 1)
    if given is None or (isinstance(result, (str, bytes)) and result):
        return  # the text was returned, not written
    if hasattr(given, "handles"):  # an ExcelWriter
        given = given.path
    names = names_of(frame)
    said = _told(frame, names)
    if kwargs.get("mode") == "a":
        said["mode"] = "append"
    files.write(given, _to_write(frame, names), **said)


def _to_write(frame: Any, names: list[str] | None) -> Origin | None:
    origin = recall(frame)
    return origin if origin is None else written(origin, frame, names)


def _look(args: Arguments, kwargs: Named) -> files.Listing | None:
    """Look at what is in the folder that is about to be written in parts, and where a file is."""
    handles.note(args, kwargs)
    given = dict(zip(("self", "path", "engine", "compression", "index", "partition_cols"), args,
                     strict=False)) | kwargs  # fmt: skip
    path = given.get("path")
    if given.get("partition_cols") is None or not isinstance(path, (str, os.PathLike)):
        return None
    return None if "://" in str(path) else files.listing(os.fspath(path))


def _write_parquet(result: Any, args: Arguments, kwargs: Named) -> None:
    before = kwargs["__before__"]
    if before is None:
        _write(result, args, kwargs)
        return
    names = names_of(args[0])
    said = {name: one for name, one in _told(args[0], names).items() if name == "schema"}
    origin = _to_write(args[0], names)
    files.write_folder(os.fspath(_given(args, kwargs, 1)), before, origin, **said)


def _told(frame: Any, names: list[str] | None) -> Named:
    """How many rows a frame has, and of what types its columns, of these names, are."""
    if not hasattr(type(frame), "dtype") and not hasattr(type(frame), "dtypes"):
        return {}  # it is read piece by piece
    said: Named = {"rows": len(frame)}
    if names:
        said["schema"] = types_of(frame, names)
    return said
