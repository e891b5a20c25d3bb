"""What real scripts do with frames of pandas, as templates of statements.

`<f>` is a frame and `<o>` another; `<c>` a column of `<f>`, `<x>` one of numbers, `<g>` one of few
values, `<t>` one of texts, `<w>` a name of numbers as it stands in `query`, and `<oc>`, `<ox>`,
`<og>` are columns of `<o>`, `<k>` one of both; `<C>`, `<X>`, `<OC>`, `<OX>` several. `<v>` is an
expression of one column of `<f>`, `<any>` of any frame, `<mask>` a condition on the rows of `<f>`,
`<by>` a grouping. `<new>` is a new name, `<n>` a number. What has a digit (`<x1>`) is the same
wherever it stands in a template.
"""

from __future__ import annotations

from typing import Final

MASKS: Final = """
<f>[<x>] > <n>
<f>[<x1>] <= <n> | <f>[<x1>].isna()
<f>[<x>].notna()
(<f>[<x1>] > <n>) & (<f>[<x1>] < 6)
~(<f>[<x>] == <n>)
<f>[<x>].isin([1, 2, 3])
<f>[<x>].between(0, 4)
<f>[<x1>] > <f>[<x1>].mean()
<f>[<t>].str.contains('b', na=False)
<f>[<t>].str.len() > 3
<f>[<c>].isin(<o>[<oc>])
<f>[<c>].duplicated()
<f>.duplicated(subset=[<c>])
<f>[<C>].notna().all(axis=1)
<f>[<C>].isna().any(axis=1)
(<f>[<x>] > <n>).values
<f>[<x>].gt(<n>)
<f>[<x>] >= <f>[<x>]
<f>.index.isin([0, 2, 3])
np.isfinite(<f>[<x>])
<f>.groupby(<g>)[<x>].transform('size') > 2
<f>[<g>].map(<f>[<g>].value_counts()) > 1
""".strip().splitlines()

VALUES: Final = """
<f>[<x>]
<f>[<x>] + <f>[<x>]
<f>[<x>] * <v>
<f>[<x1>] - <f>[<x1>].mean()
(<f>[<x1>] - <f>[<x1>].min()) / (<f>[<x1>].max() - <f>[<x1>].min())
<f>[<x>] / <f>[<x>].std()
<f>[<x>] * <n>
<f>[<x>] - <v>
<f>[<x>].fillna(<n>)
<f>[<x>].fillna(<f>[<x>])
<f>[<x>].fillna(<f>[<x>].median())
<f>[<x1>].fillna(<f>.groupby(<g>)[<x1>].transform('mean'))
<f>[<x>].where(<mask>, <n>)
<f>[<x>].mask(<mask>, <f>[<x>])
<f>[<x>].where(<f>[<x>] > <n>)
<f>[<x>].clip(<n>, 5)
<f>[<x>].clip(lower=<f>[<x>])
<f>[<x1>].clip(upper=<f>[<x1>].quantile(0.9))
np.where(<mask>, <f>[<x>], <f>[<x>])
np.log1p(<f>[<x>].abs())
np.sqrt(<f>[<x1>] * <f>[<x1>])
np.maximum(<f>[<x>], <f>[<x>])
np.where(<f>[<x>] > <n>, 1, 0)
np.select([<mask>, <f>[<x>] > 2], [<f>[<x>], 1], default=<n>)
<f>[<x>].shift(1)
<f>[<x>].diff()
<f>[<x>].cumsum()
<f>[<x>].rank()
<f>[<x>].rank(pct=True)
<f>[<x>].rolling(2).mean()
<f>[<x>].rolling(3, min_periods=1).max()
<f>[<x>].expanding().sum()
<f>[<x>].ewm(span=2).mean()
<f>[<x>].pct_change()
<f>[<x>].round(1)
<f>[<x>].abs()
<f>[<x>].isna().astype(int)
<f>[<x>].map({1: 10, 2: 20})
<f>[<x>].astype(float)
<f>[<x>].map(lambda v: v * 2)
<f>[<x>].apply(lambda v: v + 1)
<f>[<x>].replace({1: 0})
<f>[<x>].replace(<n>, np.nan)
<f>[<x>].replace([1, 2], <n>)
<f>[<x>].between(0, <n>).astype(int)
<f>[<x>].interpolate()
<f>[<x>].ffill()
<f>[<x>].bfill().fillna(0)
<f>[<x>].add(<f>[<x>], fill_value=0)
<f>[<x>].div(<f>[<x>].replace(0, np.nan))
<f>[<x>].isin([1, 2, <n>]).astype(int)
<f>[<x>].isin(<f>[<x>]).astype(int)
<f>[<x>].combine_first(<f>[<x>])
<f>[<x>].groupby(<f>[<g>]).transform('mean')
<f>[<x>].duplicated().astype(int)
<f>.groupby(<by>)[<x>].transform(<agg>)
<f>.groupby(<by>)[<x>].<run>
<f>.groupby(<by>).cumcount()
<f>.groupby(<by>).ngroup()
pd.cut(<f>[<x>], [-10, 0, 3, 20], labels=False)
pd.cut(<f>[<x>], bins=3, labels=False)
pd.qcut(<f>[<x>], 2, labels=False, duplicates='drop')
pd.to_numeric(<f>[<c>], errors='coerce')
pd.Series(<f>[<x>].values * 2, index=<f>.index)
pd.Series(np.cumsum(<f>[<x>].fillna(0).to_numpy()))
<f>[<x>].values
<f>[<x>].to_numpy() + 1
pd.Series([v for v in <f>[<x>]], index=<f>.index)
[v * 2 for v in <f>[<x>]]
<f>[<x>].tolist()
<f>[<t>].str.len()
<f>[<t>].map(len, na_action='ignore')
<f>[<t>].str.upper()
<f>[<t>].str.split(' ').str[0]
<f>[<t>].fillna('none')
pd.to_datetime(<f>['d']).dt.month
pd.to_datetime(<f>['d']).dt.dayofweek
(pd.to_datetime(<f>['d']) - pd.to_datetime(<f>['d']).min()).dt.days
pd.factorize(<f>[<c>])[0]
<f>[<c>].astype('category').cat.codes
<f>[<X>].sum(axis=1)
<f>[<X>].mean(axis=1)
<f>[<X>].max(axis=1)
<f>[<X>].idxmax(axis=1)
<f>.apply(lambda r: r[<x>] * 2, axis=1)
<f>.isna().sum(axis=1)
<f>.eval('<w> * 2 + <w>')
<f>[<c1>].map(<f>[<c1>].value_counts())
<f>[<g1>].map(<f>.groupby(<g1>)[<x>].mean())
<f>[<x>].copy()
<f>[<x>].sort_values()
<f>[<x>].sort_index()
<f>[<x>].reset_index(drop=True)
<f>[<x>].loc[<mask>]
<f>[<x>][<mask>]
<f>[<x>].head(5)
<f>[<x>].dropna()
<f>[<x>].iloc[::-1]
<f>.<w>
<f>.set_index(<g>)[<x>]
<f>.set_index(<g1>)[<x>].groupby(level=0).sum()
<f>.loc[<mask>, <x>]
<f>.loc[:, <x>]
<f>.iloc[:, 0]
<f>[<x>].value_counts()
<f>[<c>].astype(str) + '-' + <f>[<c>].astype(str)
<f>[<x>].astype('Int64', errors='ignore')
<f>[<x>].gt(<f>[<x>]).astype(int)
<f>[<x>].eq(<f>[<x>].shift())
<f>[<x>].ne(<f>[<x>].shift()).cumsum()
<f>[<x>].isna().cumsum()
-<f>[<x>]
~(<f>[<x>] > <n>)
<f>[<x>] ** 2
10 / <f>[<x>].abs().add(1)
<f>[<x>].sum() - <f>[<x>]
<f>[<g>].str.cat(<f>[<t>], na_rep='?')
<f>[<x>].transform(lambda v: v - v.mean())
<f>[<x>].agg(np.sqrt)
<f>[<x>].explode()
<f>[<x>].squeeze()
<f>[<x>].rename('other')
<f>[[<x>]].squeeze(axis=1)
<f>.pop(<x>)
<f>.get(<x>)
<f>.xs(<x>, axis=1)
<f>.set_index(<c>)[<x>].sort_index()
<f>.nunique(axis=1)
<f>[<X>].std(axis=1)
<f>[<X>].prod(axis=1)
(<f>[<X>] > <n>).sum(axis=1)
(<f>[<X>] > <n>).any(axis=1)
<f>[<x>].nlargest(3)
<f>[<x>].unique()
<f>[<x>].drop_duplicates()
<f>[<x>].case_when([(<f>[<x>] > 1, <f>[<x>]), (<mask>, <n>)])
<f>.groupby(<g1>)[<x>].sum()
<f>.mean(numeric_only=True)
<f>.stack()
""".strip().splitlines()

