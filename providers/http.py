"""The one HTTP client: httpx is imported here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from providers.errors import Kind, SourceError
from providers.source import Reply


class Client:
    """GET and POST with timeouts and a bound on the answer's size."""

    def __init__(self, *, user_agent: str, connect_seconds: float = 5.0, read_seconds: float = 30.0) -> None:
        self._agent = user_agent
        self._seconds = (connect_seconds, read_seconds)

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        data: Mapping[str, str] | None,
        shown: str,
        max_bytes: int,
        cancelled: Callable[[], bool],
    ) -> Reply:
        """One exchange. ``shown`` is the address as it may be told."""
        import httpx

        connect, read = self._seconds
        timeout = httpx.Timeout(read, connect=connect)
        try:
            with (
                httpx.Client(timeout=timeout, follow_redirects=False) as client,
                client.stream(
                    method,
                    url,
                    params=dict(params) or None,
                    headers={"user-agent": self._agent, **headers},
                    data=dict(data) if data is not None else None,
                ) as response,
            ):
                parts, size = [], 0
                for part in response.iter_bytes():
                    size += len(part)
                    if size > max_bytes:
                        raise SourceError(Kind.TOO_LARGE, f"{shown} answers more than {max_bytes:,} bytes")
                    if cancelled():
                        raise SourceError(Kind.CANCELLED, "cancelled")
                    parts.append(part)
                names = {name.lower(): value for name, value in response.headers.items()}
                return Reply(shown, response.status_code, names, b"".join(parts))
        except httpx.TimeoutException as error:
            raise SourceError(Kind.TIMEOUT, f"{shown} did not answer in time") from error
        except httpx.HTTPError as error:
            raise SourceError(
                Kind.UNREACHABLE, f"{shown} cannot be reached ({type(error).__name__})"
            ) from error
