"""The demonstration's people and units. Every name is made up."""

from datetime import date

from common import clock
from common.models import User
from registry.models import Posting, Unit, UnitParent
from registry.roles import Role
from registry.services.units import SINCE, rebuild_closure, sort_key_of

PASSWORD = "Alxa-demo-2025"
SCHOOL = "school-demo-zuoqi"
ZONES = ("zone-gaoxin", "zone-luanjingtan", "zone-wulanbuhe")
# username, name, telephone, role, unit
PEOPLE = (
    ("bureau", "高娃", "0483-0000001", Role.BUREAU, "league"),  # data
    ("bureau2", "孟和", "0483-0000002", Role.BUREAU, "league"),  # data
    ("left", "乌日娜", "0483-0000011", Role.OFFICIAL, "banner-zuoqi"),  # data
    ("left2", "娜仁", "0483-0000012", Role.OFFICIAL, "banner-zuoqi"),  # data
    ("right", "斯琴", "0483-0000021", Role.OFFICIAL, "banner-youqi"),  # data
    ("ejina", "巴图", "0483-0000031", Role.OFFICIAL, "banner-ejina"),  # data
    ("school", "萨仁", "0483-0000041", Role.SCHOOL, SCHOOL),  # data
    ("supervisor", "苏和", "0483-0000051", Role.SUPERVISOR, "league"),  # data
    ("sysadmin", "系统管理员", "", Role.SYSADMIN, "league"),  # data
    ("secadmin", "安全管理员", "", Role.SECADMIN, "league"),  # data
    ("auditor", "审计员", "", Role.AUDITOR, "league"),  # data
)
# Who reports for the zones: their names stand beside what is missing, nobody signs in as them.
REPORTERS = (
    ("gaoxin", "赵敏", "0483-0000061", Role.OFFICIAL, "zone-gaoxin"),  # data
    ("luanjingtan", "其木格", "0483-0000062", Role.OFFICIAL, "zone-luanjingtan"),  # data
    ("wulanbuhe", "王建国", "0483-0000063", Role.OFFICIAL, "zone-wulanbuhe"),  # data
)
# Unit → who fills in, and who checks where there are two.
FILLERS = {
    "banner-zuoqi": ("left", "left2"),
    "banner-youqi": ("right",),
    "banner-ejina": ("ejina",),
    "zone-gaoxin": ("gaoxin",),
    "zone-luanjingtan": ("luanjingtan",),
    "zone-wulanbuhe": ("wulanbuhe",),
}


def load_people(day: date) -> int:
    """Demonstration units, accounts and postings. Returns how many accounts are new."""
    Unit.objects.filter(key__in=ZONES).update(reports_education=True)
    school, made = Unit.objects.get_or_create(
        key=SCHOOL,
        defaults={
            "name": "演示第一小学",  # data
            "short_name": "演示一小",  # data
            "kind": Unit.Kind.SCHOOL,
            "sort_no": 200,
            "sort_key": sort_key_of("演示第一小学"),  # data
            "valid_from": SINCE,
        },
    )
    if made:
        UnitParent.objects.create(
            unit=school, parent=Unit.objects.get(key="banner-zuoqi"), valid_from=SINCE
        )
    rebuild_closure()
    units = {unit.key: unit for unit in Unit.objects.all()}
    fresh = 0
    for username, name, phone, role, unit in PEOPLE + REPORTERS:
        if User.objects.filter(username=username).exists():
            continue
        password = PASSWORD if (username, name, phone, role, unit) in PEOPLE else None
        user = User.objects.create_user(username, password, name=name, phone=phone)
        Posting.objects.create(
            user=user,
            unit=units[unit],
            role=role,
            valid_from=date(day.year - 5, 1, 1),
            confirmed_at=clock.now(),
        )
        fresh += 1
    return fresh
