#!/usr/bin/env python3
"""Check a proof bundle of Headwater: one file, the standard library, nothing to install.

    python3 -I verify_bundle.py BUNDLE --key 'headwater.local/4c29…+1a2b3c4d+AQ…'

A bundle holds an answer about where data came from, the ledger entries that it rests on, a proof
that each of them is in the ledger, the ledger's signed head, and its signed statement that this is
the answer. This checks all of that, says what no bundle can show, and exits 0 only if all of it
holds: 1 if anything does not, 2 if it was called in the wrong way.

Give the ledger's verifier key, as you were told it by somebody you trust. Without it the key in the
bundle itself is taken, which shows that the bundle is whole, and not whose it is.

Formats: RFC 8785 (canonical JSON), RFC 6962 and 9162 (Merkle tree), RFC 8032 (Ed25519), C2SP
signed-note, tlog-checkpoint and tlog-proof; the bundle's own is in docs/reference/bundle.md.

Trusted? Whoever controls it can have any bundle taken for whole. Read it: it is meant to be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

FORMAT = "headwater/bundle/v1"
BUNDLE_BYTES_MAX = 64 * 1024 * 1024
ENTRIES_MAX = 10_000
SIGNATURES_MAX = 100
SIZE_MAX = 2**63 - 1
INTEGER_MAX = 2**53 - 1

WITHHELD = {
    "erased": "its bytes were erased from the ledger",
    "hidden": "whoever asked may not see all that it names",
}
UNTRUE = "that what the entries say is true: a ledger shows what was said, and when it came in"
UNSAID = "that everything was said: what nobody reported is in no ledger"
NOT_SHOWN = (
    "that no entry which bears on the answer was left out: that takes the ledger",
    "that the answer follows from the entries: that takes the ledger and the rules of resolution",
    "that this is the only history: compare the head with one that was kept elsewhere",
)
"""What somebody who has the ledger can check besides."""

_HASH = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Fault(ValueError):
    """Something that does not hold."""


# --- Ed25519, RFC 8032 §5.1 and §6: slow and plain, for verifying alone -------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)

Point = tuple[int, int, int, int]
"""Extended coordinates: x = X/Z, y = Y/Z, x * y = T/Z."""


def _add(a: Point, b: Point) -> Point:
    p, q = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    r, s = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiply(scalar: int, point: Point) -> Point:
    product: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            product = _add(product, point)
        point = _add(point, point)
        scalar >>= 1
    return product


def _decompress(data: bytes) -> Point | None:
    """Read a point (§5.1.3); None for what is none, and for what is not in its one form."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _SQRT_M1 % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


_BASE = _decompress(bytes([0x58]) + bytes([0x66]) * 31)


def ed25519_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this key made this signature over the message (§5.1.7)."""
    if len(public_key) != 32 or len(signature) != 64 or _BASE is None:
        return False
    key, commitment = _decompress(public_key), _decompress(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= _L:
        return False
    challenge = hashlib.sha512(signature[:32] + public_key + message).digest()
    left = _multiply(scalar, _BASE)
    right = _add(commitment, _multiply(int.from_bytes(challenge, "little") % _L, key))
    same_x = (left[0] * right[2] - right[0] * left[2]) % _P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % _P == 0


# --- One form for everything that is read -------------------------------------------------------


def canonical(value: Any) -> str:
    """Write JSON as RFC 8785 does, of all but fractions, which no bundle has."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(k)}:{canonical(v)}" for k, v in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, int) and abs(value) > INTEGER_MAX:
        raise Fault(f"an integer beyond 2**53 - 1: {value}")
    return json.dumps(value, ensure_ascii=False)


