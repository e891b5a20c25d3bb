"""`headwater label REF KEY=VALUE`: what people say about a thing."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from headwater.cli import opening
from headwater.cli.terminal import Terminal, as_document
from headwater.cli.writing import writing
from headwater.evidence.naming import printable

KNOWN_KEYS = ("domain", "owner", "sensitivity", "source", "tag")
VALUE_CHARS_MAX = 1_024
_KEY = re.compile(r"[a-z][a-z_]{0,63}")

DESCRIPTION = f"""\
Say something about an artifact, version, job or run. It becomes an entry of the ledger like
anything else, asserted by you. Known keys: {", ".join(KNOWN_KEYS)}; any other of the form [a-z_]+
is kept and shown. source=true says that where an artifact comes from is outside and known. KEY=
without a value takes back every label of that key; the ledger keeps that it was given."""

EXAMPLES = """\
  headwater label orders owner=team-sales
  headwater label data/weather.csv source=true
  headwater label model:delay domain=operations sensitivity=internal
  headwater label orders owner= owner=team-finance"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("ref", metavar="REF", help="what it is about")
    parser.add_argument(
        "labels", metavar="KEY=VALUE", nargs="+", type=pair, help="what is said about it"
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Write one entry for each label."""
    with opening.gateway(arguments, terminal) as gateway:
        subject = gateway.show(arguments.ref)["root"]
    receipts = []
    with writing(opening.existing(arguments), terminal, create=False) as store:
        for key, value in arguments.labels:
            entry = store.label(subject, key=key, value=value)
            receipts.append({"key": key, "value": value, "entry": entry})
    if not as_document(terminal, {"ask": "label", "subject": subject, "labels": receipts}):
        for done in receipts:
            terminal.print(
                f"{printable(subject)}  {done['key']}={printable(done['value'])}"
                f"  entry {done['entry']}"
            )
        for key in sorted({key for key, _ in arguments.labels} - set(KNOWN_KEYS)):
            terminal.say(f"headwater: {key} is no key that Headwater acts on; it is kept and shown")
    return 0


def pair(text: str) -> tuple[str, str]:
    """Read `KEY=VALUE`, or `KEY=`."""
    key, equals, value = text.partition("=")
    if not equals or not _KEY.fullmatch(key):
        raise ArgumentTypeError(
            f"{text!r} is no KEY=VALUE with a key of the form [a-z_]+; known keys are "
            + ", ".join(KNOWN_KEYS)
        )
    if len(value) > VALUE_CHARS_MAX:
        raise ArgumentTypeError(f"the value of {key} has more than {VALUE_CHARS_MAX} characters")
    return key, value
