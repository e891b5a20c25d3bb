"""The web interface: `/`, its screens, and the files that they are made of.

Screens have addresses of their own, which all give the same page: its program reads the address.
Nothing may run that does not come from here, and nothing is fetched from elsewhere.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from headwater.errors import NotFound
from headwater.service import access, built

AnyRequest = Request[Any, Any, Any]

SCREENS = ("/", "/search", "/lineage", "/passport", "/run", "/diff", "/ledger")
FOREVER = "public, max-age=31536000, immutable"
"""For files with a digest in their names."""
SAFETY = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
UNBUILT = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Headwater</title>
<h1>The web interface is not built</h1>
<p>This installation runs from a checkout, which holds its sources only. Build it once, and start
the service again:</p>
<pre>make web</pre>
<p>It takes Node 20.19 or newer, and fetches it where there is none. Packages from an index have it
built in. Everything else of this service works: its routes are described at
<a href="/schema/openapi.json">/schema/openapi.json</a>.</p>
</html>
"""

_OPEN = {access.OPEN: True, "any_query": True}


@get(list(SCREENS), include_in_schema=False, operation_id="page", opt=_OPEN)
async def page(request: AnyRequest) -> Response[bytes]:
    """The page; which screen it shows is for its program to read from the address."""
    found = built.files().get(built.INDEX)
    if found is None:
        headers = SAFETY | {"Cache-Control": "no-store"}
        return Response(UNBUILT.encode(), media_type="text/html", headers=headers)
    return _send(request, found, "no-cache")


@get("/favicon.svg", include_in_schema=False, operation_id="icon", opt=_OPEN)
async def icon(request: AnyRequest) -> Response[bytes]:
    """The icon of the page."""
    return _send(request, _find("favicon.svg"), "no-cache")


@get("/assets/{name:str}", include_in_schema=False, operation_id="asset", opt=_OPEN)
async def asset(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """A file that the page is made of."""
    return _send(request, _find(f"assets/{name}"), FOREVER)


def _find(path: str) -> built.File:
    found = built.files().get(path)
    if found is None:
        raise NotFound(f"the web interface has no file {path}")
    return found


def _send(request: AnyRequest, file: built.File, cache: str) -> Response[bytes]:
    coding, data = built.negotiate(file, request.headers.get("accept-encoding", ""))
    headers = SAFETY | {"Cache-Control": cache, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    if coding != "identity":
        headers["Content-Encoding"] = coding
    return Response(data, media_type=file.media_type, headers=headers)


HANDLERS = (page, icon, asset)
