"""A client that posts events over connections that stay open, in a process of its own.

    python _load.py PORT PATH CONNECTIONS REQUESTS BATCH FIRST

Every connection sends its next request when the last was answered. The bodies are made before the
clock starts; a batch of more than one event is a JSON array. Prints {"seconds", "milliseconds":
[of each request], "failed": [first lines of answers that were no success]}.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from time import perf_counter

import _events

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def load(
    port: int, path: str, connections: int, requests: int, batch: int, first: int
) -> dict[str, object]:
    """Send everything and sum up."""
    waiting = deque(
        _write(path, list(_events.events(batch, start=first + number * batch)))
        for number in range(requests)
    )
    wires = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    milliseconds: list[float] = []
    failed: list[str] = []

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while waiting:
            request = waiting.popleft()
            sent = perf_counter()
            writer.write(request)
            said = await _read(reader)
            milliseconds.append((perf_counter() - sent) * 1_000)
            if said:
                failed.append(said)

    began = perf_counter()
    await asyncio.gather(*(work(*wire) for wire in wires))
    seconds = perf_counter() - began
    for _, writer in wires:
        writer.close()
    return {"seconds": seconds, "milliseconds": milliseconds, "failed": failed}


def _write(path: str, bodies: list[bytes]) -> bytes:
    body = bodies[0] if len(bodies) == 1 else b"[" + b",".join(bodies) + b"]"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _read(reader: asyncio.StreamReader) -> str | None:
    """Read one answer; None for a success, else its beginning."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines[1:])
    }
    body = b""
    if fields.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(fields.get("content-length", "0")))
    failed = lines[0][9:10] != "2" or (b'"failed_events":[{' in body)
    return f"{lines[0]} {body[:200]!r}" if failed else None


def main(port: str, path: str, *numbers: str) -> None:
    """Send what the command line says."""
    connections, requests, batch, first = map(int, numbers)
    print(json.dumps(asyncio.run(load(int(port), path, connections, requests, batch, first))))


if __name__ == "__main__":
    main(*sys.argv[1:])
