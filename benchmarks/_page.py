"""Writes `docs/explanation/performance.md` from the figures in `results/`.

    python benchmarks/_page.py

A benchmark describes itself in its module's docstring; what misses its goal, and why, is said here.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
PAGE: Final = HERE.parent / "docs" / "explanation" / "performance.md"
STAGE: Final = "stage: "
GOAL: Final = re.compile(r"(p95 |p50 )?([≤<≥]) ([\d,.]+)")
"""A goal in figures: of the median, unless it says p95."""

TITLES: Final = {
    "ingest": "Admission",
    "ingest_http": "Admission over HTTP",
    "growth": "Admission as a store grows",
    "growth_large": "Admission as a store grows to ten million events",
    "closure": "Everything that something came from",
    "closure_peers": "The same, beside ML Metadata",
    "pages": "The first page, over HTTP",
    "walks": "Short walks, long chains, wide hubs",
    "late": "Events that come late",
    "catchup": "New events in an index",
    "search": "Search",
    "verification": "Verification",
    "cold": "Cold commands and imports",
    "run_logging": "Logging runs",
    "sql": "Column lineage from SQL",
    "recording": "Recording, for the program that is recorded",
    "capture": "Capture, for a program that knows nothing of it",
}
"""In the order of the page; benchmarks without a title here follow under their own names."""

STAGES: Final = {
    "ingest": "Where the time goes, an event:",
    "capture": "Where the time of a start goes:",
}

REMARKS: Final[dict[str, str]] = {
    "recording": """\
A start is some thirty small modules of ours, the first segment of the spool, and a look at git,
which compares every file of the checkout; it imports nothing of the standard library that takes
milliseconds ([31](../adr/0031-start-of-capture.md)). The paths that are read lead nowhere; of one
below the working directory no folder above has to be looked at: of its 10 µs some 3 are system
calls, and the rest some 25 calls in Python, which the rules for names take. What is missing to 10
would take a part in C, that is, wheels for each platform; capture is Python alone, and installs
anywhere. A task is two records, two changes of the environment for child processes, and a look at
the memory used.""",
    "capture": """\
The start is some thirty small modules of ours, a look at git, which compares every file of the
checkout, and the first segment of the spool; it imports nothing of the standard library that takes
milliseconds, so the second line is much like the first ([31](../adr/0031-start-of-capture.md)). Of
a file that is read the working directory is asked for and what lies below it is looked at, because
the name may lead elsewhere by then; one record is written. A second reading is looked at in the
same way, and counted. Of an operation of pandas it is noted what went in and what columns and
arguments were called then; which column came of which is worked out when something is written.
Computing a column is two observed operations and selecting rows three, with some more inside that
only look whether somebody is watching. Half of what is left is the observed function itself, the
weak reference, and caches that are cold after pandas. The last line of the calls is the limit for a
hook in Python; a hook in C would take a read below 10 µs, at the price of wheels for each platform.
A statement of DuckDB is some thirty calls in Python; after its own 160 µs they find the caches
cold, and so does DuckDB after them. What a pipeline of some seconds pays is mostly its start: the
import of the adapters, a thousand functions that are wrapped, audit hooks that are told of each
`id` (50,000 while scikit-learn is imported), and eight thousand objects more for the garbage
collector, which may collect everything once more for them, in a tenth of a second. A minute pays
some 2 ms for each step of 170: reading, writing and fitting take 0.2 to 0.6 ms each, in cold
caches, to look at the file, spell out columns and work out where they came from. The noise of this
measurement is wider than the goal. OpenLineage's client instruments nothing by itself; an event of
it stands under
*Recording*. That nothing is lost to SIGKILL is no figure but a test: 50 in the gate, 1,000 in
`make faults`.""",
    "ingest": """\
