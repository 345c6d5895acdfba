"""Fuzzers of everything that strangers can send us: bytes in, and nothing but our own answers out.

One target a file, each with `one(data)`: it decides by the bytes what is sent, sends it to the real code, and
raises where something must never happen. `make fuzz ARGS=webhooks` hands it to atheris, which looks for bytes
that reach new code; the test suite hands it the corpus and what hypothesis thinks of, on every machine.
"""
