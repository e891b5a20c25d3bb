"""What is changed in place, and what is brought in: no origin outlives what it was of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.conftest import last
from tests.capture.test_launching import Launch, launch
from tests.capture.test_objects import run
from tests.capture.test_pandas import columns, inputs, project, written

__all__ = ["launch", "project"]

pytestmark = pytest.mark.slow  # each test imports numpy or pandas in a process of its own

ARRAYS = """
import numpy as np
def fresh():
    return [np.loadtxt(name, skiprows=1, delimiter=",") for name in ("a.csv", "b.csv")]
def keep(name, made):
    np.save(name + ".npy", made)
"""

OVERWRITTEN = {
    "assigned": "a[:] = b[:1].sum()",
    "one_value": "a[1, 1] = b[0, 0]",
    "computed": "a += b[:1]",
    "into": "np.multiply(a, b[:1], out=a)",
    "copied": "np.copyto(a, b[:1])",
    "through_a_view": "part = a[1:]; part[:] = 7",
    "filled": "a.fill(3)",
}


def test_an_overwritten_array_is_of_nothing_exactly(launch: Launch, project: Path) -> None:
    """However it was done, in C or by assignment, also to a part of it."""
    code = "".join(
        f"a, b = fresh()\n{how}\nkeep('{name}', a)\n" for name, how in OVERWRITTEN.items()
    )
    run(launch, ARRAYS + code + "a, b = fresh()\nkeep('same', a)\n")
    assert inputs(project, "same.npy") == ["a.csv"]
    for name in OVERWRITTEN:
        assert "lineage" not in written(project, f"{name}.npy"), name


def test_what_was_not_overwritten_keeps_its_origin(launch: Launch, project: Path) -> None:
    """A view is held against the blocks that it shows; what was made before is another array."""
    run(
        launch,
        f"{ARRAYS}big = np.zeros((6, 4096))\nnp.save('big.npy', big)\n"
        "big = np.load('big.npy')\n"
        "first, last, strided, back = big[:2], big[4:], big[:, 4001], big[::-1][:2]\n"
        "copied = np.concatenate([big, big])\n"
        "big[5, 4000] = 1\n"
        "for name in ('first', 'last', 'strided', 'back', 'copied', 'big'):\n"
        "    keep(name + '_', globals()[name])\n",
    )
    for name in ("first", "copied"):
        assert inputs(project, f"{name}_.npy") == ["big.npy"], name
    for name in ("last", "strided", "back", "big"):
        assert "lineage" not in written(project, f"{name}_.npy"), name


def test_layouts_and_types_are_told_alike(launch: Launch, project: Path) -> None:
    """Dates, records, columns first, big ends; what may not be written to stays what it is."""
    made = {
        "dates": "np.arange('2020-01', '2020-05', dtype='M8[M]')",
        "records": "np.zeros(3, dtype=[('x', 'f8'), ('y', 'i2')])",
        "by_column": "np.asfortranarray(np.arange(12.0).reshape(3, 4))",
        "swapped": "np.arange(5, dtype='>i4')",
        "texts": "np.array(['a', 'bc'])",
        "empty": "np.zeros((0, 3))",
        "single": "np.array(3.0)",
    }
    stored = "".join(f"np.save('{name}_in.npy', {one})\n" for name, one in made.items())
    run(launch, f"import numpy as np\n{stored}", "before.py")
    code = "".join(
        f"one = np.load('{name}_in.npy')\nnp.save('{name}.npy', one)\n"
        f"if one.size:\n    one[...] = one.flat[-1]\n    one.reshape(-1)[:1].view('u1')[:] = 9\n"
        f"np.save('{name}_over.npy', one)\n"
        for name in made
        for one in [name]
    )
    run(launch, f"import numpy as np\n{code}one = np.load('swapped_in.npy', mmap_mode='r')\n"
        "np.save('mapped.npy', one)\n")  # fmt: skip
    assert inputs(project, "mapped.npy") == ["swapped_in.npy"]
    for name in made:
        assert inputs(project, f"{name}.npy") == [f"{name}_in.npy"], name
        assert ("lineage" in written(project, f"{name}_over.npy")) == (name == "empty"), name


def test_an_array_too_large_to_be_summed_is_of_nothing_exactly(
    launch: Launch, project: Path
) -> None:
    """At the limit, and one byte beyond."""
    run(
        launch,
        "import numpy as np\nfrom headwater.capture import contents\n"
        "contents.SUMMED_BYTES_MAX = 100\n"
        "for size in (100, 101):\n"
        "    np.zeros(size, 'u1').tofile(f'{size}.bin')\n"
        "    np.save(f'{size}.npy', np.fromfile(f'{size}.bin', 'u1'))\n",
    )
    assert inputs(project, "100.npy") == ["100.bin"]
    assert "lineage" not in written(project, "101.npy")


def test_an_object_that_nobody_follows_is_of_nothing_exactly(launch: Launch, project: Path) -> None:
    """What is put into an object of the program's own is not noticed."""
    run(
        launch,
        "import pickle\nclass Bag:\n    pass\n"
        'pickle.dump(Bag(), open("bag", "wb"))\n'
        'bag = pickle.load(open("bag", "rb"))\nbag.more = open("a.csv").read()\n'
        'pickle.dump(bag, open("again", "wb"))\n',
    )
    assert "lineage" not in written(project, "again")


