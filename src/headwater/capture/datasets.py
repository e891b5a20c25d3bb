"""What users name → OpenLineage names, after its naming conventions and without credentials.

| given | namespace | name |
|---|---|---|
| a path | `file://<host>` | the absolute real path |
| `s3://bucket/key`, and other object stores | `s3://bucket` | `key` |
| `https://user:secret@host/a?sig=…` | `https://host` | `/a` |
| `(namespace, name)` | as given | as given |
| `table("sqlite:///path", "main.t")`, `table("path", …)` | `sqlite://<host>/<path>` | `main.t` |
| `table("postgresql://user@host/db", "s.t")` | `postgres://host:5432` | `db.s.t` |
"""

from __future__ import annotations

import os

from headwater.capture import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

Dataset = str | os.PathLike[str] | tuple[str, str]
"""A path, a URL, or `(namespace, name)`."""

HOST: Final = "HEADWATER_FILE_NAMESPACE"
_ALIASES: Final = {"postgresql": "postgres", "s3a": "s3", "s3n": "s3", "gcs": "gs"}
_PORTS: Final = {"postgres": "5432", "mysql": "3306", "redshift": "5439"}
_BUCKETS: Final = frozenset({"s3", "gs", "abfs", "abfss", "wasb", "wasbs", "r2", "oss"})
_AT_STORAGE: Final = frozenset({"abfs", "abfss", "wasb", "wasbs"})
"""Schemes in which what stands before the `@` is a container and no user."""
_FILE_DATABASES: Final = {".duckdb": "duckdb", ".ddb": "duckdb"}


class Name(tuple[str, str, str | None]):
    """An OpenLineage name, and the file or folder behind it, if it is one on this machine."""

    # A NamedTuple but for `typing` and `collections`, which take 6 ms to import.
    __slots__ = ()

    def __new__(cls, namespace: str, name: str, path: str | None = None) -> Name:
        """Name a dataset."""
        return tuple.__new__(cls, (namespace, name, path))

    def __getnewargs__(self) -> tuple[str, str, str | None]:
        return tuple(self)  # type: ignore[return-value]

    @property
    def namespace(self) -> str:
        """OpenLineage's namespace."""
        return self[0]

    @property
    def name(self) -> str:
        """OpenLineage's name."""
        return self[1]

    @property
    def path(self) -> str | None:
        """The file or folder."""
        return self[2]


def host() -> str:
    """Name this machine in the names of files: HEADWATER_FILE_NAMESPACE, else its short name."""
    return os.environ.get(HOST) or _short_host()


def name(dataset: Dataset) -> Name:
    """Read what a user gave. Raises `TypeError` or `ValueError` for what names nothing."""
    return look(dataset)[0]


def look(dataset: Dataset) -> tuple[Name, os.stat_result | None]:
    """Read what a user gave, and tell how it is, if it is a file or folder. Raises as `name`."""
    if isinstance(dataset, tuple):
        given: tuple[object, ...] = dataset
        if len(given) != 2 or not all(isinstance(part, str) and part for part in given):
            raise ValueError(f"{dataset!r} is no (namespace, name)")
        return Name(*dataset), None
    text = _given(dataset)
    scheme, rest = _split(text)
    if scheme is None:
        real, found = places.real(text)
        return file(real), found
    if scheme == "file":
        return look("/" + rest.partition("/")[2])
    authority, slash, path = _bare(rest).partition("/")
    path = path if scheme in _BUCKETS else slash + path
    return Name(f"{scheme}://{_authority(scheme, authority)}", path or "/"), None


def file(real: str, namespace: str | None = None) -> Name:
    """Name a file or folder by its real path; `namespace` is that of files, if it is known."""
    name = real if real.isascii() else _text(real)
    return tuple.__new__(Name, (namespace or f"file://{host()}", name, real))


def table(database: str | os.PathLike[str], name: str) -> tuple[str, str]:
    """Name a table: `(namespace, name)`.

    `database` is the path of a SQLite or DuckDB file, or a URL as SQLAlchemy has it
    (`sqlite:///relative.db`, `sqlite:////absolute.db`, `postgresql://host/db`); passwords in it are
    left out. `name` has its schema in front: `main.flights`, `public.orders`.
    """
    text = _given(database)
    scheme, rest = _split(text)
    if scheme in (None, "file", "sqlite", "duckdb"):
        path = text
        if scheme is not None:
            path = ("/" if scheme == "file" else "") + _bare(rest.partition("/")[2])
        real = os.path.realpath(path)
        if scheme in (None, "file"):
            scheme = _FILE_DATABASES.get(os.path.splitext(real)[1].lower(), "sqlite")
        return f"{scheme}://{host()}{_text(real)}", name
    authority, _, catalogue = _bare(rest).partition("/")
    full = f"{catalogue.strip('/')}.{name}" if catalogue.strip("/") else name
    return f"{scheme}://{_authority(scheme, authority)}", full


def database(scheme: str, path: str) -> str:
    """Name the namespace of the tables in a database file."""
    return f"{scheme}://{host()}{_text(os.path.realpath(path))}"


def _given(dataset: str | os.PathLike[str]) -> str:
    text: str | bytes = os.fspath(dataset)
    if isinstance(text, bytes) or not text:
        raise ValueError(f"{dataset!r} names no dataset")
    return text


def _split(text: str) -> tuple[str | None, str]:
    """Split a URL into its scheme and the rest; no scheme where it is a path."""
    before, mark, rest = text.partition("://")
    if not mark or len(before) < 2 or not before.replace("+", "").replace("-", "").isalnum():
        return None, text
    scheme = before.lower().partition("+")[0]
    return _ALIASES.get(scheme, scheme), rest


def _authority(scheme: str | None, text: str) -> str:
    if scheme in _AT_STORAGE:
        container, at, account = text.rpartition("@")
        return container.partition(":")[0] + at + account
    place = text.rpartition("@")[2]
    if scheme in _PORTS and ":" not in place:
        return f"{place or 'localhost'}:{_PORTS[scheme]}"
    return place


def _bare(rest: str) -> str:
    """Leave out query and fragment: signatures and tokens stand there."""
    return rest.partition("?")[0].partition("#")[0]


def _text(path: str) -> str:
    """Write a path as text, also one whose bytes are no UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _short_host() -> str:
    global _node
    if _node is None:
        try:
            node = os.uname().nodename
        except AttributeError:  # Windows
            node = os.environ.get("COMPUTERNAME", "")
        _node = node.partition(".")[0] or "localhost"
    return _node


_node: str | None = None
"""What this machine was called when that was asked first."""
