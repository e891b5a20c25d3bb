"""References as people type them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from headwater.errors import Ambiguous, HeadwaterError, InvalidReference, NotFound
from headwater.index import opening
from headwater.query import lookup, typed
from headwater.query.gateway import Gateway
from headwater.query.principal import Principal
from tests.query.conftest import Ask
from tests.query.telling import complete, dataset, source

MODEL = b"a model of more than nothing"
DIGEST = hashlib.sha256(MODEL).hexdigest()


@pytest.fixture
def gateway(ask: Ask) -> Gateway:
    """Two builds of `sales.public.orders`, a delta table, a model, and a name used twice."""
    digest = {"algorithm": "sha256", "value": DIGEST, "size": len(MODEL), "of": "bytes"}
    model = dataset(
        "/work/models/delay.joblib",
        namespace="file://host",
        headwater_digest=digest,
        datasetType={"datasetType": "MODEL"},
    )
    delta = [dataset("lake/devices", version={"datasetVersion": text}) for text in ("v2", "7")]
    return ask(
        [
            complete(0x1111111A, "01:00", "etl.build", [source("raw")], ["sales.public.orders"]),
            complete(0x11111122, "02:00", "etl.build", ["raw"], ["sales.public.orders"]),
            complete(3, "03:00", "devices", [], delta[:1]),
            complete(4, "04:00", "devices", [], delta[1:]),
            complete(5, "05:00", "train", ["sales.public.orders"], [model]),
            complete(6, "06:00", "left", [], [dataset("twin", namespace="one")]),
            complete(7, "07:00", "right", [], [dataset("twin", namespace="two")]),
        ]
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sales.public.orders", "db/sales.public.orders@run/11111122"),
        ("orders", "db/sales.public.orders@run/11111122"),
        ("public.orders", "db/sales.public.orders@run/11111122"),
        ("SALES.public.orders", "db/sales.public.orders@run/11111122"),
        ("db::sales.public.orders", "db/sales.public.orders@run/11111122"),
        ("db::orders", "db/sales.public.orders@run/11111122"),
        ("one::twin", "one/twin@run/00000006"),
        ("one/twin", "one/twin@run/00000006"),
        ("orders@v1", "db/sales.public.orders@run/1111111a"),
        ("orders@v:2", "db/sales.public.orders@run/11111122"),
        ("orders@2026-05-04", "db/sales.public.orders@run/11111122"),
        ("orders@t:2026-05-04T01:30:00Z", "db/sales.public.orders@run/1111111a"),
        ("ORDERS", "db/sales.public.orders@run/11111122"),
        ("devices@7", "db/lake%2Fdevices@run/00000004"),
        ("devices@=v2", "db/lake%2Fdevices@run/00000003"),
        ("devices@v:1", "db/lake%2Fdevices@run/00000003"),
        ("raw", "db/raw@outside"),
        ("raw@outside", "db/raw@outside"),
        ("delay.joblib", "file%3A%2F%2Fhost/%2Fwork%2Fmodels%2Fdelay.joblib@run/00000005"),
        ("models/delay.joblib", "file%3A%2F%2Fhost/%2Fwork%2Fmodels%2Fdelay.joblib@run/00000005"),
        ("model:delay.joblib", "file%3A%2F%2Fhost/%2Fwork%2Fmodels%2Fdelay.joblib@run/00000005"),
        (f"delay.joblib@{DIGEST[:8]}", "file%3A%2F%2Fhost/%2Fwork%2Fmodels%2Fdelay.joblib"),
        (f"delay.joblib@sha256:{DIGEST}", "file%3A%2F%2Fhost/%2Fwork%2Fmodels%2Fdelay.joblib"),
    ],
)
def test_what_is_typed_finds_the_version(gateway: Gateway, typed: str, found: str) -> None:
    """Names whole or by their last parts, with a version forced or guessed."""
    assert gateway.trace(typed)["root"].startswith(f"version:{found}")


def test_a_file_on_disk_is_found_by_its_bytes(gateway: Gateway, tmp_path: Path) -> None:
    """Whatever it is called here."""
    copy = tmp_path / "copy.bin"
    copy.write_bytes(MODEL)
    root = gateway.trace(str(copy))["root"]
    assert "delay.joblib@run/00000005" in root
    copy.write_bytes(b"something else")
    with pytest.raises(NotFound, match="bytes"):
        gateway.trace(str(copy))


@pytest.mark.parametrize("last", ["ab", "cd", None])
def test_of_several_states_from_outside_the_one_told_of_last_is_meant(
    ask: Ask, last: str | None
) -> None:
    """A file that others bring has a state for each digest, and may have one without."""

    def read(number: int, digest: str | None) -> dict[str, Any]:
        said = {"algorithm": "sha256", "value": (digest or "") * 32, "size": 1}
        facets = {} if digest is None else {"headwater_digest": said}
        return complete(
            number, f"0{number}:00", "load", [dataset("raw.csv", **facets)], [f"t{number}"]
        )

    states = [one for one in ("ab", "cd", None) if one != last] + [last]
    gateway = ask([read(number, digest) for number, digest in enumerate(states, 1)])
    answer = gateway.impact("raw.csv")
    assert answer["root"] == "version:db/raw.csv@outside" + (f"/sha256:{last * 32}" if last else "")
    assert answer["counts"]["versions"] == 1


def test_a_run_is_found_by_its_id_or_a_prefix(gateway: Gateway) -> None:
    """Six characters at least."""
    assert gateway.show("1111111")["kind"] == "run"
    with pytest.raises(NotFound):
        gateway.show("11111")
    assert gateway.show("job:etl.build")["kind"] == "job"
    assert gateway.show("build")["kind"] == "job"


@pytest.mark.parametrize("typed", ["twin", "111111", "devices@v2"])
def test_what_may_be_several_things_lists_them(gateway: Gateway, typed: str) -> None:
    """Two namespaces, two runs, a declared id that looks like an ordinal: nothing is guessed."""
    with pytest.raises(Ambiguous) as caught:
        gateway.show(typed)
    assert len(caught.value.candidates) == 2


def test_an_unknown_name_offers_the_nearest(gateway: Gateway) -> None:
    """A slip of the finger is answered with what was meant."""
    with pytest.raises(NotFound) as caught:
        gateway.trace("sales.public.order")
    assert caught.value.nearest == ("sales.public.orders",)
    with pytest.raises(NotFound) as caught:
        gateway.trace("orders@v9")
    assert caught.value.nearest == ("sales.public.orders@v1", "sales.public.orders@v2")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", InvalidReference),
        ("version:nonsense", InvalidReference),
        ("artifact:db/nothing", NotFound),
        ("version:db/raw@outside/=9", NotFound),
        ("column:db/nothing@outside#x", NotFound),
        ("run:1/cron/x", NotFound),
        ("job:cron/x", NotFound),
        ("prediction:churn/1", NotFound),
        ("run:raw", NotFound),
        ("orders@t:tomorrow", InvalidReference),
        ("'; DROP TABLE claims; --", NotFound),
        ("../../etc/passwd\0", NotFound),
        ("~nobody-at-all/x", NotFound),
        ("x" * 5_000, NotFound),
    ],
)
def test_what_cannot_be_found_is_an_error_of_ours(
    gateway: Gateway, typed: str, error: type[HeadwaterError]
) -> None:
    """Clear, and never a traceback."""
    with pytest.raises(error):
        gateway.trace(typed)


def test_a_column_is_typed_behind_a_mark(gateway: Gateway) -> None:
    """Of the latest version, or of one that is named."""
    assert gateway.show("orders@v1#amount")["root"].endswith(
        "@run/1111111a-0000-4000-8000-000000000000/cron/etl.build#amount"
    )
    assert gateway.show("orders#amount")["kind"] == "column"


def test_canonical_references_are_taken_everywhere(gateway: Gateway) -> None:
    """What we wrote is found again, of each kind."""
    shown = gateway.show("orders@v2")
    for reference in (shown["root"], shown["made_by"]["ref"], "job:cron/etl.build"):
        assert gateway.show(reference)["root"] == reference
    assert gateway.show("artifact:db/raw")["kind"] == "artifact"
    assert gateway.show(shown["root"].replace("version:", "column:") + "#id")["kind"] == "column"


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("delay.joblb", "/work/models/delay.joblib"),
        ("dealy", "/work/models/delay.joblib"),
        ("sales.public.order", "sales.public.orders"),
        ("ordres", "sales.public.orders"),
        ("devcies@7", "lake/devices"),
    ],
)
def test_a_mistyped_name_finds_the_nearest(gateway: Gateway, typed: str, nearest: str) -> None:
    """By the whole name, by its last part, and by that without its suffix."""
    with pytest.raises(NotFound) as error:
        gateway.trace(typed)
    assert error.value.nearest[0] == nearest


def test_what_was_unknown_then_is_told_with_the_size(gateway: Gateway) -> None:
    """Under `at` a name may be right and too early."""
    with pytest.raises(NotFound, match="nothing is called 'devices' at ledger size 2"):
        gateway.trace("devices", at="2")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("hive::t", "s3/green@run/00000001"),
        ("hive::t@t:2026-05-04T02:30:00Z", "s3/blue@run/00000002"),
        ("hive::t@t:2026-05-04T03:30:00Z", "s3/green@run/00000001"),
        ("s3::blue", "s3/blue@run/00000002"),
    ],
)
def test_a_name_that_moved_leads_to_where_it_is(ask: Ask, typed: str, found: str) -> None:
    """The folder that a table's name was given last is current, though written earlier."""
    named = {"identifiers": [{"namespace": "hive", "name": "t", "type": "TABLE"}]}
    moved = {
        "eventTime": "2026-05-04T03:00:00Z",
        "dataset": dataset("green", namespace="s3", symlinks=named),
    }
    green = dataset("green", namespace="s3")
    blue = dataset("blue", namespace="s3", symlinks=named)
    gateway = ask(
        [complete(1, "01:00", "w", [], [green]), complete(2, "02:00", "w", [], [blue]), moved]
    )
    assert found in gateway.trace(typed)["root"]


