"""A pretend MSP served over real HTTP in the PSAs' dialects, with faults on demand.

For the demo, tests and benches: a client written for the real PSA works against it unchanged.
"""

from connector.simulator.connectwise.api import Credentials
from connector.simulator.day import Step, working_day
from connector.simulator.faults import Faults
from connector.simulator.records import Write
from connector.simulator.seed import make_world
from connector.simulator.server import Simulator, serve
from connector.simulator.web import Exchange
from connector.simulator.world import World, utcnow

__all__ = [
    "Credentials",
    "Exchange",
    "Faults",
    "Simulator",
    "Step",
    "World",
    "Write",
    "make_world",
    "serve",
    "utcnow",
    "working_day",
]
