"""The tools: what each is for, what it takes, and how it asks the gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from headwater.errors import Ambiguous, HeadwaterError, NotFound, Problem
from headwater.mcp import documents, walks
from headwater.mcp.arguments import Arguments, Ends, Pair, Search, Show, Walk, read
from headwater.mcp.bounds import Document
from headwater.query.gateway import Gateway

CANDIDATES_MAX = 20

INSTRUCTIONS = """\
Headwater records how data becomes features, models, deployments and predictions, version by
version. Its tools are read-only.

Start with `search` to find what something is called. Then `trace` says what made it, `impact`
what it reached, `why` on what evidence one link rests, `paths` how one thing reaches another,
`diff` what changed, `show` everything about one thing.

Every answer names the ledger `head` it was given at: pass its `size` as `at` to ask about the same
moment again. Every answer says how complete it is: when `completeness.complete` is false, say so
and why (unknown origins, writers still open, gaps in capture, what the asker may not see, a depth
that cut something off). `left_out` counts what did not fit; `left_out.more` holds the arguments
that bring the next part. Edges run from what depends to what it depends on. An edge whose
`exactness` is `conservative` is possible, not proven."""


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """One tool. `ask` gives a small document; it raises what the gateway raises."""

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    ask: Callable[[Gateway, Any], Document]


def call(gateway: Gateway, tool: Tool, given: dict[str, Any]) -> tuple[Document, bool]:
    """Answer a call; the second value says whether the document is of an error."""
    arguments, problems = read(tool.arguments, given)
    if arguments is None:
        return _problem_document(problems), True
    try:
        return tool.ask(gateway, arguments), False
    except Ambiguous as error:
        return describe(error) | _candidates(gateway, error), True
    except HeadwaterError as error:
        return describe(error), True


def describe(error: HeadwaterError) -> Document:
    """What went wrong, and what to do next."""
    document: Document = {"error": type(error).__name__, "message": error.message}
    if isinstance(error, NotFound):
        document |= {"nearest": list(error.nearest)}
        document["next"] = (
            "ask again with one of `nearest`" if error.nearest else "find its name with `search`"
        )
    if error.remedy is not None:
        document["next"] = error.remedy
    return document


def _problem_document(problems: tuple[Problem, ...]) -> Document:
    return {
        "error": "InvalidArguments",
        "message": "; ".join(str(problem) for problem in problems),
        "problems": [problem._asdict() for problem in problems],
    }


def _candidates(gateway: Gateway, error: Ambiguous) -> Document:
    candidates = error.candidates[:CANDIDATES_MAX]
    short = gateway.shorten(candidates)
    document: Document = {
        "candidates": [short[candidate] for candidate in candidates],
        "next": error.remedy or "ask again with one of `candidates`",
    }
    if len(error.candidates) > CANDIDATES_MAX:
        document["left_out"] = {"candidates": len(error.candidates) - CANDIDATES_MAX}
    return document


def _at(given: str | int | UnsetType) -> str | None:
    return None if given is UNSET else str(given)


def _walk(ask: str) -> Callable[[Gateway, Walk], Document]:
    def answer(gateway: Gateway, given: Walk) -> Document:
        found = getattr(gateway, ask)(
            given.ref,
            depth=None if given.depth is UNSET else given.depth,
            at=_at(given.at),
            revisions=given.revisions,
            limit=walks.COUNTED_NODES_MAX,
        )
        return walks.small(gateway, found, limit=given.limit, skip=given.skip)

    return answer


def _paths(gateway: Gateway, given: Ends) -> Document:
    found = gateway.paths(given.a, given.b, at=_at(given.at))
    return walks.small(gateway, found, limit=given.limit, skip=given.skip)


def _show(gateway: Gateway, given: Show) -> Document:
    found = gateway.show(given.ref, at=_at(given.at))
    return documents.small_passport(gateway, found, limit=given.limit, facets=given.facets)


def _why(gateway: Gateway, given: Pair) -> Document:
    found = gateway.why(given.a, given.b, at=_at(given.at))
    return documents.small_reasons(gateway, found, limit=given.limit)


def _diff(gateway: Gateway, given: Pair) -> Document:
    found = gateway.diff(given.a, given.b, at=_at(given.at))
    return documents.small_difference(gateway, found, limit=given.limit)


def _search(gateway: Gateway, given: Search) -> Document:
    kind = None if given.kind is UNSET else given.kind
    found = gateway.search(given.text, kind=kind, limit=given.limit, at=_at(given.at))
    return documents.small_hits(gateway, found)


TOOLS = (
    Tool(
        name="search",
        title="Find things by name, owner, label or digest",
        description="Find tables, files, models, jobs and runs: by any part of a name, by owner, "
        "label, tag, description, digest or run id. Begin here when you do not know what something "
        "is called exactly. Each hit has a `ref` that every other tool takes, its kind, how many "
        "versions it has and when the newest was made. Whole names come first.",
        arguments=Search,
        ask=_search,
    ),
    Tool(
        name="trace",
        title="What made this: upstream lineage",
        description="Everything that something came from, exactly: which version of which table, "
        "file or model, through which run, down to the sources. Use it for `where does this come "
        "from`, `which data trained this model`, `what fed this report`. Nodes are numbered (`n`), "
        "the nearest first; edges join numbers and run from what depends to what it depends on: a "
        "version is `generated` by a run, a run `used` versions, a version is `derived` from "
        "versions. `counts` is of the whole answer, also where only a part is shown. "
        "`completeness` tells what is unknown or missing: repeat it to whoever asked.",
        arguments=Walk,
        ask=_walk("trace"),
    ),
    Tool(
        name="impact",
        title="What this reached: downstream lineage",
        description="Everything that something reached: versions made from it and the runs that "
        "read it, with owners. Use it for `what breaks if I change this`, `which models saw this "
        "data`, `who must be told`. `artifacts_by_kind` and `counts` are of the whole answer; form "
        "and completeness as in `trace`. For one column, ask about `table#column`.",
        arguments=Walk,
        ask=_walk("impact"),
    ),
    Tool(
        name="paths",
        title="How one thing reaches another",
        description="The ways between two things, whichever of them is upstream, the shortest "
        "first: `paths` lists the node numbers along each way. Use it when `trace` or `impact` "
        "shows that two things are connected and you need to know how. An error says that nothing "
        "leads from one to the other.",
        arguments=Ends,
        ask=_paths,
    ),
    Tool(
        name="show",
        title="Everything about one thing",
        description="The passport of a version, table, file, model, job, run or column: when and "
        "by what it was made, from what, who used it, owner, labels, columns, versions, state and "
        "times of a run, ledger entries that prove it. Facets (schema, SQL, parameters, metrics, "
        "environment …) are named in `other_facets`; ask again with `facets` for those you need. "
        "`orders` shows the table with all versions, `orders@v:3` one version.",
        arguments=Show,
        ask=_show,
    ),
    Tool(
        name="why",
        title="The evidence for one link",
        description="Why a link stands: the statements in the ledger that it rests on, the rule "
        "that bound a read to just this version, and the version that came second. `a` is what "
        "depends, `b` what it depends on: a version or run, and a version next to it in `trace`. "
        "Use it when someone doubts a link.",
        arguments=Pair,
        ask=_why,
    ),
    Tool(
        name="diff",
        title="What changed between two versions, runs or moments",
        description="What differs between two versions, or two runs (inputs, code, parameters, "
        "environment, schema, metrics), or two points in time given as `@120` and `@180` (ledger "
        "sizes) or dates. Use it for `it worked yesterday`: compare the newest version with the "
        "one before (`model@v:7`, `model@v:8`). `counts` has all changes by kind, also those that "
        "did not fit.",
        arguments=Pair,
        ask=_diff,
    ),
)

BY_NAME = {tool.name: tool for tool in TOOLS}
