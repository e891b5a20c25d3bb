"""The state of a checkout, as git itself tells it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from headwater.capture import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

WHO = ("-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false")


def run(folder: Path, *words: str) -> str:
    """Run git."""
    done = subprocess.run(
        ["git", *WHO, *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
    )
    return done.stdout.strip()


@pytest.fixture(params=["2", "4"])
def checkout(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A checkout with some files and folders, its index in one of the versions."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    run(folder, "config", "index.version", request.param)
    for name in ("a.py", "pkg/b.py", "pkg/inner/c.py", "pkg.txt", "naïve.py"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n")
    (folder / "tool.sh").write_text("#!/bin/sh\n")
    (folder / "tool.sh").chmod(0o755)
    (folder / "link").symlink_to("a.py")
    run(folder, "add", "-A")
    run(folder, "commit", "-q", "-m", "one")
    return folder


def test_a_clean_checkout_is_clean(checkout: Path) -> None:
    """The commit is that of HEAD and nothing differs."""
    said = {"commit": run(checkout, "rev-parse", "HEAD"), "dirty": False}
    assert git.describe(str(checkout)) == (said, [])


@pytest.mark.parametrize("change", ["edit", "delete", "mode", "stage", "add", "touch", "new"])
def test_what_git_calls_changed_is_dirty(checkout: Path, change: str) -> None:
    """Dirty is what `git status` shows of tracked files; a touched or untracked file is not."""
    if change == "edit":
        (checkout / "a.py").write_text("b.py\n")  # as long as before
    elif change == "delete":
        (checkout / "pkg/b.py").unlink()
    elif change == "mode":
        (checkout / "a.py").chmod(0o755)
    elif change == "stage":
        (checkout / "a.py").write_text("other\n")
        run(checkout, "add", "a.py")
    elif change == "add":
        (checkout / "d.py").write_text("d\n")
        run(checkout, "add", "d.py")
    elif change == "touch":
        os.utime(checkout / "a.py", (1, 1))
    else:
        (checkout / "e.py").write_text("e\n")
    said, gaps = git.describe(str(checkout))
    shown = run(checkout, "status", "--porcelain", "--untracked-files=no")
    assert (said["dirty"], gaps) == (bool(shown), [])
    assert ("diffDigest" in said) is said["dirty"]


def test_equal_changes_have_equal_digests(checkout: Path) -> None:
    """The digest of a difference tells states apart, and knows one again."""
    (checkout / "a.py").write_text("one\n")
    first = git.describe(str(checkout))[0]["diffDigest"]
    (checkout / "a.py").write_text("two\n")
    second = git.describe(str(checkout))[0]["diffDigest"]
    (checkout / "a.py").write_text("one\n")
    assert git.describe(str(checkout))[0]["diffDigest"] == first != second


def test_commits_are_found_in_packs(checkout: Path) -> None:
    """Packed objects and refs are read, deltas among them."""
    for number in range(30):
        run(checkout, "commit", "-q", "--allow-empty", "-m", f"{number} " + "x" * 3000)
    run(checkout, "gc", "-q", "--aggressive", "--prune=now")
    for back in (0, 7, 15, 29):
        run(checkout, "checkout", "-q", run(checkout, "rev-parse", f"main~{back}"))
        said, gaps = git.describe(str(checkout))
        assert (said["dirty"], gaps) == (False, [])


def test_a_worktree_is_a_checkout(checkout: Path, tmp_path: Path) -> None:
    """A linked worktree has its own HEAD and index, and the objects of the other."""
    run(checkout, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    said, gaps = git.describe(str(tmp_path / "tree"))
    assert (said["commit"], said["dirty"], gaps) == (run(checkout, "rev-parse", "HEAD"), False, [])


def test_a_damaged_index_is_said(checkout: Path) -> None:
    """What cannot be read is no reason to fail, and none to call the tree clean."""
    (checkout / ".git" / "index").write_bytes(b"DIRC\0\0\0\2\0\0\0\7rubbish")
    said, gaps = git.describe(str(checkout))
    assert "dirty" not in said
    assert "not known" in gaps[0]


def test_a_password_in_a_remote_is_not_told(checkout: Path) -> None:
    """Only a bare public address is told."""
    run(checkout, "remote", "add", "origin", "https://me:secret@example.com/r.git")
    assert "repository" not in git.describe(str(checkout))[0]
    run(checkout, "remote", "set-url", "origin", "https://example.com/r.git")
    assert git.describe(str(checkout))[0]["repository"] == "https://example.com/r.git"


def test_no_checkout_is_no_state(tmp_path: Path) -> None:
    """Outside of git there is nothing to tell, and nothing missing."""
    assert git.describe(str(tmp_path)) == ({}, [])
