# requirements: SQLAlchemy psycopg2-binary
# returns: [1, "psycopg2"]
import sqlalchemy as sa


def handler(event, context):
    with sa.create_engine("sqlite://").connect() as k:
        one = k.execute(sa.text("select 1")).scalar()
    pg = sa.create_engine("postgresql+psycopg2://u:p@localhost/x")
    return [one, pg.dialect.driver]
