"""Which native code a target refuses, what of it is an error, and in which words."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from slspack.check import NativeArtifact, NativePart, check_native
from slspack.check.elf import read_elf
from slspack.codes import Code
from slspack.model import (
    ArchivePath,
    Digest,
    ElfFile,
    Finding,
    LockedDistribution,
    Provenance,
    Severity,
    Target,
    WheelFile,
    dist_name,
)
from slspack.targets import parse_target
from tests.support.elf import make_elf, make_module

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULE = "fast/_core.cpython-313-x86_64-linux-gnu.so"
MANYLINUX = "cp313-cp313-manylinux_2_28_x86_64"
UNLESS = "; if you know that it loads all the same: `native: {{ignore: ['{}']}}`"
LOADER = "/lib64/ld-linux-x86-64.so.2"


def target(runtime: str = "python3.13", architecture: str = "x86_64") -> Target:
    found = parse_target(runtime, architecture)
    assert found
    return found


def part(files: Mapping[str, bytes], name: str = "fast", tag: str = MANYLINUX, *, built: bool = False) -> NativePart:
    """What a wheel with these files brings."""
    wheel = WheelFile(f"{name}-1.0-{tag}.whl", "", Digest("0" * 64))
    provenance = Provenance("docker", f"{name}-1.0.tar.gz", Digest("1" * 64)) if built else None
    locked = LockedDistribution(dist_name(name), "1.0", wheel, provenance)
    return NativePart(locked, elves(files))


def own(files: Mapping[str, bytes]) -> NativePart:
    """What the service itself brings."""
    return NativePart(None, elves(files))


def elves(files: Mapping[str, bytes]) -> tuple[ElfFile, ...]:
    return tuple(read_elf(BytesIO(content), ArchivePath(name)) for name, content in sorted(files.items()))


def check(*parts: NativePart, on: Target | None = None, opaque_layers: bool = False) -> tuple[Finding, ...]:
    return check_native([NativeArtifact(("api",), on or target(), parts, opaque_layers)])


def the(findings: tuple[Finding, ...]) -> tuple[Severity, Code, str, str | None]:
    """The only finding."""
    [finding] = findings
    assert finding.function == "api"
    return finding.severity, finding.code, finding.message, finding.hint


def test_what_the_runtime_has_is_no_news() -> None:
    wants = {
        "libc.so.6": {"GLIBC_2.34": "dlsym"},
        "libstdc++.so.6": {"GLIBCXX_3.4.29": "f", "CXXABI_1.3.13": "g", "CXXABI_FLOAT128": "h"},
        "libgcc_s.so.1": {"GCC_3.0": "_Unwind_Resume"},
    }
    needed = [*wants, "libm.so.6", "libz.so.1", "ld-linux-x86-64.so.2", "libpython3.13.so.1.0"]
    assert check(part({MODULE: make_module("_core", needed=needed, wants=wants)})) == ()


def test_a_newer_glibc_than_the_runtimes() -> None:
    module = make_module("_core", wants={"libc.so.6": {"GLIBC_2.34": "dlsym", "GLIBC_2.38": "__isoc23_strtol"}})
    assert the(check(part({MODULE: module}))) == (
        Severity.ERROR,
        Code.NATIVE_VERSION,
        (
            f"`{MODULE}` of `fast` 1.0 cannot be loaded: it needs `GLIBC_2.38` (for `__isoc23_strtol`) of `libc.so.6`, "
            "Amazon Linux 2023 has up to `GLIBC_2.34`"
        ),
        "choose another version of `fast`, or have it built for CPython 3.13 on x86_64" + UNLESS.format("fast"),
    )


def test_the_older_system_has_older_versions() -> None:
    wants = {"libstdc++.so.6": {"GLIBCXX_3.4.26": "f"}, "libc.so.6": {"GLIBC_2.27": "g"}}
    module = {"fast/_core.abi3.so": make_module("_core", needed=list(wants), wants=wants)}
    assert check(part(module)) == ()
    assert [finding.message.partition(": ")[2] for finding in check(part(module), on=target("python3.11"))] == [
        "it needs `GLIBCXX_3.4.26` (for `f`) of `libstdc++.so.6`, Amazon Linux 2 has up to `GLIBCXX_3.4.24`",
        "it needs `GLIBC_2.27` (for `g`) of `libc.so.6`, Amazon Linux 2 has up to `GLIBC_2.26`",
    ]


def test_packed_relative_relocations_need_the_glibc_that_brought_them() -> None:
    module = make_module("_core", wants={"libc.so.6": {"GLIBC_ABI_DT_RELR": ""}})
    [finding] = check(part({MODULE: module}))
    assert "it needs `GLIBC_ABI_DT_RELR` of `libc.so.6`, Amazon Linux 2023 has up to `GLIBC_2.34`" in finding.message


def test_the_wrong_machine() -> None:
    files = {f"fast/{n}.abi3.so": make_module(n, machine="aarch64") for n in ("_a", "_b", "_c")}
    assert the(check(part(files))) == (
        Severity.ERROR,
        Code.NATIVE_MACHINE,
        (
            "`fast/_a.abi3.so` of `fast` 1.0 (nor 2 more files of it) cannot be loaded: it is for aarch64, "
            "the function runs on x86_64"
        ),
        "choose another version of `fast`, or have it built for CPython 3.13 on x86_64" + UNLESS.format("fast"),
    )
    assert check(part(files), on=target(architecture="arm64")) == ()


def test_a_missing_library() -> None:
    module = make_module("_core", needed=["libpq.so.5", "libc.so.6"])
    assert the(check(part({MODULE: module}))) == (
        Severity.ERROR,
        Code.NATIVE_LIBRARY,
        (
            f"`{MODULE}` of `fast` 1.0 cannot be loaded: it needs `libpq.so.5`, "
            "which neither Amazon Linux 2023 nor the artifact has"
        ),
        "put `libpq.so.5` into `lib/` of the service, or build the wheel with it inside (`builder: docker`)"
        + UNLESS.format("libpq.so.5"),
    )


@pytest.mark.parametrize(
    ("place", "runpath"),
    [
        ("fast.libs/libpq.so.5", "$ORIGIN/../fast.libs"),
        ("fast.libs/libpq.so.5", "${ORIGIN}/../fast.libs"),
        ("fast/libpq.so.5", "/nowhere:$ORIGIN"),
        ("libpq.so.5", None),
        ("lib/libpq.so.5", None),
        ("elsewhere/libpq.so.5", "/var/task/elsewhere"),
        ("elsewhere/libpq.so.5", None),  # something may load it before
    ],
)
def test_a_library_of_the_artifact_is_found(place: str, runpath: str | None) -> None:
    module = make_module("_core", needed=["libpq.so.5"], runpath=runpath)
    assert check(part({MODULE: module}), own({place: make_elf(soname="libpq.so.5")})) == ()


def test_a_library_is_known_by_its_own_name_too() -> None:
    module = make_module("_core", needed=["libomp.so.5"])
    torch = part({"torch/lib/libomp-1234.so": make_elf(soname="libomp.so.5")}, "torch")
    assert check(part({MODULE: module}), torch) == ()


def test_a_library_of_another_machine_is_as_good_as_missing() -> None:
    module = make_module("_core", needed=["libpq.so.5"], runpath="$ORIGIN")
    findings = check(part({MODULE: module, "fast/libpq.so.5": make_elf(machine="aarch64")}))
    assert {finding.code for finding in findings} == {Code.NATIVE_LIBRARY, Code.NATIVE_MACHINE}


def test_a_library_of_the_artifact_has_to_have_the_versions() -> None:
    module = make_module("_core", needed=["libpq.so.5"], wants={"libpq.so.5": {"PQ_16": "PQclose"}})
    assert check(part({MODULE: module, "libpq.so.5": make_elf(defines=["PQ_15", "PQ_16"])})) == ()
    [finding] = check(part({MODULE: module, "libpq.so.5": make_elf(defines=["PQ_15"])}))
    assert finding.message.endswith(
        "it needs `PQ_16` (for `PQclose`) of `libpq.so.5`, which the artifact's `libpq.so.5` lacks"
    )


def test_what_a_module_loads_has_to_load_too() -> None:
    files = {
        MODULE: make_module("_core", needed=["libinner.so"], runpath="$ORIGIN/../fast.libs"),
        "fast.libs/libinner.so": make_elf(needed=["libc.so.6"], wants={"libc.so.6": {"GLIBC_2.36": "arc4random"}}),
        "fast/_other.abi3.so": make_module("_other"),
    }
    severity, code, message, _ = the(check(part(files)))
    assert (severity, code) == (Severity.ERROR, Code.NATIVE_VERSION)
    assert message.startswith("`fast.libs/libinner.so` of `fast` 1.0 cannot be loaded: it needs `GLIBC_2.36`")


def test_a_module_for_another_python() -> None:
    name = "fast/_core.cpython-311-x86_64-linux-gnu.so"
    severity, code, message, _ = the(check(part({name: make_module("_core")})))
    assert (severity, code) == (Severity.ERROR, Code.NATIVE_PYTHON)
    assert message == (
        f"`{name}` of `fast` 1.0 cannot be loaded: its suffix `.cpython-311-x86_64-linux-gnu.so` is not one "
        "that CPython 3.13 imports"
    )
    assert check(part({name: make_module("_core"), MODULE: make_module("_core")})) == ()
    [module] = elves({name: make_module("_core")})
    twin = NativePart(part({}).distribution, (replace(module, has_twin=True),))
    assert check(twin) == ()


def test_a_module_that_only_its_own_finder_loads_is_for_no_other_python() -> None:
    """As those that mpi4py has for each MPI."""
    files = {MODULE: make_module("_core"), "fast/_core.mpich.cpython-313-x86_64-linux-gnu.so": make_module("_core")}
    assert check(part(files)) == ()


def test_a_module_of_a_repaired_wheel_that_needs_a_library_that_cannot_be_loaded() -> None:
    """As ibm-db's, whose library needs one that Amazon Linux 2023 no longer has."""
    files = {
        "db.abi3.so": make_module("db", needed=["libdb2.so.1"], runpath="$ORIGIN/driver"),
        "driver/libdb2.so.1": make_elf(needed=["libcrypt.so.1"]),
    }
    assert the(check(part(files)))[:2] == (Severity.ERROR, Code.NATIVE_LIBRARY)
    assert check(part(files), on=target("python3.11")) == ()


