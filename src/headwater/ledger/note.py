"""Signed notes (C2SP signed-note), with Ed25519 signatures (type 0x01), strictly.

    <text, ending in a newline>
    <blank line>
    — <key name> <base64(key id, 4 bytes || signature)>

A note is read only if writing it again gives the same bytes. Signatures of unknown keys are kept
and ignored; a known key whose signature fails rejects the note. Other signature types (0x04, the
witnesses' cosignatures) plug in as further kinds of `KnownKey`.

Trusted? Whoever controls it, or a signing key, can have any text taken for the ledger's word.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from headwater.canonical import sha256
from headwater.errors import InvalidNote

ED25519 = 0x01
NOTE_BYTES_MAX = 1_000_000
SIGNATURES_MAX = 100
"""The specification asks for at least 16."""
KEY_ID_BYTES = 4
KEY_BYTES = 32

_BREAK = "\n\n"
_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_PRIVATE = "PRIVATE+KEY+"


class Signature(NamedTuple):
    """One signature line, as it stands: nothing is said about whether it holds."""

    name: str
    key_id: bytes
    data: bytes


class Note(NamedTuple):
    """An opened note: its text, the signatures that hold, and those of unknown keys."""

    text: str
    verified: tuple[Signature, ...]
    unknown: tuple[Signature, ...]


class KnownKey(Protocol):
    """A key whose signatures can be checked. Name and id together say which key it is."""

    @property
    def name(self) -> str:
        """The key's name: not empty, no spaces, no plus."""
        ...

    @property
    def key_id(self) -> bytes:
        """The first bytes of a hash over name, type and key: an identifier, not a fingerprint."""
        ...

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether this key made this signature over the text; never raises."""
        ...


class Verifier:
    """A public Ed25519 key under a name."""

    __slots__ = ("key_id", "name", "public_key")

    def __init__(self, name: str, public_key: bytes) -> None:
        """Take 32 bytes of public key (RFC 8032 §5.1.5); `InvalidNote` if they or the name fail."""
        _require_name(name)
        if len(public_key) != KEY_BYTES:
            raise InvalidNote(f"an Ed25519 key has {KEY_BYTES} bytes, not {len(public_key)}")
        self.name = name
        self.public_key = public_key
        self.key_id = key_id(name, public_key)

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether this key made this signature over the text (RFC 8032 §5.1.7)."""
        # Imported here: whoever only reads notes is spared some 10 ms of every start.
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except InvalidSignature:
            return False
        return True

    def encode(self) -> str:
        """Write as a verifier key: `<name>+<key id, hex>+<base64(type || public key)>`."""
        return _join_key(self.name, self.key_id, self.public_key)

    @classmethod
    def decode(cls, vkey: str) -> Verifier:
        """Read a verifier key; raises `InvalidNote` unless it is exactly what `encode` writes."""
        name, key = _split_key(vkey)
        verifier = cls(name, key)
        if verifier.encode() != vkey:
            raise InvalidNote(f"a verifier key that does not name its own key: {vkey!r}")
        return verifier


class Signer:
    """A private Ed25519 key under a name. Its `repr` does not show it."""

    __slots__ = ("_seed", "_sign", "verifier")

    def __init__(self, name: str, seed: bytes) -> None:
        """Take 32 random bytes as private key (RFC 8032 §5.1.5); `InvalidNote` if not 32."""
        if len(seed) != KEY_BYTES:
            raise InvalidNote(f"an Ed25519 private key has {KEY_BYTES} bytes, not {len(seed)}")
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._seed = seed
        key = Ed25519PrivateKey.from_private_bytes(seed)
        self._sign = key.sign
        self.verifier = Verifier(name, key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, seed: bytes) -> Signer:
        """Make a key from 32 bytes of the caller's randomness."""
        return cls(name, seed)

    @property
    def name(self) -> str:
        """The key's name."""
        return self.verifier.name

    @property
    def key_id(self) -> bytes:
        """The key's id, 4 bytes."""
        return self.verifier.key_id

    def sign(self, text: str) -> Signature:
        """Sign the text of a note; `format_signature` writes the line."""
        return Signature(self.name, self.key_id, self._sign(_encode_text(text)))

    def encode(self) -> str:
        """Write as `PRIVATE+KEY+<name>+<key id, hex>+<base64(type || private key)>`: a secret."""
        return _PRIVATE + _join_key(self.name, self.key_id, self._seed)

    @classmethod
    def decode(cls, text: str) -> Signer:
        """Read what `encode` wrote; `InvalidNote` for anything else. Messages hold no secret."""
        if not text.startswith(_PRIVATE):
            raise InvalidNote(f"a private key starts with {_PRIVATE}")
        name, seed = _split_key(text.removeprefix(_PRIVATE))
        signer = cls(name, seed)
        if signer.encode() != text:
            raise InvalidNote("a private key that does not name its own key")
        return signer

    def __repr__(self) -> str:
        return f"Signer({self.verifier.encode()!r})"


