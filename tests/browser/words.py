"""What the pages say, read from their own dictionaries, so that one trial visits them in both languages."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "web" / "src" / "words"

_TEXT = r'(?:"(?:[^"\\]|\\.)*"|(?:\([^)]*\)(?:: string)? =>\s*)?`[^`]*`|\([^)]*\)(?:: string)? =>\s*"(?:[^"\\]|\\.)*")'
_ENTRY = re.compile(rf"^  (\w+): \{{\s*en:\s*({_TEXT}),\s*zh:\s*({_TEXT}),?\s*\}}", re.MULTILINE)
_HOLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Words:
    """One page's words in one language; `page` is the dictionary's file without its ending."""

    page: str
    language: str

    def __getitem__(self, name: str) -> re.Pattern[str]:
        """The whole text, as the name of a role; whatever the page puts in stands for itself."""
        return re.compile(f"^\\s*{self._pattern(name)}\\s*$")

    def within(self, name: str) -> re.Pattern[str]:
        """The text anywhere in what is shown."""
        return re.compile(self._pattern(name))

    def _pattern(self, name: str) -> str:
        texts = _texts(self.page)
        if name not in texts:
            raise KeyError(f"{FOLDER / self.page}.ts has no {name}")
        text = texts[name][self.language.startswith("zh")]
        return ".+".join(re.escape(part) for part in _HOLE.split(text))


@cache
def _texts(page: str) -> dict[str, tuple[str, str]]:
    """English and Chinese by key."""
    source = (FOLDER / f"{page}.ts").read_text()
    return {name: (_read(english), _read(chinese)) for name, english, chinese in _ENTRY.findall(source)}


def _read(text: str) -> str:
    """The text of a literal, or of the literal that a function gives."""
    quoted = text[text.index("`") if "`" in text else text.index('"') :]
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])