FRAMES = """
import warnings
warnings.simplefilter("ignore")
import numpy as np
import pandas as pd
def fresh():
    return pd.read_csv("a.csv"), pd.read_csv("b.csv")
"""

BROUGHT_IN = {
    "loc": "a.loc[a.z == 1, 'x'] = b['y'].to_numpy()",
    "iloc": "a.iloc[0, 1] = b['y'].max()",
    "at": "a.at[0, 'x'] = b['y'].max()",
    "series": "s = a['x']; s[s > 1] = b['y'].max(); a = s.to_frame()",
    "augmented": "a += b",
    "update": "a.update(b)",
    "fill": "a = a.fillna(b)",
    "fill_in_place": "a.fillna(b, inplace=True)",
    "fill_by_column": "a = a.fillna({'x': b['y'].mean()})",
    "where": "a = a.where(a.x > 1, b)",
    "isin": "a = a[a.k.isin(b.k)]",
    "isin_in_place": "a['k'] = a.k.isin(b.k)",
    "mask": "a = a[b.reindex(a.index).x > 1]",
    "mask_by_loc": "a = a.loc[b.reindex(a.index).x > 1, ['x']]",
    "number": "a['x'] = a['x'] - b['x'].mean()",
    "combine": "a = a.combine_first(b)",
    "clip": "a['x'] = a['x'].clip(upper=b['x'].max())",
    "dot": "a['x'] = a[['k', 'x']].dot(b[['k', 'x']].T.set_axis(['p', 'q'], axis=1))['p']",
    "group": "a = a.groupby(b.reindex(a.index).x, dropna=False).sum()",
    "joined": "a = pd.concat([a, b])",
}


def test_data_that_is_brought_in_is_among_the_sources(launch: Launch, project: Path) -> None:
    """In place or not, whole columns or some of their values, to choose rows or to fill them."""
    code = "".join(
        f"a, b = fresh()\n{how}\na.to_csv('{name}.csv')\n" for name, how in BROUGHT_IN.items()
    )
    run(launch, FRAMES + code)
    assert {name: inputs(project, f"{name}.csv") for name in BROUGHT_IN} == {
        name: ["a.csv", "b.csv"] for name in BROUGHT_IN
    }


UNKNOWN = {
    "array": "a['x'] = a['x'] * (b['y'].to_numpy()[[0, 0, 1]] + 1)",
    "list": "a['q'] = [len(b)] * 3",
    "list_by_loc": "a.loc[:, 'q'] = b['y'].tolist() + [1]",
    "isin": "a = a[a.k.isin(b.k.tolist())]",
    "frame": "a = pd.concat([a, pd.DataFrame({'x': b.y.tolist()})])",
    "merge": "a = a.merge(pd.DataFrame({'k': b.k.tolist()}), on='k')",
    "query": "a = a.query('k in @b.k')",
    "function": "a = a[lambda frame: frame.k > b.k.max()]",
    "group": "a = a.groupby(lambda row: len(b)).sum()",
    "values": "c = pd.DataFrame(a.to_numpy() * b.x.max()); a = c.assign(x=a.x)",
}


def test_with_data_of_unknown_origin_nothing_exact_is_said(launch: Launch, project: Path) -> None:
    """A list or a computed array may have come from anything that was read."""
    code = "".join(
        f"a, b = fresh()\n{how}\na.to_csv('{name}.csv')\n" for name, how in UNKNOWN.items()
    )
    run(launch, FRAMES + code)
    assert [name for name in UNKNOWN if "lineage" in written(project, f"{name}.csv")] == []


