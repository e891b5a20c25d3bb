"""W3C PROV as PROV-JSON: https://www.w3.org/submissions/2013/SUBM-prov-json-20130424/.

| answer | PROV-DM |
|---|---|
| version, artifact, column | entity |
| job | entity of type `prov:Plan` |
| run | activity |
| actor, owner | agent |
| `used`, `generated` | Usage, Generation |
| `derived`, `declared` | Derivation |
| `revised` | Derivation of type `prov:Revision` |
| `same_content` | Alternate |
| `followed` | Communication |
| version of an artifact | Specialization |

Canonical references are the qualified names: their kind is the prefix, the rest the local part.
What PROV has no word for stands in attributes of the prefix `headwater`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from headwater import refs
from headwater.errors import InvalidReference
from headwater.evidence.naming import Answer, Node, sorted_edges

Document = dict[str, dict[str, Any]]

PREFIXES = {
    "headwater": "urn:headwater:terms:",
    "agent": "urn:headwater:agent:",
    **{kind: f"urn:headwater:{kind}:" for kind in ("version", "artifact", "column", "run", "job")},
}


def render(answer: Answer) -> Document:
    """Write an answer as a PROV-JSON document, ready for `json.dumps`."""
    document: Document = {"prefix": dict(PREFIXES)}
    for node in answer.get("nodes", ()):
        _NODES.get(node["kind"], _entity)(document, node)
    times = _times(answer)
    for edge in sorted_edges(answer):
        for end in ("from", "to"):
            _name_end(document, edge[end])
        _relate(document, edge, times)
    return document


def _entity(document: Document, node: Node) -> None:
    attributes: dict[str, Any] = {}
    artifact = node.get("artifact")
    if artifact is not None:
        attributes["prov:label"] = artifact["name"]
        attributes["headwater:namespace"] = artifact["namespace"]
        if artifact.get("kind") is not None:
            attributes["prov:type"] = _term(artifact["kind"])
    version = node.get("version") or {}
    for key in ("origin", "declared", "digest", "attempted"):
        if isinstance(version, Mapping) and version.get(key) is not None:
            attributes[f"headwater:{key}"] = version[key]
    _section(document, "entity")[node["ref"]] = attributes
    if artifact is not None and node["kind"] == "version":
        general = str(refs.Artifact(artifact["namespace"], artifact["name"]))
        _section(document, "entity").setdefault(general, {"prov:label": artifact["name"]})
        _add(
            document,
            "specializationOf",
            {"prov:specificEntity": node["ref"], "prov:generalEntity": general},
        )
    for owner in node.get("owners") or ():
        agent = _agent(document, owner)
        _add(
            document,
            "wasAttributedTo",
            {"prov:entity": node["ref"], "prov:agent": agent, "prov:type": _term("owner")},
        )


def _activity(document: Document, node: Node) -> None:
    job = refs.Job(node["job"]["namespace"], node["job"]["name"])
    attributes: dict[str, Any] = {"prov:label": job.name, "headwater:job": str(job)}
    if node.get("started") is not None:
        attributes["prov:startTime"] = node["started"]
    if node.get("ended") is not None:
        attributes["prov:endTime"] = node["ended"]
    if node.get("state") is not None:
        attributes["headwater:state"] = node["state"]
    _section(document, "activity")[node["ref"]] = attributes
    for role, people in (("actor", [node.get("actor")]), ("owner", node.get("owners") or ())):
        for person in people:
            if person is not None:
                agent = _agent(document, person)
                _add(
                    document,
                    "wasAssociatedWith",
                    {"prov:activity": node["ref"], "prov:agent": agent, "prov:role": _term(role)},
                )


def _plan(document: Document, node: Node) -> None:
    _section(document, "entity")[node["ref"]] = {
        "prov:type": {"$": "prov:Plan", "type": "prov:QUALIFIED_NAME"},
        "prov:label": node["job"]["name"],
    }


_NODES: dict[str, Callable[[Document, Node], None]] = {"run": _activity, "job": _plan}


def _name_end(document: Document, ref: str) -> None:
    """Give an end of an edge that the answer has no node for an entry of its own."""
    try:
        section = "activity" if isinstance(refs.parse(ref), refs.Run) else "entity"
    except InvalidReference:
        section = "entity"
    _section(document, section).setdefault(ref, {})


def _relate(document: Document, edge: Mapping[str, Any], times: Mapping[str, str]) -> None:
    kind = edge["kind"]
    said = {
        f"headwater:{key}": edge[key]
        for key in ("exactness", "evidence", "binding", "carries")
        if edge.get(key) is not None
    }
    if kind == "used":
        _add(document, "used", {"prov:activity": edge["from"], "prov:entity": edge["to"], **said})
    elif kind == "generated":
        ends = {"prov:entity": edge["from"], "prov:activity": edge["to"]}
        if edge["from"] in times:
            ends["prov:time"] = times[edge["from"]]
        _add(document, "wasGeneratedBy", {**ends, **said})
    elif kind in ("derived", "declared", "revised"):
        if kind != "derived":
            said["prov:type"] = (
                {"$": "prov:Revision", "type": "prov:QUALIFIED_NAME"}
                if kind == "revised"
                else _term("declared")
            )
        ends = {"prov:generatedEntity": edge["from"], "prov:usedEntity": edge["to"]}
        _add(document, "wasDerivedFrom", {**ends, **said})
    elif kind == "same_content":
        ends = {"prov:alternate1": edge["from"], "prov:alternate2": edge["to"]}
        _add(document, "alternateOf", {**ends, **said})
    elif kind == "followed" and edge["from"].startswith("run:"):
        ends = {"prov:informed": edge["from"], "prov:informant": edge["to"]}
        _add(document, "wasInformedBy", {**ends, **said})
    else:
        ends = {"prov:influencee": edge["from"], "prov:influencer": edge["to"]}
        _add(document, "wasInfluencedBy", {**ends, "prov:type": _term(kind), **said})


def _times(answer: Answer) -> dict[str, str]:
    return {
        node["ref"]: node["time"]
        for node in answer.get("nodes", ())
        if node["kind"] == "version" and node.get("time") is not None
    }


def _agent(document: Document, name: str) -> str:
    qualified = f"agent:{quote(name, safe='')}"
    _section(document, "agent").setdefault(qualified, {"prov:label": name})
    return qualified


def _term(word: str) -> dict[str, str]:
    return {"$": f"headwater:{word}", "type": "prov:QUALIFIED_NAME"}


def _section(document: Document, name: str) -> dict[str, Any]:
    return document.setdefault(name, {})


def _add(document: Document, relation: str, attributes: dict[str, Any]) -> None:
    section = _section(document, relation)
    section[f"_:{relation}{len(section)}"] = attributes
