"""The service's files, where the file system is unkind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.tree import ServiceTree, list_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_link_in_a_circle_leads_to_no_folder(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    assert list_folder(tmp_path, "circle", lambda _: True) == ((), False)
    tree = ServiceTree(tmp_path)
    assert not tree.is_folder("circle")
    assert tree.children("circle") == {}
