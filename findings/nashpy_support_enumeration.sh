#!/usr/bin/env bash
# nashpy 0.0.43: `support_enumeration` misses the only equilibrium of a game of 2 × 3 small integers, and says that the
# game is degenerate.
#
# Its documentation names Algorithm 3.4 of *Algorithmic Game Theory* (2007), which finds all equilibria of a game that is
# not degenerate. This one is not: its only equilibrium is ((2/3, 1/3), (0, 1/2, 1/2)), where each has as many best responses as the other plays
# strategies. `vertex_enumeration` of the same package finds it. Of 200 random games of 5 × 5 integers from −100 to
# 100 it misses equilibria in 142.
#
# Guess before the run: the test of best responses compares floats for equality, and fails by a last bit. Seen: what
# fails comes before. That a strategy outside the support has probability 0 is solved for as one more equation of the
# system, in floats, and comes out as −2e-16; then the solution is discarded since not all is ≥ 0. (Where it comes out
# above 0, it is discarded if it is above 1e-16.) No equilibrium was lost to the test of best responses.
#
# Exit code 0: still so. The last lines show what was seen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check nashpy==0.0.43 numpy==2.4.6
cat >game.py <<'END'
import warnings

import nashpy
import numpy
from nashpy.algorithms.support_enumeration import solve_indifference

first = numpy.array([[1, 3, 1], [3, 0, 4]])
second = numpy.array([[0, 2, 3], [1, 5, 3]])
game = nashpy.Game(first, second)

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    print("by supports:", len(list(game.support_enumeration())))
    print(*str(said[0].message).split())

(row, column), = game.vertex_enumeration()
print("by vertices:", row.round(6), column.round(6))

# Each earns the same by all that it plays, and less by what it does not.
row, column = numpy.array([2, 1]), numpy.array([0, 1, 1])
print("payoffs, times 2 and times 3:", first @ column, row @ second)

print("the strategy on the right support:", solve_indifference(first, rows=(0, 1), columns=(1, 2)))
END
python/bin/python game.py | tee seen
diff - seen <<'END'
by supports: 0
An even number of (0) equilibria was returned. This indicates that the game is degenerate. Consider using another algorithm to investigate.
by vertices: [0.666667 0.333333] [0.  0.5 0.5]
payoffs, times 2 and times 3: [4 4] [1 9 9]
the strategy on the right support: False
END
