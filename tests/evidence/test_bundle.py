"""Proof bundles: made of a real store, and checked by whoever gets them."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from headwater import canonical
from headwater.errors import LedgerConflict, LimitExceeded, NotFound, StoreError
from headwater.evidence import bundle as bundles
from headwater.evidence import verify_bundle
from headwater.evidence.bundle import prove
from headwater.evidence.recomputing import compare
from headwater.evidence.verify_bundle import Audit, audit, describe
from headwater.ingest import admit, admit_label
from headwater.ledger.checkpoint import parse_checkpoint
from headwater.ledger.note import Signer, parse_note, sign_note
from headwater.query import grounds
from headwater.query.gateway import Gateway
from headwater.query.principal import Principal
from headwater.store import Writer, open_store
from headwater.store.verifying import verify
from tests.query.telling import PRODUCER, chain, complete, dataset, source, start

# ruff: noqa: S311 - chance that falls the same way every time

EXAMPLES = int(os.environ.get("HEADWATER_EXAMPLES", "60"))
SCRIPT = Path(verify_bundle.__file__)
ORDERS = "artifact:db/shop.orders"


def give(store: Writer, events: list[dict[str, Any]]) -> None:
    """Admit events."""
    bodies = [json.dumps({"producer": PRODUCER, **event}).encode() for event in events]
    assert [receipt.status for receipt in admit(store, bodies)] == ["accepted"] * len(events)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the store of this test lies; its key and head are beside it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("HEADWATER_KEY", "HEADWATER_HEAD", "HEADWATER_STORE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "store"


@pytest.fixture
def store(root: Path) -> Iterator[Writer]:
    """A store with a chain of three runs, something beside it, and a label."""
    with open_store(root, mode="write", create=True) as writer:
        give(writer, chain())
        give(writer, [complete(9, "09:00", "other", ["else"], ["elsewhere"])])
        admit_label(writer, ORDERS, key="owner", value="team:shop")
        yield writer


def bundle_of(store: Writer, ref: str = "mart.orders", **question: Any) -> bytes:
    """Prove an answer as the person at the machine."""
    return prove(Gateway(store), store.attest, ref, **question)


def masked(store: Writer, *read: str) -> Gateway:
    """A gateway of somebody who may read these namespaces alone."""
    return Gateway(store, Principal("reader", read))


def entries_of(found: Audit) -> dict[int, list[Any]]:
    """The parts of each entry of a bundle."""
    return {
        verify_bundle.read_proof(one["proof"])[1]: one["parts"] for one in found.bundle["entries"]
    }


def places(found: Audit) -> set[str]:
    """Where a bundle does not hold."""
    return {where for where, _ in found.faults}


def again(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Write a bundle again with something changed, in its canonical form."""
    value = json.loads(data)
    change(value)
    return canonical.encode(value)


# --- What a bundle holds


def test_a_bundle_holds_the_answer_and_every_entry_it_rests_on(store: Writer) -> None:
    """The answer is that of `trace`; entries are those of its runs, and no other."""
    found = audit(bundle_of(store), store.verifier)
    assert found.faults == []
    assert found.warnings == []
    assert found.bundle["answer"] == Gateway(store).trace("mart.orders")
    assert list(entries_of(found)) == [0, 2, 4]
    bodies = store.bodies([0, 2, 4])
    for index, parts in entries_of(found).items():
        assert parts[0]["bytes"] == b64encode(bodies[index]).decode()
    assert found.checked["parts"] == 3


