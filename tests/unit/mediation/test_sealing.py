"""The cryptography of sealed notes: what opens, what does not, and that nothing of the clear text is left in the bytes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casedesk.mediation import sealing
from casedesk.mediation.sealing import Bound, DoesNotOpen

PAIR, OTHER = sealing.new_key_pair(), sealing.new_key_pair()
KEY = sealing.new_data_key()
HERE = Bound(file_id=7, author_id=3, person_id=3)


@given(st.binary(max_size=3_000))
def test_a_note_opens_as_it_was_sealed_and_shows_nothing_of_itself(clear: bytes) -> None:
    box = sealing.seal_note(KEY, clear, 7, "note", 3)
    assert sealing.open_note(KEY, box, 7, "note", 3) == clear
    assert len(clear) < 8 or clear not in box


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_short_notes_are_all_of_one_length(one: bytes, other: bytes) -> None:
    sealed = [sealing.seal_note(KEY, clear, 7, "note", 3) for clear in (one, other)]
    assert len(sealed[0]) == len(sealed[1])


@pytest.mark.parametrize("about", [(8, "note", 3), (7, "other", 3), (7, "note", 4)])
def test_a_note_moved_to_another_file_number_or_author_does_not_open(about: tuple[int, str, int]) -> None:
    box = sealing.seal_note(KEY, b"380 would do", 7, "note", 3)
    with pytest.raises(DoesNotOpen):
        sealing.open_note(KEY, box, *about)


@given(st.integers(0, 283), st.integers(1, 255))
def test_one_changed_bit_anywhere_is_refused(at: int, flip: int) -> None:
    box = bytearray(sealing.seal_note(KEY, b"380 would do", 7, "note", 3))
    box[at] ^= flip
    with pytest.raises(DoesNotOpen):
        sealing.open_note(KEY, bytes(box), 7, "note", 3)


def test_a_data_key_opens_with_the_private_key_it_was_wrapped_for_and_no_other() -> None:
    wrapped = sealing.wrap_data_key(KEY, PAIR.public, HERE)
    assert sealing.unwrap_data_key(wrapped, PAIR.private, HERE) == KEY
    for private, bound in (
        (OTHER.private, HERE),
        (PAIR.private, replace(HERE, file_id=8)),
        (PAIR.private, replace(HERE, author_id=9)),
        (PAIR.private, replace(HERE, person_id=9)),
    ):
        with pytest.raises(DoesNotOpen):
            sealing.unwrap_data_key(wrapped, private, bound)


@settings(max_examples=3, deadline=None)
@given(st.text(min_size=14, max_size=60))
def test_the_passphrase_opens_the_private_key_and_a_wrong_one_does_not(passphrase: str) -> None:
    wrapped = sealing.wrap_by_passphrase(PAIR.private, passphrase, 3)
    assert sealing.unwrap_by_passphrase(wrapped, passphrase, 3) == PAIR.private
    with pytest.raises(DoesNotOpen):
        sealing.unwrap_by_passphrase(wrapped, passphrase + "x", 3)


def test_a_private_key_wrapped_for_one_person_is_not_opened_as_anothers() -> None:
    with pytest.raises(DoesNotOpen):
        sealing.unwrap_by_code(sealing.wrap_by_code(PAIR.private, "CODE", 3), "CODE", 4)


def test_the_recovery_code_is_read_as_people_write_it() -> None:
    code = sealing.new_recovery_code()
    assert len(code.replace("-", "")) == 32
    wrapped = sealing.wrap_by_code(PAIR.private, code, 3)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert sealing.unwrap_by_code(wrapped, typed, 3) == PAIR.private
    with pytest.raises(DoesNotOpen):
        sealing.unwrap_by_code(wrapped, sealing.new_recovery_code(), 3)


def test_the_name_of_an_unlocking_is_not_its_key() -> None:
    key = sealing.new_unlock_key()
    box = sealing.wrap_for_unlock(PAIR.private, key, 3)
    assert sealing.unwrap_for_unlock(box, key, 3) == PAIR.private
    assert sealing.unlock_id(key) != key.hex()
    with pytest.raises(DoesNotOpen):
        sealing.unwrap_for_unlock(box, bytes.fromhex(sealing.unlock_id(key)), 3)


@given(st.text(max_size=60))
def test_whatever_stands_in_the_cookie_is_read_without_an_error(text: str) -> None:
    key = sealing.cookie_key(text)
    assert key is None or len(key) == sealing.KEY_BYTES


def test_secrets_are_not_shown_by_repr() -> None:
    from casedesk.mediation.sealed.commands import Opened, SealNote

    assert "private" not in repr(Opened(3, b"private"))
    assert "380" not in repr(SealNote(7, "380 would do", "customer"))
