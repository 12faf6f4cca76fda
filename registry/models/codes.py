"""The codes of the national school-roll forms: sex, papers, peoples, grades; and who answers for whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    """GB/T 2261.1."""

    MALE = "1", _("男")
    FEMALE = "2", _("女")


class IdKind(models.TextChoices):
    """Kinds of identity papers, as the national school-roll form codes them, and the roll number."""

    RESIDENT = "1", _("居民身份证")
    HONGKONG = "6", _("香港特区护照或身份证明")
    MACAO = "7", _("澳门特区护照或身份证明")
    TAIWAN = "8", _("台湾居民来往大陆通行证")
    ABROAD = "9", _("境外永久居住证")
    PASSPORT = "A", _("护照")
    OTHER = "Z", _("其他")
    ROLL = "ROLL", _("学籍号")


class Relation(models.TextChoices):
    """A guardian's relation to the child."""

    FATHER = "FATHER", _("父亲")
    MOTHER = "MOTHER", _("母亲")
    GRANDPARENT = "GRANDPARENT", _("祖父母或外祖父母")
    SIBLING = "SIBLING", _("兄姐")
    RELATIVE = "RELATIVE", _("其他亲属")
    OTHER = "OTHER", _("其他监护人")


class Ethnicity(models.TextChoices):
    """GB/T 3304, two digits."""

    HAN = "01", _("汉族")
    MONGOL = "02", _("蒙古族")
    HUI = "03", _("回族")
    ZANG = "04", _("藏族")
    UYGUR = "05", _("维吾尔族")
    MIAO = "06", _("苗族")
    YI = "07", _("彝族")
    ZHUANG = "08", _("壮族")
    BOUYEI = "09", _("布依族")
    CHOSON = "10", _("朝鲜族")
    MAN = "11", _("满族")
    DONG = "12", _("侗族")
    YAO = "13", _("瑶族")
    BAI = "14", _("白族")
    TUJIA = "15", _("土家族")
    HANI = "16", _("哈尼族")
    KAZAK = "17", _("哈萨克族")
    DAI = "18", _("傣族")
    LI = "19", _("黎族")
    LISU = "20", _("傈僳族")
    VA = "21", _("佤族")
    SHE = "22", _("畲族")
    GAOSHAN = "23", _("高山族")
    LAHU = "24", _("拉祜族")
    SUI = "25", _("水族")
    DONGXIANG = "26", _("东乡族")
    NAXI = "27", _("纳西族")
    JINGPO = "28", _("景颇族")
    KIRGIZ = "29", _("柯尔克孜族")
    TU = "30", _("土族")
    DAUR = "31", _("达斡尔族")
    MULAO = "32", _("仫佬族")
    QIANG = "33", _("羌族")
    BLANG = "34", _("布朗族")
    SALAR = "35", _("撒拉族")
    MAONAN = "36", _("毛南族")
    GELAO = "37", _("仡佬族")
    XIBE = "38", _("锡伯族")
    ACHANG = "39", _("阿昌族")
    PUMI = "40", _("普米族")
    TAJIK = "41", _("塔吉克族")
    NU = "42", _("怒族")
    UZBEK = "43", _("乌孜别克族")
    RUSS = "44", _("俄罗斯族")
    EWENKI = "45", _("鄂温克族")
    DEANG = "46", _("德昂族")
    BONAN = "47", _("保安族")
    YUGUR = "48", _("裕固族")
    GIN = "49", _("京族")
    TATAR = "50", _("塔塔尔族")
    DERUNG = "51", _("独龙族")
    OROQEN = "52", _("鄂伦春族")
    HEZHEN = "53", _("赫哲族")
    MONBA = "54", _("门巴族")
    LHOBA = "55", _("珞巴族")
    JINO = "56", _("基诺族")
    OTHER = "97", _("其他")
    FOREIGN = "98", _("外国血统")


class Grade(models.TextChoices):
    """Years of schooling: kindergarten 0x, primary 1x, junior 2x, senior 3x, vocational 4x."""

    K1 = "01", _("小班")
    K2 = "02", _("中班")
    K3 = "03", _("大班")
    K4 = "04", _("学前班")
    P1 = "11", _("一年级")
    P2 = "12", _("二年级")
    P3 = "13", _("三年级")
    P4 = "14", _("四年级")
    P5 = "15", _("五年级")
    P6 = "16", _("六年级")
    J1 = "21", _("七年级")
    J2 = "22", _("八年级")
    J3 = "23", _("九年级")
    J4 = "24", _("初四")
    S1 = "31", _("高一")
    S2 = "32", _("高二")
    S3 = "33", _("高三")
    V1 = "41", _("中职一年级")
    V2 = "42", _("中职二年级")
    V3 = "43", _("中职三年级")
