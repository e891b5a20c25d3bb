"""Who may ask, and what."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from base64 import b64decode
from pathlib import Path

import pytest

from headwater.errors import StoreError
from headwater.query import tokens
from headwater.service.serving import Exposed, Settings, require_tokens
from tests.query.telling import PRODUCER, complete, dataset
from tests.service.conftest import Run
from tests.service.served import Client, environment
from tests.store.making import event


def let_in(
    path: Path,
    subject: str,
    *,
    role: tokens.Role = "member",
    read: tuple[str, ...] = (),
    write: tuple[str, ...] = (),
) -> dict[str, str]:
    """Make a token; the header that brings it."""
    secret, token = tokens.create(subject, role=role, read=read, write=write)
    tokens.add(path, token)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the tokens are."""
    return tmp_path / "tokens.json"


JSON = {"Content-Type": "application/json"}
OPEN = ("/healthz", "/readyz", "/log/checkpoint", "/schema/openapi.json")
CLOSED = ("/api/v1/search?text=x", "/metrics", "/log/entry/0", "/log/tile/entries/000.p/1")


def test_nobody_gets_in_without_a_token(file: Path, run: Run) -> None:
    """With a token file, all but what is open to all wants a token, and knows which."""
    let_in(file, "ada", read=("*",))
    served = run(tokens=file)
    assert [served.get(path).status for path in OPEN] == [200] * len(OPEN)
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        for path in CLOSED:
            reply = served.ask("GET", path, headers=headers)
            assert reply.status == 401
            assert reply.headers["www-authenticate"].startswith("Bearer")
        assert served.ask("POST", "/api/v1/lineage", event(1), {**JSON, **headers}).status == 401
    assert b"\n0\n" in served.get("/log/checkpoint").body


def test_a_writer_writes_about_its_jobs_only(file: Path, run: Run) -> None:
    """An event about another job is 403 and names the namespaces; nothing of it is kept."""
    etl = {**JSON, **let_in(file, "etl", write=("tests", "cron.*"))}
    other = {**JSON, **let_in(file, "other", write=("cron.*",))}
    nobody = {**JSON, **let_in(file, "reader", read=("*",))}
    served = run(tokens=file)
    for headers in (other, nobody):
        reply = served.ask("POST", "/api/v1/lineage", event(1), headers)
        assert reply.status == 403
        assert reply.json["problems"][0]["path"] == "$.job.namespace"
    assert "cron.*" in served.ask("POST", "/api/v1/lineage", event(1), other).json["detail"]
    assert served.ask("POST", "/api/v1/lineage", event(1), etl).json["entry"] == 0


def test_a_batch_of_somebody_elses_events(file: Path, run: Run) -> None:
    """In a batch, what one may not write is a failed event among good ones."""
    etl = {**JSON, **let_in(file, "etl", write=("tests",))}
    served = run(tokens=file)
    stranger = event(2).replace(b'"tests"', b'"else"')
    body = b"[" + event(1) + b"," + stranger + b"]"
    reply = served.ask("POST", "/api/v1/lineage/batch?receipts=true", body, etl)
    assert [one["status"] for one in reply.json["receipts"]] == ["accepted", "forbidden"]
    assert "may write" in reply.json["failed_events"][0]["reason"]


def test_a_static_dataset_counts_by_its_own_namespace(file: Path, run: Run) -> None:
    """A DatasetEvent has no job, so its dataset's namespace has to be covered."""
    etl = {**JSON, **let_in(file, "etl", write=("cron",))}
    served = run(tokens=file)
    said = {
        "eventTime": "2026-05-04T01:00:00Z",
        "producer": PRODUCER,
        "dataset": {"namespace": "db", "name": "x", "facets": {}},
    }
    assert served.ask("POST", "/api/v1/lineage", json.dumps(said).encode(), etl).status == 403
    said["dataset"] = {"namespace": "cron", "name": "x", "facets": {}}
    assert served.ask("POST", "/api/v1/lineage", json.dumps(said).encode(), etl).status == 201


