"""Large graphs, measured in a real browser. Figures are printed; only what hangs or lies fails."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.web.conftest import Serve
from tests.web.graphs import event, layered

pytestmark = pytest.mark.slow

FRAMES = 120


def script_per_frame(page: Page) -> float:
    """Pan with the mouse for some frames, and give the milliseconds of script in each."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def figures() -> dict[str, float]:
        metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    box = page.get_by_role("application").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y)
    before = figures()
    for frame in range(FRAMES):
        page.mouse.move(x + 10 + 4 * (frame % 60), y + frame % 30)
    after = figures()
    page.mouse.up()
    session.detach()
    return (after["ScriptDuration"] - before["ScriptDuration"]) * 1000 / FRAMES


@pytest.mark.parametrize("nodes", [1_000, 5_000])
def test_a_large_graph_is_drawn_panned_and_walked(
    page: Page, serve: Serve, nodes: int, record_property: Any
) -> None:
    """All of it at once is usable: it appears, pans, and its tree scrolls."""
    served = serve(layered(nodes))
    began = time.monotonic()
    page.goto(f"{served.url}/lineage?ref=layer20.0&depth=99&dir=up")
    expect(page.get_by_text("Laid out in")).to_be_visible(timeout=60_000)
    shown = time.monotonic() - began
    layout = page.get_by_text("Laid out in").inner_text()
    count = int(page.locator(".status .count").inner_text().replace(",", ""))
    close = script_per_frame(page)
    page.keyboard.press("f")
    page.wait_for_timeout(300)
    whole = script_per_frame(page)

    print(
        f"\n{count:,} nodes: shown after {shown:.1f} s; {layout.split('.')[0]};"
        f" script a frame {close:.2f} ms near, {whole:.2f} ms for all of it"
    )
    assert count > nodes * 0.8
    page.keyboard.press("t")
    tree = page.get_by_role("tree")
    tree.focus()
    page.keyboard.press("End")
    expect(tree.locator("[aria-selected=true]")).to_be_visible()
    assert tree.get_by_role("treeitem").count() < 100, "the tree draws what is not in sight"


def test_a_graph_opens_on_one_hop_with_exact_counts(page: Page, serve: Serve) -> None:
    """However large it is, the first look is small, and says exactly what is behind it."""
    served = serve(layered(1_000))
    page.goto(f"{served.url}/lineage?ref=layer20.0&dir=up")
    answer = served.get("/api/v1/trace", ref="layer20.0", limit=20_000).json
    expect(page.get_by_text(f"of {len(answer['nodes']):,} shown")).to_be_visible()

    page.keyboard.press("t")
    row = page.get_by_role("treeitem").nth(1)
    name = row.locator(".tree-name").inner_text().split()[0]
    hidden = served.get("/api/v1/trace", ref=name, limit=20_000).json["nodes"]
    shown = {row.split()[0] for row in page.locator(".tree-name").all_inner_texts()}
    assert hidden
    count = int(row.locator(".more").inner_text().split()[0].lstrip("+").replace(",", ""))
    beyond = [
        node
        for node in hidden
        if node["depth"] > 0
        and not (node["kind"] == "version" and node["artifact"]["name"] in shown)
    ]
    assert count == len(beyond)


def test_a_graph_beyond_the_limit_asks_to_narrow(page: Page, serve: Serve) -> None:
    """A cut-off answer says so; nothing freezes, nothing is passed over in silence."""
    served = serve(layered(1_000))

    def cut(route: Any) -> None:
        answer = route.fetch().json()
        answer["completeness"] |= {
            "complete": False,
            "truncated": {"reason": "nodes", "cursor": "x"},
        }
        route.fulfill(status=200, content_type="application/json", body=json.dumps(answer))

    page.route("**/api/v1/trace?*", cut)
    page.goto(f"{served.url}/lineage?ref=layer20.0&dir=up")
    expect(page.get_by_text("Not complete")).to_be_visible()
    expect(page.get_by_text("cut off (nodes)").first).to_be_visible()


def test_more_than_can_be_drawn_asks_to_narrow(page: Page, serve: Serve) -> None:
    """Beyond 20,000 things the page asks for less instead of freezing."""
    wide = [f"part.{number}" for number in range(3_000)]
    served = serve(event("join", 1, wide, ["whole"]) + b"\n")

    def multiply(route: Any) -> None:
        answer = route.fetch().json()
        copies = []
        for node in answer["nodes"]:
            if node["kind"] == "version" and node["depth"] > 0:
                copies += [{**node, "ref": f"{node['ref']}-{copy}"} for copy in range(7)]
        root = answer["root"]
        answer["edges"] += [
            {"kind": "derived", "from": root, "to": node["ref"], "entries": [0]} for node in copies
        ]
        answer["nodes"] += copies
        route.fulfill(status=200, content_type="application/json", body=json.dumps(answer))

    page.route("**/api/v1/trace?*", multiply)
    page.goto(f"{served.url}/lineage?ref=whole&dir=up")
    expect(page.get_by_text("things are too many to draw")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Tree").click()
    expect(page.get_by_role("treeitem").first).to_be_visible()
