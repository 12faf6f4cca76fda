"""What runs in the limited child process, and nothing else.

A workbook is read here under limits of memory, time and files, because nothing but a process of its
own contained every hostile file that was tried. No module of this package may import Django or a
module that does: the child starts in some fifty milliseconds and holds no key, no setting and no
connection that a broken reader could give away.
"""
