"""Who is a person and who is a machine, by the author's record and never by the name."""

import pytest

from connector.psa.connectwise.people import People, api_member, member

PEOPLE = [
    member(
        {
            "id": 1,
            "identifier": "jreed",
            "firstName": "Jonas",
            "lastName": "Reed",
            "licenseClass": "F",
            "title": "Level 1",
        }
    ),
    member({"id": 2, "identifier": "Rewst", "licenseClass": "A"}),
    member({"id": 3, "identifier": "HelpBot", "licenseClass": "F"}),
    member({"id": 4, "identifier": "streamer", "licenseClass": "C"}),
    member({"id": 5, "identifier": "sub", "licenseClass": "X"}),
    member({"id": 6, "identifier": "both", "licenseClass": "F"}),
    api_member({"id": 6, "identifier": "both", "name": "Sync"}),
    api_member({"id": 9, "identifier": "PxConnector"}),
]


def people():
    return People(PEOPLE, me="pxconnector", machines={"helpbot"})


@pytest.mark.parametrize(
    ("identifier", "kind", "marks"),
    [
        ("jreed", "staff", ()),
        ("JREED", "staff", ()),
        ("streamer", "staff", ()),
        ("sub", "staff", ()),
        ("Rewst", "automation", ("api",)),
        ("both", "automation", ("api",)),
        ("HelpBot", "automation", ()),
        ("template247", "automation", ("template",)),
        ("zAdmin", "automation", ("system",)),
        ("PxConnector", "automation", ("api", "self")),
        ("ghost", "unknown", ()),
        ("", "unknown", ()),
        ("templates", "unknown", ()),
    ],
)
def test_kinds_and_marks(identifier, kind, marks):
    actor = people().actor(identifier)
    assert (actor.kind, actor.marks) == (kind, marks)


def test_an_api_member_stays_one_whichever_list_came_last():
    assert People(PEOPLE[::-1]).actor("both").kind == "automation"


def test_strangers_are_remembered_so_that_the_directory_is_read_again():
    directory = people()
    directory.actor("ghost")
    directory.actor("zAdmin")
    directory.actor("template1")
    assert directory.missed == {"ghost"}


def test_a_member_reference_is_a_person_only_while_the_directory_may_not_be_read():
    directory = People()
    assert directory.member("ghost").kind == "unknown"
    directory.blind = True
    assert directory.member("ghost").kind == "staff"
    assert directory.actor("ghost").kind == "unknown"


def test_name_and_team_come_along_for_display_and_policy():
    actor = people().actor("jreed")
    assert (actor.name, actor.team) == ("Jonas Reed", "Level 1")


def test_a_member_is_found_by_number():
    assert people().by_id(9) == "PxConnector"
    assert people().by_id(77) == ""
