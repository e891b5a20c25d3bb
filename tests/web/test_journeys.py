"""The four questions people come with, on the flights pipeline, with mouse and with keys alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.service.served import Served
from tests.web.conftest import last_entry

pytestmark = pytest.mark.slow

SOURCES = ("flights.csv.zip", "weather.csv", "planes.csv", "airports.csv", "airlines.csv")


def search(page: Page, url: str, text: str) -> None:
    """Open the page and search with keys alone: the first hit."""
    page.goto(url)
    expect(page.get_by_role("heading", name="Trace anything")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type(text)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_what_made_this_model_by_keys_alone(page: Page, flights: Served) -> None:
    """From the home page to the five sources of the model, without a mouse."""
    search(page, flights.url, "delay.joblib")
    expect(page.get_by_role("heading", name="delay.joblib")).to_be_visible()

    page.get_by_role("link", name="Lineage").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Complete").first).to_be_visible()
    page.keyboard.press("t")
    tree = page.get_by_role("tree")
    tree.focus()
    for _ in range(60):
        active = tree.locator("[aria-selected=true]")
        if active.get_attribute("aria-expanded") == "false":
            page.keyboard.press("ArrowRight")
            expect(active).to_have_attribute("aria-expanded", "true")
        if tree.get_by_role("treeitem").last.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowDown")

    for source in SOURCES:
        expect(tree.get_by_text(source, exact=False).first).to_be_visible()


def test_what_made_this_model_by_mouse(page: Page, flights: Served) -> None:
    """From the first page: the model's lineage, then hop by hop at the handles."""
    page.goto(flights.url)
    page.get_by_role("link", name="Lineage of delay.joblib").click()
    graph = page.get_by_role("application")
    expect(graph.get_by_label("model delay.joblib")).to_be_visible()
    for name, opened in (
        ("model large.joblib", "run train"),
        ("file train.parquet", "table main.flight_facts"),
        ("table main.flight_facts", "table main.weather"),
        ("table main.weather", "file weather.parquet"),
        ("file weather.parquet", "file weather.csv"),
    ):
        graph.get_by_label(name).locator(".handle.up").click()
        expect(graph.get_by_label(opened).first).to_be_attached()
        page.keyboard.press("f")
    expect(graph.get_by_label("file weather.csv")).to_be_visible()


def test_what_is_opened_opens_where_it_was_clicked(page: Page, flights: Served) -> None:
    """The clicked node stays where it is on screen, and closes again at the same place."""
    page.goto(f"{flights.url}/lineage?ref=predictions.csv")
    graph = page.get_by_role("application")
    model = graph.get_by_label("model delay.joblib")
    before = model.bounding_box()
    assert before is not None

    model.locator(".handle.up").click()
    expect(graph.get_by_label("run evaluate")).to_be_visible()
    after = model.bounding_box()
    assert after is not None
    assert abs(before["x"] - after["x"]) < 1
    assert abs(before["y"] - after["y"]) < 1

    model.hover()
    model.locator(".handle.up").click()
    expect(graph.get_by_label("run evaluate")).to_have_count(0)
    assert model.bounding_box() == before


def test_what_breaks_if_weather_changes(page: Page, flights: Served) -> None:
    """The downstream of the weather: the model, the predictions, and whom to ask."""
    search(page, flights.url, "main.weather")
    page.get_by_role("link", name="What it reached").click()

    graph = page.get_by_role("application")
    expect(graph.get_by_label("table main.weather")).to_be_visible()
    page.keyboard.press("f")
    for reached in ("table main.flight_facts", "model delay.joblib", "file predictions.csv"):
        expect(graph.get_by_label(reached).first).to_be_attached()
    expect(page.get_by_text("operations").first).to_be_visible()

    graph.get_by_label("file predictions.csv").first.click()
    page.keyboard.press("p")
    expect(page.get_by_text("ways to predictions.csv")).to_be_visible()


def test_what_changed_between_these_two_runs(page: Page, flights: Served) -> None:
    """Two runs of one job: the parameters first, then what came of them."""
    search(page, flights.url, "train")
    page.goto(f"{flights.url}/passport?ref=job:flights/train")
    page.get_by_role("link", name="Compare the last two runs").focus()
    page.keyboard.press("Enter")

    parameters = page.locator("section", has=page.get_by_role("heading", name="Parameters"))
    changed = parameters.get_by_role("row", name="max_leaf_nodes")
    expect(changed).to_contain_text("15")
    expect(changed).to_contain_text("47")
    titles = page.locator("section h2").all_inner_texts()
    assert titles.index("Parameters") < titles.index("Outputs")


def test_prove_this_prediction_file(page: Page, flights: Served, flights_made: Path) -> None:
    """A file in hand: hashed in the browser, found by its bytes, proven entry by entry."""
    page.goto(flights.url)
    page.get_by_label("Choose a file").set_input_files(flights_made / "predictions.csv")
    page.get_by_role("link", name="Prove it").click()

    expect(page.get_by_text("exactly the bytes that were recorded")).to_be_visible()
    expect(page.get_by_text("Everything that was checked holds")).to_be_visible()
    steps = page.locator(".steps > li")
    assert set(steps.evaluate_all("all => all.map(one => one.dataset.outcome)")) == {
        "holds",
        "noted",
    }
    expect(page.locator("[data-step=digest]")).to_contain_text("sha256:")


def test_a_file_that_is_not_recorded_is_said_to_be_unknown(
    page: Page, flights: Served, tmp_path: Path
) -> None:
    """Unknown bytes are neither found nor called good."""
    (tmp_path / "other.csv").write_text("a,b\n")
    page.goto(flights.url)
    page.get_by_label("Choose a file").set_input_files(tmp_path / "other.csv")
    expect(page.get_by_text("Not recorded")).to_be_visible()


def test_a_column_is_followed_through_the_graph(page: Page, flights: Served) -> None:
    """A click on a column lights what it touches, and the rest fades; nothing moves."""
    page.goto(f"{flights.url}/lineage?ref=main.flight_facts&depth=99")
    graph = page.get_by_role("application")
    graph.get_by_label("table main.flight_facts").click()
    page.keyboard.press("f")
    expect(graph.get_by_label("file predictions.csv")).to_be_visible()
    before = graph.get_by_label("table main.weather").bounding_box()
    page.get_by_role("button", name="wind_speed").click()

    expect(page.get_by_text("Column wind_speed")).to_be_visible()
    weather = graph.get_by_label("table main.weather")
    expect(weather).to_contain_text("wind_speed")
    expect(weather).not_to_have_class(re.compile("dim"))
    expect(graph.locator(".box.dim").first).to_be_attached()
    assert weather.bounding_box() == before


def test_a_passport_tells_why_it_was_made_of_what(page: Page, flights: Served) -> None:
    """Beside each source stand the rule and the entries it rests on, one click from the bytes."""
    page.goto(f"{flights.url}/passport?ref=predictions.csv@v1")
    made = page.locator("section", has=page.get_by_role("heading", name="Made from"))
    made.get_by_text("Why").last.click()
    expect(made.get_by_text("Rule:").first).to_be_visible()
    entry = last_entry(flights)
    made.get_by_role("link", name=str(entry), exact=True).first.click()
    expect(page.get_by_role("heading", name=f"Ledger entry {entry}")).to_be_visible()
