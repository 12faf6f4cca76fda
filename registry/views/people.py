"""Accounts and rights. One administrator makes and proposes, another confirms; neither does both."""

from django.contrib import messages
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import audit, clock
from common.access import requires, signed_in
from common.exports import export_response
from common.htmx import page_or_partial
from common.lists import arrange
from common.services import accounts
from registry.models import Posting
from registry.people_filters import AccountFilter, PostingFilter
from registry.people_forms import (
    AccountForm,
    DeputyForm,
    EndForm,
    HandOverForm,
    NewAccountForm,
    PostingForm,
)
from registry.people_tables import AccountTable, PostingTable, state_of_account
from registry.roles import ADMINISTRATORS
from registry.services import people, postings

READ_OR_SEND = ["GET", "HEAD", "POST"]


def _why(fault: Exception) -> str:
    """What to tell the person whose deed was refused."""
    match fault:
        case postings.SamePerson():
            return _("自己提出的、给自己的，都不能自己确认。请另一位管理员办理。")
        case postings.RolesClash():
            return _("三员要由三个人担任，也不能兼业务角色。先结束原来的任职，或另选一人。")
        case postings.AlreadyHeld():
            return _("已有同样的任职，或已提出过。")
        case postings.WrongUnit():
            return _("这个角色不能放在这类单位，请改选单位。")
        case postings.LastAdministrator():
            return _("这是最后一位系统管理员或安全管理员，先确认一位接任的，再办这一步。")
        case postings.NotAColleague():
            return _("只能交给本单位的同事。")
        case accounts.OwnAccount():
            return _("自己的密码请在“我的账号”里改。")
    return _("已由他人办过，或已经结束。现在是最新的情况。")


FAULTS = (
    postings.SamePerson,
    postings.RolesClash,
    postings.AlreadyHeld,
    postings.AlreadyEnded,
    postings.WrongUnit,
    postings.LastAdministrator,
    postings.NotAColleague,
    accounts.OwnAccount,
)


def _refused(request, verb, subject, fault) -> str:
    """Log a deed that a rule turned down; returns what to tell."""
    said = _why(fault)
    audit.record(verb, subject, by=request.user, refused=True, after={"reason": said})
    return said


# Accounts ----------------------------------------------------------------------------------------
@requires("registry.view_account")
@require_safe
def account_list(request):
    today = clock.today()
    found = AccountFilter(request.GET, queryset=people.accounts_for_list(today), today=today)
    table = AccountTable(found.qs)
    arrange(request, table)
    file = export_response(request, table, _("账号"))
    if file:
        return file
    context = {"filter": found, "table": table}
    return page_or_partial(
        request, "registry/account_list.html", "registry/_account_table.html", context
    )


@requires("common.manage_accounts")
@never_cache
@require_http_methods(READ_OR_SEND)
def account_create(request):
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = accounts.create_account(by=request.user, **form.cleaned_data)
        except accounts.UsernameTaken:
            form.add_error("username", _("已有同名账号，请换一个。"))
        else:
            return _password_shown(request, user, password, fresh=True)
    return _form_page(
        request,
        form,
        title=_("建账号"),
        verb=_("建账号"),
        text=_("建好后账号是停用的。接着提出任职，安全管理员确认后才能登录。"),
    )


def _form_page(request, form, **shown):
    context = {"form": form, **shown}
    return render(
        request, "registry/account_form.html", context, status=422 if form.errors else 200
    )


def _password_shown(request, user, password, *, fresh):
    """The only time that the one-time password is shown; it is stored nowhere."""
    context = {"account": user, "password": password, "fresh": fresh}
    return render(request, "registry/account_password.html", context)


@requires("registry.view_account")
@require_safe
def account_detail(request, pk):
    return _detail(request, _account(pk))


def _account(pk):
    return get_object_or_404(people.accounts_for_list(clock.today()), pk=pk)


