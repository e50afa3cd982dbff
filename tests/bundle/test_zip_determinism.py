from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.bundles import Orders

ROOT = Path(__file__).parents[2]

WRITE = """
    import os, random, shutil, sys, threading
    from pathlib import Path
    from slspack.bundle.segments import segment_for
    from slspack.bundle.zipwriter import PackedFiles, write_zip
    from slspack.model import Selection
    from slspack.store import Store
    from slspack.tree import ServiceTree
    from tests.support.bundles import facts_of, first_party, generated, part_of, plan_of

    umask, seed, given, place = int(sys.argv[1], 8), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    os.umask(umask)
    own = [path.relative_to(given / "service") for path in (given / "service").rglob("*") if path.is_file()]
    random.Random(seed).shuffle(own)
    for path in own:
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes((given / "service" / path).read_bytes())
    wheels = list((given / "wheels").iterdir())
    random.Random(seed).shuffle(wheels)
    facts = {wheel: facts_of(wheel) for wheel in wheels}
    store = Store(place.with_suffix(".store"))
    segments = {of.name: segment_for(wheel, of, Selection(), store) for wheel, of in facts.items()}
    without = {"gamma": ["shared/x.py"]}
    entries = [first_party(place, path.as_posix(), executable=path.suffix == ".sh") for path in own]
    plan = plan_of(
        [*entries, generated("app/__init__.py", b"")],
        [part_of(of, without.get(of.name, ())) for of in facts.values()],
    )
    print(write_zip(plan, segments, PackedFiles(ServiceTree(place)), Path(f"{place}.zip")).sha256)
"""

HOSTILE = [
    ("000", {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
    ("077", {"TZ": "America/Los_Angeles", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "2"}),
    ("027", {"LC_ALL": "POSIX", "PYTHONHASHSEED": "random", "PYTHONCOERCECLOCALE": "0", "SOURCE_DATE_EPOCH": "1"}),
]


@pytest.mark.parametrize(("umask", "environment"), HOSTILE)
def test_the_same_bytes_under_any_circumstances(tmp_path: Path, umask: str, environment: dict[str, str]) -> None:
    orders = Orders(tmp_path / "given")
    expected = orders.write(tmp_path / "expected.zip").sha256
    elsewhere = tmp_path / "else where" / "ö"
    elsewhere.mkdir(parents=True)
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WRITE), umask, umask, tmp_path / "given", elsewhere / "service"],
        cwd=elsewhere,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    assert run.stdout.strip() == expected
