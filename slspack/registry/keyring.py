"""Passwords from the user's keyring, for indexes that ask for one: by module or by command, as pip does."""

from __future__ import annotations

import importlib
import shutil
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlsplit

from slspack.registry.configuration import KeyringProvider
from slspack.registry.credentials import Login

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Credential(Protocol):
    username: str
    password: str


class _KeyringModule(Protocol):
    def get_credential(self, service_name: str, username: str | None) -> _Credential | None: ...


def keyring_login(addresses: Iterable[str], user: str | None, provider: KeyringProvider) -> Login | None:
    """The login that the keyring has for one of the addresses or its host, if there is a keyring and it has one."""
    if provider is KeyringProvider.DISABLED:
        return None
    services = [service for address in addresses for service in (address, urlsplit(address).netloc) if service]
    if provider in (KeyringProvider.AUTO, KeyringProvider.IMPORT):
        try:
            module = cast("_KeyringModule", importlib.import_module("keyring"))
        except ImportError:
            module = None
        if module is not None:
            return _by_module(module, services, user)
    if provider in (KeyringProvider.AUTO, KeyringProvider.SUBPROCESS) and user:
        return _by_command(services, user)
    return None


def _by_module(module: _KeyringModule, services: list[str], user: str | None) -> Login | None:
    for service in services:
        try:
            found = module.get_credential(service, user)
        except Exception:  # noqa: S112 (a backend may raise anything; a locked keyring is no reason to fail)
            continue
        if found is not None:
            return Login(found.username, found.password)
    return None


def _by_command(services: list[str], user: str) -> Login | None:
    import subprocess

    command = shutil.which("keyring")
    if command is None:
        return None
    for service in services:
        done = subprocess.run(
            [command, "get", service, user], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        password = done.stdout.strip("\r\n")
        if done.returncode == 0 and password:
            return Login(user, password)
    return None
