"""Admission: validate, find duplicates, append, claim, sign.

A receipt that says `accepted` means: durable, in the tree under a signed head, and visible to the
next query. Up to `GROUP_EVENTS_MAX` events or `GROUP_BYTES_MAX` bytes share one transaction.

Trusted? Whoever controls it decides what the ledger takes, not what it has taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from headwater.errors import InvalidEvent, Problem, StoreReadOnly
from headwater.ingest.receipts import (
    ACCEPTED,
    DUPLICATE,
    ERASED,
    FORBIDDEN,
    REJECTED,
    Receipt,
)
from headwater.openlineage.admit import parse
from headwater.store import Draft, Earlier, Mark, Refusal, Store, Writer
from headwater.store.projecting import claims_of

GROUP_EVENTS_MAX = 512
GROUP_BYTES_MAX = 16 * 1024 * 1024
PROBLEMS_KEPT = 20
"""Problems of a rejected event that are kept for `doctor`; its receipt lists all of them."""
EVERYTHING = ("*",)
"""Globs that match every namespace."""


class Offer(NamedTuple):
    """One event that is given: its bytes, who gives it, and how it is to be read.

    `source` says where it came from (`file:line`), remembered of rejected ones. `write` are the
    namespaces (globs) of jobs that its giver may write about; of a static dataset, its own.
    """

    body: bytes
    by: str = "local"
    strict: bool = False
    source: str | None = None
    write: tuple[str, ...] = EVERYTHING


Reader = Callable[[Offer, int], tuple[str, tuple[str, ...]]]
"""(offer, time in microseconds) → (kind, warnings); raises `InvalidEvent` or `_Forbidden`."""


def admit(
    store: Store,
    bodies: Sequence[bytes],
    *,
    by: str = "local",
    strict: bool = False,
    sources: Sequence[str] | None = None,
    now: Callable[[], int] | None = None,
    entropy: Callable[[int], bytes] | None = None,
) -> list[Receipt]:
    """Admit OpenLineage events, each as the bytes it came in; one receipt each, in order.

    `by` is who gives them, kept apart from the ledger under an opaque id. `sources` (`file:line`)
    are remembered of rejected ones. `now` (microseconds UTC) and `entropy` (random bytes) are those
    that the store was opened with, if not given. Equal bytes are admitted once, whoever gives them.

    Raises `StoreReadOnly` unless the store is open for writing, `StoreError` when it cannot be
    written: then nothing of the group at hand was acknowledged, and giving all of it again is safe.
    """
    places: Sequence[str | None] = sources or [None] * len(bodies)
    offers = [Offer(body, by, strict, place) for body, place in zip(bodies, places, strict=True)]
    return admit_offers(store, offers, now=now, entropy=entropy)


def admit_offers(
    store: Store,
    offers: Sequence[Offer],
    *,
    now: Callable[[], int] | None = None,
    entropy: Callable[[int], bytes] | None = None,
) -> list[Receipt]:
    """Admit events of several givers, who share transactions; otherwise as `admit`."""
    admission = _Admission(store, read=_read_event, now=now, entropy=entropy)
    receipts: list[Receipt] = []
    for first, end in groups([len(offer.body) for offer in offers]):
        receipts += admission.admit_group(first, offers[first:end])
    return receipts


def admit_record(
    store: Store,
    kind: str,
    body: bytes,
    *,
    by: str = "local",
    now: Callable[[], int] | None = None,
    entropy: Callable[[int], bytes] | None = None,
) -> Receipt:
    """Admit one record of a kind of our own, such as `governance.label`; otherwise as `admit`.

    It is rejected when its kind has claims and they cannot be made from it.
    """
    admission = _Admission(store, read=lambda _offer, _at: (kind, ()), now=now, entropy=entropy)
    return admission.admit_group(0, [Offer(body, by)])[0]


class _ForbiddenError(Exception):
    """The giver may not write about this; the problem says what."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problems = (problem,)


