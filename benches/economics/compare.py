"""Solves the auctions and games of the bench by CP-SAT and by nashpy as well, compares the answers, and prints times.

They take turns with Synod, pass by pass, so that whatever else the machine does meets all of them. An auction or a
game counts with the median of its passes.
"""

import csv
import json
import subprocess
import sys
import time
import warnings
from fractions import Fraction
from pathlib import Path
from statistics import median

import nashpy
import numpy
from ortools.sat.python import cp_model

PASSES = 5
BENCH = ["cargo", "bench", "--quiet", "--locked", "-p", "synod-economics", "--bench", "economics", "--"]
INSTANCES = Path(__file__).parent / "instances"

# Synod reads prices to micro-units.
MICRO = 10**6

# nashpy answers in floats.
TOLERANCE = 1e-9

SYNOD = "synod"
CP_SAT = "CP-SAT"
SUPPORTS = "nashpy, supports"
EQUAL_SUPPORTS = "nashpy, equal supports"
VERTICES = "nashpy, vertices"

GAME_SOLVERS = {
    SUPPORTS: lambda game: game.support_enumeration(),
    EQUAL_SUPPORTS: lambda game: game.support_enumeration(non_degenerate=True),
    VERTICES: lambda game: game.vertex_enumeration(),
}


def model(path):
    """The auction as a model: a Boolean for each bid, at most one for each good and for each dummy, that is, bidder."""
    made = cp_model.CpModel()
    sharing, revenue = {}, []
    for line in path.read_text().splitlines():
        if not line.endswith("#"):
            continue
        _, price, *goods, _ = line.split()
        bid = made.new_bool_var("")
        revenue.append(int(price) * bid)
        for good in goods:
            sharing.setdefault(good, []).append(bid)
    for bids in sharing.values():
        made.add_at_most_one(bids)
    made.maximize(sum(revenue))
    return made


def solve_auction(number):
    """The best welfare, and the seconds that CP-SAT says it took, on one thread and without the making of the model."""
    made = model(INSTANCES / f"{int(number):02}.cats")
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(made) == cp_model.OPTIMAL
    return round(solver.objective_value), solver.wall_time


def are_near(one, other):
    pairs = zip(one, other)
    return all(abs(float(a) - float(b)) < TOLERANCE for x, y in pairs for a, b in zip(x, y))


def lacks(some, others):
    """How many of the others have no equal among some."""
    return sum(not any(are_near(one, other) for one in some) for other in others)


class Times:
    """Seconds of each solver, by what was solved."""

    def __init__(self):
        self.seconds = {}

    def add(self, solver, thing, seconds):
        self.seconds.setdefault(solver, {}).setdefault(thing, []).append(seconds)

    def print(self):
        medians = {
            solver: {thing: median(passes) for thing, passes in things.items()}
            for solver, things in self.seconds.items()
        }
        ours = medians[SYNOD]
        print(f"{'':24}{'median':>12}{'times as long':>16}{'from':>8}{'to':>8}")
        for solver, things in medians.items():
            ratios = sorted(seconds / ours[thing] for thing, seconds in things.items())
            micros = f"{median(things.values()) * 1e6:,.0f} µs"
            print(f"{solver:24}{micros:>12}{median(ratios):>16.1f}{ratios[0]:>8.1f}{ratios[-1]:>8.1f}")
        print()


def compare_auctions(folder, times):
    for row in csv.DictReader((folder / "auctions.csv").open()):
        welfare, seconds = solve_auction(row["auction"])
        assert row["proven"] == "true" and int(row["welfare"]) == welfare * MICRO, row
        times.add(SYNOD, row["auction"], int(row["nanoseconds"]) / 1e9)
        times.add(CP_SAT, row["auction"], seconds)


def compare_games(folder, times, missed):
    for number, line in enumerate((folder / "games.jsonl").open()):
        row = json.loads(line)
        ours = [[list(map(Fraction, strategy)) for strategy in each] for each in row["equilibria"]]
        game = nashpy.Game(numpy.array(row["first"]), numpy.array(row["second"]))
        times.add(SYNOD, number, row["nanoseconds"] / 1e9)
        for solver, solve in GAME_SOLVERS.items():
            start = time.perf_counter()
            theirs = list(solve(game))
            times.add(solver, number, time.perf_counter() - start)
            assert lacks(ours, theirs) == 0, f"game {number}: {solver} found more"
            if lacks(theirs, ours):
                missed[solver].add(number)
    return number + 1


def main():
    folder = Path(sys.argv[1])
    auctions, games = Times(), Times()
    missed = {solver: set() for solver in GAME_SOLVERS}
    # nashpy takes an even number of equilibria for a sign of a degenerate game.
    warnings.simplefilter("ignore", RuntimeWarning)
    for _ in range(PASSES):
        subprocess.run([*BENCH, str(folder.resolve())], check=True, stdout=subprocess.DEVNULL)
        compare_auctions(folder, auctions)
        count = compare_games(folder, games, missed)
    auctions.print()
    games.print()
    print("The best welfare is the same in all auctions. Nobody finds an equilibrium that Synod does not.")
    for solver, numbers in missed.items():
        print(f"{solver}: not all equilibria in {len(numbers)} of {count} games")
    assert not missed[VERTICES], "enumeration of vertices finds all that Synod finds"


main()
