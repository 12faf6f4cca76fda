"""Opens a workbook of any accepted format in a limited child process and hands over its cells."""

from intake.reading.book import Book, SheetInfo, open_book

__all__ = ["Book", "SheetInfo", "open_book"]
