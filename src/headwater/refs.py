"""Identities and their canonical references.

Identities are plain tuples, so that they hash and sort fast. Their written form is stable for
ever: built from identity only, each part percent-encoded (RFC 3986 §2.1; everything but the
unreserved characters, so `:` and `/` too).

    artifact:<ns>/<name>
    version:<ns>/<name>@run/<run id>/<job ns>/<job name>[/<declared>]
    version:<ns>/<name>@outside[/=<declared> | /sha256:<hex>]
    run:<id>/<job ns>/<job name>
    job:<ns>/<name>
    column:<version>#<path>
    prediction:<deployment>/<id>

Trusted? No: whoever writes a reference can only ask for something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from headwater.errors import InvalidReference

_is_written = re.compile(r"[A-Za-z0-9._~%-]*").fullmatch


class Artifact(NamedTuple):
    """A dataset, file, topic, view, model, deployment or report: an OpenLineage name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"artifact:{_quote(self.namespace)}/{_quote(self.name)}"


class Job(NamedTuple):
    """A definition of work."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"job:{_quote(self.namespace)}/{_quote(self.name)}"


class Run(NamedTuple):
    """One execution of a job: real producers put one id on several jobs, so both count."""

    id: str
    namespace: str
    name: str

    @property
    def job(self) -> Job:
        """The job that this is an execution of."""
        return Job(self.namespace, self.name)

    def __str__(self) -> str:
        return f"run:{_quote(self.id)}/{_quote(self.namespace)}/{_quote(self.name)}"


class Version(NamedTuple):
    """One state of an artifact: made by a run, or (`run` is None) of outside origin.

    `declared` is the id its writer gave it; `digest` (`<algorithm>:<hex>`) is part of the
    identity only for outside origin.
    """

    artifact: Artifact
    run: Run | None = None
    declared: str | None = None
    digest: str | None = None

    @property
    def outside(self) -> bool:
        """Whether no run that we know of made it."""
        return self.run is None

    def __str__(self) -> str:
        return f"version:{_version_body(self)}"


class Column(NamedTuple):
    """A field of a version."""

    version: Version
    path: str

    def __str__(self) -> str:
        return f"column:{_version_body(self.version)}#{_quote(self.path)}"


class Prediction(NamedTuple):
    """One answer of a deployment."""

    deployment: str
    id: str

    def __str__(self) -> str:
        return f"prediction:{_quote(self.deployment)}/{_quote(self.id)}"


Reference = Artifact | Job | Run | Version | Column | Prediction


def parse(text: str) -> Reference:
    """Read a canonical reference.

    Raises `InvalidReference` unless `str(parse(text)) == text`.
    """
    kind, colon, body = text.partition(":")
    reader = _READERS.get(kind)
    if not colon or reader is None:
        raise InvalidReference(f"{text!r} is no canonical reference")
    reference: Reference | None = None
    with suppress(ValueError):  # UnicodeDecodeError is one
        reference = reader(body)
    if reference is None or str(reference) != text:
        raise InvalidReference(f"{text!r} is no canonical {kind} reference")
    return reference


@lru_cache(maxsize=8_192)  # the names in an answer are few and come again and again
def _quote(part: str) -> str:
    # Most names need no more than this; `quote` looks at each character.
    common = part.replace("%", "%25").replace("/", "%2F").replace(":", "%3A")
    return common if _is_written(common) else quote(part, safe="")


def _unquote(part: str) -> str:
    return unquote(part, errors="strict")


def _version_body(version: Version) -> str:
    artifact = f"{_quote(version.artifact.namespace)}/{_quote(version.artifact.name)}"
    if version.run is not None:
        parts = [version.run.id, version.run.namespace, version.run.name]
        if version.declared is not None:
            parts.append(version.declared)
        return f"{artifact}@run/{'/'.join(_quote(part) for part in parts)}"
    if version.declared is not None:
        return f"{artifact}@outside/={_quote(version.declared)}"
    if version.digest is not None:
        algorithm, _, value = version.digest.partition(":")
        return f"{artifact}@outside/{_quote(algorithm)}:{_quote(value)}"
    return f"{artifact}@outside"


def _read_parts(body: str, least: int, most: int) -> list[str]:
    parts = [_unquote(part) for part in body.split("/")]
    if not least <= len(parts) <= most:
        raise ValueError(body)
    return parts


def _read_version(body: str) -> Version:
    artifact_body, at, origin = body.partition("@")
    artifact = Artifact(*_read_parts(artifact_body, 2, 2))
    if not at:
        raise ValueError(body)
    kind, _, rest = origin.partition("/")
    if kind == "run":
        parts = _read_parts(rest, 3, 4)
        return Version(artifact, Run(*parts[:3]), parts[3] if len(parts) == 4 else None)
    if kind != "outside":
        raise ValueError(body)
    if not rest:
        return Version(artifact)
    if rest.startswith("="):
        return Version(artifact, declared=_unquote(rest[1:]))
    algorithm, _, value = rest.partition(":")
    return Version(artifact, digest=f"{_unquote(algorithm)}:{_unquote(value)}")


def _read_column(body: str) -> Column:
    version, _, path = body.rpartition("#")
    return Column(_read_version(version), _unquote(path))


_READERS: dict[str, Callable[[str], Reference]] = {
    "artifact": lambda body: Artifact(*_read_parts(body, 2, 2)),
    "version": _read_version,
    "run": lambda body: Run(*_read_parts(body, 3, 3)),
    "job": lambda body: Job(*_read_parts(body, 2, 2)),
    "column": _read_column,
    "prediction": lambda body: Prediction(*_read_parts(body, 2, 2)),
}
