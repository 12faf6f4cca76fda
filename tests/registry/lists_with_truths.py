"""Two lists of people who do not exist, and who on one is who on the other.

What happens to lists happens to these: digits mistyped and swapped, numbers missing, twins, children
of one name, children who moved. Drawn with a fixed seed, so that two runs compare the same.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

from common.crypto import indexer
from registry import identity
from registry.matching import Person

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"  # data
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲"  # data
MONGOLIAN = ["那仁", "苏和", "乌云", "巴图", "萨仁", "其其格", "格日勒", "娜仁花"]  # data
FIRST_DAY = date(2010, 9, 1)


@dataclass(frozen=True)
class Truths:
    left: list[Person]
    right: list[Person]
    pairs: set[tuple[int, int]]  # keys of those who are one person
    exact: set[tuple[int, int]]  # of these, those whose numbers are the same

    def recall(self, found) -> float:
        wanted = self.pairs - self.exact
        return len(wanted & found) / len(wanted)

    def precision(self, found) -> float:
        return len(self.pairs & found) / len(found)


def draw(many: int, others: int, *, seed: int = 1) -> Truths:
    """A register of `many` and a roll of `others`, of whom 27 in 28 are on the register."""
    random = Random(seed)
    index = indexer(identity.NUMBER)
    number_of: set[str] = set()
    register = [_child(random, n, number_of, index) for n in range(many)]
    _make_twins(random, register, number_of, index)
    _give_one_name(random, register)
    enrolled = random.sample(range(many), others - others // 28)
    roll, pairs, exact = [], set(), set()
    for n, at in enumerate(enrolled):
        there = _as_listed(random, register[at], index)
        roll.append(replace(there, key=n))
        pairs.add((at, n))
        if there.id_index == register[at].id_index:
            exact.add((at, n))
    for n in range(len(enrolled), others):
        roll.append(replace(_child(random, n, number_of, index), key=n))
    random.shuffle(roll)
    return Truths(register, roll, pairs, exact)


def _child(random: Random, key: int, known: set[str], index) -> Person:
    born = FIRST_DAY + timedelta(days=random.randrange(3650))
    number = _number(random, born, known)
    surname, given = random.choice(SURNAMES), "".join(random.choices(GIVEN, k=2))
    name = random.choice(MONGOLIAN) if random.random() < 0.1 else surname + given
    guardian = UUID(int=random.getrandbits(128))
    return Person(key, name, born, number, UUID(index(number)), random.randrange(40), (guardian,))


def _number(random: Random, born: date, known: set[str]) -> str:
    while True:
        body = f"1529{random.randrange(21, 24)}{born:%Y%m%d}{random.randrange(1000):03}"
        number = body + identity.check_character(body)
        if number not in known:
            known.add(number)
            return number


def _make_twins(random: Random, register: list[Person], known: set[str], index) -> None:
    """One child in a hundred is the twin of the one before."""
    for at in range(1, len(register), 100):
        one, number = register[at - 1], _number(random, register[at - 1].born_on, known)
        other = one.name[:-1] + random.choice(GIVEN.replace(one.name[-1], ""))
        register[at] = replace(
            one, key=at, name=other, id_number=number, id_index=UUID(index(number))
        )


def _give_one_name(random: Random, register: list[Person]) -> None:
    """One child in two hundred has the name and birthday of another one."""
    for at in range(50, len(register), 200):
        one = register[at - 20]
        register[at] = replace(register[at], name=one.name, born_on=one.born_on)


def _as_listed(random: Random, person: Person, index) -> Person:
    """How the other list tells of somebody: rarely wrong, sometimes moved, sometimes unnumbered."""
    number, lot = person.id_number, random.random()
    if lot < 0.01:
        at = random.randrange(17)
        digit = random.choice("0123456789".replace(number[at], ""))
        number = number[:at] + digit + number[at + 1 :]
    elif lot < 0.02:
        at = random.choice([at for at in range(16) if number[at] != number[at + 1]])
        number = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    elif lot < 0.03:
        number = ""
    name = person.name
    if random.random() < 0.02:
        name = name[:-1] + random.choice(GIVEN.replace(name[-1], ""))
    township = random.randrange(40) if random.random() < 0.05 else person.township_id
    guardians = person.guardian_indexes if random.random() < 0.9 else ()
    return replace(
        person,
        name=name,
        id_number=number,
        id_index=UUID(index(number)) if number else None,
        township_id=township,
        guardian_indexes=guardians,
    )
