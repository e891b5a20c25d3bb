"""Signed notes and the keys that sign them."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.errors import InvalidNote
from headwater.ledger import note
from headwater.ledger.note import Signature, Signer, Verifier

VECTORS = json.loads((Path(__file__).parent / "vectors" / "note.json").read_bytes())
SIGNER = Signer.generate("example.com/log", bytes(range(32)))
OTHER = Signer.generate("example.com/log", bytes(range(1, 33)))
WITNESS = Signer.generate("witness.example", bytes(range(2, 34)))
TEXT = "hello\n"

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(
    lambda name: "+" not in name and not any(char.isspace() or char < " " for char in name)
)
LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8)
TEXTS = st.lists(LINES, min_size=1, max_size=5).map(lambda lines: "".join(f"{x}\n" for x in lines))
SIGNATURES = st.lists(
    st.builds(
        Signature,
        name=NAMES,
        key_id=st.binary(min_size=4, max_size=4),
        data=st.binary(min_size=1, max_size=70),
    ),
    min_size=1,
    max_size=4,
).map(tuple)


def is_refused(data: bytes, verifiers: list[Verifier]) -> bool:
    """Whether a note cannot be opened."""
    try:
        note.open_note(data, verifiers)
    except InvalidNote:
        return True
    return False


def test_published_signatures_hold_or_fail_as_published(shared: Path) -> None:
    """Each of the 151 published Ed25519 cases is taken or refused as it says."""
    path = shared / "vectors" / "wycheproof" / "ed25519_test.json"
    groups = json.loads(path.read_bytes())["testGroups"]
    cases = [
        (Verifier("k", bytes.fromhex(g["publicKey"]["pk"])), c) for g in groups for c in g["tests"]
    ]

    wrong = [
        case["tcId"]
        for verifier, case in cases
        if verifier.verify(bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
        is not (case["result"] == "valid")
    ]

    assert len(cases) == 151
    assert wrong == []


def test_a_note_has_the_bytes_written_down() -> None:
    """RFC 8032's first test key gives the key id, the verifier key and the note of the vector."""
    case = VECTORS["signed"]
    signer = Signer.generate(case["name"], bytes.fromhex(case["seed"]))

    assert signer.verifier.public_key.hex() == case["public_key"]
    assert signer.key_id.hex() == case["key_id"]
    assert signer.verifier.encode() == case["vkey"]
    assert note.sign_note(case["text"], [signer]) == case["note"].encode()


@pytest.mark.parametrize("case", VECTORS["malformed"], ids=lambda case: case["name"])
def test_malformed_notes_are_refused(case: dict[str, Any]) -> None:
    """What is not exactly a signed note is refused before any signature is looked at."""
    with pytest.raises(InvalidNote):
        note.parse_note(case["note"].encode())


@pytest.mark.parametrize("case", VECTORS["malformed_keys"], ids=lambda case: case["name"])
def test_malformed_verifier_keys_are_refused(case: dict[str, Any]) -> None:
    """A verifier key has one form, and must name its own key id."""
    with pytest.raises(InvalidNote):
        Verifier.decode(case["vkey"])


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    """A note is UTF-8."""
    with pytest.raises(InvalidNote, match="UTF-8"):
        note.parse_note(b"\xff" + note.sign_note(TEXT, [SIGNER]))


@given(TEXTS, SIGNATURES)
@settings(max_examples=50, deadline=None)
def test_a_note_survives_its_bytes(text: str, signatures: tuple[Signature, ...]) -> None:
    """Any note reads back as it was written, empty lines in its text included."""
    assert note.parse_note(note.format_note(text, signatures)) == (text, signatures)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_no_change_of_a_byte_is_accepted(data: st.DataObject) -> None:
    """A note with one signature is refused after a change of any byte."""
    changed = bytearray(note.sign_note("origin\n\n12\n", [SIGNER]))
    place = data.draw(st.integers(0, len(changed) - 1))
    changed[place] ^= data.draw(st.integers(1, 255))

    assert is_refused(bytes(changed), [SIGNER.verifier])


