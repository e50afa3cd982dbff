"""What the tests of edit sequences write: sources, a configuration and its variations, wheels and their lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.support.wheels import make_wheel, sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.support.index import PackageIndex

LINES = (
    "VALUE = 1",
    "VALUE = 2",
    "# 1",
    "# 2",
    "",
    "import shared",
    "import shared.a",
    "from shared import a, b",
    "from shared.b import VALUE",
    "from shared import *",
    "from . import a",
    "import ns.part",
    "from ns.two import x",
    "import ns",
    "import deep",
    "import src.deep",
    "import local",
    "import other",
    "import alpha",
    "from alpha import extra",
    "import beta",
    "import spread.one",
    "import spread.two",
    "try:\n    import gamma\nexcept ImportError:\n    pass",
    "try:\n    import nowhere\nexcept ImportError:\n    pass",
    "open('data.json')",
    "open('templates/page.html')",
    "PATH = 'notes'",
    "import importlib\nimportlib.import_module('shared.b')",
    "import json, jinja2",
    "__all__ = ['a', 'b']",
    "def broken(:",
)
LISTED = (
    "alpha==1.0",
    "alpha",
    "beta",
    "alpha==${UNUSED}",
    "-r requirements.in",
    "-c ../outside/constraints.txt",
    "# comment",
    "[project]\nname = 'x'\nversion = '1'\ndependencies = ['alpha']",
    "NOTES=notes/b.txt",
)
"""Lines of requirements files, of a pyproject.toml and of an .env file."""
HANDLER = "def handler(event, context): return 1\n"


def sources() -> st.SearchStrategy[str]:
    """A few lines and a handler: of a source, or of whatever else it is written to."""
    lines = st.lists(st.sampled_from(LINES), max_size=3)
    return st.builds(lambda chosen, tail: "\n".join([*chosen, tail]), lines, st.sampled_from([*[HANDLER] * 8, ""]))


FUNCTIONS = ("api", "web", "job")
CONFIGURED = (
    *FUNCTIONS, "patterns", "own patterns", "negated", "unmatched", "variable", "escaping", "arm64", "runtime",
    "shared", "optional", "missing", "dotenv", "roots", "requirements", "shift", "layers", "broken",
)  # fmt: skip


@dataclass
class Configuration:
    """A serverless.yml in which anything can be switched on and off."""

    functions: set[str] = field(default_factory=lambda: {"api", "web"})
    switched: set[str] = field(default_factory=set)

    def change(self, name: str) -> None:
        """Switch something."""
        known = self.functions if name in FUNCTIONS else self.switched
        known ^= {name}

    def text(self) -> str:
        """The file."""
        on = self.switched
        patterns = [
            *(["notes/**", "shared/*.py"] if "patterns" in on else []),
            *(["!shared/b.py"] if "negated" in on else []),
            *(["no/such/*.txt"] if "unmatched" in on else []),
            *(["${env:NOTES, 'notes/a.txt'}"] if "variable" in on else []),
            *(["data.json", "src/data.json", "jobs/**"] if "escaping" in on else []),
        ]
        settings = [
            *(["optionalImports: reachable"] if "optional" in on else []),
            *(["missingImports: warn"] if "missing" in on else []),
            *(["sourceRoots: [src, .]"] if "roots" in on else []),
            *(["requirements: [pylock.toml, requirements.txt]"] if "requirements" in on else []),
        ]
        handlers = {
            "api": "{handler: app.handler}",
            "web": "{handler: other.handler, package: {patterns: ['templates/**', '!notes/b.txt']}}"
            if "own patterns" in on
            else "{handler: other.handler}",
            "job": "{handler: main.handler, slspack: {module: jobs}}"
            if "layers" not in on
            else "{handler: main.handler, slspack: {module: jobs}, layers: ['arn:x']}",
        }
        lines = [
            *(["", "# shifted"] if "shift" in on else []),
            "service: shop",
            *(["useDotenv: true"] if "dotenv" in on else []),
            "provider:",
            "  name: aws",
            f"  runtime: {'python3.12' if 'runtime' in on else 'python3.13'}",
            *(["  architecture: arm64"] if "arm64" in on else []),
            "package:",
            f"  individually: {'false' if 'shared' in on else 'true'}",
            f"  patterns: {patterns!r}",
            *(["custom:", "  slspack:", *(f"    {line}" for line in settings)] if settings else []),
            *(["functions: ["] if "broken" in on else ["functions:"] if self.functions else []),
            *(f"  {name}: {handlers[name]}" for name in sorted(self.functions)),
        ]
        return "\n".join(lines) + "\n"


def make_wheels(folder: Path) -> None:
    """Two versions of three distributions: a plain one, one that requires it, and two shares of a namespace."""
    for version in ("1.0", "2.0"):
        make_wheel(
            folder, "alpha", version, {"alpha/__init__.py": f"V = '{version}'\n", "alpha/extra.py": "", "LICENSE": "x"}
        )
        make_wheel(
            folder,
            "beta",
            version,
            {"beta/__init__.py": "import alpha\n", "spread/one.py": f"V = '{version}'\n"},
            requires=["alpha"] if version == "1.0" else [],
        )
        make_wheel(
            folder,
            "gamma",
            version,
            {"gamma.py": "try:\n    import beta\nexcept ImportError:\n    pass\n", "spread/two.py": ""},
        )


def lock_text(distributions: Mapping[str, str], index: PackageIndex) -> str:
    """A pylock.toml (PEP 751) of these distributions."""
    lines = ['lock-version = "1.0"', 'created-by = "test"', *(["packages = []"] if not distributions else [])]
    for name, version in sorted(distributions.items()):
        wheel = index.folder / f"{name}-{version}-py3-none-any.whl"
        hashes = f"hashes = {{ sha256 = '{sha256_of(wheel)}' }}"
        lines += [
            "[[packages]]",
            f"name = '{name}'",
            f"version = '{version}'",
            f"wheels = [{{ url = '{index.file_url(wheel.name)}', {hashes} }}]",
        ]
    return "\n".join(lines) + "\n"
