"""pandas and SQL: frames made of rows of a cursor, and frames whose rows are inserted.

The statements themselves are seen by the adapters of the drivers; here is what they are of. pandas
makes a frame of fetched rows in a few places, in one go and in chunks alike; `read_sql_table` does
so without what queries go through.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from headwater.capture import rows, statements
from headwater.capture.origins import recall, remember
from headwater.capture.patching import Patches

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(sql: ModuleType, patches: Patches) -> None:
    """Observe what makes frames of rows, and what writes frames."""
    for name in ("_wrap_result", "_convert_arrays_to_dataframe"):
        patches.observe(sql, name, _made)
    patches.observe(sql.SQLTable, "_harmonize_columns", _harmonized, before=_of_frame)
    patches.observe(sql.DataFrame, "from_records", _of_records)
    for owner in (sql.DataFrame, sql.Series):
        patches.observe(owner, "to_sql", _written, before=_given, failed=_written, holding=True)


def _made(frame: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("data", "columns"), args, strict=False)) | kwargs
    _remember(frame, rows.as_columns(given["data"], list(given["columns"])))


def _of_frame(args: Arguments, _: Named) -> Any:
    return recall(args[0].frame)


def _harmonized(_: Any, args: Arguments, kwargs: Named) -> None:
    """Columns of a table became of the types that the table says: they are the same values."""
    remember(args[0].frame, kwargs["__before__"])


def _of_records(frame: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("cls", "data", "index", "exclude", "columns"), args, strict=False)) | kwargs
    names = given.get("columns")
    names = [*frame.columns] if names is None else [*names]
    _remember(frame, rows.as_columns(given["data"], names))


def _remember(frame: Any, origin: Any) -> None:
    if origin is not None:
        remember(frame, origin.keep([*frame.columns, *_index(frame)]))


def _given(args: Arguments, _: Named) -> Any:
    """Let the rows that are inserted be of what the frame is of, column by column."""
    frame = args[0]
    origin = recall(frame)
    if origin is not None and origin.columns is not None:
        names = frame.columns if hasattr(frame, "columns") else [frame.name]
        origin = origin.keep([*names, *_index(frame)])
    return statements.give(origin)


def _written(_: Any, _args: Arguments, kwargs: Named) -> None:
    if kwargs["__before__"] is not None:
        statements.take_back(kwargs["__before__"])


def _index(frame: Any) -> list[str]:
    return [str(name) for name in frame.index.names if name is not None]
