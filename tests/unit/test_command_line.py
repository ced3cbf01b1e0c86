"""Every command that a room brings is there under its name."""

import pytest
from click.testing import CliRunner

from casedesk.cli import ROOMS, main


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_each_rooms_command_answers_for_help(name: str) -> None:
    answer = CliRunner().invoke(main, [name, "--help"])
    assert answer.exit_code == 0, answer.output
    assert "Usage:" in answer.output
