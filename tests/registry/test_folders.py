"""Indexes that are folders on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from slspack.registry import folders, local_path


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("wheels", Path("wheels")),
        ("/opt/wheels", Path("/opt/wheels")),
        ("file:///opt/my%20wheels", Path("/opt/my wheels")),
        ("https://index.example/simple", None),
    ],
)
@pytest.mark.parametrize("windows", [False, True])
def test_addresses_of_folders(
    address: str, path: Path | None, monkeypatch: pytest.MonkeyPatch, *, windows: bool
) -> None:
    monkeypatch.setattr(folders, "WINDOWS", windows)
    assert local_path(address) == path