def _read_event(offer: Offer, at: int) -> tuple[str, tuple[str, ...]]:
    parsed = parse(offer.body, strict=offer.strict, now=at)
    event = parsed.event
    if offer.write != EVERYTHING:
        subject = event.job or event.dataset
        namespace = subject.namespace if subject else ""
        if not any(fnmatchcase(namespace, glob) for glob in offer.write):
            where = "job" if event.job else "dataset"
            raise _ForbiddenError(
                Problem(
                    f"$.{where}.namespace",
                    f"{namespace!r} is none of the namespaces that {offer.by} may write: "
                    + (", ".join(offer.write) or "there are none"),
                )
            )
    return f"openlineage.{event.kind}", parsed.warnings


class _Admission:
    """Admission, group by group."""

    def __init__(
        self,
        store: Store,
        *,
        read: Reader,
        now: Callable[[], int] | None,
        entropy: Callable[[int], bytes] | None,
    ) -> None:
        if not isinstance(store, Writer):
            raise StoreReadOnly(
                f"{store.location} is open for reading only", remedy="open it with mode='write'"
            )
        self._store = store
        self._read = read
        self._now = now
        self._entropy = entropy
        self._actors: dict[str, str] = {}

    def admit_group(self, first: int, offers: Sequence[Offer]) -> list[Receipt]:
        """Admit one group in one transaction; `first` is the place of its first event."""
        at, held = self._store.moment(self._now)
        drafts: list[Draft] = []
        refused: list[Refusal] = []
        receipts: list[Receipt] = []
        marks = [self._store.mark(offer.body) for offer in offers]
        earlier = self._store.earlier(marks)
        for place, (offer, mark) in enumerate(zip(offers, marks, strict=True), start=first):
            receipt = _repeat(place, earlier.get(mark))
            if receipt is None:
                entry = self._store.size + len(drafts)
                try:
                    draft, warnings = self._draft(offer, mark, entry=entry, at=at)
                except (InvalidEvent, _ForbiddenError) as error:
                    status = REJECTED if isinstance(error, InvalidEvent) else FORBIDDEN
                    receipt = Receipt(place, None, status, problems=error.problems)
                    refused.append(
                        Refusal(offer.source, offer.body, _write_problems(error.problems))
                    )
                else:
                    drafts.append(draft)
                    earlier[mark] = Earlier(entry, erased=False)
                    warnings = (*warnings, held) if held else warnings
                    receipt = Receipt(place, entry, ACCEPTED, warnings)
            receipts.append(receipt)
        self._store.commit(drafts, at=at, refused=refused)
        return receipts

    def _draft(
        self, offer: Offer, mark: Mark, *, entry: int, at: int
    ) -> tuple[Draft, tuple[str, ...]]:
        kind, warnings = self._read(offer, at)
        try:
            claims = claims_of(entry, kind, offer.body, at=at)
        except (ValueError, TypeError, RecursionError) as error:
            # What admission takes, projection must read: an event that slips through is refused
            # here rather than kept as an entry that no rebuild could read.
            problem = Problem("$", f"no claims can be made from it: {error}")
            raise InvalidEvent((problem,)) from error
        salt = self._store.salt(self._entropy)
        if (actor := self._actors.get(offer.by)) is None:
            actor = self._actors[offer.by] = self._store.actor_for(offer.by)
        return Draft(kind, actor, ((salt, offer.body),), mark, claims), warnings


def _repeat(index: int, earlier: Earlier | None) -> Receipt | None:
    if earlier is None:
        return None
    return Receipt(index, earlier.entry, ERASED if earlier.erased else DUPLICATE)


def groups(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Cut events of these sizes (bytes) into groups that share a transaction: (first, end)."""
    first = total = 0
    for place, size in enumerate(sizes):
        full = place - first == GROUP_EVENTS_MAX or total + size > GROUP_BYTES_MAX
        if full and place > first:
            yield first, place
            first, total = place, 0
        total += size
    if first < len(sizes):
        yield first, len(sizes)


def _write_problems(problems: tuple[Problem, ...]) -> str:
    kept: list[list[str]] = [
        [problem.path, problem.message] for problem in problems[:PROBLEMS_KEPT]
    ]
    if len(problems) > PROBLEMS_KEPT:
        kept.append(["$", f"{len(problems) - PROBLEMS_KEPT} further problems"])
    return json.dumps(kept)
