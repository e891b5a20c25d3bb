"""Small histories of OpenLineage events, made to collide: few names, few runs, few seconds.

A history has some *flavours*, so that two or three difficulties meet often instead of all rarely.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.graph.told import Json

NAMESPACE = "n"
NAMES = ("a", "b", "c", "d", "d/x", "d/x/y", "d/z", "dd")
RUN_IDS = (
    "00000000-0000-4000-8000-000000000001",
    "10000000-0000-4000-8000-000000000002",
    "90000000-0000-4000-8000-00000000000A",
    "90000000-0000-4000-8000-00000000000a",
    "f0000000-0000-4000-8000-000000000004",
    "scheduled/5",
)
JOBS = ("j", "k")
SECONDS = 8
ZONES = ("Z", "Z", "Z", "", "+00:00", ".0000009Z")
EVENTS_MAX = 14
DIGESTS = ("a" * 64, "b" * 64)
# fmt: off
FLAVOURS = (
    "declared", "digest", "lifecycle", "rename", "names", "directories", "columns", "lineage",
    "nesting", "streaming", "failure", "write", "static", "readback", "kind", "source",
)
# fmt: on


def dataset_of(name: str) -> Json:
    """A dataset without facets."""
    return {"namespace": NAMESPACE, "name": name}


def time_of(second: int, zone: str = "Z") -> str:
    """Event time of a second."""
    return f"2026-01-01T00:00:{second:02d}{zone}"


@st.composite
def flavours(draw: st.DrawFn) -> frozenset[str]:
    """One to four difficulties."""
    return frozenset(draw(st.lists(st.sampled_from(FLAVOURS), min_size=1, max_size=4)))


@st.composite
def histories(draw: st.DrawFn, *, most: int = EVENTS_MAX, prefix: str = "") -> list[Json]:
    """Events of a history in their order of arrival, each of one of the three kinds."""
    mood = draw(flavours())
    names = _names(draw, mood)
    kinds = ["run"] * 6 + (["job", "dataset"] if mood & {"static", "names", "source"} else [])
    events = []
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(kinds))
        if kind == "run":
            event = _run_event(draw, mood, names)
        elif kind == "job":
            event = _job_event(draw, mood, names)
        else:
            role = draw(st.sampled_from(["input", "input", "output"]))
            facets = _facets(draw, mood, names, role, names)
            event = {"dataset": dataset_of(draw(st.sampled_from(names))) | {"facets": facets}}
        zone = draw(st.sampled_from(ZONES))
        event["eventTime"] = time_of(draw(st.integers(0, SECONDS)), zone)
        events.append(_prefixed(event, prefix) if prefix else event)
    return events


def _names(draw: st.DrawFn, mood: frozenset[str]) -> list[str]:
    pool = NAMES if "directories" in mood else NAMES[:3]
    return draw(st.lists(st.sampled_from(pool), min_size=2, max_size=4, unique=True))


def _run_event(draw: st.DrawFn, mood: frozenset[str], names: list[str]) -> Json:
    types: list[str | None] = ["START", "COMPLETE", "COMPLETE", "COMPLETE", "RUNNING"]
    if mood & {"failure", "nesting"}:
        types += ["FAIL", "ABORT", "OTHER", None]
    run: Json = {"runId": draw(st.sampled_from(RUN_IDS)), "facets": {}}
    job: Json = {"namespace": NAMESPACE, "name": draw(st.sampled_from(JOBS)), "facets": {}}
    event: Json = {"run": run, "job": job}
    kind = draw(st.sampled_from(types))
    if kind is not None:
        event["eventType"] = kind
    if "failure" in mood and draw(st.integers(0, 3)) == 0:
        run["facets"]["headwater_inferred"] = {"reason": "the process is gone"}
    if "nesting" in mood and draw(st.booleans()):
        run["facets"]["parent"] = _parent(draw)
    if "streaming" in mood and draw(st.booleans()):
        job["facets"]["jobType"] = _job_type(draw)
    if "lineage" in mood and draw(st.booleans()):
        place = draw(st.sampled_from([run, job]))
        place["facets"]["lineage"] = _entries(draw, names, deletable=place is job)
    if "columns" in mood and draw(st.integers(0, 4)) == 0:
        run["facets"]["headwater_capture"] = {"exact": draw(st.booleans())}
    for role in ("input", "output"):
        if draw(st.integers(0, 3)):
            event[f"{role}s"] = [
                _dataset(draw, mood, names, role) for _ in range(draw(st.integers(0, 2)))
            ]
    return event


def _parent(draw: st.DrawFn) -> Json:
    def one() -> Json:
        return {
            "run": {"runId": draw(st.sampled_from(RUN_IDS))},
            "job": {"namespace": NAMESPACE, "name": draw(st.sampled_from(JOBS))},
        }

    parent = one()
    if draw(st.booleans()):
        parent["root"] = one()
    return parent


def _job_type(draw: st.DrawFn) -> Json:
    processing = draw(st.sampled_from(["STREAMING", "STREAMING", "BATCH", "NONE"]))
    kind = draw(st.sampled_from(["JOB", "SERVICE"]))
    return {"processingType": processing, "integration": "TEST", "jobType": kind}


def _job_event(draw: st.DrawFn, mood: frozenset[str], names: list[str]) -> Json:
    job: Json = {"namespace": NAMESPACE, "name": draw(st.sampled_from(JOBS)), "facets": {}}
    event: Json = {"job": job}
    if "streaming" in mood and draw(st.booleans()):
        job["facets"]["jobType"] = _job_type(draw)
    if "lineage" in mood and draw(st.booleans()):
        job["facets"]["lineage"] = _entries(draw, names, deletable=True)
    for role in ("inputs", "outputs"):
        if draw(st.booleans()):
            event[role] = [
                _dataset(draw, mood, names, role[:-1]) for _ in range(draw(st.integers(0, 2)))
            ]
    return event


def _dataset(draw: st.DrawFn, mood: frozenset[str], names: list[str], role: str) -> Json:
    given = dataset_of(draw(st.sampled_from(names)))
    others = [name for name in names if name != given["name"]]
    facets = _facets(draw, mood, names, role, others)
    if not facets:
        return given
    special = f"{role}Facets"
    for name, value in facets.items():
        if draw(st.integers(0, 15)) == 0:
            value = {"_deleted": True}
        given.setdefault(draw(st.sampled_from(["facets", special])), {})[name] = value
    if "digest" in mood and draw(st.integers(0, 3)) == 0:
        size = draw(st.sampled_from([63, 64]))
        given.setdefault(special, {})[f"{role}Statistics"] = {"size": size}
    return given


def _facets(
    draw: st.DrawFn, mood: frozenset[str], names: list[str], role: str, others: list[str]
) -> Json:
    found: Json = {}
    makers: dict[str, Any] = {
        "declared": lambda: ("version", {"datasetVersion": draw(st.sampled_from("12"))}),
        "digest": lambda: ("headwater_digest", _digest(draw)),
        "names": lambda: ("symlinks", {"identifiers": _identifiers(draw, names)}),
        "source": lambda: ("headwater_policy", {"source": draw(st.booleans())}),
        "kind": lambda: draw(
            st.sampled_from(
                [
                    ("datasetType", {"datasetType": "FILE"}),
                    ("datasetType", {"datasetType": "TABLE"}),
                    ("headwater_kind", {"kind": "REPORT"}),
                    ("datasetType", {"_deleted": True}),
                ]
            )
        ),
    }
    if role == "input":
        makers["readback"] = lambda: ("headwater_read", {"own": draw(st.booleans())})
    else:
        makers |= {
            "lifecycle": lambda: ("lifecycleStateChange", _change(draw)),
            "rename": lambda: ("lifecycleStateChange", _rename(draw, others)),
            "write": lambda: _write(draw),
            "columns": lambda: ("columnLineage", _columns(draw, names)),
            "lineage": lambda: ("lineage", _lineage(draw, names)),
        }
    for flavour in sorted(mood & set(makers)):
        if draw(st.booleans()):
            name, value = makers[flavour]()
            found[name] = value
    return found


def _digest(draw: st.DrawFn) -> Json:
    said: Json = {"algorithm": "sha256", "value": draw(st.sampled_from(DIGESTS)), "of": "bytes"}
    size = draw(st.sampled_from([100, 100, 100, None, 63]))
    return said if size is None else said | {"size": size}


def _identifiers(draw: st.DrawFn, names: list[str]) -> list[Json]:
    listed = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    return [dataset_of(name) | {"type": "TABLE"} for name in listed]


def _change(draw: st.DrawFn) -> Json:
    changes = ["CREATE", "OVERWRITE", "DROP", "ALTER", "TRUNCATE"]
    return {"lifecycleStateChange": draw(st.sampled_from(changes))}


def _rename(draw: st.DrawFn, names: list[str]) -> Json:
    previous = dataset_of(draw(st.sampled_from(names)))
    return {"lifecycleStateChange": "RENAME", "previousIdentifier": previous}


def _write(draw: st.DrawFn) -> tuple[str, Json]:
    mode = draw(st.sampled_from(["append", "overwrite", "upsert", "delete", None]))
    if mode is None:
        return "subset", {"outputCondition": {"type": "location", "locations": ["p"]}}
    return "headwater_write", {"mode": mode}


def _transformations(draw: st.DrawFn) -> list[Json]:
    return draw(
        st.lists(
            st.sampled_from(
                [
                    {"type": "DIRECT", "subtype": "IDENTITY"},
                    {"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True},
                    {"type": "DIRECT", "subtype": "AGGREGATION", "masking": False},
                    {"type": "INDIRECT", "subtype": "JOIN"},
                    {"type": "INDIRECT", "subtype": "FILTER"},
                    {"type": "INDIRECT", "subtype": "GROUP_BY"},
                    {"type": "INDIRECT", "subtype": "SORT"},
                    {"type": "INDIRECT", "subtype": "WINDOW"},
                    {"type": "INDIRECT", "subtype": "CONDITIONAL"},
                ]
            ),
            min_size=1,
            max_size=2,
        )
    )


def _field(draw: st.DrawFn, names: list[str]) -> Json:
    found = dataset_of(draw(st.sampled_from(names)))
    return found | {"field": draw(st.sampled_from("pq")), "transformations": _transformations(draw)}


def _columns(draw: st.DrawFn, names: list[str]) -> Json:
    if draw(st.integers(0, 6)) == 0:
        return {"_deleted": True}
    fields = {
        column: {"inputFields": [_field(draw, names)] * draw(st.integers(0, 1))}
        for column in draw(st.lists(st.sampled_from("xy"), max_size=2, unique=True))
    }
    facet: Json = {"fields": fields}
    if draw(st.booleans()):
        facet["dataset"] = [_field(draw, names)]
    return facet


def _source(draw: st.DrawFn, names: list[str]) -> Json:
    if draw(st.integers(0, 5)) == 0:
        return {"type": "JOB"}
    return dataset_of(draw(st.sampled_from(names))) | {"type": "DATASET"}


def _lineage(draw: st.DrawFn, names: list[str]) -> Json:
    said: Json = {}
    if draw(st.booleans()):
        said["inputs"] = [_source(draw, names) for _ in range(draw(st.integers(0, 2)))]
    listed = [each["name"] for each in said.get("inputs", []) if each["type"] == "DATASET"]
    sources = listed if "inputs" in said else names
    if sources and draw(st.booleans()):
        field = _field(draw, sources) | {"type": "DATASET"}
        said["fields"] = {draw(st.sampled_from("xy")): {"inputs": [field]}}
    return said


def _entries(draw: st.DrawFn, names: list[str], *, deletable: bool) -> Json:
    if deletable and draw(st.integers(0, 6)) == 0:
        return {"_deleted": True}
    entries = []
    for name in draw(st.lists(st.sampled_from(names), max_size=2, unique=True)):
        entries.append(dataset_of(name) | {"type": "DATASET"} | _lineage(draw, names))
    if draw(st.integers(0, 4)) == 0:
        entries.append({"type": "JOB", "inputs": [_source(draw, names)]})
    return {"entries": entries}


def _prefixed(value: Any, prefix: str) -> Any:
    """Give every name, job, run and digest a prefix, so that an event touches no other history."""
    if isinstance(value, list):
        return [_prefixed(each, prefix) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: prefix + each
        if key in ("namespace", "runId", "value") and isinstance(each, str)
        else _prefixed(each, prefix)
        for key, each in value.items()
    }
