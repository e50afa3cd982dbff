"""Libraries of a runtime that a built wheel may rely on; every other is grafted into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.model import Architecture

if TYPE_CHECKING:
    from slspack.model import Target

_FIRST_GLIBC_OF_2023 = (2, 34)

# What glibc, libgcc, libstdc++ and zlib install. Lambda's images hold more, but only because something else there needs
# it (OpenSSL, libxml2, SQLite), and AWS replaces that with other major versions: a wheel should bring its own.
_EVERYWHERE = frozenset(
    {
        "libBrokenLocale.so.1",
        "libanl.so.1",
        "libc.so.6",
        "libdl.so.2",
        "libgcc_s.so.1",
        "libm.so.6",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libstdc++.so.6",
        "libutil.so.1",
        "libz.so.1",
    }
)
_OF_MACHINE = {
    Architecture.X86_64: frozenset({"ld-linux-x86-64.so.2", "libmvec.so.1"}),
    Architecture.ARM64: frozenset({"ld-linux-aarch64.so.1"}),
}


def reliable_libraries(target: Target) -> frozenset[str]:
    """The names (`DT_SONAME`) that a file of a wheel may need without bringing them."""
    major, minor = target.python
    libcrypt = {"libcrypt.so.2"} if target.glibc >= _FIRST_GLIBC_OF_2023 else {"libcrypt.so.1", "libnsl.so.1"}
    return _EVERYWHERE | _OF_MACHINE[target.architecture] | libcrypt | {f"libpython{major}.{minor}.so.1.0"}