def test_an_opened_note_tells_known_keys_from_unknown_ones() -> None:
    """Signatures of unknown keys are kept apart and change nothing."""
    signed = note.sign_note(TEXT, [WITNESS, SIGNER, OTHER])

    opened = note.open_note(signed, [SIGNER.verifier])

    assert opened.text == TEXT
    assert opened.verified == (SIGNER.sign(TEXT),)
    assert opened.unknown == (WITNESS.sign(TEXT), OTHER.sign(TEXT))


def test_a_note_without_a_known_key_is_refused() -> None:
    """A note whose keys are all unknown says nothing; the error names them."""
    with pytest.raises(InvalidNote, match=r"no known key.*'witness\.example'"):
        note.open_note(note.sign_note(TEXT, [WITNESS]), [SIGNER.verifier])


def test_a_failing_known_key_rejects_a_note_that_another_key_signed() -> None:
    """One good signature does not make up for a bad one of a known key."""
    forged = Signature(SIGNER.name, SIGNER.key_id, bytes(64))
    data = note.format_note(TEXT, [WITNESS.sign(TEXT), forged])

    with pytest.raises(InvalidNote, match=r"'example\.com/log' does not hold"):
        note.open_note(data, [SIGNER.verifier, WITNESS.verifier])


def test_a_signature_under_a_foreign_name_is_unknown() -> None:
    """Name and id together are the key: the same id under another name is not the known key."""
    renamed = SIGNER.sign(TEXT)._replace(name="example.com/other")

    assert is_refused(note.format_note(TEXT, [renamed]), [SIGNER.verifier])


def test_a_signature_of_another_text_is_refused() -> None:
    """A signature cannot be carried over to another text."""
    data = note.format_note("other\n", [SIGNER.sign(TEXT)])

    assert is_refused(data, [SIGNER.verifier])


def test_old_notes_outlive_a_rotation() -> None:
    """A reader who knows both keys of one name opens the notes of both; each key opens its own."""
    old, new = note.sign_note(TEXT, [SIGNER]), note.sign_note(TEXT, [OTHER])
    both = [SIGNER.verifier, OTHER.verifier]

    assert not is_refused(old, both)
    assert not is_refused(new, both)
    assert not is_refused(old, [SIGNER.verifier])
    assert is_refused(new, [SIGNER.verifier])


def test_two_known_keys_with_one_name_and_id_are_refused() -> None:
    """A reader that cannot tell two keys apart is told so."""
    twin = Verifier(SIGNER.name, SIGNER.verifier.public_key)

    with pytest.raises(InvalidNote, match="two known keys"):
        note.open_note(note.sign_note(TEXT, [SIGNER]), [SIGNER.verifier, twin])


def test_a_cosignature_of_another_type_plugs_in() -> None:
    """A key of another signature type is known by its own id and checked by its own rule."""

    class Cosigner:
        name = "witness.example"
        key_id = note.key_id("witness.example", WITNESS.verifier.public_key, type_=0x04)

        def verify(self, text: bytes, signature: bytes) -> bool:
            return signature[8:] == sha256(signature[:8] + text).digest()

    cosignature = Signature(
        Cosigner.name, Cosigner.key_id, bytes(8) + sha256(bytes(8) + TEXT.encode()).digest()
    )
    data = note.format_note(TEXT, [SIGNER.sign(TEXT), cosignature])

    assert cosignature.key_id != WITNESS.key_id
    assert note.open_note(data, [Cosigner()]).verified == (cosignature,)


@pytest.mark.parametrize("count", [16, note.SIGNATURES_MAX])
def test_many_signatures_are_taken(count: int) -> None:
    """At least the sixteen signatures that the specification asks for, and up to our limit."""
    line = Signature("k", bytes(4), bytes(5000))
    data = note.format_note(TEXT, [SIGNER.sign(TEXT), *[line] * (count - 1)])

    assert len(note.open_note(data, [SIGNER.verifier]).unknown) == count - 1


def test_more_signatures_than_the_limit_are_refused() -> None:
    """One signature line more than the limit is refused."""
    lines = [Signature("k", bytes(4), b"s")] * (note.SIGNATURES_MAX + 1)

    with pytest.raises(InvalidNote, match="limit"):
        note.format_note(TEXT, lines)


