"""How sheets are laid out: headers, groups, merged cells, totals, notes, several tables, hidden things."""

from tests.intake.corpus.books import SCHOOL, book, pupil, table, text
from tests.intake.corpus.cases import case


def two(**over) -> tuple[dict, dict]:
    return pupil(21, **over), pupil(22, **over)


# Headers -----------------------------------------------------------------------------------------
case(
    "header-national-form",
    "全国中小学学籍系统学生基本信息表: numbered headers with stars",
    lambda: book(
        table(
            {
                "1姓名★": "那仁",
                "2性别": pupil(21)["性别"],
                "3出生日期★": pupil(21)["身份证号"][6:14],
                "4出生地★": "内蒙古阿拉善左旗",
                "5籍贯": "内蒙古",
                "6民族★": "蒙古族",
                "7国籍/地区★": "中国",
                "8身份证件类型★": "居民身份证",
                "9身份证件号": pupil(21)["身份证号"],
                "10港澳台侨外★": "否",
                "12健康状况★": "健康或良好",
                "22年级★": "三年级",
                "23班级★": "2班",
                "24入学年月★": "202209",
                "26就读方式★": "住校",
                "28现住址★": "阿拉善左旗巴彦浩特镇和平路1号",
                "31联系电话★": "13900000021",
                "学校名称": SCHOOL,
            }
        )
    ),
    tells="column_unclaimed",
)
case(
    "header-left-behind-form",
    "农村留守儿童基本情况登记表: facts above, ticks, dashes, three signatures below",
    lambda: book(
        table(
            *(
                {
                    "序号": n - 20,
                    "就读学校": SCHOOL,
                    "年级": "小三",
                    "姓名": f"那仁{'甲乙'[n - 21]}",
                    "性别": pupil(n)["性别"],
                    "民族": "蒙",
                    "出生日期": None,
                    "公民身份证号码": pupil(n)["身份证号"],
                    "是否登记户口": "√",
                    "户籍所在地": "阿拉善左旗巴彦浩特镇",
                    "现居住地": "同上" if n == 22 else "阿拉善左旗吉兰泰镇",
                    "身体情况": "健康",
                    "残疾类别及等级": "—",
                    "是否学校寄宿": "(√)",
                    "父亲姓名": "巴图",
                    "当前务工地点": "银川",
                    "联系电话": "13900000021",
                    "委托监护人姓名": "乌云",
                    "监护类型": "—",
                }
                for n in (21, 22)
            ),
            above=[
                ["农村留守儿童基本情况登记表"],
                ["填报单位：（盖章）", None, None, "填报日期：2025.9.12"],
            ],
            below=[
                ["单位负责人（签名）：", None, None, "复核人（签名）：", None, "填表人（签名）："]
            ],
        )
    ),
    tells="column_unclaimed column_suggested",
)
case(
    "header-two-levels-same-sub-header-twice",
    "残疾儿童情况: two levels, 视力 and 听力 under two groups",
    lambda: book(
        [
            ["残疾儿童入学情况统计表"],
            ["学校", "年级", "姓名", "身份证号", "已入学", None, "未入学", None],
            [None, None, None, None, "视力", "听力", "视力", "听力"],
            [SCHOOL, "一年级", "那仁", pupil(21)["身份证号"], 1, None, None, None],
        ],
        merges=("A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:F2", "G2:H2"),
    ),
    tells="column_unclaimed",
)
case(
    "header-groups-of-people",
    "学生信息 and 监护人信息, each with 姓名 and 性别",
    lambda: book(
        [
            ["学校", "年级", "学生信息", None, None, "监护人信息", None],
            [None, None, "姓名", "性别", "身份证号", "姓名", "电话"],
            [SCHOOL, "三年级", "那仁", None, pupil(21)["身份证号"], "巴图", "13900000021"],
        ],
        merges=("A1:A2", "B1:B2", "C1:E1", "F1:G1"),
    ),
)
case(
    "header-family-members-are-others",
    "困难学生认定申请表: 姓名 again under 家庭成员 is not the child's",
    lambda: book(
        [
            ["学校", "年级", "姓名", "身份证号码", "家庭成员", None, None],
            [None, None, None, None, "姓名", "年龄", "与学生关系"],
            [SCHOOL, "三年级", "那仁", pupil(21)["身份证号"], "巴图", 41, "父亲"],
        ],
        merges=("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:G1"),
    ),
    tells="column_suggested column_unclaimed",
)
case(
    "header-normal-form",
    "Blanks, full width, a hint in brackets, a line break inside",
    lambda: book(
        table(
            *two(),
            renamed={
                "姓名": "姓　名",
                "身份证号": "身份证号\n（18位）",
                "年级": "年级（必填）",
                "班级": "班 级：",
            },
        )
    ),
)
case(
    "header-only-alike",
    "A header like that of a required column is asked about once",
    lambda: book(table(*two(), renamed={"姓名": "学生的姓名"})),
    tells="needs_answer",
)
case(
    "header-mapped",
    "A strange header, named on the command line",
    lambda: book(table(*two(), renamed={"姓名": "孩子叫啥"})),
    "--map",
    "孩子叫啥=姓名",
)
case(
    "header-map-of-nothing",
    "A mapping of a header that the sheet has not",
    lambda: book(table(*two())),
    "--map",
    "娃的名字=姓名",
    tells="map_unused",
)
case(
    "header-missing-column",
    "A required column is not there",
    lambda: book(table(*(pupil(n) for n in (21, 22)), renamed={"年级": "血型"})),
    tells="column_missing column_unclaimed",
)
case(
    "header-unclaimed-column",
    "A column that nobody knows is named",
    lambda: book(table(*two(血型="A"))),
    tells="column_unclaimed",
)
case(
    "header-same-twice",
    "An optional header twice: the first counts, and it is told",
    lambda: book(
        [[*row, "第二个" if row[-1] != "备注" else "备注"] for row in table(*two(备注="第一个"))]
    ),
    tells="header_twice",
)
case(
    "header-key-twice",
    "A required header twice: somebody must say which",
    lambda: book([[*row, row[3]] for row in table(*two())]),
    tells="header_twice",
)
case(
    "header-two-for-one-column",
    "就读学校 and 学校名称 both: which is it?",
    lambda: book(table(*two(学校名称=SCHOOL), renamed={"学校": "就读学校"})),
    tells="column_claimed_twice",
)
case(
    "header-own-word-before-another",
    "学校 and 学校名称 both: the column's own word counts, the other is told",
    lambda: book(table(*two(学校名称=SCHOOL))),
    tells="column_unclaimed",
)
case(
    "header-headless-column",
    "Cells beside the table without a header",
    lambda: book([[*row, None, "看看"] if at else row for at, row in enumerate(table(*two()))]),
    tells="column_headless",
)
case(
    "header-numbers-below",
    "A row that numbers the columns belongs to the header",
    lambda: book([table(*two())[0], [1, 2, 3, 4, 5, 6], *table(*two())[1:]]),
)
case(
    "header-serial-and-signature",
    "序号 is passed over, a column for signatures is told",
    lambda: book(
        [[n or "序号", *row, None if n else "领款人签字"] for n, row in enumerate(table(*two()))]
    ),
    tells="column_signature",
)
case(
    "header-none",
    "Rows without any header",
    lambda: book(table(*two())[1:]),
    tells="no_header",
)
case(
    "header-of-another-kind",
    "A list of schools handed in as a roster",
    lambda: book(
        [["学校名称", "旗(区)", "学校类型", "是否寄宿制"], ["新小学", "阿拉善左旗", "小学", "是"]]
    ),
    tells="other_kind",
)
case(
    "header-no-rows",
    "A form that nobody has filled in",
    lambda: book(table(*two())[:1]),
    tells="no_rows",
)

