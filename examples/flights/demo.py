"""The main job, start to end: a real pipeline, its lineage, and a ledger that notices a lie.

    make demo        or        python examples/flights/demo.py [--home .demo]

Runs the eight steps, which know nothing of Headwater, under `headwater run`; ships what was
recorded, adds who owns what, asks where the predictions came from and what the weather reaches,
verifies the ledger, then changes one byte of one stored event in a copy of the store and lets
`verify` find it. Exits 1, and says why, if any of that does not turn out as promised. Everything
it makes lies in one folder, the key included.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SOURCES = ("flights.csv.zip", "weather.csv", "planes.csv", "airports.csv", "airlines.csv")
METRIC = b'"metrics":{"roc_auc_score":0.'
MARKER = ".headwater-demo"
COMMAND_SECONDS_MAX = 120


class Broken(Exception):
    """The demo did not show what it promises."""


def main() -> int:
    """Run the demo; 0 when everything held."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--home", type=Path, default=Path(".demo"), help="made anew each time")
    home = arguments.parse_args().home
    began = time.monotonic()
    try:
        recreate(home)
        shell = Shell(home)
        title("A pipeline on every flight out of New York in 2013")
        run_pipeline(home, shell)
        ask(shell)
        tamper(home, shell)
    except Broken as error:
        print(f"\nThe demo is broken: {error}", file=sys.stderr, flush=True)
        return 1
    title(f"All of it held, in {time.monotonic() - began:.0f} seconds. Try next:")
    for words in (
        ("show", "delay.joblib"),
        ("diff", "small.joblib", "large.joblib"),
        ("trace", "predictions.csv", "--columns"),
        ("why", "predictions.csv", "delay.joblib"),
        ("search", "delay"),
        ("export", "predictions.csv", "--format", "mermaid"),
        ("ui",),
    ):
        print(f"  {shell.written(*words)}")
    print("\nThe demo keeps the signing key of its store beside it. To write there too:\n")
    print(f"  export XDG_STATE_HOME={shlex.quote(shell.environment['XDG_STATE_HOME'])}")
    print(f"  {shell.written('label', 'delay.joblib', 'sensitivity=internal')}")
    return 0


def recreate(home: Path) -> None:
    """Empty the demo's folder; refuse one that this demo did not make."""
    if home.exists() and any(home.iterdir()) and not (home / MARKER).exists():
        raise Broken(f"{home} holds something else; give --home a new or empty folder")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / MARKER).touch()


class Shell:
    """Runs `headwater` in front of the user, on the demo's own store."""

    def __init__(self, home: Path) -> None:
        self.store = home / ".headwater"
        self.command = Path(sys.executable).with_name("headwater")
        if not self.command.exists():
            raise Broken(f"{self.command} is missing: `make demo` installs it")
        # The store's key and its kept head belong to the demo, not to the user's own state.
        self.environment = {
            **os.environ,
            "FLIGHTS_HOME": str(home.resolve()),
            "XDG_STATE_HOME": str((home / "state").resolve()),
            "HEADWATER_STORE": str(self.store.resolve()),
            "OPENLINEAGE_NAMESPACE": "flights",
            # The demo ships in front of the user; pipelines do so by themselves otherwise.
            "HEADWATER_SHIP": "no",
            # Threads that wait spin by default, which takes the cores from those that work.
            "OMP_WAIT_POLICY": "PASSIVE",
        }
        for variable in ("HEADWATER_KEY", "HEADWATER_HEAD", "HEADWATER_URL", "OPENLINEAGE_URL"):
            self.environment.pop(variable, None)

    def written(self, *words: str) -> str:
        """Write a command as a person types it."""
        return shlex.join([_near(self.command), *words, "--store", _near(self.store)])

    def show(self, *words: str, store: Path | None = None) -> int:
        """Run it with its output going to the user; give its exit code."""
        print(f"$ headwater {shlex.join(words)}", flush=True)
        return self._run(*words, store=store, captured=False).returncode

    def expect(self, *words: str) -> None:
        """Run it with its output going to the user; `Broken` unless it exits 0."""
        code = self.show(*words)
        if code != 0:
            raise Broken(f"`headwater {shlex.join(words)}` exited {code}")

    def answer(self, *words: str, store: Path | None = None, code: int = 0) -> dict[str, Any]:
        """Run it with `--json` and read the document; `Broken` unless it exits with `code`."""
        done = self._run(*words, "--json", store=store, captured=True)
        if done.returncode != code:
            said = done.stderr or done.stdout
            raise Broken(f"`headwater {shlex.join(words)} --json` exited {done.returncode}: {said}")
        return dict(json.loads(done.stdout))

    def _run(
        self, *words: str, store: Path | None, captured: bool
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.command), *words, "--store", str(store or self.store)],
            capture_output=captured,
            check=False,
            encoding="utf-8",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS_MAX,
        )


