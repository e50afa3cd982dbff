"""Runs slspack in this process and writes down what it opened and imported: `witness.py REPORT ARGUMENT…`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

_READING = frozenset({"os.listdir", "os.scandir", "sqlite3.connect", "subprocess.Popen", "socket.connect", "os.exec"})


def main() -> None:
    """Run, and report."""
    seen: list[tuple[str, str]] = []

    def witness(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" or event in _READING:
            seen.append((event, str(arguments[0])))

    report = Path(sys.argv.pop(1))
    sys.addaudithook(witness)
    from slspack.__main__ import main as run

    status = run()
    report.write_text(json.dumps({"status": status, "seen": seen[:], "modules": sorted(sys.modules)}))


if __name__ == "__main__":
    main()
