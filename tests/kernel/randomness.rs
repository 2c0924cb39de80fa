//! A node's own randomness: seeds, streams and forks.

use rand::Rng;
use std::collections::BTreeSet;
use synod::sim::inject::{InFlight, Intervention};
use synod::sim::{Damage, NodeId, Setup, Streams};
use synod::testing::at;
use synod::testing::script::{Actor, actors, lines, note, play};

/// Notes seed, next word and the first word of fork 3, and draws `before` words first.
fn teller(before: usize) -> Setup<Actor> {
    let mut setup = actors(3, move |me, ctx, _| {
        (0..before).for_each(|_| _ = ctx.rng().next_u64());
        let (word, fork) = (ctx.rng().next_u64(), ctx.fork(3).next_u64());
        note(ctx, format_args!("{:x} {word:x} {fork:x}", me.seed));
    });
    let node = NodeId(2).into();
    setup.interventions = vec![
        (at(1), Intervention::Crash { id: 1, node, damage: Damage::None, in_flight: InFlight::Deliver }),
        (at(2), Intervention::Restart { id: 1, node }),
    ];
    setup
}

fn told(setup: Setup<Actor>) -> Vec<Vec<String>> {
    let (_, diary) = play(setup);
    let notes = lines(&diary, " ")
        .into_iter()
        .filter(|line| !line.contains("crashed") && !line.contains("restarted"));
    notes.map(|line| line.split(' ').skip(2).map(str::to_owned).collect()).collect()
}

#[test]
fn every_node_and_every_restart_has_its_own() {
    let told = told(teller(0));
    assert_eq!(told.len(), 4, "three nodes and one restart");
    let all: BTreeSet<&String> = told.iter().flatten().collect();
    assert_eq!(all.len(), 12, "{told:?}");
}

#[test]
fn seeds_and_forks_do_not_depend_on_what_was_drawn() {
    let (none, some) = (told(teller(0)), told(teller(5)));
    for (none, some) in none.iter().zip(&some) {
        assert_eq!((&none[0], &none[2]), (&some[0], &some[2]));
        assert_ne!(none[1], some[1]);
    }
}

#[test]
fn another_seed_gives_others() {
    let other = Setup { streams: Streams::new(2), ..teller(0) };
    let (ours, theirs) = (told(teller(0)), told(other));
    assert!(ours.iter().flatten().collect::<BTreeSet<_>>().is_disjoint(&theirs.iter().flatten().collect()));
}
