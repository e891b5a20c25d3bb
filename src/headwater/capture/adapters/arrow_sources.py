"""What Arrow reads from and writes to: paths, file systems, streams, datasets; and expressions.

Buffers and file systems in memory name no file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, Final

from headwater.capture import files, origins
from headwater.capture.origins import FILTER, IDENTITY, TRANSFORMATION, Field, Origin

_SCHEMES: Final = {"s3": "s3", "gcs": "gs", "abfs": "abfs"}
"""What Arrow calls a file system → the scheme of URLs of the same place."""


def place(given: Any, filesystem: Any = None) -> Any:
    """Give what names the file: a path, a URL, a list of such, an open file; None in memory."""
    if isinstance(given, (list, tuple)):
        return [place(one, filesystem) for one in given]
    if not isinstance(given, (str, os.PathLike)):
        return given
    return os.fspath(given) if filesystem is None else _on(filesystem, os.fspath(given))


def _on(filesystem: Any, path: str) -> str | None:
    kind = getattr(filesystem, "type_name", None)
    if isinstance(filesystem, str):
        return f"{filesystem.rstrip('/')}/{path}"
    if kind is None:  # of fsspec
        return _by_protocol(filesystem, path)
    if kind == "local":
        return path
    if kind == "subtree":
        return _on(filesystem.base_fs, filesystem.base_path.rstrip("/") + "/" + path.lstrip("/"))
    if kind in _SCHEMES:
        return path if "://" in path else f"{_SCHEMES[kind]}://{path}"
    return _by_protocol(getattr(getattr(filesystem, "handler", None), "fs", None), path)


def _by_protocol(filesystem: Any, path: str) -> str | None:
    protocol = getattr(filesystem, "protocol", None)
    name = protocol[0] if isinstance(protocol, (list, tuple)) and protocol else protocol
    if not isinstance(name, str) or name == "memory":
        return None
    if name in ("file", "local") or "://" in path:
        return path.removeprefix("file://")
    return f"{name}://{path.lstrip('/')}"


def names(table: Any) -> list[str] | None:
    """List the columns of a table, batch, reader, scanner or dataset."""
    schema = getattr(table, "schema", None)
    found = getattr(schema, "names", None)
    return None if found is None or len(found) > origins.COLUMNS_MAX else list(found)


def said(table: Any) -> dict[str, Any]:
    """Say of what is written how many rows and which columns it has."""
    found: dict[str, Any] = {}
    if hasattr(table, "num_rows"):
        found["rows"] = table.num_rows
    if names(table):
        found["schema"] = {field.name: str(field.type) for field in table.schema}
    return found


def to_write(origin: Origin | None, table: Any) -> Origin | None:
    """Give the origin of a table as it is written: of the columns that it has."""
    known = names(table)
    return origin if origin is None or known is None else origin.keep(known)


def scan(dataset: Any, condition: Any, columns: Any) -> Origin | None:
    """Record that a dataset is read; the origin of its rows, of the columns that were asked for.

    `condition` is an expression or None, `columns` None for all, a list of names, or a dict of
    expressions by name. Files that the condition rules out by their folders are not read.
    """
    found = rows(dataset, condition)
    if found is None:
        return None
    if condition is not None:
        found = chosen(found, condition)
    return project(found, columns)


def chosen(origin: Origin, condition: Any) -> Origin:
    """Let an expression have chosen the rows; values of `isin` may have come from anything."""
    made = origin.shape(origin.of(roots(condition, origin.columns or ()), FILTER))
    return made._replace(opaque=True) if "is_in(" in str(condition) else made


def rows(dataset: Any, condition: Any = None) -> Origin | None:
    """Record that a dataset is read; the origin of all of its columns."""
    known = names(dataset)
    children = getattr(dataset, "children", None)
    if children:
        parts = [rows(child, condition) for child in children]
        whole = origins.merge(*parts)
        return whole.obscure() if None in parts else whole
    if not hasattr(dataset, "files"):
        return origins.recall(dataset)  # of tables in memory
    paths = dataset.files
    if condition is not None and len(paths) > 1:
        paths = [fragment.path for fragment in dataset.get_fragments(filter=condition)]
    if not paths:
        return Origin(columns=dict.fromkeys(known or (), frozenset()))
    system = system_of(dataset)
    if system is None:
        return None
    read = paths if len(paths) <= files.FOLDER_FILES_MAX else [os.path.commonpath(paths)]
    return files.read(place(list(read), system), known)


def system_of(dataset: Any) -> Any:
    """Give the file system of a dataset; None where it is of an open file.

    Its fragments know that. The dataset itself does not look before it leaps: Python would crash.
    """
    return getattr(next(iter(dataset.get_fragments()), None), "filesystem", None)


def project(origin: Origin, columns: Any) -> Origin:
    """Take columns by name, or made by expressions."""
    if columns is None or origin.columns is None:
        return origin
    if not isinstance(columns, dict):
        return origin.keep(columns)
    made = {name: made_by(one, origin) for name, one in columns.items()}
    return origin._replace(columns=made)


def made_by(expression: Any, origin: Origin) -> frozenset[Field]:
    """Give what an expression makes its values of."""
    found = roots(expression, origin.columns or ())
    how = IDENTITY if found == [str(expression)] else TRANSFORMATION
    return origin.of(found, how)


def roots(expression: Any, columns: Iterable[str]) -> list[str]:
    """List the columns that an expression of Arrow names; text in quotes names none."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', str(expression))
    text = text.replace("FieldRef.Nested(", " ").replace("FieldRef.Name(", " ")
    return [name for name in columns if re.search(rf"(?<!\w){re.escape(name)}(?![\w(])", text)]
