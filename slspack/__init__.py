"""slspack bundles Python Lambda functions: one small, byte-identical zip per function."""

__version__ = "0.1.0"

__all__ = ["__version__"]