def _detail(request, account, form=None, fault="", status=200):
    today = clock.today()
    rows = Posting.objects.of(account).for_administration()
    table = PostingTable(
        rows,
        today=today,
        viewer=request.user,
        csrf_token=get_token(request),
        back="account",
        exclude=("user",),
    )
    table.exports, table.empty_text = False, _("还没有任职：提出任职，安全管理员确认后才能登录")
    look, word = state_of_account(account)
    context = {
        "account": account,
        "look": look,
        "word": word,
        "locked": accounts.is_locked(account, at=clock.now()),
        "table": table,
        "form": form or PostingForm(today=today),
        "fault": fault,
        "own": account.pk == request.user.pk,
        "manages": request.user.has_perm("common.manage_accounts"),
        "decides": request.user.has_perm("common.confirm_rights"),
        "resets": request.user.has_perm("common.reset_password"),
    }
    return render(request, "registry/account_detail.html", context, status=status)


@requires("common.manage_accounts")
@require_http_methods(READ_OR_SEND)
def account_edit(request, pk):
    account = _account(pk)
    form = AccountForm(request.POST or None, initial={"name": account.name, "phone": account.phone})
    if request.method == "POST" and form.is_valid():
        accounts.change_account(account, by=request.user, **form.cleaned_data)
        messages.success(request, _("姓名、电话已改"))
        return redirect("registry:account-detail", pk)
    return _form_page(request, form, title=_("改姓名、电话"), verb=_("保存"), account=account)


@requires("common.manage_accounts")
@require_POST
def posting_propose(request, pk):
    account = _account(pk)
    form = PostingForm(request.POST, today=clock.today())
    if not form.is_valid():
        return _detail(request, account, form=form, status=422)
    try:
        postings.propose_posting(account, by=request.user, **form.cleaned_data)
    except FAULTS as fault:
        said = _refused(request, "registry.posting_proposed", account, fault)
        return _detail(request, account, form=form, fault=said, status=422)
    messages.success(request, _("已提出，等安全管理员确认"))
    return redirect("registry:account-detail", pk)


@requires("common.reset_password")
@never_cache
@require_POST
def account_reset(request, pk):
    account = _account(pk)
    try:
        password = accounts.reset_password(account, by=request.user)
    except accounts.OwnAccount as fault:
        messages.warning(request, _refused(request, "common.password_reset", account, fault))
        return redirect("registry:account-detail", pk)
    return _password_shown(request, account, password, fresh=False)


@requires("common.reset_password")
@require_POST
def account_unlock(request, pk):
    if accounts.unlock(_account(pk), by=request.user):
        messages.success(request, _("已解除锁定，现在就能登录"))
    else:
        messages.info(request, _("这个账号没有锁定，没有改动"))
    return redirect("registry:account-detail", pk)


@requires("common.confirm_rights")
@require_POST
def account_deactivate(request, pk):
    account = _account(pk)
    try:
        postings.deactivate_account(account, by=request.user, on=clock.today())
    except FAULTS as fault:
        messages.warning(request, _refused(request, "common.account_deactivated", account, fault))
    else:
        messages.success(request, _("已停用，正在用的登录也已退出"))
    return redirect("registry:account-detail", pk)


@requires("common.confirm_rights")
@require_POST
def account_reactivate(request, pk):
    account = _account(pk)
    if not account.ever_confirmed:
        messages.warning(request, _("还没有确认过的任职。先确认任职，账号随之启用。"))
        return redirect("registry:account-detail", pk)
    accounts.set_active(account, by=request.user, active=True)
    messages.success(request, _("已启用"))
    return redirect("registry:account-detail", pk)


# Postings ----------------------------------------------------------------------------------------
@requires("registry.view_account")
@require_safe
def posting_list(request):
    today = clock.today()
    found = PostingFilter(request.GET, queryset=Posting.objects.for_administration(), today=today)
    table = PostingTable(found.qs, today=today, viewer=request.user, csrf_token=get_token(request))
    arrange(request, table)
    file = export_response(request, table, _("任职"))
    if file:
        return file
    context = {"filter": found, "table": table, "waiting": Posting.objects.waiting().count()}
    return page_or_partial(
        request, "registry/posting_list.html", "registry/_posting_table.html", context
    )


def _posting(pk):
    return get_object_or_404(Posting.objects.for_administration(), pk=pk)


def _decide(request, pk, deed, verb, done, **facts):
    """One decision about a posting, and back to where the button stood."""
    posting = _posting(pk)
    try:
        deed(posting, by=request.user, **facts)
    except FAULTS as fault:
        messages.warning(request, _refused(request, verb, posting, fault))
    else:
        messages.success(request, done)
    if request.POST.get("back") == "account":
        return redirect("registry:account-detail", posting.user_id)
    return redirect("registry:posting-list")


