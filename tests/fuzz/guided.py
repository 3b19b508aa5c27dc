"""Drives one decoder by coverage: python -m tests.fuzz.guided NAME FOLDER [options of libFuzzer].

It ends with 0 when the time is up, and otherwise prints the bytes that broke the decoder.
"""

import sys

import atheris

with atheris.instrument_imports(include=["tongbao.coin"]):
    from tests.decoders import answer


def main(arguments: list[str]) -> None:
    """Fuzz until libFuzzer ends the process."""
    program, name, *options = arguments

    def one(data: bytes) -> None:
        answer(name, data)

    atheris.Setup([program, *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
