# data
"""Words that offices write for the entries of our lists, by the list's class name, to its codes."""

YES = (
    *("是", "√", "✓", "✔", "☑", "有", "1", "y", "yes", "对", "true", "t", "真", "v"),
    *("寄宿", "寄宿生", "住宿", "住宿生", "住校", "住校生"),
)
NO = (
    *(
        "否",
        "×",
        "✗",
        "✘",
        "☒",
        "x",
        "无",
        "0",
        "n",
        "no",
        "不",
        "不是",
        "没有",
        "错",
        "false",
        "f",
    ),
    *("走读", "走读生", "不寄宿", "不住宿", "不住校", "非寄宿", "非寄宿生"),
    *("假", "未", "非", "没", "-", "--", "—", "——", "–", "－", "─", "/", "／", "\\"),
)

_SEX = {
    **dict.fromkeys(("男性", "男生", "男孩", "男童", "M", "male"), "1"),
    **dict.fromkeys(("女性", "女生", "女孩", "女童", "F", "female"), "2"),
}

_ID_KIND = {
    **dict.fromkeys(
        ("身份证", "二代身份证", "第二代居民身份证", "公民身份证", "居民身份证号"), "1"
    ),
    **dict.fromkeys(("户口簿", "户口本", "居民户口簿"), "1"),
    **dict.fromkeys(("香港", "香港身份证", "香港特区护照", "香港居民身份证"), "6"),
    **dict.fromkeys(("澳门", "澳门身份证", "澳门特区护照", "澳门居民身份证"), "7"),
    **dict.fromkeys(("台湾", "台胞证", "台湾通行证", "台湾居民通行证"), "8"),
    **dict.fromkeys(("外国人永久居留证", "外国人永久居留身份证", "永久居留证"), "9"),
    **dict.fromkeys(("外国护照", "中国护照", "普通护照", "因私护照"), "A"),
    **dict.fromkeys(("其它", "无", "无证件", "其他证件", "其它证件"), "Z"),
}

_RELATION = {
    **dict.fromkeys(("父", "爸", "爸爸", "父子", "父女", "父子关系", "父女关系"), "FATHER"),
    **dict.fromkeys(("继父", "养父", "生父"), "FATHER"),
    **dict.fromkeys(("母", "妈", "妈妈", "母子", "母女", "母子关系", "母女关系"), "MOTHER"),
    **dict.fromkeys(("继母", "养母", "生母", "额吉"), "MOTHER"),
    **dict.fromkeys(("阿爸", "阿布"), "FATHER"),
    **dict.fromkeys(("祖父", "祖母", "爷爷", "奶奶", "外祖父", "外祖母"), "GRANDPARENT"),
    **dict.fromkeys(("外公", "外婆", "姥爷", "姥姥", "姥爷姥姥", "爷爷奶奶"), "GRANDPARENT"),
    **dict.fromkeys(("祖父母", "外祖父母", "祖孙", "爷孙", "祖孙关系"), "GRANDPARENT"),
    **dict.fromkeys(("兄", "姐", "哥", "哥哥", "姐姐", "兄弟", "姐弟", "姐妹", "兄妹"), "SIBLING"),
    **dict.fromkeys(("叔", "叔叔", "伯", "伯伯", "伯父", "伯母", "婶", "婶婶"), "RELATIVE"),
    **dict.fromkeys(("姑", "姑姑", "姑妈", "姑父", "舅", "舅舅", "舅妈", "姨"), "RELATIVE"),
    **dict.fromkeys(("姨妈", "姨父", "亲戚", "亲属", "其他亲戚", "其它亲属"), "RELATIVE"),
    **dict.fromkeys(("其他", "其它", "监护人", "其他人", "非亲属", "社区", "嘎查委员会"), "OTHER"),
}

