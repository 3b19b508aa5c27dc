"""Files of statements and of the trees behind them, on a disk that keeps what it acknowledged."""

from tests.builders import bytes32
from tests.supply_history import SEED, SupplyHistory, signed
from tongbao.centres.registration.supply_book import SupplyBook
from tongbao.evidence.supply_tree import BLOCK_LEAVES, LEAF_BYTES, BuiltTree, build_tree
from tongbao.simulation.disk import Platter

COINS = [(bytes32(number), number + 1) for number in range(300)]


def book_on(platter: Platter) -> SupplyBook:
    return SupplyBook(platter.mount(), public="log", private="journal")


def tree() -> BuiltTree:
    return build_tree(COINS, SEED)


async def test_what_was_published_is_there_after_a_crash() -> None:
    platter, history = Platter(seed=1), SupplyHistory()
    statement = history.state()
    book = book_on(platter)
    assert await book.open() == 0
    await book.publish(statement, signed(statement).encode())

    platter.kill()
    again = book_on(platter)

    assert await again.open() == 1
    assert await again.statement(1) == signed(statement).encode()


async def test_the_latest_statement_has_a_name_of_its_own() -> None:
    platter, history = Platter(seed=1), SupplyHistory()
    book = book_on(platter)
    await book.open()
    for _ in range(2):
        history.ledger.heartbeat(time_ms=history.ledger.now_ms + 1)
        statement = history.state()
        await book.publish(statement, signed(statement).encode())

    file = await platter.mount().open_to_read("log/supply/latest")

    assert await file.read(0, 10_000) == signed(history.statements[1]).encode()


async def test_a_tree_is_read_block_by_block() -> None:
    platter, built = Platter(seed=1), tree()
    book = book_on(platter)
    await book.open()
    made = await book.keep_trees(7, {0: built, 3: built}, {0: SEED, 3: SEED})

    found = await book_on(platter).trees(7)

    assert found == made
    for number in range(built.count // BLOCK_LEAVES):
        size = BLOCK_LEAVES * LEAF_BYTES
        assert await book.block(found[3], number) == built.leaves[number * size : (number + 1) * size]


async def test_a_small_tree_is_one_block() -> None:
    book = book_on(Platter(seed=1))
    built = build_tree(COINS[:3], SEED)
    await book.open()
    await book.keep_trees(1, {0: built}, {0: SEED})

    [found] = (await book.trees(1)).values()

    assert await book.block(found, 0) == built.leaves


async def test_older_trees_go_and_others_are_not_taken_for_the_statement_s() -> None:
    platter = Platter(seed=1)
    book = book_on(platter)
    await book.open()
    for number in (1, 2):
        await book.keep_trees(number, {0: tree()}, {0: SEED})

    await book.drop_trees_before(2)

    assert await book.trees(1) == {}
    assert list(await book.trees(2)) == [0]


async def test_what_a_crash_left_unfinished_is_removed() -> None:
    platter = Platter(seed=1)
    disk = platter.mount()
    for directory in ("log/supply", "journal"):
        await disk.make_directory(directory)
        await (await disk.create(f"{directory}/supply-1.unfinished")).close()

    book = book_on(platter)
    await book.open()
    await book.drop_trees_before(1)

    assert [path for path in platter.paths() if path.endswith("unfinished")] == []


async def test_a_file_that_is_no_tree_is_passed_over() -> None:
    platter = Platter(seed=1)
    disk = platter.mount()
    book = book_on(platter)
    await book.open()
    for name, content in (("a", b"short"), ("b", b"NOTBAOTT" + bytes(100))):
        file = await disk.create(f"journal/supply-{name}.tree")
        await file.write_durably(0, [content])
        await file.close()

    assert await book.trees(0) == {}
