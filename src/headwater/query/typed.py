"""References as people type them: names, versions, run ids, files.

orders · sales.public.orders · namespace::name · model:delay
orders@X     X is a declared version, vN, a time or a digest prefix; more than one hit is
ambiguous. @v:3, @=3, @t:2026-11-01, @sha256:91ab… force one
a run id or its prefix · sha256:91ab… (all of a digest: what has these bytes)
./models/delay.joblib (hashed, and found by its bytes; for those at this machine only)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import TypeVar

from headwater.errors import Ambiguous, InvalidReference, NotFound
from headwater.graph.model import VersionNode
from headwater.index.index import Index
from headwater.query.snapshot import Snapshot, moment
from headwater.refs import Artifact, Column, Job, Prediction, Reference, Run, Version, parse

DIGEST_PREFIX_CHARS_MIN = 6
RUN_PREFIX_CHARS_MIN = 6
NEAREST_MAX = 5
NEAREST_POOL_MAX = 20_000
NEAR_NAMES = 2_000
HASH_BYTES = 1 << 20

T = TypeVar("T")

_KIND = re.compile(r"([a-z_]+):(?!:|//)(.+)", re.DOTALL)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ].+)?")
_ORDINAL = re.compile(r"v:?([0-9]{1,18})")
_HEX = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.IGNORECASE)
_CANONICAL = ("artifact:", "version:", "run:", "job:", "column:", "prediction:")


def find(snapshot: Snapshot, text: str) -> Reference:
    """Read what a person typed; an artifact without `@` stays an artifact.

    Raises `InvalidReference`, `NotFound` (with the nearest names) or `Ambiguous` (with candidates).
    """
    if not text:
        raise InvalidReference("an empty reference names nothing")
    if text.startswith(_CANONICAL):
        known = _canonical(snapshot, text)
        if known is not None:
            return known
    kind, rest = _split_kind(text)
    found: Reference | None = _named(snapshot, rest, kind) or _at(snapshot, rest, kind)
    if found is None and kind in (None, "run"):
        found = _run(snapshot, rest)
    if found is None and kind in (None, "job"):
        found = _job(snapshot, rest)
    if found is None and _DIGEST.fullmatch(text):
        found = _with_bytes(snapshot, text.lower(), text)
    if found is None and kind is None and snapshot.principal.local:
        found = _file(snapshot, text)
    if found is None:
        found = _column(snapshot, text)
    if found is None:
        raise _not_found(snapshot, text)
    return found


def is_plain(namespace: str, name: str) -> bool:
    """Whether `name` and `namespace::name`, also with `@` or `#` after them, mean just that."""
    whole = f"{namespace}::{name}"
    marked = "@" in whole or "#" in whole or "::" in name
    kinds = (_KIND.fullmatch(whole), _KIND.fullmatch(f"{name}@"))
    splits = whole.partition("::") == (namespace, "::", name)
    return bool(namespace and name) and splits and not marked and kinds == (None, None)


def find_version(snapshot: Snapshot, text: str) -> Version | Run | Column:
    """Read what can be traced: an artifact means its latest version, a job its latest run."""
    found = find(snapshot, text)
    if isinstance(found, Artifact):
        return snapshot.latest(found)
    if isinstance(found, Job):
        runs = snapshot.lineage.runs_of(found)
        if not runs:
            raise NotFound(f"no run of {text!r} is known; it is only declared")
        return runs[-1]
    if isinstance(found, Prediction):
        raise NotFound(f"no prediction {found.id!r} is recorded")
    return found


def _canonical(snapshot: Snapshot, text: str) -> Reference | None:
    try:
        reference = parse(text)
    except InvalidReference:
        if text.startswith(("version:", "artifact:", "column:")):
            raise
        return None
    lineage = snapshot.lineage
    match reference:
        case Artifact():
            known = reference in lineage.artifacts_called(reference.name)
        case Version():
            known = lineage.version(reference) is not None or (
                reference == Version(reference.artifact)
                and lineage.artifact(reference.artifact) is not None
            )
        case Column():
            known = lineage.version(reference.version) is not None
        case Run():
            known = lineage.run(reference) is not None
        case Job():
            known = lineage.job(reference) is not None
        case Prediction():
            known = False
    artifact = _artifact_of(reference)
    if not known or (artifact is not None and not snapshot.principal.sees(artifact)):
        raise NotFound(f"the ledger has no {text}")
    return reference


def _artifact_of(reference: Reference) -> Artifact | None:
    match reference:
        case Artifact():
            return reference
        case Version():
            return reference.artifact
        case Column():
            return reference.version.artifact
    return None


def _split_kind(text: str) -> tuple[str | None, str]:
    match = _KIND.fullmatch(text)
    return (match[1], match[2]) if match else (None, text)


def _named(snapshot: Snapshot, text: str, kind: str | None) -> Artifact | None:
    """An artifact by its name: whole, with its namespace, by its last parts, or by its path."""
    namespace, colons, name = text.partition("::")
    path = _path_name(text) if snapshot.principal.local else None
    candidates = [
        item
        for item in _called(snapshot, *((name,) if colons else (text, path)))
        if snapshot.principal.sees(item) and (kind is None or _kind(snapshot, item) == kind)
    ]
    if colons:
        exact = [item for item in candidates if item == (namespace, name)]
        return _one(exact, text) or _one(
            [item for item in candidates if item.namespace == namespace and _ends(item, name)], text
        )
    for matches in (
        lambda item: item.name == text,
        lambda item: f"{item.namespace}/{item.name.lstrip('/')}" == text,
        lambda item: path is not None and item.name == path,
        lambda item: _ends(item, text),
        lambda item: item.name.lower() == text.lower(),
        lambda item: _ends(Artifact(item.namespace, item.name.lower()), text.lower()),
    ):
        found = _one([item for item in candidates if matches(item)], text)
        if found is not None:
            return found
    return None


def _called(snapshot: Snapshot, *texts: str | None) -> Iterable[Artifact]:
    """At least the artifacts that one of these may name."""
    return dict.fromkeys(
        item
        for text in texts
        if text is not None
        for item in snapshot.lineage.artifacts_called(text)
    )


def _kind(snapshot: Snapshot, artifact: Artifact) -> str | None:
    versions = snapshot.versions(artifact)
    if versions and versions[-1].kind:
        return versions[-1].kind
    node = snapshot.lineage.artifact(artifact)
    return (node.kind if node else None) or "dataset"


def _ends(artifact: Artifact, text: str) -> bool:
    """Whether `text` is the last whole segments of a dotted name or a path."""
    name = artifact.name.rstrip("/")
    if not name.endswith(text) or len(name) == len(text):
        return False
    return name[-len(text) - 1] in "./" or (text[0] == "/" and len(text) > 1)


def _path_name(text: str) -> str | None:
    """The absolute real path of what looks like one."""
    try:
        return str(Path(text).expanduser().resolve())
    except (OSError, ValueError, RuntimeError):
        return None


def _at(snapshot: Snapshot, text: str, kind: str | None) -> Version | None:
    name, at, which = text.rpartition("@")
    if not at or not name or not which:
        return None
    artifact = _named(snapshot, name, kind)
    if artifact is None:
        return None
    hits = list(dict.fromkeys(_which(snapshot, artifact, which)))
    if not hits and "#" in which:
        return None  # a column of a version, perhaps
    if not hits:
        known = [_label(node) for node in snapshot.versions(artifact)[-NEAREST_MAX:]]
        raise NotFound(f"{name} has no version {which!r}", nearest=tuple(known))
    if len(hits) > 1:
        raise Ambiguous(
            f"{text!r} may be {len(hits)} versions; @v:N, @=ID, @t:TIME or @sha256:HEX force one",
            candidates=tuple(str(hit) for hit in hits),
        )
    return hits[0]


def _label(node: VersionNode) -> str:
    return f"{node.version.artifact.name}@v{node.ordinal}" if node.ordinal else str(node.version)


def _which(snapshot: Snapshot, artifact: Artifact, which: str) -> Iterable[Version]:
    nodes = [
        *snapshot.versions(artifact),
        *map(snapshot.node, snapshot.lineage.outside(artifact)),
    ]
    forced = which.startswith(("v:", "=", "t:", "sha256:"))
    if which.startswith("=") or not forced:
        declared = which.removeprefix("=") if forced else which
        yield from (node.version for node in nodes if node.declared == declared)
    ordinal = _ORDINAL.fullmatch(which)
    if ordinal is not None:
        yield from (node.version for node in nodes if node.ordinal == int(ordinal[1]))
    time = which.removeprefix("t:")
    if which.startswith("t:") or (not forced and _TIME.fullmatch(which)):
        yield from _current(snapshot, artifact, moment(time))
    if which == "outside":
        yield from snapshot.lineage.outside(artifact)
    digest = which.removeprefix("sha256:").lower()
    if (which.startswith("sha256:") or not forced) and _is_digest_prefix(digest):
        for node in nodes:
            if node.digest is not None and node.digest.partition(":")[2].startswith(digest):
                yield node.version


def _is_digest_prefix(text: str) -> bool:
    return len(text) >= DIGEST_PREFIX_CHARS_MIN and _HEX.fullmatch(text) is not None


def _current(snapshot: Snapshot, artifact: Artifact, time: int) -> Iterable[Version]:
    """The version that was current at a time."""
    current = snapshot.current(artifact, time)
    if current is not None:
        yield current
    else:
        yield from snapshot.lineage.outside(artifact)


def _run(snapshot: Snapshot, text: str) -> Run | None:
    """A run by its id, or by a prefix of it."""
    wanted = text.lower()
    known = list(snapshot.lineage.runs_called(wanted))
    exact = [run for run in known if run.id == wanted]
    if exact or len(wanted) < RUN_PREFIX_CHARS_MIN:
        return _one(exact, text)
    return _one([run for run in known if run.id.startswith(wanted)], text)


def _job(snapshot: Snapshot, text: str) -> Job | None:
    namespace, colons, name = text.partition("::")
    if colons:
        job = Job(namespace, name)
        return job if snapshot.lineage.job(job) is not None else None
    known = list(snapshot.lineage.jobs_called(text))
    exact = [job for job in known if job.name == text]
    return _one(exact, text) or _one(
        [job for job in known if job.name.endswith((f".{text}", f"/{text}"))], text
    )


def _column(snapshot: Snapshot, text: str) -> Column | None:
    """`orders#amount`, `orders@v2#amount`: a column of a version, the latest unless told."""
    name, mark, path = text.rpartition("#")
    if not mark or not name or not path:
        return None
    found = find(snapshot, name)
    if isinstance(found, Artifact):
        found = snapshot.latest(found)
    return Column(found, path) if isinstance(found, Version) else None


def _file(snapshot: Snapshot, text: str) -> Version | None:
    """A file on disk, found by its bytes; of several versions with them, the one of that name."""
    try:
        path = Path(text).expanduser()
        if not path.is_file():
            return None
        digest = _hash(path)
    except OSError as error:
        raise NotFound(f"{text} cannot be read: {error}") from error
    except (ValueError, RuntimeError):  # no path at all, or nobody's home
        return None
    return _with_bytes(snapshot, digest, text, name=str(path.resolve()))


def _with_bytes(snapshot: Snapshot, digest: str, text: str, *, name: str = "") -> Version:
    """The version with this digest: a run-made one first, then one of that name, the newest."""
    nodes = [
        node
        for node in snapshot.lineage.with_digest(digest)
        if snapshot.principal.sees(node.version.artifact)
    ]
    made = [node for node in nodes if not node.version.outside] or nodes
    if not made:
        raise NotFound(f"no version with the bytes of {text} ({digest[:19]}…) is recorded")
    named = [node for node in made if node.version.artifact.name == name] or made
    newest = max(named, key=lambda node: (node.begins or 0, str(node.version)))
    if len({node.version.artifact for node in named}) > 1:
        raise Ambiguous(
            f"several artifacts have the bytes of {text}",
            candidates=tuple(sorted(str(node.version) for node in named)),
        )
    return newest.version


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(HASH_BYTES):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def _one(found: list[T], text: str) -> T | None:
    if len(found) > 1:
        raise Ambiguous(
            f"{text!r} names {len(found)} things",
            candidates=tuple(sorted(str(item) for item in found)),
        )
    return found[0] if found else None


def _known_names(snapshot: Snapshot, name: str) -> list[str]:
    """Names among which one like this is looked for: all, or of many those that share some of it.

    Where there are many and no table of searches is at hand, the first of them.
    """
    whole = snapshot.whole
    if isinstance(whole, Index) and len(whole.links.artifacts) > NEAREST_POOL_MAX:
        from headwater.query import lookup

        near = lookup.near(snapshot, name, NEAR_NAMES)
        if near is not None:
            return sorted(thing.name for thing in near)
    artifacts = filter(snapshot.principal.sees, snapshot.lineage.artifacts())
    known = [item.name for item in islice(artifacts, NEAREST_POOL_MAX)]
    return known + [job.name for job in islice(snapshot.lineage.jobs(), NEAREST_POOL_MAX)]


def _not_found(snapshot: Snapshot, text: str) -> NotFound:
    _, rest = _split_kind(text)
    name = rest.rpartition("::")[2].partition("@")[0]
    pool: dict[str, str] = {}
    for full in _known_names(snapshot, name):
        last = full.rstrip("/").rpartition("/")[2]
        for part in (full, last, last.rpartition(".")[0], last.rpartition(".")[2]):
            pool.setdefault(part, full)
    pool.pop("", None)
    close = get_close_matches(name, pool, n=NEAREST_MAX, cutoff=0.6)
    holding = [full for part, full in pool.items() if name and name in part][:NEAREST_MAX]
    nearest = tuple(dict.fromkeys(pool[match] for match in close)) or tuple(holding)
    then = "" if snapshot.size == snapshot.head.size else f" at ledger size {snapshot.size}"
    return NotFound(f"nothing is called {text!r}{then}", nearest=nearest)
