//! The laws of chance of a network: what is drawn about a copy is independent of all else that is drawn about it, about
//! other messages, about other links and about the other direction.
//!
//! Tested by the chi-square of a table of counts, over 24,000 messages under a fixed seed. A true network fails one test
//! in ten thousand; here are some thirty.

use synod::net::{Fabric, Law, Link, Probability, Reordering, Topology};
use synod::sim::network::{Arrival, Fate, LossCause, Network, Recipients, Transmission};
use synod::sim::{Duration, NodeId, Streams, Time};
use synod::testing::ms;

const MESSAGES: usize = 24_000;

/// How many classes delays fall into, of the same size.
const CLASSES: usize = 8;

/// What became of one message on one link.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Copy {
    lost: bool,
    damaged: bool,
    /// How long it took, if it arrived.
    delay: Option<Duration>,
    /// How long its second copy took, if there was one.
    second: Option<Duration>,
}

fn percent(so_many: u32) -> Probability {
    Probability::from_ppm(so_many * 10_000).expect("a probability")
}

/// Links that do nothing but take their time.
fn plain() -> Link {
    Link::new(Law::exponential(ms(20), ms(1)).expect("a law"))
}

/// Sends every message from each of three nodes to all, over links like `link`; tells what became of those on the link.
fn sent(link: Link, from: u32, to: u32) -> Vec<Copy> {
    let streams = Streams::new(11);
    let layout = Topology::FullMesh.build(3, &streams).expect("three nodes");
    let mut network = Fabric::new(layout, vec![link], &streams);
    let (from, to) = (NodeId(from), NodeId(to));
    let copy = |number: usize| {
        let at = Time::ZERO + ms(number as u64);
        let recipients = Recipients::Peers(0..3);
        let mut arrivals = Vec::new();
        let transmission = Transmission { from, to: &recipients, at, bytes: 8, number: number as u64 };
        network.route(&transmission, &mut arrivals);
        let mut copy = Copy { lost: false, damaged: false, delay: None, second: None };
        for Arrival { fate, .. } in arrivals.into_iter().filter(|arrival| arrival.to == to) {
            match fate {
                Fate::Intact(time) => copy.delay = Some(time.since(at)),
                Fate::Damaged(time) => (copy.damaged, copy.delay) = (true, Some(time.since(at))),
                Fate::Duplicate(time) => copy.second = Some(time.since(at)),
                Fate::Lost(why) => copy.lost = why == LossCause::Chance,
            }
        }
        copy
    };
    (0..MESSAGES).map(copy).collect()
}

/// The class of each delay, by its rank among all.
fn classes(delays: impl Iterator<Item = Duration> + Clone) -> Vec<usize> {
    let mut sorted: Vec<Duration> = delays.clone().collect();
    sorted.sort_unstable();
    delays.map(|delay| sorted.partition_point(|&other| other < delay) * CLASSES / sorted.len()).collect()
}

fn delays(copies: &[Copy]) -> Vec<usize> {
    classes(copies.iter().map(|copy| copy.delay.expect("it arrives")))
}

fn flags(copies: &[Copy], flag: impl Fn(&Copy) -> bool) -> Vec<usize> {
    copies.iter().map(|copy| usize::from(flag(copy))).collect()
}

/// Returns the chi-square of the table of `one` by `two` with its limit: the quantile that an independent pair exceeds
/// once in ten thousand times (E. B. Wilson, M. M. Hilferty, *The distribution of chi-square*, 1931).
fn chi_square(one: &[usize], two: &[usize]) -> (f64, f64) {
    assert_eq!(one.len(), two.len());
    let size = |list: &[usize]| list.iter().max().expect("there are some") + 1;
    let (rows, columns) = (size(one), size(two));
    let mut table = vec![vec![0.0; columns]; rows];
    one.iter().zip(two).for_each(|(&row, &column)| table[row][column] += 1.0);
    let whole = one.len() as f64;
    let row = |row: usize| table[row].iter().sum::<f64>();
    let column = |column: usize| table.iter().map(|row| row[column]).sum::<f64>();
    let mut sum = 0.0;
    for (place, counts) in table.iter().enumerate() {
        for (other, count) in counts.iter().enumerate() {
            let expected = row(place) * column(other) / whole;
            assert!(expected >= 5.0, "the test needs more than {expected} of a kind");
            let off = count - expected;
            sum += off * off / expected;
        }
    }
    let freedom = ((rows - 1) * (columns - 1)) as f64;
    let spread = 2.0 / (9.0 * freedom);
    let root = 1.0 - spread + 3.719 * spread.sqrt();
    (sum, freedom * root * root * root)
}

#[track_caller]
fn assert_independent(what: &str, one: &[usize], two: &[usize]) {
    let (found, limit) = chi_square(one, two);
    assert!(found < limit, "{what}: {found:.1} of at most {limit:.1}");
}

/// All but the last, and all but the first: each with the one that follows.
fn in_turn(list: &[usize]) -> (&[usize], &[usize]) {
    (&list[..list.len() - 1], &list[1..])
}

#[test]
fn the_test_finds_what_depends() {
    let copies = sent(plain(), 0, 1);
    let delays = delays(&copies);
    let slow: Vec<usize> =
        delays.iter().zip(0..).map(|(&class, turn)| usize::from(class > 3 && turn % 8 > 0)).collect();
    let (found, limit) = chi_square(&delays, &slow);
    assert!(found > 10.0 * limit);
    // One in twenty follows its neighbour.
    let mut copied = in_turn(&delays).1.to_vec();
    (0..copied.len()).step_by(20).for_each(|place| copied[place] = delays[place]);
    let (found, limit) = chi_square(in_turn(&delays).0, &copied);
    assert!(found > limit, "{found} of {limit}");
}

