//! Winner determination and equilibria: what they come to, what work they are, and how long they take.
//!
//! `cargo bench -p synod-economics --bench economics` prints a line for each auction in `instances/` and one for 200
//! games. `-- FOLDER` also writes `auctions.csv` and `games.jsonl`, for `compare.sh`. `-- --write` makes the instances
//! anew.
#![allow(clippy::print_stdout, reason = "it reports")]
#![allow(clippy::disallowed_types, reason = "it measures time")]

mod random;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use synod_economics::combinatorial::branch::{self, Bound};
use synod_economics::combinatorial::{Problem, STEPS_DEFAULT, solve};
use synod_economics::file::Cats;
use synod_economics::game::{Equilibria, Mixed, NormalForm, support_enumeration};

/// How many auctions there are.
const AUCTIONS: u64 = 50;

/// How many games there are.
const GAMES: usize = 200;

/// How many strategies each player of a game has.
const STRATEGIES: usize = 5;

/// The least median of the nodes at which an auction is hard.
const NODES_LEAST: u64 = 1_000;

/// What an auction comes to.
struct Auction {
    number: u64,
    welfare: i64,
    proven: bool,
    /// The nodes that branch and bound visits with its weaker bound, and with prices.
    nodes: [u64; 2],
    time: Duration,
}

/// What a game comes to.
struct Game {
    payoffs: [Vec<Vec<i64>>; 2],
    found: Equilibria,
    time: Duration,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments == ["--write"] {
        return (0..AUCTIONS).for_each(|number| write(&path(number), &random::auction(number)));
    }
    let (auctions, games) = (auctions(), games());
    if let [folder] = arguments.as_slice() {
        write(&Path::new(folder).join("auctions.csv"), &auctions_csv(&auctions));
        write(&Path::new(folder).join("games.jsonl"), &games_json(&games));
    }
}

fn auctions() -> Vec<Auction> {
    println!(
        "{:<8}{:>12}{:>8}{:>16}{:>16}{:>12}",
        "auction", "welfare", "proven", "nodes (shares)", "nodes (prices)", "time"
    );
    let auctions: Vec<Auction> = (0..AUCTIONS).map(auction).collect();
    let nodes = |bound: usize| median(auctions.iter().map(|auction| auction.nodes[bound]));
    let time = median(auctions.iter().map(|auction| auction.time));
    println!("{:<8}{:>12}{:>8}{:>16}{:>16}{time:>12.1?}\n", "median", "", "", nodes(0), nodes(1));
    assert!(nodes(0) >= NODES_LEAST, "the auctions are hard");
    auctions
}

fn auction(number: u64) -> Auction {
    let text = fs::read_to_string(path(number)).expect("the instance is there");
    assert!(text == random::auction(number), "instance {number} is as `--write` writes it");
    let problem = Cats::read(&text).expect("it is a file of CATS").problem().expect("it is a problem");
    let (solution, time) = timed(|| solve(&problem, STEPS_DEFAULT));
    let nodes = [Bound::Shares, Bound::Prices].map(|bound| nodes(&problem, bound, solution.welfare.units()));
    let (welfare, proven) = (solution.welfare.units(), solution.proven);
    println!("{number:<8}{welfare:>12}{proven:>8}{:>16}{:>16}{time:>12.1?}", nodes[0], nodes[1]);
    Auction { number, welfare, proven, nodes, time }
}

fn nodes(problem: &Problem, bound: Bound, welfare: i64) -> u64 {
    let solution = branch::solve(problem, bound, u64::MAX);
    assert!(solution.proven && solution.welfare.units() == welfare, "all methods agree");
    solution.work.branch_nodes
}

fn games() -> Vec<Game> {
    let games: Vec<Game> = (0..).filter_map(game).take(GAMES).collect();
    let equilibria: usize = games.iter().map(|game| game.found.equilibria.len()).sum();
    let time = median(games.iter().map(|game| game.time));
    println!(
        "{GAMES} games of {STRATEGIES} × {STRATEGIES}: {equilibria} equilibria, {time:.1?} a game in the median"
    );
    games
}

/// Solves the game with this number. If it is degenerate, returns `None`: it may have a continuum of equilibria, of which others
/// list what they please.
fn game(number: u64) -> Option<Game> {
    let payoffs = [0, 1].map(|player| random::payoffs(number, player, STRATEGIES));
    let game = NormalForm::of_matrices(&payoffs[0], &payoffs[1]).expect("it is a game");
    let (found, time) = timed(|| support_enumeration(&game).expect("it is small"));
    found.complete.then_some(Game { payoffs, found, time })
}

fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = act();
    (done, start.elapsed())
}

fn median<T: Copy + Ord>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values[values.len() / 2]
}

fn auctions_csv(auctions: &[Auction]) -> String {
    let line = |auction: &Auction| {
        let Auction { number, welfare, proven, nodes, time } = auction;
        format!("{number},{welfare},{proven},{},{},{}\n", nodes[0], nodes[1], time.as_nanos())
    };
    let lines: String = auctions.iter().map(line).collect();
    format!("auction,welfare,proven,nodes_shares,nodes_prices,nanoseconds\n{lines}")
}

fn games_json(games: &[Game]) -> String {
    let texts = |mixed: &Mixed| -> Vec<Vec<String>> {
        let texts = |strategy: &Vec<_>| strategy.iter().map(ToString::to_string).collect();
        mixed.iter().map(texts).collect()
    };
    // Lists of numbers and of texts without quotes look alike in Rust and in JSON.
    let line = |game: &Game| {
        let ([first, second], nanos) = (&game.payoffs, game.time.as_nanos());
        let equilibria: Vec<_> = game.found.equilibria.iter().map(texts).collect();
        format!(
            "{{\"first\": {first:?}, \"second\": {second:?}, \"equilibria\": {equilibria:?}, \"nanoseconds\": {nanos}}}\n"
        )
    };
    games.iter().map(line).collect()
}

fn path(number: u64) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/economics/instances");
    folder.join(format!("{number:02}.cats"))
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the file can be written");
}
