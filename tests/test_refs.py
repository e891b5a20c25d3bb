"""Canonical references: written from identity, read back to the same identity, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import InvalidReference
from headwater.refs import Artifact, Column, Job, Prediction, Reference, Run, Version, parse

PART = st.text(st.characters(codec="utf-8"), max_size=12)
ARTIFACTS = st.builds(Artifact, PART, PART)
RUNS = st.builds(Run, PART, PART, PART)
HEX = st.text("0123456789abcdef", min_size=1, max_size=8)
VERSIONS = st.one_of(
    st.builds(Version, ARTIFACTS, RUNS, st.none() | PART, st.none()),
    st.builds(Version, ARTIFACTS, st.none(), st.none() | PART, st.none()),
    st.builds(Version, ARTIFACTS, st.none(), st.none(), HEX.map("sha256:{}".format)),
)
REFERENCES = st.one_of(
    ARTIFACTS,
    RUNS,
    VERSIONS,
    st.builds(Job, PART, PART),
    st.builds(Column, VERSIONS, PART),
    st.builds(Prediction, PART, PART),
)


@given(REFERENCES)
def test_what_is_written_reads_back_to_the_same_identity(reference: Reference) -> None:
    """`parse(str(reference))` is the reference, of the same type, whatever is in its names."""
    found = parse(str(reference))
    assert (type(found), found) == (type(reference), reference)


@given(REFERENCES)
def test_a_written_reference_has_only_its_own_separators(reference: Reference) -> None:
    """Names never add a separator: all but unreserved characters are percent-encoded."""
    assert str(reference).isascii()
    assert not set(str(reference)) & set(" \"'\\<>{}|^`")


def test_the_written_forms_are_those_of_the_contract() -> None:
    """The forms that others script against, letter for letter."""
    artifact, run = Artifact("s3://lake", "a/b"), Run("0193", "cron", "load")
    written = [
        artifact,
        Version(artifact, run),
        Version(artifact, run, "41"),
        Version(artifact),
        Version(artifact, declared="41"),
        Version(artifact, digest="sha256:ab"),
        run,
        run.job,
        Column(Version(artifact), "x.y"),
        Prediction("churn", "p1"),
    ]
    assert [str(reference) for reference in written] == [
        "artifact:s3%3A%2F%2Flake/a%2Fb",
        "version:s3%3A%2F%2Flake/a%2Fb@run/0193/cron/load",
        "version:s3%3A%2F%2Flake/a%2Fb@run/0193/cron/load/41",
        "version:s3%3A%2F%2Flake/a%2Fb@outside",
        "version:s3%3A%2F%2Flake/a%2Fb@outside/=41",
        "version:s3%3A%2F%2Flake/a%2Fb@outside/sha256:ab",
        "run:0193/cron/load",
        "job:cron/load",
        "column:s3%3A%2F%2Flake/a%2Fb@outside#x.y",
        "prediction:churn/p1",
    ]


def test_a_version_without_a_run_is_outside() -> None:
    """Outside means that no run that we know of made it."""
    artifact = Artifact("n", "a")
    assert Version(artifact).outside
    assert not Version(artifact, Run("i", "n", "j")).outside


@pytest.mark.parametrize(
    "text",
    [
        "",
        "orders",
        "artifact",
        "artifact:a",
        "artifact:a/b/c",
        "artifact:a/%zz",
        "artifact:a/%ff",
        "artifact:a/b%2f",
        "artifact:a/b c",
        "planet:a/b",
        "run:a/b",
        "job:a",
        "version:a/b",
        "version:a/b@",
        "version:a/b@inside",
        "version:a/b@run/1/2",
        "version:a/b@run/1/2/3/4/5",
        "version:a/b@outside/sha256",
        "column:a/b@outside",
        "prediction:a",
    ],
)
def test_text_that_is_no_canonical_reference_is_refused(text: str) -> None:
    """Near misses are errors, not guesses."""
    with pytest.raises(InvalidReference):
        parse(text)
