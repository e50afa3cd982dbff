# requirements: cryptography
# returns: "x"
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ed25519


def handler(event, context):
    f = Fernet(Fernet.generate_key())
    ed25519.Ed25519PrivateKey.generate()
    return f.decrypt(f.encrypt(b"x")).decode()
