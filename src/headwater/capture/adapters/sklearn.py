"""scikit-learn's estimators, and all that derive from them (XGBoost's and LightGBM's wrappers too).

A fitted estimator came from what it was fitted on, and what it predicts or transforms from it and
from the data. Of several estimators in one another (pipelines, searches) the outermost speaks.

Methods that a class of `__main__` defines are left as they are: such classes are pickled with their
code, and that must stay theirs. What these make is of unknown origin.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from types import FunctionType, ModuleType
from typing import Any, Final

from headwater.capture import boosters, learning, models, objects, origins, runs, runtime
from headwater.capture.adapters import sklearn_columns
from headwater.capture.adapters.pandas_labels import has_rows
from headwater.capture.hearing import Heard
from headwater.capture.origins import (
    FILTER,
    TRAINING,
    TRANSFORMATION,
    UNTOLD,
    Field,
    Origin,
    is_known,
    recall,
    remember,
)
from headwater.capture.own_code import is_own
from headwater.capture.patching import Patches
from headwater.capture.settings import Inside, inside
from headwater.capture.watching import Observer, is_watched, leave_frame_out

SUPPORTED = ((1, 3), (2, 0))

CANDIDATES_MAX: Final = 1_000
"""Candidates of one search that are recorded as runs; of a longer search, none, and a gap."""
_SETTINGS: Final = (
    "classes", "callbacks", "eval_metric", "eval_names", "feature_name", "categorical_feature",
)  # fmt: skip
"""Arguments that are lists and no data."""
_BY_VALUE: Final = ("__main__", "__mp_main__")
_MEASURED: Final = ("oob_score_", "n_iter_", "inertia_", "_best_iteration")
_SCORES: Final = ("mean_test_", "std_test_", "rank_test_")

Arguments = tuple[Any, ...]
Named = dict[str, Any]
Columns = Mapping[str, frozenset[Field]]
Done = Callable[[Any, Arguments, Named, Origin | None], None]
"""As an observer, and with the origin of what else was used (None: nothing)."""

fitting: Final[ContextVar[bool]] = ContextVar("headwater_fitting", default=False)
"""Whether an estimator with code of the program's own is at work: what goes on within is its."""


def install(base: ModuleType, patches: Patches) -> None:
    """Observe the classes that are there, and each one that is made from now on."""
    from sklearn.utils._set_output import _SetOutputMixin

    estimator = base.BaseEstimator
    models.kinds.append(estimator)
    models.describers[estimator] = describe
    objects.followed.append(estimator)
    for name, one in list(vars(base).items()):
        if isinstance(one, type) and name.endswith("Mixin"):
            _watch(one, patches)
    # The one that comes first among the bases calls the other, and may wrap methods after that.
    for owner in (estimator, _SetOutputMixin):
        _follow(owner, estimator, patches)
    for one in _subclasses(estimator):
        _watch(one, patches)


def _follow(owner: Any, estimator: type, patches: Patches) -> None:
    own = vars(owner).get("__init_subclass__")

    @functools.wraps(owner.__init_subclass__.__func__)
    def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:  # noqa: N807 (it takes its place)
        try:
            if own is None:
                super(owner, cls).__init_subclass__(**kwargs)
            else:
                own.__func__(cls, **kwargs)
        except BaseException as error:
            leave_frame_out(error)
            raise
        try:
            if issubclass(cls, estimator):
                _watch(cls, patches)
        except Exception as error:
            runtime.complain(f"{cls.__qualname__}: {error!r}")

    made: Any = classmethod(__init_subclass__)
    patches.replace(owner, "__init_subclass__", made)


def _subclasses(of: type[Any]) -> Iterable[type[Any]]:
    for one in of.__subclasses__():
        yield one
        yield from _subclasses(one)


def _watch(cls: type, patches: Patches) -> None:
    """Observe the methods of a class and of what it derives from, which may be no estimators."""
    for one in cls.__mro__:
        if one.__module__ not in _BY_VALUE:
            for name in _METHODS.keys() & vars(one).keys():
                _observe(one, name, _METHODS[name], patches)