GROUPINGS: Final = """
<g>
[<g>]
[<g>, <g>]
<f>[<g>]
[<f>[<g>], <f>[<g>].astype(str)]
<f>[<x>] > 1
""".strip().splitlines()

OF_ONE: Final = """
<f>[<C>]
<f>[<mask>]
<f>[<mask>][<C>]
<f>.loc[<mask>]
<f>.loc[<mask>, <C>]
<f>.loc[:, <C>]
<f>.iloc[:<n>]
<f>.iloc[:, :2]
<f>.iloc[::2, [0, -1]]
<f>.head(4)
<f>.tail(3)
<f>[2:]
<f>.drop(columns=[<c>])
<f>.drop(<c>, axis=1)
<f>.drop(index=[0, 1])
<f>.drop(<f>[<mask>].index)
<f>.filter(items=<C>)
<f>.filter(regex='^[kgxd]')
<f>.filter(like='x')
<f>.select_dtypes('number')
<f>.select_dtypes(exclude='number')
<f>.rename(columns={<c>: 'r1'})
<f>.rename(columns=str.upper)
<f>.rename({<c>: 'r2'}, axis=1)
<f>.add_prefix('p_')
<f>.add_suffix('_z')
<f>.set_axis([f'c{i}' for i in range(<f>.shape[1])], axis=1)
<f>.reindex(columns=<C> + ['new'])
<f>.assign(q=lambda d: d[<x>] * 2)
<f>.assign(q=<v>)
<f>.assign(q=<v>, r=lambda d: d.q + 1)
<f>.assign(q=<any>, r=1)
<f>.assign(**{<c>: <v>})
<f>.query('<w> > 1')
<f>.query('<w> > 1 and <w> < 5')
<f>.query('<w> > @m')
<f>.eval('q = <w> * 2 + <w>')
<f>.sort_values(<x>)
<f>.sort_values([<g>, <x>], ascending=False)
<f>.sort_index(ascending=False)
<f>.sort_values(<x>, ignore_index=True)
<f>.sort_values(<x>).reset_index(drop=True)
<f>.sort_values(<c>, key=lambda s: s.astype(str).str.len())
<f>.drop_duplicates()
<f>.drop_duplicates(<g>)
<f>.drop_duplicates(subset=[<g>], keep='last')
<f>.sort_values(<x>).drop_duplicates(<g>)
<f>.dropna()
<f>.dropna(subset=[<x>])
<f>.dropna(thresh=3)
<f>.dropna(axis=1)
<f>.dropna(how='all')
<f>.nlargest(4, <x>)
<f>.nsmallest(3, [<x>])
<f>.sample(n=3, random_state=1)
<f>.sample(frac=1, random_state=2)
<f>.fillna(0)
<f>.fillna({<x>: <n>})
<f>.fillna(<f>[<X>].mean())
<f>.fillna({<x1>: <f>[<x1>].mean()})
<f>.fillna(<f>.median(numeric_only=True))
<f>.ffill()
<f>.bfill()
<f>.ffill(axis=1)
<f>[<X>].interpolate()
<f>.replace({<n>: 99})
<f>.replace({<c>: {1: 2}})
<f>.replace('p', 'q')
<f>.replace(np.nan, 0)
<f>[<X>].clip(0, 4)
<f>[<X1>].where(<f>[<X1>] > 0)
<f>.where(<mask>)
<f>.mask(<mask>, 0)
<f>[<X1>].where(<f>[<X1>] > 0, <f>[<X1>] * 2)
<f>.astype({<x>: float})
<f>.astype(str)
<f>[<X>].round(1)
<f>[<X>].abs()
<f>[<X>] * 2
<f>[<X1>] - <f>[<X1>].mean()
(<f>[<X1>] - <f>[<X1>].min()) / (<f>[<X1>].max() - <f>[<X1>].min())
<f>[<X>].div(<f>[<x>], axis=0)
<f>[<X1>].div(<f>[<X1>].sum(axis=1), axis=0)
<f>[<X1>].sub(<f>[<X1>].mean(axis=1), axis=0)
<f>[<X>].apply(lambda v: v.fillna(v.mean()))
<f>[<X>].apply(np.sqrt)
<f>.apply(lambda r: r, axis=1)
<f>.apply(lambda r: pd.Series({'p': r[<x>], 'q': r[<c>]}), axis=1)
<f>[<X>].map(lambda v: v + 1)
<f>[<X>].transform('cumsum')
<f>[<X>].transform(lambda v: v * 2)
<f>.transform({<x>: 'cumsum'})
<f>.pipe(lambda d: d[d[<x>] > 0])
<f>.pipe(lambda d: d.assign(z=d[<x>].cumsum()))
<f>[<X>].rolling(2).sum()
<f>[<X>].expanding().mean()
<f>[<X>].shift(1)
<f>.shift(-1)
<f>[<X>].diff()
<f>[<X>].cumsum()
<f>[<X>].cumsum(axis=1)
<f>[<X>].rank()
<f>[<X>].pct_change()
<f>.set_index(<g>)
<f>.set_index([<g>, <c>])
<f>.set_index(<g>)[[<c>]]
<f>.set_index(<c>).sort_index()
<f>.set_index(<c>).reset_index()
<f>.set_index(<f>[<c>])
<f>.set_index(<c>, drop=False)
<f>.set_index(<c>, append=True)
<f>.reset_index()
<f>.reset_index(drop=True)
<f>.reset_index(names='i')
<f>.rename_axis('i')
<f>.rename_axis('i').reset_index()
<f>.copy()
<f>.T
<f>[<X>].T.T
<f>.isna()
<f>.notna().astype(int)
<f>.isin([1, 'p'])
<f>.isin(<f>.head(2))
<f>[<X>] > <n>
<f>.groupby(<g>)[<x>].<agged>.reset_index()
<f>.groupby(<g>, as_index=False)[<x>].<agged>
<f>.groupby(<g>)[<X>].<agged>
<f>.groupby(<by>)[[<x>]].<agged>
<f>.groupby([<g>, <g>])[<x>].sum().reset_index()
<f>.groupby(<g>).agg({<x>: 'sum'})
<f>.groupby(<g>).agg({<x>: ['mean', 'max']})
<f>.groupby(<g>).agg({<x>: 'sum', <c>: 'count'}).reset_index()
<f>.groupby(<g>).agg(m=(<x>, 'mean'), n=(<c>, 'count')).reset_index()
<f>.groupby(<g>, as_index=False).agg(m=(<x>, 'mean'))
<f>.groupby(<g>).agg(m=pd.NamedAgg(column=<x>, aggfunc='max'))
<f>.groupby(<g>)[<X>].agg(['min', 'max'])
<f>.groupby(<g>)[<x>].agg(['mean', 'std'])
<f>.groupby(<g>)[<x>].agg(lo='min', hi='max')
<f>.groupby(<g>)[<x>].agg(lambda v: v.max() - v.min()).reset_index()
<f>.groupby(<g>).agg(m=(<x>, lambda v: v.sum()))
<f>.groupby(<g>).size().reset_index(name='size')
<f>.groupby(<g>).size().to_frame('size')
<f>.groupby(<g>, as_index=False).size()
<f>.groupby(<g>)[<x>].count().reset_index(name='size')
<f>.groupby(<g>)[<X>].transform('mean')
<f>.groupby(<g>).head(1)
<f>.groupby(<g>).tail(1)
<f>.groupby(<g>).first()
<f>.groupby(<g>).last().reset_index()
<f>.groupby(<g>).nth(0)
<f>.groupby(<g>).filter(lambda d: len(d) > 1)
<f>.groupby(<g>)[<X>].apply(lambda d: d.sum())
<f>.groupby(<g>).apply(lambda d: d.head(1))
<f>.groupby(<g>)[<X>].rank()
<f>.groupby(<g>)[<X>].shift(1)
<f>.groupby(<g>)[<X>].fillna(0)
<f>.groupby(<g>)[<X>].ffill()
<f>.loc[<f>.groupby(<g>)[<x>].idxmax().dropna()]
<f>.groupby(<g>)[<X>].describe()
<f>.groupby(<g>)[<X>].cumsum()
<f>.groupby(<g>, group_keys=False)[<X>].apply(lambda d: d.head(2))
<f>.groupby(<g>)[<c>].value_counts().reset_index(name='times')
<f>.groupby(<g>)[<c>].apply(list).reset_index()
<f>.groupby(<g>)[<c>].agg(list).reset_index()
<f>.groupby(<g>)[<c>].unique().reset_index()
<f>.groupby(<g>)[<x>].quantile(0.5).reset_index()
<f>.groupby(<g>)[<x>].rolling(2).mean().reset_index()
<f>.groupby(<g>).sum(numeric_only=True)
<f>.groupby(<g>).mean(numeric_only=True).reset_index()
<f>.groupby(<g>).nunique()
<f>.groupby(level=0).sum(numeric_only=True)
<f>.groupby(lambda i: i % 2).sum(numeric_only=True)
<f>.set_index(<g1>).groupby(level=0)[[<x>]].sum()
<f>.set_index(<g1>).groupby(<g1>)[<x>].mean().reset_index()
<f>[<c>].value_counts().reset_index()
<f>[<c>].value_counts().to_frame('times')
<f>[<c>].value_counts(normalize=True).rename_axis('v').reset_index(name='share')
<f>[<C>].value_counts().reset_index()
<f>[<x>].to_frame()
<f>[<x>].to_frame('t')
<f>[<x>].reset_index()
<f>[<x>].reset_index(drop=True).to_frame()
<f>.describe()
<f>[<X>].agg(['sum', 'mean'])
<f>[<X>].corr()
<f>.pivot_table(index=<g>, columns=<g>, values=<x>, aggfunc='sum')
<f>.pivot_table(index=<g>, values=<X>, aggfunc='mean').reset_index()
<f>.pivot_table(index=<g>, values=<x>, aggfunc=['min', 'max'])
<f>.drop_duplicates([<g1>, <g2>]).pivot(index=<g1>, columns=<g2>, values=<x>)
<f>.melt(id_vars=[<g>], value_vars=[<x>])
<f>.melt(id_vars=<g>)
<f>.melt()
pd.melt(<f>, id_vars=[<g>], var_name='what', value_name='val')
<f>[<X>].stack().reset_index()
<f>.set_index([<g>, <c>])[<x>].unstack()
<f>.groupby([<g>, <g>])[<x>].sum().unstack(fill_value=0)
<f>.groupby([<g>, <g>])[<x>].sum().unstack().reset_index()
pd.crosstab(<f>[<g>], <f>[<g>])
pd.crosstab(<f>[<g>], <f>[<g>], values=<f>[<x>], aggfunc='sum')
pd.get_dummies(<f>)
pd.get_dummies(<f>, columns=[<g>])
pd.get_dummies(<f>[<g>], prefix='is')
pd.concat([<f>, pd.get_dummies(<f>[<g>], prefix='is')], axis=1)
<f>.join(pd.get_dummies(<f>[<g>], prefix='is', dtype=int))
<f>.assign(l=<f>[<t>].str.split(' ')).explode('l')
<f>[<t>].str.split('[ _-]', expand=True)
<f>[<t>].str.extract('([a-z]+)')
<f>[<t>].str.get_dummies(' ')
<f>.explode(<c>)
pd.DataFrame({'p': <v>, 'q': <any>})
pd.DataFrame({'p': <f>[<c>].values, 'q': <f>[<c>].values})
pd.DataFrame({'p': <f>[<c>], 'q': 1})
pd.DataFrame({'p': <f>[<c>].tolist()})
pd.DataFrame({'p': <f>[<g>].unique()})
pd.DataFrame(<f>.values, columns=<f>.columns)
pd.DataFrame(<f>[<X1>].to_numpy() * 2, columns=<X1>, index=<f>.index)
pd.DataFrame([{'p': r[<c>]} for _, r in <f>.iterrows()])
pd.DataFrame([r._asdict() for r in <f>.itertuples(index=False)])
pd.DataFrame(<f>.to_dict('records'))
pd.DataFrame(<f>.to_dict())
pd.DataFrame(<f>[<c>].tolist(), columns=['p'])
pd.DataFrame(list(zip(<f>[<c>], <f>[<c>])), columns=['p', 'q'])
pd.DataFrame(<f>, columns=<C>)
pd.DataFrame(<f>[<x>])
pd.DataFrame({'m': [<f>[<x>].mean()], 's': [<f>[<x>].sum()]})
pd.Series({'m': <f>[<x>].mean(), 's': <f>[<x>].max()}).to_frame('stat')
pd.DataFrame({'n': [len(<f>)]})
<f>[<X>].mean().to_frame('mean')
<f>[<X>].sum().reset_index()
<f>.nunique().to_frame('u')
<f>.isna().sum().reset_index(name='missing')
<f>.count().to_frame('n')
<f>.iloc[<f>[<x>].argsort()]
<f>.loc[<f>[<x>].sort_values().index]
<f>.reindex(<f>[<x>].dropna().index)
<f>.take([0, 2, 1])
<f>.truncate(1, 4)
<f>.loc[1:3]
<f>.loc[[0, 1]]
<f>.loc[0].to_frame()
<f>.xs(0).to_frame()
<f>.iloc[[np.argmax(<f>[<x>].fillna(0).values)]]
<f>.loc[[<f>[<x>].idxmax()]]
<f>.convert_dtypes()
<f>.infer_objects()
<f>.iloc[np.random.RandomState(0).permutation(len(<f>))]
<f>[[c for c in <f>.columns if <f>[c].nunique() > 2]]
<f>.loc[:, <f>.isna().mean() < 0.2]
<f>.loc[:, <f>.nunique() > 2]
<f>.loc[lambda d: d[<x>] > 0]
<f>[lambda d: d[<x>] > 0]
<f>.combine_first(<f>.shift(1))
<f>[<X>].quantile([0.25, 0.75])
<f>.set_index(pd.to_datetime(<f>['d']))[[<x>]].resample('MS').sum()
<f>.assign(d=pd.to_datetime(<f>['d'])).set_index('d')[[<x>]].resample('QS').mean()
<f>.assign(d=pd.to_datetime(<f>['d'])).resample('QS', on='d')[<x>].mean().reset_index()
<f>.assign(d=pd.to_datetime(<f>['d'])).set_index('d')[<x>].resample('QS').ohlc()
<f>.assign(d=pd.to_datetime(<f>['d'])).drop_duplicates('d').set_index('d').sort_index()[[<x>]].resample('MS').ffill()
<f>.assign(d=pd.to_datetime(<f>['d'])).groupby(pd.Grouper(key='d', freq='QS'))[<x>].sum().reset_index()
<f>.assign(d=pd.to_datetime(<f>['d'])).set_index('d').sort_index()[[<x>]].rolling('60D').sum()
<f>.groupby(<f>['d'].str[:7])[<x>].sum().reset_index()
<f>.groupby(pd.cut(<f>[<x>], [-10, 0, 3, 20], labels=['a', 'b', 'c']), observed=False)[<x>].mean().reset_index(name='m')
<f>[<f>[<g1>].isin(<f>[<g1>].value_counts().nlargest(2).index)]
<f>[<f>.groupby(<g>)[<x>].transform('count') > 1]
<f>.loc[<mask>].groupby(<g>)[<x>].mean().reset_index()
<f>.groupby(<g1>)[<x>].sum().sort_values(ascending=False).head(2).reset_index()
<f>.groupby(<g1>)[<x>].sum().nlargest(2).to_frame()
<f>[<f>[<g1>].isin(<f>.groupby(<g1>).size().loc[lambda s: s > 1].index)]
<f>.swaplevel(axis=1)
<f>.droplevel(0, axis=1)
<f>.at_time('0:00')
<f>.rename(columns=lambda c: str(c).strip())
<f>.set_flags(allows_duplicate_labels=True)
<f>.compare(<f>.shift(1))
<f>.pipe(pd.DataFrame.dropna)
<f>.iloc[np.where(<mask>)[0]]
<f>[np.array(<f>[<x>] > 0)]
<f>[[v > 0 for v in <f>[<x>]]]
<f>.loc[<f>[<x>] > <f>[<x>].mean(), <C>]
<f>.loc[<f>.index[:3]]
<f>.reindex([3, 1, 0])
<f>.eval('q = <w> + 1').query('q > 1')
""".strip().splitlines()  # noqa: E501

