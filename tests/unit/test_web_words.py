"""Words on a page: what somebody wrote into a ticket turns nothing beside it round."""

from __future__ import annotations

from markupsafe import Markup

from connector.web.pages import rendered
from connector.web.words import upright


def test_marks_of_direction_are_left_out_and_languages_stay() -> None:
    assert upright("invoice\u202egnp.exe\u2066 שלום") == "invoicegnp.exe שלום"
    assert upright("plain") == "plain"
    assert upright(7) == 7
    assert upright(Markup("<b>\u202e</b>")) == Markup("<b>\u202e</b>")


def test_no_page_shows_one() -> None:
    text = rendered("nothing.html", title="\u202eDesk<", page="", up="../")
    assert "\u202e" not in text
    assert "Desk&lt;" in text
    assert 'href="../static/board.css"' in text
