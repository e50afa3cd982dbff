from __future__ import annotations
import os, stat
from pathlib import Path
import pytest
from slspack.model import ArtifactFormat
from tests.support.twins import Twins, rewrite_in_place
from tests.support.wheels import make_wheel, sha256_of
from tests.support.index import package_index

SERVICE = """service: shop
provider: {name: aws, runtime: python3.13}
package: {individually: true}
functions: {api: {handler: app.handler}}
"""
APP = "VALUE = 1\ndef handler(event, context): return VALUE\n"

@pytest.fixture
def twins(tmp_path):
    t = Twins(tmp_path)
    t.write({"serverless.yml": SERVICE, "app.py": APP})
    return t

def test_other_output(twins, tmp_path):
    a, b = tmp_path/"a", tmp_path/"b"
    twins.check(out=a)
    twins.write({"app.py": APP.replace("1", "2")})
    twins.check(out=b)
    twins.check(out=a)

def test_dir_between(twins):
    twins.check()
    twins.write({"app.py": APP.replace("1", "2")})
    twins.check(format=ArtifactFormat.DIRECTORY)
    twins.check()

def test_other_process_between(twins):
    watch = twins.engine()
    twins.check(watch)
    twins.write({"app.py": APP.replace("1", "2")})
    twins.check()
    twins.write({"app.py": APP})
    twins.check(watch)

def test_garbled(twins):
    twins.check()
    (twins.root/".slspack/state.db").write_bytes(b"x"*5000)
    twins.check()
    twins.check()

def test_src_appears(twins):
    twins.write({"src/deep.py": "x=1\n", "app.py": "import deep\n"+APP})
    twins.check()
    twins.write({"src/__init__.py": ""})
    twins.check()

def test_src_package(twins):
    twins.write({"src/__init__.py": "", "app.py": APP})
    twins.check()
    twins.write({"src/deep.py": ""})
    twins.check()
    (twins.root/"src/__init__.py").unlink()
    twins.check()

def test_env_in_requirements(tmp_path):
    with package_index(tmp_path/"index") as index:
        w1 = make_wheel(tmp_path/"service/wheels/a", "alpha", "1.0")
        w2 = make_wheel(tmp_path/"service/wheels/b", "alpha", "1.0", files={"alpha/__init__.py": "x = 2\n"})
        t = Twins(tmp_path, index, {"FLAVOUR": "a"})
        t.write({"serverless.yml": SERVICE, "app.py": "import alpha\n"+APP, "requirements.txt": "./wheels/${FLAVOUR}/alpha-1.0-py3-none-any.whl\n"})
        t.check()
        t.variables["FLAVOUR"] = "b"
        t.check()

def test_local_wheel_replaced(tmp_path):
    with package_index(tmp_path/"index") as index:
        w1 = make_wheel(tmp_path/"service/wheels", "alpha", "1.0")
        t = Twins(tmp_path, index)
        t.write({"serverless.yml": SERVICE, "app.py": "import alpha\n"+APP, "requirements.txt": "./wheels/alpha-1.0-py3-none-any.whl\n"})
        t.check()
        make_wheel(tmp_path/"service/wheels", "alpha", "1.0", files={"alpha/__init__.py": "x = 2\n"})
        t.check()

def test_pyproject_passed_over(tmp_path):
    with package_index(tmp_path/"index") as index:
        make_wheel(index.folder, "alpha", "1.0")
        t = Twins(tmp_path, index)
        t.write({"serverless.yml": SERVICE, "app.py": "try:\n import alpha\nexcept ImportError: pass\n"+APP, "pyproject.toml": "[tool.x]\n"})
        t.check()
        t.write({"pyproject.toml": "[project]\nname='x'\nversion='1'\ndependencies=['alpha']\n"})
        t.check()

def test_escaping_requirements_link(tmp_path):
    with package_index(tmp_path/"index") as index:
        make_wheel(index.folder, "alpha", "1.0")
        t = Twins(tmp_path, index)
        t.write({"serverless.yml": SERVICE, "app.py": "try:\n import alpha\nexcept ImportError: pass\n"+APP})
        (tmp_path/"common.txt").write_text("alpha==1.0\n")
        t.check()
        (t.root/"requirements.txt").symlink_to("../common.txt")
        t.check()

def test_named_files_folder(tmp_path):
    with package_index(tmp_path/"index") as index:
        for n in ("alpha","beta"): make_wheel(index.folder, n, "1.0")
        t = Twins(tmp_path, index)
        t.write({"serverless.yml": SERVICE+"custom: {slspack: {requirements: reqs/base.txt}}\n", "app.py": APP, "reqs/base.txt": "alpha==1.0\nbeta==1.0\n"})
        t.check()
        t.write({"reqs/base.in": "alpha\n"})
        t.check()
        t.write({"reqs/requirements-dev.txt": "gamma\n"})
        t.check()

def test_dropped_twin(tmp_path):
    t = Twins(tmp_path)
    t.write({"serverless.yml": SERVICE.replace("{handler: app.handler}", "{handler: app.handler, package: {patterns: [notes.txt, src/notes.txt]}}")+"custom: {slspack: {sourceRoots: [src]}}\n",
      "src/app.py": APP, "notes.txt": "same", "src/notes.txt": "same"})
    t.check()
    t.write({"src/notes.txt": "diff"})
    t.check()
    t.write({"src/notes.txt": "same"})
    t.check()
    t.write({"notes.txt": "diff"})
    t.check()

def test_linked_target_turns(tmp_path):
    t = Twins(tmp_path)
    t.write({"serverless.yml": SERVICE.replace("{handler: app.handler}", "{handler: app.handler, package: {patterns: ['data/**']}}"),
      "app.py": APP, "data/keep.txt": "k", "hidden/x/y.txt": "y"})
    (t.root/"data/link").symlink_to("../hidden/x")
    t.check()
    (t.root/"hidden/x/y.txt").unlink(); (t.root/"hidden/x").rmdir(); (t.root/"hidden/x").write_text("file")
    t.check()
    (t.root/"hidden/x").unlink()
    t.check()

def test_read_only(twins):
    twins.check()

def test_version(twins):
    import sqlite3
    twins.check()
    c = sqlite3.connect(twins.root/".slspack/state.db")
    c.execute("PRAGMA user_version=99"); c.execute("ALTER TABLE kept RENAME TO other"); c.commit(); c.close()
    twins.check(); twins.check()

def test_db_is_folder(twins):
    (twins.root/".slspack/state.db").mkdir(parents=True)
    twins.check(); twins.check()

def test_rw(twins):
    twins.check()
    rewrite_in_place(twins.root/"app.py", APP.replace("1","2").encode())
    twins.check()

def test_config_changed_during(tmp_path, twins):
    import slspack.engine.engine
    e = twins.engine()
    orig = e._progress
    class P:
        def stage(self, name):
            if name == "bundle":
                twins.write({"serverless.yml": SERVICE.replace("api", "web")})
        def transfer(self, a, b): pass
    e._progress = P()
    e.build()
    twins.check()

def test_source_changed_during(tmp_path, twins):
    e = twins.engine()
    class P:
        def stage(self, name):
            if name == "bundle":
                twins.write({"shared.py": "x=1"})
        def transfer(self, a, b): pass
    e._progress = P()
    e.build()
    twins.check()
