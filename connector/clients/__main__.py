"""`python -m connector.clients PATH` writes the JSON Schema of a client's file to PATH."""

from __future__ import annotations

import sys
from pathlib import Path

from connector.clients.schema import client_schema, write_schema

if len(sys.argv) != 2:
    sys.exit("usage: python -m connector.clients PATH")
write_schema(client_schema(), Path(sys.argv[1]))
