"""Sessions with nothing in them but what a test says."""

from __future__ import annotations

import os
from pathlib import Path

from slspack.registry import RegistrySession, load_index_configuration


def session_of(**environment: str) -> RegistrySession:
    """A session configured by these variables alone, without any file of pip's and (unless they say so) one try."""
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0", "PIP_KEYRING_PROVIDER": "disabled", **environment}
    return RegistrySession(load_index_configuration(settings, Path.cwd()))