@requires("common.confirm_rights")
@require_POST
def posting_confirm(request, pk):
    verb = "registry.posting_confirmed"
    return _decide(request, pk, postings.confirm_posting, verb, _("已确认，到日子即生效"))


@requires("common.confirm_rights")
@require_POST
def posting_refuse(request, pk):
    verb = "registry.posting_refused"
    return _decide(request, pk, postings.refuse_posting, verb, _("没有同意，日志里留有记录"))


@requires("common.confirm_rights")
@require_POST
def posting_agree_end(request, pk):
    """End on the proposed day."""
    verb = "registry.posting_ended"
    return _decide(request, pk, postings.agree_end, verb, _("已定下最后一天"))


@requires("common.confirm_rights")
@require_POST
def posting_refuse_end(request, pk):
    verb = "registry.posting_end_refused"
    return _decide(request, pk, postings.refuse_end, verb, _("任职照旧"))


@requires("common.confirm_rights")
@require_http_methods(READ_OR_SEND)
def posting_end(request, pk):
    deed, verb = postings.end_posting, "registry.posting_ended"
    return _end_page(request, pk, deed, verb, _("结束任职"), _("已定下最后一天"))


@requires("common.manage_accounts")
@require_http_methods(READ_OR_SEND)
def posting_propose_end(request, pk):
    deed, verb = postings.propose_end, "registry.posting_end_proposed"
    return _end_page(request, pk, deed, verb, _("提出结束"), _("已提出，等安全管理员确认"))


def _end_page(request, pk, deed, verb, word, done):
    posting = _posting(pk)
    form = EndForm(request.POST or None, today=clock.today())
    if request.method == "POST" and form.is_valid():
        try:
            deed(posting, by=request.user, on=form.cleaned_data["on"])
        except FAULTS as fault:
            form.add_error("on", _refused(request, verb, posting, fault))
        else:
            messages.success(request, done)
            return redirect("registry:account-detail", posting.user_id)
    context = {"posting": posting, "form": form, "word": word}
    return render(request, "registry/posting_end.html", context, status=422 if form.errors else 200)


# One's own posting -------------------------------------------------------------------------------
def _own(request, pk):
    """A business posting that the person holds today, not as a deputy; a stranger's is none."""
    mine = Posting.objects.of(request.user).in_force(clock.today()).select_related("unit")
    return get_object_or_404(mine.exclude(role__in=ADMINISTRATORS).filter(deputy_for=None), pk=pk)


@signed_in
@require_http_methods(READ_OR_SEND)
def posting_deputise(request, pk):
    posting = _own(request, pk)
    return _pass_on(request, posting, DeputyForm, postings.deputise, title=_("请同事代办"))


@signed_in
@require_http_methods(READ_OR_SEND)
def posting_hand_over(request, pk):
    posting = _own(request, pk)
    return _pass_on(request, posting, HandOverForm, postings.hand_over, title=_("移交给同事"))


def _pass_on(request, posting, form_of, deed, *, title):
    today = clock.today()
    choice = postings.colleagues(posting, on=today)
    form = form_of(request.POST or None, posting=posting, people=choice, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            deed(posting, by=request.user, asked_on=today, **form.cleaned_data)
        except FAULTS as fault:
            form.add_error("to", _refused(request, "registry.posting_proposed", posting, fault))
        else:
            messages.success(request, _("已提出，等安全管理员确认"))
            return redirect("accounts:me")
    context = {
        "posting": posting,
        "form": form,
        "title": title,
        "handing_over": form_of is HandOverForm,
        "anybody": form.fields["to"].queryset.exists(),
    }
    return render(
        request, "registry/posting_pass_on.html", context, status=422 if form.errors else 200
    )


@signed_in
@require_POST
def posting_withdraw(request, pk):
    mine = Posting.objects.proposed().proposed_by(request.user)
    posting = get_object_or_404(mine, pk=pk)
    try:
        postings.withdraw_posting(posting, by=request.user)
    except FAULTS as fault:
        messages.warning(request, _why(fault))
    else:
        messages.success(request, _("已收回"))
    return redirect("accounts:me")
