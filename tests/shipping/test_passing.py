"""What lineage becomes when files on the way are gone or moved: laws on what is said of outputs."""

from __future__ import annotations

from typing import Any

from headwater.shipping.passing import Passed, renamed, without

HERE = "file://host"
A, B, TEMP = (HERE, "a"), (HERE, "b"), (HERE, "temp")


class Output:
    """An output, as the translator keeps it."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.said = said


def of(*keys: tuple[str, str], **more: Any) -> dict[str, Any]:
    """What is said of an output that came from these."""
    return {"inputs": [list(key) for key in keys], **more}


def test_a_column_goes_through_where_both_steps_know_it() -> None:
    """The stronger of two direct ways counts, and what masks once masks."""
    gone = of(A, columns={"t": [[*A, "x", "AGGREGATION"]], "u": [[*A, "y", "IDENTITY", True]]})
    said = of(TEMP, columns={"o": [[*TEMP, "t", "IDENTITY"]], "p": [[*TEMP, "u", "IDENTITY"]]})
    found = without(said, TEMP, gone)
    assert found["inputs"] == [list(A)]
    assert found["columns"] == {
        "o": [[*A, "x", "AGGREGATION"]],
        "p": [[*A, "y", "IDENTITY", True]],
    }


def test_a_column_is_left_out_where_one_step_does_not_know_it() -> None:
    """Half of what a column came from is not said as if it were all; other columns stay."""
    said = of(
        TEMP, B,
        columns={"o": [[*TEMP, "t", "IDENTITY"], [*B, "x", "IDENTITY"]],
                 "p": [[*B, "x", "IDENTITY"]]},
        shaped_by=[[*TEMP, "t", "FILTER"], [*B, "x", "JOIN"]],
    )  # fmt: skip
    found = without(said, TEMP, of(A))
    assert found["inputs"] == [list(A), list(B)]
    assert found["columns"] == {"p": [[*B, "x", "IDENTITY"]]}
    assert found["shaped_by"] == [[*B, "x", "JOIN"]]


def test_what_shaped_a_file_shaped_what_came_from_it() -> None:
    """Filters of the first step count for the second."""
    found = without(of(TEMP), TEMP, of(A, shaped_by=[[*A, "x", "FILTER"]]))
    assert found["shaped_by"] == [[*A, "x", "FILTER"]]


def test_nothing_exact_comes_of_what_is_unknown() -> None:
    """Neither of a file whose origin is not known, nor of one that more was put behind."""
    assert "inputs" not in without(of(TEMP, B), TEMP, {"draft": True})
    assert "inputs" not in without(of(TEMP), TEMP, of(A, mode="append"))
    assert without(of(B), TEMP, {"draft": True}) == of(B)


def test_chains_of_files_that_are_gone_are_passed_in_any_order() -> None:
    """Removed first or last, before or after what came from them was written."""
    second = (HERE, "second")
    for early in (True, False):
        passed, made = Passed[Output](), {TEMP, second}
        first, middle, end = Output(of(A)), Output({}), Output({})
        middle.said = passed.write(second, middle, of(TEMP), made=made)
        if early:
            passed.remove(TEMP, first)
            assert middle.said == of(A)
        end.said = passed.write(B, end, of(second), made=made)
        passed.remove(second, middle)
        if not early:
            passed.remove(TEMP, first)
        assert end.said == of(A)


def test_a_file_that_was_made_from_itself_ends() -> None:
    """Rewritten from what it was before, it came from that, which is not the run's."""
    passed = Passed[Output]()
    gone, end = Output(of(TEMP, A)), Output({})
    passed.remove(TEMP, gone)
    assert passed.write(B, end, of(TEMP), made=()) == of(A, TEMP)


def test_a_name_that_is_written_again_means_what_is_there() -> None:
    """What was gone, or moved away, stands for nothing any more."""
    passed = Passed[Output]()
    passed.remove(TEMP, Output(of(A)))
    passed.move(B, A)
    passed.write(TEMP, Output({}), of(), made=())
    passed.write(B, Output({}), of(), made=())
    assert passed.write((HERE, "o"), Output({}), of(TEMP, B), made=()) == of(TEMP, B)


def test_moved_files_are_called_by_their_last_name() -> None:
    """Among inputs and columns; two that became one are named once."""
    said = of(A, B, columns={"o": [[*A, "x", "IDENTITY"]]}, shaped_by=[[*A, "x", "FILTER"]])
    assert renamed(said, A, B) == of(
        B, columns={"o": [[*B, "x", "IDENTITY"]]}, shaped_by=[[*B, "x", "FILTER"]]
    )
