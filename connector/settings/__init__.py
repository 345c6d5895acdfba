"""The daemon's settings: connector.yaml, the environment over it, secrets named but never held.

models      what can be set                      load     file and environment together
connection  what every connection is asked       vendors  whose keys it has, found by entry point
connectwise, autotask, halo  a vendor's own keys
schema, reference  what can be set, for editors and for people
secret      where a secret stands                address  which addresses are fine
"""

from connector.settings.connection import Connection
from connector.settings.load import load_settings
from connector.settings.models import Settings
from connector.settings.secret import Secret

__all__ = ["Connection", "Secret", "Settings", "load_settings"]
