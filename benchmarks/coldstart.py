"""How long imports take with the byte code of the plugin `bytecode`, as a ratio to the same artifact without.

`python -m benchmarks.coldstart 3.13 requests pydantic` builds a function that imports these, with and without, unpacks
both, and imports them in new processes that write nothing, by turns. It needs a package index and that Python.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from slspack.plugins.shipped.bytecode.interpreters import find_interpreter
from slspack.targets import parse_target

ROUNDS = 15
FORMS = {
    "source": "",
    "keep": "plugins: [bytecode]\n",
    "drop": "plugins: [{use: bytecode, options: {sources: drop}}]\n",
}


def build(folder: Path, minor: str, distributions: list[str], plugins: str) -> Path:
    """The unpacked artifact of a function that imports the distributions."""
    folder.mkdir()
    (folder / "requirements.txt").write_text("\n".join(distributions))
    (folder / "app.py").write_text(f"import {', '.join(distributions)}\n\ndef handler(event, context): ...\n")
    (folder / "slspack.yml").write_text(f"runtime: python{minor}\n{plugins}functions: {{api: app.handler}}\n")
    subprocess.run([sys.executable, "-m", "slspack", "build", "-q", "-C", str(folder)], check=True)
    with zipfile.ZipFile(folder / ".slspack/dist/api.zip") as archive:
        archive.extractall(folder / "task")
    return folder / "task"


def seconds_of_import(python: str, task: Path) -> float:
    """The processor's time of one process: nearly all of an import's time, and steady on a busy machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([python, "-B", "-s", "-S", "-c", "import app"], cwd=task, env={}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print for each form the least, its ratio to the one without byte code, and the sizes unzipped and zipped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minor")
    parser.add_argument("distributions", nargs="+")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tasks = {
            form: build(Path(scratch, form), asked.minor, asked.distributions, text) for form, text in FORMS.items()
        }
        target = parse_target(f"python{asked.minor}")
        if target is None:
            parser.error(f"python{asked.minor} is no runtime")
        python = find_interpreter(target, (asked.minor,), os.environ, str).runner.named
        spent: dict[str, list[float]] = {form: [] for form in FORMS}
        for _ in range(ROUNDS):
            for form, task in tasks.items():
                spent[form].append(seconds_of_import(python, task))
        least = {form: min(times) for form, times in spent.items()}
        for form, task in tasks.items():
            size = sum(path.stat().st_size for path in task.rglob("*") if path.is_file())
            zipped = (task.parent / ".slspack/dist/api.zip").stat().st_size
            print(f"{form:7} {least[form]:6.3f} s  {least[form] / least['source']:5.2f}  {size:12,} {zipped:12,}")


if __name__ == "__main__":
    main()