def title(text: str) -> None:
    """Head a part of the demo."""
    print(f"\n{text}\n", flush=True)


def run_pipeline(home: Path, shell: Shell) -> None:
    """Run every step, captured."""
    words = [sys.executable, str(HERE / "pipeline.py")]
    print(f"$ headwater run -- python {_near(HERE / 'pipeline.py')}", flush=True)
    done = subprocess.run(
        [str(shell.command), "run", "--name", "flights", "--", *words],
        check=False,
        env=shell.environment,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise Broken(f"the pipeline exited {done.returncode}")
    report = json.loads((home / "reports" / "evaluation.json").read_text(encoding="utf-8"))
    for name, measured in report["results"].items():
        chosen = "  ← chosen" if name == report["chosen"] else ""
        print(f"               {name}: AUC {measured['auc']:.3f} on unseen months{chosen}")


def ask(shell: Shell) -> None:
    """Ship what was recorded, ask both ways, verify."""
    title("What was recorded goes into the ledger, and who owns what")
    take_in(shell)
    title("Where do the predictions come from?")
    shell.expect("trace", "predictions.csv")
    upstream = shell.answer("trace", "predictions.csv")
    missing = set(SOURCES) - _names(upstream)
    if missing:
        raise Broken(f"the upstream of predictions.csv lacks {', '.join(sorted(missing))}")
    origins = upstream["completeness"]["origins"]
    if origins["sources"] != len(SOURCES) or origins["unknown"]:
        raise Broken(f"not every origin of predictions.csv is one of the five sources: {origins}")
    title("What does the weather reach?")
    shell.expect("impact", "weather.csv")
    unreached = {"predictions.csv", "delay.joblib", "main.flight_facts"} - _names(
        shell.answer("impact", "weather.csv")
    )
    if unreached:
        raise Broken(f"the downstream of weather.csv lacks {', '.join(sorted(unreached))}")
    title("Is the ledger what was written?")
    shell.expect("verify")


def take_in(shell: Shell) -> None:
    """Ship what was recorded, and import what the catalogue says."""
    shell.expect("ship")
    catalogue = shell.store.parent / "catalogue.ndjson"
    with catalogue.open("w") as file:
        subprocess.run([sys.executable, str(HERE / "catalogue.py")], check=True,
                       env=shell.environment, stdout=file)  # fmt: skip
    shell.expect("import", _near(catalogue))


def tamper(home: Path, shell: Shell) -> None:
    """Change one byte of one stored event in a copy of the store; `verify` has to name it."""
    copy = home / "tampered" / shell.store.name
    copy.parent.mkdir()
    shutil.copytree(shell.store, copy)
    entry, before, after = change_byte(copy / "ledger.db")
    title("Somebody improves the model's figures in a copy of the store, by one byte")
    print(f"  entry {entry}, before: …{before}…\n  entry {entry}, after:  …{after}…\n")
    code = shell.show("verify", store=copy)
    if code == 0:
        raise Broken("`headwater verify` accepted the changed copy")
    report = shell.answer("verify", store=copy, code=code)
    named = {one["index"] for one in report["differences"] if one["place"] == "entry"}
    if named != {entry}:
        raise Broken(f"`headwater verify` should have named entry {entry}, not {named}")
    print(f"\n`headwater verify` exited {code} and named entry {entry}.", flush=True)


def change_byte(database: Path) -> tuple[int, str, str]:
    """Raise the first digit of an AUC in a stored event; give the entry and both excerpts."""
    with closing(sqlite3.connect(database)) as connection, connection:
        rows = connection.execute("SELECT entry, body FROM parts WHERE number = 0 ORDER BY entry")
        for entry, body in rows.fetchall():
            place = body.find(METRIC)
            if place < 0:
                continue
            digit = place + len(METRIC)
            changed = body[:digit] + b"9" + body[digit + 1 :]
            connection.execute(
                "UPDATE parts SET body = ? WHERE entry = ? AND number = 0", (changed, entry)
            )
            excerpt = slice(place, digit + 4)
            return entry, body[excerpt].decode(), changed[excerpt].decode()
    raise Broken("no stored event tells the AUC of a model")


def _names(answer: dict[str, Any]) -> set[str]:
    artifacts = [node["artifact"] for node in answer["nodes"] if node["kind"] == "version"]
    return {artifact["name"].rsplit("/", 1)[-1] for artifact in artifacts}


def _near(path: Path) -> str:
    """Write a path as seen from the working directory, where it lies below that."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - a venv's links stay as they are
    here = Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute)


if __name__ == "__main__":
    sys.exit(main())
