"""Who on one list is who on another: what the machine decides, what it suggests, how it explains."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from common.models import Event
from registry import identity
from registry.id_numbers import repairs
from registry.matching import (
    Agreement,
    Ground,
    Note,
    Part,
    Person,
    match,
    pair_key,
    stable_key,
)
from registry.models import MatchDecision, Verdict
from registry.services import matches
from tests.children import id_number
from tests.registry.lists_with_truths import draw

BORN = date(2015, 9, 1)
MOTHER = UUID(int=7)
AT = datetime(2026, 3, 1, tzinfo=UTC)


def person(key="a", name="那仁", number="", **over) -> Person:
    index = identity.number_index(number) if number else None
    facts = {"born_on": BORN, "township_id": 1, **over}
    return Person(key, name, id_number=number, id_index=index, **facts)


def only(left: Person, right: Person, decisions=None):
    found = match([left], [right], decisions).suggestions
    assert len(found) == 1
    return found[0]


def swapped(number: str) -> str:
    at = next(at for at in range(16) if number[at] != number[at + 1])
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


NUMBER = id_number(1)
SWAPPED, MISTYPED = swapped(NUMBER), NUMBER[:16] + str((int(NUMBER[16]) + 1) % 10) + NUMBER[17:]


# Repairing a number --------------------------------------------------------------------------------
@pytest.mark.parametrize("n", [1, 17, 412])
def test_every_single_slip_leads_back_to_the_number(n):
    number = id_number(n)
    for at in range(18):
        for sign in "0123456789":
            slip = number[:at] + sign + number[at + 1 :]
            assert slip == number or (number, False) in repairs(slip)
    for at in range(17):
        slip = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        assert slip == number or "X" in slip[:17] or (number, True) in repairs(slip)


def test_repairs_all_hold_and_are_few():
    found = [number for number, _swapped in repairs(MISTYPED)]
    assert 0 < len(found) <= 35
    assert all(identity.check_character(number[:17]) == number[17] for number in found)


def test_a_letter_in_place_of_a_digit_is_repaired_where_it_stands():
    assert repairs("O" + NUMBER[1:]) == [(NUMBER, False)]


@pytest.mark.parametrize("number", ["", NUMBER, NUMBER[:15], "OO" + NUMBER[2:]])
def test_a_number_that_holds_or_is_no_number_is_not_repaired(number):
    assert repairs(number) == []


# What is decided, what is suggested ------------------------------------------------------------------
def test_an_exact_number_decides_and_says_when_the_names_differ():
    found = match([person(number=NUMBER)], [person("b", "苏和", NUMBER)])
    assert [pair.ground for pair in found.exact] == [Ground.ID]
    assert found.exact[0].notes == (Note.NAMES_DIFFER,)
    assert not found.suggestions and not found.alone and not found.pending


@pytest.mark.parametrize("wrong, ground", [(SWAPPED, Ground.SWAPPED), (MISTYPED, Ground.MISTYPED)])
@pytest.mark.parametrize("wrong_is_left", [True, False])
def test_a_slip_in_a_number_is_a_suggestion_only(wrong, ground, wrong_is_left):
    sides = person(number=wrong), person("b", number=NUMBER, township_id=2)
    found = match(*([one] for one in (sides if wrong_is_left else sides[::-1])))
    assert not found.exact and [pair.ground for pair in found.suggestions] == [ground]
    parts = dict(found.suggestions[0].parts)
    assert parts[Part.NUMBER] == Agreement.NEAR and parts[Part.NAME] == Agreement.AGREES
    assert parts[Part.GUARDIAN] == Agreement.UNKNOWN
    assert found.suggestions[0].notes == (Note.MOVED,)
    assert found.pending and not found.alone


def test_a_slip_alone_suggests_nobody():
    stranger = person("b", "苏和", NUMBER, born_on=date(2016, 1, 1))
    found = match([person(number=MISTYPED)], [stranger])
    assert not found.suggestions and [one.key for one in found.alone] == ["a"]


@pytest.mark.parametrize(
    "over, ground",
    [
        ({}, Ground.NAME_BIRTH_TOWNSHIP),
        ({"township_id": 2}, Ground.NAME_BIRTH),
        ({"township_id": None}, Ground.NAME_BIRTH),
        ({"born_on": date(2016, 1, 1)}, None),
        ({"name": "苏和"}, None),
    ],
)
def test_without_a_number_name_and_birth_suggest(over, ground):
    found = match([person()], [person(**{"key": "b", "name": "那仁"} | over)]).suggestions
    assert [pair.ground for pair in found] == ([ground] if ground else [])


@pytest.mark.parametrize(
    "over, found",
    [({"born_on": None}, True), ({"born_on": date(2016, 1, 1), "name": "苏和"}, False)],
)
def test_a_guardians_number_needs_a_further_part(over, found):
    left = person(guardian_indexes=(MOTHER,))
    right = replace(person("b", guardian_indexes=(MOTHER,)), **over)
    assert bool(match([left], [right]).suggestions) is found


# Twins, names, moves ---------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["那仁花", "那木", "苏和"])
def test_twins_are_not_suggested_without_saying_so(name):
    left = person(guardian_indexes=(MOTHER,))
    pair = only(left, person("b", name, guardian_indexes=(MOTHER,)))
    assert Note.MAYBE_TWINS in pair.notes and pair.strength < only(left, person("b")).strength


def test_twins_with_sound_numbers_of_their_own_are_two_children():
    left = person(number=NUMBER, guardian_indexes=(MOTHER,))
    right = person("b", "那仁花", id_number(2), guardian_indexes=(MOTHER,))
    assert [one.key for one in match([left], [right]).alone] == ["a"]


def test_a_twin_on_the_list_is_told():
    one, other = (
        person(key, name, guardian_indexes=(MOTHER,))
        for key, name in (("a", "那仁"), ("b", "苏和"))
    )
    found = match([one, other], [person("c", guardian_indexes=(MOTHER,))]).suggestions
    assert {pair.left.key: pair.notes for pair in found} == {
        "a": (Note.TWIN_LISTED,),
        "b": (Note.MAYBE_TWINS,),
    }
    assert found[0].left.key == "a"


def test_children_of_one_name_with_sound_numbers_are_told_apart():
    left, right = person(number=NUMBER), person("b", number=id_number(2))
    assert Note.BOTH_SOUND in only(left, right).notes
    assert not match([left], [replace(right, township_id=2)]).suggestions


def test_several_possible_people_are_told():
    found = match([person()], [person("b"), person("c", number=NUMBER)]).suggestions
    assert len(found) == 2 and all(Note.SEVERAL in pair.notes for pair in found)


# Decisions -------------------------------------------------------------------------------------------
LEFT, RIGHT = person(number=MISTYPED), person("b", number=NUMBER)
KEYS = pair_key(stable_key(LEFT), stable_key(RIGHT))


def test_same_is_remembered_though_rows_and_sides_change():
    found = match([replace(RIGHT, key=9)], [replace(LEFT, key=8)], {KEYS: Verdict.SAME})
    assert [(pair.left.key, pair.right.key) for pair in found.same] == [(9, 8)]
    assert not found.suggestions and not found.alone and not found.pending


def test_different_is_not_suggested_again_and_unsure_is():
    found = match([LEFT], [RIGHT], {KEYS: Verdict.DIFFERENT})
    assert not found.suggestions and found.alone == [LEFT]
    assert only(LEFT, RIGHT, {KEYS: Verdict.UNSURE}).verdict == Verdict.UNSURE


def test_people_without_numbers_are_remembered_by_what_is_told_of_them():
    decisions = {pair_key(stable_key(person()), stable_key(RIGHT)): Verdict.SAME}
    assert len(match([person("other")], [RIGHT], decisions).same) == 1
    assert not match([person(township_id=3)], [RIGHT], decisions).same


def test_nobody_is_decided_who_cannot_be_told_from_another():
    decisions = {pair_key(stable_key(person()), stable_key(RIGHT)): Verdict.SAME}
    found = match([person("c"), person("d")], [RIGHT], decisions)
    assert not found.same and all(pair.first is None for pair in found.suggestions)


@pytest.mark.django_db
def test_deciding_anew_undoes_and_both_are_in_the_log(django_user_model):
    by = django_user_model.objects.create(username="one", name="甲")
    row = matches.decide(*KEYS[::-1], verdict=Verdict.SAME, by=by, at=AT, seen=0)
    assert matches.remembered() == {KEYS: Verdict.SAME}
    matches.decide(*KEYS, verdict=Verdict.OPEN, by=by, at=AT, seen=row.version)
    assert matches.remembered() == {} and MatchDecision.objects.count() == 1
    told = Event.objects.filter(verb="registry.match_decided").order_by("pk")
    assert [(event.before, event.after) for event in told] == [
        ({}, {"verdict": "SAME"}),
        ({"verdict": "SAME"}, {"verdict": "OPEN"}),
    ]


@pytest.mark.django_db
def test_a_stale_page_decides_nothing_and_a_second_click_is_harmless(django_user_model):
    by = django_user_model.objects.create(username="one", name="甲")
    for _click in range(2):
        matches.decide(*KEYS, verdict=Verdict.SAME, by=by, at=AT, seen=0)
    assert Event.objects.filter(verb="registry.match_decided").count() == 1
    with pytest.raises(matches.DecidedMeanwhile):
        matches.decide(*KEYS, verdict=Verdict.DIFFERENT, by=by, at=AT, seen=0)
    assert matches.remembered() == {KEYS: Verdict.SAME}


# Lists with planted truths ---------------------------------------------------------------------------
@pytest.fixture(scope="module")
def truths():
    return draw(3_000, 2_800)


def test_planted_truths_are_found(truths):
    found = match(truths.left, truths.right)
    assert {(pair.left.key, pair.right.key) for pair in found.exact} == truths.exact
    suggested = {(pair.left.key, pair.right.key) for pair in found.suggestions}
    assert truths.recall(suggested) >= 0.99
    likely = {
        (p.left.key, p.right.key) for p in found.suggestions if Note.MAYBE_TWINS not in p.notes
    }
    assert truths.precision(likely) >= 0.95
    keys = {person.key for person in found.alone}
    assert not keys & {left for left, _right in truths.pairs & (truths.exact | suggested)}
