"""Verification in the browser: what was changed turns red at its own step."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.service.served import Served
from tests.web.conftest import copied, last_entry, size

pytestmark = pytest.mark.slow

Tampered = Callable[[str, tuple[object, ...]], Served]


@pytest.fixture
def tampered(flights_made: Path, tmp_path: Path) -> Iterator[Tampered]:
    """Serve a copy of the flights' store after one statement of SQL."""
    running: list[Served] = []

    def change(statement: str, values: tuple[object, ...]) -> Served:
        store = copied(flights_made, tmp_path)
        with closing(sqlite3.connect(store / "ledger.db")) as database, database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            assert database.execute(statement, values).rowcount == 1
        running.append(Served(tmp_path, store=store))
        return running[-1]

    yield change
    for served in running:
        served.stop()


def outcomes(page: Page) -> dict[str, str]:
    """Each step's outcome, once all of them have one."""
    expect(page.locator(".verdict .state")).to_be_visible()
    found: dict[str, str] = page.locator(".steps > li").evaluate_all(
        "all => Object.fromEntries(all.map(one => [one.dataset.step, one.dataset.outcome]))"
    )
    return found


def test_an_honest_ledger_holds_at_every_step(page: Page, flights: Served) -> None:
    """The whole ledger, by key; a second look is compared with the first."""
    page.goto(f"{flights.url}/ledger")
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    page.keyboard.press("v")
    assert outcomes(page) == {
        "head": "holds",
        "signature": "holds",
        "growth": "noted",
        "tree": "holds",
    }
    expect(page.get_by_text("Seen by this browser")).to_be_visible()
    expect(page.get_by_text("Nothing yet.")).to_have_count(0)

    page.reload()
    expect(page.get_by_role("button", name="Verify now")).to_be_visible()
    page.keyboard.press("v")
    assert outcomes(page)["growth"] == "holds"
    expect(page.locator("[data-step=growth]")).to_contain_text(
        f"unchanged since size {size(flights)}"
    )


def test_a_changed_byte_of_an_event_is_red_at_its_bytes(
    page: Page, flights: Served, tampered: Tampered
) -> None:
    """The leaf commits to other bytes; the tree itself is whole."""
    entry = last_entry(flights)
    served = tampered(
        "UPDATE parts SET body = CAST(replace(CAST(body AS TEXT), 'predict', 'predikt') AS BLOB)"
        " WHERE entry = ?",
        (entry,),
    )
    page.goto(f"{served.url}/ledger?entry={entry}&verify=1")
    found = outcomes(page)
    assert found[f"entry-{entry}"] == "holds"
    assert found[f"bytes-{entry}"] == "fails"
    failed = page.locator("[data-outcome=fails]")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("its bytes were changed")
    expect(failed.locator(".state.bad")).to_have_text("fails")
    expect(page.get_by_text("It does not hold")).to_be_visible()


def test_a_changed_leaf_is_red_in_the_tree(page: Page, flights: Served, tampered: Tampered) -> None:
    """Hashed again, the leaves give another root than the one that was signed."""
    entry = last_entry(flights)
    served = tampered(
        "UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), '.run', '.job') AS BLOB)"
        " WHERE entry = ?",
        (entry,),
    )
    page.goto(f"{served.url}/ledger?verify=1")
    assert outcomes(page) == {
        "head": "holds",
        "signature": "holds",
        "growth": "noted",
        "tree": "fails",
    }
    page.goto(f"{served.url}/ledger?entry={entry}&verify=1")
    found = outcomes(page)
    assert found[f"entry-{entry}"] == "fails"
    assert found[f"bytes-{entry}"] == "not reached"


def test_another_head_than_the_one_seen_before_is_red(
    page: Page, flights: Served, flights_made: Path
) -> None:
    """A browser that saw more than the ledger has now says that it was rolled back."""
    page.goto(f"{flights.url}/ledger?verify=1")
    outcomes(page)
    page.evaluate(
        """() => {
            const name = Object.keys(localStorage).find(one => one.startsWith('headwater.seen.'));
            const seen = JSON.parse(localStorage.getItem(name));
            const note = new TextDecoder().decode(
                Uint8Array.from(atob(seen.note), char => char.charCodeAt(0)));
            const more = new TextEncoder().encode(note.replace(/\\n[0-9]+\\n/, '\\n9999\\n'));
            seen.note = btoa(String.fromCharCode(...more));
            localStorage.setItem(name, JSON.stringify(seen));
        }"""
    )
    page.reload()
    assert outcomes(page)["growth"] == "fails"
    expect(page.locator("[data-step=growth]")).to_contain_text("rolled back")
    page.get_by_text("The signed head, to keep elsewhere").click()
    page.get_by_role("button", name="Forget it").click()
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator("[data-step=growth]")).to_have_attribute("data-outcome", "noted")


def test_a_file_that_was_changed_since_is_told_from_what_was_recorded(
    page: Page, flights: Served
) -> None:
    """The digest of other bytes is stated by no entry of the version."""
    page.goto(f"{flights.url}/passport?ref=predictions.csv@v1&file=sha256:{'0' * 64}")
    expect(page.get_by_text("does not have the bytes")).to_be_visible()
    assert outcomes(page)["digest"] == "fails"


def test_an_entry_is_shown_in_the_bytes_it_came_in_with_its_merkle_path(
    page: Page, flights: Served
) -> None:
    """From the list of entries to one, its event, and the way to the root."""
    entry = last_entry(flights)
    page.goto(f"{flights.url}/ledger")
    page.get_by_role("link", name=str(entry), exact=True).click()
    expect(page.get_by_text('"eventType": "COMPLETE"')).to_be_visible()
    page.get_by_role("button", name="Verify now").click()
    expect(
        page.get_by_role("img", name=re.compile(rf"^Entry {entry}: \d hashes lead"))
    ).to_be_visible()