def test_a_musl_module_is_for_another_python() -> None:
    files = {"fast/_core.cpython-313-x86_64-linux-musl.so": make_module("_core", needed=["libc.musl-x86_64.so.1"])}
    assert [finding.code for finding in check(part(files))] == [Code.NATIVE_PYTHON]


def test_variants_beside_what_loads_are_no_news() -> None:
    files = {
        MODULE: make_module("_core"),
        "fast/plugins/libgpu.so": make_elf(needed=["libcuda.so.1"]),
        "fast/plugins/libfast-musl.so": make_elf(needed=["libc.musl-x86_64.so.1"]),
        "fast/plugins/attach_x86.so": make_elf(machine="i386"),
        "fast/bin/helper-arm": make_elf(machine="aarch64", program=True),
        "fast/device/kernel.so": make_elf(machine="riscv"),
    }
    assert check(part(files)) == ()


def test_what_a_repaired_wheel_leaves_out_beside_modules_that_load_is_a_notice() -> None:
    """As Numba's wheels have a module for each of several threading libraries."""
    files = {MODULE: make_module("_core"), "fast/tbbpool.abi3.so": make_module("tbbpool", needed=["libtbb.so.12"])}
    severity, code, _, hint = the(check(part(files)))
    assert (severity, code) == (Severity.NOTICE, Code.NATIVE_LIBRARY)
    assert hint == "nothing has to be done, unless the function uses that part of the distribution"
    assert the(check(part(files, tag="cp313-cp313-linux_x86_64")))[0] is Severity.ERROR
    assert the(check(part(files, built=True)))[0] is Severity.ERROR