def test_a_bundle_is_the_same_whenever_it_is_made(store: Writer) -> None:
    """Equal question, ledger and scope give equal bytes, also after the ledger has grown."""
    first = bundle_of(store, at="5")
    give(store, [complete(10, "10:00", "more", ["x"], ["y"])])
    assert bundle_of(store, at="5") == first


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("ask", ["trace", "impact"])
@pytest.mark.parametrize("depth", [None, 0, 1])
def test_every_question_can_be_proved(
    store: Writer, ask: str, depth: int | None, *, columns: bool
) -> None:
    """What is proved is what that question is answered with, and the ledger makes it again."""
    data = bundle_of(store, "shop.orders", ask=ask, depth=depth, columns=columns)
    found = audit(data, store.verifier)
    how: dict[str, Any] = {"depth": depth, "columns": columns}
    assert found.bundle["answer"] == getattr(Gateway(store), ask)("shop.orders", **how)
    compare(found, store, trusted=True)
    assert found.holds
    assert found.checked["answer made again"] == 1


def test_what_says_nothing_of_a_column_is_among_what_its_impact_rests_on(root: Path) -> None:
    """That an answer is not complete can be proved, also where no node is of that version."""
    with open_store(root, mode="write", create=True) as writer:
        give(writer, [start(1, "01:00", "w", ["raw"]), complete(1, "02:00", "w", [], ["made"])])
        raw = Gateway(writer).trace("made")["nodes"][-1]["ref"].removeprefix("version:")
        found = audit(bundle_of(writer, f"column:{raw}#x", ask="impact"), writer.verifier)
        assert [ref[-4:] for ref in found.bundle["answer"]["opaque"]] == ["#%2A"]
        assert list(entries_of(found)) == [0, 1]


def test_owners_rest_on_labels(store: Writer) -> None:
    """The entry of the label that says who owns the orders is in the bundle of an impact."""
    assert 4 in entries_of(audit(bundle_of(store, "shop.orders", ask="impact")))


def test_the_parts_are_a_tlog_proof(store: Writer) -> None:
    """`proof` and `checkpoint`, one after the other, are one tlog-proof as C2SP has it."""
    found = audit(bundle_of(store))
    text = found.bundle["entries"][1]["proof"] + found.bundle["checkpoint"]
    lines = text.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == f"extra {b64encode(store.entry(2).leaf).decode()}"
    assert lines[2] == "index 2"
    assert lines[3:6] == [b64encode(one).decode() for one in store.inclusion(2, 5)]
    assert lines[6:9] == ["", store.origin, "5"]


def test_a_bundle_is_of_an_earlier_size(store: Writer) -> None:
    """Asked as of before the last entries, head, proofs and answer are of that size."""
    found = audit(bundle_of(store, at="3"), store.verifier)
    assert found.faults == []
    assert found.head is not None
    assert found.head[1] == 3
    assert list(entries_of(found)) == [0, 2]


def test_the_head_is_kept(store: Writer, root: Path) -> None:
    """The head of a bundle stays stored, though its minute had later ones; and verify knows it."""
    bundle_of(store, at="2")
    bundle_of(store)
    for number in range(11, 15):
        give(store, [complete(number, "11:00", f"job{number}", ["x"], ["y"])])
    sizes = [parse_checkpoint(parse_note(head)[0]).size for head in store.heads()]
    assert {2, 5} <= set(sizes)
    store.close()
    report = verify(root)
    assert report.sound
    assert report.checked["answered"] == 2


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM heads WHERE size = 2", ("missing", "head")),
        ("DELETE FROM answered WHERE size = 2", ("inserted", "head")),
        ("UPDATE answered SET size = 3 WHERE size = 2", ("changed", "answered")),
        ("UPDATE answered SET seal = x'00'", ("changed", "answered")),
    ],
)
def test_whoever_drops_such_a_head_is_found(
    store: Writer, root: Path, statement: str, expected: tuple[str, str]
) -> None:
    """`verify` names a head that left in a bundle and is gone, and a row that was edited."""
    bundle_of(store, at="2")
    store.close()
    connection = sqlite3.connect(root / "ledger.db", isolation_level=None)
    connection.execute(statement)
    connection.close()
    assert expected in {(one.kind, one.place) for one in verify(root).differences}


