"""Lineages of a size, as OpenLineage events: like pipelines, in layers, the same each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

LAYERS = 20
_PRODUCER = {
    "producer": "https://pipelines.example/1",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
}


def event(job: str, number: int, inputs: list[str], outputs: list[str], **rest: Any) -> bytes:
    """One complete run, a second after the one before."""
    hours, minutes, seconds = number // 3600, number // 60 % 60, number % 60
    body = {
        **_PRODUCER,
        "eventType": "COMPLETE",
        "eventTime": f"2026-11-02T{hours:02}:{minutes:02}:{seconds:02}Z",
        "run": {"runId": f"00000000-0000-4000-8000-{number:012}"},
        "job": {"namespace": "big", "name": job},
        "inputs": [{"namespace": "lake", "name": name} for name in inputs],
        "outputs": [{"namespace": "lake", "name": name} for name in outputs],
        **rest,
    }
    return json.dumps(body).encode()


def layered(nodes: int) -> bytes:
    """About so many versions and runs together, all of them upstream of `layer20.0`."""
    wide = nodes // (2 * LAYERS)

    def runs() -> Iterator[bytes]:
        number = 0
        for layer in range(1, LAYERS + 1):
            for place in range(wide if layer < LAYERS else 1):
                near = [(place * 7 + step * 3) % wide for step in range(2)]
                before = range(wide) if layer == LAYERS else near
                inputs = [f"layer{layer - 1}.{one}" for one in dict.fromkeys(before)]
                if layer < LAYERS and layer > 4 and place % 10 == 0:
                    inputs.append(f"layer{layer - 4}.{place}")
                # So that nothing is left over: each one is read by its neighbour as well.
                inputs.append(f"layer{layer - 1}.{place % wide}")
                number += 1
                yield event(
                    f"make{layer}", number, list(dict.fromkeys(inputs)), [f"layer{layer}.{place}"]
                )

    return b"\n".join(runs()) + b"\n"
