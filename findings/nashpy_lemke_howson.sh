#!/usr/bin/env bash
# nashpy 0.0.43: on games of 4 × 4 integers that are not degenerate `lemke_howson` answers wrongly, or with strategies that
# are no numbers. (On some others, which are not shown here, it does not end.)
#
# Each of the two games has one equilibrium, and at it each player has as many best responses as the other plays
# strategies. The documentation says that the pivoting is done in integers. It returns for the first game, of payoffs below
# 10^6, a profile from which a player gains half a million; for the second, of payoffs up to 100, strategies of 11 and 13
# times `nan` for 4 strategies. numpy's warnings of an overflow are all that is said.
#
# Guess before the run: from each label an equilibrium. And for the cause, when it was not so: integers of 64 bits that
# wrap around. Seen: the tableau is of floats. A pivot multiplies the other rows by the pivot and divides them by nothing,
# where integer pivoting divides by the pivot before; so the entries have twice as many digits after each, are rounded
# from 2^53 on, and beyond 10^308, after some 11 to 17 pivots, they are infinite, and then `nan`.
#
# Exit code 0: still so. The last lines show what was seen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check nashpy==0.0.43 numpy==2.4.6
cat >game.py <<'END'
import sys
import warnings

import nashpy
import numpy

GAMES = {
    "wrong": (
        [[937958, 470611, 365455, 241545], [94508, 165378, 237879, 716677],
         [327574, 287051, 856103, 714368], [83483, 209068, 290401, 941661]],
        [[40535, 526936, 977225, 110598], [782740, 34999, 492712, 931520],
         [979753, 480610, 119532, 262577], [168861, 992594, 394524, 253093]],
        1,
    ),
    "nan": (
        [[32, 88, 58, 51], [34, 60, 49, 30], [60, 43, 71, 0], [68, 100, 4, 10]],
        [[64, 57, 8, 46], [29, 20, 54, 45], [81, 66, 7, 12], [31, 58, 67, 47]],
        1,
    ),
}

warnings.simplefilter("ignore")
first, second, label = GAMES[sys.argv[1]]
first, second = numpy.array(first), numpy.array(second)
game = nashpy.Game(first, second)

(row, column), = game.vertex_enumeration()
print("the equilibrium:", row.round(6) + 0.0, column.round(6) + 0.0, flush=True)

row, column = game.lemke_howson(initial_dropped_label=label)
if len(row) == len(column) == 4:
    gains = (first @ column).max() - row @ first @ column, (row @ second).max() - row @ second @ column
    print("found:", row.round(6), column.round(6), "gains by deviating:", *(round(gain) for gain in gains))
else:
    print("found:", set(map(str, row)), len(row), "times,", set(map(str, column)), len(column), "times")
END
{
    python/bin/python game.py wrong
    python/bin/python game.py nan
} | tee seen
diff - seen <<'END'
the equilibrium: [0.478722 0.       0.521278 0.      ] [0.445626 0.       0.554374 0.      ]
found: [0. 0. 1. 0.] [0.445626 0.       0.554374 0.      ] gains by deviating: 0 476885
the equilibrium: [0.155172 0.       0.       0.844828] [0.       0.818182 0.181818 0.      ]
found: {'nan'} 11 times, {'nan'} 13 times
END
