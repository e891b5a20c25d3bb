"""What a text of DuckDB says by its looks: files, places of COPY, attached databases, transactions.

Only what has to be known while the program runs is looked for here: which files there are behind a
wildcard, and which were written into a folder. All else is read from the text later, elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from headwater.capture import datasets, files
from headwater.capture.datasets import Name
from headwater.capture.quiet import quiet

PATHS_MAX: Final = 1_000
"""Paths in one text that are looked at."""

TEXTS_KEPT: Final = 256
"""Texts that are looked at once, the last of them."""

_TEXT: Final = r"'((?:[^']|'')*)'"
_READ: Final = re.compile(
    r"\b(?:from|join|using|(?:un)?pivot|pivot_\w+|summarize|describe|table|read_\w+|\w+_scan|sniff_csv)"
    r"\s*(?:\(\s*)?(\[[^\]]*\]|'(?:[^']|'')*')"
    r"|,\s*('(?:[^']|'')*\.\w+')\s*(?:as\b|[,\s]\s*\w+\b|$|[,;)])",
    re.IGNORECASE,
)
_LITERAL: Final = re.compile(_TEXT)
_QUOTED: Final = re.compile(
    r'\b(?:from|join)\s+"([^"]*\.(?:csv|tsv|parquet|json|ndjson|jsonl|arrow|txt|gz|zst)[^"]*)"',
    re.IGNORECASE,
)
_READER: Final = re.compile(r"\b(?:read_\w+|\w+_scan)\s*\(", re.IGNORECASE)
_COPY: Final = re.compile(
    r"\bcopy\b.*?\bto\s+" + _TEXT + r"\s*(\(.*\))?\s*;?\s*$", re.IGNORECASE | re.DOTALL
)
_PARTS: Final = re.compile(
    r"\b(partition_by|per_thread_output|file_size_bytes|append)\b", re.IGNORECASE
)
_ATTACH: Final = re.compile(
    r"\battach\s+(?:or\s+replace\s+)?(?:database\s+)?(?:if\s+not\s+exists\s+)?" + _TEXT
    + r"(?:\s+as\s+(\"[^\"]+\"|\w+))?(\s*\([^)]*\))?",
    re.IGNORECASE,
)  # fmt: skip
_SERVERS: Final = ("postgres", "mysql")
_SETTING: Final = re.compile(r"(\w+)\s*=\s*(?:\'([^\']*)\'|(\S+))")
_DATABASE: Final = ("dbname", "database", "db")
_TYPE: Final = re.compile(r"\btype\s+'?(\w+)", re.IGNORECASE)
_VIEW: Final = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?view\s+(?:if\s+not\s+exists\s+)?"
    r'(?:[\w"]+\.)*(?:"([^"]+)"|(\w+))\s*(?:\([^)]*\)\s*)?as\b',
    re.IGNORECASE,
)
_TRANSACTION: Final = re.compile(
    r"(?:^|;)\s*(begin|start\s+transaction|commit|end|abort|rollback)\b", re.IGNORECASE
)
_WORDS: Final = re.compile(
    r"(?:\b(?:from|join|pivot|unpivot|summarize|describe|table|copy)\b|,)[\s(]*"
    r'(?:"([^"]+)"|([A-Za-z_]\w*))',
    re.IGNORECASE,
)
_TEXTS: Final = re.compile(_TEXT)
_SQLITE: Final = b"SQLite format 3\0"
_HIDDEN: Final = re.compile(r"__duckdb_source_[0-9a-f]+_\d+|unnamed_relation_[0-9a-f]+")
_INTERNAL: Final = re.compile(
    r"SELECT \* FROM sniff_csv\(|SELECT count\(\*\) FROM glob\(\?\)|SELECT \* FROM duckdb_"
)


class Target(NamedTuple):
    """Where COPY writes; `before` is what lay in the folder, None of a single file."""

    path: str
    before: files.Listing | None
    reader: str = "read_csv"
    """What reads such a file."""


def is_internal(sql: str) -> bool:
    """Whether DuckDB's own Python code asks, to find out about something."""
    return _INTERNAL.match(sql) is not None