def test_a_ledger_states_nothing_that_it_does_not_bear_out(store: Writer) -> None:
    """Another root, another origin, or a size to come is not signed."""
    stated = bundles.state(Gateway(store).prove("mart.orders"))
    with pytest.raises(LedgerConflict):
        store.attest(stated._replace(root=bytes(32)))
    with pytest.raises(LedgerConflict):
        store.attest(stated._replace(origin="headwater.local/else"))
    with pytest.raises(NotFound):
        store.attest(stated._replace(size=99))
    assert store.stopped is None


def test_a_damaged_store_gives_no_bundle(store: Writer, root: Path) -> None:
    """A bundle is checked before it is given; what would not hold is not given."""
    connection = sqlite3.connect(root / "ledger.db")
    connection.execute("UPDATE parts SET body = x'7b7d' WHERE entry = 2")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="entry 2, part 0"):
        bundle_of(store)


def test_limits_are_kept(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit of entries, stored bytes and bytes of the bundle there is one; beyond, none."""
    size = len(bundle_of(store))
    stored = sum(map(len, store.bodies([0, 2, 4]).values()))
    for module, name, limit in (
        (grounds, "ENTRIES_MAX", 3),
        (grounds, "STORED_BYTES_MAX", stored),
        (verify_bundle, "BUNDLE_BYTES_MAX", size),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, limit)
            bundle_of(store)
            patch.setattr(module, name, limit - 1)
            with pytest.raises(LimitExceeded, match="the limit"):
                bundle_of(store)


def test_an_answer_that_is_cut_off_is_not_proved(
    store: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that a limit in nodes cut off would be silent about the rest."""
    monkeypatch.setattr("headwater.query.gateway.NODES_MAX", 2)
    with pytest.raises(LimitExceeded, match="cut off by nodes"):
        bundle_of(store)


# --- Who may see what

HIDDEN = "hr.salaries"


@pytest.fixture
def mixed(root: Path) -> Iterator[Writer]:
    """A store where one run reads what a reader of `db` may see, another what he may not."""
    with open_store(root, mode="write", create=True) as writer:
        secret = dataset(HIDDEN, namespace="vault")
        give(
            writer,
            [
                complete(1, "01:00", "load", [source("orders")], ["staging"]),
                complete(2, "02:00", "join", ["staging", secret], ["joined"]),
                complete(
                    3,
                    "03:00",
                    "query",
                    ["joined"],
                    ["report"],
                    note={"text": 'SELECT * FROM "HR"."SALARIES" JOIN joined'},
                ),
                complete(4, "04:00", "last", ["report"], ["page"]),
            ],
        )
        admit_label(writer, f"artifact:vault/{HIDDEN}", key="owner", value="payroll")
        yield writer


def test_a_reader_gets_no_bytes_that_name_what_is_hidden(mixed: Writer) -> None:
    """Entries that name it are there with their commitments alone, and say that they are hidden."""
    gateway = masked(mixed, "db")
    data = prove(gateway, mixed.attest, "page")
    found = audit(data, mixed.verifier)
    assert found.faults == []
    parts = entries_of(found)
    assert [list(parts[index][0]) for index in parts] == [
        ["bytes", "salt"],
        ["withheld"],
        ["withheld"],
        ["bytes", "salt"],
    ]
    assert found.statement["withheld"] == [
        {"entry": 1, "part": 0, "why": "hidden"},
        {"entry": 2, "part": 0, "why": "hidden"},
    ]
    assert found.statement["query"]["read"] == ["db"]
    assert found.bundle["answer"]["completeness"]["redacted"] == {"how": "hidden", "count": 1}
    assert any("2 parts" in text for text in found.not_checked)
    compare(found, mixed, trusted=True)
    assert found.faults == []


def test_nothing_hidden_leaks(mixed: Writer) -> None:
    """No name, byte or salt of what a reader may not see stands anywhere in his bundle."""
    data = prove(masked(mixed, "db"), mixed.attest, "page")
    decoded = data + b"".join(
        verify_bundle.read_base64(text)
        for parts in entries_of(audit(data)).values()
        for part in parts
        for text in part.values()
        if text != "hidden"
    )
    for index in (1, 2):
        (part,) = mixed.entry(index).parts
        assert part.salt is not None
        assert part.body is not None
        assert b64encode(part.salt) not in data
        assert b64encode(part.body) not in data
    for word in (b"salaries", b"SALARIES", b"vault", b"payroll"):
        assert word not in decoded


def test_whoever_sees_everything_gets_all_bytes(mixed: Writer) -> None:
    """A token for all namespaces, by name or by a star, is withheld nothing."""
    for read in (("*",), ("db", "vault")):
        found = audit(prove(masked(mixed, *read), mixed.attest, "page"))
        assert found.statement["withheld"] == []


def test_an_erased_entry_stays_provable(store: Writer, root: Path) -> None:
    """Without bytes and salt an entry is in the bundle with its proof, and says why."""
    connection = sqlite3.connect(root / "ledger.db")
    connection.execute("UPDATE parts SET salt = NULL, body = NULL WHERE entry = 0")
    connection.commit()
    connection.close()
    found = audit(bundle_of(store), store.verifier)
    assert found.faults == []
    assert entries_of(found)[0] == [{"withheld": "erased"}]
    assert any("were erased" in text for text in found.not_checked)


# --- Keys


def test_without_a_key_it_is_said_whose_key_was_taken(store: Writer) -> None:
    """The bundle's own key is named, with a warning that its maker chose it."""
    found = audit(bundle_of(store))
    assert found.holds
    (warning,) = found.warnings
    key = verify_bundle.Key(store.verifier)
    assert key.name in warning
    assert key.id.hex() in warning
    assert "taken from the bundle itself" in warning


def test_another_key_does_not_fit(store: Writer) -> None:
    """Against a key that did not sign it, nothing of a bundle holds."""
    other = Signer(store.origin, bytes(32)).verifier.encode()
    found = audit(bundle_of(store), other)
    assert {"key", "checkpoint", "statement"} <= places(found)


def forge(data: bytes, signer: Signer) -> bytes:
    """Sign a bundle anew with another key of the same name."""

    def change(value: dict[str, Any]) -> None:
        value["key"] = signer.verifier.encode()
        for name in ("checkpoint", "statement"):
            text, _ = parse_note(value[name].encode())
            value[name] = sign_note(text, [signer]).decode()

    return again(data, change)


def test_a_bundle_outlives_the_rotation_of_the_key(store: Writer) -> None:
    """Signed by a key that the ledger no longer has, it holds for whoever trusts that key."""
    old = Signer(store.origin, bytes(range(32)))
    data = forge(bundle_of(store), old)
    found = audit(data, old.verifier.encode())
    compare(found, store, trusted=True)
    assert found.faults == []
    assert found.checked["answer made again"] == 1


def test_a_bundle_by_a_key_that_the_ledger_at_hand_has_not_is_told(store: Writer) -> None:
    """Without a key given, that of the ledger at hand is the one that counts."""
    found = audit(forge(bundle_of(store), Signer(store.origin, bytes(32))))
    assert found.holds
    compare(found, store, trusted=False)
    assert places(found) == {"key"}
    mine = audit(bundle_of(store))
    compare(mine, store, trusted=False)
    assert mine.warnings == []
    assert mine.holds


def test_signatures_of_others_are_named_and_not_checked(store: Writer) -> None:
    """A witness under the head is no fault, and is said to be unchecked."""
    witness = Signer("witness.example", bytes(32))

    def change(value: dict[str, Any]) -> None:
        text, _ = parse_note(value["checkpoint"].encode())
        value["checkpoint"] += sign_note(text, [witness]).decode().partition("\n\n")[2]

    found = audit(again(bundle_of(store), change), store.verifier)
    assert found.holds
    assert "the signature of witness.example under the head" in found.not_checked


# --- The ledger at hand


def test_a_bundle_and_another_ledger_are_not_compared(store: Writer, tmp_path: Path) -> None:
    """A ledger of another origin says nothing about a bundle."""
    with open_store(tmp_path / "other", mode="write", create=True) as other:
        found = audit(bundle_of(store), store.verifier)
        compare(found, other, trusted=True)
    assert found.holds
    assert any("it is another one" in text for text in found.not_checked)


def test_an_older_ledger_is_told(store: Writer, root: Path, tmp_path: Path) -> None:
    """A copy from before the bundle has fewer entries than it proves."""
    copy = shutil.copytree(root, tmp_path / "copy")
    give(store, [complete(10, "10:00", "more", ["mart.orders"], ["y"])])
    found = audit(bundle_of(store), store.verifier)
    with open_store(copy) as older:
        compare(found, older, trusted=True)
    assert places(found) == {"ledger"}


def test_another_answer_is_told(store: Writer) -> None:
    """A signed answer that the ledger does not give is found by whoever has the ledger."""
    signer = Signer(store.origin, bytes(range(32)))
    value = json.loads(bundle_of(store))
    value["answer"]["nodes"].pop()
    said = json.loads(value["statement"].split("\n")[1])
    said["answer"] = f"sha256:{canonical.digest(canonical.encode(value['answer']))}"
    text = f"headwater/statement/v1\n{canonical.encode(said).decode()}\n"
    value["statement"] = sign_note(text, [signer]).decode()
    found = audit(forge(canonical.encode(value), signer), signer.verifier.encode())
    assert found.holds
    compare(found, store, trusted=True)
    assert found.faults == [("answer", "the ledger at hand gives another one")]


# --- Tampering


def test_every_flipped_byte_is_found(store: Writer) -> None:
    """One byte changed, removed or put in, anywhere: the bundle does not hold."""
    data = bundle_of(store)
    chance = random.Random(17)
    for at in chance.sample(range(len(data)), min(len(data), EXAMPLES)):
        changed = bytearray(data)
        changed[at] ^= 1 << chance.randrange(8)
        assert not audit(bytes(changed), store.verifier).holds, at
        assert not audit(data[:at] + data[at + 1 :], store.verifier).holds, at
        assert not audit(data[:at] + b"0" + data[at:], store.verifier).holds, at


def flipped(text: str, at: int) -> str:
    """The same text with one letter another one."""
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def deep(*keys: Any) -> Callable[[dict[str, Any]], None]:
    """Change one letter of a member, or one number."""

    def change(value: Any) -> None:
        for key in keys[:-1]:
            value = value[key]
        old = value[keys[-1]]
        value[keys[-1]] = old + 1 if isinstance(old, int) else flipped(old, len(old) // 2)

    return change


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (deep("answer", "root"), "answer"),
        (deep("answer", "head", "size"), "answer"),
        (deep("answer", "nodes", 0, "ref"), "answer"),
        (deep("answer", "edges", 0, "entries", 0), "answer"),
        (deep("checkpoint"), "checkpoint"),
        (deep("statement"), "statement"),
        (deep("key"), "key"),
        (deep("format"), "form"),
        (deep("entries", 1, "parts", 0, "bytes"), "entry 2, part 0"),
        (deep("entries", 1, "parts", 0, "salt"), "entry 2, part 0"),
        (lambda value: value["entries"][1]["parts"].clear(), "entry 2"),
        (lambda value: value["entries"][1]["parts"].append({"withheld": "erased"}), "entry 2"),
        (lambda value: value["entries"].pop(1), "statement"),
        (lambda value: value["entries"].reverse(), "entry 2"),
        (lambda value: value["entries"].append(value["entries"][1]), "entry 2"),
        (lambda value: value["entries"][1].update(parts=[{"withheld": "hidden"}]), "statement"),
        (lambda value: value["entries"][1].update(parts=[{"withheld": ["x"]}]), "entry 2, part 0"),
        (lambda value: value["entries"][1].update(parts=None), "entry 2"),
        (lambda value: value["entries"][1].update(proof="x"), "entries, place 1"),
        (lambda value: value["entries"][1].update(more=1), "entries, place 1"),
        (lambda value: value.update(entries=[1]), "entries, place 0"),
        (lambda value: value.update(entries={}), "form"),
        (lambda value: value.update(more=1), "form"),
        (lambda value: value.pop("key"), "form"),
        (lambda value: value.update(key=3), "key"),
        (lambda value: value.update(checkpoint=3), "checkpoint"),
        (lambda value: value.update(statement=value["checkpoint"]), "statement"),
        (lambda value: value.update(checkpoint=value["statement"]), "checkpoint"),
        (lambda value: value.update(answer=None), "answer"),
        (lambda value: value["answer"].pop("edges"), "answer"),
    ],
)
def test_what_was_tampered_with_is_named(
    store: Writer, change: Callable[[dict[str, Any]], object], where: str
) -> None:
    """A change of any member, in canonical form, is found where it is."""
    assert where in places(audit(again(bundle_of(store), change), store.verifier))


