"""`python -m tongbao` and the `tongbao` command."""

from tongbao.service.command_line import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