class Text(NamedTuple):
    """What a text says by its looks."""

    sql: str
    """As it is told: `readable`."""
    words: frozenset[str]
    """Names in it that may be of something that is read, as DuckDB has them."""
    paths: tuple[str, ...]
    view: str | None
    """The view that it creates."""
    opens: bool | None
    """Whether a transaction is open behind it; None where it says nothing of that."""
    attaches: bool
    is_plain: bool
    """Whether nothing has to be known now but what its words are of; it is told as it is."""
    shown: Mapping[str, str]
    """What is told of names that DuckDB made up at random."""


@lru_cache(TEXTS_KEPT)
def look(sql: str) -> Text:
    """Look at a text, once."""
    shown: dict[str, str] = {}
    told = readable(sql, shown)
    text = _look(told)
    if told == sql:
        return text
    real = {one: name for name, one in shown.items()}
    named = frozenset(real.get(name, name) for name in text.words)
    created = None if text.view is None else real.get(text.view, text.view)
    return text._replace(words=named, view=created, is_plain=False, shown=shown)


@lru_cache(TEXTS_KEPT)
def _look(sql: str) -> Text:
    """Look at a text in which nothing is called by a name at random."""
    read, created, opens, attaches = paths(sql), view(sql), ends_open(sql), "attach" in sql.lower()
    is_plain = not (read or attaches or _copies(sql)) and created is None and opens is None
    return Text(sql, words(sql), read, created, opens, attaches, is_plain, {})


def paths(sql: str) -> tuple[str, ...]:
    """List the files that a text reads, as they are written there."""
    found: dict[str, None] = {}
    if "'" in sql:
        for match in _READ.finditer(sql):
            for literal in _LITERAL.finditer(match[1] or match[2]):
                found[literal[1].replace("''", "'")] = None
    if '"' in sql:
        for match in _QUOTED.finditer(sql):
            found[match[1]] = None
    return tuple(found)[:PATHS_MAX]


@lru_cache(TEXTS_KEPT)
def readers(sql: str) -> Mapping[str, str]:
    """Find what has to be asked for the columns of each file.

    Path as it is written → what stands in FROM for it: the call of a reader with its options, or
    the path alone.
    """
    found: dict[str, str] = {}
    read = paths(sql)
    for match in _READER.finditer(sql):
        call = match[0] + _until_closed(sql, match.end())
        for literal in _LITERAL.finditer(call):
            path = literal[1].replace("''", "'")
            if path in read:
                found.setdefault(path, call)
    for path in read:
        quoted = path.replace("'", "''")
        found.setdefault(path, f"'{quoted}'")
    return found


def _until_closed(sql: str, at: int) -> str:
    """Give the rest of a call, up to the bracket that closes it."""
    depth, quoted = 1, False
    for place in range(at, len(sql)):
        char = sql[place]
        if char == "'":
            quoted = not quoted
        elif not quoted and char in "()":
            depth += 1 if char == "(" else -1
            if not depth:
                return sql[at : place + 1]
    return sql[at:]


def _copies(sql: str) -> re.Match[str] | None:
    return _COPY.search(sql) if "copy" in sql.lower() else None


def target(sql: str) -> Target | None:
    """Find out where a text copies to, before it does."""
    match = _copies(sql)
    if match is None:
        return None
    path = match[1].replace("''", "'")
    is_parts = match[2] is not None and _PARTS.search(match[2]) is not None
    if not (is_parts or os.path.isdir(path)) or "://" in path:
        said = f"{path} {match[2] or ''}".lower()
        kind = next((kind for kind in ("parquet", "json") if kind in said), "csv")
        return Target(path, None, f"read_{kind}")
    return Target(path, files.listing(path))


def written(place: Target) -> list[Name]:
    """Name the files that a text copied into."""
    if place.before is None:
        return files.named(place.path)
    return [name for path in files.changed(place.path, place.before) for name in files.named(path)]


_EXPORT: Final = re.compile(
    r"\s*export\s+database\s+(?:[\w\"]+\s+to\s+)?'((?:[^']|'')+)'[^;]*;?\s*", re.IGNORECASE
)
_LOADED: Final = re.compile(r"^COPY (.+) FROM ('(?:[^']|'')+') \(", re.MULTILINE)
EXPORTED_BYTES_MAX: Final = 1024 * 1024
"""What is read of the script by which an exported database would be loaded."""


