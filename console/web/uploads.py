"""Reads a form that may come with a file. All of it is bounded before any of it is kept, and nothing is written to a disk."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from connectors.strict import read_body
from console.api.problems import Problem
from console.web.rendering import holdable

MORE = 64 * 1024
"""Bytes that a form may have besides its file."""
ESCAPED = 3
"""So many bytes one may be written as, in a form without a file."""
DRAINED = 64 << 20
"""Bytes that are read of a form that is too large, and thrown away: a browser reads no answer before it has sent it all."""
SECONDS = 60.0
"""How long a form with a large file may take to arrive."""
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


async def read_fields(request: Request, largest: int, names: Collection[str]) -> Mapping[str, bytes]:
    """Return the fields of a form, each at most once; a file is the content of its field.

    Raises: Problem: it is none, or has other fields. HTTPException: larger than `largest` and a little more.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _URLENCODED:
        fields = _urlencoded(await read_body(request, ESCAPED * largest + MORE))
    elif kind == _MULTIPART:
        fields = await _multipart(request, await read_body(request, largest + MORE), len(names))
    else:
        raise Problem("media-type")
    if not fields.keys() <= set(names):
        raise Problem("question")
    return fields


class Upload(NamedTuple):
    """A form with one file, and its other fields. Of one that is too large they are what came before the file."""

    fields: Mapping[str, str]
    content: bytes
    too_large: bool


async def read_upload(request: Request, largest: int, names: Collection[str]) -> Upload:
    """Return a form of several parts with a field `file`, the last one; one of fields alone has no file.

    Raises: Problem, HTTPException: as `read_fields`.
    """
    kind, whole = request.headers.get("content-type", "").partition(";")[0].strip().lower(), True
    if kind == _URLENCODED:
        fields = {**_urlencoded(await read_body(request, MORE)), "file": b""}
    elif kind == _MULTIPART:
        body, whole = await _body_or_begin(request, largest + MORE)
        fields = await _multipart(request, body, len(names))
    else:
        raise Problem("media-type")
    if not fields.keys() <= set(names):
        raise Problem("question")
    content = fields.pop("file", b"")
    return Upload(
        {name: holdable(each.decode("utf-8", "replace")) for name, each in fields.items()}, content, not whole
    )


async def _body_or_begin(request: Request, largest: int) -> tuple[bytes, bool]:
    """Return a body, and that it is whole; of one that is too large its beginning. Raises: HTTPException."""
    body, count = bytearray(), 0
    try:
        async with asyncio.timeout(SECONDS):
            async for part in request.stream():
                count += len(part)
                if count > DRAINED:
                    raise HTTPException(413, headers={"Connection": "close"})
                body += part if count <= largest else b""
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return (bytes(body), True) if count <= largest else (bytes(body[:MORE]), False)


def _urlencoded(body: bytes) -> dict[str, bytes]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=10, errors="strict")
    except ValueError:
        raise Problem("question") from None
    return {name: value.encode() for name, value in pairs}


async def _multipart(request: Request, body: bytes, most: int) -> dict[str, bytes]:
    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, once(), max_files=1, max_fields=most, max_part_size=MORE)
    parser.spool_max_size = len(body) + 1  # it stays in memory, whatever it is
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError, AssertionError):
        raise Problem("question") from None
    try:
        return {
            name: await each.read() if isinstance(each, UploadFile) else each.encode("utf-8", "surrogateescape")
            for name, each in form.multi_items()
        }
    finally:
        await form.close()
