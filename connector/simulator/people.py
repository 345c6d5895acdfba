"""Who works at the pretend MSP and how its PSA is set up: the part of the world that is always the same."""

from __future__ import annotations

from connector.simulator.records import Board, Field, Member, Priority, Stage, Status

MSP = "brightdesk"
MSP_NAME = "Bright Desk IT"
DEFAULT_CLIENTS = ("Acme Dental", "Globex", "Initech")
TEMPLATE = "template247"
WORKFLOW = "workflow"

MEMBERS = (
    Member(1, "zAdmin", "System", "Admin", "System", "system"),
    Member(101, "dmoore", "Dana", "Moore", "Dispatch"),
    Member(102, "psingh", "Priya", "Singh", "Dispatch"),
    Member(111, "jreed", "Jonas", "Reed", "Level 1"),
    Member(112, "akaya", "Aylin", "Kaya", "Level 1"),
    Member(121, "mbauer", "Mara", "Bauer", "Level 2"),
    Member(122, "tnovak", "Tomas", "Novak", "Level 2"),
    Member(131, "sclarke", "Susan", "Clarke", "Manager"),
    Member(150, "PxConnector", "PX", "Connector", "API", "api"),
    Member(151, "Rewst", "Rewst", "", "API", "api"),
)

_STATUSES: tuple[tuple[str, Stage, bool], ...] = (
    ("New", "open", False),
    ("Assigned", "responded", False),
    ("In Progress", "planned", False),
    ("Scheduled", "planned", False),
    ("Waiting Customer", "waiting", False),
    ("Customer Responded", "planned", False),
    ("Resolved", "resolved", False),
    (">Closed", "resolved", True),
    ("Merged", "waiting", True),
)


def _board(board_id: int, name: str) -> Board:
    statuses = (Status(board_id * 20 + n, board_id, *row) for n, row in enumerate(_STATUSES))
    return Board(board_id, name, tuple(statuses))


BOARDS = (_board(1, "Service Desk"), _board(2, "Alerts"))
TYPES = {1: "Incident", 2: "Service Request", 3: "Alert"}
PRIORITIES = (
    Priority(1, "P1 Critical", "Critical", 15, 60, 240),
    Priority(2, "P2 High", "High", 30, 120, 480),
    Priority(3, "P3 Medium", "Medium", 60, 240, 1440),
    Priority(4, "P4 Low", "Low", 240, 480, 2400),
)
WORK_TYPES = {1: "Remote", 2: "Phone Call", 3: "On-site", 4: "Email"}

FOREIGN_FIELD = 5
FIELDS = (
    Field(FOREIGN_FIELD, "Change Approval", "Text"),
    Field(11, "PX At Risk", "Checkbox"),
    Field(12, "SLA Zone", "Text"),
    Field(13, "SLA Due", "Text"),
    Field(14, "Felt Response (min)", "Number"),
    Field(15, "Client PX", "Text"),
    Field(16, "PX Why", "Text"),
    Field(17, "PX Watermelon", "Text"),
    Field(18, "PX Follow-up", "Text"),
    Field(19, "PX Survey Link", "Text"),
    Field(31, "PX Target", "Number", "company"),
    Field(32, "Client PX", "Text", "company"),
    Field(33, "Service Review", "Text", "company"),
    Field(34, "Release Right", "Text", "company"),
)

SURVEY = "How did we do?"
SCORES = ("Very unhappy", "Unhappy", "So-so", "Happy", "Very happy")

FIRST_NAMES = (
    "Ann",
    "Ben",
    "Carla",
    "David",
    "Elif",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jack",
    "Karin",
    "Luca",
)
LAST_NAMES = ("Abbott", "Brandt", "Costa", "Duarte", "Evans", "Fischer", "Gupta", "Hansen", "Ito", "Jones")
