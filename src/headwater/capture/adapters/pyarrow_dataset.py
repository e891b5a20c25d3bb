"""Arrow's data sets: files of several folders and formats, scanned and written as one table.

Naming a data set reads nothing; scanning it does, of those files that its filter leaves.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from headwater.capture import files, origins
from headwater.capture.adapters import pyarrow as tables
from headwater.capture.adapters.arrow_batches import hand_out
from headwater.capture.adapters.arrow_sources import names, place, rows, scan, to_write
from headwater.capture.adapters.pyarrow_parquet import write_folder
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, recall, remember
from headwater.capture.patching import Patches

SUPPORTED = ((14, 0), (30, 0))


class Scan:
    """What a scanner reads: a data set, which rows and which columns of it."""

    __slots__ = ("columns", "condition", "dataset")

    def __init__(self, dataset: Any, condition: Any, columns: Any) -> None:
        self.dataset = dataset
        self.condition = condition
        self.columns = columns


_scans: Final[Beside[Scan]] = Beside()
"""Of scanners, and of data sets with a filter (`Dataset.filter`)."""
_ORDER: Final = ("self", "columns", "filter")
_READING: Final = {
    "to_table": _ORDER,
    "to_batches": _ORDER,
    "head": ("self", "num_rows", "columns", "filter"),
    "take": ("self", "indices", "columns", "filter"),
    "count_rows": ("self", "filter"),
}
"""Methods that read → the order of their arguments."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(module: ModuleType, patches: Patches) -> None:
    """Observe data sets, fragments of them, and scanners."""
    for name, order in _READING.items():
        patches.observe(module.Dataset, name, _reader(order), called_back=True)
        patches.observe(module.Fragment, name, _reader(order), called_back=True)
    for name in (*_READING, "scan_batches", "to_reader"):
        patches.observe(module.Scanner, name, _read_scan, called_back=True)
    for owner in (module.Dataset, module.Fragment, module.Scanner):
        hand_out(owner, patches)
    patches.observe(module.Dataset, "scanner", _scanner)
    patches.observe(module.Fragment, "scanner", _scanner)
    for name in ("from_dataset", "from_fragment", "from_batches"):
        patches.observe(module.Scanner, name, _scanner)
    patches.observe(module.Dataset, "filter", _filter)
    for name, observer in (("join", tables.join), ("join_asof", tables.join_asof),
                           ("sort_by", tables.sort)):  # fmt: skip
        patches.observe(module.Dataset, name, observer, before=_scan_sides)
    patches.observe(module, "dataset", _of_memory)
    patches.observe(module.InMemoryDataset, "__init__", _in_memory)
    patches.observe(module, "write_dataset", _write, before=_look_at_folder, called_back=True)


def _asked(args: Arguments, kwargs: Named, order: tuple[str, ...] = _ORDER) -> Scan:
    given = dict(zip(order, args, strict=False)) | kwargs
    source = given.get("self", given.get("dataset", given.get("fragment")))
    known = _scans.get(source)
    condition, dataset = given.get("filter"), source
    if known is not None:
        dataset = known.dataset
        condition = known.condition if condition is None else known.condition & condition
    return Scan(dataset, condition, given.get("columns"))


def _rows(asked: Scan) -> Origin | None:
    source = asked.dataset
    path = getattr(source, "path", None)
    if path is None or hasattr(source, "files"):
        return scan(source, asked.condition, asked.columns)
    origin = files.read(place(path, source.filesystem), source.physical_schema.names)
    if origin is not None and asked.columns is not None:
        origin = origin.keep(asked.columns)
    return origin


def _reader(order: tuple[str, ...]) -> Any:
    def read(result: Any, args: Arguments, kwargs: Named) -> None:
        _give(result, _rows(_asked(args, kwargs, order)))

    return read


def _read_scan(result: Any, args: Arguments, _: Named) -> None:
    asked = _scans.get(args[0])
    _give(result, recall(args[0]) if asked is None else _rows(asked))


def _give(result: Any, origin: Origin | None) -> None:
    called = names(result)
    if origin is not None:
        remember(result, origin if called is None else origin.keep(called))


def _scanner(result: Any, args: Arguments, kwargs: Named) -> None:
    source = args[0] if args else next(iter(kwargs.values()), None)
    if hasattr(source, "get_fragments") or hasattr(source, "physical_schema"):
        _scans.put(result, _asked(args, kwargs))
    else:
        remember(result, recall(source))


def _filter(result: Any, args: Arguments, kwargs: Named) -> None:
    condition = args[1] if len(args) > 1 else kwargs["expression"]
    before = _scans.get(args[0])
    if before is not None and before.condition is not None:
        condition = before.condition & condition
    _scans.put(result, Scan(args[0] if before is None else before.dataset, condition, None))


def _scan_sides(args: Arguments, kwargs: Named) -> None:
    """A join, or an order, of data sets is made at once, in memory: they are read for it."""
    for one in (*args[:2], kwargs.get("right_dataset")):
        if hasattr(one, "get_fragments"):
            remember(one, _rows(_scans.get(one) or Scan(one, None, None)))


def _of_memory(result: Any, args: Arguments, kwargs: Named) -> None:
    source = args[0] if args else kwargs["source"]
    _in_memory(None, (result, source), {})


def _in_memory(_: Any, args: Arguments, kwargs: Named) -> None:
    source = args[1] if len(args) > 1 else kwargs.get("source")
    tables = source if isinstance(source, (list, tuple)) else [source]
    known = [recall(one) for one in tables if names(one) is not None]
    if known and None not in known:
        remember(args[0], origins.merge(*known))


def _look_at_folder(args: Arguments, kwargs: Named) -> Any:
    base = args[1] if len(args) > 1 else kwargs["base_dir"]
    folder = place(base, kwargs.get("filesystem"))
    data = args[0] if args else kwargs["data"]
    is_local = isinstance(folder, str) and "://" not in folder
    return folder, files.listing(folder) if is_local else None, _origin(data)


def _origin(data: Any) -> Origin | None:
    """Of tables, what is known of them; of data sets and scanners, what is read for this."""
    if isinstance(data, (list, tuple)):
        known = [_origin(one) for one in data]
        return None if None in known else origins.merge(*known)
    asked = _scans.get(data)
    if asked is not None:
        return _rows(asked)
    return rows(data) if hasattr(data, "get_fragments") else to_write(recall(data), data)


def _write(_: Any, args: Arguments, kwargs: Named) -> None:
    folder, before, origin = kwargs["__before__"] or (None, None, None)
    data = args[0] if args else kwargs["data"]
    if folder is not None:
        write_folder(folder, before, origin, data[0] if isinstance(data, list) else data)
