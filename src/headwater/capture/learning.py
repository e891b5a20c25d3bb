"""What models learned from, column by column, and what that makes of their predictions.

A model has no columns: its origin has one, `LEARNED`, of all that it was trained on, where all of
that is known. Of one that came from a file it is the file as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headwater.capture import objects
from headwater.capture.origins import (
    IDENTITY,
    LEARNED,
    PLACED,
    TRAINING,
    TRANSFORMATION,
    WHOLE,
    Field,
    is_told,
    mixed,
    recall,
    remember,
    through,
)


def read_whole(model: object) -> None:
    """What is learned of files is learned of all that is in them."""
    origin = recall(model)
    if origin is not None and not origin.opaque:
        fields = frozenset((*key, WHOLE, IDENTITY) for key in origin.sources)
        remember(model, origin.of_columns({LEARNED: fields}))


def taught(given: Iterable[object]) -> Mapping[str, frozenset[Field]] | None:
    """Give the columns of a model that was trained on these; None where theirs are not known."""
    fields = fields_of(given)
    return None if fields is None else {LEARNED: through(fields, TRAINING)}


def fields_of(given: Iterable[object]) -> frozenset[Field] | None:
    """Give the columns of the data among what was given; None where they are not known."""
    found: frozenset[Field] = frozenset()
    for one in given:
        if objects.is_data(one):
            origin = recall(one)
            if origin is None or origin.opaque:
                return None
            if origin.columns is None:
                origin = mixed(one)
            if origin is None or origin.opaque or origin.columns is None:
                return None
            found |= origin.all_fields()
    return found if is_told(found) else None


def learned(model: object) -> frozenset[Field] | None:
    """Give the columns that a model learned from; None where they are not known.

    Of one from a file it is the file, as a whole.
    """
    origin = recall(model)
    if origin is None or origin.opaque or origin.columns is None:
        return None
    return origin.columns.get(LEARNED)


def answered(
    model: object, asked: frozenset[Field] | None
) -> Mapping[str, frozenset[Field]] | None:
    """Give the columns of a prediction: of what the model learned and of what it was asked about.

    That is of all columns alike, so that any part of an array without names is, too. None where
    one of them is not known.
    """
    known = learned(model)
    if known is None or asked is None:
        return None
    return {PLACED: frozenset(), "": asked | through(known, TRANSFORMATION)}