def test_a_library_that_is_all_that_a_distribution_has() -> None:
    """As LightGBM's, opened by name, which needs a libgomp that Amazon Linux 2 has not."""
    library = {"lightgbm/lib/lib_lightgbm.so": make_elf(needed=["libgomp.so.1"])}
    wheel = part(library, "lightgbm", "py3-none-manylinux_2_28_x86_64")
    assert the(check(wheel, on=target("python3.11")))[:2] == (Severity.ERROR, Code.NATIVE_LIBRARY)
    assert check(wheel) == ()


def test_a_portable_wheel_with_native_helpers_of_elsewhere_is_only_warned_of() -> None:
    wheel = part({"debug/attach_amd64.so": make_elf()}, "debug", "py3-none-any")
    assert the(check(wheel, on=target(architecture="arm64")))[:2] == (Severity.WARNING, Code.NATIVE_MACHINE)


def test_programs_that_cannot_run_are_only_warned_of() -> None:
    node = make_elf(program=True, loader=LOADER, wants={"libc.so.6": {"GLIBC_2.28": "fcntl64"}})
    severity, code, message, _ = the(check(part({"play/node": node}), on=target("python3.11")))
    assert (severity, code) == (Severity.WARNING, Code.NATIVE_VERSION)
    assert message.startswith("`play/node` of `fast` 1.0 cannot run: it needs `GLIBC_2.28` (for `fcntl64`)")
    musl = make_elf(program=True, loader="/lib/ld-musl-x86_64.so.1", needed=[])
    assert the(check(part({"play/node": musl})))[:2] == (Severity.WARNING, Code.NATIVE_LIBRARY)
    assert check(part({"play/node": make_elf(program=True, needed=[])})) == ()


