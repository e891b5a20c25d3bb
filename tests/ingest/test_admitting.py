"""Receipts: every event gets one, and it says what became of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headwater.claims.model import Labelled
from headwater.errors import InvalidEvent, StoreReadOnly
from headwater.ingest import Receipt, admit, admit_label, admit_record, admitting
from headwater.ledger import leaf
from headwater.openlineage.admit import parse
from headwater.openlineage.limits import EVENT_BYTES_MAX
from headwater.store import Writer, open_store
from headwater.store.verifying import verify
from tests.store.making import Clock, event, events, write


def statuses(receipts: list[Receipt]) -> list[tuple[str, int | None]]:
    """Status and entry of each."""
    return [(receipt.status, receipt.entry) for receipt in receipts]


def test_accepted(store: Writer) -> None:
    """New events are accepted under the indexes of their entries, in order."""
    assert statuses(admit(store, events(3))) == [("accepted", 0), ("accepted", 1), ("accepted", 2)]


def test_visible_at_once(store: Writer) -> None:
    """What a receipt says is accepted is under the signed head and among the claims."""
    admit(store, events(2))
    assert (store.head().size, len(list(store.claims(2)))) == (2, 6)


def test_nothing(store: Writer) -> None:
    """Nothing given, nothing admitted, no receipts."""
    assert (admit(store, []), store.head().size) == ([], 0)


def test_duplicate(store: Writer) -> None:
    """The same bytes again are a duplicate of the first entry."""
    admit(store, events(2))
    assert statuses(admit(store, [event(1)])) == [("duplicate", 1)]


def test_duplicate_in_a_batch(store: Writer) -> None:
    """The same bytes twice in one batch are admitted once."""
    assert statuses(admit(store, [event(1), event(1)])) == [("accepted", 0), ("duplicate", 0)]


def test_duplicate_by_somebody_else(store: Writer) -> None:
    """Equal bytes are admitted once, whoever gives them."""
    admit(store, [event(1)], by="ada")
    assert statuses(admit(store, [event(1)], by="ben")) == [("duplicate", 0)]


def test_equal_in_meaning(store: Writer) -> None:
    """Other bytes of the same meaning are a new entry."""
    assert statuses(admit(store, [event(1), b" " + event(1)])) == [("accepted", 0), ("accepted", 1)]


def test_verbatim(store: Writer) -> None:
    """Bytes are kept as they came."""
    body = b" \n" + event(1) + b"\t"
    admit(store, [body])
    assert store.bodies([0]) == {0: body}


def test_rejected_with_every_problem(store: Writer) -> None:
    """A rejected event's receipt lists every problem with its path, and the others are kept."""
    receipts = admit(store, [event(0), b'{"eventType": 1, "job": {}}', event(1)])
    assert statuses(receipts) == [("accepted", 0), ("rejected", None), ("accepted", 1)]
    paths = {problem.path for problem in receipts[1].problems}
    assert {"$.eventTime", "$.job.namespace", "$.job.name"} <= paths


