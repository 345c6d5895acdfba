"""The board as a dispatcher meets it."""

from __future__ import annotations

import pytest

from tests.browser.kit import LOOKS, assert_accessible


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
async def test_the_board_at_every_size(look, size, scheme) -> None:
    async with look(size, scheme) as window:
        page = await window.go()
        await assert_accessible(page)