The bare table keeps the bytes and nothing else. We read the JSON whole, refuse repeated keys, check
every name and time, digest each facet, commit to the bytes with a salt, keep twice as many bytes
(the claims are nearly as long as the event), and sign and keep a head outside. No stage stands out:
writing the log is SQLite's, and reading and projecting are loops in Python over a dozen facets and
five datasets. The next factor takes other processes, or a compiled projection: reading and
projecting need no order and could be done beside the one writer, which would then be bound by the
log, inserts and heads. That is an estimate from the stages above; it was not tried.""",
    "ingest_http": """\
Of the CPU of a single event, two parts of three are its admission, on the thread that writes: what
an event of a batch costs, and its share of a smaller commit. The rest is the server, reading the
body under its limits, and waking whoever waits. Routing and binding by the framework cost as much
again, so a plain post is answered before it.""",
    "closure": """\
A kernel's answer is the depth of everything; scipy's breadth-first order is most of the time, and
putting depths to the order the rest. A reader's mask is kept with the steps that it leaves open, so
only the first question of a reader pays for making it. An answer decodes what it shows; of its time
the walk is most, because whatever is cut off by a limit has been walked.""",
    "pages": """\
The walk of everything is the same for every page; what it shows is decoded, some 65 µs of CPU for
each node with its edges. The first question of a service pays for mapping the index, checking what
it reads of it, and making whole arrays.""",
    "search": """\
A question touches one byte for each of a million things and each field that has what is asked for:
that, and not how many hits there are, is most of its time. What can be part of a run's id or of a
digest is looked for in these byte by byte. FTS5 counts hits by reading all of their places, and
ranks by scoring all of them; what it gives is another order, and it knows no reader's mask. A cold
shell pays for an interpreter, numpy, and the digests of what it reads of the files.""",
    "catchup": """\
What an event costs does not grow with what is in the index, and little with what came after the
mapped base: readers keep their heads, so a head puts what is new into layers on those before. In a
batch each event costs two to three times what compiling it costs; so all are compiled where 30 %
are new. A new base is what was there, copied with what came later in its place: nothing is resolved
again. With a run go those around it; the others under its parent only where they write what the
parent writes, or the parent itself says something new about data.""",
    "run_logging": """\
A writer that waits for four durable steps after each event is bound by the disk, whatever it logs:
ML Metadata, with one transaction a run, is faster than we are event by event. That is what the
spool and batches are for.""",
    "sql": """\
Reading a statement costs about as much again as parsing it. The parser's own lineage rewrites the
whole query for each column that it is asked about. Where the two differ, ours is what the vector
says: named windows, LATERAL, EXCEPT, recursion, USING, PIVOT, arrays taken apart, whole rows,
columns without a name.""",
}
"""What falls short in a benchmark, and why; what else has to be known to read it."""

INTRODUCTION: Final = """\
# How fast it is

<!-- Made from benchmarks/results by `make bench`; edit benchmarks/_page.py, not this page. -->