def key_id(name: str, public_key: bytes, *, type_: int = ED25519) -> bytes:
    """Derive a key's id: SHA-256(name || 0x0A || type || public key)[:4]."""
    return sha256(name.encode() + b"\n" + bytes([type_]) + public_key)[:KEY_ID_BYTES]


def sign_note(text: str, signers: Iterable[Signer]) -> bytes:
    """Write a note with one signature of each signer; `InvalidNote` if the text cannot be one."""
    return format_note(text, [signer.sign(text) for signer in signers])


def open_note(data: bytes, verifiers: Iterable[KnownKey]) -> Note:
    """Read a note and check every signature of a known key.

    Raises `InvalidNote` if it is malformed, if the signature of a known key fails, or if no known
    key signed it.
    """
    text, signatures = parse_note(data)
    known: dict[tuple[str, bytes], KnownKey] = {}
    for key in verifiers:
        if known.setdefault((key.name, key.key_id), key) is not key:
            raise InvalidNote(f"two known keys have the name {key.name!r} and the same id")
    signed = text.encode()
    verified: list[Signature] = []
    unknown: list[Signature] = []
    for signature in signatures:
        signing_key = known.get((signature.name, signature.key_id))
        if signing_key is None:
            unknown.append(signature)
        elif signing_key.verify(signed, signature.data):
            verified.append(signature)
        else:
            raise InvalidNote(f"the signature of {signature.name!r} does not hold")
    if not verified:
        names = ", ".join(sorted({repr(signature.name) for signature in signatures}))
        raise InvalidNote(f"no known key signed this note; it is signed by {names}")
    return Note(text, tuple(verified), tuple(unknown))


def format_note(text: str, signatures: Iterable[Signature]) -> bytes:
    """Write a note; raises `InvalidNote` if `parse_note` would not read it back as it is."""
    signatures = tuple(signatures)
    data = _encode_text(text + "\n" + "".join(map(format_signature, signatures)))
    if parse_note(data) != (text, signatures):
        raise InvalidNote("a text or a signature that a note cannot hold")
    return data


def format_signature(signature: Signature) -> str:
    """Write a signature line, with its newline."""
    return f"{_DASH}{signature.name} {_encode64(signature.key_id + signature.data)}\n"


def parse_note(data: bytes) -> tuple[str, tuple[Signature, ...]]:
    """Take a note apart without believing any of it: (text, signatures).

    Raises `InvalidNote` unless `format_note(*parse_note(data)) == data`.
    """
    if len(data) > NOTE_BYTES_MAX:
        raise InvalidNote(f"a note of {len(data)} bytes; the limit is {NOTE_BYTES_MAX}")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise InvalidNote("a note that is not UTF-8") from None
    if _CONTROL.search(whole):
        raise InvalidNote("a note with a control character other than newline")
    # The last empty line separates; the text may have some of its own.
    head, middle, tail = whole.rpartition(_BREAK)
    if not middle or not tail.endswith("\n"):
        raise InvalidNote("a note needs a text, an empty line and whole signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise InvalidNote(f"a note with {len(lines)} signatures; the limit is {SIGNATURES_MAX}")
    return head + "\n", tuple(_parse_signature(line) for line in lines)


def _parse_signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    data = _decode64(encoded)
    if not line.startswith(_DASH) or data is None or len(data) <= KEY_ID_BYTES:
        raise InvalidNote(f"no signature line: {line!r}")
    _require_name(name)
    return Signature(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def _encode_text(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidNote("a text with a lone surrogate") from None


def _require_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() for char in name) or _CONTROL.search(name):
        raise InvalidNote(f"{name!r} is no key name: it must have neither space nor plus")


def _join_key(name: str, id_: bytes, key: bytes) -> str:
    return f"{name}+{id_.hex()}+{_encode64(bytes([ED25519]) + key)}"


def _split_key(text: str) -> tuple[str, bytes]:
    name, _, rest = text.partition("+")
    key = _decode64(rest.partition("+")[2])
    if key is None or key[:1] != bytes([ED25519]):
        raise InvalidNote(f"the key of {name!r} is no Ed25519 key: <name>+<key id>+<base64>")
    return name, key[1:]


def _encode64(data: bytes) -> str:
    return b64encode(data).decode()


def _decode64(text: str) -> bytes | None:
    """Read standard base64 (RFC 4648 §4) in its one form: padded, and no spare bit set."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return None
    return data if _encode64(data) == text else None
