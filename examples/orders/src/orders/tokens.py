"""Bearer tokens: JWTs that the identity provider signs with RS256."""

from dataclasses import dataclass

import jwt


class BadToken(ValueError):
    """The token proves nothing; the message says why."""


@dataclass(frozen=True, slots=True)
class Caller:
    name: str
    routes: tuple[str, ...]


def read_token(token: str, public_key: str, audience: str) -> Caller:
    try:
        # PyJWT reaches for cryptography by itself when the algorithm is RS256.
        claims = jwt.decode(token, public_key, ["RS256"], options={"require": ["exp", "sub"]}, audience=audience)
    except jwt.InvalidTokenError as error:
        raise BadToken(str(error)) from error
    return Caller(claims["sub"], tuple(claims.get("routes", ())))
