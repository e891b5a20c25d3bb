"""Programs at random, and what their outputs came from: told by running them on other inputs.

`HEADWATER_EXAMPLES` raises the number of programs.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.capture import pandas_programs as programs
from tests.capture.lineage import Output
from tests.capture.pandas_programs import PANDAS, READS, others, tables
from tests.capture.perturbing import Difference, Examined, examine

PROGRAMS = int(os.environ.get("HEADWATER_EXAMPLES", "60")) // 4
SILENT_SHARE = 0.01
"""Of programs, those that may have a column of which nothing is said."""


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")


def examined(program: str, seed: int) -> Examined:
    """What is recorded of a program's outputs, and what is not said of them."""
    chance = random.Random(seed)  # noqa: S311
    given = tables(chance)
    return examine(program, given, PANDAS, others(chance, given))


def test_what_an_output_came_from_is_said() -> None:
    """Wherever a column of a file changes an output that is exact, it is said; values stay.

    Of few columns nothing is said: those that are of something known by its file alone.
    """
    wrong: dict[str, set[Difference]] = {}
    silent: dict[str, set[Difference]] = {}
    for seed in range(PROGRAMS):
        chance = random.Random(seed)  # noqa: S311
        program = "\n".join(programs.program(chance, tables(random.Random(seed))))  # noqa: S311
        found = examined(program, seed)
        if found.unsaid:
            wrong[program] = found.unsaid
        if found.silent:
            silent[program] = found.silent
    assert wrong == {}
    assert len(silent) <= SILENT_SHARE * PROGRAMS, silent


