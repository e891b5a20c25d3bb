"""Runs as OpenLineage events. Equal runs, equal bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from headwater.openlineage.limits import ENTRIES_MAX, EVENT_BYTES_MAX
from headwater.openlineage.times import iso
from headwater.shipping import facets
from headwater.shipping.facets import Facets, facet, job_facet
from headwater.shipping.mentions import Mention
from headwater.shipping.runs import Run
from headwater.shipping.told import Key

Item = tuple[str, Key, Mention]

DATASETS_AT_ONCE: Final = 2_000
"""Datasets of one event; a run that read and wrote more says so in several."""
DIED: Final = "its process ended without saying how"


def tell(
    run: Run,
    state: str,
    at: int,
    *,
    only: dict[str, dict[Key, Mention]] | None = None,
    whole: bool = False,
    gaps: list[str] | None = None,
) -> bytes:
    """Write an event: of mentions `only` these, with all that is known of them if `whole`."""
    reads, writes = (only or {}).get("read", {}), (only or {}).get("write", {})
    full = not run.joined and (gaps is not None or state == "START")
    event = {
        "eventTime": iso(at),
        "eventType": state,
        "producer": facets.PRODUCER,
        "schemaURL": facets.CORE,
        "run": {"runId": run.id, "facets": _run_facets(run, gaps or []) if full else {}},
        "job": {
            "namespace": run.job[0],
            "name": run.job[1],
            "facets": _job_facets(run) if full else {},
        },
        "inputs": [_input(run, key, one) for key, one in reads.items()],
        "outputs": [_output(run, key, one, whole=whole) for key, one in writes.items()],
    }
    return json.dumps(event, separators=(",", ":"), allow_nan=False).encode("ascii")


def tell_now(run: Run, at: int, key: Key, *, whole: bool = False) -> bytes:
    """Write an event of a write while its run goes on, and know what holds of it from then on."""
    mention = run.writes[key]
    event = tell(run, "RUNNING", at, only={"write": {key: mention}}, whole=whole)
    said = _of_content(run, mention, whole=whole).keys()
    mention.told = said if whole else mention.told | said
    return event


def tell_all(run: Run, state: str, at: int, gaps: list[str]) -> Iterator[bytes]:
    """Write all that is known: in one event, where it has the room that admission gives it.

    Otherwise in several: RUNNING with some of the datasets, the last with the state.
    """
    gaps = [*gaps, *run.untold()]
    items = [("read", key, one) for key, one in run.reads.items()]
    items += [("write", key, one) for key, one in run.writes.items()]
    *parts, last = [
        items[at : at + DATASETS_AT_ONCE] for at in range(0, max(len(items), 1), DATASETS_AT_ONCE)
    ]
    event = tell(run, state, at, only=_by_role(last), whole=True, gaps=gaps)
    if len(event) > EVENT_BYTES_MAX and last:
        parts, last = [*parts, last], []
        event = tell(run, state, at, only={}, whole=True, gaps=gaps)
    for part in parts:
        yield from _parts(run, part, at)
    yield event


def _parts(run: Run, items: list[Item], at: int) -> Iterator[bytes]:
    event = tell(run, "RUNNING", at, only=_by_role(items), whole=True)
    if len(event) > EVENT_BYTES_MAX and len(items) > 1:
        half = len(items) // 2
        yield from _parts(run, items[:half], at)
        yield from _parts(run, items[half:], at)
    else:
        yield event


def _input(run: Run, key: Key, mention: Mention) -> dict[str, Any]:
    own = mention.own or run.is_read_back(key, mention)
    described = facets.dataset_facets(key[0], mention.said)
    if mention.digest is not None and not own:
        described |= facet("headwater_digest", **mention.digest)
    return {
        "namespace": key[0],
        "name": key[1],
        "facets": described,
        "inputFacets": facets.input_facets(mention.said, own=own),
    }


def _output(run: Run, key: Key, mention: Mention, *, whole: bool) -> dict[str, Any]:
    said = mention.said
    described = facets.dataset_facets(key[0], said)
    content = _of_content(run, mention, whole=whole)
    described |= content
    for name in mention.told - content.keys() if whole else ():
        described |= facet(name, _deleted=True)
    if mention.digest is not None:
        described |= facet("headwater_digest", **mention.digest)
        if whole and (mention.stated or run.has_failed()) and "value" in mention.digest:
            # A version by its own name: it is one before the run ends, and although it failed.
            state = f"{mention.digest['algorithm']}:{mention.digest['value']}"
            described |= facet("version", datasetVersion=state)
    if whole and mention.handed_over and "version" not in described:
        # By its last write: the same version where nothing was written after the hand-over.
        described |= facet("version", datasetVersion=iso(mention.last))
    return {
        "namespace": key[0],
        "name": key[1],
        "facets": described,
        "outputFacets": facets.output_facets(said, mention.digest),
    }


def _of_content(run: Run, mention: Mention, *, whole: bool) -> Facets:
    """Write where the content of an output came from: this holds until it is told otherwise."""
    said = mention.said
    is_known = said.get("inputs") is not None and not (run.inferred and mention.adds)
    columns = said.get("columns")
    if columns is not None and not is_known:  # of none, as far as is known, says nothing then
        columns = {name: fields for name, fields in columns.items() if fields} or None
    found = facets.column_lineage(columns, said.get("shaped_by"))
    if whole:
        inputs = said["inputs"] if is_known else run.inputs_of(mention)
        if inputs is not None and len(inputs) <= ENTRIES_MAX:
            named = [{"namespace": n, "name": name, "type": "DATASET"} for n, name in inputs]
            found |= facet("lineage", inputs=named)
    return found


def _run_facets(run: Run, gaps: list[str]) -> Facets:
    process = run.process
    begin = run.begin
    found: Facets = {}
    if begin.get("up"):
        found |= facet("parent", **_link(begin["up"]), root=_link(begin.get("root") or begin["up"]))
    found |= facet("headwater_actor", **process.get("actor", {}))
    environment = dict(process.get("environment", {}))
    engine = environment.pop("implementation", "cpython")
    found |= facet("processing_engine", name=engine, version=environment.get("python", "unknown"))
    if run.end.get("memory"):
        hardware = {**environment.get("hardware", {}), "peakMemoryBytes": run.end["memory"]}
        environment["hardware"] = hardware
    found |= facet("headwater_environment", **environment)
    code = process.get("code") or {}
    if code:
        found |= facet("headwater_code", **{n: v for n, v in code.items() if n not in _LOCATION})
    if process.get("variables"):
        variables = [{"name": n, "value": v} for n, v in process["variables"].items()]
        found |= facet("environmentVariables", environmentVariables=variables)
    if run.params:
        found |= facets.parameters(run.params)
    if begin.get("seeds"):
        found |= facet("headwater_parameters", seeds=begin["seeds"])
    if run.metrics:
        found |= facet("headwater_training", metrics=facets.metrics(run.metrics))
    for name, body in run.facets.items():
        known = found.get(name, {})
        found |= facet(name, **{**known, **facets.measured(name, body)})
    coverage: dict[str, Any] = {"code": process["gaps"]} if process.get("gaps") else {}
    coverage |= run.executed.coverage()
    if run.commands:
        coverage["commands"] = dict(sorted(run.commands.items()))
    gaps = [*gaps, *_counted(run.gaps), *run.executed.gaps()]
    doubts = {"exact": False} if run.is_doubtful() else {}
    found |= facet("headwater_capture", gaps=gaps, coverage=coverage, **doubts)
    found |= run.executed.facets()
    if run.end.get("error"):
        found |= facet("errorMessage", message=run.end["error"], programmingLanguage="PYTHON")
    if run.inferred:
        found |= facet("headwater_inferred", reason=DIED)
    return found


def _job_facets(run: Run) -> Facets:
    said = run.begin.get("say") or {}
    found = job_facet("jobType", processingType="BATCH", integration="HEADWATER", jobType="TASK")
    description = said.get("description") or run.end.get("description")
    if description:
        found |= job_facet("documentation", description=description)
    if said.get("owner"):
        found |= job_facet("ownership", owners=[{"name": said["owner"]}])
    only = run.executed.only(tables={*run.reads, *run.writes})
    if said.get("sql"):
        found |= job_facet("sql", query=said["sql"])
    elif only is not None:
        found |= job_facet("sql", query=only.sql, dialect=only.dialect)
    code = run.process.get("code") or {}
    if code.get("repository") and code.get("commit"):
        where = {
            "type": "git",
            "url": f"{code['repository'].removesuffix('.git')}/tree/{code['commit']}",
            "repoUrl": code["repository"],
            "version": code["commit"],
        }
        if code.get("entryPoint"):
            where["path"] = code["entryPoint"]
        found |= job_facet("sourceCodeLocation", **where)
    return found


def _by_role(items: list[Item]) -> dict[str, dict[Key, Mention]]:
    found: dict[str, dict[Key, Mention]] = {}
    for role, key, mention in items:
        found.setdefault(role, {})[key] = mention
    return found


def _counted(gaps: dict[str, int]) -> list[str]:
    """What was told several times is told once, with how often it was."""
    return [what if count == 1 else f"{what} ({count:,} times)" for what, count in gaps.items()]


_LOCATION: Final = frozenset({"repository"})


def _link(link: list[str]) -> dict[str, Any]:
    return {"run": {"runId": link[0]}, "job": {"namespace": link[1], "name": link[2]}}