@pytest.mark.parametrize("replace", [("index 2\n", "index 1\n"), ("index 2\n", "index 9\n")])
def test_a_proof_of_another_index_does_not_hold(store: Writer, replace: tuple[str, str]) -> None:
    """An entry stands where it stands."""

    def change(value: dict[str, Any]) -> None:
        value["entries"][1]["proof"] = value["entries"][1]["proof"].replace(*replace)

    found = audit(again(bundle_of(store), change), store.verifier)
    assert f"entry {replace[1].split()[1]}" in places(found)


def test_another_answers_statement_does_not_fit(store: Writer) -> None:
    """Parts of two whole bundles, of one ledger and one size, do not make a third."""
    one, other = bundle_of(store), bundle_of(store, "staging.orders")
    for name in ("answer", "statement", "entries"):
        mixed = again(one, lambda value, name=name: value.update({name: json.loads(other)[name]}))  # type: ignore[misc]
        assert not audit(mixed, store.verifier).holds, name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"null",
        b'{"a":1.5}',
        b'{"a":NaN}',
        b'{"a":1,"a":1}',
        b'{"a":12345678901234567890}',
        b'{"a":"\\ud800"}',
        b"[" * 100_000,
        b"9" * 10_000,
    ],
    ids=lambda data: repr(data[:20]),
)
def test_what_is_no_bundle_is_said_to_be_none(data: bytes) -> None:
    """Any bytes are taken, and found to have no form."""
    found = audit(data)
    assert places(found) == {"form"}
    assert list(describe(found))[-1] == "This bundle does not hold."


