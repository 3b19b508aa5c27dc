"""Run roles: one alone, as `tongbao serve` does, or all in one process, as `tongbao up` does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext

from starlette.types import ASGIApp

from tongbao.errors import TongbaoError
from tongbao.kernel import Kernel
from tongbao.service.central_bank_role import central_bank_role
from tongbao.service.configuration import (
    CentralBankConfiguration,
    InstitutionConfiguration,
    RegistrationConfiguration,
    RoleConfiguration,
    WitnessConfiguration,
)
from tongbao.service.institution_role import institution_role
from tongbao.service.registration_role import registration_role
from tongbao.service.role import Role
from tongbao.service.server import bind, serve
from tongbao.service.witness_role import witness_role

__all__ = ["run_roles"]


def _opened(configuration: RoleConfiguration, kernel_class: type[Kernel]) -> AbstractAsyncContextManager[Role]:
    match configuration:
        case RegistrationConfiguration():
            return registration_role(configuration, kernel_class)
        case CentralBankConfiguration():
            return central_bank_role(configuration)
        case InstitutionConfiguration():
            return institution_role(configuration)
        case WitnessConfiguration():
            return witness_role(configuration, kernel_class)


@asynccontextmanager
async def _answering(
    configuration: RoleConfiguration, kernel_class: type[Kernel], entrance: Callable[[Role], ASGIApp]
) -> AsyncIterator[Role]:
    """The role, started and answering; its port is taken first, so that a port in use costs nothing."""
    listening = bind(configuration.listen.host, configuration.listen.port)
    try:
        async with _opened(configuration, kernel_class) as role, await serve(entrance(role), listening):
            try:
                yield role
            finally:
                role.release()
    finally:
        listening.close()


async def run_roles(
    configurations: Sequence[RoleConfiguration],
    kernel_class: type[Kernel],
    *,
    stop: asyncio.Event,
    answering: Callable[[Sequence[Role]], None],
    entrance: Callable[[Role], ASGIApp] = lambda role: role.app,
    beside: AbstractAsyncContextManager[None] | None = None,
) -> None:
    """Run the roles, started in the given order, until `stop` is set; `answering` is told once all of them answer.

    `entrance` says what answers at a role's place, where that is more than the role. `beside` goes on while all of them
    answer.

    Raises:
        TongbaoError: a role could not start, or had to stop.
    """
    async with AsyncExitStack() as stack:
        roles = [await stack.enter_async_context(_answering(each, kernel_class, entrance)) for each in configurations]
        answering(roles)
        await stack.enter_async_context(beside or nullcontext())
        failures = [asyncio.create_task(_failure_of(role), name=f"failure of {role.name}") for role in roles]
        stopping = asyncio.create_task(stop.wait(), name="stop")
        done, waiting = await asyncio.wait([*failures, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in (*failures, stopping):
            if task in waiting:
                task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for task in failures:
            error = await task if task in done else None
            if isinstance(error, TongbaoError):
                raise error


async def _failure_of(role: Role) -> TongbaoError | None:
    return await role.failed()
