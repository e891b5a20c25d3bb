"""PyTorch's loaders: a batch came from the dataset, and from what was read to make it.

A dataset came from what its attributes did. What one of the program's own reads while it is asked
for a sample is added; in worker processes that is not known, and nothing exact is said.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any, Final

from headwater.capture import objects, origins
from headwater.capture.adapters.torch_modules import calling, loop, tensors
from headwater.capture.beside import Beside
from headwater.capture.hearing import Heard
from headwater.capture.origins import Origin, Split, recall, remember, remember_new
from headwater.capture.patching import Patches

Arguments = tuple[Any, ...]
Named = dict[str, Any]

_drawn: Final[Beside[Origin]] = Beside()
"""An iterator of a loader → what its batches came from so far."""
_data: Any = None


def install(torch: ModuleType, patches: Patches) -> None:
    """Observe each batch, and random splits."""
    global _data
    _data = torch.utils.data
    iterator = torch.utils.data.dataloader._BaseDataLoaderIter
    patches.observe(iterator, "__next__", _draw, before=_listen, failed=_stop, guard=calling)
    patches.observe(torch.utils.data, "random_split", _split, also=[torch.utils.data.dataset])


def _listen(_args: Arguments, _kwargs: Named) -> Heard:
    """Collect what is read while a batch is made."""
    return Heard()


def _stop(_: Any, _args: Arguments, kwargs: Named) -> None:
    kwargs["__before__"].stop()


def _draw(result: Any, args: Arguments, kwargs: Named) -> None:
    iterator, heard = args[0], kwargs["__before__"]
    heard.stop()
    loop.drawn = iterator
    known = _drawn.get(iterator)
    if known is None:
        known = _of(iterator._dataset)
        if getattr(iterator, "_num_workers", 0) and not _is_plain(iterator._dataset):
            known = known._replace(opaque=True)
    new = [origins.read(key, None) for key in heard.keys if key not in known.sources]
    known = origins.merge(known, *new) if new else known
    _drawn.put(iterator, known)
    for one in tensors(result if isinstance(result, (list, tuple, dict)) else [result]):
        remember_new(one, known)


def _of(dataset: Any) -> Origin:
    """Tell what a dataset came from."""
    found = recall(dataset)
    if found is not None:
        return found
    if isinstance(dataset, _data.TensorDataset):
        return _known(objects.together(dataset.tensors))
    if isinstance(dataset, _data.Subset):
        return _of(dataset.dataset)
    if isinstance(dataset, (_data.ConcatDataset, _data.ChainDataset, _data.StackDataset)):
        inside = dataset.datasets
        return origins.merge(*map(_of, inside.values() if isinstance(inside, dict) else inside))
    if isinstance(dataset, (list, tuple)):
        return _known(objects.gather(dataset))
    values = [one for one in getattr(dataset, "__dict__", {}).values() if not _names_files(one)]
    return origins.merge(objects.brought(values)._replace(columns=None, shaped=frozenset()))


def _known(origin: Origin | None) -> Origin:
    return Origin(opaque=True) if origin is None else origin._replace(columns=None)


def _names_files(value: object) -> bool:
    """Whether a list is one of names, of files say, and holds no data."""
    return isinstance(value, (list, tuple)) and all(
        isinstance(one, (str, os.PathLike)) for one in value
    )


def _is_plain(dataset: Any) -> bool:
    """Whether a dataset, and those in it, read nothing when they are asked."""
    if isinstance(dataset, _data.Subset):
        return _is_plain(dataset.dataset)
    if isinstance(dataset, _data.ConcatDataset):
        return all(map(_is_plain, dataset.datasets))
    return type(dataset) in (_data.TensorDataset, list, tuple)


def _split(result: Any, args: Arguments, kwargs: Named) -> None:
    """Each part is one of so many samples."""
    whole = _of(args[0] if args else kwargs["dataset"])
    generator = args[2] if len(args) > 2 else kwargs.get("generator")
    how = (
        ("method", "random_split"),
        ("sizes", tuple(len(part) for part in result)),
        ("seed", None if generator is None else generator.initial_seed()),
    )
    for place, part in enumerate(result):
        split = Split(str(place), how)
        remember(part, whole._replace(splits=whole.splits | {split}))
