"""Answers written by hand, in the form of the gateway's, and a terminal to print them on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from headwater import refs
from headwater.cli.terminal import Terminal

NAMESPACE = "file://laptop"
FOLDER = "/home/ana/flights"
IDS = {
    job: f"0193a5f2-0000-7000-8000-00000000000{place}"
    for place, job in enumerate(("clean", "features", "train", "predict", "report"), 1)
}


class Screen(Terminal):
    """A terminal in memory: `text` is what stands on standard output, `errors` on the other."""

    def __init__(
        self,
        *,
        width: int | None = None,
        encoding: str = "utf-8",
        environ: Mapping[str, str] | None = None,
        as_json: bool = False,
        quiet: bool = False,
    ) -> None:
        super().__init__(
            _Stream(encoding, is_terminal=width is not None),
            _Stream(encoding, is_terminal=width is not None),
            environ={**({} if width is None else {"COLUMNS": str(width)}), **(environ or {})},
            as_json=as_json,
            quiet=quiet,
        )

    @property
    def text(self) -> str:
        """Standard output so far."""
        return _read(self.stdout)

    @property
    def errors(self) -> str:
        """Standard error so far."""
        return _read(self.stderr)


class _Stream(io.TextIOWrapper):
    def __init__(self, encoding: str, *, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def _read(stream: Any) -> str:
    stream.flush()
    return str(stream.buffer.getvalue().decode(stream.encoding))


def run_of(job: str) -> refs.Run:
    """Name the run of a job of the flights pipeline."""
    return refs.Run(IDS[job], "flights", job)


def made(name: str, job: str) -> str:
    """Refer to the version of a file that a job made."""
    return str(refs.Version(refs.Artifact(NAMESPACE, f"{FOLDER}/{name}"), run_of(job)))


def outside(name: str) -> str:
    """Refer to a file that nobody made."""
    return str(refs.Version(refs.Artifact(NAMESPACE, f"{FOLDER}/{name}")))


def version_node(ref: str, kind: str, **more: Any) -> dict[str, Any]:
    """Write the node of a version."""
    version = refs.parse(ref)
    assert isinstance(version, refs.Version)
    return {
        "ref": ref,
        "kind": "version",
        "artifact": {
            "kind": kind,
            "namespace": version.artifact.namespace,
            "name": version.artifact.name,
        },
        "version": {
            "origin": "outside" if version.outside else "run",
            "ordinal": None if version.outside else 1,
            "declared": version.declared,
            "digest": None,
            "attempted": False,
        }
        | more.pop("version", {}),
        "time": None if version.outside else "2026-05-04T01:10:00Z",
        "depth": 0,
    } | more


def run_node(run: refs.Run, **more: Any) -> dict[str, Any]:
    """Write the node of a run."""
    return {
        "ref": str(run),
        "kind": "run",
        "id": run.id,
        "job": {"namespace": run.namespace, "name": run.name},
        "state": "COMPLETE",
        "started": "2026-05-04T01:00:00Z",
        "ended": "2026-05-04T01:10:30Z",
        "depth": 1,
    } | more


def edge(kind: str, from_: str, to: str, **more: Any) -> dict[str, Any]:
    """Write an edge, exact unless said otherwise."""
    return {
        "from": from_,
        "to": to,
        "kind": kind,
        "evidence": "captured",
        "exactness": "exact",
        "entries": [1],
    } | more


def answer_of(
    root: str, nodes: list[dict[str, Any]], edges: list[dict[str, Any]], **more: Any
) -> dict[str, Any]:
    """Write an answer, complete unless said otherwise."""
    completeness = {
        "complete": True,
        "truncated": None,
        "redacted": None,
        "erased": None,
        "origins": {"sources": 1, "unknown": []},
        "revisions_left_out": 0,
        "open_writers": [],
        "capture_gaps": [],
        "conservative": 0,
    } | more.pop("completeness", {})
    return {
        "ask": "trace",
        "root": root,
        "rules": 1,
        "head": {"size": 18204, "root": "qqqq"},
        "nodes": nodes,
        "edges": edges,
        "completeness": completeness,
    } | more


FLIGHTS, WEATHER = outside("data/flights.csv"), outside("data/weather.csv")
CLEAN = made("data/clean.parquet", "clean")
FEATURES = made("data/features.parquet", "features")
MODEL = made("models/delay.joblib", "train")
PREDICTIONS = made("out/predictions.parquet", "predict")


def flights_edges() -> list[dict[str, Any]]:
    """Write the links of the flights pipeline: two sources, features read twice."""
    edges = []
    for output, job, inputs in (
        (PREDICTIONS, "predict", (MODEL, FEATURES)),
        (MODEL, "train", (FEATURES,)),
        (FEATURES, "features", (CLEAN, WEATHER)),
        (CLEAN, "clean", (FLIGHTS,)),
    ):
        run = str(run_of(job))
        edges.append(edge("generated", output, run))
        for source in inputs:
            said = refs.parse(source)
            assert isinstance(said, refs.Version)
            edges.append(edge("derived", output, source))
            edges.append(
                edge("used", run, source, binding="as_of", **{"as": said.artifact._asdict()})
            )
    return edges


def flights_nodes() -> list[dict[str, Any]]:
    """Write the nodes of the flights pipeline."""
    digest = {"digest": "sha256:91ab04c2d7" + "0" * 54, "ordinal": 3}
    return [
        version_node(PREDICTIONS, "file"),
        version_node(MODEL, "model", version=digest),
        version_node(FEATURES, "file"),
        version_node(CLEAN, "file"),
        version_node(FLIGHTS, "file"),
        version_node(WEATHER, "file"),
        *(run_node(run_of(job)) for job in ("predict", "train", "features", "clean")),
    ]


def upstream() -> dict[str, Any]:
    """Write the upstream of the predictions."""
    return answer_of(PREDICTIONS, flights_nodes(), flights_edges())


def downstream() -> dict[str, Any]:
    """Write the downstream of the weather, with a report that only reads the predictions."""
    report = run_of("report")
    kept = (PREDICTIONS, MODEL, FEATURES, WEATHER)
    nodes = [
        node
        for node in flights_nodes()
        if node["ref"] in kept or (node["kind"] == "run" and node["job"]["name"] != "clean")
    ]
    refs_kept = {node["ref"] for node in nodes}
    edges = [e for e in flights_edges() if e["from"] in refs_kept and e["to"] in refs_kept]
    return answer_of(
        WEATHER,
        [*nodes, run_node(report)],
        [*edges, edge("used", str(report), PREDICTIONS, binding="as_of")],
        ask="impact",
        counts={"versions": 3, "runs": 4, "by_kind": {"file": 2, "model": 1}},
        owners=["team-delay"],
    )
