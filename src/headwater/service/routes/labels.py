"""Labels: `POST /api/v1/label`, by which somebody says something about a thing."""

from __future__ import annotations

import asyncio
from fnmatch import fnmatchcase
from typing import Any

import msgspec
from litestar import Request, Response, post

from headwater import refs
from headwater.errors import Forbidden, InvalidEvent, Problem
from headwater.ingest import admit_label
from headwater.ingest.labelling import check_label
from headwater.service import access, bodies, state
from headwater.service.limits import LABEL_BYTES_MAX
from headwater.service.replies import reply


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said: `key` is `[a-z][a-z_]*`, at most 64 characters, `value` has at most 1,024.

    No value takes back what was said of the key.
    """

    ref: str
    key: str
    value: str


class Labelled(msgspec.Struct, frozen=True):
    """The thing that was labelled, and the entry that says so."""

    subject: str
    key: str
    value: str
    entry: int


_decoder = msgspec.json.Decoder(Label)


@post("/api/v1/label", operation_id="postLabel", summary="Say something about a thing")
async def take_label(request: Request[Any, Any, Any]) -> Response[Labelled]:
    """A label is an entry of the ledger, asserted by whoever gives it."""
    service, caller = state.of(request), access.caller(request)
    async with bodies.read(request, service.budget, service.limits, most=LABEL_BYTES_MAX) as body:
        try:
            label = _decoder.decode(body)
        except msgspec.MsgspecError as error:
            raise InvalidEvent((Problem("$", str(error)),)) from None
        check_label(label.key, label.value)
        shown = await service.readers.ask(caller.principal, lambda gateway: gateway.show(label.ref))
        subject: str = shown["root"]
        _require_scope(subject, caller)
        receipt = await asyncio.wrap_future(
            service.writer.call(
                lambda writer: admit_label(
                    writer, subject, key=label.key, value=label.value, by=caller.principal.subject
                )
            )
        )
    return reply(
        Labelled(subject, label.key, label.value, receipt.entry or 0),
        status=201,
        headers={"Location": f"/log/entry/{receipt.entry}"},
    )


def _require_scope(subject: str, caller: access.Caller) -> None:
    match refs.parse(subject):
        case refs.Version(artifact=artifact) | refs.Column(version=refs.Version(artifact=artifact)):
            namespace = artifact.namespace
        case refs.Artifact(namespace=namespace) | refs.Job(namespace=namespace):
            pass
        case refs.Run(namespace=namespace):
            pass
        case _:
            namespace = ""
    if not any(fnmatchcase(namespace, glob) for glob in caller.write):
        raise Forbidden(
            f"{namespace!r} is none of the namespaces that {caller.principal.subject} may write: "
            + (", ".join(caller.write) or "there are none")
        )


HANDLERS = (take_label,)
