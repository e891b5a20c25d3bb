"""Finding and opening the store that a command works on.

`--store`, else `HEADWATER_STORE`, else the nearest `.headwater/` at or above the working directory.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.cli.terminal import Terminal
from headwater.errors import StoreMissing
from headwater.evidence.naming import printable

if TYPE_CHECKING:
    from headwater.query.gateway import Gateway

DIRECTORY = ".headwater"


def location(arguments: Namespace) -> str | None:
    """Say which store is meant; None where none is named and none is near.

    Raises `StoreMissing` for an empty `--store`: a variable that is not set must not mean another.
    """
    if arguments.store == "":
        raise StoreMissing(
            "--store is empty", remedy="name a directory, or leave it out for the nearest store"
        )
    named = arguments.store or os.environ.get("HEADWATER_STORE")
    if named:
        return str(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / DIRECTORY).is_dir():
            return str(folder / DIRECTORY)
    return None


def new_place() -> str:
    """Say where a store is made where none is named and none is near."""
    from headwater.store import place

    return str(place(Path.cwd()))


def existing(arguments: Namespace) -> str:
    """Say which store is meant. Raises `StoreMissing` where there is none."""
    found = location(arguments)
    if found is None:
        raise StoreMissing(
            f"there is no store at or above {Path.cwd()}",
            remedy="import events to make one (headwater import PATH), or name one with --store",
        )
    return found


def base(arguments: Namespace) -> str:
    """Give the folder to which names of files are shown relative: the project's."""
    found = location(arguments)
    if found is not None and Path(found).name == DIRECTORY:
        return str(Path(found).parent.resolve())
    return str(Path.cwd())


def warn(warnings: Iterable[str], terminal: Terminal) -> None:
    """Tell what the store has to say to whoever opens it."""
    for warning in warnings:
        mark = terminal.style_error("warning:", "yellow")
        terminal.say(f"headwater: {mark} {printable(warning)}")


def settle(where: str, terminal: Terminal) -> None:
    """Take in what pipelines recorded into the store; say so where that cannot be done now."""
    from headwater.capture import location, segments

    if "://" in where or not segments.held(os.path.join(where, location.SPOOL)):  # noqa: PTH118
        return
    from headwater.client import delivering

    waits = delivering.settle(Path(where))
    if waits is not None:
        warn([waits], terminal)


@contextmanager
def gateway(arguments: Namespace, terminal: Terminal) -> Iterator[Gateway]:
    """Take in what waits in the spool, open the store for reading, and give the gateway to it."""
    where = existing(arguments)
    settle(where, terminal)
    from headwater.query.gateway import Gateway
    from headwater.store import open_store

    with open_store(where) as store, telling(terminal):
        warn(store.warnings, terminal)
        yield Gateway(store)


@contextmanager
def telling(terminal: Terminal) -> Iterator[None]:
    """Tell the person what the index has to say, such as that an answer will take its time."""
    import logging

    class Telling(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            tell = terminal.say if record.levelno < logging.WARNING else terminal.complain
            tell(f"headwater: {printable(record.getMessage())}")

    log, handler = logging.getLogger("headwater.index"), Telling()
    level = log.level
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