def test_the_latest_of_equals_does_not_depend_on_arrival(ask: Ask) -> None:
    """Of two snapshots that a run declares at one time, the greater id is the latest."""
    snapshots = [dataset("t", version={"datasetVersion": declared}) for declared in "12"]
    events = [complete(1, "01:00", "w", [], [each]) for each in snapshots]
    for order in (events, events[::-1]):
        assert ask(order).trace("db::t")["root"].endswith("/2")


def test_of_many_names_those_like_it_are_suggested(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are more than are compared, the table of searches says which to compare.

    Without one, the first are. What came after it is compared besides, and nothing that is hidden.
    """
    monkeypatch.setattr(opening, "INDEXED_ENTRIES_MIN", 1)
    monkeypatch.setattr(typed, "NEAREST_POOL_MAX", 3)
    names = [f"a{number}" for number in range(9)] + ["zone.customers", "zone.payments"]
    gateway = ask([complete(1, "01:00", "nightly_loads", [], names)])

    def nearest(text: str, gateway: Gateway = gateway) -> tuple[str, ...]:
        with pytest.raises(NotFound) as raised:
            gateway.show(text)
        return raised.value.nearest

    assert nearest("zone.custmers") == ()
    gateway.search("a")
    assert nearest("zone.custmers")[0] == "zone.customers"
    assert nearest("zone.custmers", Gateway(gateway._store))[0] == "zone.customers"
    assert nearest("nightly_lods")[0] == "nightly_loads"
    assert nearest("zone.custmers", Gateway(gateway._store, Principal("none", ()))) == ()
    monkeypatch.setattr(lookup, "_tables", type(lookup._tables)())
    assert nearest("zone.custmers")[0] == "zone.customers"