EXACT = (
    "a.loc[a['x'] > 0, 'q'] = 0; o = a",
    "for i in range(len(a)): a.loc[i, 'q'] = a.loc[i, 'n'] if i else 0\no = a",
    "a.eval('q = n * k', inplace=True); o = a",
    "o = pd.DataFrame(); o['p'] = a.set_index('g')['n']; o['q'] = o['p'] * 2",
    "o = a.assign(q=a['x'].add(a['y'], fill_value=0))",
    "o = a.assign(q=a['x'].gt(a['y']))",
    "o = a[['x', 'y']].div(a['n'], axis=0)",
    "o = a[['x', 'n']].div(a[['x', 'n']].sum(axis=1), axis=0)",
    "o = a.assign(q=b['w'].values)",
    "o = a[(a['x'] > 0).values]",
    "a.loc[(a['x'] > 0).values, 'k'] = 9; o = a",
    "o = a.assign(q=a['n'][a['x'] > 0])",
    "o = a.assign(q=a['x'].iloc[::-1])",
    "a[['k', 'n']] = a[['n', 'k']]; o = a",
    "a[['p', 'q']] = a['s'].str.split(' ', n=1, expand=True); o = a",
    "a['q'] = 0; a.loc[1, 'q'] = a.loc[0, 'x']; o = a",
    "o = a.assign(q=a['s'].str.cat(a['g'], na_rep='?'))",
    "o = a.nlargest(4, 'n')",
    "o = a.nsmallest(4, ['n', 'k'])",
    "o = a.groupby('g')['n'].sum().sort_values().head(1).reset_index()",
    "o = a.groupby('g')['n'].sum().nlargest(1).reset_index()",
    "o = a['x'].drop_duplicates().to_frame('q')",
    "o = a.iloc[a['n'].argsort()]",
    "o = a.loc[a.groupby('g')['n'].idxmax()]",
    "o = a.set_index('n').sort_index()",
    "o = a.set_index('k')['x']",
    "o = a.set_index('k')['x'].reset_index()",
    "w = a['x'].copy(); w.index = a['k']; o = w",
    "a.index = a['k']; o = a[['x']].sort_index()",
    "o = a.add_prefix('p_').set_axis(list('tuvwxyz'), axis=1).astype({'t': float})",
    "o = a.assign(q=b.drop_duplicates('k').set_index('k')['w'])",
    "o = a.assign(m=a['k'].map(b.drop_duplicates('k').set_index('k')['w']))",
    "o = a.assign(m=a['g'].map(a.groupby('g')['x'].mean()))",
    "o = a.set_index('g').groupby(level=0)[['x']].sum()",
    "o = a.groupby(a['g'])['x'].sum().reset_index()",
    "o = a['x'].groupby(a['g']).sum().reset_index()",
    "o = a.groupby('g').head(1)",
    "o = a.groupby('g').size().reset_index(name='size')",
    "o = a.set_index(pd.to_datetime(a['d']))[['x']].resample('MS').sum()",
    "d = a.assign(d=pd.to_datetime(a['d'])); o = d.resample('QS', on='d')['x'].sum().reset_index()",
    "d = a.assign(d=pd.to_datetime(a['d'])); f = pd.Grouper(key='d', freq='QS');"
    " o = d.groupby(f)['x'].sum().reset_index()",
    "d = a.assign(d=pd.to_datetime(a['d'])).set_index('d').sort_index();"
    " o = d[['x']].rolling('60D').sum()",
    "o = a.assign(q=a['x'].rolling(2).mean())",
    "o = a['g'].value_counts().reset_index()",
    "o = a[['k', 'x', 'n']].corr()",
    "o = a[['k', 'x', 'n']].mean().to_frame('n')",
    "o = a[['k', 'x']] - a[['k', 'x']].mean()",
    "o = a[['k', 'n']].shift(1, axis=1)",
    "o = a.merge(b.set_index('k'), left_on='k', right_index=True, how='outer')",
    "o = a.set_index('k').join(b.set_index('k'), lsuffix='_l', rsuffix='_r', how='outer')",
    "o = a.set_index('k').merge(b.set_index('k'), left_index=True, right_index=True)",
    "o = pd.concat([a.drop_duplicates('k').set_index('k')[['x']],"
    " b.drop_duplicates('k').set_index('k')[['w']]], axis=1)",
    "o = a[a.duplicated(subset=['k'])]",
    "o = a.rename(columns={'y': 'x'})",
    "o = a['x'].value_counts().reset_index(); o['q'] = b['w']",
    "a['q'] = np.where(a['x'] > 0, a['y'], 0); o = a",
    "a['q'] = np.where(a.sort_values('n')['x'] > 0, a['k'].values, a['y']); o = a[['q']]",
    "a['q'] = np.select([a['x'] > 0, a['y'] > 1], [a['n'], 1], default=a['k']); o = a[['q']]",
    "o = pd.DataFrame({'q': np.where(a['x'] > 0, b['w'], 1)})",
    "o = pd.merge_asof(a.sort_values('n')[['n', 'x']], b.sort_values('k')[['k', 'w']],"
    " left_on='n', right_on='k')",
    "o = pd.merge_asof(a.sort_values('n')[['n', 'g', 'x']], c.sort_values('n')[['n', 'g', 'v']],"
    " on='n', by='g', direction='nearest')",
    "o = a.groupby('g').nth(0)[['k', 'x']]",
    "o = a.groupby('g')['x'].nth([0, 1]).to_frame()",
    "d = a.assign(d=pd.to_datetime(a['d'])).drop_duplicates('d').set_index('d').sort_index();"
    " o = d[['x', 'n']].resample('MS').ffill()",
    "d = a.assign(d=pd.to_datetime(a['d'])).set_index('d'); o = d['x'].resample('QS').ohlc()",
    "o = a[a['k'].isin([1, 2])]",
    "o = a[~a['g'].isin({'p',\n  'q'})]",
    "o = a.loc[[0, 2]]",
    "o = a.drop([0, 1])",
    "o = a.fillna({'x': a['y'].mean(), 'y': 0})",
    "o = a.replace(['p', 'q'], ['z', 'y'])",
    "o = a.assign(q=a['g'].map({'p': 1, 'q': 2}))",
    "t = pd.DataFrame({'g': ['p', 'q'], 'v': [1, 2]}); o = a.merge(t, on='g')",
    "choose = lambda d: d[d['g'].isin(['p'])]; o = choose(a)",
    "a['q'] = np.maximum(a['x'], a['y']); o = a",
    "a['p'], a['q'] = np.modf(a['x']); o = a",
    "w = pd.DataFrame({'p': b['x'].head(2).values}, index=['x', 'n']);"
    " o = a[['x', 'n']].fillna(0) @ w.fillna(1)",
    "w = b['x'].head(2).fillna(1).set_axis(['x', 'n']); o = a[['x', 'n']].fillna(0).dot(w)",
)
"""Statements of which columns are known exactly."""
NOT_KNOWN = (
    "a.drop(a[a['x'] > 0].index, inplace=True); o = a",
    "o = a.reindex(a['x'].dropna().index)",
    "o = pd.DataFrame(index=a.set_index('k').index); o['p'] = a.set_index('k')['x']",
    "s = a.groupby(['g', 'k'])['x'].sum().unstack().stack()"
    "; o = pd.DataFrame({'p': s.mean(), 'q': a['x']})",
    "o = pd.DataFrame({'p': a['y'].values[:3]})",
    "w = np.where(a['x'] > 0, a['y'], 0); w[0] = b['w'].iloc[0]; a['q'] = w; o = a",
    "a['q'] = np.where(a['x'] > 0, [1] * len(a), 0); o = a",
    "o = a[a['k'].isin(b['k'].tolist())]",
    "o = a[a['k'].isin([1] + b['k'].tolist())]",
    "o = a.assign(q=a['k'].map(dict(zip(b['k'], b['w']))))",
    "m = b.drop_duplicates('k').set_index('k')['w'].to_dict(); a['q'] = a['k'].map(m); o = a",
    "o = a.fillna(b[['x']].mean().to_dict())",
    "o = a.groupby('k').filter(lambda rows: len(rows) > 2)",
    "o = a.groupby('g').agg(m=('x', lambda values: values.sum()))",
    "o = a.groupby('g').agg(m=pd.NamedAgg('x', lambda values: values.sum() + b['w'].sum()))",
    "o = a[['x', 'y']].reindex_like(b[['x', 'w']])",
)
"""Statements that choose or make rows by what is not known."""