`make bench` measures Headwater beside its peers and beside the limit of what the machine could do,
in turns, in one run. Seconds belong to a machine and move with whatever else it does: each table
says how loaded the machine was. Compare the ratios and the CPU, and read the range before the
median. The raw figures are in `benchmarks/results/`.
"""


def render(folder: Path = HERE / "results") -> str:
    """The page for the results in a folder."""
    results = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    order = [name for name in TITLES if name in results]
    order += [name for name in results if name not in TITLES]
    goals = _goals([(_title(name), results[name]) for name in order])
    return "\n".join([INTRODUCTION, goals, *(_section(name, results[name]) for name in order)])


def _goals(results: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """How many goals are met, and each that is not."""
    verdicts = [
        (title, figure, met)
        for title, result in results
        for figure in result["figures"]
        if (met := _met(figure)) is not None
    ]
    missed = [(title, figure) for title, figure, met in verdicts if not met]
    said = f"Of {len(verdicts)} figures that have a goal, {len(verdicts) - len(missed)} meet it"
    if not missed:
        return f"{said}.\n"
    rows = ["| missed | | measured | goal |", "|---|---|--:|---|"]
    for title, figure in missed:
        anchor = re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        rows.append(f"| [{title}](#{anchor}) | {figure['what']} | {_compared(figure)} "
                    f"| {figure['goal']} |")  # fmt: skip
    return f"{said}; these do not, and their sections say why:\n\n" + "\n".join(rows) + "\n"


def _met(figure: dict[str, Any]) -> bool | None:
    """Whether a figure meets its goal; None without a goal in figures."""
    goal = GOAL.match(figure["goal"] or "")
    if goal is None:
        return None
    quantile, sign, bound = goal.groups()
    value, limit = figure["p95" if quantile == "p95 " else "median"], float(bound.replace(",", ""))
    if sign == "≥":
        return bool(value >= limit)
    return bool(value < limit if sign == "<" else value <= limit)


def _compared(figure: dict[str, Any]) -> str:
    """What is compared with the goal, or stands for the figure where there is none."""
    if str(figure["goal"]).startswith("p95 "):
        return f"p95 {_number(figure['p95'])} {figure['unit']}"
    return f"{_number(figure['median'])} {figure['unit']}"


def _section(name: str, result: dict[str, Any]) -> str:
    figures = result["figures"]
    stages = [figure for figure in figures if figure["what"].startswith(STAGE)]
    others = [figure for figure in figures if not figure["what"].startswith(STAGE)]
    parts = [f"## {_title(name)}", _describe(name)]
    parts.append(_table(others))
    if stages:
        parts += [STAGES.get(name, "Where the time goes:"), _stage_table(stages)]
    if name in REMARKS:
        parts.append(REMARKS[name])
    parts.append(_conditions(result))
    return "\n\n".join(parts) + "\n"


def _title(name: str) -> str:
    return TITLES.get(name, name.replace("_", " ").capitalize())


def _describe(name: str) -> str:
    """What a benchmark's docstring says, but for how to call it."""
    module = ast.parse((HERE / f"{name}.py").read_text())
    paragraphs = (ast.get_docstring(module) or "").split("\n\n")
    return "\n\n".join(text for text in paragraphs if not text.startswith("    "))


def _table(figures: Sequence[dict[str, Any]]) -> str:
    rows = ["| | median | from | to | goal |", "|---|--:|--:|--:|---|"]
    for figure in figures:
        cells = [_compared(figure), *(_number(figure[key]) for key in ("min", "max"))]
        note = f"<br>{figure['note']}" if figure["note"] else ""
        mark = {True: " ✓", False: " ✗ missed", None: ""}[_met(figure)]
        rows.append(
            f"| {figure['what']}{note} | {' | '.join(cells)} | {figure['goal'] or ''}{mark} |"
        )
    return "\n".join(rows)


def _stage_table(stages: Sequence[dict[str, Any]]) -> str:
    whole = sum(stage["median"] for stage in stages)
    rows = ["| stage | µs | share |", "|---|--:|--:|"]
    for stage in sorted(stages, key=lambda stage: -stage["median"]):
        share = f"{stage['median'] / whole:.0%}"
        rows.append(f"| {stage['what'][len(STAGE) :]} | {stage['median']:.1f} | {share} |")
    rows.append(f"| all | {whole:.1f} | |")
    return "\n".join(rows)


def _conditions(result: dict[str, Any]) -> str:
    machine = result["machine"]
    facts = {**result["facts"]}
    missing = facts.pop("missing", None)
    said = [
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory']}",
        f"Python {machine['python']}, SQLite {machine['sqlite']}",
        f"load {machine['load'][0]} when it ended, {result['taken'][:10]}",
        *(f"{name.replace('_', ' ')}: {_fact(value)}" for name, value in facts.items()),
    ]
    if missing:
        said.append(f"not measured: {'; '.join(missing)}")
    return "*" + " · ".join(said) + "*"


def _fact(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _number(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


if __name__ == "__main__":
    PAGE.write_text(render())
    print(f"wrote {PAGE}")
