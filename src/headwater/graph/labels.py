"""Labels: what people say about a thing, whatever events say.

The newest statement of a key rules; `owner` and `tag` are sets, and everything said of them stands.
An empty value takes back what was said of the key before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from headwater.claims.model import Labelled
from headwater.graph.model import Label

SETS = frozenset({"owner", "tag"})
"""Keys that hold several values at once."""
TRUE = frozenset({"true", "yes", "1"})


def standing(said: Iterable[Labelled]) -> dict[str, Label]:
    """The labels of one subject, by key."""
    by_key: dict[str, list[Labelled]] = defaultdict(list)
    for label in said:
        by_key[label.key].append(label)
    found = {}
    for key, everything in sorted(by_key.items()):
        taken_back = max((label.time for label in everything if not label.value), default=None)
        labels = [
            label
            for label in everything
            if label.value and (taken_back is None or label.time >= taken_back)
        ]
        if not labels:
            continue
        newest = max(labels, key=lambda label: (label.time, label.value))
        values = {label.value for label in labels} if key in SETS else {newest.value}
        entries = tuple(sorted({label.entry for label in labels}))
        found[key] = Label(tuple(sorted(values)), newest.time, entries)
    return found