def _observe(owner: Any, name: str, observer: Observer, patches: Patches) -> None:
    found = vars(owner)[name]
    if isinstance(found, FunctionType):
        if not is_watched(found):
            patches.observe(
                owner, name, observer, before=_begin, failed=_break_off, guard=fitting, lifted=True
            )
    elif isinstance(getattr(found, "fn", None), FunctionType):
        _observe(found, "fn", observer, patches)  # there if an estimator within has it


class _Begun:
    """A call of an estimator's method: what lies within that, and what is read meanwhile."""

    __slots__ = ("heard", "inside", "opens")

    def __init__(self, found: Inside) -> None:
        self.inside = found
        self.opens = found.opens
        self.heard = Heard() if found.opens else None


def _begin(args: Arguments, kwargs: Named) -> _Begun | None:
    labels = getattr(_data(args, kwargs), "columns", ())
    # Data that is known goes in as such, whether it is given by place or by name.
    others = [one for one in kwargs.values() if not is_known(one)]
    found = inside(args[0], others, labels)
    return None if found is None else _Begun(found)


def _break_off(_: Any, _args: Arguments, kwargs: Named) -> None:
    begun = kwargs["__before__"]
    if begun is not None and begun.heard is not None:
        begun.heard.stop()


def _done(observer: Done) -> Observer:
    """Have an observer told, too, what a method used besides what it was given, by dataset."""

    def observe(result: Any, args: Arguments, kwargs: Named) -> None:
        begun: _Begun | None = kwargs.pop("__before__")
        if begun is None:
            observer(result, args, kwargs, None)
            return
        heard = begun.heard
        if heard is not None:
            heard.stop()
        learned = observer in _ASKING and recall(args[0]) is not None
        keys = () if heard is None else heard.keys
        observer(result, args, kwargs, begun.inside.origin(keys, learned=learned))

    return observe


def _fit(_: Any, args: Arguments, kwargs: Named, more: Origin | None) -> None:
    model = args[0]
    _trained(model, args, kwargs, None, more)
    if hasattr(model, "cv_results_"):
        _tell_candidates(model, args, kwargs)


def _fit_more(_: Any, args: Arguments, kwargs: Named, more: Origin | None) -> None:
    _trained(args[0], args, kwargs, recall(args[0]), more)


def _fit_and_make(result: Any, args: Arguments, kwargs: Named, more: Origin | None) -> None:
    _trained(args[0], args, kwargs, None, more)
    _make(result, args, kwargs, more)


def _trained(
    model: Any, args: Arguments, kwargs: Named, before: Origin | None, more: Origin | None
) -> None:
    given = _given(args, kwargs)
    origin = objects.made_of(given)
    if origin is not None:
        origin = _with(origin.of_columns(learning.taught(given)), more)
    if getattr(model, "warm_start", False):
        before = recall(model)
    if before is not None:
        origin = origins.further(before, origin)
    data, label = recall(_data(args, kwargs)), recall(_label(args, kwargs))
    rows = _rows(_data(args, kwargs)) if before is None else None
    beside = learning.fields_of(one for one in given if one is not _data(args, kwargs))
    best = getattr(model, "best_estimator_", None)
    for one in (model, *_inner(model)):
        remember(one, origin)
        told = data if one in (model, best) else None
        earlier = None if before is None else models.trainings.get(one)
        training = models.train(one, describe, told, label, rows=rows)
        training.beside = beside or frozenset()
        if earlier is not None:
            training.go_on_from(earlier)
    if best is not None:
        models.best(best, model, getattr(model, "best_score_", None))


def _with(origin: Origin | None, more: Origin | None) -> Origin | None:
    """Add what else was used; unknown stays unknown."""
    return origin if origin is None or more is None else origins.merge(origin, more)


def _rows(data: Any) -> int | None:
    shape = getattr(data, "shape", None)
    return shape[0] if isinstance(shape, tuple) and shape and isinstance(shape[0], int) else None


def _inner(model: Any) -> list[Any]:
    """List what is taken out of a search or pipeline and used alone."""
    best = getattr(model, "best_estimator_", None)
    found = [] if best is None else [best, *_inner(best)]
    steps = getattr(model, "steps", None)
    if isinstance(steps, list):
        found += [one for _, one in steps if hasattr(one, "get_params")]
    return found


def _given(args: Arguments, kwargs: Named) -> list[Any]:
    """List what a method was given to work on."""
    return [*args[1:], *(one for name, one in kwargs.items() if name not in _SETTINGS)]