def read_json(text: str) -> Any:
    """Read JSON that is in its canonical form; `Fault` if it is not."""
    try:
        value = json.loads(text, parse_float=_refuse, parse_constant=_refuse)
        again = canonical(value)
        again.encode()
    except RecursionError:
        raise Fault("it is nested too deeply") from None
    except ValueError as error:
        raise Fault(f"it is no JSON of ours: {error}") from error
    if again != text:
        place = next((at for at, pair in enumerate(zip(again, text)) if pair[0] != pair[1]), None)  # noqa: B905 - their lengths may differ
        where = "at its end" if place is None else f"at character {place}"
        raise Fault(f"it is not in its one canonical form, {where}")
    return value


def _refuse(text: str) -> NoReturn:
    raise Fault(f"{text} is no number that a bundle has")


def require(holds: bool, what: str) -> None:
    """Raise `Fault` unless it holds."""
    if not holds:
        raise Fault(what)


def read_base64(text: Any, count: int | None = None) -> bytes:
    """Read standard base64 in its one form (RFC 4648 §4), of so many bytes."""
    require(isinstance(text, str), "something that should be base64 is no text")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Fault("something that should be base64 is none") from None
    require(base64.b64encode(data).decode() == text, "base64 that is not in its one form")
    require(count in {None, len(data)}, f"{len(data)} bytes where there should be {count}")
    return data


def are_numbers(value: Any) -> bool:
    """Whether this is a list of whole numbers."""
    return isinstance(value, list) and all(type(item) is int for item in value)


def members(value: Any, *names: str) -> list[Any]:
    """The members of an object that has exactly these, in the order in which they are named."""
    require(isinstance(value, dict) and set(value) == set(names), f"members are not {names}")
    return [value[name] for name in names]


# --- The ledger's formats -----------------------------------------------------------------------


class Key:
    """A C2SP verifier key: `<name>+<key id, hex>+<base64(0x01 || public key)>`."""

    def __init__(self, text: str) -> None:
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        data = read_base64(encoded, 33)
        digest = hashlib.sha256(name.encode() + b"\n" + data).digest()
        require(bool(name) and not re.search(r"\s", name), "the key has no name")
        require(data[0] == 1, "this is no Ed25519 key")
        require(digest[:4].hex() == key_id, "the key does not have the id that it names")
        self.text, self.name, self.id, self.public = text, name, digest[:4], data[1:]


def open_note(note: Any, key: Key) -> tuple[str, list[str]]:
    """Read a signed note that the key signed: its text, and who else signed, by name."""
    require(isinstance(note, str) and not _CONTROL.search(note), "it is no signed note")
    text, blank, signatures = note.rpartition("\n\n")
    require(bool(blank) and signatures.endswith("\n"), "it is no signed note")
    lines = signatures[:-1].split("\n")
    require(len(lines) <= SIGNATURES_MAX, f"it has more than {SIGNATURES_MAX} signatures")
    signed, others = False, []
    for line in lines:
        name, _, encoded = line.partition("\u2014 ")[2].partition(" ")
        data = read_base64(encoded)
        require(line.startswith("\u2014 ") and bool(name) and len(data) > 4, "no signature line")
        if (name, data[:4]) != (key.name, key.id):
            others.append(name)
            continue
        require(
            ed25519_holds(key.public, (text + "\n").encode(), data[4:]),
            f"the signature of {name} does not hold",
        )
        signed = True
    require(signed, f"{key.name} ({key.id.hex()}) did not sign it; {', '.join(others)} did")
    return text + "\n", others


def read_head(text: str) -> tuple[str, int, str]:
    """Read the text of a head (C2SP tlog-checkpoint): origin, size, root in base64."""
    lines = text.split("\n")
    require(len(lines) == 4 and not lines[3] and bool(lines[0]), "it is no head of a ledger")
    require(bool(_NUMBER.fullmatch(lines[1])), "its size is no number")
    require(int(lines[1]) <= SIZE_MAX and bool(_HASH.fullmatch(lines[2])), "it is no head")
    return lines[0], int(lines[1]), lines[2]


