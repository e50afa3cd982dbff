# requirements: psycopg[binary,pool]
# returns: ["binary", "a"]
import psycopg, psycopg_pool


def handler(event, context):
    return [psycopg.pq.__impl__, psycopg.sql.SQL("a").as_string()]
