"""`python -m connector.settings PATH` writes the JSON Schema of connector.yaml to PATH."""

from __future__ import annotations

import sys
from pathlib import Path

from connector.clients.schema import write_schema
from connector.settings.schema import settings_schema

if len(sys.argv) != 2:
    sys.exit("usage: python -m connector.settings PATH")
write_schema(settings_schema(), Path(sys.argv[1]))