def test_labels_keep_to_what_one_may_write(file: Path, run: Run) -> None:
    """A label needs the namespace of its subject among those that one may write."""
    etl = {**JSON, **let_in(file, "etl", read=("*",), write=("tests",))}
    owner = {**JSON, **let_in(file, "owner", read=("db",), write=("db",))}
    served = run(tokens=file)
    served.ask("POST", "/api/v1/lineage", event(1), etl)
    label = json.dumps({"ref": "out1", "key": "owner", "value": "x"}).encode()
    assert served.ask("POST", "/api/v1/label", label, etl).status == 403
    assert served.ask("POST", "/api/v1/label", label, owner).status == 201


def test_answers_show_what_one_may_read(file: Path, run: Run) -> None:
    """Namespaces beyond the reader's are counted, not shown; ETags and cursors are not shared."""
    etl = {**JSON, **let_in(file, "etl", write=("*",))}
    every, some = let_in(file, "all", read=("*",)), let_in(file, "some", read=("db",))
    served = run(tokens=file)
    secret = dataset("salaries", namespace="hr")
    body = complete(1, "01:00", "build", [secret, "plain"], ["mart"])
    data = json.dumps({"producer": PRODUCER, **body}).encode()
    assert served.ask("POST", "/api/v1/lineage", data, etl).status == 201
    whole = served.ask("GET", "/api/v1/trace?ref=mart&limit=2", headers=every)
    part = served.ask("GET", "/api/v1/trace?ref=mart&limit=2", headers=some)
    assert "salaries" in served.ask("GET", "/api/v1/trace?ref=mart", headers=every).body.decode()
    assert "salaries" not in served.ask("GET", "/api/v1/trace?ref=mart", headers=some).body.decode()
    assert part.json["completeness"]["redacted"]["count"] == 1
    assert whole.headers["etag"] != part.headers["etag"]
    assert served.ask("GET", "/api/v1/trace?ref=salaries", headers=some).status == 404
    cursor = whole.json["completeness"]["truncated"]["cursor"]
    stolen = f"/api/v1/trace?ref=mart&limit=2&cursor={cursor}"
    assert served.ask("GET", stolen, headers=some).status == 400
    assert served.ask("GET", stolen, headers=every).status == 200


def test_the_ledger_is_for_auditors(file: Path, run: Run) -> None:
    """Leaves and entries want the role; heads and hashes are open to all."""
    etl = {**JSON, **let_in(file, "etl", read=("*",), write=("*",))}
    auditor = let_in(file, "audit", role="auditor")
    served = run(tokens=file)
    served.ask("POST", "/api/v1/lineage", event(1), etl)
    assert served.get("/log/tile/0/000.p/1").status == 200
    for path in ("/log/entry/0", "/log/tile/entries/000.p/1"):
        assert served.ask("GET", path, headers=etl).status == 403
        assert served.ask("GET", path, headers=auditor).status == 200
    part = served.ask("GET", "/log/entry/0", headers=auditor).json["parts"][0]
    assert b64decode(part["bytes"]) == event(1)


def test_the_actor_is_the_subject(file: Path, run: Run, tmp_path: Path) -> None:
    """Entries name who sent them, by the token, under an opaque id."""
    from headwater.ledger import leaf
    from headwater.store import open_store

    etl = {**JSON, **let_in(file, "etl", write=("*",))}
    served = run(tokens=file)
    served.ask("POST", "/api/v1/lineage", event(1), etl)
    with open_store(tmp_path / ".headwater") as store:
        actor = leaf.decode(store.entry(0).leaf).by
        assert (store.actor(actor), "etl" in actor) == ("etl", False)


def test_a_token_is_taken_back(file: Path, run: Run) -> None:
    """A service reads the file again: who is no longer in it is out, and who is new is in."""
    ada = let_in(file, "ada", read=("*",))
    served = run(tokens=file)
    assert served.ask("GET", "/metrics", headers=ada).status == 200
    file.unlink()
    ben = let_in(file, "ben", read=("*",))
    time.sleep(1.1)
    assert served.ask("GET", "/metrics", headers=ben).status == 200
    assert served.ask("GET", "/metrics", headers=ada).status == 401


