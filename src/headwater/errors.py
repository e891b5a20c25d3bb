"""Everything Headwater raises on purpose, in one tree.

HeadwaterError                      says what is wrong and what to do next
├── InvalidEvent                    an event cannot be admitted; lists every problem
├── InvalidReference                text that is no reference
├── NotFound                        nothing has this reference; carries the nearest names
├── Ambiguous                       several things have it; carries the candidates
├── ProofError                      signed or hashed evidence does not hold
│   ├── InvalidNote                 a signed note is malformed or wrongly signed
│   ├── InvalidProof                an inclusion or consistency proof does not hold
│   └── InvalidLeaf                 bytes that are no ledger leaf
├── StoreError                      the store cannot do what was asked
│   ├── StoreMissing                there is no store here
│   ├── StoreBusy                   another process is writing
│   ├── StoreReadOnly               opened without its key, or for reading
│   ├── StoreFull                   the disk has no room; nothing was lost
│   ├── CacheDamaged                what can be made again is damaged, and was dropped
│   └── LedgerConflict              the store disagrees with the head that was kept outside it
├── LimitExceeded                   a documented limit was reached
│   └── Overloaded                  more waits than may; the same later succeeds
├── Forbidden                       who asks may not
│   └── Unauthenticated             who asks did not say who they are
└── ExtraMissing                    needs `pip install 'headwater[server]'`
"""

from __future__ import annotations

from typing import NamedTuple

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_STORE = 3


class HeadwaterError(Exception):
    """Root of the tree: a message for a person, and a remedy where one is known."""

    exit_code: int = EXIT_FAILED

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class Problem(NamedTuple):
    """One thing wrong with an event: where (a JSON path such as `$.run.runId`) and what."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class InvalidEvent(HeadwaterError):
    """An event that cannot be admitted, with every problem found in it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class InvalidReference(HeadwaterError):
    """Text that cannot be read as a reference."""

    exit_code = EXIT_USAGE


class NotFound(HeadwaterError):
    """Nothing in the ledger has this reference."""

    def __init__(self, message: str, *, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.nearest = nearest


class Ambiguous(HeadwaterError):
    """Several things answer to this reference."""

    exit_code = EXIT_USAGE

    def __init__(self, message: str, *, candidates: tuple[str, ...]) -> None:
        super().__init__(message)
        self.candidates = candidates


class ProofError(HeadwaterError):
    """Signed or hashed evidence does not hold."""


class InvalidNote(ProofError):
    """A signed note is malformed, or a known key's signature on it fails."""


class InvalidProof(ProofError):
    """An inclusion or consistency proof does not hold."""


class InvalidLeaf(ProofError):
    """Bytes that are not the canonical form of a ledger leaf."""


class StoreError(HeadwaterError):
    """The store cannot do what was asked."""

    exit_code = EXIT_STORE


class StoreMissing(StoreError):
    """There is no store where one was looked for."""


class StoreBusy(StoreError):
    """Another process holds the writer's lock."""


class StoreReadOnly(StoreError):
    """The store is open for reading only."""


class StoreFull(StoreError):
    """The disk has no room for what was to be written; nothing of it was acknowledged."""


class CacheDamaged(StoreError):
    """Something that can be made again is not as it was written; it has been dropped."""


class LedgerConflict(StoreError):
    """The store disagrees with the head that was kept outside it: rolled back or forked."""


class LimitExceeded(HeadwaterError):
    """A documented limit was reached; nothing was dropped in silence."""


class Overloaded(LimitExceeded):
    """More waits to be done than a limit allows; nothing was taken, and later it will be."""


class Forbidden(HeadwaterError):
    """Who asks may not do this."""


class Unauthenticated(Forbidden):
    """Who asks did not say who they are, or nobody knows them."""


class ExtraMissing(HeadwaterError):
    """A command needs packages that the base installation leaves out."""

    exit_code = EXIT_USAGE
