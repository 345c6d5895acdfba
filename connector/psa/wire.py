"""What carries the requests to a PSA: httpx's, sent by aiohttp, whose parser is C.

A turn with nothing new is four requests and little else, so that what a request costs is what a fleet costs:
here 0.6 of what httpx's own transport takes (`python -m bench wire`). Errors come out as httpx's. One
difference matters and is kept exact: `ConnectError` means that nothing has been sent.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import aiohttp
import httpx
from yarl import URL

from connector.psa.tls import trusted

KEEPALIVE_S = 30.0
_LONGEST = 64 * 1024  # a header, or the first line of an answer
_NOT_SENT = (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError)
_AUTO = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")  # the request has what it needs


def client(connections: int, *, trust_env: bool) -> httpx.AsyncClient:
    """For one PSA, to which it has at most so many connections. `trust_env`: by the environment's proxy."""
    return httpx.AsyncClient(transport=Wire(connections, trust_env=trust_env), trust_env=trust_env)


class Wire(httpx.AsyncBaseTransport):
    """See `client`. Nothing is opened before the first request."""

    def __init__(self, connections: int, *, trust_env: bool) -> None:
        self._connections, self._trust_env = connections, trust_env
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._session is None:
            self._session = self._open()
        limits = request.extensions.get("timeout", {})
        with _as_httpx(request):
            answer = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    connect=limits.get("pool"),
                    sock_connect=limits.get("connect"),
                    sock_read=limits.get("read"),
                ),
            )
        return httpx.Response(
            answer.status,
            headers=list(answer.raw_headers),
            stream=_Body(answer, request),
            request=request,
        )

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=trusted(), limit=self._connections, keepalive_timeout=KEEPALIVE_S
            ),
            cookie_jar=aiohttp.DummyCookieJar(),  # httpx keeps them
            skip_auto_headers=_AUTO,
            auto_decompress=False,
            trust_env=self._trust_env,
            max_line_size=_LONGEST,
            max_field_size=_LONGEST,
        )


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._answer, self._request = answer, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx(self._request):
            async for chunk in self._answer.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        """The connection is kept for the next request only if the answer was read to its end."""
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()


@contextlib.contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    try:
        yield
    except _NOT_SENT as error:
        raise httpx.ConnectError(_words(error), request=request) from error
    except (aiohttp.ServerTimeoutError, TimeoutError) as error:
        raise httpx.ReadTimeout(_words(error), request=request) from error
    except aiohttp.ClientResponseError as error:
        raise httpx.RemoteProtocolError(_words(error), request=request) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.ReadError(_words(error), request=request) from error
    except ValueError as error:  # what cannot stand in a request
        raise httpx.LocalProtocolError(_words(error), request=request) from error


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
