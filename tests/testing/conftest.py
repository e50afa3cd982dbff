"""The fixtures of `slspack.testing`, as a plugin's own tests have them."""

from slspack.testing.fixtures import slspack_index, slspack_service

__all__ = ["slspack_index", "slspack_service"]
