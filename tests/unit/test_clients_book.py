"""A folder of clients: whose ticket is whose, what a bad file costs, what a reload keeps."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.clients import ClientBook, Readings, load_clients
from tests.kit import client_file, write_client
from tests.unit.clients_kit import CALENDAR, MINIMAL, TARGETS, shown, write


def client(name: str, *companies: str | int, connection: str = "main") -> str:
    listed = ", ".join(map(str, companies or (name,)))
    head = f"client: {name}\nmatch: {{connection: {connection}, companies: [{listed}]}}\n"
    return head + CALENDAR + TARGETS


def names(book: ClientBook) -> list[str]:
    return [policy.client for policy in book.policies]


def found(book: ClientBook, connection: str, name: str, id_: str = "") -> str | None:
    policy = book.for_ticket(connection, name, id_)
    return policy and policy.client


def test_a_ticket_finds_its_client_by_company_id_or_name(tmp_path: Path) -> None:
    write(tmp_path, client("Acme", "Acme Dental", 7))
    write(tmp_path, client("Globex", "Globex GmbH"), "globex.yml")
    write(tmp_path, client("Elsewhere", "Acme Dental", connection="second"), "z.yaml")
    book = load_clients(tmp_path)
    assert names(book) == ["Acme", "Globex", "Elsewhere"]
    assert book.errors == ()
    assert found(book, "main", "ACME dental ", "99") == "Acme"
    assert found(book, "main", "renamed since", "7") == "Acme"
    assert found(book, "main", "Globex GmbH", "7") == "Acme"  # the id says more than the name
    assert found(book, "second", "Acme Dental") == "Elsewhere"
    assert found(book, "main", "Stranger", "8") is None
    assert found(book, "third", "Acme Dental", "7") is None
    assert found(book, "main", "", "") is None


def test_a_bad_file_is_left_out_and_the_others_go_on(tmp_path: Path) -> None:
    write(tmp_path, client("Acme"))
    write(tmp_path, "client: [\n", "bad.yaml")
    write(tmp_path, client("Globex") + "x: 1\n", "globex.yaml")
    (tmp_path / "clients" / "folder.yaml").mkdir()
    write(tmp_path, "not read", ".hidden.yaml")
    write(tmp_path, "not read", "notes.txt")
    book = load_clients(tmp_path)
    assert names(book) == ["Acme"]
    assert [line.split(": ")[0] for line in shown(book.errors)] == [
        "bad.yaml:2:1",
        "folder.yaml",
        "globex.yaml:7:1",
    ]


def test_two_files_for_one_client_are_refused_both(tmp_path: Path) -> None:
    write(tmp_path, client("Acme"))
    write(tmp_path, "# a copy\n" + client("ACME", "Other"), "copy.yaml")
    book = load_clients(tmp_path)
    (error,) = shown(book.errors)
    assert error.startswith("copy.yaml:2:9: client 'ACME' is described in ")
    assert "clients/acme.yaml:1 already" in error
    assert names(book) == []


def test_a_company_claimed_twice_is_nobodys(tmp_path: Path) -> None:
    write(tmp_path, client("Acme", "Acme", 7, "acme"))  # twice in one file is no contest
    write(tmp_path, client("Globex", "Globex", "ACME"), "globex.yaml")
    book = load_clients(tmp_path)
    (error,) = shown(book.errors)
    assert error.startswith("globex.yaml:2:47: company 'acme' of connection 'main' is matched in ")
    assert "clients/acme.yaml:2 already" in error
    assert found(book, "main", "Acme") is None
    assert found(book, "main", "Acme", "7") == "Acme"
    assert found(book, "main", "Globex") == "Globex"


def test_what_is_wrong_in_the_defaults_is_said_once(tmp_path: Path) -> None:
    write(tmp_path, client("Acme"))
    write(tmp_path, client("Globex"), "globex.yaml")
    (tmp_path / "defaults.yaml").write_text("px: {target: 200}\n")
    assert len(load_clients(tmp_path).errors) == 1
    (tmp_path / "defaults.yaml").write_text("px: [\n")
    assert shown(load_clients(tmp_path).errors)[0].startswith("defaults.yaml:2:1: not valid YAML")


def test_a_match_with_a_connection_nobody_knows(tmp_path: Path) -> None:
    write(tmp_path, client("Acme", connection="mian"))
    book = load_clients(tmp_path)
    assert shown(book.unknown_connections({"main", "second"})) == [
        "acme.yaml:2:21: no connection 'mian' in connector.yaml; did you mean 'main'?"
    ]
    assert book.unknown_connections({"mian"}) == []


def test_no_folder_and_no_files(tmp_path: Path) -> None:
    assert "make this folder" in shown(load_clients(tmp_path).errors)[0]
    (tmp_path / "clients").mkdir()
    book = load_clients(tmp_path)
    assert book.errors == ()
    assert "no ticket will be judged" in str(book.warnings[0])


def test_what_a_person_may_want_to_know(tmp_path: Path) -> None:
    far = (datetime.now(UTC) + timedelta(days=800)).date().isoformat()
    write(tmp_path, f"enforce_from: {far}\n" + MINIMAL.replace('"*"', "P1"))
    days = "  week: 24x7\n  holidays: {add: [2026-12-24]}\n"
    write(tmp_path, client("Always").replace("London\n", "London\n" + days), "b.yaml")
    days = "  holidays: {country: GB, remove: [2026-12-25, 2026-03-03]}\n"
    write(tmp_path, client("Gone").replace("London\n", "London\n" + days), "c.yaml")
    book = load_clients(tmp_path)
    assert book.errors == ()
    assert shown(book.warnings) == [
        "acme.yaml:4:1: a calendar without holidays: set holidays.country, or list days under holidays.add",
        "acme.yaml:1:15: more than a year ahead: until then nothing is flagged",
        'acme.yaml:6:1: no "*" row: tickets of any other priority have no promise',
        "b.yaml:6:19: 24x7 is open on every day: holidays and closures are not used",
        "c.yaml:5:48: 2026-03-03 is no holiday here anyway",
    ]


def test_the_digest_follows_the_rules(tmp_path: Path) -> None:
    write(tmp_path, client("Acme"))
    one = load_clients(tmp_path).digest
    write(tmp_path, "# said more\n" + client("Acme"))
    assert load_clients(tmp_path).digest == one
    write(tmp_path, client("Acme") + "px: {target: 90}\n")
    assert load_clients(tmp_path).digest != one


def test_a_book_is_immutable(tmp_path: Path) -> None:
    write(tmp_path, client("Acme"))
    book = load_clients(tmp_path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        book.digest = ""
    with pytest.raises(TypeError):
        book.policies[0].flags["px"] = "Other"


def test_a_file_that_breaks_keeps_its_last_rules(tmp_path: Path) -> None:
    write(tmp_path, client("Acme", "Acme", 7))
    write(tmp_path, client("Globex"), "globex.yaml")
    before = load_clients(tmp_path)
    write(tmp_path, "client: [\n")
    write(tmp_path, client("Globex") + "px: {target: 90}\n", "globex.yaml")
    after = load_clients(tmp_path).keeping(before)
    assert names(after) == ["Acme", "Globex"]
    assert after.policies[0] is before.policies[0]
    assert after.policies[1].px.target == 90
    assert found(after, "main", "x", "7") == "Acme"
    assert len(after.errors) == 1
    assert after.digest != before.digest


def test_broken_defaults_keep_every_rule(tmp_path: Path) -> None:
    write(tmp_path, client("Acme"))
    before = load_clients(tmp_path)
    (tmp_path / "defaults.yaml").write_text("px: [\n")
    after = load_clients(tmp_path).keeping(before)
    assert (after.policies, after.digest) == (before.policies, before.digest)
    assert found(after, "main", "Acme") == "Acme"


def test_a_file_that_is_gone_takes_its_client_along(tmp_path: Path) -> None:
    path = write(tmp_path, client("Acme"))
    write(tmp_path, client("Globex"), "globex.yaml")
    before = load_clients(tmp_path)
    path.unlink()
    after = load_clients(tmp_path).keeping(before)
    assert names(after) == ["Globex"]
    assert found(after, "main", "Acme") is None


def test_a_folder_that_is_gone_takes_nothing(tmp_path: Path) -> None:
    write(tmp_path, client("Acme"))
    before = load_clients(tmp_path)
    (tmp_path / "clients").rename(tmp_path / "away")
    after = load_clients(tmp_path).keeping(before)
    assert names(after) == ["Acme"]
    assert after.errors


def test_a_contested_company_stays_where_it_was(tmp_path: Path) -> None:
    write(tmp_path, client("Acme"))
    before = load_clients(tmp_path)
    write(tmp_path, client("Acme") + "px: {target: 90}\n")
    write(tmp_path, client("Globex", "Globex", "Acme"), "globex.yaml")
    after = load_clients(tmp_path).keeping(before)
    owner = after.for_ticket("main", "Acme", "")
    assert owner is not None
    assert (owner.client, owner.px.target) == ("Acme", 90)


def test_a_company_let_go_is_let_go(tmp_path: Path) -> None:
    write(tmp_path, client("Acme", "Acme", "Annex"))
    before = load_clients(tmp_path)
    write(tmp_path, client("Acme"))
    assert found(load_clients(tmp_path).keeping(before), "main", "Annex") is None


def test_a_client_that_moved_to_another_file_is_not_kept_twice(tmp_path: Path) -> None:
    write(tmp_path, client("Acme"))
    before = load_clients(tmp_path)
    write(tmp_path, "client: [\n")
    write(tmp_path, client("Acme") + "px: {target: 90}\n", "new.yaml")
    after = load_clients(tmp_path).keeping(before)
    assert [policy.px.target for policy in after.policies] == [90]
    assert after.for_ticket("main", "Acme", "") is after.policies[0]


def test_a_connections_digest_changes_with_its_own_clients_only(tmp_path: Path) -> None:
    other = client("Globex", connection="other")
    write(tmp_path, client("Acme"))
    write(tmp_path, other, "globex.yaml")
    before = load_clients(tmp_path)
    write(tmp_path, client("Acme") + "px: {target: 90}\n")
    after = load_clients(tmp_path)
    assert after.digest != before.digest
    assert after.digest_of("main") != before.digest_of("main")
    assert after.digest_of("other") == before.digest_of("other") != after.digest_of("nobody")
    assert [policy.client for policy in after.of("main")] == ["Acme"]
    assert after.of("nobody") == ()
    assert after.keeping(before).digest_of("main") == after.digest_of("main")


def test_what_is_read_again_is_what_a_fresh_reader_would_find(tmp_path: Path) -> None:
    """Whatever happens to the files: an edit, a mistake and its mending, one new, one gone, defaults."""
    readings = Readings()

    def same() -> ClientBook:
        book, fresh = load_clients(tmp_path, readings), load_clients(tmp_path)
        assert (book.digest, shown(book.errors)) == (fresh.digest, shown(fresh.errors))
        assert book.policies == fresh.policies
        return book

    acme, globex = (write_client(tmp_path, client_file(name)) for name in ("Acme Dental", "Globex"))
    first = same()
    assert same().policies[0] is first.policies[0], "not read again"
    write_client(tmp_path, client_file("Globex", zones={"orange_when_left": "7m"}))
    edited = same()
    assert edited.digest != first.digest
    assert edited.policies[0] is first.policies[0]
    globex.write_text("client: [", encoding="utf-8")
    assert same().errors
    write_client(tmp_path, client_file("Globex"))
    assert same().digest == first.digest
    write_client(tmp_path, client_file("Initech"))
    assert len(same().policies) == 3
    acme.unlink()
    assert len(same().policies) == 2
    before = same()
    (tmp_path / "defaults.yaml").write_text("zones: {orange_when_left: 9m}\n", encoding="utf-8")
    assert same().digest != before.digest
    (tmp_path / "defaults.yaml").unlink()
    assert same().digest == before.digest