ALONE = {
    "drop": "a.drop(columns=['z'], inplace=True)",
    "dropna": "a.dropna(inplace=True)",
    "sort_index": "a.sort_index(inplace=True, ascending=False)",
    "sort": "a.sort_values('x', inplace=True)",
    "fill": "a.fillna(0, inplace=True)",
    "replace": "a.replace({1: 5}, inplace=True)",
    "rename": "a.rename(columns={'x': 'q'}, inplace=True)",
    "reset": "a.reset_index(drop=True, inplace=True)",
    "loc": "a.loc[a.z == 1, 'x'] = 0",
    "at": "a.at[0, 'x'] = 1.5",
    "augmented": "a *= 2",
    "scaled": "a['x'] = (a['x'] - a['x'].mean()) / a['x'].std()",
    "pop": "a.pop('z')",
    "deleted": "del a['z']",
    "empty": "a = pd.concat([pd.DataFrame(), a])",
    "date": "a['x'] = pd.to_datetime(a['x'])",
    "from_nothing": "c = pd.DataFrame(index=a.index); c['x'] = a['x']; a = c",
}


def test_what_takes_only_its_own_stays_exact(launch: Launch, project: Path) -> None:
    """In place or not, and with values that stand in the program."""
    code = "".join(
        f"a, b = fresh()\n{how}\na.to_csv('{name}.csv')\n" for name, how in ALONE.items()
    )
    run(launch, FRAMES + code)
    assert {name: inputs(project, f"{name}.csv") for name in ALONE} == {
        name: ["a.csv"] for name in ALONE
    }


AFTERWARDS = {
    "value": "o = a['x'] * 2; a['x'] = b['y']; a = o.to_frame()",
    "names": "o = a[['k', 'x']]; a.columns = ['x', 'k', 'q']; a = o[['x']]",
    "made": "o = a[['x']]; p = o * 1; o.columns = ['q']; a = p",
    "index": "o = a.set_index('x')[[]]; p = o.copy(); p.index.name = 'q'; o.index.name = 'p'; "
    "p.index.name = 'x'; a = p.reset_index()",
    "dict": "d = {'k': 'p'}; o = a.rename(columns=d); d['x'] = 'k'; a = o[['x']]",
    "list": "d = ['x']; o = a.groupby('k')[d].sum(); d[0] = 'z'; a = o.reset_index(drop=True)",
}


def test_what_happens_after_an_operation_does_not_change_what_it_made(
    launch: Launch, project: Path
) -> None:
    """Names and arguments count as they were, though origins are worked out at the write."""
    code = "".join(
        f"a, b = fresh()\n{how}\na.to_csv('{name}.csv', index=False)\n"
        for name, how in AFTERWARDS.items()
    )
    run(launch, FRAMES + code)
    found = {name: columns(project, f"{name}.csv")["x"] for name in AFTERWARDS}
    hows = {"value": "TRANSFORMATION", "made": "TRANSFORMATION", "list": "AGGREGATION"}
    assert found == {name: {("a.csv", "x", hows.get(name, "IDENTITY"))} for name in AFTERWARDS}
    assert {name: inputs(project, f"{name}.csv") for name in AFTERWARDS} == {
        name: ["a.csv"] for name in AFTERWARDS
    }


def test_a_column_that_was_taken_out_makes_nothing_any_more(launch: Launch, project: Path) -> None:
    """By `del` and `pop`, in place: what is made of all columns is made of those that are left."""
    run(
        launch,
        f"{FRAMES}a, b = fresh()\ndel a['z']\na.pop('k')\na = a.copy()\n"
        "made = a.mean(axis=1).to_frame('m')\nmade['all'] = a[['x']].sum(axis=1)\n"
        "made['one'] = a.copy()['x']\nmade.to_csv('o.csv', index=False)\n",
    )
    found = columns(project)
    assert {name for fields in found.values() for _, name, _ in fields} == {"x"}


def test_columns_that_are_called_otherwise_are_followed(launch: Launch, project: Path) -> None:
    """By assignment to `columns` too, also where names are only exchanged."""
    run(
        launch,
        f"{FRAMES}a, b = fresh()\na = a[['k', 'x']]\na.columns = ['x', 'k']\n"
        "a.loc[a.x > 1, 'k'] = b['y'].max()\na.to_csv('o.csv', index=False)\n",
    )
    assert columns(project) == {
        "x": {("a.csv", "k", "IDENTITY")},
        "k": {
            ("a.csv", "x", "IDENTITY"),
            ("a.csv", "k", "CONDITIONAL"),
            ("b.csv", "y", "AGGREGATION"),
        },
    }
    assert last(project, "job")["eventType"] == "COMPLETE"
