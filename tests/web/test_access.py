"""Every screen is usable without sight of it: axe-core finds nothing, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.service.served import Served
from tests.web.conftest import last_entry, size

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = {
    "home": ("/", "Made last"),
    "search": ("/search?q=delay", "Found by"),
    "graph": ("/lineage?ref=delay.joblib&sel=delay.joblib&depth=2", "Laid out in"),
    "tree": ("/lineage?ref=delay.joblib&view=both&depth=99&lens=completeness", "Laid out in"),
    "earlier": ("/lineage?ref=delay.joblib&at={before}", "not now"),
    "version": ("/passport?ref=predictions.csv@v1&verify=1", "Everything that was checked holds"),
    "artifact": ("/passport?ref=main.weather", "1 version"),
    "job": ("/passport?ref=job:flights/train", "2 runs"),
    "diff": ("/diff?a=small.joblib&b=large.joblib", "Parameters"),
    "compare": ("/diff", "Two things to compare"),
    "ledger": ("/ledger?verify=1", "Everything that was checked holds"),
    "entry": ("/ledger?entry={entry}&verify=1", "Everything that was checked holds"),
    "unknown": ("/passport?ref=nothing-of-the-kind", "Nothing of that name"),
}


@pytest.mark.parametrize("context", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(page: Page, flights: Served, screen: str) -> None:
    """WCAG 2.2 A and AA, and best practices, as far as a program can tell."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (make web)")
    address, sign = SCREENS[screen]
    places = {"before": size(flights) - 1, "entry": last_entry(flights)}
    page.goto(flights.url + address.format_map(places))
    expect(page.get_by_text(sign).first).to_be_visible()
    page.evaluate(AXE.read_text("utf-8"))  # as a debugger does: the page's own policy stays

    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")

    assert [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"]])
        for one in found["violations"]
    ] == []


def test_the_keys_are_told_and_the_dialog_gives_the_focus_back(page: Page, flights: Served) -> None:
    """`?` opens the list, Escape closes it."""
    page.goto(flights.url)
    expect(page.get_by_text("Made last")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_have_count(0)


def test_the_graph_is_walked_opened_and_left_by_keys(page: Page, flights: Served) -> None:
    """Arrows select and say what is selected, Space opens, Enter goes there, Escape leaves."""
    page.goto(f"{flights.url}/lineage?ref=delay.joblib")
    graph = page.get_by_role("application")
    expect(graph.locator(".box").first).to_be_visible()
    graph.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".box.selected")).to_have_attribute(
        "aria-label", re.compile("^model delay")
    )
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    selected = page.locator(".box.selected")
    said = selected.get_attribute("aria-label")
    assert said is not None
    expect(page.locator(".explorer > .unseen[role=status]")).to_have_text(said)
    active = graph.get_attribute("aria-activedescendant")
    assert active == selected.get_attribute("id")
    before = int(page.locator(".status .count").inner_text())
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    expect(page.locator(".status .count")).not_to_have_text(str(before))
    page.keyboard.press("Escape")
    expect(page.locator(".box.selected")).to_have_count(0)