OF_TWO: Final = """
<f>.merge(<o>, on=<k>, how=<how>)
<f>.merge(<o>, on=<k>)
<f>.merge(<o>, <how>, <k>)
pd.merge(<f>, <o>, how=<how>, on=[<k>], suffixes=('', '_r'))
<f>.merge(<o>, left_on=<g>, right_on=<og>, how=<how>)
<f>.merge(<o>, left_on=<g>, right_on=<og>, how=<how>, suffixes=('_l', '_r'))
<f>.merge(<o>, left_on=[<g>], right_on=[<og>]).drop(columns=[<c>])
<f>.merge(<o>, left_on=<f>[<g>], right_on=<o>[<og>])
<f>.merge(<o>)
<f>.merge(<o>[<OC>], left_index=True, right_index=True, how=<how>)
<f>.merge(<o>.set_index(<og>), left_on=<g>, right_index=True, how=<how>)
<f>.merge(<o>.groupby(<og>)[<ox>].mean().rename('rate'), left_on=<g>, right_index=True, how='left')
<f>.merge(<o>.groupby(<k1>, as_index=False)[<ox>].sum(), on=<k1>, how='left')
<f>.merge(<o>.groupby(<k1>).agg(total=(<ox>, 'sum')).reset_index(), on=<k1>, how='left')
<f>.merge(<o>.groupby(<k1>)[[<ox>]].mean(), on=<k1>)
<f>.merge(<o>, how='cross').head(20)
<f>.merge(<o>, on=<k>, how=<how>, indicator=True)
<f>.merge(<o>, on=<k>, how='left', indicator=True).query('_merge == "left_only"')
<f>.merge(<o>[[<k1>]].drop_duplicates(), on=<k1>)
<f>.set_index(<k1>).join(<o>.set_index(<k1>), lsuffix='_l', rsuffix='_r', how=<how>)
<f>.set_index(<k1>).merge(<o>.set_index(<k1>), left_index=True, right_index=True)
<f>.join(<o>, rsuffix='_o', how=<how>)
<f>.join(<o>.set_index(<og>), on=<g>, rsuffix='_o')
<f>.join(<o>[[<oc>]].add_prefix('o_'))
<f>.join(<o>.groupby(<og>)[<ox>].mean().rename('rate'), on=<g>)
<f>.join([<o>.add_prefix('o_')])
pd.concat([<f>, <o>])
pd.concat([<f>, <o>], ignore_index=True)
pd.concat([<f>, <o>], join='inner')
pd.concat([<f>, <o>], axis=1)
pd.concat([<f>, <o>.add_suffix('_2')], axis=1, join='inner')
pd.concat({'p': <f>, 'q': <o>}, names=['src'])
pd.concat([<f>, <o>], keys=['p', 'q'])
pd.concat([<f>[<c>], <o>[<oc>]], axis=1)
pd.concat([<f>[<c>], <o>[<oc>]], axis=1, keys=['p', 'q'])
pd.concat([<f>[<c>], <o>[<oc>]])
pd.concat([<f>.reset_index(drop=True), <o>.reset_index(drop=True)], axis=1)
pd.concat([<f>.set_index(<g>), <o>.set_index(<og>).add_suffix('_2')], axis=1)
<f>[<f>[<g>].isin(<o>[<og>])]
<f>[~<f>[<g>].isin(<o>[<og>].unique())]
<f>[<f>[<g>].isin(set(<o>[<og>]))]
<f>[<f>[<g>].isin(<o>[<og>].tolist())]
<f>.assign(m=<f>[<g>].map(<o>.drop_duplicates(<og1>).set_index(<og1>)[<oc>]))
<f>.assign(m=<f>[<g>].map(<o>.groupby(<og>)[<ox>].mean()))
<f>.assign(m=<f>[<g>].replace(<o>.groupby(<og>)[<ox>].mean()))
<f>.assign(q=<f>[<x>] + <o>[<ox>])
<f>.assign(q=<o>[<oc>])
<f>.assign(q=<o>[<oc>].values)
<f>.assign(q=<f>[<x>] / <o>[<ox>].sum())
<f>.assign(q=<o>[<ox>].mean())
<f>.assign(q=len(<o>))
(<f>.set_index(<g>)[<x>] * <o>.drop_duplicates(<og1>).set_index(<og1>)[<ox>]).to_frame('p')
(<f>.groupby(<g>)[<x>].sum() / <o>.groupby(<og>)[<ox>].sum()).reset_index(name='ratio')
<f>[<X>] + <o>[<OX>]
<f>[<X>].add(<o>[<OX>], fill_value=0)
<f>.combine_first(<o>)
<f>.fillna(<o>)
<f>.where(<o>[<ox>] > 0)
<f>[<o>[<ox>].reindex(<f>.index) > 0]
<f>.reindex(<o>.index)
<f>.loc[<f>.index.isin(<o>.index)]
<f>.loc[<f>.index.intersection(<o>.index)]
pd.merge_asof(<f>.dropna(subset=[<x1>]).sort_values(<x1>), <o>.dropna(subset=[<ox1>]).sort_values(<ox1>), left_on=<x1>, right_on=<ox1>)
pd.merge_asof(<f>.assign(i=range(len(<f>))), <o>.assign(i=range(len(<o>))), on='i')
pd.merge_ordered(<f>, <o>, on=<k>)
<f>.iloc[:<o>.shape[0]]
<f>.reindex_like(<o>)
<f>.align(<o>)[0]
<f>.head(3).merge(<o>.head(3), on=<k>, how='outer', sort=True)
<f>.assign(m=np.where(<f>[<g>].isin(<o>[<og>]), <v>, 0))
pd.concat([d.head(2) for d in (<f>, <o>)])
pd.concat([<f>.assign(src='f'), <o>.assign(src='o')])[<C>]
pd.concat([g.head(1) for _, g in <f>.groupby(<g>)])
pd.concat([d for d in np.array_split(<f>, 2)])
pd.concat([<f>[<mask>], <o>])
pd.concat(d[[<k1>]] for d in (<f>, <o>))
pd.DataFrame({'p': <f>.groupby(<g>)[<x>].mean(), 'q': <o>.groupby(<og>)[<ox>].mean()}).reset_index()
pd.DataFrame({'p': <f>[<x>].mean(), 'q': <o>[<ox>]})
pd.DataFrame({'p': <f>[<c>].values[:3], 'q': <o>[<oc>].values[:3]})
<f>[<X>].corrwith(<o>[<ox>]).to_frame('r')
pd.crosstab(<f>[<g>], <o>[<og>])
<f>.groupby(<o>[<og>])[<x>].sum().reset_index()
<f>.mask(<f>[<g>].isin(<o>[<og>]))
<f>.isin(<o>)
<f>.sort_values(<x>).assign(q=<o>[<oc>])
<f>.set_index(<g>).assign(q=<o>.drop_duplicates(<og1>).set_index(<og1>)[<oc>])
<f>.drop_duplicates(<g1>).set_index(<g1>).reindex(<o>[<og>]).reset_index()
<f>.drop_duplicates(<g1>).set_index(<g1>).loc[<o>[<og>]]
<f>.loc[<o>[<mask_o>].index]
""".strip().splitlines()  # noqa: E501