def _data(args: Arguments, kwargs: Named) -> Any:
    return args[1] if len(args) > 1 else kwargs.get("X")


def _label(args: Arguments, kwargs: Named) -> Any:
    return args[2] if len(args) > 2 else kwargs.get("y")


def _make(result: Any, args: Arguments, kwargs: Named, more: Origin | None) -> None:
    """What a transformer makes is of what it learned and of what went in, as far as it tells."""
    _give(result, args, kwargs, more, _columns(result, args, kwargs))
    asked, learned = learning.fields_of(_given(args, kwargs)), learning.learned(args[0])
    origin = recall(result)
    if more is None and origin is not None and asked is not None and learned is not None:
        fields = asked | origins.through(learned, TRAINING)
        origins.mix(result, origin.of_columns({"": fields}))


def _give(
    result: Any, args: Arguments, kwargs: Named, more: Origin | None, columns: Columns | None
) -> None:
    """What comes out came from the model and from what went in; what the program made, of that."""
    if any(result is one for one in args):
        return
    data = [one for one in _given(args, kwargs) if objects.is_data(one)]
    origin = _with(objects.together([args[0], *data]), more)
    if origin is None:
        return
    made = recall(result) if is_own(type(args[0])) else None
    if made is not None and not made.opaque:  # the program made it of frames that are known
        origin = origins.merge(origin.of_columns(None), made.of_columns(None))
        objects.give(result, origin.of_columns(made.columns))
        return
    objects.give(result, origin.of_columns(columns))


def _columns(result: Any, args: Arguments, kwargs: Named) -> Columns | None:
    """Follow the columns of a frame through a transformer, as far as it tells."""
    names = getattr(result, "columns", None)
    data = _data(args, kwargs)
    origin = recall(data)
    if names is None or origin is None or origin.columns is None:
        return None
    given = getattr(args[0], "feature_names_in_", getattr(data, "columns", None))
    if given is None:
        return None
    before = [origin.of((name,), TRANSFORMATION) for name in given]
    made = sklearn_columns.made_of(args[0], len(before))
    if made is None or len(made) != len(names):
        return None
    learned = _learned_by_place(args[0], given)
    return {
        str(name): UNTOLD
        if places is None
        else _beside(
            frozenset().union(*(before[place] for place in places)),
            frozenset().union(*(learned[place] for place in places)),
        )
        for name, places in zip(names, made, strict=True)
    }


def _learned_by_place(transformer: Any, given: Iterable[Any]) -> list[frozenset[Field]]:
    """Tell what a transformer learned for each column: of the same one, of weights, of labels.

    Labels count where it puts something of them into what it makes.
    """
    whole, training = learning.learned(transformer), models.trainings.get(transformer)
    if whole is None:
        return [UNTOLD for _ in given]
    if training is None or training.features is None:
        return [origins.through(whole, TRAINING) for _ in given]
    features = frozenset[Field]().union(*training.features.values())
    beside = origins.through(training.beside, TRAINING)
    others = (whole - origins.through(features, TRAINING)) | beside
    if training.label is not None and not sklearn_columns.learns_of_labels(transformer):
        others -= origins.through(training.label.all_fields(), TRAINING)
    each = (training.features.get(str(name), UNTOLD) for name in given)
    return [origins.through(fields, TRAINING) | others for fields in each]


def _beside(made_of: frozenset[Field], learned: frozenset[Field]) -> frozenset[Field]:
    """Add what was learned of other columns than something is made of."""
    told = {field[:3] for field in made_of}
    return made_of | {field for field in learned if field[:3] not in told}


def _predict(result: Any, args: Arguments, kwargs: Named, more: Origin | None) -> None:
    """A prediction is of what the model learned of, and of what it is asked about."""
    is_told = more is None and not has_rows(result)
    columns = learning.answered(args[0], _asked(args, kwargs)) if is_told else None
    _give(result, args, kwargs, more, columns)
    models.predicted(result, args[0])


def _asked(args: Arguments, kwargs: Named) -> frozenset[Field] | None:
    """Give the columns that an estimator was asked about; of a frame, those that it knows.

    Others may be there for it (`ColumnTransformer` leaves them out), and are not looked at.
    """
    data, given = _data(args, kwargs), _given(args, kwargs)
    names, origin = getattr(args[0], "feature_names_in_", None), recall(data)
    if names is None or origin is None or origin.columns is None or not hasattr(data, "columns"):
        return learning.fields_of(given)
    others = learning.fields_of([one for one in given if one is not data])
    fields = origin.of(names, TRANSFORMATION)
    is_known = others is not None and not origin.opaque and origins.is_told(fields)
    return fields | others if is_known and others is not None else None


