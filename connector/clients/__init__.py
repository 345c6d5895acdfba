"""Client YAML -> Policy: what an MSP promises each client, as its people write it.

yaml12     text to nodes that know their place        layers     defaults under the client's file
forms      durations, hours, dates as written         models     the shape of the file
days_off   public holidays                            calendars  the calendar that counts
resolve    the Policy and its digest                  load, book one file; a folder of them
problems   errors for people                          schema     JSON Schema for editors
named      what flags and events mean                 reference  the schema as tables for people
"""

from connector.clients.book import ClientBook, Readings, load_clients
from connector.clients.load import default_policy, load_policy, policy_of, written_rules
from connector.clients.schema import client_schema

__all__ = [
    "ClientBook",
    "Readings",
    "client_schema",
    "default_policy",
    "load_clients",
    "load_policy",
    "policy_of",
    "written_rules",
]
