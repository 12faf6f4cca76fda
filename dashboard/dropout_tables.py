"""Dropout control by place, as its export holds it: what the page shows, and not a number more."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy

from dashboard.board_tables import plain
from dashboard.queries.dropout import Count, DropoutBoard
from dropout.services import movement


class DropoutTable(tables.Table):
    place = plain(gettext_lazy("单位、苏木镇"))

    def __init__(self, board: DropoutBoard):
        columns = [(move, plain(movement.MOVES[move])) for move in board.moves]
        lines = [
            {"place": row.name}
            | {move: _cell(count) for move, count in zip(board.moves, row.counts, strict=True)}
            for row in board.places
        ]
        super().__init__(lines, extra_columns=columns)


def _cell(count: Count):
    return count.text if count.is_hidden else count.number
