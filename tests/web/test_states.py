"""What people see when nothing is there, not yet there, wrong or odd; and what addresses hold."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from tests.service.served import Served
from tests.web.conftest import Serve, size
from tests.web.graphs import event

pytestmark = pytest.mark.slow

EVIL = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "quote\"and'apostrophe&amp;",
    "right\u202eto left\u202c",
    "zero\u200bwidth\ufeff",
    "بيانات الطلبات",
    "データ/表😀🏳️‍🌈",
    "e\u0301\u0301\u0301\u0301 Zalgo",
    "a" * 500,
    "  spaces  ",
    "back\\slash%2F%00#?&=",
]


def test_an_empty_store_says_how_to_fill_it(page: Page, serve: Serve) -> None:
    """Nothing recorded is a state of its own, with the next step."""
    served = serve()
    page.goto(served.url)
    expect(page.get_by_role("heading", name="Nothing is recorded yet")).to_be_visible()
    expect(page.get_by_text("headwater import PATH")).to_be_visible()
    page.goto(f"{served.url}/ledger")
    expect(page.get_by_text("The ledger is empty")).to_be_visible()


def test_what_needs_attention_is_on_the_first_page(page: Page, serve: Serve) -> None:
    """A run that never ended, with what it reached a click away."""
    served = serve(event("load", 1, ["raw"], ["orders"], eventType="START") + b"\n")
    page.goto(served.url)
    attention = page.get_by_role("region", name="Needs attention")
    expect(attention.get_by_text("open")).to_be_visible()
    attention.get_by_role("link", name="What it reached").click()
    expect(page.get_by_role("application")).to_be_visible()


def test_an_unknown_name_offers_the_nearest(page: Page, flights: Served) -> None:
    """Not found is said in words, with names that may have been meant."""
    page.goto(f"{flights.url}/passport?ref=delai.joblib")
    expect(page.get_by_role("heading", name="Nothing of that name is recorded")).to_be_visible()
    expect(page.get_by_text("Perhaps you meant")).to_be_visible()
    page.get_by_role("link", name="delay.joblib").first.click()
    expect(page.get_by_role("heading", name="delay.joblib")).to_be_visible()


def test_a_search_without_hits_offers_to_look_up_a_reference(page: Page, flights: Served) -> None:
    """What is typed may be a reference rather than a part of a name."""
    page.goto(f"{flights.url}/search?q=predictions.csv@v1")
    page.get_by_role("link", name="Look it up as a reference").click()
    expect(page.get_by_role("heading", name="predictions.csv v1")).to_be_visible()


def test_a_slow_service_is_waited_for_and_says_so(page: Page, flights: Served) -> None:
    """While an answer is on its way the page says what it waits for, and that it takes long."""
    waiting: list[Route] = []
    page.route("**/api/v1/show?*", lambda route: waiting.append(route))
    page.goto(f"{flights.url}/passport?ref=delay.joblib")
    expect(page.get_by_text("Asking about delay.joblib.")).to_be_visible()
    expect(page.get_by_text("It takes longer than usual")).to_be_visible(timeout=8_000)
    waiting[0].continue_()
    expect(page.get_by_role("heading", name="delay.joblib")).to_be_visible()


def test_a_dead_service_is_said_to_be_dead_and_asked_again(page: Page, flights: Served) -> None:
    """No answer at all: the page says so, keeps standing, and can try again."""
    page.goto(flights.url)
    page.route("**/api/**", lambda route: route.abort())
    page.goto(f"{flights.url}/lineage?ref=delay.joblib")
    heading = page.get_by_role("heading", name="The service does not answer")
    expect(heading).to_be_visible(timeout=15_000)
    page.unroute("**/api/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("application")).to_be_visible()


def test_an_answer_that_is_not_complete_says_what_is_missing(page: Page, serve: Serve) -> None:
    """Unknown origins are named, and never green."""
    served = serve(event("load", 1, ["raw"], ["orders"]) + b"\n")
    page.goto(f"{served.url}/lineage?ref=orders&lens=completeness")
    expect(page.get_by_text("Not complete").first).to_be_visible()
    expect(page.get_by_text("1 origin unknown").first).to_be_visible()
    box = page.get_by_role("application").get_by_label("dataset raw")
    expect(box.get_by_text("origin unknown")).to_be_visible()
    expect(page.locator(".status .state.good")).to_have_count(1)  # downstream, which is complete


def test_a_token_is_asked_for_where_the_service_wants_one(page: Page, flights: Served) -> None:
    """401 becomes a form; the token goes into a header and into no address."""
    seen: list[str | None] = []

    def guard(route: Route) -> None:
        seen.append(route.request.headers.get("authorization"))
        if seen[-1] == "Bearer secret":
            route.continue_()
        else:
            problem = {"title": "Unauthenticated", "status": 401, "detail": "a token is wanted"}
            route.fulfill(
                status=401, content_type="application/problem+json", body=json.dumps(problem)
            )

    page.route("**/api/**", guard)
    page.goto(f"{flights.url}/passport?ref=delay.joblib")
    page.get_by_label("Token").fill("secret")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="delay.joblib")).to_be_visible()
    assert seen[0] is None
    assert "secret" not in page.url


@pytest.mark.parametrize("name", EVIL, ids=range(len(EVIL)))
def test_a_name_is_text_whatever_is_in_it(page: Page, serve: Serve, name: str) -> None:
    """Names run nothing, reorder nothing, and lead to the thing that they name."""
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    served = serve(event(name, 1, [name], [f"{name} made"]) + b"\n")
    ref = served.get("/api/v1/overview").json["newest_versions"][0]["ref"]

    page.goto(served.url)
    page.get_by_role("region", name="Made last").get_by_role("link").first.click()
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_text("Identity")).to_be_visible()
    page.get_by_role("link", name="Lineage").first.click()
    expect(page.get_by_role("application").locator(".box")).to_have_count(3)
    page.keyboard.press("t")
    expect(page.get_by_role("treeitem")).to_have_count(2)

    assert dialogs == []
    assert page.locator("main img:not([role]), main script").count() == 0
    shown = page.locator("main").inner_text()
    assert not re.search("[\u202a-\u202e\u200b\ufeff]", shown)
    assert ref


def test_the_address_holds_the_view_and_back_undoes(page: Page, flights: Served) -> None:
    """A link shows somebody else the same; every step can be taken back."""
    page.goto(f"{flights.url}/lineage?ref=delay.joblib")
    shown = page.locator(".status .count")
    expect(shown).to_be_visible()
    one = shown.inner_text()
    page.get_by_role("button", name="One hop more").click()
    expect(shown).not_to_have_text(one)
    two = shown.inner_text()
    page.get_by_role("button", name="Upstream").click()
    page.get_by_role("button", name="Tree").click()
    address = page.url
    expect(page.get_by_role("treeitem")).not_to_have_count(0)
    rows = page.get_by_role("treeitem").all_inner_texts()

    other = page.context.new_page()
    other.goto(address)
    expect(other.get_by_role("treeitem")).to_have_count(len(rows))
    assert other.get_by_role("treeitem").all_inner_texts() == rows

    page.go_back()
    page.go_back()
    expect(shown).to_have_text(two)
    page.go_back()
    expect(shown).to_have_text(one)


def test_time_goes_back_and_forth_by_keys(page: Page, flights: Served) -> None:
    """`[` shows what was known an entry earlier, says so, and `]` comes back to now."""
    page.goto(f"{flights.url}/lineage?ref=delay.joblib")
    now = size(flights)
    expect(page.get_by_text(f"size {now} of {now}")).to_be_visible()
    page.keyboard.press("[")
    earlier = page.get_by_text(f"As known at ledger size {now - 1}")
    expect(earlier).to_be_visible()
    assert f"at={now - 1}" in page.url
    page.keyboard.press("]")
    expect(earlier).to_have_count(0)


def test_what_is_saved_is_what_is_shown(page: Page, flights: Served) -> None:
    """CSV, JSON and SVG of exactly the things on screen."""
    page.goto(f"{flights.url}/lineage?ref=delay.joblib")
    expect(page.get_by_role("application").locator(".box").first).to_be_visible()
    saved: dict[str, str] = {}
    for form in ("CSV", "JSON", "SVG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Save as {form}").click()
        saved[form] = download.value.path().read_text("utf-8")
    nodes: list[dict[str, Any]] = json.loads(saved["JSON"])["nodes"]
    assert len(nodes) == int(page.locator(".status .count").inner_text())
    assert len(saved["CSV"].splitlines()) == len(json.loads(saved["JSON"])["edges"]) + 1
    assert saved["SVG"].count("<rect") == 1 + len(nodes)


def test_a_view_is_also_a_command(page: Page, flights: Served) -> None:
    """The command of a view answers the same question."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    at = size(flights) - 1
    page.goto(f"{flights.url}/lineage?ref=delay.joblib&dir=up&at={at}")
    page.get_by_role("button", name="Copy as command").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("headwater trace version:file")
    assert copied.endswith(f"--depth 1 --at {at}")
