"""What was built: small at first sight, complete, and with nothing in it from elsewhere."""

from __future__ import annotations

import gzip
import re

import pytest
from playwright.sync_api import Page, expect

from headwater.service import built
from tests.service.served import Served

INITIAL_BYTES_MAX = 150_000
"""JavaScript and CSS of the first page, compressed with gzip."""
_REFERENCE = re.compile(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"')
_IMPORT = re.compile(r'(?:from|import)\s?"\./([^"]+\.js)"')


def initial() -> dict[str, bytes]:
    """The scripts and styles that the first page needs, imports of imports included."""
    files = built.files()
    if not files:
        pytest.skip("the web interface is not built (make web)")
    index = files[built.INDEX].encodings["identity"].decode()
    waiting, found = _REFERENCE.findall(index), dict[str, bytes]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = files[name].encodings["identity"]
            waiting += [f"assets/{one}" for one in _IMPORT.findall(found[name].decode())]
    return found


def test_the_first_page_is_small() -> None:
    """At most 150 kB of JavaScript and CSS, and both are there."""
    sizes = {name: len(gzip.compress(data)) for name, data in initial().items()}
    print(f"\nthe first page: {sum(sizes.values()):,} bytes, {len(sizes)} files")
    assert {name.rpartition(".")[2] for name in sizes} == {"js", "css"}
    assert sum(sizes.values()) <= INITIAL_BYTES_MAX


def test_every_file_that_shrinks_is_there_compressed() -> None:
    """Whoever takes gzip or brotli is sent it, without work for the service."""
    initial()
    for path, file in built.files().items():
        if path.endswith((".js", ".css", ".html")):
            assert set(file.encodings) == {"identity", *built.ENCODINGS}, path


@pytest.mark.slow
def test_nothing_is_fetched_from_elsewhere(page: Page, flights: Served) -> None:
    """Air-gapped: every request of every screen goes to the service; the first paint is timed."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(flights.url)
    expect(page.get_by_text("Made last")).to_be_visible()
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    print(f"\nfirst contentful paint after {painted:.0f} ms")
    for address in ("/lineage?ref=delay.joblib", "/ledger?verify=1", "/diff", "/search?q=delay"):
        page.goto(flights.url + address)
        expect(page.locator("h1").first).to_be_visible()
    page.wait_for_timeout(500)
    assert [url for url in asked if not url.startswith((flights.url, "blob:"))] == []
