# requirements: pydantic[email] pydantic-settings
# returns: ["a@python.org", "x"]
from pydantic import BaseModel, EmailStr
from pydantic_settings import BaseSettings


class S(BaseSettings):
    region: str = "x"


class A(BaseModel):
    e: EmailStr


def handler(event, context):
    return [A(e="a@python.org").e, S().region]
