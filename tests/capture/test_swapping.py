"""Other code in functions that programs hold already."""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from headwater.capture.patching import Patches

Seen = list[tuple[Any, tuple[Any, ...], dict[str, Any]]]

SOURCE = '''
import functools, warnings

def plain(a, /, b=2, *rest, c=3, **more):
    """Say what it got."""
    return (a, b, rest, c, more)

def _decorate(function, words):
    @functools.wraps(function)
    def wrapped(*args):
        return words + function(*args)
    return wrapped

@functools.partial(_decorate, words="so ")
def decorated(text):
    return text

class Base:
    def name(self):
        return "base"

class Derived(Base):
    def name(self):
        return super().name() + " derived"

def numbers(n):
    yield from range(n)

def fail():
    raise KeyError("k")

def warn():
    warnings.warn("careful", stacklevel=2)
'''


@pytest.fixture
def library() -> ModuleType:
    """A library that somebody has imported already."""
    made = ModuleType("library")
    exec(SOURCE, vars(made))  # noqa: S102
    return made


@pytest.fixture
def patches() -> Iterator[Patches]:
    """Patches of something that is in use."""
    made = Patches(late=True)
    yield made
    made.undo()


def observed(patches: Patches, owner: Any, name: str) -> Seen:
    """Observe a function, and give what is seen of it."""
    seen: Seen = []
    patches.observe(owner, name, lambda *one: seen.append(one))
    return seen


def test_a_function_that_is_held_is_observed(library: ModuleType, patches: Patches) -> None:
    """It stays the object that it is, and takes what it took."""
    held: Callable[..., Any] = library.plain
    before = inspect.signature(held)
    seen = observed(patches, library, "plain")
    assert held(1, 4, 5, c=6, d=7) == (1, 4, (5,), 6, {"d": 7})
    assert seen == [((1, 4, (5,), 6, {"d": 7}), (1, 4, 5), {"c": 6, "d": 7})]
    assert held is library.plain
    assert inspect.signature(held) == before
    assert (held.__name__, held.__doc__) == ("plain", "Say what it got.")


def test_closures_keep_their_cells(library: ModuleType, patches: Patches) -> None:
    """A decorated function, and a method that calls `super()`, do what they did."""
    seen = observed(patches, library, "decorated")
    methods = observed(patches, library.Derived, "name")
    assert library.decorated("it is") == "so it is"
    assert library.Derived().name() == "base derived"
    assert (len(seen), len(methods)) == (1, 1)


def test_local_names_of_the_code_put_in_can_be_looked_at(
    library: ModuleType, patches: Patches
) -> None:
    """A debugger that looks at the frame of a closure finds its cells in it."""
    found: list[dict[str, Any]] = []

    class Text(str):
        def __radd__(self, other: str) -> str:
            frame = inspect.currentframe()
            while frame is not None:
                if frame.f_code.co_name == "wrapped":
                    found.append(dict(frame.f_locals))
                frame = frame.f_back
            return other + str(self)

    observed(patches, library, "decorated")
    assert library.decorated(Text("far")) == "so far"
    assert all("words" in one for one in found)


def test_an_error_passes_without_frames_of_ours(library: ModuleType, patches: Patches) -> None:
    """Its traceback has the frames that it would have had."""
    observed(patches, library, "fail")
    with pytest.raises(KeyError) as caught:
        library.fail()
    assert [one.name for one in traceback.extract_tb(caught.tb)][1:] == ["fail"]


def test_warnings_point_at_the_user(library: ModuleType, patches: Patches) -> None:
    """A warning of the caller's line is of the caller's line still."""
    observed(patches, library, "warn")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        library.warn()
    assert [one.filename for one in caught] == [__file__]


def test_a_generator_stays_one(library: ModuleType, patches: Patches) -> None:
    """What it gives is what it gave."""
    observed(patches, library, "numbers")
    assert list(library.numbers(3)) == [0, 1, 2]


def test_what_is_taken_out_is_as_before(library: ModuleType) -> None:
    """Code and attributes are the function's own again."""
    held = library.decorated
    code, own = held.__code__, dict(vars(held))
    patches = Patches(late=True)
    seen = observed(patches, library, "decorated")
    patches.undo()
    assert (held("it is"), seen) == ("so it is", [])
    assert (held.__code__, vars(held)) == (code, own)


def test_what_is_observed_twice_is_seen_once(library: ModuleType, patches: Patches) -> None:
    """A function that two names of a library have is given other code once."""
    vars(library)["same"] = library.plain
    first, second = (observed(patches, library, name) for name in ("plain", "same"))
    vars(library)["same"](1)
    assert (len(first), len(second)) == (1, 0)