def unsigned(value: dict[str, Any]) -> dict[str, Any]:
    """A bundle without its signatures and key."""
    rest = {name: item for name, item in value.items() if name != "key"}
    for name in ("checkpoint", "statement"):
        if isinstance(rest.get(name), str):
            rest[name] = rest[name].partition("\n\n")[0].removesuffix("\n") + "\n"
    return rest


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_no_value_makes_it_stumble(store: Writer, seed: int) -> None:
    """Whatever stands in place of a member, the outcome is a fault, never an exception."""
    chance = random.Random(seed)
    value = unsigned(json.loads(bundle_of(store)))
    odd: list[Any] = [None, True, -1, 3, "", "x", [], [[]], {}, {"entries": [None]}, 2**53 - 1]
    holder: Any = value
    while isinstance(holder, (dict, list)) and holder:
        keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = chance.choice(keys)
        if not isinstance(holder[key], (dict, list)) or not holder[key] or chance.random() < 0.2:
            holder[key] = chance.choice(odd)
            break
        holder = holder[key]
    text = value["statement"]
    if isinstance(text, str) and "\n" in text and chance.random() < 0.7:
        said = json.loads(text.partition("\n")[2])
        said[chance.choice(list(said))] = chance.choice(odd)
        value["statement"] = f"headwater/statement/v1\n{canonical.encode(said).decode()}\n"
    signer = Signer(store.origin, bytes(32))
    for name in ("checkpoint", "statement"):
        if isinstance(value[name], str) and value[name].endswith("\n"):
            value[name] = sign_note(value[name], [signer]).decode()
    value["key"] = signer.verifier.encode()
    found = audit(canonical.encode(value), signer.verifier.encode())
    compare(found, store, trusted=True)
    assert found.holds == (unsigned(value) == unsigned(json.loads(bundle_of(store))))
    assert list(describe(found))


