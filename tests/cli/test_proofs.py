"""`headwater prove` and `headwater verify FILE`, as people run them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import headwater as api
from tests.cli.conftest import Headwater

SHOP = Path(__file__).parents[2] / "docs" / "tutorial" / "shop.ndjson"


@pytest.fixture
def shop(headwater: Headwater) -> Headwater:
    """A store with the tutorial's shop, and a bundle of what its forecast came from."""
    assert headwater("import", str(SHOP)).returncode == 0
    done = headwater("prove", "forecast.csv", "-o", "forecast.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("wrote forecast.json: 4 entries, ")
    return headwater


def key_of(shop: Headwater) -> str:
    """The key that the command tells whoever makes a bundle."""
    key: str = json.loads(shop("prove", "orders", "-o", "other.json", "--json").stdout)["key"]
    return key


def test_a_bundle_holds_beside_its_ledger(shop: Headwater) -> None:
    """The answer is made again, the key is the ledger's own; what cannot be checked is said."""
    done = shop("verify", "forecast.json")
    assert done.returncode == 0, done.stderr
    assert "answer made again" in done.stdout
    assert "key of the ledger at hand" in done.stdout
    assert "that what the entries say is true" in done.stdout
    assert "that the answer follows" not in done.stdout
    assert "Warnings" not in done.stdout


def test_a_bundle_holds_where_there_is_no_ledger(shop: Headwater, tmp_path: Path) -> None:
    """Elsewhere it is checked by itself: with a warning, or by the key that is given."""
    shutil.copy(tmp_path / "project" / "forecast.json", tmp_path)
    file = str(tmp_path / "forecast.json")
    key = key_of(shop)
    shutil.rmtree(tmp_path / "project" / ".headwater")
    done = shop("verify", file)
    assert done.returncode == 0, done.stderr
    assert "taken from the bundle itself" in done.stdout
    assert "that the answer follows from the entries" in done.stdout
    (tmp_path / "key.txt").write_text(key + "\n")
    for given in (key, str(tmp_path / "key.txt")):
        done = shop("verify", file, "--key", given, "--json")
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert (report["holds"], report["warnings"], report["size"]) == (True, [], 5)
        assert report["key"]["key"] == key
    assert shop("verify", file, "--key", key.replace("A", "B", 1)).returncode == 1


def test_a_bundle_that_was_tampered_with_is_told(shop: Headwater, tmp_path: Path) -> None:
    """Exit code 1, and what does not hold."""
    file = tmp_path / "project" / "forecast.json"
    file.write_text(file.read_text().replace('"rules":3', '"rules":4'))
    done = shop("verify", "forecast.json")
    assert done.returncode == 1
    assert "answer: it is not the answer that was stated" in done.stdout
    assert "This bundle does not hold." in done.stdout
    file.write_text("nothing")
    done = shop("verify", "forecast.json", "--json")
    assert done.returncode == 1
    assert [one["place"] for one in json.loads(done.stdout)["differences"]] == ["form"]


def test_an_older_ledger_does_not_bear_it_out(shop: Headwater, tmp_path: Path) -> None:
    """A store that was put back to before the bundle is told by it."""
    store = tmp_path / "project" / ".headwater"
    copy = shutil.copytree(store, tmp_path / "copy")
    assert shop("label", "orders", "owner=team:x").returncode == 0
    assert shop("prove", "orders", "-o", "later.json").returncode == 0
    done = shop("verify", "later.json", "--store", str(copy))
    assert done.returncode == 1
    assert "it has 5 entries, and the bundle is of 6" in done.stdout


def test_the_script_is_printed(shop: Headwater, tmp_path: Path) -> None:
    """What `--script` prints checks the bundle with Python alone."""
    script = shop("verify", "--script")
    assert (script.returncode, script.stderr) == (0, "")
    (tmp_path / "check.py").write_text(script.stdout, "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-S", tmp_path / "check.py", "forecast.json"],
        cwd=tmp_path / "project",
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("What was checked holds.\n")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("verify", "forecast.json", "--tree"), 2),
        (("verify", "forecast.json", "--since", "2"), 2),
        (("verify", "--key", "x"), 2),
        (("verify", "not-there.json"), 3),
        (("prove", "orders"), 2),
        (("prove", "orders", "-o", "."), 3),
        (("prove", "nothing.like.it", "-o", "x.json"), 1),
    ],
)
def test_wrong_usage(shop: Headwater, words: tuple[str, ...], code: int) -> None:
    """Each with its exit code, and a sentence."""
    done = shop(*words)
    assert (done.returncode, bool(done.stderr)) == (code, True)


def test_a_store_without_its_key_proves_nothing(shop: Headwater, tmp_path: Path) -> None:
    """A copy to read has nobody who signs; it says so, and still checks bundles."""
    for key in (tmp_path / "home" / "state").rglob("key"):
        key.unlink()
    done = shop("prove", "orders", "-o", "x.json")
    assert done.returncode == 3
    assert "signing key" in done.stderr
    assert shop("verify", "forecast.json").returncode == 0


def test_python_proves_what_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop: Headwater
) -> None:
    """`headwater.open(DIRECTORY).prove` gives the bytes of the command's file."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home" / "state"))
    monkeypatch.delenv("HEADWATER_KEY", raising=False)
    with api.open(tmp_path / "project" / ".headwater") as lineage:
        data = lineage.prove("forecast.csv")
    assert data == (tmp_path / "project" / "forecast.json").read_bytes()
    assert shop("verify").returncode == 0
