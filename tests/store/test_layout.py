"""Where a store lies, and where it refuses to."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.errors import StoreError
from headwater.store import filesystems, find, layout, locate, open_store, outside, place
from tests.store.making import write


def test_find_upward(tmp_path: Path) -> None:
    """The nearest `.headwater/` at or above a folder is found."""
    (tmp_path / ".headwater").mkdir()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find(below) == tmp_path / ".headwater"


def test_find_nothing(tmp_path: Path) -> None:
    """Without one up to the root of the file system nothing is found."""
    assert find(tmp_path) is None


def test_place_at_the_git_root(tmp_path: Path) -> None:
    """A new store goes to the git root."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "a").mkdir()
    assert place(tmp_path / "a") == tmp_path / ".headwater"


def test_place_without_git(tmp_path: Path) -> None:
    """Outside of git a new store goes to the folder itself."""
    assert place(tmp_path) == tmp_path / ".headwater"


def test_locate_a_project(tmp_path: Path) -> None:
    """A project's folder stands for the store in it; any other path for itself."""
    (tmp_path / ".headwater").mkdir()
    assert locate(tmp_path) == tmp_path / ".headwater"
    assert locate(tmp_path / "other") == tmp_path / "other"


@pytest.mark.parametrize("url", ["postgresql://host/db", "postgres://host/db", "https://host"])
def test_urls(url: str) -> None:
    """A URL is refused by name: this version has SQLite only."""
    with pytest.raises(StoreError, match="SQLite only"):
        open_store(url)


def test_what_lies_there(root: Path) -> None:
    """A closed store consists of the files of its layout and no other."""
    write(root).close()
    names = sorted(path.name for path in root.iterdir())
    expected = "format ledger.db ledger.pages spool quarantine cache writer.json .gitignore"
    assert names == sorted(expected.split())


def test_git_ignores_it(root: Path) -> None:
    """All of a store is kept out of git."""
    write(root).close()
    assert (root / ".gitignore").read_text() == "*\n"


def test_spool_before_the_store(root: Path) -> None:
    """A store is made around a spool that a capturing process made before it."""
    (root / "spool").mkdir(parents=True)
    (root / "spool" / "1.ndjson").write_text("{}")
    write(root).close()
    assert (root / "spool" / "1.ndjson").exists()


def test_unfinished_store(root: Path) -> None:
    """What a death while making a store left behind is replaced."""
    root.mkdir(parents=True)
    (root / "ledger.new").write_bytes(b"half a database")
    write(root).close()
    assert not (root / "ledger.new").exists()


def test_newer_format(root: Path) -> None:
    """A layout of a newer version is refused with the remedy."""
    write(root).close()
    (root / "format").write_text("headwater store 2\n")
    with pytest.raises(StoreError, match="layout 2") as caught:
        open_store(root)
    assert "upgrade" in str(caught.value.remedy)


@pytest.mark.parametrize("text", ["", "headwater store 01\n", "headwater store 1", "\xff"])
def test_no_format(root: Path, text: str) -> None:
    """A format file that no version writes is refused."""
    write(root).close()
    (root / "format").write_text(text, encoding="latin-1")
    with pytest.raises(StoreError, match="does not say"):
        open_store(root)


def test_linked_database(root: Path, tmp_path: Path) -> None:
    """A database that is a link out of the store is refused."""
    write(root).close()
    (root / "ledger.db").rename(tmp_path / "elsewhere.db")
    (root / "ledger.db").symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(StoreError, match="leads out"):
        open_store(root)


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mount table of our own."""
    table = tmp_path / "mounts"
    monkeypatch.setattr(filesystems, "MOUNTS", table)
    monkeypatch.setattr("sys.platform", "linux")
    return table


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "9p"])
def test_network_file_systems(tmp_path: Path, mounts: Path, kind: str) -> None:
    """A store on a network file system is refused with the remedy."""
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nhost:/x {tmp_path}/net {kind} rw 0 0\n")
    with pytest.raises(StoreError, match=kind) as caught:
        write(tmp_path / "net" / "project")
    assert "local disk" in str(caught.value.remedy)


def test_local_below_network(tmp_path: Path, mounts: Path) -> None:
    """A local disk mounted below a network one is local."""
    mounts.write_text(
        f"host:/x {tmp_path} nfs rw 0 0\n/dev/b {tmp_path}/my\\040disk ext4 rw 0 0\nshort\n"
    )
    assert filesystems.filesystem(tmp_path / "my disk" / "x") == "ext4"


def test_later_mount_wins(tmp_path: Path, mounts: Path) -> None:
    """Of two mounts on one point the later one is seen."""
    mounts.write_text(f"/dev/a {tmp_path} ext4 rw 0 0\nhost:/x {tmp_path} nfs rw 0 0\n")
    assert filesystems.filesystem(tmp_path) == "nfs"


def test_no_mount_table(tmp_path: Path, mounts: Path) -> None:
    """Without a mount table nothing is known and nothing refused."""
    assert filesystems.filesystem(tmp_path) is None


def test_other_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On other platforms nothing is known."""
    monkeypatch.setattr("sys.platform", "darwin")
    assert filesystems.filesystem(tmp_path) is None


@pytest.mark.parametrize("origin", ["../x", "a/../b", "/etc", "a//b", ""])
def test_origins(origin: str) -> None:
    """An origin cannot lead out of the directory of kept heads."""
    with pytest.raises(StoreError):
        outside.directory(origin)


def test_default_state_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without `XDG_STATE_HOME` keys and heads are in `~/.local/state`."""
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = tmp_path / ".local" / "state" / "headwater" / "headwater.local" / "1" / "head"
    assert outside.head_path("headwater.local/1") == expected


def test_unreadable_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A key file that cannot be read is a clear error."""
    monkeypatch.setenv("HEADWATER_KEY", str(tmp_path))
    with pytest.raises(StoreError, match="cannot be read"):
        outside.load_key("headwater.local/1")


def test_failed_replacement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be replaced is left as it was, with nothing beside it."""
    path = tmp_path / "file"
    layout.write_durably(path, b"old")

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", refuse)
        with pytest.raises(OSError, match="Input/output"):
            layout.write_durably(path, b"new")
    assert [one.read_bytes() for one in tmp_path.glob("*file*")] == [b"old"]
