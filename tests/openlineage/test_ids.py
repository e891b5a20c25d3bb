"""Run ids."""

from __future__ import annotations

from headwater.openlineage.ids import run_id

UUID = "0193B0A4-7b1e-7a3c-8f00-3f6d3b8d2a11"


def test_writes_uuids_in_lower_case() -> None:
    """A UUID is kept, in lower case, without a warning."""
    assert run_id(UUID, "ns", "job") == (UUID.lower(), None)


def test_maps_other_ids_to_a_uuid() -> None:
    """An id that is no UUID becomes a UUIDv5, fixed for ever, with a warning."""
    made, warning = run_id("manual__1", "ns", "job")
    assert (made, warning) == (
        "8b5e8abd-72e3-5c92-9ffd-cd9c942fc77c",
        "'manual__1' is no UUID, so it stands as 8b5e8abd-72e3-5c92-9ffd-cd9c942fc77c",
    )


def test_keeps_equal_ids_of_different_jobs_apart() -> None:
    """The id `1` of two jobs is two runs."""
    assert run_id("1", "ns", "a")[0] != run_id("1", "ns", "b")[0]


def test_takes_no_other_form_of_a_uuid() -> None:
    """Braces and missing hyphens make another id."""
    assert run_id(UUID.replace("-", ""), "ns", "job")[1] is not None
