"""An emulator's side of the process that serves a Python function: it imports the handler once, then reads calls."""

EMULATOR = """
import importlib, json, sys

class Context:
    def __init__(self, **values):
        self.created = object()
        vars(self).update(values)

sys.path.append(".")
handler = getattr(importlib.import_module(sys.argv[1].replace("/", ".")), sys.argv[2])
stdin = sys.stdin
while line := stdin.readline():
    call = json.loads(line)
    answer = handler(call["event"], Context(**call["context"]))
    sys.stdout.write(json.dumps({"__offline_payload__": answer}) + chr(10))
"""
