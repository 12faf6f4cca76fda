"""What is encrypted stays so, and opens only where it belongs."""

import errno
import hmac

import pytest
from django.test import override_settings

from common import crypto, masks, vault

OLD = "k1:" + "00" * 32
BOTH = "k2:" + "22" * 32 + "," + OLD


def test_a_value_comes_back_and_names_its_key():
    stored = crypto.encrypt("152921201509010014", "identifier.value")
    assert stored.startswith("k1:") and "15292" not in stored
    assert crypto.decrypt(stored, "identifier.value") == "152921201509010014"


def test_equal_values_have_different_ciphertexts_and_one_index():
    one, two = (crypto.encrypt("13800000000", "guardian.phone") for _ in range(2))
    assert one != two
    index = crypto.blind_index("13800000000", "guardian.phone")
    assert index == crypto.blind_index("13800000000", "guardian.phone")
    assert index != crypto.blind_index("13800000000", "another.column")


def test_the_index_is_a_keyed_hash_of_purpose_and_value(settings):
    keyed = hmac.new(bytes.fromhex(settings.INDEX_KEY), "一种\0那仁".encode(), "sha256")
    assert crypto.blind_index("那仁", "一种").hex == keyed.hexdigest()[:32]


def test_a_value_moved_to_another_column_does_not_open():
    stored = crypto.encrypt("152921201509010014", "identifier.value")
    with pytest.raises(crypto.Unreadable):
        crypto.decrypt(stored, "guardian.phone")


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-4] + "AAA=", lambda s: "k9" + s[2:], lambda s: "x"]
)
def test_a_spoilt_value_says_so_and_quotes_nothing(spoil):
    stored = spoil(crypto.encrypt("152921201509010014", "identifier.value"))
    with pytest.raises(crypto.Unreadable) as told:
        crypto.decrypt(stored, "identifier.value")
    assert stored not in str(told.value)


def test_a_new_key_encrypts_and_the_old_one_still_opens():
    with override_settings(FIELD_KEYS=OLD):
        old = crypto.encrypt("一", "p")
    with override_settings(FIELD_KEYS=BOTH):
        assert crypto.encrypt("一", "p").startswith("k2:")
        assert crypto.decrypt(old, "p") == "一"


@pytest.mark.parametrize("size", [0, 1, vault.PIECE - 1, vault.PIECE, vault.PIECE * 2 + 5])
def test_the_vault_gives_back_what_it_got(size):
    held = bytes(range(256)) * (size // 256 + 1)
    key = vault.put([held[:size]])
    assert b"".join(vault.read(key)) == held[:size]
    assert size < 16 or held[:16] not in vault.path_of(key).read_bytes()
    vault.remove(key)
    with pytest.raises(vault.Gone):
        list(vault.read(key))


def test_a_file_cut_short_does_not_open():
    key = vault.put([b"a" * (vault.PIECE + 10)])
    path = vault.path_of(key)
    path.write_bytes(path.read_bytes()[: vault.PIECE + 47])
    with pytest.raises(vault.Gone):
        list(vault.read(key))


def test_a_full_disk_is_told_and_leaves_nothing(monkeypatch):
    before = set(vault.path_of("00").parent.parent.rglob("*.part"))

    def no_room(*_paths):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(vault.os, "replace", no_room)
    with pytest.raises(vault.Full):
        vault.put([b"abc"])
    assert set(vault.path_of("00").parent.parent.rglob("*.part")) == before


def test_masks_keep_what_tells_people_apart_and_no_more():
    assert masks.id_number("152921201509010014") == "1529**********0014"
    assert masks.phone("13800001234") == "138****1234"
    assert masks.card("6222020000001234567") == "***************4567"
    assert masks.name("那日苏") == "那**"
    assert masks.address("阿拉善左旗巴彦浩特镇") == "阿拉善左旗******"
    assert masks.id_number("1234") == "****" and masks.name("") == ""
