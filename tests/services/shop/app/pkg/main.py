import tables

from . import helper


def handler(event, context):
    return {"rows": tables.rows(helper.NAME)}
