"""Few people are not shown to strangers, and cannot be worked out from what is shown."""

from itertools import product

import pytest

from common.smallcells import MASK, SMALL, TOTAL, People, hidden, is_small, shown


def row(*numbers, covered=()):
    return {n: People(number, covered=n in covered) for n, number in enumerate(numbers)}


@pytest.mark.parametrize("number, small", [(0, False), (1, True), (4, True), (5, False)])
def test_one_to_four_are_small_and_zero_is_not(number, small):
    assert is_small(number) is small


def test_nothing_is_hidden_from_who_covers_the_unit():
    assert hidden(row(3, 20, 30, covered={0}), People(53)) == set()


def test_a_small_count_takes_a_second_with_it_the_smallest_of_the_others():
    assert hidden(row(3, 20, 30), People(53)) == {0, 1}


def test_without_a_shown_total_only_the_small_count_is_hidden():
    assert hidden(row(3, 20, 30)) == {0}


def test_two_small_counts_hide_each_other():
    assert hidden(row(3, 2, 30), People(35)) == {0, 1}


@pytest.mark.parametrize("pair", [(1, 1), (4, 4)])
def test_two_small_counts_whose_sum_leaves_one_way_take_a_third(pair):
    assert hidden(row(*pair, 30), People(sum(pair) + 30)) == {0, 1, 2}


def test_a_missing_part_is_no_second():
    assert hidden(row(3, None, 30), People(33)) == {0, 2}


def test_a_zero_is_no_second_it_would_read_as_zero():
    assert hidden(row(3, 0, 30), People(33)) == {0, 2}
    assert hidden(row(7, 3, 0, covered={0}), People(10)) == {1, TOTAL}


def test_a_second_too_near_to_five_takes_a_third():
    assert hidden(row(1, 5, 30), People(36)) == {0, 1, 2}


def test_with_nothing_else_to_hide_the_total_goes():
    assert hidden(row(20, 3, covered={0}), People(23)) == {1, TOTAL}


def test_a_small_total_is_hidden_too():
    assert hidden(row(3, 0, 0), People(3)) == {0, TOTAL}


def test_a_total_covered_by_the_viewer_still_shows():
    parts = row(3, 0, 0, covered={0, 1, 2})
    assert hidden(parts, People(3, covered=True)) == set()


def test_a_rate_is_hidden_when_few_are_counted_or_few_are_left_out():
    parts = {
        "few counted": People(2, 40),
        "few left out": People(97, 100),
        "open": People(50, 100),
    }
    assert hidden(parts) == {"few counted", "few left out"}


def test_a_full_rate_and_an_empty_rate_are_shown():
    assert hidden({"all": People(100, 100), "none": People(0, 100)}, People(100, 200)) == set()


def test_the_second_of_a_rate_is_the_one_with_the_fewest_people():
    parts = {"a": People(2, 40), "b": People(60, 200), "c": People(30, 90)}
    assert hidden(parts, People(92, 330)) == {"a", "c"}


def test_what_stands_in_the_cell():
    assert shown(People(3), is_hidden=True) == SMALL
    assert shown(People(30), is_hidden=True) == MASK
    assert shown(People(3, 40), is_hidden=True) == MASK
    assert shown(People(3), is_hidden=False) is None


def may_be(seen, number):
    """Whether a number fits what stands in its cell."""
    return {SMALL: 0 < number < 5, MASK: number >= 5}.get(seen, seen == number)


def test_no_row_of_three_lets_a_small_count_be_worked_out():
    """Every row of three: what is shown fits at least two values of each hidden small count."""
    for values in product(range(9), repeat=3):
        parts, total = row(*values), sum(values)
        out = hidden(parts, People(total))
        seen = [shown(parts[n], is_hidden=n in out) or values[n] for n in range(3)]
        fits = (
            [
                other
                for other in product(range(13), repeat=3)
                if all(may_be(s, n) for s, n in zip(seen, other, strict=True))
                and (TOTAL in out or sum(other) == total)
            ]
            if out
            else []
        )
        for n in out - {TOTAL}:
            if is_small(values[n]):
                assert len({other[n] for other in fits}) > 1, (values, seen)