def test_index_in_the_batch(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt names the place in what was given, over all groups."""
    monkeypatch.setattr(admitting, "GROUP_EVENTS_MAX", 2)
    receipts = admit(store, [*events(4), b"{}"])
    assert [receipt.index for receipt in receipts] == [0, 1, 2, 3, 4]


def test_rejected_is_kept(store: Writer, clock: Clock) -> None:
    """What was rejected is kept for `doctor`, with source, time and problems."""
    admit(store, [event(1), b"{}"], sources=["a.json", "b.json:7"])
    (kept,) = store.rejected()
    assert (kept.source, kept.at, kept.excerpt) == ("b.json:7", clock.at, b"{}")
    assert "$.eventTime" in [path for path, _ in json.loads(kept.problems)]


def test_many_problems(store: Writer) -> None:
    """Of very many problems the first are kept, and the number of the rest."""
    inputs = ",".join("{}" for _ in range(50))
    body = event(1).replace(b'"inputs": [', b'"inputs": [' + inputs.encode() + b",")
    (receipt,) = admit(store, [body])
    (kept,) = store.rejected()
    rest = len(receipt.problems) - admitting.PROBLEMS_KEPT
    assert json.loads(kept.problems)[-1] == ["$", f"{rest} further problems"]


def test_long_rejected_event(store: Writer) -> None:
    """Of a long rejected event the beginning is kept, and the digest of all of it."""
    admit(store, [b"x" * 100_000])
    (kept,) = store.rejected()
    assert (len(kept.excerpt), kept.length) == (4_096, 100_000)


@pytest.mark.parametrize("over", [0, 1])
def test_event_limit(store: Writer, over: int) -> None:
    """An event of the greatest size is accepted, and one byte more is not."""
    (receipt,) = admit(store, [event(1, size=EVENT_BYTES_MAX + over)])
    assert receipt.status == ("rejected" if over else "accepted")


@pytest.mark.parametrize("over", [0, 1])
def test_group_of_events(store: Writer, monkeypatch: pytest.MonkeyPatch, over: int) -> None:
    """As many events as the limit says share a transaction, and one more does not."""
    commits: list[int] = []
    commit = Writer.commit

    def counting(self: Writer, drafts, **rest):  # type: ignore[no-untyped-def]
        commits.append(len(drafts))
        return commit(self, drafts, **rest)

    monkeypatch.setattr(Writer, "commit", counting)
    admit(store, events(admitting.GROUP_EVENTS_MAX + over))
    assert commits == [512] + [1] * over


@pytest.mark.parametrize(("limit", "groups"), [(3_000, 1), (2_999, 2)])
def test_group_of_bytes(
    store: Writer, monkeypatch: pytest.MonkeyPatch, limit: int, groups: int
) -> None:
    """As many bytes as the limit says share a transaction, and one more does not."""
    monkeypatch.setattr(admitting, "GROUP_BYTES_MAX", limit)
    found = list(admitting.groups([len(body) for body in events(3, size=1_000)]))
    assert len(found) == groups


def test_lenient_warnings(store: Writer) -> None:
    """What is accepted in spite of a flaw is accepted with a warning."""
    body = event(1).replace(b":01Z", b":01")
    (receipt,) = admit(store, [body])
    assert receipt.status == "accepted"
    assert any("no time zone" in warning for warning in receipt.warnings)


def test_strict(store: Writer) -> None:
    """Strict admission rejects what the schema rejects."""
    body = event(1).replace(b":01Z", b":01")
    (receipt,) = admit(store, [body], strict=True)
    assert receipt.status == "rejected"


def test_given_clock_and_entropy(store: Writer, clock: Clock) -> None:
    """Clock and entropy can be given for one batch."""
    admit(store, [event(1)], now=lambda: clock.at + 5_000_000, entropy=lambda count: b"s" * count)
    entry = store.entry(0)
    assert (store.at(0), entry.parts[0].salt) == (clock.at + 5_000_000, b"s" * 16)


def test_salts_differ(store: Writer) -> None:
    """Every part has a salt of its own."""
    admit(store, events(20))
    assert len({store.entry(index).parts[0].salt for index in range(20)}) == 20


def test_erased(store: Writer) -> None:
    """Bytes that were erased are recognised and not admitted again."""
    admit(store, events(2))
    store._connection.execute("UPDATE parts SET salt = NULL, body = NULL WHERE entry = 1")
    assert statuses(admit(store, [event(1)])) == [("erased", 1)]


def test_unreadable_for_claims(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that no claims can be made from is rejected, not kept as a hole in every rebuild."""

    def fail(*_: object, **__: object) -> tuple[bytes, ...]:
        raise ValueError("no such facet")

    monkeypatch.setattr(admitting, "claims_of", fail)
    (receipt,) = admit(store, [event(1)])
    assert (receipt.status, receipt.problems[0].path) == ("rejected", "$")


def test_label(store: Writer) -> None:
    """A label is an entry of its own kind, with a claim."""
    receipt = admit_label(store, "artifact:db/in1", key="owner", value="risk", by="ada")
    (claim,) = store.claims(1)
    assert isinstance(claim, Labelled)
    assert (receipt.status, claim.subject, claim.key, claim.value, store.actor(claim.by)) == (
        "accepted",
        "artifact:db/in1",
        "owner",
        "risk",
        "ada",
    )


def test_label_is_canonical(store: Writer) -> None:
    """A label's bytes name the actor by an opaque id and the time of the entry."""
    admit_label(store, "artifact:db/in1", key="owner", value="risk")
    body = json.loads(store.bodies([0])[0])
    assert (sorted(body), body["by"]) == (
        ["by", "key", "subject", "time", "value"],
        leaf.decode(store.entry(0).leaf).by,
    )


def test_record_without_claims(store: Writer) -> None:
    """A record of a kind that claims nothing is kept all the same."""
    receipt = admit_record(store, "custody.read", b'{"ref": "x"}')
    assert (receipt.status, store.kinds([0]), list(store.claims(1))) == (
        "accepted",
        {0: "custody.read"},
        [],
    )


def test_bad_record(store: Writer) -> None:
    """A record that its kind cannot be read from is rejected."""
    assert admit_record(store, "governance.label", b'{"subject": 1}').status == "rejected"


def test_reader_cannot_admit(tmp_path: Path) -> None:
    """A store that is open for reading takes neither events nor labels."""
    write(tmp_path / "s").close()
    with open_store(tmp_path / "s") as reader:
        with pytest.raises(StoreReadOnly):
            admit(reader, events(1))
        with pytest.raises(StoreReadOnly):
            admit_label(reader, "artifact:a/b", key="k", value="v")


def test_invalid_event_is_the_reason(store: Writer) -> None:
    """Problems of a receipt are those that `parse` raises."""
    with pytest.raises(InvalidEvent) as caught:
        parse(b"{}", now=0)
    (receipt,) = admit(store, [b"{}"])
    assert receipt.problems == caught.value.problems


def test_real_events(store: Writer, shared: Path) -> None:
    """The corpus of real producers' events is admitted without a rejection, and verifies."""
    path = shared / "data" / "openlineage" / "rendered.ndjson"
    bodies = [line for line in path.read_bytes().split(b"\n") if line]
    receipts = admit(store, bodies)
    assert {receipt.status for receipt in receipts} <= {"accepted", "duplicate"}
    assert verify(store).differences == ()
