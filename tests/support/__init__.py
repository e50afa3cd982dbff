"""What tests build for themselves: wheels, an index on loopback, services."""
