"""Answers one job of marking: first what is to be said of the result, then its bytes, piece by piece."""

import socket

from intake.limited import frames
from intake.limited.books import Book
from intake.limited.marking.copies import marked_copy
from intake.limited.marking.places import Job, Notes
from intake.limited.marking.values import is_too_long, values_marked

PIECE = 1024 * 1024
KEPT_WHOLE = ("xlsx", "xlsm")


def serve(control: socket.socket, said: dict, file: int, *, before_values) -> None:
    job = Job.of(said)
    content, notes = marked(job, file, before_values=before_values)
    frames.send(control, {"size": len(content), "notes": notes.in_words(job.words)})
    for start in range(0, len(content), PIECE):
        frames.send_bytes(control, content[start : start + PIECE])


def marked(job: Job, file: int, *, before_values) -> tuple[bytes, Notes]:
    """The marked workbook: a copy where openpyxl can keep it, else its values."""
    notes = Notes()
    book = Book(file, job.form)
    book.open(before_values=before_values)
    if job.only_faulty or is_too_long(book):
        notes.add("only_faulty")
        return values_marked(book, job, notes, only_faulty=True), notes
    if job.form in KEPT_WHOLE:
        try:
            with open(f"/proc/self/fd/{file}", "rb") as original:
                return marked_copy(original, job)
        except MemoryError:
            raise
        except Exception:  # calamine is more patient with odd files than openpyxl
            notes.add("not_kept")
    else:
        notes.add("values")
    return values_marked(book, job, notes, only_faulty=False), notes
