"""Write docs/internals/planted-bugs.md: which planted bugs the simulated disasters find, and with how many seeds.

`python tools/planted_bugs.py` runs `tongbao simulate planted --json` and takes minutes.
"""

import json
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "internals" / "planted-bugs.md"
LAW_SHOWN = 110

HEAD = """# Planted bugs

A simulation that finds nothing may be blind. So bugs that somebody might really make are put into the running program,
one at a time, from outside (`src/tongbao/simulation/disasters/planted.py`), and disasters are run from seed 1 on until
a law breaks. `tongbao simulate planted` does so again; `python tools/planted_bugs.py` does so and writes this page.

| planted bug | what the program then does | seeds needed | what broke |
| --- | --- | --- | --- |
"""


def row(bug: dict[str, object]) -> str:
    """One line of the table."""
    law = str(bug["law"]).replace("|", "\\|").replace("\n", " ")
    shown = law if len(law) <= LAW_SHOWN else f"{law[:LAW_SHOWN].rsplit(' ', 1)[0]} ..."
    seeds = "not found" if bug["seeds"] is None else bug["seeds"]
    return f"| {bug['name']} | {bug['what']} | {seeds} | {shown} |\n"


def page(bugs: list[dict[str, object]]) -> str:
    """The whole page."""
    return HEAD + "".join(map(row, bugs))


def main() -> int:
    """Run them and write the page; 1 where one was not found."""
    command = [sys.executable, "-m", "tongbao", "simulate", "planted", "--json"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    content = json.loads(ended.stdout)
    PAGE.write_text(page(content["bugs"]), encoding="utf-8")
    return 1 if content["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