def _fit_predict(result: Any, args: Arguments, kwargs: Named, more: Origin | None) -> None:
    _trained(args[0], args, kwargs, None, more)
    _predict(result, args, kwargs, more)


def _resample(result: Any, args: Arguments, kwargs: Named, more: Origin | None) -> None:
    """Rows were chosen, or made, by all of what was given; columns stay what they are."""
    given = [_data(args, kwargs), _label(args, kwargs)]
    whole = _with(objects.made_of(given), more)
    if whole is None:
        return
    known = [recall(one) for one in given]
    for origin in known:
        whole = whole if origin is None else whole.shape(origin.all_fields(FILTER))
    for one, origin in zip(result, known, strict=False):
        columns = None if origin is None or whole.opaque else origin.columns
        changed = {
            name: origins.through(fields, TRANSFORMATION)
            for name, fields in (columns or {}).items()
        }
        objects.give(one, whole.of_columns(changed or None))


def _score(result: Any, args: Arguments, kwargs: Named, _: Origin | None) -> None:
    label = _label(args, kwargs)
    models.measure(
        models.maker(args[0]), "score", result, _data(args, kwargs) if label is None else label
    )


def describe(model: Any) -> models.Described:
    """Tell of an estimator what it knows itself."""
    told = {"estimator": called(model), **models.parameters(model.get_params())}
    best = getattr(model, "best_params_", None)
    if isinstance(best, dict):
        told["hyperparameters"]["best_params"] = models.parameters(best)["hyperparameters"]
    metrics = _metrics(model)
    if metrics:
        told["metrics"] = metrics
    names = getattr(model, "feature_names_in_", None)
    if names is not None:
        told["features"] = [str(name) for name in names]
    return told


def _metrics(model: Any) -> dict[str, float]:
    """Give what an estimator measured itself while it was fitted, and how many steps it took."""
    own = vars(model)
    found = {name.strip("_"): own[name] for name in _MEASURED if name in own}
    found = {name: float(one) for name, one in found.items() if isinstance(one, (int, float))}
    for name in ("evals_result_", "_best_score"):
        found |= boosters.last_of(own.get(name))
    if own.get("early_stopping_rounds") is not None:  # XGBoost asks its booster
        best = getattr(model, "best_iteration", None)
        found |= {} if best is None else {"best_iteration": float(best)}
    return found


def called(model: Any) -> str:
    """Name a class where users import it from: private modules are left out."""
    kind = type(model)
    public: list[str] = []
    for part in kind.__module__.split("."):
        if part.startswith("_") and part != "__main__":
            break
        public.append(part)
    return ".".join([*public, kind.__qualname__])


def _tell_candidates(search: Any, args: Arguments, kwargs: Named) -> None:
    """Record each candidate of a search as a run with its parameters and scores."""
    results = search.cv_results_
    candidates = results["params"]
    if len(candidates) > CANDIDATES_MAX:
        runs.gap(f"{len(candidates):,} candidates of a search (limit: {CANDIDATES_MAX:,})")
        return
    origin = objects.made_of(_given(args, kwargs))
    scores = {name: list(column) for name, column in results.items() if name.startswith(_SCORES)}
    for place, params in enumerate(candidates):
        measured = {name: float(column[place]) for name, column in scores.items()}
        models.trial(type(search).__name__, params, measured, origin)


_ASKING: Final = (_predict, _make, _score)
_METHODS: Final[dict[str, Observer]] = {
    "fit": _done(_fit),
    "partial_fit": _done(_fit_more),
    "fit_transform": _done(_fit_and_make),
    "fit_predict": _done(_fit_predict),
    "predict": _done(_predict),
    "predict_proba": _done(_predict),
    "predict_log_proba": _done(_predict),
    "decision_function": _done(_predict),
    "score_samples": _done(_predict),
    "transform": _done(_make),
    "inverse_transform": _done(_make),
    "fit_resample": _done(_resample),
    "score": _done(_score),
}
