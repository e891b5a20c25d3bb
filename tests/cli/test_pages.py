"""Passports, differences, hits and reasons: what a person reads."""

from __future__ import annotations

from typing import Any

from headwater.cli.diff import print_diff
from headwater.cli.passport import LISTED_MAX, print_passport
from headwater.cli.search import print_hits
from headwater.cli.why import print_reasons
from tests.cli.answers import (
    CLEAN,
    FEATURES,
    FLIGHTS,
    FOLDER,
    MODEL,
    PREDICTIONS,
    Screen,
    edge,
    run_node,
    run_of,
    version_node,
)

ARTIFACT = FEATURES.replace("version:", "artifact:").partition("@")[0]
DIGEST = "sha256:91ab04c2d7" + "0" * 54


def passport(**more: Any) -> dict[str, Any]:
    """Write what `show` answers for the model."""
    node = version_node(MODEL, "model", version={"digest": DIGEST, "ordinal": 3})
    return {
        "ask": "show",
        "root": MODEL,
        "rules": 1,
        "head": {"size": 40, "root": "qq"},
        "kind": "version",
        "node": node,
        "artifact": node["artifact"],
        "made_by": run_node(run_of("train")),
        "from": [
            {"ref": FEATURES, "kind": "derived", "exactness": "exact", "evidence": "captured"},
            {"ref": CLEAN, "kind": "derived", "exactness": "conservative", "evidence": "inferred"},
        ],
        "used_by": [str(run_of("predict"))],
        "names": [{"namespace": "s3://models", "name": "delay"}],
        "revises": {"ref": FEATURES, "carries": "none"},
        "owners": ["team-delay"],
        "labels": {"domain": ["operations"]},
        "description": "Predicts arrival delays.",
        "facets": {"headwater_training": {"_producer": "p", "estimator": "forest", "seeds": [1]}},
        "history": [
            {
                "facet": "headwater_training",
                "time": "2026-05-04T01:10:00Z",
                "entry": 17,
                "digest": DIGEST,
            }
        ],
        "proofs": [
            {
                "entry": 17,
                "leaf_hash": "ab" * 32,
                "at": "2026-05-04T01:11:00Z",
                "kind": "openlineage.run",
            }
        ],
        "warnings": ["FAIL after COMPLETE"],
    } | more


def printed(answer: dict[str, Any], *, history: bool = False, proofs: bool = False) -> str:
    """Print a passport."""
    screen = Screen()
    print_passport(answer, screen, folder=FOLDER, history=history, proofs=proofs)
    return screen.text


def test_a_passport_reads_as_a_page() -> None:
    """Identity, origin, uses and facets, each in its section."""
    assert printed(passport()).splitlines() == [
        "model  models/delay.joblib v3 sha256:91ab04c2d700",
        "  Predicts arrival delays.",
        "",
        f"  name        {FOLDER}/models/delay.joblib",
        "  namespace   file://laptop",
        "  version     v3",
        f"  digest      {DIGEST}",
        "  time        2026-05-04 01:10",
        "  owners      team-delay",
        "  domain      operations",
        "  also named  s3://models::delay",
        f"  reference   {MODEL}",
        "",
        "Made by",
        f"  train  run {run_of('train').id}  complete",
        "",
        "From",
        "  data/features.parquet (run 0193a5f2-0000)",
        "  data/clean.parquet (run 0193a5f2-0000)     conservative, inferred",
        "",
        "State before",
        "  data/features.parquet (run 0193a5f2-0000)  carries none",
        "",
        "Used by",
        "  run 0193a5f2-0000 of predict",
        "",
        "Facets",
        "  headwater_training  estimator: forest, seeds: [1]",
        "",
        "Rests on 1 ledger entry (--proofs lists them). Known at ledger size 40. Times are UTC.",
        "",
        "warning: FAIL after COMPLETE",
    ]


def test_history_and_proofs_are_listed_when_asked_for() -> None:
    """`--history` and `--proofs` print every statement and every entry."""
    text = printed(passport(), history=True, proofs=True)
    assert "headwater_training  2026-05-04 01:10  entry 17  sha256:91ab04c2d700" in text
    assert f"entry 17  openlineage.run  2026-05-04 01:11  {'ab' * 32}" in text


def test_a_passport_without_statements_says_so() -> None:
    """An empty history is said, not left blank."""
    assert "nothing was stated" in printed(passport(history=[]), history=True)


def test_an_artifact_lists_its_versions() -> None:
    """The passport of an artifact is a list of its versions, and long lists are counted."""
    version = {
        "ref": MODEL,
        "ordinal": 3,
        "declared": None,
        "time": "2026-05-04T01:10:00Z",
        "digest": DIGEST,
        "attempted": False,
        "run": str(run_of("train")),
    }
    answer = passport(
        root="artifact:s3%3A%2F%2Fm/delay", kind="artifact", made_by=None, node=None, **{"from": []}
    )
    text = printed(answer | {"versions": [version] * (LISTED_MAX + 2), "revises": None})
    assert "  v3  2026-05-04 01:10  sha256:91ab04c2d700  run 0193a5f2-0000 of train" in text
    assert "2 more; --json lists all" in text


