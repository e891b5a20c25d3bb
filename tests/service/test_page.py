"""The web interface as it is sent, and the routes that it needs."""

from __future__ import annotations

import gzip
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.ledger.note import Verifier, open_note
from headwater.service import built
from headwater.service.routes import page
from tests.service.conftest import Run
from tests.service.served import Client

ROOT = Path(__file__).parents[2]
EVENT = (
    b'{"eventType":"%s","eventTime":"2026-11-02T06:00:0%dZ","producer":"https://x.example",'
    b'"schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",'
    b'"run":{"runId":"01d1e5a0-0000-4000-8000-00000000000%d"},'
    b'"job":{"namespace":"shop","name":"%s"},"inputs":[{"namespace":"db","name":"orders"}],'
    b'"outputs":[{"namespace":"db","name":"%s"}]}'
)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small page as a build leaves it, in place of the real one."""
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>built</title>")
    (folder / "favicon.svg").write_text("<svg/>")
    script = b"console.log(1);" * 100
    (folder / "assets" / "index-abc.js").write_bytes(script)
    (folder / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(script))
    (folder / "assets" / "secret.pem").write_text("no part of a page")
    found = built.files(folder)
    monkeypatch.setattr(built, "files", lambda: found)
    yield folder


@pytest.mark.parametrize("screen", page.SCREENS)
def test_every_screen_has_the_page_whatever_its_parameters(
    served: Client, files: Path, screen: str
) -> None:
    """Deep links are answered with the page, under a policy that lets nothing else in."""
    reply = served.get(screen, ref="anything", view="tree")
    assert reply.status == 200
    assert b"built" in reply.body
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy


def test_an_unknown_address_stays_an_error(served: Client, files: Path) -> None:
    """The page does not stand in for what is not there."""
    for path in ("/nothing", "/assets/none.js", "/assets/../index.html", "/assets/secret.pem"):
        reply = served.get(path)
        assert (path, reply.status) == (path, 404)
        assert reply.headers["content-type"] == "application/problem+json"


def test_files_are_sent_compressed_to_who_takes_it_and_kept_for_ever(
    served: Client, files: Path
) -> None:
    """Compressed once at the build; the name has a digest, so it never changes."""
    plain = served.ask("GET", "/assets/index-abc.js")
    small = served.ask("GET", "/assets/index-abc.js", headers={"Accept-Encoding": "br, gzip"})
    refused = served.ask("GET", "/assets/index-abc.js", headers={"Accept-Encoding": "gzip;q=0"})
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == plain.body == refused.body
    assert "immutable" in plain.headers["cache-control"]
    assert plain.headers["content-type"].startswith("text/javascript")


def test_a_page_that_is_known_is_not_sent_again(served: Client, files: Path) -> None:
    """304 by its entity tag."""
    tag = served.get("/").headers["etag"]
    reply = served.ask("GET", "/", headers={"If-None-Match": tag})
    assert (reply.status, reply.body) == (304, b"")


def test_without_a_build_the_page_says_how_to_build(
    served: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout has no built files, and its service says so in plain words."""
    monkeypatch.setattr(built, "files", dict)
    reply = served.get("/")
    assert reply.status == 200
    assert b"make web" in reply.body
    assert b"<script" not in reply.body
    assert served.get("/favicon.svg").status == 404
    assert built.files() == {}


def test_the_page_is_open_where_answers_want_a_token(run: Run, files: Path, tmp_path: Path) -> None:
    """The page holds no data; it asks its reader for a token."""
    tokens = tmp_path / "tokens.json"
    tokens.write_text("[]")
    tokens.chmod(0o600)
    client = run(tokens=tokens)
    assert client.get("/").status == 200
    assert client.get("/assets/index-abc.js").status == 200
    assert client.get("/api/v1/overview").status == 401
    assert client.get("/log/key").status == 200


def test_the_key_opens_the_head(served: Client) -> None:
    """`/log/key` is the verifier key under which `/log/checkpoint` holds."""
    served.post(EVENT % (b"COMPLETE", 1, 1, b"load", b"facts"))
    key = Verifier.decode(served.get("/log/key").body.decode())
    assert open_note(served.get("/log/checkpoint").body, [key]).verified


def test_the_overview_counts_lists_and_names_what_needs_attention(served: Client) -> None:
    """How much of each kind; the newest first; open runs, and jobs whose newest run failed."""
    for given in (
        (b"FAIL", 1, 1, b"mended", b"a"),
        (b"COMPLETE", 2, 2, b"mended", b"a"),
        (b"COMPLETE", 3, 3, b"broken", b"b"),
        (b"FAIL", 4, 4, b"broken", b"b"),
        (b"START", 5, 5, b"open", b"c"),
    ):
        assert served.post(EVENT % given).status == 201

    told = served.get("/api/v1/overview", limit=3).json

    assert (told["artifacts"], told["jobs"], told["runs"]) == ({"dataset": 4}, 3, 5)
    assert [run["job"]["name"] for run in told["newest_runs"]] == ["open", "broken", "broken"]
    assert [node["artifact"]["name"] for node in told["newest_versions"]][:2] == ["c", "b"]
    assert [(run["job"]["name"], run["state"]) for run in told["attention"]] == [
        ("open", "OPEN"),
        ("broken", "FAIL"),
    ]
    assert told["attention_total"] == 2
    assert served.get("/api/v1/overview", at="0").json["runs"] == 0


def test_the_description_that_types_are_made_from_is_current() -> None:
    """`web/openapi/openapi.json` is what the service says of itself: else run `make types`."""
    path = ROOT / "web" / "openapi" / "describe.py"
    spec = importlib.util.spec_from_file_location("describe", path)
    assert spec is not None
    assert spec.loader is not None
    describe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(describe)
    assert describe.DESCRIPTION.read_text("utf-8") == describe.written()
