"""What users import: a short list, light, typed, and true to its reference."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import headwater
from headwater.capture import datasets
from headwater.capture.datasets import Name, table

ROOT = Path(__file__).parents[2]
HEAVY = {
    "argparse", "asyncio", "concurrent", "dataclasses", "email", "hashlib", "http", "inspect",
    "logging", "msgspec", "numpy", "pathlib", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "threading", "traceback", "urllib", "uuid",
}  # fmt: skip


def test_the_public_names_are_these() -> None:
    """The list is short, and grows by decision only."""
    assert set(headwater.__all__) == {
        "Lineage", "Run", "__version__", "metrics", "model", "open", "params", "read", "run",
        "table", "task", "write",
    }  # fmt: skip
    assert all(hasattr(headwater, name) for name in headwater.__all__)


def test_importing_is_light() -> None:
    """`headwater` needs the standard library alone, and little of it, whatever is used of it."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); before = set(sys.modules); "
        "import headwater; assert all(hasattr(headwater, name) for name in headwater.__all__); "
        "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        capture_output=True,
        check=True,
        text=True,
    )
    found = set(done.stdout.split())
    assert {name.partition(".")[0] for name in found} & HEAVY == set()
    ours = {name for name in found if name.startswith("headwater.")}
    assert {name.split(".")[1] for name in ours} == {"capture", "client", "errors"}


def test_errors_are_at_hand() -> None:
    """What is raised can be caught by its name, with `import headwater` alone; nothing else is."""
    code = "import headwater; headwater.errors.NotFound; headwater.nothing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert "module 'headwater' has no attribute 'nothing'" in done.stderr


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("s3://bucket/a/b.csv", ("s3://bucket", "a/b.csv")),
        ("s3a://bucket/a", ("s3://bucket", "a")),
        ("gs://bucket/a?X-Goog-Signature=secret", ("gs://bucket", "a")),
        ("abfss://box@account.windows.net/a/b", ("abfss://box@account.windows.net", "a/b")),
        ("https://me:secret@host:8443/a?token=secret#x", ("https://host:8443", "/a")),
        ("https://host", ("https://host", "/")),
        (("ns", "name"), ("ns", "name")),
    ],
)  # fmt: skip
def test_urls_are_named_without_secrets(
    given: str | tuple[str, str], expected: tuple[str, str]
) -> None:
    """Object stores are named by bucket and key; credentials and queries are left out."""
    assert datasets.name(given)[:2] == expected


def test_files_are_named_by_host_and_real_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links are resolved; a file URL, a path object and a relative path are one name."""
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    real = str(tmp_path.resolve() / "real" / "x")
    expected = Name("file://host", real, real)
    for given in ("link/x", tmp_path / "link" / "x", f"file://{tmp_path}/link/x"):
        assert datasets.name(given) == expected


@pytest.mark.parametrize(
    ("database", "name", "expected"),
    [
        ("w.db", "main.t", ("sqlite://host{}/w.db", "main.t")),
        ("sqlite:///w.db", "main.t", ("sqlite://host{}/w.db", "main.t")),
        ("sqlite:////tmp/w.db", "main.t", ("sqlite://host/tmp/w.db", "main.t")),
        ("w.duckdb", "main.t", ("duckdb://host{}/w.duckdb", "main.t")),
        ("postgresql+psycopg://me:pw@db/shop?x=1", "s.t", ("postgres://db:5432", "shop.s.t")),
        ("mysql://db:3307/shop", "t", ("mysql://db:3307", "shop.t")),
    ],
)
def test_tables_are_named_by_their_database(
    database: str,
    name: str,
    expected: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table's namespace is its database, whether by path or by URL."""
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")
    monkeypatch.chdir(tmp_path)
    assert table(database, name) == (expected[0].format(tmp_path.resolve()), expected[1])


def test_code_of_users_is_typed() -> None:
    """A realistic program of users passes mypy in strict mode, with the types that it asserts."""
    program = Path(__file__).with_name("typed_pipeline.py")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(program)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout
