"""Questions to a ledger: one interface, answered by a store on this machine or by a service."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from headwater.capture import location, runtime
from headwater.errors import ExtraMissing

if TYPE_CHECKING:
    from headwater.client.documents import Difference, Hits, Passport, Paths, Reasons, Walk

Revisions = Literal["carried", "all"]
Ask = Literal["trace", "impact"]
Ref = str | os.PathLike[str]


class Lineage(ABC):
    """What can be asked. Answers are the documents of `--json`.

    Each raises `NotFound`, `Ambiguous` or `InvalidReference` for a reference that is none, and
    `StoreError` when nobody can answer now. `at` asks as known then: a ledger size or a time.
    """

    def trace(
        self,
        ref: Ref,
        *,
        depth: int | None = None,
        at: str | None = None,
        columns: bool = False,
        revisions: Revisions = "carried",
        facets: bool = False,
    ) -> Walk:
        """Give everything that `ref` came from; `depth` counts runs."""
        how = {"depth": depth, "at": at, "columns": columns, "revisions": revisions}
        return cast("Walk", self._answer("trace", ref=os.fspath(ref), facets=facets, **how))

    def impact(
        self,
        ref: Ref,
        *,
        depth: int | None = None,
        at: str | None = None,
        columns: bool = False,
        revisions: Revisions = "carried",
        facets: bool = False,
    ) -> Walk:
        """Give everything that `ref` reached, with owners and counts."""
        how = {"depth": depth, "at": at, "columns": columns, "revisions": revisions}
        return cast("Walk", self._answer("impact", ref=os.fspath(ref), facets=facets, **how))

    def paths(self, a: Ref, b: Ref, *, at: str | None = None) -> Paths:
        """Say how one reaches the other, whichever of the two came first."""
        return cast("Paths", self._answer("paths", a=os.fspath(a), b=os.fspath(b), at=at))

    def show(self, ref: Ref, *, at: str | None = None) -> Passport:
        """Give the passport of a version, artifact, run, job or column."""
        return cast("Passport", self._answer("show", ref=os.fspath(ref), at=at))

    def diff(self, a: Ref, b: Ref, *, at: str | None = None) -> Difference:
        """Say what changed between two versions, two runs, or two points in time (`@120`)."""
        return cast("Difference", self._answer("diff", a=os.fspath(a), b=os.fspath(b), at=at))

    def search(
        self, text: str, *, kind: str | None = None, limit: int = 20, at: str | None = None
    ) -> Hits:
        """Find artifacts, jobs and runs by name, owner, label, tag, description or digest."""
        return cast("Hits", self._answer("search", text=text, kind=kind, limit=limit, at=at))

    def why(self, a: Ref, b: Ref, *, at: str | None = None) -> Reasons:
        """Give the claims that an edge rests on, the rule that bound it, and the runner-up."""
        return cast("Reasons", self._answer("why", a=os.fspath(a), b=os.fspath(b), at=at))

    def prove(
        self,
        ref: Ref,
        *,
        ask: Ask = "trace",
        depth: int | None = None,
        at: str | None = None,
        columns: bool = False,
        revisions: Revisions = "carried",
    ) -> bytes:
        """Give a proof bundle of an answer: a file that anybody can check, to be kept as it is.

        Raises `LimitExceeded` for an answer that is too much to prove at once; of a store on this
        machine also `StoreReadOnly` where its signing key is not.
        """
        how = {"depth": depth, "at": at, "columns": columns, "revisions": revisions}
        return self._prove(os.fspath(ref), ask=ask, **how)

    @abstractmethod
    def close(self) -> None:
        """Give up what is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def _answer(self, ask: str, **asked: Any) -> Any:
        """Answer a question whole, by its name on the command line."""

    @abstractmethod
    def _prove(self, ref: str, **asked: Any) -> bytes: ...


def open(where: str | os.PathLike[str] | None = None) -> Lineage:  # noqa: A001 - as users read it
    """Open a ledger for questions: a store's directory, or the URL of a service.

    Without `where`: the service in `HEADWATER_URL`, else the store that this process records into,
    else that which the commands would take. Records that still wait in the spool of an embedded
    store are taken in first, and again before each question.

    Raises `StoreMissing` and other `StoreError`s; `ExtraMissing` for an embedded store where only
    the base of Headwater is installed.
    """
    named = os.fspath(where) if where is not None else os.environ.get("HEADWATER_URL") or None
    if named is not None and named.startswith(("http://", "https://")):
        from headwater.client.remote import Remote

        return Remote.of_environment(named)
    try:
        from headwater.client.embedded import Embedded
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            f"an embedded store needs {error.name}, which the base installation leaves out",
            remedy="pip install 'headwater[server]', or give the URL of a service",
        ) from error
    return Embedded(named or runtime.root() or location.store())