SOURCELESS = (
    "a['c'] = 1.5; o = a[a['x'] > 0]",
    "a['c'] = 'text'; o = a[['c']]",
    "o = pd.DataFrame({'x': a['x'], 'c': 0})",
    "o = a.assign(c=range(len(a)))",
    "o = a.merge(pd.DataFrame([[1, 'p'], [2, 'q']], columns=['c', 'g']), on='g')",
    "o = pd.DataFrame({'x': a['x'], 'c': [1, 2, 3, 4, 5, 6, 7, 8, 9]})",
    "a['e'] = 2; o = a.assign(c=a['e'] * 3)",
)
"""Statements by which a column `c` is of no column."""


def one(statements: str) -> tuple[Output, set[Difference]]:
    """What is said of the output `o` of some statements, and what is not."""
    program = "\n".join([*READS, statements, "write(o, 'o')"])
    found = examined(program, 7)
    return found.said["o.pkl"], found.unsaid | found.silent


@pytest.mark.parametrize("statements", EXACT)
def test_columns_are_exact(statements: str) -> None:
    """What the values of a column depend on, and no less: by labels, by order, by other columns."""
    said, found = one(statements)
    assert found == set()
    assert said.inputs is not None
    assert said.columns


@pytest.mark.parametrize("statements", NOT_KNOWN)
def test_nothing_exact_is_said_of_rows_chosen_by_what_is_not_known(statements: str) -> None:
    """An index, a list of labels and a function of the program may be of anything."""
    said, found = one(statements)
    assert (said.inputs, found) == (None, set())