def test_the_services_own_libraries_have_to_load() -> None:
    severity, code, message, hint = the(check(own({"native/libfast.so": make_elf(machine="aarch64")})))
    assert (severity, code) == (Severity.ERROR, Code.NATIVE_MACHINE)
    assert message.startswith("`native/libfast.so` cannot be loaded: it is for aarch64")
    assert hint == "build it on x86_64 for CPython 3.13 and glibc 2.34, with its libraries beside it" + UNLESS.format(
        "native/libfast.so"
    )
    assert check(own({"arm/libfast.so": make_elf(machine="aarch64"), "x86/libfast.so": make_elf()})) == ()


def test_a_layer_may_bring_what_is_missing() -> None:
    module = part({MODULE: make_module("_core", needed=["libpq.so.5"])})
    assert the(check(module, opaque_layers=True))[:2] == (Severity.WARNING, Code.NATIVE_LIBRARY)


def test_damaged_and_misaligned_files() -> None:
    good = make_module("_core")
    load = good.index(b"\x01\0\0\0\x05\0\0\0", 64)
    misaligned = good[: load + 16] + b"\x08" + good[load + 17 :]
    assert the(check(part({MODULE: misaligned})))[1:3] == (
        Code.NATIVE_DAMAGED,
        (
            f"`{MODULE}` of `fast` 1.0 cannot be loaded: a load segment is not where its alignment wants it, "
            "as happens to a stripped or patched library"
        ),
    )
    assert the(check(part({MODULE: good[:100]})))[1:3] == (
        Code.NATIVE_DAMAGED,
        f"`{MODULE}` of `fast` 1.0 cannot be loaded: it begins as an ELF file, but cannot be read as one",
    )
    assert check(part({"fast/sample.bin": good[:100]})) == ()


def test_one_finding_for_all_functions_of_one_target() -> None:
    broken = part({MODULE: make_module("_core", needed=["libpq.so.5"])})
    artifacts = [NativeArtifact((name,), target(), (broken,)) for name in ("a", "b", "c", "d", "e")]
    [finding] = check_native(artifacts)
    assert finding.function is None
    assert "cannot be loaded in `a`, `b`, `c` and 2 more functions: it needs `libpq.so.5`" in finding.message


@pytest.mark.parametrize(("name", "left"), [("fast", 0), ("fa*", 0), (MODULE, 1), ("fast/_*.so", 0), ("libpq.so*", 1),
                                            ("libpq.so.5", 1), ("libpq", 2), ("libc.so.6", 2)])  # fmt: skip
def test_what_the_user_knows_better(name: str, left: int) -> None:
    files = {
        MODULE: make_module("_core", needed=["libpq.so.5"]),
        "fast/_two.abi3.so": make_module("_two", machine="aarch64"),
    }
    assert len(check(part(files))) == 2
    [artifact] = [NativeArtifact(("api",), target(), (part(files),), ignored=("other", name))]
    assert len(check_native([artifact])) == left