CHANGES: Final = """
<f>[<new>] = <v>
<f>[<new>] = <v>
<f>[<new>] = <v>
<f>[<new>] = <v>
<f>[<new>] = <v>
<f>[<new>] = <v>
<f>[<c>] = <v>
<f>[<c>] = <v>
<f>[<x>] = <v>
<f>[<new>] = <any>
<f>[<new>] = <n>
<f>[<new>] = <f>[<t>].str.lower().str.strip()
<f>[<new>] = <f>[<t>].str.replace('b', 'c')
<f>[<new>] = <f>[<t>].str.contains('b')
<f>[<new>] = <f>[<t>].fillna('') + '_' + <f>[<c>].astype(str)
<f>[<new>] = <mask>
<f>['d'] = pd.to_datetime(<f>['d'])
<f>[['u0', 'u1']] = <f>[[<c>, <c>]]
<f>[<X1>] = <f>[<X1>].fillna(<n>)
<f>[<X1>] = <f>[<X1>].fillna(<f>[<X1>].mean())
<f>[<X1>] = <f>[<X1>].apply(lambda v: v - v.min())
<f>[<X1>] = (<f>[<X1>] - <f>[<X1>].mean()) / <f>[<X1>].std()
<f>[['u1', 'u2']] = <f>[<t>].str.split(' ', n=1, expand=True)
<f>.loc[<mask>, <c>] = <n>
<f>.loc[<mask>, <new>] = <n>
<f>.loc[<mask>, <x>] = <v>
<f>.loc[<mask>, <x>] *= 2
<f>.loc[<f>[<x1>].isna(), <x1>] = <f>[<x1>].mean()
<f>.loc[<mask>, <X>] = <n>
<f>.loc[<mask>, [<c>, <x>]] = [<n>, 7]
<f>.loc[<mask>, [<c>, <x>]] = <f>[[<c>, <x>]].values[0]
<f>.loc[<mask>] = <n>
<f>.loc[:, <new>] = <v>
<f>.loc[:, <c>] = <n>
<f>.loc[0, <c>] = <n>
<f>.loc[0] = <f>.loc[1]
<f>.iloc[0, 0] = <n>
<f>.iloc[1:3, 1] = <n>
<f>.iloc[:, 0] = <v>
<f>.iloc[:, 0] = <n>
<f>.at[0, <x>] = <n>
<f>.iat[1, 1] = <n>
<f>.at[0, <x>] = <f>[<x>].max()
<f>.loc[len(<f>)] = <f>.iloc[0]
<f>[<f>.columns[0]] = <v>
<f>[<f>[<X1>] > 3] = <n>
<f>[<mask>] = <n>
<f>.insert(0, <new>, <v>)
del <f>[<c>]
<f>.pop(<c>)
<f>[<new>] = <f>.pop(<c>)
<f>.drop(columns=[<c>], inplace=True)
<f>.drop(<c>, axis=1, inplace=True)
<f>.drop(<f>[<mask>].index, inplace=True)
<f>.rename(columns={<c>: <new>}, inplace=True)
<f>.columns = [str(one).upper() for one in <f>.columns]
<f>.columns = <f>.columns.str.lower()
<f>.columns = ['_'.join(map(str, one)) if isinstance(one, tuple) else one for one in <f>.columns]
<f>.columns = <f>.columns.droplevel(0)
<f>.columns.values[0] = 'first'
<f>.fillna(0, inplace=True)
<f>.fillna({<x1>: <f>[<x1>].median()}, inplace=True)
<f>.dropna(inplace=True)
<f>.dropna(subset=[<x>], inplace=True)
<f>.drop_duplicates(inplace=True)
<f>.drop_duplicates(subset=<c>, inplace=True)
<f>.sort_values(<x>, inplace=True)
<f>.sort_values(by=[<c>], inplace=True, ignore_index=True)
<f>.reset_index(drop=True, inplace=True)
<f>.reset_index(inplace=True)
<f>.set_index(<c>, inplace=True)
<f>.replace({<x>: {1: 7}}, inplace=True)
<f>.query('<w> > 0', inplace=True)
<f>.eval('z9 = <w> * <w>', inplace=True)
<f>.update(<o>)
<f>.index = <f>[<c>]
<f>.index.name = 'idx'
<f>.index = range(len(<f>))
<f>.index = pd.to_datetime(<f>['d'])
<f>[<x>] += 1
<f>[<x1>] -= <f>[<x1>].mean()
<f>[<x>] /= <f>[<x>].max()
<f> += 0
<f>[<x1>] = <f>[<x1>].where(<f>[<x1>] > 0, <f>[<x>])
<f>[<c1>] = <f>[<c1>].astype('category')
<f>[<new>] = <f>[<c>].astype(str).map({'p': 1, 'q': 2})
<f>[<new>] = <f>[<x>].apply(lambda v: 'hi' if v > 1 else 'lo')
<f>[<new>] = <f>.apply(lambda r: r[<x>] if r[<c>] else 0, axis=1)
<f>[<new>] = [i for i in range(len(<f>))]
<f>[<new>] = <f>.index
<f>[<new>] = np.arange(len(<f>))
<f>[<new>] = range(len(<f>))
<f>[<new>] = len(<f>)
<f>[<new>] = <o>[<oc>]
<f>[<new>] = <o>[<oc>].values[:len(<f>)]
<f>[<new>] = <f>[<x>].mean() if len(<o>) else 0
for name in <X>: <f>[name] = (<f>[name] - <f>[name].mean()) / <f>[name].std()
for name in <X>: <f>[name + '_sq'] = <f>[name] ** 2
for name in <X>: <f>[name].fillna(<f>[name].mean(), inplace=True)
for i, r in <f>.iterrows(): <f>.at[i, <new1>] = r[<x>]
for i in range(len(<f>)): <f>.loc[i, <new1>] = <f>.loc[i, <x1>] if i else 0
w = <f>[<x>].values; w = w * 2; <f>[<new>] = w
w = <f>[<X1>].to_numpy(copy=True); w[0] = 0; <f>[<X1>] = w
w = <f>[<x>]; w = w.fillna(0); w[0] = 5; <f>[<new>] = w
w = <f>[<x>].copy(); w[w > 1] = <n>; <f>[<new>] = w
w = <f>[<x>].copy(); w.loc[<mask>] = <n>; <f>[<new>] = w
w = <f>[<x>].copy(); w[<mask>] = <f>[<x>]; <f>[<new>] = w
w = <f>[<x>].copy(); w.iloc[0] = <f>[<x>].iloc[1]; <f>[<new>] = w
w = <f>[<x>].copy(); w.update(<o>[<ox>]); <f>[<new>] = w
w = <f>[<x>].copy(); w.index = <f>[<c>]; s1 = w
w = <f>[<x>]; w.name = 'other'; s0 = w
w = <f>[<x>].rename('zz'); s0 = w
w = <f>; w[<new>] = 1
w = <f>.copy(); w[<new1>] = <f>[<x>]; <f>[<new1>] = w[<new1>]
m = <f>[<x>].mean()
m = <f>[<x>].max(); <f>[<new>] = <f>[<x>] - m
m = <f>[<x>].quantile(0.5); f0 = <f>[<f>[<x>] > m]
m = (<f>[<x>] > 1).sum(); <f>[<new>] = m
m = <f>[<x>].iloc[0]; <f>[<new>] = m
m = <f>.loc[0, <x>]; <f>[<new>] = m
m = <f>.at[0, <x>]; <f>[<new>] = m
m = <f>[<x>].values.mean(); <f>[<new>] = m
m = <f>.groupby(<g>)[<x>].mean().max(); <f>[<new>] = m
m = <f>[<X>].mean().mean(); <f>[<new>] = m
lo, hi = <f>[<x1>].quantile([0.1, 0.9]); f1 = <f>[(<f>[<x1>] > lo) & (<f>[<x1>] < hi)]
<f>[<new1>] = np.nan; <f>.loc[<mask>, <new1>] = <f>[<x>]
<f>[<new1>] = 'low'; <f>.loc[<mask>, <new1>] = 'high'
<f>.clip(0, 5, inplace=True)
<f>.interpolate(inplace=True)
<f>.where(<mask>, 0, inplace=True)
<f>.mask(<mask>, 0, inplace=True)
<f>.ffill(inplace=True)
<f>.rename_axis('ax', inplace=True)
<f>.sort_index(inplace=True)
f2 = <f>[[<c>]].copy(); f2['y0'] = <f>[<x>]; f2['y1'] = f2['y0'] * 2
f3 = <f>[<mask>].copy(); f3['y2'] = <f>[<x>]
f3 = pd.DataFrame(); f3['p'] = <f>[<c>]; f3['q'] = <v>
f3 = pd.DataFrame(index=<f>.index); f3['p'] = <f>[<c>]
f3 = pd.DataFrame(columns=['p', 'q']); f3.loc[0] = [<f>[<x>].mean(), 1]
s0 = <f>.groupby(<g>)[<x>].mean()
s1 = <f>.set_index(<g>)[<x>]
s0 = <f>[<X>].mean()
s0 = <f>[<X>].sum(axis=1)
g = <f>.groupby(<g>); f0 = pd.DataFrame({'m': g[<x>].mean(), 's': g[<x>].sum()})
g = <f>.groupby(<g>); <f>[<new>] = g[<x>].transform('mean'); f1 = g[<x>].sum().reset_index()
rows = []; rows.extend({'p': r[<c>], 'q': 1} for _, r in <f>.iterrows()); f0 = pd.DataFrame(rows)
parts = [part for _, part in <f>.groupby(<g>)]; f0 = pd.concat(parts)
parts = {}; parts.update({k: v[<x>].sum() for k, v in <f>.groupby(<g>)}); s1 = pd.Series(parts)
train, test = <f>.iloc[:4], <f>.iloc[4:]; f0 = train; f1 = test.assign(q=train[<x>].mean())
""".strip().splitlines()

AGGREGATIONS: Final = (
    "sum",
    "mean",
    "max",
    "min",
    "count",
    "first",
    "last",
    "nunique",
    "size",
    "std",
    "median",
)
RUNNING: Final = (
    "cumsum()", "shift(1)", "rank()", "diff()", "cumcount()", "ffill()", "cummax()", "bfill()",
    "rolling(2).mean().reset_index(drop=True)", "transform(lambda v: v - v.mean())",
    "apply(lambda v: v * 2).reset_index(drop=True)", "head(2)", "nth(0)", "pct_change()",
    "transform('rank')", "sum()", "mean()",
)  # fmt: skip
