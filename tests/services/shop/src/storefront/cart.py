from importlib.resources import files

QUERY = (files(__package__) / "sql" / "total.sql").read_text("utf-8")


def total(prices):
    return sum(prices)
