"""What a reader must not learn from what is shown as it came: bytes, facets, sentences.

Answers are made of what a reader may see. What producers said may name more: other inputs, a table
in the text of a query. Every dataset that is named by namespace and name has to be one that the
reader may see; and no text may be, or hold as a word, the name of one in the ledger that is hidden.
Where several things have a name and one of them may be seen, the name is no secret.

Bytes are shown whole or not at all, and are hidden already for the last part of a hidden name
(`salaries` of `hr.salaries`). Of facets only what names something is taken out, and that only for a
name as a whole or qualified: the last parts of names are words like `date`.

Trusted? Whoever controls it decides which bytes a reader with a limited scope is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from headwater.claims.model import Claim, Defined, Described, Labelled, Mentioned
from headwater.errors import InvalidReference
from headwater.graph.lineage import Lineage
from headwater.query.hiding import Hidden, ends_of, hidden
from headwater.query.principal import Principal
from headwater.refs import Artifact, Column, Job, Version, parse

REDACTED = {"_redacted": "hidden"}
"""What stands in place of a hidden thing, and `REDACTED_TEXT` in place of a text that tells it."""
REDACTED_TEXT = "[hidden]"

_OF_A_JOB = ("namespace", "name")
"""What is said of a job is judged by the job, and not by its words."""
_QUOTES = str.maketrans("", "", "\"'`[]")
_WORD = re.compile(r"[^\s,;(){}<>=|]+")
_REFERENCE = re.compile(r"(?:artifact|version|column):")


class Secrecy:
    """What one reader may be shown of the bytes of entries."""

    def __init__(
        self, lineage: Lineage, principal: Principal, sees_job: Callable[[Job], bool]
    ) -> None:
        self._lineage = lineage
        self._sees_job = sees_job
        self._sees = principal.sees
        self._principal = principal
        self._everything = principal.sees_everything

    def hides(self, body: bytes, claims: Iterable[Claim] = ()) -> bool:
        """Whether these bytes of an entry with these claims name what the reader may not see."""
        if self._everything:
            return False
        if not all(self._sees(artifact) for claim in claims for artifact in _about(claim)):
            return True
        try:
            return self.hides_value(json.loads(body))
        except (ValueError, RecursionError):
            return True

    def hides_value(self, value: Any) -> bool:
        """The same of a JSON value that was read."""
        if self._everything:
            return False
        if not all(map(self._may, _named(value))):
            return True
        return any(self._tells(text, self._hidden.ends) for text in _texts(value))

    def tells(self, text: str) -> bool:
        """Whether a text names, as a whole or qualified, what the reader may not see."""
        return not self._everything and self._tells(text, self._hidden.qualifies)

    def redact(self, value: Any) -> Any:
        """Give a JSON value without what in it names what the reader may not see."""
        return value if self._everything else self._redact(value, job=False)

    def _redact(self, value: Any, *, job: bool) -> Any:
        if isinstance(value, str):
            return REDACTED_TEXT if self.tells(value) else value
        if isinstance(value, list):
            return [self._redact(item, job=False) for item in value]
        if not isinstance(value, dict):
            return value
        named = _name_of(value, job=job)
        if named is not None and not self._may(named):
            return dict(REDACTED)
        return {
            f"{REDACTED_TEXT} {place}" if self.tells(key) else key: item
            if job and key in _OF_A_JOB
            else self._redact(item, job=key == "job")
            for place, (key, item) in enumerate(value.items())
        }

    def _may(self, named: Artifact | Job) -> bool:
        return self._sees_job(named) if isinstance(named, Job) else self._sees(named)

    def _tells(self, text: str, is_hidden: Callable[[str], bool]) -> bool:
        if _REFERENCE.match(text) and not all(map(self._sees, _referred(text))):
            return True
        plain = text.casefold().translate(_QUOTES)
        forms = {text.casefold(), plain, unquote(plain)}
        words = {word for form in forms for word in _WORD.findall(form)}
        return any(map(is_hidden, forms)) or any(
            is_hidden(end) for word in words for end in ends_of(word)
        )

    @cached_property
    def _hidden(self) -> Hidden:
        return hidden(self._lineage, self._principal)


def _about(claim: Claim) -> Iterator[Artifact]:
    match claim:
        case Mentioned() | Described():
            yield claim.artifact
        case Defined():
            yield from claim.inputs or ()
            yield from claim.outputs or ()
        case Labelled():
            yield from _referred(claim.subject)
        case _:
            pass


def _referred(text: str) -> Iterator[Artifact]:
    try:
        reference = parse(text)
    except InvalidReference:
        return
    if isinstance(reference, Column):
        reference = reference.version
    if isinstance(reference, Version):
        reference = reference.artifact
    if isinstance(reference, Artifact):
        yield reference


def _named(value: Any, *, job: bool = False) -> Iterator[Artifact | Job]:
    """Every dataset and job that a JSON value names by namespace and name, wherever."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        named = _name_of(value, job=job)
        if named is not None:
            yield named
        for key, item in value.items():
            yield from _named(item, job=key == "job")


def _name_of(value: dict[str, Any], *, job: bool) -> Artifact | Job | None:
    """Read the dataset or job that an object itself names; `job` says that it stands for a job."""
    namespace, name = value.get("namespace"), value.get("name")
    if not isinstance(namespace, str) or not isinstance(name, str):
        return None
    return (Job if job or value.get("type") == "JOB" else Artifact)(namespace, name)


def _texts(value: Any, *, job: bool = False) -> Iterator[str]:
    """Every text in a JSON value, the names of members among them, but for the names of jobs."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            if not (job and key in _OF_A_JOB):
                yield from _texts(item, job=key == "job")
