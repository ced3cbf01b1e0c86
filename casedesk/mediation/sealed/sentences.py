"""What a mediator reads when the sealed notes refuse."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "notes.short": _l("The passphrase is too short: %(least)s characters at least. Five words do."),
    "notes.long": _l("The passphrase is too long: 200 characters at most."),
    "notes.simple": _l("This passphrase is too easy to guess. Take five words that do not belong together."),
    "notes.differ": _l("The two passphrases differ. Type the new one twice."),
    "notes.passphrase": _l(
        "This is not your notes passphrase. It is another one than your password; type it again."
    ),
    "notes.recovery": _l("This recovery code opens nothing. Check it sign by sign."),
    "notes.set_up_before": _l("Your key for notes is set up already. Unlock the notes with your passphrase."),
    "notes.not_set_up": _l("You have no key for sealed notes yet. Set it up first."),
    "notes.empty": _l("Write the note first."),
    "notes.too_long": _l("The note is too long: %(most)s characters at most. Make two of it."),
    "notes.not_writable": _l("No note can be added to this file any more."),
    "notes.tampered": _l(
        "A note or key of this file was changed behind the desk's back, so nothing of it is shown. Tell the administrator; a backup may have it whole."
    ),
    "notes.no_successor": _l("Nobody has taken this file over yet. Hand the notes over once somebody has."),
    "notes.successor_without_key": _l(
        "%(name)s has no key for sealed notes yet. Ask for it to be set up, then hand over."
    ),
}
