"""shutil, zipfile, tarfile: files that are copied, put into archives and taken out of them.

A copy came from its original, what is taken out of an archive from the archive, and an archive from
the files that were put in; text and bytes that are put in came from nobody knows where.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from headwater.capture import files, handles, opens, origins
from headwater.capture.origins import Origin, recall, remember
from headwater.capture.patching import Patches
from headwater.capture.watching import watched

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(module: ModuleType, patches: Patches) -> None:
    """Observe the function through which all others of a module go."""
    _INSTALL[module.__name__](module, patches)


def _install_shutil(shutil: ModuleType, patches: Patches) -> None:
    patches.observe(shutil, "copyfile", _copied)
    patches.observe(shutil, "copyfileobj", _streamed, before=handles.note)


def _install_zipfile(zipfile: ModuleType, patches: Patches) -> None:
    patches.observe(zipfile.ZipFile, "__init__", _opened_zip)
    patches.observe(zipfile.ZipFile, "_extract_member", _taken_from_zip)
    patches.observe(zipfile.ZipFile, "write", _put_into_zip)
    patches.observe(zipfile.ZipFile, "writestr", _text_into_zip)
    patches.observe(zipfile.ZipFile, "open", _opened_in_zip)
    comment = zipfile.ZipFile.comment
    commented = watched(comment.fset, _text_into_zip)
    patches.replace(
        zipfile.ZipFile, "comment", property(comment.fget, commented, None, comment.__doc__)
    )


def _install_tarfile(tarfile: ModuleType, patches: Patches) -> None:
    patches.observe(tarfile.TarFile, "makefile", _taken_from_tar)
    patches.observe(tarfile.TarFile, "addfile", _put_into_tar)


_INSTALL: Final[dict[str, Callable[[ModuleType, Patches], None]]] = {
    "shutil": _install_shutil,
    "zipfile": _install_zipfile,
    "tarfile": _install_tarfile,
}


def _copied(result: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("src", "dst"), args, strict=False)) | kwargs
    if opens.is_data(given["dst"]):
        files.write(result, _read(given["src"]))


def copied_whole(source: Any, target: Any) -> None:
    """Let a file, opened just for that, be a copy of another that is open."""
    if opens.is_data(target):
        files.write(target.name, _read(source))


def _streamed(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("fsrc", "fdst"), args, strict=False)) | kwargs
    source, target = given["fsrc"], given["fdst"]
    if not opens.is_data(target):
        return
    origin = recall(source) or (_read(source) if opens.is_data(source) else None)
    _add(target, target, origin)


def _read(source: Any) -> Origin | None:
    """Read a file; one that is nobody's data, of the system say, is no source."""
    return files.read(source) if opens.is_data(source) else Origin()


def _add(archive: Any, place: Any, origin: Origin | None) -> None:
    """Let a file, open as `archive`, have come from one thing more; `a` keeps what was in it."""
    whole = origins.merge(recall(archive) or Origin(), origin or Origin(opaque=True))
    remember(archive, whole)
    more = archive is not place and getattr(archive, "mode", None) == "a"
    files.write(place, whole, **({"adds": "content", "mode": "append"} if more else {}))


def _taken_from_zip(result: Any, args: Arguments, _: Named) -> None:
    _taken(result, args[0].filename)


def _taken_from_tar(_: Any, args: Arguments, kwargs: Named) -> None:
    _taken(args[2] if len(args) > 2 else kwargs["targetpath"], args[0].name)


def _taken(path: Any, archive: Any) -> None:
    if opens.is_data(path) and os.path.isfile(path):
        files.write(path, _read(archive) if opens.is_data(archive) else None)


def _opened_zip(_: Any, args: Arguments, _kwargs: Named) -> None:
    """An archive that is opened by its path: what is changed in it is only what is put into it."""
    archive = args[0]
    if archive._filePassed or not opens.is_data(archive.filename):
        return
    if archive.mode in ("r", "a"):
        files.read(archive.filename)
    if archive.mode == "a":
        files.opened(archive.filename, by_name=True)
    elif archive.mode != "r":
        files.write(archive.filename, None, opened="new")


def _put_into_zip(_: Any, args: Arguments, kwargs: Named) -> None:
    _put(args[0], _place_of_zip(args[0]), args[1] if len(args) > 1 else kwargs["filename"])


def _text_into_zip(_: Any, args: Arguments, _kwargs: Named) -> None:
    place = _place_of_zip(args[0])
    if args[0].mode != "r" and place is not None and opens.is_data(place):
        _add(args[0], place, None)


def _opened_in_zip(_: Any, args: Arguments, kwargs: Named) -> None:
    """A member that the program writes itself."""
    if (args[2] if len(args) > 2 else kwargs.get("mode")) == "w":
        _text_into_zip(_, args, kwargs)


def _place_of_zip(archive: Any) -> Any:
    """Give the path of an archive, or the file that the program had open."""
    return archive.fp if archive._filePassed else archive.filename


def _put_into_tar(_: Any, args: Arguments, kwargs: Named) -> None:
    file = args[2] if len(args) > 2 else kwargs.get("fileobj")
    if file is not None:
        _put(args[0], _place_of_tar(args[0]), file)


def _place_of_tar(archive: Any) -> Any:
    """Give the path of an archive, or the file that the program had open, or that packs into it."""
    file = archive.fileobj
    is_ours = not archive._extfileobj and getattr(file, "myfileobj", file) is not None
    is_ours = is_ours and not getattr(file, "_extfileobj", False)
    return archive.name if is_ours and getattr(file, "_closefp", True) else file


def _put(archive: Any, place: Any, source: Any) -> None:
    if place is None or not opens.is_data(place):
        return
    if isinstance(source, (str, bytes, os.PathLike)) and os.path.isdir(source):
        return
    if opens.is_data(source):
        _add(archive, place, files.read(source))
    else:
        _add(archive, place, recall(source))
