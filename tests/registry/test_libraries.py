"""The library for HTTP is loaded by one thread at a time, whoever needs it first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Notes which thread looks for each module. A thread that comes back after another has was beside it.
_PROGRAM = """
import sys, threading
from itertools import groupby
from slspack.registry import RegistrySession, load_index_configuration
from pathlib import Path

seen = []
class Noting:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "urllib3":
            seen.append(threading.current_thread().name)
sys.meta_path.insert(0, Noting())
sys.setswitchinterval(1e-6)

session = RegistrySession(load_index_configuration({"PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0"}, Path()))
def ask():
    try:
        session.get("http://127.0.0.1:9/simple/", {})
    except Exception as error:
        problems.append(type(error).__name__)
problems = []
threads = [threading.Thread(target=session.get_ready), *(threading.Thread(target=ask) for _ in range(6))]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert problems == ["Unreachable"] * 6, problems
assert len(seen) > 5
turns = [name for name, _ in groupby(seen)]
assert len(turns) == len(set(turns)), seen
"""


def test_threads_do_not_load_the_library_beside_each_other() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=root, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