#[test]
fn delays_are_independent_between_messages_links_and_directions() {
    let link = |from, to| delays(&sent(plain(), from, to));
    let here = link(0, 1);
    let (before, after) = in_turn(&here);
    assert_independent("the next message", before, after);
    assert_independent("the message after that", &here[..MESSAGES - 2], &here[2..]);
    assert_independent("another receiver", &here, &link(0, 2));
    assert_independent("another sender", &here, &link(2, 1));
    assert_independent("the other direction", &here, &link(1, 0));
}

#[test]
fn losses_are_independent_of_delays_messages_links_and_directions() {
    let lossy = || Link { loss: percent(30), ..plain() };
    let losses = |from, to| flags(&sent(lossy(), from, to), |copy| copy.lost);
    let here = losses(0, 1);
    // The delay of a lost copy is what it would have taken over a link that loses nothing.
    let quiet = sent(plain(), 0, 1);
    let lossy_copies = sent(lossy(), 0, 1);
    let kept = quiet.iter().zip(&lossy_copies).filter(|(_, copy)| !copy.lost);
    assert!(kept.clone().all(|(quiet, copy)| quiet.delay == copy.delay), "losses shift no delay");
    assert_independent("the delay", &here, &delays(&quiet));
    let (before, after) = in_turn(&here);
    assert_independent("the next message", before, after);
    assert_independent("another receiver", &here, &losses(0, 2));
    assert_independent("another sender", &here, &losses(2, 1));
    assert_independent("the other direction", &here, &losses(1, 0));
    let lost = here.iter().sum::<usize>() as f64 / MESSAGES as f64;
    let error = 4.0 * (0.3_f64 * 0.7 / MESSAGES as f64).sqrt();
    assert!((lost - 0.3).abs() < error, "{lost}");
}

#[test]
fn a_duplicate_has_a_delay_of_its_own() {
    let doubling = || Link { duplication: percent(100), ..plain() };
    let copies = sent(doubling(), 0, 1);
    let second = |copies: &[Copy]| classes(copies.iter().map(|copy| copy.second.expect("there is one")));
    let (first, twice) = (delays(&copies), second(&copies));
    assert_independent("the first copy", &first, &twice);
    let alike = copies.iter().filter(|copy| copy.second == copy.delay).count();
    assert!(alike < 10, "{alike} of {MESSAGES} take as long as their first copies");
    // Both follow the same law: as many of one as of the other lie below its median.
    let median = plain().latency.quantile(0.5);
    let below = copies.iter().filter(|copy| copy.second.is_some_and(|delay| delay < median)).count();
    let error = 4.0 * (0.25 * MESSAGES as f64).sqrt();
    assert!((below as f64 - MESSAGES as f64 / 2.0).abs() < error, "{below}");
    let (before, after) = in_turn(&twice);
    assert_independent("the next message", before, after);
    assert_independent("another receiver", &twice, &second(&sent(doubling(), 0, 2)));
    assert_independent("the other direction", &twice, &second(&sent(doubling(), 1, 0)));
}

#[test]
fn whether_a_copy_is_doubled_depends_on_nothing_else() {
    let copies = sent(Link { duplication: percent(40), ..plain() }, 0, 1);
    let doubled = flags(&copies, |copy| copy.second.is_some());
    assert_independent("the delay", &doubled, &delays(&copies));
    let (before, after) = in_turn(&doubled);
    assert_independent("the next message", before, after);
    let lossy = sent(Link { loss: percent(40), ..plain() }, 0, 1);
    assert_independent("the loss", &doubled, &flags(&lossy, |copy| copy.lost));
    // Of those that are doubled, the second copy's delay is independent of the first one's too.
    let both: Vec<Copy> = copies.iter().copied().filter(|copy| copy.second.is_some()).collect();
    let seconds = classes(both.iter().map(|copy| copy.second.expect("there is one")));
    assert_independent("the first copy", &delays(&both), &seconds);
}

#[test]
fn damage_and_reordering_depend_on_nothing_else() {
    let quiet = delays(&sent(plain(), 0, 1));
    let damaged = flags(&sent(Link { corruption: percent(30), ..plain() }, 0, 1), |copy| copy.damaged);
    let lost = flags(&sent(Link { loss: percent(30), ..plain() }, 0, 1), |copy| copy.lost);
    let extra = Law::exponential(ms(40), ms(1)).expect("a law");
    let reordering = Some(Reordering { probability: percent(50), extra });
    let held = sent(Link { reordering, ..plain() }, 0, 1);
    let held: Vec<Duration> = held
        .iter()
        .zip(sent(plain(), 0, 1))
        .map(|(copy, quiet)| copy.delay.expect("it arrives") - quiet.delay.expect("it arrives"))
        .collect();
    let is_held: Vec<usize> = held.iter().map(|extra| usize::from(!extra.is_zero())).collect();
    for (name, flags) in [("damage", &damaged), ("holding back", &is_held)] {
        assert_independent(&format!("{name} and the delay"), flags, &quiet);
        assert_independent(&format!("{name} and the loss"), flags, &lost);
        let (before, after) = in_turn(flags);
        assert_independent(&format!("{name} and the next message"), before, after);
    }
    assert_independent("damage and holding back", &damaged, &is_held);
    let (extras, delays): (Vec<Duration>, Vec<usize>) = held
        .iter()
        .zip(&quiet)
        .filter(|(extra, _)| !extra.is_zero())
        .map(|(extra, class)| (*extra, *class))
        .unzip();
    assert_independent("how long it is held back, and the delay", &classes(extras.iter().copied()), &delays);
}
