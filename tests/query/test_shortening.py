"""References as a person would type them."""

from __future__ import annotations

from itertools import product

import pytest

from headwater.query.gateway import Gateway
from headwater.refs import Artifact, Column, Job, Run, Version
from tests.query.conftest import Ask
from tests.query.telling import complete, dataset

RUN = Run("00000001-0000-4000-8000-000000000000", "cron", "build")


def test_every_short_form_is_read_back_as_what_it_stands_for(ask: Ask) -> None:
    """However odd the names: a short form leads back to the canonical reference it came from."""
    names = ["".join(chars) for width in (1, 2) for chars in product("aA:@#./3", repeat=width)]
    names += ["".join(chars) for chars in product("a:@/", repeat=3)]
    names += ["a@v:1", "x.a@v:1", "a@outside", "run:a", "artifact:n/a", "model:a", RUN.id]
    spaces = ["n", "n:", "s3://n", "file:/n", "a"]
    events = [
        complete(
            1,
            "01:00",
            "build",
            [dataset(name, namespace="n") for name in names[::7]],
            [dataset(name, namespace=spaces[i % 5]) for i, name in enumerate(names) if i % 7],
        ),
        complete(2, "02:00", "a", [], [dataset("a", namespace="n")]),
        complete(2, "02:00", "n::a", [], [dataset("v:1", namespace="n")]),
    ]
    gateway = ask(events)
    found = gateway.search(":", limit=5_000)["hits"] + gateway.search("a", limit=5_000)["hits"]
    refs = {hit["ref"] for hit in found}
    for ref in [ref for ref in refs if ref.startswith("artifact:")]:
        refs.update(version["ref"] for version in gateway.show(ref)["versions"])
    assert len(refs) > 50
    short = gateway.shorten(refs)
    assert {text: gateway.show(text)["root"] for text in short.values()} == {
        text: ref for ref, text in short.items()
    }
    assert sum(text != ref for ref, text in short.items()) > 50


@pytest.fixture
def gateway(ask: Ask) -> Gateway:
    """A table built twice, a name in two namespaces, a name with a kind in front."""
    return ask(
        [
            complete(1, "01:00", "build", ["raw"], ["orders", dataset("twin", namespace="one")]),
            complete(2, "02:00", "build", ["raw"], ["orders", dataset("twin", namespace="two")]),
            complete(3, "03:00", "load", [], [dataset("t", namespace="file:/tmp")]),
        ]
    )


ORDERS = Artifact("db", "orders")


@pytest.mark.parametrize(
    ("canonical", "short"),
    [
        (ORDERS, "orders"),
        (Artifact("one", "twin"), "one::twin"),
        (Artifact("file:/tmp", "t"), "artifact:file%3A%2Ftmp/t"),
        (Version(ORDERS, RUN), "orders@v:1"),
        (Version(Artifact("db", "raw")), "raw@outside"),
        (Version(ORDERS, None, "4711"), "version:db/orders@outside/=4711"),
        (Column(Version(ORDERS, RUN), "amount"), "orders@v:1#amount"),
        (Column(Version(ORDERS, RUN), "a#b"), f"column:{str(Version(ORDERS, RUN))[8:]}#a%23b"),
        (RUN, RUN.id),
        (Job("cron", "build"), "job:cron::build"),
        ("no reference", "no reference"),
    ],
)
def test_each_kind_of_reference_has_its_short_form(
    gateway: Gateway, canonical: object, short: str
) -> None:
    """Shorter where that is clear, canonical where it is not."""
    assert gateway.shorten([str(canonical)]) == {str(canonical): short}


def test_a_run_id_of_two_jobs_keeps_its_canonical_form(ask: Ask) -> None:
    """The id alone would name both runs."""
    gateway = ask([complete(1, "01:00", "one", [], ["a"]), complete(1, "01:00", "two", [], ["b"])])
    run = str(Run(RUN.id, "cron", "one"))
    assert gateway.shorten([run]) == {run: run}
