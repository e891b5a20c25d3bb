"""`headwater doctor`: what is installed, stored, pending and rejected.

Works in the base installation; what needs `headwater[server]` is then left out and said to be.
"""

from __future__ import annotations

import os
import platform
import sys
from argparse import ArgumentParser, Namespace
from importlib import metadata
from pathlib import Path
from typing import Any

from headwater import __version__
from headwater.cli import capturing, opening
from headwater.cli.tables import table
from headwater.cli.terminal import Terminal, as_document
from headwater.cli.times import readable
from headwater.errors import HeadwaterError, StoreMissing
from headwater.evidence.naming import printable
from headwater.shipping import quarantine, status

REJECTED_SHOWN = 5

DESCRIPTION = """\
What is installed, which libraries are captured, what the last runs missed, which store is used, how
big it is, whether it can be written, what waits in the spool, which events were rejected last, and
what to do about it."""

EXAMPLES = """\
  headwater doctor
  headwater doctor --store /srv/lineage --json"""

_EXTRAS = ("server", "mcp")
_VARIABLES = ("HEADWATER_STORE", "HEADWATER_HEAD", "HEADWATER_KEY", "HEADWATER_FILE_NAMESPACE")


def configure(parser: ArgumentParser) -> None:
    """Add no arguments: there is nothing to choose."""


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Print the state of the installation and of the store."""
    report = examine(arguments)
    if not as_document(terminal, report):
        _print(report, terminal)
    return int(report["store"].get("exit_code") or 0)


def examine(arguments: Namespace) -> dict[str, Any]:
    """Collect what `doctor` says, as the document of `--json`."""
    needed = {extra: capturing.packages(extra) for extra in _EXTRAS}
    needed["mcp"] = [name for name in needed["mcp"] if name not in needed["server"]]
    extras = {extra: _versions(names) for extra, names in needed.items()}
    installed = all(version is not None for version in extras["server"].values())
    store = _store(arguments, installed=installed)
    adapters = capturing.adapters()
    return {
        "headwater": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "extras": extras,
        "environment": {name: os.environ[name] for name in _VARIABLES if name in os.environ},
        "adapters": [one._asdict() for one in adapters],
        "store": store,
        "suggestions": [
            *(
                f"capture of {one.module}: install a version that is known, or mend {one.adapter}"
                for one in adapters
                if one.problem is not None
            ),
            *_suggestions(store, installed=installed),
        ],
    }


def _versions(names: list[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _store(arguments: Namespace, *, installed: bool) -> dict[str, Any]:
    try:
        where = opening.existing(arguments)
    except StoreMissing as error:
        return {"location": None, "state": "missing", "message": error.message}
    found: dict[str, Any] = {"location": where, "state": "not looked into"}
    root = Path(where)
    found["pending"] = status.look(root).counts()
    found["dropped"] = status.dropped(root)
    found["quarantined"] = [one._asdict() for one in quarantine.kept(root)]
    if installed:
        try:
            found.update(_look_inside(where))
        except HeadwaterError as error:
            missing = isinstance(error, StoreMissing)
            found["state"] = "missing" if missing else "unusable"
            found["message"] = error.message
            found["remedy"] = error.remedy
            found["exit_code"] = 0 if missing else error.exit_code
    return found


def _look_inside(where: str) -> dict[str, Any]:
    import base64

    from headwater.openlineage.times import iso
    from headwater.store import open_store

    with open_store(where) as store:
        head = store.head()
        rejected = store.rejected(REJECTED_SHOWN)
        writable, reason = _writable(store)
        return {
            "location": str(store.location),
            "state": "open",
            "origin": store.origin,
            "size": head.size,
            "root": base64.b64encode(head.root).decode(),
            "last_entry": iso(store.at(head.size - 1)) if head.size else None,
            "stats": store.stats(),
            "writable": writable,
            "not_writable_because": reason,
            "warnings": list(store.warnings),
            "gaps": capturing.gaps(store),
            "rejected": [
                {"at": iso(event.at), "source": event.source, "problems": _problems(event.problems)}
                for event in rejected
            ],
        }


def _problems(stored: str) -> list[dict[str, str]]:
    import json

    return [{"path": path, "message": message} for path, message in json.loads(stored)]


def _writable(store: Any) -> tuple[bool, str | None]:
    from headwater.store.recovering import load_signer

    try:
        load_signer(store)
    except HeadwaterError as error:
        return False, error.message
    if not os.access(store.location, os.W_OK):
        return False, f"{store.location} may not be written by this user"
    return True, None


def _suggestions(store: dict[str, Any], *, installed: bool) -> list[str]:
    found = []
    if not installed:
        found.append("install what answers questions: pip install 'headwater[server]'")
    if store["state"] == "missing":
        found.append("make a store: headwater import PATH")
    if store.get("remedy"):
        found.append(store["remedy"])
    if store.get("writable") is False:
        found.append(f"this store can only be read here: {store['not_writable_because']}")
    if (store.get("pending") or {}).get("events"):
        found.append("take in what pipelines recorded: headwater ship")
    if store.get("quarantined"):
        found.append("see why events are in quarantine: headwater ship --status")
    if store.get("rejected"):
        found.append("correct the rejected events at their source and import them again")
    return found


def _print(report: dict[str, Any], terminal: Terminal) -> None:
    rows = [
        ("headwater", report["headwater"]),
        ("python", f"{report['python']}  {report['executable']}"),
        ("platform", report["platform"]),
    ]
    for extra, packages in report["extras"].items():
        absent = [name for name, version in packages.items() if version is None]
        said = "installed" if not absent else f"not installed ({', '.join(absent)} missing)"
        rows.append((f"headwater[{extra}]", f"{terminal.verdict(not absent)} {said}"))
        rows += [(f"  {name}", version) for name, version in packages.items() if version]
    rows += [(name, printable(value)) for name, value in report["environment"].items()]
    terminal.print(*table(rows, terminal, indent=0))
    terminal.heading("Capture")
    capturing.print_adapters([capturing.Adapter(**one) for one in report["adapters"]], terminal)
    if report["store"].get("gaps"):
        terminal.heading("Not seen in the last runs")
        capturing.print_gaps(report["store"]["gaps"], terminal)
    terminal.heading("Store")
    terminal.print(*table(_store_rows(report["store"], terminal), terminal))
    if report["store"].get("rejected"):
        terminal.heading("Rejected last")
        for event in report["store"]["rejected"]:
            where = printable(event["source"] or "unknown place")
            terminal.print(f"  {readable(event['at'])}  {where}")
            terminal.print(
                *(
                    f"    {printable(p['path'])}: {printable(p['message'])}"
                    for p in event["problems"]
                )
            )
    for warning in report["store"].get("warnings") or ():
        terminal.print("", f"{terminal.style('warning:', 'yellow')} {printable(warning)}")
    if report["suggestions"]:
        terminal.heading("What to do")
        terminal.print(*(f"  {terminal.glyphs.dot} {item}" for item in report["suggestions"]))
    else:
        terminal.print("", f"{terminal.verdict(True)} Nothing needs attention.")


def _store_rows(store: dict[str, Any], terminal: Terminal) -> list[tuple[str, str]]:
    rows = [("location", printable(store["location"] or "none"))]
    if store["state"] != "open":
        mark = terminal.verdict(False) if store["state"] == "unusable" else ""
        rows.append(("state", f"{mark} {store['state']}".strip()))
        if store.get("message"):
            rows.append(("", printable(store["message"])))
        return rows
    stats = store["stats"]
    last = f", the last at {store['last_entry']}" if store["last_entry"] else ""
    rows += [
        ("ledger", printable(store["origin"])),
        ("entries", f"{store['size']:,}{last}"),
        ("root", store["root"]),
        ("claims", f"{stats['claims']:,} by rules {stats['rules']}"),
        ("size", f"{stats['bytes'] / 1e6:,.1f} MB"),
        ("may be", "read and written" if store["writable"] else "read only"),
        ("pending", _pending(store["pending"])),
        *(("dropped", printable(one)) for one in store["dropped"]),
        ("quarantine", f"{len(store['quarantined']):,}" if store["quarantined"] else "nothing"),
        ("ever rejected", f"{stats['rejected']:,}"),
    ]
    return rows


def _pending(found: dict[str, int]) -> str:
    said = f"{found['events']:,} events" if found["events"] else "nothing"
    return f"{said}, {found['running']:,} recording" if found["running"] else said
