"""What the sheets of dropout control write alike: places and the numbers of a child."""

from intake.columns import IdNumber, PersonName, Text, UnitRef
from registry import identity
from registry.models import Unit


def banner_column() -> UnitRef:
    return UnitRef(
        "旗(区)",  # data
        also=("旗区", "旗县区", "所属旗区", "旗县"),  # data
        kinds=(Unit.Kind.BANNER, Unit.Kind.ZONE, Unit.Kind.DIRECT),
        fills_down=True,
        example="阿拉善左旗",  # data
    )


def township_column(*, required: bool = False) -> UnitRef:
    return UnitRef(
        "苏木镇(街道)",  # data
        also=("苏木镇", "乡镇", "苏木乡镇", "乡镇街道"),  # data
        kinds=(Unit.Kind.TOWNSHIP,),
        within="banner",
        required=required,
        fills_down=True,
        example="巴彦浩特镇",  # data
    )


def village_column() -> Text:
    """A text: a register names villages that the portal does not keep as units."""
    return Text(
        "嘎查村(社区)",  # data
        also=("嘎查村", "嘎查", "村(社区)", "村委会", "社区"),  # data
        most=60,
        fills_down=True,
    )


def name_column() -> PersonName:
    return PersonName(
        "姓名",  # data
        also=("学生姓名", "儿童姓名", "学生"),  # data
        required=True,
        example="那仁",  # data
    )


def id_column(*, required: bool = True) -> IdNumber:
    return IdNumber(
        "身份证号",  # data
        also=("身份证号码", "公民身份号码", "身份证件号", "证件号码"),  # data
        required=required,
        purpose=identity.NUMBER,
        example="152921201509010014",
    )
