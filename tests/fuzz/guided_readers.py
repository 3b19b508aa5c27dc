"""Drives one reader by coverage: python -m tests.fuzz.guided_readers NAME SCRATCH CORPUS [options of libFuzzer].

It ends with 0 when the time is up, and otherwise prints the bytes that broke the reader.
"""

import sys
from pathlib import Path

import atheris

INSTRUMENTED = ["tongbao.protocol", "tongbao.service.configuration", "tongbao.service.replay", "tomllib"]

with atheris.instrument_imports(include=INSTRUMENTED):
    from tests.fuzz.readers import answer


def main(arguments: list[str]) -> None:
    """Fuzz until libFuzzer ends the process."""
    program, name, scratch, *options = arguments

    def one(data: bytes) -> None:
        answer(name, data, Path(scratch))

    atheris.Setup([program, *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
