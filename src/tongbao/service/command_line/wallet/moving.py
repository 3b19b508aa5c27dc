"""`tongbao wallet switch`: the holder's money goes to another institution, and the phrase stays."""

from typing import Annotated

import typer

from tongbao.errors import RequestError
from tongbao.service.command_line.agreement import demand_agreement
from tongbao.service.command_line.in_doubt import payment_in_doubt
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run
from tongbao.service.command_line.wallet.desk import (
    NameArgument,
    PasswordOption,
    WalletDesk,
    opened_store,
    wallet_keys,
)
from tongbao.service.connections import Connections, connected
from tongbao.service.wallet_directory import WalletDirectory, WalletMove, WalletProfile
from tongbao.wallets import InDoubtError, RefusedForNowError, Wallet, WalletKeys
from tongbao.wallets.moving import LOCKS_LEFT_TO_CHANGE, Moved, Moving

__all__ = ["switch"]


def switch(
    name: NameArgument,
    to: Annotated[int, typer.Option("--to", min=1, help="The number of the institution to go to.")],
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Go without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Move a wallet to another institution: coins and deposit go there as coins, payers are sent on, the phrase stays.

    Run it again until the old wallet is closed: a limit may keep a rest back until another day.

    Example: `tongbao wallet switch alice --to 2`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Moved:
        async with connected(data) as connections:
            directory = WalletDirectory(connections.data.wallets, name)
            connections.data.institution(to)
            _demand_possible(directory.profile(), to)
            phrase = directory.keys(desk.password()).phrase
            keys = wallet_keys(connections, phrase, account=directory.account)
            if directory.profile().move is None:
                demand_agreement(f"Move the wallet {name} to institution {to}?", yes=yes, as_json=as_json)
            async with directory.locked():
                try:
                    return await _move(connections, directory, keys, to)
                except (InDoubtError, RefusedForNowError) as error:
                    raise payment_in_doubt(name, error) from error

    moved = run(work, as_json=as_json)
    told = {"done": moved.is_done, "left_because": moved.left_because}
    both = {"old": moved.old.model_dump(mode="json"), "new": moved.new.model_dump(mode="json")}
    answer({**told, **both}, as_json=as_json, text="\n".join(_text(moved)))


def _demand_possible(profile: WalletProfile, to: int) -> None:
    if profile.move is not None and profile.move.to_home != to:
        raise RequestError(
            f"the wallet is on its way to institution {profile.move.to_home}",
            field="to",
            cure=f"finish that first, with --to {profile.move.to_home}",
            code="MOVE_UNFINISHED",
        )
    if profile.move is None and profile.home == to:
        raise RequestError(
            f"the wallet is at institution {to} already", field="to", cure="name another one", code="SAME_HOME"
        )


async def _move(connections: Connections, directory: WalletDirectory, keys: WalletKeys, to: int) -> Moved:
    """Go on, and keep how far it is: that the move begins, that the wallet is at its new home, that all is over."""
    profile = directory.profile()
    from_home = profile.home if profile.move is None else profile.move.from_home
    async with (
        opened_store(connections, directory, keys, from_home) as old,
        opened_store(connections, directory, keys, to) as new,
    ):
        await _demand_started(old)
        if profile.move is None:
            await old.pockets.demand_none_filled()
            first_lock = old.locks_used + LOCKS_LEFT_TO_CHANGE
            move = WalletMove(from_home=from_home, to_home=to, first_lock=first_lock)
            profile = profile.model_copy(update={"move": move})
            # Before anything is asked: the new wallet must begin with the same locks, however often it begins.
            directory.write_profile(profile)
        moved = await Moving(old, new, first_lock=profile.move.first_lock if profile.move else 0).go_on()
    first_home = profile.first_home or from_home
    there = {"home": to, "first_home": first_home, "move": None if moved.is_done else profile.move}
    directory.write_profile(profile.model_copy(update=there))
    return moved


async def _demand_started(old: Wallet) -> None:
    if not await old.start():
        raise RequestError(
            "the wallet was never opened at its home",
            cure="run tongbao wallet open again, it goes on from there",
            code="WALLET_NOT_OPENED",
        )


def _text(moved: Moved) -> list[str]:
    lines = [
        f"{fen_text(moved.new.balance_fen)} at institution {moved.new.home}; payers are sent on to {moved.new.address}"
    ]
    if moved.is_done:
        return [*lines, f"the wallet at institution {moved.old.home} is closed; its past can still be read there"]
    left_fen = moved.old.balance_fen + moved.old.deposit_fen
    if left_fen:
        lines.append(f"{fen_text(left_fen)} are left at institution {moved.old.home} ({moved.left_because})")
    return [*lines, "run this again: what was promised before may still arrive for some minutes"]
