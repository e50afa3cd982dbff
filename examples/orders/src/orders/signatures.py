"""The payment provider's signatures: Ed25519 over the body, in base64."""

from base64 import b64decode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class BadSignature(ValueError):
    """The body is not what the provider signed."""


def verify(body: bytes, signature: str, public_key: str) -> None:
    key = Ed25519PublicKey.from_public_bytes(b64decode(public_key))
    try:
        key.verify(b64decode(signature, validate=True), body)
    except (ValueError, InvalidSignature) as error:
        raise BadSignature("the signature does not fit the body") from error