def test_a_run_shows_its_inputs_outputs_and_relations() -> None:
    """The passport of a run names what it read and wrote, and what it is part of."""
    answer = passport(
        root=str(run_of("train")),
        kind="run",
        node=run_node(run_of("train"), actor="ci"),
        made_by=None,
        artifact=None,
        inputs=[{"ref": FEATURES, "kind": "version"}],
        outputs=[version_node(MODEL, "model")],
        parents=[str(run_of("report"))],
        children=[{"ref": str(run_of("clean")), "state": "COMPLETE"}],
    )
    text = printed(answer)
    assert "run  0193a5f2-0000 of train" in text
    assert "job            train" in text
    assert "Inputs\n  data/features.parquet" in text
    assert "Outputs\n  models/delay.joblib v1" in text
    assert "Part of\n  run 0193a5f2-0000 of report" in text
    assert "Has parts\n  run 0193a5f2-0000 of clean  complete" in text
    assert "actor          ci" in text


def test_differences_are_listed_by_what_they_are() -> None:
    """Only what differs, the most telling first, each with a sign and both values."""
    screen = Screen()
    changes = [
        {"what": "facet", "change": "changed", "path": "sql.query", "a": "x", "b": "y"},
        {"what": "input", "change": "added", "path": ARTIFACT, "a": None, "b": FEATURES},
        {"what": "parameter", "change": "changed", "path": ["depth"], "a": 8, "b": 12},
        {"what": "parameter", "change": "removed", "path": "seed", "a": 1, "b": None},
        {"what": "weather", "change": "changed", "path": None, "a": "rain", "b": "sun"},
    ]
    print_diff(
        {"ask": "diff", "a": MODEL, "b": PREDICTIONS, "kind": "version", "changes": changes},
        screen,
        folder=FOLDER,
    )
    assert screen.text.splitlines() == [
        "models/delay.joblib (run 0193a5f2-0000) → out/predictions.parquet (run 0193a5f2-0000)",
        "",
        "Inputs",
        "  + data/features.parquet  (run 0193a5f2-0000)",
        "",
        "Parameters",
        "  ~ depth  8 → 12",
        "  - seed  1",
        "",
        "Facets",
        "  ~ sql.query  x → y",
        "",
        "weather",
        "  ~   rain → sun",
        "",
        "5 differences.",
    ]


def test_no_difference_is_said() -> None:
    """Equal things have nothing to list."""
    screen = Screen()
    print_diff({"a": 1, "b": 2, "kind": "size", "changes": []}, screen)
    assert screen.text == "1 → 2\n\nNothing differs.\n"


def test_long_values_stand_below_each_other_on_a_terminal() -> None:
    """What does not fit on a line is shown as two."""
    screen = Screen(width=40, environ={"NO_COLOR": "1"})
    change = {"what": "code", "change": "changed", "path": "sql", "a": "a" * 60, "b": "b" * 60}
    print_diff({"a": 1, "b": 2, "kind": "run", "changes": [change]}, screen)
    assert "      - aaa" in screen.text
    assert max(len(line) for line in screen.text.splitlines()) <= 40


def test_hits_are_a_table() -> None:
    """Kind, name, versions, latest, namespace, and where the text was found."""
    screen = Screen()
    hits = [
        {
            "ref": "artifact:dw/orders",
            "kind": "table",
            "namespace": "dw",
            "name": "orders",
            "matched": {"field": "name", "value": "orders"},
            "versions": 3,
            "latest": "2026-05-04T01:10:00Z",
        },
        {
            "ref": "job:flow/load",
            "kind": "job",
            "namespace": "flow",
            "name": "load",
            "matched": {"field": "description", "value": "loads orders"},
            "versions": None,
            "latest": None,
        },
    ]
    print_hits({"text": "orders", "hits": hits, "total": 9, "truncated": True}, screen)
    assert screen.text.splitlines() == [
        "kind   name    versions  latest            namespace  found in",
        "table  orders  3         2026-05-04 01:10  dw",
        "job    load                                flow       description: loads orders",
        "",
        "2 of 9 shown; --limit shows more.",
    ]


def test_no_hit_is_said() -> None:
    """Nothing found is an answer."""
    screen = Screen()
    print_hits({"text": "x", "hits": [], "total": 0, "truncated": False}, screen)
    assert screen.text == "Nothing found for 'x'.\n"


def test_reasons_name_rule_claims_and_runner_up() -> None:
    """Each edge with its rule in words, the entries it rests on, and what else it could be."""
    screen = Screen()
    reason = {
        "edge": edge("used", str(run_of("train")), FEATURES, exactness="conservative"),
        "rule": "as_of",
        "explanation": "The newest version that began before the read.",
        "claims": [{"entry": 17, "claim": "mention", "said": {"role": "input", "time": None}}],
        "runner_up": {"ref": CLEAN, "why": "it is older"},
    }
    print_reasons({"from": MODEL, "to": FEATURES, "edges": [reason, reason]}, screen, folder=FOLDER)
    assert screen.text.split("\n\n")[0].splitlines() == [
        "run 0193a5f2-0000 of train used data/features.parquet (run 0193a5f2-0000)",
        "  rule as_of, conservative, captured",
        "  The newest version that began before the read.",
        "    · entry 17: mention  role: input",
        "  runner-up: data/clean.parquet (run 0193a5f2-0000), not bound: it is older",
    ]


def test_no_link_is_said() -> None:
    """Where nothing joins two things, the way to look further is named."""
    screen = Screen()
    print_reasons({"from": MODEL, "to": FLIGHTS, "edges": []}, screen)
    assert screen.text.startswith("No link joins")
    assert "headwater paths" in screen.text