def test_a_note_may_be_as_long_as_its_limit() -> None:
    """1,000,000 bytes are a note; one byte more is none."""
    signature = Signature("k", bytes(4), b"s")
    rest = len(note.format_note(TEXT, [signature])) - len(TEXT)
    text = "a" * (note.NOTE_BYTES_MAX - rest - 1) + "\n"

    assert len(note.format_note(text, [signature])) == 1_000_000
    with pytest.raises(InvalidNote, match="limit"):
        note.format_note("a" + text, [signature])


@pytest.mark.parametrize("text", ["", "no newline", "a\rb\n", "a\tb\n", "nul\0\n", "\ud800\n"])
def test_a_text_that_a_note_cannot_hold_is_not_signed(text: str) -> None:
    """What could not be read back is never written."""
    with pytest.raises(InvalidNote):
        note.sign_note(text, [SIGNER])


@pytest.mark.parametrize(
    ("text", "name"),
    [("a\n\n— k AAAAAAA=", "k"), ("a\n", "k AAAAAAA=\n— k")],
    ids=["text", "name"],
)
def test_nothing_can_pass_for_a_further_signature(text: str, name: str) -> None:
    """A text or name that would read back as another signature line is refused."""
    with pytest.raises(InvalidNote, match="cannot hold"):
        note.format_note(text, [Signature(name, bytes(4), b"s")])


def test_a_text_with_signature_lines_of_its_own_keeps_them() -> None:
    """Only what follows the last empty line is signatures; a signed note can be signed again."""
    inner = note.sign_note(TEXT, [WITNESS]).decode()

    opened = note.open_note(note.sign_note(inner, [SIGNER]), [SIGNER.verifier, WITNESS.verifier])

    assert opened.text == inner
    assert opened.verified == (SIGNER.sign(inner),)


def test_a_note_without_a_signature_is_not_written() -> None:
    """A note has at least one signature."""
    with pytest.raises(InvalidNote):
        note.sign_note(TEXT, [])


@given(NAMES, st.binary(min_size=32, max_size=32))
@settings(max_examples=50, deadline=None)
def test_keys_survive_their_text(name: str, seed: bytes) -> None:
    """Private and public keys read back from their text sign and check alike."""
    signer = Signer.decode(Signer.generate(name, seed).encode())
    verifier = Verifier.decode(signer.verifier.encode())

    assert note.open_note(note.sign_note(TEXT, [signer]), [verifier]).text == TEXT
    assert (signer.name, signer.key_id) == (name, verifier.key_id)


def test_a_private_key_has_the_form_of_the_specification() -> None:
    """The text is PRIVATE+KEY+name+id+base64(0x01 || seed)."""
    key = b64encode(b"\x01" + bytes(range(32))).decode()

    assert SIGNER.encode() == f"PRIVATE+KEY+example.com/log+{SIGNER.key_id.hex()}+{key}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        SIGNER.verifier.encode(),
        SIGNER.encode() + "\n",
        SIGNER.encode().replace(SIGNER.key_id.hex(), "00000000"),
        SIGNER.encode().replace("example.com/log", "example.com/other"),
        SIGNER.encode()[:-4],
    ],
)
def test_what_is_no_private_key_is_refused(text: str) -> None:
    """A private key has one form and must name its own key id."""
    with pytest.raises(InvalidNote) as caught:
        Signer.decode(text)
    assert b64encode(b"\x01" + bytes(range(32))).decode()[:20] not in str(caught.value)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_keys_have_thirty_two_bytes(size: int) -> None:
    """A key of another length is refused."""
    with pytest.raises(InvalidNote, match="32 bytes"):
        Signer.generate("k", bytes(size))
    with pytest.raises(InvalidNote, match="32 bytes"):
        Verifier("k", bytes(size))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\x01b", "a\nb"])
def test_names_have_neither_spaces_nor_plus(name: str) -> None:
    """No key can have a name that a signature line cannot hold."""
    with pytest.raises(InvalidNote, match="no key name"):
        Verifier(name, bytes(32))


def test_a_signer_does_not_show_its_key() -> None:
    """What is printed of a signer is its public half."""
    assert SIGNER.encode() not in repr(SIGNER)
    assert SIGNER.verifier.encode() in repr(SIGNER)
