from tongbao.simulation.trace import Trace


def traced(*lines: tuple[str, object]) -> Trace:
    trace = Trace(lambda: 1.5)
    for event, detail in lines:
        trace.record(event, detail)
    return trace


def test_equal_runs_have_equal_digests() -> None:
    one, other = traced(("request", 1), ("answer", 1)), traced(("request", 1), ("answer", 1))

    assert one.digest == other.digest
    assert one.difference(other) == ""
    assert one.lines == ["1500.000 request 1", "1500.000 answer 1"]


def test_the_first_difference_is_named() -> None:
    one, other = traced(("request", 1), ("answer", 1)), traced(("request", 1), ("answer", 2))

    assert one.digest != other.digest
    assert one.difference(other) == "line 2: '1500.000 answer 1' here, '1500.000 answer 2' there"


def test_a_run_that_goes_on_longer_differs() -> None:
    assert traced(("a", 1), ("b", 1)).difference(traced(("a", 1))) == "2 lines here, 1 there"