def exported(sql: str) -> list[str]:
    """Write EXPORT DATABASE, once it was executed, as a COPY of each table: `load.sql` names them.

    Of other texts, and where that cannot be read, nothing is known.
    """
    match = _EXPORT.fullmatch(sql) if sql.lstrip()[:6].upper() == "EXPORT" else None
    if match is None:
        return []
    path = os.path.join(match[1].replace("''", "'"), "load.sql")
    try:
        with quiet(), open(path, encoding="utf-8") as file:
            script = file.read(EXPORTED_BYTES_MAX)
    except (OSError, ValueError):
        return []
    return [f"COPY {table} TO {file}" for table, file in _LOADED.findall(script)]


def attached(sql: str) -> dict[str, str | None]:
    """Databases that a text attaches: name → namespace of its tables, None in memory."""
    found: dict[str, str | None] = {}
    for match in _ATTACH.finditer(sql):
        path, name = match[1].replace("''", "'"), match[2]
        kind = _TYPE.search(match[3] or "")
        scheme = kind[1].lower() if kind is not None else _scheme(path)
        called = stem(path) if name is None else name.strip('"')
        is_file = scheme not in _SERVERS
        found[called] = None if is_file and in_memory(path) else _space(path, scheme)
    return found


def view(sql: str) -> str | None:
    """Name the view that a text creates; its files are read whenever it is."""
    match = _VIEW.search(sql) if "iew" in sql or "IEW" in sql else None
    return None if match is None else match[1] or match[2]


def in_memory(path: str) -> bool:
    """Whether a database has no file."""
    return path in ("", ":memory:") or path.startswith(":memory:")


def is_shared(path: str) -> bool:
    """Whether a database in memory is that of all connections which call it so."""
    return path.startswith(":memory:") and path != ":memory:"


def stem(path: str) -> str:
    """What DuckDB calls the database in a file."""
    return os.path.basename(path).partition(".")[0] or "memory"


def database(path: str) -> str:
    """The namespace of the tables in a file of DuckDB."""
    return _space(path, "duckdb")


def _space(path: str, scheme: str) -> str:
    if scheme in _SERVERS:
        return _server(path, scheme)
    if scheme not in ("duckdb", "sqlite") or "://" in path:
        return f"{scheme}://{path.rpartition('@')[2].partition('?')[0]}"
    return datasets.table(f"{scheme}:///{os.path.abspath(path)}", "t")[0]


def _server(text: str, scheme: str) -> str:
    """The server and database of a text of connection: a URL, or words like `host=here`."""
    if "://" in text:
        place = text.partition("://")[2].rpartition("@")[2].partition("?")[0]
        address, _, database = place.partition("/")
    else:
        said = {match[1].lower(): match[2] or match[3] for match in _SETTING.finditer(text)}
        host, port = said.get("host") or said.get("hostaddr") or "", said.get("port")
        host = "localhost" if not host or host.startswith("/") else host
        address = f"{host}:{port}" if port else host
        database = next((said[name] for name in _DATABASE if said.get(name)), "")
    space = datasets.table(f"{scheme}://{address or 'localhost'}", "t")[0]
    return f"{space}/{database}"


def _scheme(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return "sqlite" if file.read(16) == _SQLITE else "duckdb"
    except OSError:
        return "duckdb"


def ends_open(sql: str) -> bool | None:
    """Whether a transaction is open behind a text; None where it says nothing of that."""
    verbs = _TRANSACTION.findall(sql)
    return verbs[-1].lower().startswith(("begin", "start")) if verbs else None


def words(sql: str) -> frozenset[str]:
    """Names in a text that may be of something that is read."""
    return frozenset(one or other for one, other in _WORDS.findall(_TEXTS.sub("''", sql)))


def readable(sql: str, shown: dict[str, str]) -> str:
    """Call what DuckDB numbers at random by names that are the same in every run.

    `shown` are names that were given already, and is added to: source_1, relation_2.
    """
    if "__duckdb_" not in sql and "unnamed_relation_" not in sql:
        return sql

    def named(match: re.Match[str]) -> str:
        found = shown.get(match[0])
        if found is None:
            kind = "source" if match[0].startswith("__") else "relation"
            found = shown[match[0]] = f"{kind}_{len(shown) + 1}"
        return found

    return _HIDDEN.sub(named, sql).replace(" AS NOT MATERIALIZED (", " AS (")
