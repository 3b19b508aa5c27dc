"""Write docs/reference/configuration.md from the configuration's own models.

usage: python tools/configuration_reference.py [--check]

With `--check` nothing is written, and it ends with 1 where the page does not say what the models say.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tongbao.service.configuration_schema import ROLES, schema_of

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/configuration.md"

HEAD = """# Configuration

<!-- Written by `python tools/configuration_reference.py` from the models themselves; changes made here are lost. -->

Each role has one TOML file, which `tongbao serve ROLE --config FILE` reads. Paths and SQLite files are taken from
beside the file. A setting that is not known is refused, with the one that is probably meant.

`tongbao config check FILE...` says everything that would keep roles from starting, all at once: the form, and whether
keys, genesis, policy and folders are there and can be used. `tongbao config schema ROLE` prints what stands here as
JSON Schema (draft 2020-12), for editors and for programs that write configurations.

## The kernel

`TONGBAO_KERNEL` in the environment says which kernel settles at the registration centre, and which one benchmarks use:

| value | kernel |
|---|---|
| `auto`, or not set | the native one where it was built ([Start](../start.md)), else the reference kernel |
| `native` | the native one; where it was not built, nothing starts |
| `reference` | the reference kernel, in Python |

Both give the same answers, and either takes over the other's journal and snapshots. Every start says which one runs and
what verifies its signatures, and so does `tongbao --version`. `judge_workers` is for the reference kernel: the native
one judges on threads.
"""


def page() -> str:
    """The whole page."""
    parts, sections = [HEAD], dict[str, str]()
    for role in ROLES:
        schema = schema_of(role)
        parts.append(f"\n## {role}\n\n{schema['description']}\n\n{_table(schema, schema)}")
        for name, section in schema.get("$defs", {}).items():
            if "properties" in section:
                sections[name] = f"\n### {name}\n\n{section['description']}\n\n{_table(section, schema)}"
    parts += ["\n## Sections\n", *(sections[name] for name in sorted(sections))]
    return "".join(parts)


def _table(section: dict[str, Any], schema: dict[str, Any]) -> str:
    lines = ["| setting | form | left out | |\n| --- | --- | --- | --- |\n"]
    required = section.get("required", [])
    for name, form in section["properties"].items():
        absent = "not allowed" if name in required else _default(form)
        lines.append(f"| `{name}` | {_form(form, schema)} | {absent} | {form.get('description', '')} |\n")
    return "".join(lines)


def _default(form: dict[str, Any]) -> str:
    default = form.get("default")
    return (
        "none" if default is None else f"`{json.dumps(default)}`" if not isinstance(default, dict) else "its defaults"
    )


def _form(form: dict[str, Any], schema: dict[str, Any]) -> str:
    if "$ref" in form:
        name = form["$ref"].rpartition("/")[2]
        found = schema["$defs"][name]
        return _form(found, schema) if "properties" not in found else name
    if "anyOf" in form:
        return " or ".join(_form(each, schema) for each in form["anyOf"] if each.get("type") != "null")
    if form.get("type") == "array":
        return f"list of {_form(form['items'], schema)}"
    if "const" in form or "enum" in form:
        return " or ".join(f"`{json.dumps(each)}`" for each in form.get("enum", [form.get("const")]))
    return _plain(form)


def _plain(form: dict[str, Any]) -> str:
    words = {"format": "{}", "minimum": "from {}", "exclusiveMinimum": "above {}", "maximum": "to {}"}
    words |= {"exclusiveMaximum": "below {}", "minLength": "at least {} long", "maxLength": "at most {} long"}
    limits = [text.format(form[name]) for name, text in words.items() if name in form]
    pattern = [f"`{form['pattern']}`"] if "pattern" in form else []
    return ", ".join([str(form.get("type", "anything")), *limits, *pattern])


def main(*arguments: str) -> int:
    """Write the page, or see whether it is as it should be."""
    wanted = page()
    if "--check" not in arguments:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{PAGE} is out of date: run python tools/configuration_reference.py")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
