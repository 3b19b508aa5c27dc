"""Write each role's OpenAPI document into a folder, for generators of clients.

usage: python -m tools.openapi_documents FOLDER
"""

import json
import sys
from pathlib import Path

from tongbao.service.openapi import describe
from tools.http_reference import applications

FILES = {
    "Registration centre": "registration.json",
    "Central bank": "central-bank.json",
    "Operating institution": "institution.json",
    "Sandbox": "sandbox.json",
}


def main() -> None:
    """Write the documents."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for role, app in applications().items():
        text = json.dumps(describe(app), indent=2, ensure_ascii=False)
        (folder / FILES[role]).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