@pytest.mark.parametrize("content", [b"{}", b"[", b'[{"hash": "sha256:00", "subject": "x"}]'])
def test_a_broken_file_lets_nobody_in(file: Path, run: Run, content: bytes) -> None:
    """Rather than go by what it remembers, the service refuses all until the file is repaired."""
    ada = let_in(file, "ada", read=("*",))
    good = file.read_bytes()
    served = run(tokens=file)
    file.write_bytes(content)
    time.sleep(1.1)
    assert served.ask("GET", "/metrics", headers=ada).status == 503
    file.write_bytes(good)
    assert served.ask("GET", "/metrics", headers=ada).status == 200


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"tokens": []}', "Expected `array`"),
        ('[{"hash": "md5:00", "subject": "x"}]', "64 hex digits"),
        ('[{"hash": "sha256:' + "0" * 64 + '", "subject": ""}]', "no subject"),
        ('[{"hash": "sha256:' + "0" * 64 + '", "subject": "x", "admin": true}]', "unknown field"),
        ('[{"hash": "sha256:' + "0" * 64 + '", "subject": "x", "role": "king"}]', "Invalid enum"),
    ],
)
def test_a_token_file_is_read_strictly(file: Path, content: str, why: str) -> None:
    """What is not exactly a token file is refused with the reason."""
    file.write_text(content)
    with pytest.raises(StoreError, match=why):
        tokens.load(file)


@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_token_file(file: Path, monkeypatch: pytest.MonkeyPatch, over: int) -> None:
    """A file of as many tokens as the limit says is read, and one more is not."""
    monkeypatch.setattr(tokens, "TOKENS_MAX", 3)
    for number in range(3 + over):
        let_in(file, f"s{number}")
    if over:
        with pytest.raises(StoreError, match="more than 3"):
            tokens.load(file)
    else:
        assert len(tokens.load(file)) == 3


def test_a_file_that_others_can_write_is_refused(file: Path) -> None:
    """Who can write the file can let themselves in."""
    let_in(file, "ada")
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o620)
    with pytest.raises(StoreError, match="written by other users"):
        tokens.load(file)


def test_the_file_has_no_token(file: Path) -> None:
    """The file holds hashes: a token cannot be read out of it."""
    header = let_in(file, "ada")
    assert header["Authorization"].removeprefix("Bearer ") not in file.read_text()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com"])  # noqa: S104
def test_others_are_not_served_without_tokens(host: str) -> None:
    """An address beyond this machine wants a token file, and the error says how to make one."""
    with pytest.raises(Exposed) as caught:
        require_tokens(Settings(store="x", host=host))
    assert "headwater token" in (caught.value.remedy or "")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"])
def test_this_machine_is_served_without_tokens(host: str) -> None:
    """Loopback needs no tokens."""
    require_tokens(Settings(store="x", host=host))


def test_the_command_refuses_and_says_how(tmp_path: Path) -> None:
    """`serve --host 0.0.0.0` without tokens exits 2, and makes no store."""
    done = subprocess.run(
        [sys.executable, "-m", "headwater", "serve", "--host", "0.0.0.0", "--store", "s"],  # noqa: S104
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, (tmp_path / "s").exists()) == (2, False)
    assert "headwater token" in done.stderr


def test_the_command_makes_a_token(tmp_path: Path, run: Run) -> None:
    """`headwater token` prints a token that a service takes."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "headwater", "token", "etl", "--read", "*", "--json"),
            *("--tokens", "t.json"),
        ],
        cwd=tmp_path,
        env=environment(tmp_path) | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    served = run(tokens=tmp_path / "t.json")
    header = {"Authorization": f"Bearer {json.loads(done.stdout)['token']}"}
    assert served.ask("GET", "/metrics", headers=header).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:80"])
def test_another_machines_name_is_misdirected(served: Client, host: str) -> None:
    """Without tokens, a web page that points its own name here gets nothing (DNS rebinding)."""
    reply = served.ask("GET", "/api/v1/search?text=x", headers={"Host": host})
    assert (reply.status, reply.headers["content-type"]) == (421, "application/problem+json")


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1", "[::1]:80", "LOCALHOST"])
def test_names_of_this_machine_are_answered(served: Client, host: str) -> None:
    """Names of this machine are answered, with whatever port a tunnel gave them."""
    assert served.ask("GET", "/healthz", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_page_cannot_post_without_asking(served: Client, kind: str) -> None:
    """Types that a browser sends to other sites without asking first are refused."""
    reply = served.ask("POST", "/api/v1/lineage", event(1), {"Content-Type": kind})
    assert (reply.status, "application/json" in reply.json["remedy"]) == (415, True)
