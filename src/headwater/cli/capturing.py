"""What `doctor` says of capture: adapters and their libraries, and what the last runs missed."""

from __future__ import annotations

import json
import re
from importlib import import_module, metadata
from typing import Any, Final, NamedTuple

from headwater.capture import adapting
from headwater.cli.terminal import Terminal
from headwater.evidence.naming import printable

ENTRIES_LOOKED_AT: Final = 5_000
"""How far back `doctor` looks for gaps."""
RUNS_SHOWN: Final = 5
GAPS_SHOWN: Final = 20


class Adapter(NamedTuple):
    """An adapter: for which module, whose, and whether it fits the library that is installed."""

    module: str
    adapter: str
    version: str | None
    supported: bool | None
    problem: str | None


def adapters() -> list[Adapter]:
    """List the adapters whose library is installed here, and those of others in any case.

    `supported` is None for an adapter that knows no versions, or a library that tells none.
    """
    owners = metadata.packages_distributions()
    others = adapting.look_up()
    found = []
    for module, name in {**adapting.ADAPTERS, **others}.items():
        top = module.partition(".")[0]
        distribution = next(iter(owners.get(top, ())), None)
        if distribution is not None or module in others:
            version = None if distribution is None else metadata.version(distribution)
            found.append(_examine(module, name, version))
    return found


def _examine(module: str, name: str, version: str | None) -> Adapter:
    try:
        adapter = import_module(name)
        supported = adapting.supports(adapter, version)
        problem = None if hasattr(adapter, "install") else "it has no function `install`"
    except Exception as error:
        return Adapter(module, name, version, None, f"{type(error).__name__}: {error}")
    if problem is None and supported is False:
        problem = f"version {version} is not known"
    return Adapter(module, name, version, supported, problem)


def packages(extra: str) -> list[str]:
    """List what an extra of Headwater needs, as its metadata says; without metadata, Headwater."""
    try:
        needed = metadata.requires("headwater") or ()
    except metadata.PackageNotFoundError:
        return ["headwater"]
    found = []
    for one in needed:
        name = re.match(r"[\w.-]+", one)
        if name is not None and re.search(rf"extra\s*==\s*['\"]{extra}['\"]", one):
            found.append(name[0])
    return [name for name in found if name != "headwater"]


def gaps(store: Any) -> list[dict[str, Any]]:
    """List the newest runs of which capture could not see everything, and what it could not.

    Of each run the newest statement counts. At most `ENTRIES_LOOKED_AT` entries are looked at.
    """
    size = store.head().size
    said: dict[str, dict[str, Any]] = {}
    bodies = store.bodies(range(max(0, size - ENTRIES_LOOKED_AT), size))
    for _, body in sorted(bodies.items(), reverse=True):
        if b"headwater_capture" not in body:
            continue
        event = json.loads(body)
        run = event.get("run") or {}
        facet = (run.get("facets") or {}).get("headwater_capture")
        identity = str(run.get("runId"))
        if isinstance(facet, dict) and identity not in said:
            said[identity] = {
                "run": identity,
                "job": (event.get("job") or {}).get("name"),
                "at": event.get("eventTime"),
                "gaps": [_text(gap) for gap in facet.get("gaps") or ()],
            }
    return [one for one in said.values() if one["gaps"]]


def _text(gap: Any) -> str:
    return str(gap.get("what", gap)) if isinstance(gap, dict) else str(gap)


def print_adapters(found: list[Adapter], terminal: Terminal) -> None:
    """Print them by library, with what is wrong."""
    libraries: dict[str, list[Adapter]] = {}
    for one in found:
        libraries.setdefault(one.module.partition(".")[0], []).append(one)
    said = []
    for library, those in libraries.items():
        if not any(one.problem for one in those):
            said.append(f"{library} {those[0].version}")
    if said:
        terminal.print(f"  {terminal.verdict(True)} {', '.join(sorted(said, key=str.lower))}")
    for one in found:
        if one.problem is not None:
            text = f"{one.module} is not captured by {one.adapter}: {one.problem}"
            terminal.print(f"  {terminal.verdict(False)} {printable(text)}")


def print_gaps(found: list[dict[str, Any]], terminal: Terminal) -> None:
    """Print what the newest runs missed."""
    for run in found[:RUNS_SHOWN]:
        terminal.print(f"  {run['at']}  {printable(run['job'] or '')}  run {run['run']}")
        terminal.print(*(f"    {printable(gap)}" for gap in run["gaps"][:GAPS_SHOWN]))
        if len(run["gaps"]) > GAPS_SHOWN:
            terminal.print(f"    and {len(run['gaps']) - GAPS_SHOWN:,} more")
    if len(found) > RUNS_SHOWN:
        terminal.print(f"  and {len(found) - RUNS_SHOWN:,} runs more")
