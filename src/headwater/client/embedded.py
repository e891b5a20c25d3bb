"""Questions to a store on this machine, in this process."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from headwater.client import delivering
from headwater.client.proving import prove_here
from headwater.query.gateway import Gateway
from headwater.store import Store, locate, open_store

if TYPE_CHECKING:
    from headwater.client.documents import Difference, Hits, Passport, Paths, Reasons, Walk
    from headwater.client.lineage import Ask, Revisions

Ref = str | os.PathLike[str]


class Embedded:
    """`Lineage` of one store."""

    def __init__(self, root: str) -> None:
        """Open it. Raises `StoreMissing` and other `StoreError`s."""
        self._root = locate(root)
        delivering.settle(self._root)
        self._store: Store = open_store(self._root)
        self._gateway = Gateway(self._store)

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
        """See `Lineage`."""
        answer = self._ask().trace(
            os.fspath(ref), depth=depth, at=at, columns=columns, revisions=revisions, facets=facets
        )
        return cast("Walk", answer)

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
        """See `Lineage`."""
        answer = self._ask().impact(
            os.fspath(ref), depth=depth, at=at, columns=columns, revisions=revisions, facets=facets
        )
        return cast("Walk", answer)

    def paths(self, a: Ref, b: Ref, *, at: str | None = None) -> Paths:
        """See `Lineage`."""
        return cast("Paths", self._ask().paths(os.fspath(a), os.fspath(b), at=at))

    def show(self, ref: Ref, *, at: str | None = None) -> Passport:
        """See `Lineage`."""
        return cast("Passport", self._ask().show(os.fspath(ref), at=at))

    def diff(self, a: Ref, b: Ref, *, at: str | None = None) -> Difference:
        """See `Lineage`."""
        return cast("Difference", self._ask().diff(os.fspath(a), os.fspath(b), at=at))

    def search(
        self, text: str, *, kind: str | None = None, limit: int = 20, at: str | None = None
    ) -> Hits:
        """See `Lineage`."""
        return cast("Hits", self._ask().search(text, kind=kind, limit=limit, at=at))

    def why(self, a: Ref, b: Ref, *, at: str | None = None) -> Reasons:
        """See `Lineage`."""
        return cast("Reasons", self._ask().why(os.fspath(a), os.fspath(b), at=at))

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
        """See `Lineage`."""
        point = self.trace(ref, depth=0, at=at)
        return prove_here(
            self._root,
            point["root"],
            ask=ask,
            depth=depth,
            at=str(point["head"]["size"]),
            columns=columns,
            revisions=revisions,
        )

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self) -> Gateway:
        delivering.settle(self._root)
        return self._gateway
