"""Reading the files that requirements stand in."""

from __future__ import annotations

from slspack.resolve.files import ServiceFiles
from slspack.tree import ServiceTree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def test_what_cannot_be_a_file_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "circle").symlink_to("other")
    (tmp_path / "other").symlink_to("circle")
    files = ServiceFiles(ServiceTree(tmp_path))
    assert [files.read(name) for name in ("nothing", "folder", "file/below", "circle")] == [None] * 4
    assert files.read("file") == b"x"
