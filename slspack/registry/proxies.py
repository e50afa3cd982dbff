"""The proxy that an address is asked for through: the configured one, the environment's, or the system's.

The rules are pip's, which are those of requests: `no_proxy` names hosts with all that end with them, and networks.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from slspack.registry.credentials import Secret


def proxy_for(url: str, configured: Secret | None) -> Secret | None:
    """The address of the proxy; None where `url` is asked for directly."""
    if configured is not None:
        return _with_scheme(configured.reveal())
    proxies = _known()
    if not proxies or _goes_directly(url):
        return None
    parts = urlsplit(url)
    names = (f"{parts.scheme}://{parts.hostname}", parts.scheme, f"all://{parts.hostname}", "all")
    found = next((proxies[name] for name in names if name in proxies), None)
    return _with_scheme(found) if found else None


def _known() -> dict[str, str]:
    has_settings = sys.platform in ("darwin", "win32")
    if not has_settings and not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies

    return getproxies()


def _goes_directly(url: str) -> bool:
    from urllib.request import proxy_bypass

    parts = urlsplit(url)
    host = parts.hostname or ""
    listed = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").replace(" ", "").split(",")
    if _is_listed(host, parts.port, [entry for entry in listed if entry]):
        return True
    try:
        return bool(proxy_bypass(host))
    except (TypeError, OSError):  # macOS's, of a name that it cannot resolve
        return False


def _is_listed(host: str, port: int | None, entries: list[str]) -> bool:
    from ipaddress import IPv4Address, IPv4Network

    try:
        address = IPv4Address(host)
    except ValueError:
        names = (host, f"{host}:{port}") if port else (host,)
        suffixes = tuple(entry.lstrip(".") for entry in entries)
        return any(name == suffix or name.endswith(f".{suffix}") for name in names for suffix in suffixes)
    for entry in entries:
        try:
            if "/" in entry and address in IPv4Network(entry, strict=False):
                return True
        except ValueError:
            continue
    return host in entries


def _with_scheme(address: str) -> Secret:
    return Secret(address if "://" in address else f"http://{address}")
