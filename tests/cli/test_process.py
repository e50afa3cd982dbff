"""What the process of a command does around the command."""

from __future__ import annotations

import subprocess
import sys

from tests.support.bench import REPOSITORY

PROGRAM = """
import atexit, gc, sys
from slspack.__main__ import main
atexit.register(lambda: print(gc.get_freeze_count() > 0))  # the first registered is called last
sys.argv = ["slspack", "--version"]
main()
print(gc.isenabled())
"""


def test_no_garbage_is_looked_for_and_not_at_the_end_either() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["False", "True"]


WATCHING = """
import gc, sys
from slspack.__main__ import main
from slspack.cli import watch
watch._watch = lambda *_: print(gc.isenabled(), gc.get_threshold()[0] > 700)
sys.argv = ["slspack", "watch"]
main()
"""


def test_what_runs_long_has_garbage_looked_for() -> None:
    done = subprocess.run([sys.executable, "-c", WATCHING], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True True"]
