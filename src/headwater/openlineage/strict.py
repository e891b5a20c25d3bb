"""Strict mode: what the JSON Schemas refuse, every problem with its path.

`schemas/core.json` and `schemas/facets.json` state the constraints of OpenLineage core 2-0-2 and
its facet schemas in our own words; `schemas/headwater/` are our own facets, each an immutable file
(a minor only adds, so the newest minor of a major judges all of them). A facet is judged by its
name in its place; an unknown one, or one of ours with an unknown major, by the base facet only.
Formats (`uri`, `date-time`, `uuid`) are asserted.

Only strict admission imports this module: the validator takes some 40 ms to load.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any, Final

import jsonschema_rs

from headwater.errors import Problem
from headwater.openlineage import paths
from headwater.openlineage.kinds import Kind
from headwater.openlineage.limits import PROBLEMS_MAX

PLACES: Final = ("runFacets", "jobFacets", "datasetFacets", "inputFacets", "outputFacets")
"""Definitions in `facets.json`, one for each place where facets stand."""

_FILE: Final = re.compile(r"(headwater_[a-z_]+)-(\d+)-(\d+)\.json", re.ASCII)
_CORE: Final = "urn:headwater:openlineage:core"
_BASE: Final = "urn:headwater:openlineage:facets#/$defs/BaseFacet"


def check(event: object) -> list[Problem]:
    """List what the schemas refuse in an event's JSON value; an empty list means valid.

    At most PROBLEMS_MAX problems are listed.
    """
    if not isinstance(event, dict):
        return [Problem("$", "is not of type object")]
    problems: list[Problem] = []
    for problem in _check_object(event):
        if problem not in problems:
            problems.append(problem)
        if len(problems) == PROBLEMS_MAX:
            break
    return problems


def _check_object(event: dict[str, Any]) -> Iterator[Problem]:
    """Apply `oneOf` RunEvent, DatasetEvent, JobEvent, by the members that tell them apart."""
    if "run" in event:
        of_dataset = "job" not in event and "dataset" in event
        yield from _errors("dataset" if of_dataset else "run", event)
    elif "job" not in event:
        yield from _errors("dataset", event)
    elif "dataset" not in event or not _validator("dataset", core_only=True).is_valid(event):
        yield from _errors("job", event)
    elif _validator("job", core_only=True).is_valid(event):
        yield Problem("$", "is a JobEvent and a DatasetEvent at once")
    else:
        yield from _errors("dataset", event)


def _errors(kind: Kind, event: dict[str, Any]) -> Iterator[Problem]:
    for error in _validator(kind).iter_errors(event):
        yield from _problems(error)


def _problems(error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    kind: Any = error.kind
    path = tuple(error.instance_path)
    match kind.name:
        case "required":
            yield Problem(paths.write((*path, kind.property)), "is missing")
        case "additionalProperties":
            for key in kind.unexpected:
                yield Problem(paths.write((*path, key)), "does not belong here")
        case "anyOf" | "oneOf" if any(kind.context):
            for inner in _nearest(kind.context, error.instance_path):
                yield from _problems(inner)
        case name:
            yield Problem(paths.write(path), _say(name, kind))


def _nearest(
    branches: list[list[jsonschema_rs.ValidationError]], path: list[str | int]
) -> list[jsonschema_rs.ValidationError]:
    """Choose the alternative that was meant: none of its members missing, fewest problems."""

    def distance(branch: list[jsonschema_rs.ValidationError]) -> tuple[int, int]:
        missing = [e for e in branch if e.kind.name == "required" and e.instance_path == path]
        return len(missing), len(branch)

    return min(filter(None, branches), key=distance)


def _say(name: str, kind: Any) -> str:
    if name in _SAID:
        return _SAID[name].format(_list(kind.value))
    return f"breaks the rule {name} ({_list(kind.value)})"


_SAID: Final = {
    "type": "is not of type {}",
    "format": "is no {}",
    "enum": "is none of {}",
    "oneOf": "fits more than one alternative",
}


def _list(value: object) -> str:
    items: Iterable[object] = value if isinstance(value, list) else [value]
    return ", ".join(str(item) for item in items)


@cache
def _validator(kind: Kind, *, core_only: bool = False) -> jsonschema_rs.Draft202012Validator:
    """Build what judges events of a kind; `core_only` judges every facet as an unknown one."""
    documents = list(_read_schemas())
    if core_only:
        for place in PLACES:
            documents[-1]["$defs"][place]["properties"] = {}
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"{_CORE}#/$defs/{kind}"},
        registry=jsonschema_rs.Registry([(each["$id"], each) for each in documents]),
        validate_formats=True,
        offline=True,
    )


def _read_schemas() -> Iterator[dict[str, Any]]:
    """Yield every schema, that of the facets last."""
    folder = resources.files("headwater.openlineage") / "schemas"
    yield json.loads((folder / "core.json").read_text("utf-8"))
    facets = json.loads((folder / "facets.json").read_text("utf-8"))
    newest: dict[tuple[str, int], tuple[int, str]] = {}
    for file in (folder / "headwater").iterdir():
        match = _FILE.fullmatch(file.name)
        if match is None:
            continue
        document = json.loads(file.read_text("utf-8"))
        yield document
        major = (match[1], int(match[2]))
        newest[major] = max(newest.get(major, (-1, "")), (int(match[3]), document["$id"]))
    for name in sorted({name for name, _ in newest}):
        majors = {major: id_ for (other, major), (_, id_) in newest.items() if other == name}
        rule = _by_major(name, majors)
        for place in PLACES:
            facets["$defs"][place]["properties"][name] = rule
    yield facets


def _by_major(name: str, majors: dict[int, str]) -> dict[str, Any]:
    """Judge by the major that `_schemaURL` names; by 1 where it names none."""
    rule: dict[str, Any] = {"$ref": majors[1]}
    known = "|".join(str(major) for major in majors)
    return {
        "if": {
            "type": "object",
            "required": ["_schemaURL"],
            "properties": {
                "_schemaURL": {
                    "type": "string",
                    "pattern": rf"{name}-(?!(?:{known})-)[0-9]+-[0-9]+\.json",
                }
            },
        },
        "then": {"$ref": _BASE},
        "else": rule,
    }
