"""How complete an answer is, in sentences."""

from __future__ import annotations

from typing import Any

import pytest

from headwater.cli import asking, completeness
from headwater.cli.impact import _owners, _reach
from headwater.evidence.naming import names_of
from tests.cli.answers import FLIGHTS, FOLDER, WEATHER, Screen, downstream, run_of, upstream


def told(width: int | None = None, ask: str = "trace", **found: Any) -> str:
    """Tell the completeness of the flights answer, changed by `found`."""
    answer = upstream() if ask == "trace" else downstream()
    answer["completeness"] |= found
    screen = Screen(width=width, environ={"NO_COLOR": "1"})
    completeness.tell(answer, screen, names_of(answer, base=FOLDER))
    return screen.text.strip()


def test_a_complete_answer_says_so() -> None:
    """One line, with the ledger size at which it holds."""
    assert told() == "Complete. Known at ledger size 18,204. Times are UTC."


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ({"truncated": {"reason": "depth", "cursor": None}}, "a larger --depth shows more"),
        ({"truncated": {"reason": "nodes", "cursor": "x"}}, "a larger --limit shows more"),
        ({"truncated": {"reason": "time", "cursor": "x"}}, "Cut off: time."),
        (
            {"origins": {"sources": 0, "unknown": [FLIGHTS, WEATHER]}},
            "2 origins are unknown: data/flights.csv outside, data/weather.csv outside.",
        ),
        ({"revisions_left_out": 1}, "1 earlier state was left out"),
        ({"open_writers": [str(run_of("clean"))]}, "still open then: run 0193a5f2-0000 of clean."),
        ({"capture_gaps": [str(run_of("train"))]}, "not see everything in run 0193a5f2-0000"),
        ({"redacted": {"how": "policy", "count": 3}}, "hidden from you: 3 things."),
        ({"redacted": {"how": "policy"}}, "hidden from you."),
        ({"erased": {"entries": [4]}}, "1 ledger entry was erased."),
        ({"erased": {"entries": 2}}, "2 ledger entries were erased."),
    ],
)
def test_whatever_is_missing_is_said(found: dict[str, Any], sentence: str) -> None:
    """Each reason has its sentence, and the way to learn more."""
    text = told(complete=False, **found)
    assert text.startswith("Not complete.")
    assert sentence.replace("not see", "could not see") in text


def test_conservative_links_are_counted_even_in_a_complete_answer() -> None:
    """Complete is not exact."""
    assert "2 links are conservative" in told(conservative=2)


def test_unknown_origins_do_not_matter_downstream() -> None:
    """Where something came from says nothing about what came of it."""
    assert "unknown" not in told(ask="impact", origins={"sources": 0, "unknown": [FLIGHTS]})


def test_many_names_are_counted() -> None:
    """A sentence names a few and counts the rest."""
    unknown = [f"{FLIGHTS}/={place}" for place in range(20)]
    text = told(complete=False, origins={"sources": 0, "unknown": unknown})
    assert text.count("data/flights.csv") == completeness.NAMED_MAX
    assert "20 in all" in text


def test_sentences_are_wrapped_on_a_terminal() -> None:
    """No line is wider than the terminal where words allow it."""
    text = told(width=40, complete=False, truncated={"reason": "depth"}, conservative=3)
    assert max(len(line) for line in text.splitlines()[1:]) <= 40


def test_impact_says_how_far_it_reaches_and_whom() -> None:
    """Counts for each kind, and the owners."""
    assert _reach(downstream()) == "Reaches 3 versions of 2 files, 1 model through 4 runs."
    assert _owners(downstream()) == ["Owners: team-delay."]


def test_an_impact_without_reach_says_so() -> None:
    """Nothing downstream is an answer too."""
    answer = downstream() | {"counts": {"versions": 0, "runs": 0, "by_kind": {}}, "owners": []}
    assert _reach(answer) == "Reaches nothing."
    assert _owners(answer) == ["Owners: nobody is named."]


def test_several_namespaces_get_a_legend() -> None:
    """Each namespace is listed with the names in it; a single one is one line."""
    answer = upstream()
    screen = Screen()
    asking.finish(answer, screen, names_of(answer, base=FOLDER))
    assert "namespace file://laptop" in screen.text
    answer["nodes"][0]["artifact"]["namespace"] = "s3://out"
    screen = Screen()
    asking.finish(answer, screen, names_of(answer, base=FOLDER))
    legend = screen.text.split("\n\n")[0].splitlines()
    assert legend[0].strip() == "" or legend[0] == "namespaces"
    assert "s3://out" in screen.text
    assert "and 1 more" in screen.text


def test_quiet_leaves_only_the_tree() -> None:
    """`--quiet` prints no legend and no completeness."""
    answer = upstream()
    screen = Screen(quiet=True)
    asking.finish(answer, screen, names_of(answer))
    assert screen.text == ""
