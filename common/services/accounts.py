"""What people do to accounts: made, signed in and out, locked, reset, switched off and on."""

import secrets
from datetime import timedelta

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Sum

from common import audit, changes, clock
from common.models import User

# Without 0 O 1 l I: the password is read aloud and typed once.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
UNKNOWN = "***"  # what somebody typed may be a password, so it is not kept


class UsernameTaken(Exception):
    """There is an account of that name."""


class OwnAccount(Exception):
    """What another person does to an account, nobody does to their own."""


class SamePassword(Exception):
    """The new password is the old one."""


def one_time_password() -> str:
    """Random, easy to read out: three groups of four."""
    return "-".join("".join(secrets.choice(LETTERS) for _n in range(4)) for _g in range(3))


@transaction.atomic
def create_account(
    username: str,
    *,
    by,
    name: str,
    phone: str = "",
    active: bool = False,
    password: str | None = None,
    has_password: bool = True,
) -> tuple[User, str]:
    """A new account and its first password, which must be changed at the first sign-in.

    It is inactive until its first posting is confirmed, unless `active` says otherwise. Without a
    password nobody signs in until one is handed out (`reset_password`).
    """
    password = (password or one_time_password()) if has_password else None
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username,
                password,
                name=name,
                phone=phone,
                is_active=active,
                must_change_password=True,
            )
    except IntegrityError:
        raise UsernameTaken(username) from None
    audit.record("common.account_created", user, by=by, after={"active": active})
    return user, password or ""


@transaction.atomic
def change_account(user: User, *, by, name: str, phone: str) -> User:
    """Correct the name or telephone; the event says which, not what."""
    user = User.objects.select_for_update().get(pk=user.pk)
    fields = [f for f, new in (("name", name), ("phone", phone)) if getattr(user, f) != new]
    if fields:
        with changes.record("common.account_changed", by=by, at=clock.now(), subject=user) as made:
            made.update(user, name=name, phone=phone)
        audit.record("common.account_changed", user, by=by, after={"fields": fields})
    return user


@transaction.atomic
def change_phone(user: User, *, phone: str) -> User:
    """One's own telephone."""
    return change_account(user, by=user, name=user.name, phone=phone)


@transaction.atomic
def prefer(user: User, **chosen: str) -> None:
    """Remember language, text size or row height. A taste, not a deed: no event."""
    User.objects.filter(pk=user.pk).update(**chosen)
    for field, value in chosen.items():
        setattr(user, field, value)


@transaction.atomic
def change_password(user: User, *, password: str) -> User:
    """One's own password. Sessions elsewhere end, since they carry a hash of the old one."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.check_password(password):
        raise SamePassword
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    audit.record("common.password_changed", user, by=user)
    return user


@transaction.atomic
def reset_password(user: User, *, by) -> str:
    """A one-time password; every session of the account ends and a lock is lifted."""
    if user.pk == by.pk:
        raise OwnAccount(user)
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    _attempts(user).delete()
    audit.record("common.password_reset", user, by=by)
    return password


@transaction.atomic
def set_active(user: User, *, by, active: bool) -> User:
    """Switch an account off, which ends its sessions, or on again."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        verb = "common.account_activated" if active else "common.account_deactivated"
        audit.record(verb, user, by=by)
    return user


# Signing in --------------------------------------------------------------------------------------
def _attempts(user: User):
    return AccessAttempt.objects.filter(username=user.username)


def is_locked(user: User, *, at) -> bool:
    """Is the account locked from any address?"""
    since = at - get_cool_off()
    return (
        _attempts(user)
        .filter(attempt_time__gte=since)
        .values("ip_address")
        .annotate(failures=Sum("failures_since_start"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
        .exists()
    )


@transaction.atomic
def unlock(user: User, *, by) -> bool:
    """Let a locked account try again at once. False if no failure is remembered."""
    if not _attempts(user).exists():
        return False
    _attempts(user).delete()
    audit.record("common.account_unlocked", user, by=by)
    return True


def minutes_locked(username: str, address: str | None, *, at) -> int:
    """How long the lock still holds, in begun minutes; the same for a name that does not exist."""
    found = AccessAttempt.objects.filter(username=username, ip_address=address)
    last = found.aggregate(last=Max("attempt_time"))["last"]
    left = (last + get_cool_off() - at) if last else get_cool_off()
    return max(1, -(-left // timedelta(minutes=1)))


def record_sign_in(user: User) -> None:
    audit.record("common.signed_in", user, by=user)


def record_sign_out(user: User) -> None:
    audit.record("common.signed_out", user, by=user)


def record_failure(username: str, *, locked: bool, request) -> None:
    """A sign-in that did not succeed; what was typed is named only if it is an account."""
    user = User.objects.filter(username=username).first()
    title = "" if user else UNKNOWN
    audit.record(
        "common.sign_in_failed",
        user,
        by=None,
        refused=True,
        title=title,
        after={"locked": locked},
    )
    just_now = getattr(request, "axes_failures_since_start", 0) == settings.AXES_FAILURE_LIMIT
    if locked and just_now:
        audit.record("common.account_locked", user, by=None, title=title)