@pytest.mark.parametrize("statements", SOURCELESS)
def test_a_column_of_no_column_is_said_to_be_of_none(statements: str) -> None:
    """What the program wrote down itself, and what it made of that."""
    said, found = one(statements)
    assert found == set()
    assert said.columns["c"] == []


@pytest.mark.parametrize(
    "statements", ["a['c'] = [1] * len(a); o = a", "a['c'] = 1; a['e'] = [v for v in a.x]; o = a"]
)
def test_nothing_is_said_of_it_where_not_all_that_the_whole_came_from_is_known(
    statements: str,
) -> None:
    """A list may be of anything, and nothing exact is said of a frame with one."""
    said, found = one(statements)
    assert (said.inputs, found) == (None, set())
    assert "c" not in said.columns


@pytest.mark.parametrize(
    "statements",
    [
        "o = a.fillna({'x': 0})",
        "o = a.groupby('c')['x'].sum().reset_index()",
        "o = b[['k']].merge(a[['k', 'c']], on='k')",
        "o = a.set_index('c').reset_index()",
        "o = a.add_prefix('')",
        "o = pd.DataFrame({'k': a['k'], 'c': a['c'] * 2})",
    ],
)
def test_a_column_that_is_known_by_file_alone_is_never_said_to_be_of_none(statements: str) -> None:
    """Whatever is done to it: of reshaped values nobody knows which columns they are of."""
    said, _ = one(f"a['c'] = a.melt(id_vars='k')['value']; {statements}")
    assert "a.pkl" in (said.inputs or ())
    assert "c" not in said.columns


THESE = {
    "o = pd.DataFrame({'q': np.log1p(a['n'])})": {"q": ["a.pkl.n TRANSFORMATION"]},
    "o = np.sqrt(a[['n', 'k']])": {
        "n": ["a.pkl.n TRANSFORMATION"],
        "k": ["a.pkl.k TRANSFORMATION"],
    },
    "o = a[['x', 'y']].combine_first(b[['x', 'w']])": {
        "x": ["a.pkl.x TRANSFORMATION", "b.pkl.x TRANSFORMATION"],
        "y": ["a.pkl.y TRANSFORMATION"],
        "w": ["b.pkl.w TRANSFORMATION"],
    },
    "o = a.groupby('g').agg(t=pd.NamedAgg('x', 'sum')).reset_index()": {
        "g": ["a.pkl.g IDENTITY"],
        "t": ["a.pkl.x AGGREGATION"],
    },
    "o = a.groupby(['g'], as_index=False).agg({'x': ['sum', 'max']})": {
        "('g', '')": ["a.pkl.g IDENTITY"],
        "('x', 'sum')": ["a.pkl.x AGGREGATION"],
        "('x', 'max')": ["a.pkl.x AGGREGATION"],
    },
}
"""Statements, and all that their columns are of."""


@pytest.mark.parametrize("statements", THESE)
def test_a_column_is_said_to_be_of_these_and_no_others(statements: str) -> None:
    """And how: what a function made of a value is no such value."""
    said, found = one(statements)
    assert found == set()
    assert said.columns == THESE[statements]


UNKNOWN = "a['c'] = a.melt(id_vars='k', value_vars='x')['value']"
"""A column that is known by its file alone."""


def test_nothing_is_said_of_a_column_that_is_of_unknown_ones_too() -> None:
    """What was said of it would pass for all that it came from."""
    said, _ = one(f"{UNKNOWN}; a['d'] = a['c'] + a['x']; o = a[['x', 'd']]")
    assert "a.pkl" in (said.inputs or ())
    assert [*said.columns] == ["x"]


def test_nothing_is_said_of_columns_whose_rows_were_chosen_by_unknown_ones() -> None:
    """By a value that is known by its file alone."""
    said, _ = one(
        "a['c'] = a.melt(id_vars='k', value_vars='x')['value']; o = a[a['c'] > 1][['k', 'x']]"
    )
    assert "a.pkl" in (said.inputs or ())
    assert said.columns == {}
