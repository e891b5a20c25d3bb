"""Admission: validate, find duplicates, append, claim, sign.

A receipt that says `accepted` means: durable, in the tree under a signed head, and visible to the
next query. Up to `GROUP_EVENTS_MAX` events or `GROUP_BYTES_MAX` bytes share one transaction.

Trusted? Whoever controls it decides what the ledger takes, not what it has taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from headwater.errors import InvalidEvent, Problem, StoreReadOnly
from headwater.ingest.receipts import ACCEPTED, DUPLICATE, ERASED, REJECTED, Receipt
from headwater.openlineage.admit import parse
from headwater.store import Draft, Earlier, Mark, Refusal, Store, Writer
from headwater.store.projecting import claims_of

GROUP_EVENTS_MAX = 512
GROUP_BYTES_MAX = 16 * 1024 * 1024
PROBLEMS_KEPT = 20
"""Problems of a rejected event that are kept for `doctor`; its receipt lists all of them."""

Reader = Callable[[bytes, int], tuple[str, tuple[str, ...]]]
"""(bytes, time in microseconds) → (kind, warnings); raises `InvalidEvent`."""


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

    def read(body: bytes, at: int) -> tuple[str, tuple[str, ...]]:
        parsed = parse(body, strict=strict, now=at)
        return f"openlineage.{parsed.event.kind}", parsed.warnings

    admission = _Admission(store, by=by, read=read, now=now, entropy=entropy)
    receipts: list[Receipt] = []
    for first, end in _groups(bodies):
        some = None if sources is None else sources[first:end]
        receipts += admission.admit_group(first, bodies[first:end], some)
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
    admission = _Admission(
        store, by=by, read=lambda _body, _at: (kind, ()), now=now, entropy=entropy
    )
    return admission.admit_group(0, [body], None)[0]


class _Admission:
    """Admission by one actor, group by group."""

    def __init__(
        self,
        store: Store,
        *,
        by: str,
        read: Reader,
        now: Callable[[], int] | None,
        entropy: Callable[[int], bytes] | None,
    ) -> None:
        if not isinstance(store, Writer):
            raise StoreReadOnly(
                f"{store.location} is open for reading only", remedy="open it with mode='write'"
            )
        self._store = store
        self._by = by
        self._read = read
        self._now = now
        self._entropy = entropy

    def admit_group(
        self, first: int, bodies: Sequence[bytes], sources: Sequence[str] | None
    ) -> list[Receipt]:
        """Admit one group in one transaction; `first` is the place of its first event."""
        at, held = self._store.moment(self._now)
        actor = self._store.actor_for(self._by)
        drafts: list[Draft] = []
        refused: list[Refusal] = []
        receipts: list[Receipt] = []
        marks = [self._store.mark(body) for body in bodies]
        earlier = self._store.earlier(marks)
        for place, (body, mark) in enumerate(zip(bodies, marks, strict=True)):
            receipt = _repeat(first + place, earlier.get(mark))
            if receipt is None:
                entry = self._store.size + len(drafts)
                made = self._draft(body, mark, entry=entry, at=at, actor=actor)
                if isinstance(made, InvalidEvent):
                    receipt = Receipt(first + place, None, REJECTED, problems=made.problems)
                    source = sources[place] if sources is not None else None
                    refused.append(Refusal(source, body, _write_problems(made.problems)))
                else:
                    draft, warnings = made
                    drafts.append(draft)
                    earlier[mark] = Earlier(entry, erased=False)
                    warnings = (*warnings, held) if held else warnings
                    receipt = Receipt(first + place, entry, ACCEPTED, warnings)
            receipts.append(receipt)
        self._store.commit(drafts, at=at, refused=refused)
        return receipts

    def _draft(
        self, body: bytes, mark: Mark, *, entry: int, at: int, actor: str
    ) -> tuple[Draft, tuple[str, ...]] | InvalidEvent:
        try:
            kind, warnings = self._read(body, at)
        except InvalidEvent as error:
            return error
        try:
            claims = claims_of(entry, kind, body, at=at)
        except (ValueError, TypeError, RecursionError) as error:
            # What admission takes, projection must read: an event that slips through is refused
            # here rather than kept as an entry that no rebuild could read.
            return InvalidEvent((Problem("$", f"no claims can be made from it: {error}"),))
        salt = self._store.salt(self._entropy)
        return Draft(kind, actor, ((salt, body),), mark, claims), warnings


def _repeat(index: int, earlier: Earlier | None) -> Receipt | None:
    if earlier is None:
        return None
    return Receipt(index, earlier.entry, ERASED if earlier.erased else DUPLICATE)


def _groups(bodies: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Cut into groups that share a transaction: (first, end)."""
    first = size = 0
    for place, body in enumerate(bodies):
        full = place - first == GROUP_EVENTS_MAX or size + len(body) > GROUP_BYTES_MAX
        if full and place > first:
            yield first, place
            first, size = place, 0
        size += len(body)
    if first < len(bodies):
        yield first, len(bodies)


def _write_problems(problems: tuple[Problem, ...]) -> str:
    kept: list[list[str]] = [
        [problem.path, problem.message] for problem in problems[:PROBLEMS_KEPT]
    ]
    if len(problems) > PROBLEMS_KEPT:
        kept.append(["$", f"{len(problems) - PROBLEMS_KEPT} further problems"])
    return json.dumps(kept)