_CATEGORY = {
    **dict.fromkeys(("低保", "低保户", "城乡低保", "最低生活保障", "低保家庭"), "SUBSISTENCE"),
    **dict.fromkeys(("城市低保", "农村低保", "农村牧区低保", "最低生活保障对象"), "SUBSISTENCE"),
    **dict.fromkeys(("特困", "特困人员", "特困供养人员", "五保", "五保户"), "EXTREME_POVERTY"),
    **dict.fromkeys(("特困救助供养", "特困家庭"), "EXTREME_POVERTY"),
    **dict.fromkeys(("低保边缘", "低保边缘户", "最低生活保障边缘家庭"), "NEAR_SUBSISTENCE"),
    **dict.fromkeys(("刚性支出困难", "支出型困难家庭", "支出型贫困家庭"), "RIGID_EXPENSE"),
    **dict.fromkeys(("其他低收入", "低收入家庭", "其它低收入家庭"), "LOW_INCOME"),
    **dict.fromkeys(("孤儿学生", "孤残儿童", "社会散居孤儿"), "ORPHAN"),
    **dict.fromkeys(("事实无人抚养", "事实孤儿"), "UNATTENDED"),
    **dict.fromkeys(("脱贫", "脱贫家庭", "建档立卡", "建档立卡户", "原建档立卡户"), "POVERTY_EXIT"),
    **dict.fromkeys(("脱贫户原建档立卡户", "建档立卡贫困户"), "POVERTY_EXIT"),
    **dict.fromkeys(("脱贫不稳定", "脱贫不稳定家庭"), "MONITORED_UNSTABLE"),
    **dict.fromkeys(("边缘易致贫", "边缘易致贫家庭", "边缘户"), "MONITORED_EDGE"),
    **dict.fromkeys(("突发严重困难", "突发严重困难家庭"), "MONITORED_SUDDEN"),
    **dict.fromkeys(("残疾", "残疾儿童", "残疾人", "家庭经济困难残疾学生"), "DISABLED_CHILD"),
    **dict.fromkeys(("残疾人家庭", "残疾家庭子女", "父母残疾"), "DISABLED_GUARDIAN"),
    **dict.fromkeys(("烈士", "烈属", "烈士家属"), "MARTYR"),
    **dict.fromkeys(("困难职工", "困难职工子女", "困难职工家庭子女"), "WORKER_HARDSHIP"),
    **dict.fromkeys(("深度相对意外困难职工家庭子女", "深度困难职工"), "WORKER_HARDSHIP"),
    **dict.fromkeys(("留守", "农村留守儿童", "留守学生"), "LEFT_BEHIND"),
    **dict.fromkeys(("困境", "困境学生"), "HARDSHIP"),
    **dict.fromkeys(("随迁", "随迁子弟", "进城务工人员随迁子女"), "MIGRANT"),
    **dict.fromkeys(("涉案", "涉案未成年", "涉罪未成年人"), "INVOLVED"),
}

_DEPARTMENT = {
    **dict.fromkeys(("民政局", "民政厅", "民政部门"), "CIVIL_AFFAIRS"),
    **dict.fromkeys(("残疾人联合会", "残联部门"), "DISABLED"),
    **dict.fromkeys(("乡村振兴", "乡村振兴局", "农牧局", "农牧和科技局", "扶贫办"), "RURAL"),
    **dict.fromkeys(("总工会", "工会部门"), "UNION"),
    **dict.fromkeys(("退役军人事务局", "退役军人局", "退役军人"), "VETERANS"),
    **dict.fromkeys(("政法委", "政法委员会", "检察院", "人民检察院", "公安局"), "JUSTICE"),
    **dict.fromkeys(("教育局", "教体局", "教育体育局", "教育和体育局"), "EDUCATION"),
    **dict.fromkeys(("其他", "其它", "其它部门"), "OTHER"),
}

_SCHOOL_TYPE = {
    **dict.fromkeys(("幼儿", "学前", "幼儿院", "学前教育"), "11"),
    **dict.fromkeys(("完全小学", "完小", "中心小学", "初小"), "21"),
    **dict.fromkeys(("小学教学点", "村小"), "21P"),
    **dict.fromkeys(("初中", "普通初中", "初级中学校"), "31"),
    **dict.fromkeys(("九年一贯制", "九年制学校", "九年制"), "312"),
    **dict.fromkeys(("十二年一贯制", "十二年制学校"), "345"),
    **dict.fromkeys(("完中", "完全中学校"), "341"),
    **dict.fromkeys(("高中", "普通高中"), "34"),
    **dict.fromkeys(("中职", "职高", "职业高中", "中专", "职业中学", "中等职业教育"), "36"),
    **dict.fromkeys(("特教", "特殊教育", "特校", "特教学校"), "51"),
}

_ETHNICITY = {
    **dict.fromkeys(("蒙", "蒙族"), "02"),
    **dict.fromkeys(("维", "维族"), "05"),
    **dict.fromkeys(("朝", "鲜族", "朝族"), "10"),
    **dict.fromkeys(("哈族", "哈萨"), "17"),
    **dict.fromkeys(("其它", "其他族", "其他民族"), "97"),
    **dict.fromkeys(("外国血统中国籍人士", "入籍"), "98"),
}

# By the list's class; lists of other apps come with a column's own `synonyms`.
SYNONYMS = {
    "Sex": _SEX,
    "Ethnicity": _ETHNICITY,
    "IdKind": _ID_KIND,
    "Relation": _RELATION,
    "Category": _CATEGORY,
    "Department": _DEPARTMENT,
    "School.Type": _SCHOOL_TYPE,
}
