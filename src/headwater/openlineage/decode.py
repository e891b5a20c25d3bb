"""Fast decoding of a body that admission has accepted."""

from __future__ import annotations

from typing import Final

import msgspec

from headwater.openlineage import kinds
from headwater.openlineage.events import Event

_DECODER: Final = msgspec.json.Decoder(Event)
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_DATASETS: Final = msgspec.json.Decoder(list[dict[str, msgspec.Raw]] | None)
_SUBJECTS: Final = ("run", "job", "dataset")


def decode(body: bytes) -> Event:
    """Decode an admitted body; nothing is validated again.

    Facets stay raw. Maps of facets and lists of datasets may be null, which reads as absent; what
    does not belong to the event's kind reads as absent if it cannot be read. Raises
    `msgspec.DecodeError` (or its `ValidationError`) on a body that was never admitted.
    """
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError:
        return _DECODER.decode(_strip(body))


def _strip(body: bytes) -> bytes:
    """Leave out what the event's kind does not read; what stays keeps its bytes."""
    members = _MEMBERS.decode(body)
    subjects: dict[str, object] = {
        key: msgspec.json.decode(members[key]) for key in _SUBJECTS if key in members
    }
    kind = kinds.tell(subjects)
    kept: dict[str, object] = {
        key: raw
        for key, raw in members.items()
        if key not in kinds.MEMBERS or (kind is not None and key in kinds.READ[kind])
    }
    if kind == "dataset":
        kept["dataset"] = _strip_dataset(_MEMBERS.decode(members["dataset"]), ("facets",))
    for side, places in kinds.SIDES.items():
        if side in kept:
            datasets = _DATASETS.decode(members[side])
            kept[side] = datasets and [_strip_dataset(dataset, places) for dataset in datasets]
    return msgspec.json.encode(kept)


def _strip_dataset(
    dataset: dict[str, msgspec.Raw], places: tuple[str, ...]
) -> dict[str, msgspec.Raw]:
    return {key: raw for key, raw in dataset.items() if key in {"namespace", "name", *places}}
