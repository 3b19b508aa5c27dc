"""`python -m tongbao` and the `tongbao` command: everything that the services offer, and the simulation of them all."""

from tongbao.service.command_line import app, main
from tongbao.service.command_line.output import document_exit_codes
from tongbao.simulation.command import application

__all__ = ["app", "main"]

# Attached here because simulation lies above the services, which must not know it.
app.add_typer(application, name="simulate")
document_exit_codes(app)

if __name__ == "__main__":
    main()
