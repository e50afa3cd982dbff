"""The compiler: Zig, which comes as the wheel `ziglang` and has glibc's headers and stubs for every version of it."""

from __future__ import annotations

import shlex
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from slspack.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Zig:
    """An installed Zig."""

    program: Path
    version: str

    @property
    def name(self) -> str:
        """As the manifest names it: `ziglang 0.15.1`."""
        return f"ziglang {self.version}"

    def commands(self, target: str) -> dict[str, str]:
        """For each tool its command line, quoted for a shell; `target` is such as `aarch64-linux-gnu.2.34`."""
        zig = shlex.quote(str(self.program))
        return {
            "cc": f"{zig} cc -target {target}",
            "c++": f"{zig} c++ -target {target}",
            "ar": f"{zig} ar",
            "ranlib": f"{zig} ranlib",
        }


def find_zig() -> Zig | None:
    """The one that the extra `cross` installs; None without it."""
    spec = find_spec("ziglang")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).with_name("zig")
    try:
        return Zig(program, version("ziglang")) if program.is_file() else None
    except PackageNotFoundError:
        return None