# Lines -------------------------------------------------------------------------------------------
case(
    "lines-total-differs",
    "合计 says more people than there are rows",
    lambda: book(table(*two(), below=[["合计", None, None, "共3人"]])),
    tells="total_differs",
)
case(
    "lines-subtotals",
    "小计 after each class and 总计 below",
    lambda: book(
        table(
            pupil(21),
            pupil(22),
            below=[
                ["小计", None, None, "2人"],
                list(pupil(23).values()),
                ["小计", None, None, "1人"],
                ["总计", None, None, "3人"],
            ],
        )
    ),
)
case(
    "lines-notes",
    "说明, 注 and bullets below the rows",
    lambda: book(
        table(
            *two(),
            below=[
                ["说明：此表由学校填写，学校和教体局分别存档"],
                ["注：1.身份证号请用文本格式。"],
                ["审核人：", None, "填表时间：2025年9月12日"],
            ],
        )
    ),
)
case(
    "lines-header-again",
    "The header again on every printed page",
    lambda: book([*table(pupil(21)), *table(pupil(22))]),
)
case(
    "lines-three-tables",
    "The same table three times on one sheet, each with its title",
    lambda: book(
        [
            row
            for n in (21, 22, 23)
            for row in table(pupil(n), above=[[f"{n - 20}班名册"]], below=[[None]])
        ]
    ),
)
case(
    "lines-another-table-below",
    "Another table below the roster is not taken for rows",
    lambda: book(
        [
            *table(*two()),
            [],
            ["姓名", "性别", "民族", "监护人", "备注"],
            ["乌云", "女", "汉", "巴图", "x"],
        ]
    ),
    tells="header_differs",
)
case(
    "lines-blank-formatted",
    "Two thousand formatted blank rows below",
    lambda: book(table(*two()), blank_to=2000),
)
case(
    "lines-example-row",
    "The example row of a form was left in",
    lambda: book([table(*two())[0], ["示例", "三年级", "1班", "张三"], *table(*two())[1:]]),
)
case(
    "lines-hidden-rows",
    "A filter was left on: hidden rows are taken and told",
    lambda: book(table(*two()), hidden_rows=(3,)),
    tells="hidden_rows",
)
case(
    "lines-hidden-column",
    "A hidden column is taken and told",
    lambda: book(table(*two()), hidden_columns="C"),
    tells="hidden_columns",
)

