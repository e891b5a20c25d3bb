"""urllib.request and requests: what is fetched from URLs is read from them.

A GET that succeeded is a read of its URL, without user, password, query and fragment. What is sent
(POST, PUT) is not followed, and what MLflow asks of its server is no data.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Final

from headwater.capture import datasets, files, origins, runs
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, remember
from headwater.capture.patching import Patches

URLS_MAX: Final = 1_000
"""URLs that one run is said to have read; beyond that there is a gap."""
_SCHEMES: Final = ("http://", "https://", "ftp://")
_ERROR: Final = 400

Arguments = tuple[Any, ...]
Named = dict[str, Any]

_read: Final[Beside[set[tuple[str, str]]]] = Beside()
"""A run → the URLs that it is said to have read."""


def install(module: ModuleType, patches: Patches) -> None:
    """Observe what every request goes through."""
    if module.__name__ == "urllib.request":
        patches.observe(module, "urlopen", _opened)
        patches.observe(module, "urlretrieve", _retrieved)
    else:
        patches.observe(module.Session, "send", _sent)


def _opened(result: Any, args: Arguments, kwargs: Named) -> None:
    given = args[0] if args else kwargs["url"]
    method = "GET"
    if not isinstance(given, str):
        given, method = given.full_url, given.get_method()
    if method == "GET" and (args[1] if len(args) > 1 else kwargs.get("data")) is None:
        remember(result, _fetch(given))


def _retrieved(result: Any, args: Arguments, kwargs: Named) -> None:
    url = args[0] if args else kwargs["url"]
    origin = _fetch(url)
    if origin is not None:
        files.write(result[0], origin)


def _sent(result: Any, _: Arguments, _kwargs: Named) -> None:
    first = result.history[0] if result.history else result
    if first.request.method == "GET" and result.status_code < _ERROR:
        origin = _fetch(first.url)
        remember(result, origin)
        remember(result.raw, origin)


def _fetch(url: Any) -> Origin | None:
    if not isinstance(url, str) or not url.lower().startswith(_SCHEMES) or _is_mlflow(url):
        return None
    name = datasets.name(url)
    run = runs.current()
    known = _read.get(run)
    if known is None:
        _read.put(run, known := set())
    if name[:2] not in known:
        if len(known) >= URLS_MAX:
            run.record_gap(f"more than {URLS_MAX:,} URLs were read; others are not told")
            return None
        known.add(name[:2])
    run.record_read(name, {})
    return origins.read(name[:2], None)


def _is_mlflow(url: str) -> bool:
    tracking = sys.modules.get("mlflow.tracking")
    if tracking is None:
        return False
    place = str(tracking.get_tracking_uri()).partition("://")[2].partition("/")[0]
    return bool(place) and datasets.name(url).namespace.endswith(f"://{place.rpartition('@')[2]}")