def read_proof(text: Any) -> tuple[bytes, int, list[bytes]]:
    """Read a C2SP tlog-proof up to its head: the leaf, its index, the hashes to the root."""
    require(isinstance(text, str) and text.endswith("\n\n"), "its proof is no tlog-proof")
    header, *lines = text[:-2].split("\n")
    require(header == "c2sp.org/tlog-proof@v1" and len(lines) >= 2, "its proof is no tlog-proof")
    require(lines[0].startswith("extra ") and lines[1].startswith("index "), "no leaf and index")
    require(bool(_NUMBER.fullmatch(lines[1][6:])), "its index is no number")
    require(len(lines) <= 65, "its proof has more hashes than any tree has levels")
    return read_base64(lines[0][6:]), int(lines[1][6:]), [read_base64(h, 32) for h in lines[2:]]


def hash_leaf(leaf: bytes) -> bytes:
    """Hash a leaf (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def root_from(leaf_hash: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Compute the root that a leaf at an index and its path lead to (RFC 9162 §2.1.3.2)."""
    require(index < size, f"a ledger of {size} entries has no entry {index}")
    position, last, root = index, size - 1, leaf_hash
    for sibling in path:
        require(last > 0, "its proof is too long")
        if position & 1 or position == last:
            root = hashlib.sha256(b"\x01" + sibling + root).digest()
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            root = hashlib.sha256(b"\x01" + root + sibling).digest()
        position, last = position >> 1, last >> 1
    require(last == 0, "its proof is too short")
    return root


def read_commitments(leaf: bytes) -> list[bytes]:
    """Read what a leaf commits to, part by part."""
    try:
        text = leaf.decode()
    except ValueError:
        raise Fault("its leaf is no text") from None
    found = members(read_json(text), "at", "by", "kind", "parts", "v")
    require(found[4] == 1 and isinstance(found[3], list), "its leaf is of another version")
    return [read_base64(f"{part}=".translate({45: "+", 95: "/"}), 32) for part in found[3]]


# --- The bundle ---------------------------------------------------------------------------------