# Merged cells ------------------------------------------------------------------------------------
case(
    "merged-school-down",
    "One school merged over the rows of its children",
    lambda: book(table(pupil(21), pupil(22, 学校=None), pupil(23, 学校=None)), merges=("A2:A4",)),
)
case(
    "merged-not-where-it-means-nothing",
    "A remark merged downwards belongs to the first row only",
    lambda: book(table(pupil(21, 备注="随迁"), pupil(22, 备注=None)), merges=("G2:G3",)),
    tells="merged_not_filled",
)
case(
    "merged-blank-school-in-xlsx",
    "A blank school outside of merged cells is a blank",
    lambda: book(table(pupil(21), pupil(22, 学校=None))),
    tells="required",
)
case(
    "merged-blank-school-in-csv",
    "Text cannot tell of merged cells: the school above counts, and it is told",
    lambda: text(table(pupil(21), pupil(22, 学校=None)), "utf-8"),
    file="名册.csv",
    tells="filled_down",
)

# Sheets ------------------------------------------------------------------------------------------
case(
    "sheets-one-per-class",
    "Three sheets of one kind, and a summary",
    lambda: book(
        table(pupil(21)),
        sheet="1班",
        also={
            "2班": table(pupil(22)),
            "3班": table(pupil(23)),
            "汇总": [["班级", "人数"], ["1班", 1], ["2班", 1]],
        },
    ),
    tells="sheet_skipped",
)
case(
    "sheets-hidden",
    "A hidden sheet of the same kind is not taken, and told",
    lambda: book(table(pupil(21)), also={"旧": table(pupil(22))}, hidden_sheets=("旧",)),
    tells="sheet_hidden",
)
case(
    "sheets-key-twice-across",
    "The same child on two sheets: both places are named",
    lambda: book(table(pupil(21)), sheet="1班", also={"2班": table(pupil(21))}),
    tells="key_twice",
)
