"""The reference page of the command line says what the commands say."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer

from tools import command_reference
from tools.command_reference import Command, Parameter


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def _sample() -> typer.Typer:
    app, group = typer.Typer(), typer.Typer()

    @group.command("paint")
    def paint_it(
        thing: Annotated[str, typer.Argument(metavar="THING", help="What to paint.")],
        colour: Annotated[Colour, typer.Option(help="In which colour.")] = Colour.RED,
        coats: Annotated[int | None, typer.Option(min=1, max=5000, help="How often.")] = None,
        place: Annotated[Path, typer.Option("--place", "-p", envvar="PLACE", help="Where.")] = Path("here"),
        *,
        dry: Annotated[bool, typer.Option("--dry", help="Only say it.")] = False,
    ) -> None:
        """Paint a thing. It takes a while.

        More
        of it.

        Example: `tongbao house paint door`
        """

    @app.command()
    def wait_a_little() -> None:
        """Wait."""

    @app.command(hidden=True)
    def secret() -> None:
        """Be quiet."""

    app.add_typer(group, name="house")
    return app


def test_the_page_says_what_the_commands_say() -> None:
    described = list(command_reference.commands())

    stated = command_reference.PAGE.read_text(encoding="utf-8")

    assert stated == command_reference.page(described), "run python tools/command_reference.py"


def test_commands_are_described_in_their_order_with_groups_entered_and_hidden_ones_left_out() -> None:
    described = list(command_reference.commands(_sample()))

    assert described == [
        Command(("tongbao", "wait-a-little"), "Wait.", "", ()),
        Command(
            ("tongbao", "house", "paint"),
            "Paint a thing. It takes a while.\n\nMore of it.",
            "tongbao house paint door",
            (
                Parameter("THING", "", "", required=True, meaning="What to paint.", variable=""),
                Parameter("--colour", "red|blue", "red", required=False, meaning="In which colour.", variable=""),
                Parameter("--coats", "INTEGER (1 to 5,000)", "", required=False, meaning="How often.", variable=""),
                Parameter("--place, -p", "PATH", "here", required=False, meaning="Where.", variable="PLACE"),
                Parameter("--dry", "", "", required=False, meaning="Only say it.", variable=""),
            ),
        ),
    ]


def test_a_section_holds_usage_table_and_example() -> None:
    *_, paint = command_reference.commands(_sample())

    assert (
        command_reference.page([paint]).partition("## tongbao house paint")[2]
        == """

Paint a thing. It takes a while.

More of it.

```text
tongbao house paint THING [--colour red|blue] [--coats INTEGER] [--place PATH] [--dry]
```

| word | default | meaning |
| --- | --- | --- |
| `THING` | required | What to paint. |
| `--colour` red\\|blue | `red` | In which colour. |
| `--coats` INTEGER (1 to 5,000) |  | How often. |
| `--place, -p` PATH | `here` | Where. Also `PLACE` in the environment. |
| `--dry` |  | Only say it. |

Example: `tongbao house paint door`
"""
    )


def test_the_table_of_commands_links_each_with_its_first_sentence() -> None:
    *_, paint = command_reference.commands(_sample())

    row = "| [`tongbao house paint`](#tongbao-house-paint) | Paint a thing. |\n"

    assert row in command_reference.page([paint])


def test_checking_tells_a_page_that_is_out_of_date_and_writing_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_reference, "PAGE", tmp_path / "page.md")
    (tmp_path / "page.md").write_text("old")

    assert command_reference.main("--check") == 1
    assert "run python tools/command_reference.py" in capsys.readouterr().out
    assert (tmp_path / "page.md").read_text() == "old"
    assert command_reference.main() == 0
    assert command_reference.main("--check") == 0
