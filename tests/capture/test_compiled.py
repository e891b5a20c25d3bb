"""Attributes of classes written in C."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from headwater.capture import compiled
from headwater.capture.patching import Patches


def test_a_class_written_in_c_is_observed_and_left_as_it_was() -> None:
    """Methods, and what Python looks up by a slot; undone, the class has its own again."""
    table = pa.table({"x": [1], "y": [2]})
    seen: list[object] = []
    own = dict(vars(pa.Table))
    patches = Patches()
    for name in ("select", "__getitem__"):
        patches.observe(pa.Table, name, lambda _, args, __: seen.append(args[1:]))
    assert compiled.is_fixed(pa.Table)
    assert table.select(["y"])["y"].to_pylist() == [2]
    assert seen == [(["y"],), ("y",)]
    patches.undo()
    assert dict(vars(pa.Table)) == own
    assert table["x"].to_pylist() == [1]
    assert len(seen) == 2


def test_other_classes_need_no_loosening() -> None:
    """Their bit is not there to be taken away."""

    class Plain:
        pass

    with compiled.loosened(Plain):
        Plain.name = "set"  # type: ignore[attr-defined]
    assert not compiled.is_fixed(Plain)


def test_the_bit_is_put_back_whatever_happens() -> None:
    """An attribute that cannot be set leaves the class fixed."""
    with pytest.raises(ZeroDivisionError), compiled.loosened(pa.Table):
        raise ZeroDivisionError
    with pytest.raises(TypeError, match="immutable"):
        pa.Table.select = None


def test_init_is_called_where_a_shortcut_passed_it_over(tmp_path: Path) -> None:
    """Until that is undone; a class without a shortcut stays as it is."""
    (tmp_path / "file").write_text("x")
    patches = Patches()
    seen: list[object] = []
    undo = compiled.called_by_init(pa.OSFile)
    patches.replace(pa.OSFile, "__init__", lambda self, *args: seen.append((type(self), args)))
    assert pa.OSFile(str(tmp_path / "file"), "rb").read() == b"x"
    patches.undo()
    undo()
    assert pa.OSFile(str(tmp_path / "file"), "rb").read() == b"x"
    assert seen == [(pa.OSFile, (str(tmp_path / "file"), "rb"))]

    class Plain:
        pass

    compiled.called_by_init(Plain)()


def test_what_is_not_known_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another layout, or another interpreter."""
    monkeypatch.setattr(compiled, "_BEFORE_FLAGS", 3)
    monkeypatch.setattr(compiled, "_BEFORE_VECTORCALL", 3)
    with pytest.raises(TypeError, match="its layout is not known"):
        compiled.called_by_init(pa.OSFile)
    with pytest.raises(TypeError, match="its layout is not known"), compiled.loosened(pa.Table):
        pass
    monkeypatch.setattr("sys.implementation.name", "other")
    with pytest.raises(TypeError, match="cannot be observed in other"), compiled.loosened(pa.Table):
        pass