# --- The script alone


def run_script(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a stranger would: Python, nothing else, nothing around."""
    shutil.copy(SCRIPT, folder / "verify_bundle.py")
    return subprocess.run(
        [sys.executable, "-I", "-S", "verify_bundle.py", *words],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_script_needs_python_alone(store: Writer, tmp_path: Path) -> None:
    """In an empty environment, without site packages, it checks a bundle and says what it did."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    (folder / "b.json").write_bytes(bundle_of(store))
    done = run_script(folder, "b.json", "--key", store.verifier)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "What was checked holds."
    assert "warning" not in done.stdout
    assert "warning: the key" in run_script(folder, "b.json").stdout
    (folder / "b.json").write_bytes(again(bundle_of(store), deep("entries", 0, "parts", 0, "salt")))
    done = run_script(folder, "b.json", "--key", store.verifier)
    assert done.returncode == 1
    assert "DOES NOT HOLD: entry 0, part 0" in done.stdout
    assert run_script(folder, "not-there").returncode == 2


def test_the_script_imports_the_standard_library_alone() -> None:
    """Every import of it is one of a short list, so that it can be read as a whole."""
    lines = SCRIPT.read_text("utf-8").splitlines()
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported == {
        *("__future__", "argparse", "base64", "collections.abc", "hashlib"),
        *("json", "re", "sys", "typing"),
    }


def test_its_ed25519_keeps_to_the_vectors(shared: Path) -> None:
    """Each signature of Wycheproof's Ed25519 vectors is taken or refused as they say."""
    vectors = json.loads((shared / "vectors/wycheproof/ed25519_test.json").read_text("utf-8"))
    count = 0
    for group in vectors["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for test in group["tests"]:
            holds = verify_bundle.ed25519_holds(
                key, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
            )
            assert holds == (test["result"] == "valid"), test["tcId"]
            count += 1
    assert count == vectors["numberOfTests"]


def test_its_ed25519_agrees_with_the_library() -> None:
    """Signatures of the library hold, none with a byte changed does, nor one by half a key."""
    chance = random.Random(3)
    for number in range(8):
        signer = Signer("name", chance.randbytes(32))
        text = f"text {number}\n"
        signature = signer.sign(text).data
        public = signer.verifier.public_key
        assert verify_bundle.ed25519_holds(public, text.encode(), signature)
        at = chance.randrange(64)
        wrong = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
        assert not verify_bundle.ed25519_holds(public, text.encode(), wrong)
        assert not verify_bundle.ed25519_holds(public[:-1], text.encode(), signature)


def test_its_merkle_proofs_keep_to_the_vectors(shared: Path) -> None:
    """Each of the 98 published inclusion cases is taken or refused as it says."""
    files = sorted((shared / "vectors/merkle/inclusion").rglob("*.json"))
    assert len(files) == 98
    for file in files:
        case = json.loads(file.read_text("utf-8"))
        path = [b64decode(one) for one in case["proof"] or []]
        leaf_hash = b64decode(case["leafHash"])
        if len(leaf_hash) != 32:
            continue  # the script hashes leaves itself
        try:
            root = verify_bundle.root_from(leaf_hash, case["leafIdx"], case["treeSize"], path)
        except verify_bundle.Fault:
            root = b"none"
        assert (root != b64decode(case["root"])) == case["wantErr"], file


def test_canonical_json_is_that_of_the_ledger() -> None:
    """What has no fractions is written in the same bytes, sorted by UTF-16."""
    value = {"\U0001f600": [1, -2, None, True], "\ufb33": '\x1f\x7f"\\/é\u2028', "a": {"b": []}}
    assert verify_bundle.canonical(value).encode() == canonical.encode(value)
