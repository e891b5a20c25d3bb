"""The one gateway for answers: command line, HTTP, web, exports and agents all ask here.

It takes a principal and a point in time. Answers are JSON documents, byte-deterministic: a digest
of one can be recomputed by anyone who holds the ledger.

Trusted? It decides what each principal sees; it never writes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import wraps
from time import monotonic
from typing import Concatenate, Literal, NamedTuple, ParamSpec, TypeVar

from headwater.errors import CacheDamaged, InvalidReference, NotFound
from headwater.graph.column_walk import ColumnAnswer, impact_column, trace_column
from headwater.graph.lineage import ALL, CARRIED, Answer, Limits, Reach
from headwater.query import documents, exporting, paging, showing
from headwater.query.catalogue import Catalogue
from headwater.query.differing import diff, diff_times
from headwater.query.documents import Document
from headwater.query.grounds import Grounds, ground, refuse_partial
from headwater.query.overview import overview
from headwater.query.principal import LOCAL, Principal
from headwater.query.reasons import why
from headwater.query.routes import between
from headwater.query.schemas import Schemas
from headwater.query.searching import Progress, search
from headwater.query.shortening import Shortening
from headwater.query.snapshot import Snapshot, size_at
from headwater.query.typed import find, find_version
from headwater.refs import Artifact, Column, Job, Prediction, Run, Version
from headwater.store import Store

NODES_MAX = 1_000_000
"""Nodes of one answer. More are cut off, and it says so."""
WHOLE_NODES_MAX = 50_000
"""Of an answer with columns that is kept for its next pages; larger ones are made for each."""
MILLISECONDS_MAX = 60_000
HITS = 20
HITS_MAX = 10_000
SNAPSHOTS_MAX = 4
"""Points in time that a gateway keeps at hand; each may hold a whole graph."""

Ask = Literal["trace", "impact"]
"""What can be proved."""


P = ParamSpec("P")
R = TypeVar("R")


def _from_sound(
    ask: Callable[Concatenate[Gateway, P], R],
) -> Callable[Concatenate[Gateway, P], R]:
    """Ask once more where a cache turned out to be damaged: then it is made anew."""

    @wraps(ask)
    def asked(gateway: Gateway, /, *args: P.args, **named: P.kwargs) -> R:
        try:
            return ask(gateway, *args, **named)
        except CacheDamaged:
            return ask(gateway, *args, **named)

    return asked


class Gateway:
    """Answers from one store, for one principal."""

    def __init__(self, store: Store, principal: Principal = LOCAL) -> None:
        self._store = store
        self._principal = principal
        self._snapshots: OrderedDict[int, Snapshot] = OrderedDict()
        self._catalogue: Catalogue | None = None
        self._whole: tuple[_Asked, Document] | None = None

    def size(self, at: str | None = None) -> int:
        """Read a point in time as a ledger size: the head's if none is given.

        Asked `at` this size, answers are the same for ever. Raises `InvalidReference`.
        """
        return size_at(self._store, at)

    @_from_sound
    def trace(
        self,
        ref: str,
        *,
        depth: int | None = None,
        at: str | None = None,
        columns: bool = False,
        revisions: str = CARRIED,
        facets: bool = False,
        limit: int | None = None,
        start: int = 0,
    ) -> Document:
        """Everything that `ref` came from.

        `depth` counts runs; `at` is a ledger size or a time; `revisions` is `carried` or `all`;
        `limit` is in nodes, in the order of (depth, reference) from the one at `start` on; where
        nodes follow, `truncated` has the next start as its cursor. With `columns`, `completeness`
        is of the whole answer on every page. Raises `NotFound`, `Ambiguous`
        or `InvalidReference`.
        """
        return self._walk("trace", ref, depth, at, columns, revisions, facets, limit, start)

    @_from_sound
    def impact(
        self,
        ref: str,
        *,
        depth: int | None = None,
        at: str | None = None,
        columns: bool = False,
        revisions: str = CARRIED,
        facets: bool = False,
        limit: int | None = None,
        start: int = 0,
    ) -> Document:
        """Everything that `ref` reached, with owners and counts. Parameters as in `trace`."""
        return self._walk("impact", ref, depth, at, columns, revisions, facets, limit, start)

    @_from_sound
    def paths(self, a: str, b: str, *, at: str | None = None) -> Document:
        """How one reaches the other, whichever of the two is upstream."""
        snapshot = self._snapshot(at)
        roots = [_versioned(find_version(snapshot, text), text) for text in (a, b)]
        for start, end in (roots, roots[::-1]):
            answer = snapshot.lineage.trace(start, limits=_limits(), visible=self._principal.sees)
            document = documents.answer_document(snapshot, answer, snapshot.header("paths"))
            ways, more = between(document, str(start), str(end))
            if ways:
                return _narrowed(document, ways) | {"to": str(end), "paths": ways, "more": more}
        raise NotFound(f"nothing leads from {a} to {b}, either way")

    @_from_sound
    def show(self, ref: str, *, at: str | None = None) -> Document:
        """The passport of a version, artifact, run, job or column."""
        snapshot = self._snapshot(at)
        match find(snapshot, ref):
            case Version() as version:
                shown = showing.show_version(snapshot, version)
            case Artifact() as artifact:
                shown = showing.show_artifact(snapshot, artifact)
            case Run() as run:
                shown = showing.show_run(snapshot, run)
            case Job() as job:
                shown = showing.show_job(snapshot, job)
            case Column() as column:
                shown = showing.show_column(snapshot, column)
            case Prediction() as prediction:
                raise NotFound(f"no prediction {prediction.id!r} is recorded")
        return documents.with_nodes(snapshot, snapshot.header("show") | shown)

    @_from_sound
    def diff(self, a: str, b: str, *, at: str | None = None) -> Document:
        """What changed between two versions, two runs, or two points in time (`@120`, a date)."""
        if _is_point(a) and _is_point(b):
            before, after = self._snapshot(a), self._snapshot(b)
            return documents.with_nodes(after, after.header("diff") | diff_times(before, after))
        snapshot = self._snapshot(at)
        one, other = (_versioned(find_version(snapshot, text), text) for text in (a, b))
        found = diff(snapshot, one, other)
        return documents.with_nodes(snapshot, snapshot.header("diff") | found)

    @_from_sound
    def search(
        self,
        text: str,
        *,
        kind: str | None = None,
        limit: int = HITS,
        start: int = 0,
        at: str | None = None,
        progress: Progress | None = None,
    ) -> Document:
        """Find artifacts, jobs and runs by name, owner, label, tag, description or digest.

        Gives `limit` hits from the one at `start` on. `progress` is called while what is searched
        is made ready, once for a head.
        """
        if not text.strip():
            raise InvalidReference("there is nothing to search for")
        snapshot = self._snapshot(at)
        found = search(
            snapshot, text, kind=kind, start=start, limit=min(limit, HITS_MAX), progress=progress
        )
        return snapshot.header("search") | found

    @_from_sound
    def why(self, a: str, b: str, *, at: str | None = None) -> Document:
        """The claims an edge rests on, the rule that bound it, and the runner-up."""
        snapshot = self._snapshot(at)
        one, other = (_versioned(find_version(snapshot, text), text) for text in (a, b))
        return documents.with_nodes(snapshot, snapshot.header("why") | why(snapshot, one, other))

    @_from_sound
    def prove(
        self,
        ref: str,
        *,
        ask: Ask = "trace",
        depth: int | None = None,
        at: str | None = None,
        columns: bool = False,
        revisions: str = CARRIED,
    ) -> Grounds:
        """The whole answer of `trace` or `impact`, and every entry that it rests on.

        What the principal may not see is withheld, and said to be. Raises as those, and
        `LimitExceeded` for an answer that is too much to prove at once.
        """
        size = self.size(at)
        how = {"depth": depth, "columns": columns, "revisions": revisions}
        walk = self.trace if ask == "trace" else self.impact
        document = walk(ref, at=str(size), **how)  # type: ignore[arg-type]
        refuse_partial(document)
        query = {"ask": ask, "ref": document["root"], "read": list(self._principal.read), **how}
        return ground(self._snapshot(str(size)), document, query)

    @_from_sound
    def overview(self, *, limit: int = HITS, at: str | None = None) -> Document:
        """How much there is, what was made and ran last, and what needs attention."""
        snapshot = self._snapshot(at)
        found = overview(snapshot, limit=min(limit, HITS_MAX))
        return snapshot.header("overview") | found

    @_from_sound
    def events(self, ref: str, *, at: str | None = None) -> Iterator[bytes]:
        """The events that the upstream answer rests on, byte for byte, in ledger order.

        Imported into an empty store they give the same upstream answer. Labels come last, as
        DatasetEvents with `headwater_policy`.
        """
        snapshot = self._snapshot(at)
        root = _versioned(find_version(snapshot, ref), ref)
        answer = snapshot.lineage.trace(root, revisions=ALL, visible=self._principal.sees)
        return exporting.events(snapshot, answer)

    @_from_sound
    def shorten(self, refs: Iterable[str], *, at: str | None = None) -> dict[str, str]:
        """For each canonical reference what a person would type instead.

        `find` reads it back at the same point in time. What has no shorter form comes as it is.
        """
        shortening = Shortening(self._snapshot(at))
        return {ref: shortening.shorten(ref) for ref in refs}

    def catalogue(self, *, at: str | None = None) -> Catalogue:
        """What there is, by namespace: to list and to browse."""
        snapshot = self._snapshot(at)
        if self._catalogue is None or self._catalogue.snapshot is not snapshot:
            self._catalogue = Catalogue(snapshot)
        return self._catalogue

    def _snapshot(self, at: str | None) -> Snapshot:
        size = self.size(at)
        found = self._snapshots.pop(size, None)
        if found is None or found.lineage.damaged:
            found = Snapshot(self._store, self._principal, str(size))
        self._snapshots[size] = found
        while len(self._snapshots) > SNAPSHOTS_MAX:
            self._snapshots.popitem(last=False)
        return found

    def _walk(
        self,
        ask: str,
        ref: str,
        depth: int | None,
        at: str | None,
        columns: bool,
        revisions: str,
        facets: bool,
        limit: int | None,
        start: int,
    ) -> Document:
        snapshot = self._snapshot(at)
        end = NODES_MAX if limit is None else min(start + limit, NODES_MAX)
        root = find_version(snapshot, ref)
        asked = _Asked(ask, root, depth, columns, revisions, facets, snapshot.size)
        if columns or isinstance(root, Column):
            document = self._page(snapshot, asked, start, end)
        else:
            limits = _limits(depth)._replace(skip=start, nodes=max(0, end - start))
            document = _answered(snapshot, asked, limits)
        by_column = isinstance(root, Column)
        return document if by_column or end >= NODES_MAX else paging.point_on(document, end)

    def _page(self, snapshot: Snapshot, asked: _Asked, start: int, end: int) -> Document:
        """A page of an answer with columns, the whole of which is kept while pages follow.

        A column has its place among all nodes, which takes the edges of every page.
        """
        if start and self._whole is not None and self._whole[0] == asked:
            whole = self._whole[1]
        else:
            whole = _answered(snapshot, asked, _limits(asked.depth))
        follows = end < len(whole["nodes"])
        is_kept = follows and len(whole["nodes"]) <= WHOLE_NODES_MAX
        self._whole = (asked, whole) if is_kept else None
        page = paging.cut(whole, start, end)
        return deepcopy(page) if is_kept else page


class _Asked(NamedTuple):
    """What decides an answer to `trace` or `impact`, whatever its pages."""

    ask: str
    root: Version | Run | Column
    depth: int | None
    columns: bool
    revisions: str
    facets: bool
    size: int


def _answered(snapshot: Snapshot, asked: _Asked, limits: Limits) -> Document:
    lineage, visible, ask, root = snapshot.lineage, snapshot.principal.sees, asked.ask, asked.root
    if isinstance(root, Column):
        if ask == "trace":
            found = trace_column(lineage, root, depth=asked.depth, visible=visible)
        else:
            named = Schemas(snapshot).of
            found = impact_column(lineage, root, named=named, depth=asked.depth, visible=visible)
        return _column_document(snapshot, found, ask)
    walk = lineage.trace if ask == "trace" else lineage.impact
    answer = walk(root, revisions=asked.revisions, limits=limits, visible=visible)
    header = snapshot.header(ask)
    document = documents.answer_document(snapshot, answer, header, facets=asked.facets)
    if asked.columns:
        document = _with_columns(snapshot, answer, document)
    if answer.reach is not None:
        document |= _reached(snapshot, answer.reach, document)
    return document


def _limits(depth: int | None = None) -> Limits:
    return Limits(depth, NODES_MAX, monotonic() + MILLISECONDS_MAX / 1_000)


def _versioned(found: Version | Run | Column, text: str) -> Version | Run:
    if isinstance(found, Column):
        raise InvalidReference(f"{text!r} is a column; give its version")
    return found


def _is_point(text: str) -> bool:
    body = text.removeprefix("@")
    return text.startswith("@") or (len(body) >= 10 and body[4:5] == "-" and body[:4].isdigit())


def _reached(snapshot: Snapshot, reach: Reach, document: Document) -> Document:
    """How much was reached, by kind, and whose all of it is, the root among it."""
    for node in document["nodes"]:
        if node["kind"] == "version":
            artifact = Artifact(node["artifact"]["namespace"], node["artifact"]["name"])
            known = snapshot.lineage.artifact(artifact)
            node["owners"] = list(known.owners) if known else []
    return {
        "counts": {
            "versions": reach.versions,
            "runs": reach.runs,
            "by_kind": dict(sorted(reach.kinds.items())),
        },
        "owners": list(reach.owners),
    }


def _narrowed(document: Document, ways: list[list[str]]) -> Document:
    """Keep of an answer what lies on the ways."""
    kept = {ref for way in ways for ref in way}
    return document | {
        "nodes": [node for node in document["nodes"] if node["ref"] in kept],
        "edges": [
            edge for edge in document["edges"] if edge["from"] in kept and edge["to"] in kept
        ],
    }


def _with_columns(snapshot: Snapshot, answer: Answer, document: Document) -> Document:
    """Add the column edges between the versions of a whole answer."""
    known = answer.versions
    depths = {node["ref"]: node["depth"] for node in document["nodes"]}
    edges = [
        edge
        for version in known
        for edge in snapshot.lineage.columns_of(version)
        if edge.source.version in known
    ]
    columns = {column for edge in edges for column in (edge.column, edge.source)}
    nodes = [
        documents.column_document(column) | {"depth": known[column.version]} for column in columns
    ]
    depths |= {node["ref"]: node["depth"] for node in nodes}
    drawn = [documents.column_edge_document(edge) for edge in edges]
    return document | {
        "nodes": documents.sorted_nodes([*document["nodes"], *nodes]),
        "edges": documents.sorted_edges([*document["edges"], *drawn], depths),
    }


def _column_document(snapshot: Snapshot, answer: ColumnAnswer, ask: str) -> Document:
    """An answer about one column: columns, their versions, and where nothing is said."""
    versions: dict[Version, int] = {}
    for column, depth in answer.columns.items():
        versions[column.version] = min(depth, versions.get(column.version, depth))
    nodes = [
        *(documents.column_document(column) | {"depth": depth}
          for column, depth in answer.columns.items()),
        *(documents.version_document(snapshot.node(version)) | {"depth": depth}
          for version, depth in versions.items()),
    ]  # fmt: skip
    depths = {node["ref"]: node["depth"] for node in nodes}
    edges = [
        *(documents.column_edge_document(edge) for edge in answer.edges),
        *(documents.carried_document(edge, snapshot) for edge in answer.carried),
    ]
    return snapshot.header(ask) | {
        "root": str(answer.root),
        "nodes": documents.sorted_nodes(nodes),
        "edges": documents.sorted_edges(edges, depths),
        "opaque": [str(column) for column in answer.opaque],
        **({"sourceless": [str(one) for one in answer.sourceless]} if ask == "trace" else {}),
        "completeness": documents.column_completeness(answer),
    }
