"""`python -m slspack` and the `slspack` console script."""

from __future__ import annotations


def main() -> int:
    """Run the command line and return its exit status."""
    from slspack.cli import run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
