"""scikit-learn: which columns a fitted transformer makes of which, by place.

Exact for those that keep, choose, encode or combine columns one by one, and for pipelines, unions
and column transformers of them. Of what a function of the program makes, and of transformers that
are not known, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from headwater.capture.own_code import is_own

Places = list[frozenset[int] | None]
"""For each column that comes out, the places of those that it came from; None: not known."""

OUT_MAX: Final = 2_000
"""Columns that come out of one transformer and are followed one by one."""
_PARTS: Final = {
    "Pipeline": "steps", "FeatureUnion": "transformer_list", "ColumnTransformer": "transformers_",
}  # fmt: skip
"""Class → where it has what it is made of: tuples of a name, a transformer, and more."""
INPUTS_MAX: Final = 100_000
"""Columns that all of these came from, counted for each."""


def made_of(transformer: Any, count: int) -> Places | None:
    """Tell what a fitted transformer makes of `count` columns; None where nobody knows."""
    if transformer in (None, "passthrough"):
        return [frozenset((place,)) for place in range(count)]
    if is_own(type(transformer)):
        return None
    kinds = {kind.__name__ for kind in type(transformer).__mro__}
    for name, told in _TOLD.items():
        if name in kinds:
            found = told(transformer, count)
            return found if found is None or _are_few(found) else None
    return None


def learns_of_labels(transformer: Any) -> bool:
    """Whether labels go into what comes out of a fitted transformer, as means of them do.

    By what scikit-learn has it tell of itself. To choose columns by labels puts none into them.
    """
    if transformer in (None, "passthrough", "drop"):
        return False
    kinds = {kind.__name__ for kind in type(transformer).__mro__}
    for name, parts in _PARTS.items():
        if name in kinds:
            return any(learns_of_labels(part[1]) for part in getattr(transformer, parts))
    if "SelectorMixin" in kinds:
        return False
    if hasattr(transformer, "__sklearn_tags__"):
        return bool(transformer.__sklearn_tags__().target_tags.required)
    before = getattr(transformer, "_get_tags", dict[str, Any])()  # of scikit-learn 1.6
    return bool(before.get("requires_y", True))


def _are_few(made: Places) -> bool:
    return len(made) <= OUT_MAX and sum(len(one or ()) for one in made) <= INPUTS_MAX


def _one_to_one(_: Any, count: int) -> Places | None:
    return [frozenset((place,)) for place in range(count)]


def _of_all(transformer: Any, count: int) -> Places | None:
    return [frozenset(range(count))] * int(transformer._n_features_out)


def _by_row(_: Any, count: int) -> Places | None:
    """Each value is divided by what all of its row come to."""
    return [frozenset(range(count))] * count


def _chosen(transformer: Any, _: int) -> Places | None:
    return [frozenset((int(place),)) for place in transformer.get_support(indices=True)]


def _encoded(transformer: Any, count: int) -> Places | None:
    """Each column becomes several, one after the other."""
    return _in_blocks(transformer._n_features_outs, count)


def _binned(transformer: Any, count: int) -> Places | None:
    if transformer.encode == "ordinal":
        return _one_to_one(transformer, count)
    return _in_blocks(transformer.n_bins_, count)


def _in_blocks(sizes: Sequence[int], count: int) -> Places | None:
    if len(sizes) != count:
        return None
    return [frozenset((place,)) for place, size in enumerate(sizes) for _ in range(int(size))]


def _powers(transformer: Any, _: int) -> Places | None:
    return [
        frozenset(place for place, power in enumerate(row) if power)
        for row in transformer.powers_.tolist()
    ]


def _imputed(transformer: Any, count: int) -> Places | None:
    """Columns without any value are left out, and columns that tell of gaps are added."""
    kept = _one_to_one(transformer, count) or []
    if not transformer.keep_empty_features:
        names = [f"x{place}" for place in range(count)]
        given = list(getattr(transformer, "feature_names_in_", names))
        out = set(map(str, transformer.get_feature_names_out()))
        if len(set(given)) != count:
            return None
        kept = [one for one, name in zip(kept, given, strict=True) if str(name) in out]
    if transformer.add_indicator:
        kept += [frozenset((int(place),)) for place in transformer.indicator_.features_]
    return kept


def _called(transformer: Any, count: int) -> Places | None:
    return _one_to_one(transformer, count) if transformer.func is None else None


def _in_turn(pipeline: Any, count: int) -> Places | None:
    made: Places = [frozenset((place,)) for place in range(count)]
    for _, step in pipeline.steps:
        found = made_of(step, len(made))
        if found is None:
            return None
        made = [_through(made, places) for places in found]
    return made


def _through(before: Places, places: frozenset[int] | None) -> frozenset[int] | None:
    if places is None or any(before[place] is None for place in places):
        return None
    return frozenset().union(*(before[place] or frozenset() for place in places))


def _side_by_side(union: Any, count: int) -> Places | None:
    made: Places = []
    for _, one in union.transformer_list:
        if one != "drop":
            found = made_of(one, count)
            if found is None:
                return None
            made += found
    return made


def _by_column(transformer: Any, _: int) -> Places | None:
    """Each part knows which columns go in, and where what it makes comes out."""
    places = transformer._transformer_to_input_indices
    size = max((part.stop for part in transformer.output_indices_.values()), default=0)
    made: Places = [None] * size
    for name, one, _ in transformer.transformers_:
        part = transformer.output_indices_.get(name)
        if part is None or part.stop == part.start or one == "drop":
            continue
        given = list(places[name])
        found = made_of(one, len(given))
        if found is not None and len(found) == part.stop - part.start:
            before: Places = [frozenset((int(place),)) for place in given]
            made[part] = [_through(before, inside) for inside in found]
    return made


_TOLD: Final[dict[str, Callable[[Any, int], Places | None]]] = {
    "Pipeline": _in_turn,
    "FeatureUnion": _side_by_side,
    "ColumnTransformer": _by_column,
    "FunctionTransformer": _called,
    "OneHotEncoder": _encoded,
    "KBinsDiscretizer": _binned,
    "PolynomialFeatures": _powers,
    "SimpleImputer": _imputed,
    "SelectorMixin": _chosen,
    "Normalizer": _by_row,
    "TfidfTransformer": _by_row,
    "OneToOneFeatureMixin": _one_to_one,
    "ClassNamePrefixFeaturesOutMixin": _of_all,
}
"""Class → what its transformers make of what; the first that is among the classes counts."""
