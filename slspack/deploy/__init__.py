"""What deploy tools get from slspack, each in its own way."""
