"""The daemon's settings: connector.yaml, the environment over it, secrets named but never held.

models   what can be set        load    file and environment together
secret   where a secret stands  address which addresses are fine
"""

from connector.settings.load import load_settings
from connector.settings.models import ConnectionSettings, ConnectWise, Settings
from connector.settings.secret import Secret

__all__ = ["ConnectWise", "ConnectionSettings", "Secret", "Settings", "load_settings"]