class Audit:
    """What was checked of a bundle, and what does not hold: (where, what) of each fault."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []
        self.checked: dict[str, int] = {}
        self.not_checked: list[str] = []
        self.warnings: list[str] = []
        self.key: Key | None = None
        self.head: tuple[str, int, str] | None = None
        self.statement: dict[str, Any] = {}
        self.bundle: dict[str, Any] = {}

    @property
    def holds(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.faults

    def count(self, what: str) -> None:
        """Note that one more of these was checked and holds."""
        self.checked[what] = self.checked.get(what, 0) + 1

    def fault(self, where: str, what: str) -> None:
        """Note what does not hold."""
        self.faults.append((where, what))

    def at(self, where: str, what: str) -> _Check:
        """Check one thing: count it, or note where it does not hold."""
        return _Check(self, where, what)


class _Check:
    def __init__(self, found: Audit, where: str, what: str) -> None:
        self.where = where
        self._found, self._what = found, what

    def __enter__(self) -> _Check:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        if error is None:
            self._found.count(self._what)
        elif isinstance(error, Fault):
            self._found.fault(self.where, str(error))
        return isinstance(error, Fault)


def audit(data: bytes, key: str | None = None) -> Audit:
    """Check a bundle, against the verifier key of the ledger if it is given. Never raises."""
    found = Audit()
    with found.at("form", "form"):
        require(len(data) <= BUNDLE_BYTES_MAX, f"more than {BUNDLE_BYTES_MAX:,} bytes")
        try:
            text = data.decode()
        except ValueError as error:
            raise Fault(f"it is not UTF-8: {error}") from None
        bundle = read_json(text)
        members(bundle, "answer", "checkpoint", "entries", "format", "key", "statement")
        require(bundle["format"] == FORMAT, f"its format is not {FORMAT}")
        require(isinstance(bundle["entries"], list), "it has no list of entries")
        require(len(bundle["entries"]) <= ENTRIES_MAX, f"more than {ENTRIES_MAX:,} entries")
        found.bundle = bundle
    if found.bundle:
        _check_signed(found, key)
        entries = _check_entries(found)
        _check_statement(found, entries)
        _check_answer(found)
    found.not_checked += (UNTRUE, UNSAID, *NOT_SHOWN)
    return found


def _check_signed(found: Audit, trusted: str | None) -> None:
    """Check the key, and the two notes that it signed."""
    bundle = found.bundle
    with found.at("key", "key"):
        require(isinstance(bundle["key"], str), "the bundle names no key")
        if trusted is None:
            found.key = Key(bundle["key"])
            found.warnings.append(
                f"the key {found.key.name} ({found.key.id.hex()}) was taken from the bundle "
                "itself: whoever made it chose the key. Ask somebody you trust for the ledger's"
            )
        else:
            found.key = Key(trusted)
            require(bundle["key"] == trusted, "the bundle names another key than the one given")
    if found.key is None:
        return
    with found.at("checkpoint", "checkpoint"):
        text, others = open_note(bundle["checkpoint"], found.key)
        head = read_head(text)
        require(head[0] == found.key.name, "the head is of another ledger than the key")
        found.head = head
        found.not_checked += [f"the signature of {name} under the head" for name in others]
    with found.at("statement", "statement"):
        text, others = open_note(bundle["statement"], found.key)
        header, _, body = text.partition("\n")
        require(header == "headwater/statement/v1" and body.endswith("\n"), "it states nothing")
        said = read_json(body[:-1])
        names = ("answer", "entries", "origin", "query", "root", "rules", "size", "withheld")
        kinds = (str, list, str, dict, str, int, int, list)
        right = zip(members(said, *names), kinds)  # noqa: B905 - as many
        require(all(isinstance(value, kind) for value, kind in right), "it states nothing")
        require(are_numbers(said["entries"]), "its entries are no numbers")
        found.statement = said


def _check_entries(found: Audit) -> list[dict[str, Any]] | None:
    """Check entry by entry; give what of their parts is withheld, or None if that is not clear."""
    withheld: list[dict[str, Any]] = []
    before, clear = -1, True
    for place, entry in enumerate(found.bundle["entries"]):
        proof: tuple[bytes, int, list[bytes]] | None = None
        with found.at(f"entries, place {place}", "entries") as check:
            members(entry, "parts", "proof")
            proof = read_proof(entry["proof"])
            leaf, index, path = proof
            check.where = f"entry {index}"
            require(index > before, "it does not come after the one before it")
            before = index
            if found.head is None:
                raise Fault("there is no head to prove it against")
            root = root_from(hash_leaf(leaf), index, found.head[1], path)
            require(root == base64.b64decode(found.head[2]), "it is not in the ledger of the head")
        if proof is None:
            clear = False
            continue
        clear &= _check_parts(found, proof, entry["parts"], withheld)
    return withheld if clear else None


def _check_parts(
    found: Audit,
    proof: tuple[bytes, int, list[bytes]],
    parts: Any,
    withheld: list[dict[str, Any]],
) -> bool:
    """Check that bytes and salts are those that a leaf commits to; whether they could be told."""
    leaf, index, _ = proof
    commitments: list[bytes] = []
    before = len(found.faults)
    with found.at(f"entry {index}", "leaves"):
        commitments = read_commitments(leaf)
        require(isinstance(parts, list), "it has no list of parts")
        require(len(parts) == len(commitments), "its parts are not as many as its leaf says")
    if len(found.faults) > before:
        return False
    for number, (part, commitment) in enumerate(zip(parts, commitments)):  # noqa: B905 - equal
        with found.at(f"entry {index}, part {number}", "parts"):
            if isinstance(part, dict) and "withheld" in part:
                (why,) = members(part, "withheld")
                require(isinstance(why, str) and why in WITHHELD, "withheld for no known reason")
                withheld.append({"entry": index, "part": number, "why": why})
                continue
            body, salt = members(part, "bytes", "salt")
            given = b"headwater/part/v1\x00" + read_base64(salt, 16) + read_base64(body)
            require(
                hashlib.sha256(given).digest() == commitment,
                "its bytes are not those that the ledger committed to",
            )
    return True


def _check_statement(found: Audit, withheld: list[dict[str, Any]] | None) -> None:
    """Check that the statement is about this head and these entries."""
    said, head = found.statement, found.head
    if not said:
        return
    with found.at("statement", "its head"):
        if head is None:
            raise Fault("there is no head that it could be about")
        require(
            (said["origin"], said["size"], said["root"]) == head,
            "it is about another head than the one in the bundle",
        )
    with found.at("statement", "its entries"):
        if withheld is None:
            raise Fault("whether these are the entries that it names cannot be told")
        indexes = [read_proof(entry["proof"])[1] for entry in found.bundle["entries"]]
        require(said["entries"] == indexes, "the bundle has other entries than it names")
        require(said["withheld"] == withheld, "other bytes are withheld than it names")
    for why in sorted(WITHHELD):
        count = sum(one["why"] == why for one in withheld or ())
        if count:
            found.not_checked.append(f"the bytes of {count} parts: {WITHHELD[why]}")


def _check_answer(found: Audit) -> None:
    """Check that the answer is the one that was stated, to this question, and rests on these."""
    said, answer = found.statement, found.bundle["answer"]
    if not said:
        return
    with found.at("answer", "answer"):
        digest = hashlib.sha256(canonical(answer).encode()).hexdigest()
        require(said["answer"] == f"sha256:{digest}", "it is not the answer that was stated")
        require(isinstance(answer, dict), "it is no answer")
        point = {"root": said["root"], "size": said["size"]}
        for name, value in (
            ("ask", said["query"].get("ask")),
            ("root", said["query"].get("ref")),
            ("rules", said["rules"]),
            ("head", point),
        ):
            require(answer.get(name) == value, f"its {name} is not the one that was stated")
        edges: Any = answer.get("edges")
        require(isinstance(edges, list), "it has no edges")
        there = set(said["entries"])
        for edge in edges:
            named: Any = edge.get("entries") if isinstance(edge, dict) else None
            require(are_numbers(named), "one of its edges names no entries")
            missing = sorted(set(named) - there)
            require(not missing, f"it rests on entries that are not here: {missing[:10]}")


def describe(found: Audit) -> Iterator[str]:
    """Say in lines what was checked, what does not hold, and what was not checked."""
    if found.statement and found.head:
        asked = found.statement["query"]
        yield f"{asked.get('ask')} of {asked.get('ref')}"
        yield f"ledger {found.head[0]} at {found.head[1]} entries, root {found.head[2]}"
    yield "checked: " + ", ".join(f"{n} {what}" for what, n in found.checked.items())
    yield from (f"DOES NOT HOLD: {where}: {what}" for where, what in found.faults)
    yield from (f"warning: {text}" for text in found.warnings)
    yield from (f"not checked: {text}" for text in found.not_checked)
    yield "What was checked holds." if found.holds else "This bundle does not hold."


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle that the command line names."""
    parser = argparse.ArgumentParser(description="Check a proof bundle of Headwater.")
    parser.add_argument("bundle", help="the file")
    parser.add_argument("--key", help="the verifier key of the ledger, as you were told it")
    asked = parser.parse_args(arguments)
    try:
        with open(asked.bundle, "rb") as file:  # noqa: PTH123 - for whoever reads this
            data = file.read(BUNDLE_BYTES_MAX + 1)
    except OSError as error:
        parser.error(str(error))
    found = audit(data, asked.key)
    for line in describe(found):
        print(line.encode("ascii", "backslashreplace").decode())  # noqa: T201
    return 0 if found.holds else 1


if __name__ == "__main__":
    sys.exit(main())
