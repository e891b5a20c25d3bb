"""Admission over HTTP into the large store, durable and visible, ledger included.

Batches of 100 events of 4 KB from one client and from four, and one event a request over 32
connections, beside a raw ASGI application on the same server that only reads the body. The client
runs in a process of its own, on the same two cores.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import _measuring
import _stores

HERE = Path(__file__).parent
LARGE_STORE = 1_000_000
ROUNDS = 5
START_SECONDS_MAX = 60


class Case(NamedTuple):
    """A way to send: path, connections, requests a round, events a request."""

    what: str
    path: str
    connections: int
    requests: int
    batch: int
    goal: str | None = None


CASES = (
    Case("batches of 100, 1 connection", "/api/v1/lineage/batch", 1, 30, 100),
    Case("batches of 100, 4 connections", "/api/v1/lineage/batch", 4, 60, 100, "≥ 3,000"),
    Case("one event a request, 32 connections", "/api/v1/lineage", 32, 3_000, 1, "≥ 1,000"),
)


def main() -> None:
    """Measure and report."""
    with _stores.grown(LARGE_STORE) as store:
        root, size = store.location, store.size
    figures: list[_measuring.Figure] = []
    with serving(root) as ours, raw() as limit:
        for case in CASES:
            rates: dict[str, list[float]] = {"Headwater": [], "raw ASGI": []}
            latencies: list[float] = []
            cpu: list[float] = []
            events = case.requests * case.batch
            for _ in range(ROUNDS):
                before = ours.cpu()
                seconds, milliseconds = send(ours.port, case, size)
                cpu.append((ours.cpu() - before) / events * 1e6)
                size += events
                latencies += milliseconds
                rates["Headwater"].append(events / seconds)
                seconds, _ = send(limit.port, case, size)
                rates["raw ASGI"].append(events / seconds)
            for who, samples in rates.items():
                goal = case.goal if who == "Headwater" else None
                what = f"{case.what}: {who}"
                figures.append(_measuring.Figure(what, tuple(samples), "events/s", goal))
            figures.append(_measuring.Figure(f"{case.what}: CPU an event", tuple(cpu), "µs"))
            figures += told_latencies(case, latencies)
        memory = ours.memory()
    figures.append(_measuring.Figure("greatest memory of the service", (memory,), "MiB"))
    _measuring.report("ingest_http", figures, packages=("litestar", "uvicorn"), large_store=size)


def told_latencies(case: Case, latencies: list[float]) -> Iterator[_measuring.Figure]:
    """The middle and the slowest hundredth of all requests of a case."""
    for share, goal in ((0.5, None), (0.99, "≤ 250 ms" if case.batch == 1 else None)):
        sample = _measuring.quantile(latencies, share)
        what = f"{case.what}: p{share * 100:.0f} of a request"
        yield _measuring.Figure(what, (sample,), "ms", goal)


class Server(NamedTuple):
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    port: int

    def cpu(self) -> float:
        """The seconds of CPU that the process has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """The greatest resident memory of the process, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """Our service on this store."""
    command = ["-m", "headwater", "serve", "--json", "--port", "0", "--log-level", "error"]
    with running([*command, "--store", str(root)]) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            try:
                url = json.loads(said)["url"]
            except ValueError:
                continue
            break
        yield Server(process, int(url.rpartition(":")[2]))


@contextmanager
def raw() -> Iterator[Server]:
    """The raw application on the same server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running([str(HERE / "_raw_asgi.py"), str(port)]) as process:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                break
        yield Server(process, port)


@contextmanager
def running(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A Python process, ended when the block ends."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def send(port: int, case: Case, first: int) -> tuple[float, list[float]]:
    """Send a round; the seconds it took, and the milliseconds of each request."""
    numbers = (case.connections, case.requests, case.batch, first)
    command = [sys.executable, str(HERE / "_load.py"), str(port), case.path, *map(str, numbers)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert not told["failed"], told["failed"][:3]
    return told["seconds"], told["milliseconds"]


if __name__ == "__main__":
    main()
