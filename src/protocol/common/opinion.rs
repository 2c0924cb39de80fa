//! Ground truth and opinions: what is true of a decision and what each agent believes, drawn from the seed so that
//! accuracy can be measured.
//!
//! An agent of competence p holds the right option with probability p, and else any wrong one. Errors within a group
//! go together as in the beta-binomial model: before each decision chance draws the group's probability from a Beta
//! law of mean p and correlation ρ, and its members are then independent. The members are drawn one after another by
//! the urn that gives the same law (Pólya and Eggenberger 1923): after j members of which s are right, the next is
//! right with probability (p(1−ρ) + sρ) / (1 − ρ + jρ). That is a ratio of whole numbers, so nothing is rounded.
//!
//! Every agent's draws are keyed by (decision, group, place in the group): adding an agent shifts no other's.

use super::profile::Profile;
use rand::Rng;
use synod_sim::random::{CounterKey, MAX_NODES};
use synod_sim::{NodeId, Purpose, Streams};

/// Opinions of agents on any number of decisions.
#[derive(Clone, Debug)]
pub struct Opinions<'a> {
    key: CounterKey,
    options: u64,
    agents: &'a [Profile],
}

/// One decision: the truth, and every agent's opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// The right option.
    pub truth: u64,
    /// Opinion of each agent, by number; `None` for one that does not answer.
    pub opinions: Vec<Option<u64>>,
}

/// State of a group's urn in one decision.
#[derive(Copy, Clone, Default)]
struct Urn {
    asked: u64,
    right: u64,
}

const MILLION: u128 = 1_000_000;

impl<'a> Opinions<'a> {
    /// Opinions of `agents` among `options`.
    ///
    /// # Panics
    /// If there are no options.
    pub fn new(streams: &Streams, agents: &'a [Profile], options: u64) -> Opinions<'a> {
        assert!(options > 0, "there is something to choose");
        Opinions { key: streams.counter(Purpose::Opinion), options, agents }
    }

    /// The decision of this number.
    pub fn poll(&self, decision: u64) -> Poll {
        // The last pair of numbers is no agent's.
        let nobody = NodeId(MAX_NODES - 1);
        let truth = below(self.key.draws(nobody, nobody, decision).word(), self.options);
        let groups = self.agents.iter().map(|agent| agent.group as usize + 1).max().unwrap_or(0);
        let mut urns = vec![Urn::default(); groups];
        let opinions = self.agents.iter().map(|agent| {
            let mut draws = self.key.draws(NodeId(agent.group), NodeId(agent.place), decision);
            let urn = &mut urns[agent.group as usize];
            let is_right = urn.draw(agent, draws.next_u64());
            let wrong = below(draws.next_u64(), (self.options - 1).max(1));
            let opinion =
                if is_right || self.options == 1 { truth } else { wrong + u64::from(wrong >= truth) };
            happens(draws.next_u64(), u128::from(agent.traits.reliability_ppm), MILLION).then_some(opinion)
        });
        Poll { truth, opinions: opinions.collect() }
    }
}

impl Urn {
    /// Draws whether the next member of the group holds the truth.
    fn draw(&mut self, agent: &Profile, word: u64) -> bool {
        let rho = u128::from(agent.traits.correlation_ppm);
        let (asked, right) = (u128::from(self.asked), u128::from(self.right));
        let chance = u128::from(agent.traits.competence_ppm) * (MILLION - rho) + right * rho * MILLION;
        let of = MILLION * (MILLION - rho + asked * rho);
        // With ρ = 1 the first decides for all; before it there is nothing in the urn but p.
        let is_right = match of {
            0 => happens(word, u128::from(agent.traits.competence_ppm), MILLION),
            _ => happens(word, chance, of),
        };
        self.asked += 1;
        self.right += u64::from(is_right);
        is_right
    }
}

/// Returns true for `chance` of `of` words.
fn happens(word: u64, chance: u128, of: u128) -> bool {
    (u128::from(word) * of) >> 64 < chance
}

/// The number below `bound` that `word` picks.
pub fn below(word: u64, bound: u64) -> u64 {
    ((u128::from(word) * u128::from(bound)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::super::profile::Traits;
    use super::*;

    fn group(size: u32, competence_ppm: u32, correlation_ppm: u32) -> Vec<Profile> {
        let member = Profile::of(Traits { competence_ppm, correlation_ppm, ..Traits::default() });
        (0..size).map(|place| Profile { place, ..member.clone() }).collect()
    }

    /// How often the majority of `agents` is right in `polls` decisions.
    fn majority(agents: &[Profile], polls: u64) -> f64 {
        let streams = Streams::new(7);
        let opinions = Opinions::new(&streams, agents, 2);
        let is_right = |decision: &u64| {
            let poll = opinions.poll(*decision);
            2 * poll.opinions.iter().filter(|&&opinion| opinion == Some(poll.truth)).count() > agents.len()
        };
        (0..polls).filter(is_right).count() as f64 / polls as f64
    }

    #[test]
    fn juries_are_as_right_as_the_beta_binomial_law_says() {
        for (size, competence, correlation, expected) in [
            (13, 700_000, 0, 0.9376),
            (13, 700_000, 100_000, 0.8448),
            (13, 700_000, 200_000, 0.7926),
            (25, 700_000, 500_000, 0.7256),
            (25, 700_000, 1_000_000, 0.7),
        ] {
            let polls = 20_000;
            let error = (expected * (1.0 - expected) / polls as f64).sqrt();
            let found = majority(&group(size, competence, correlation), polls);
            assert!((found - expected).abs() < 4.0 * error, "{size} {correlation}: {found}");
        }
    }

    #[test]
    fn adding_an_agent_shifts_nobody() {
        let streams = Streams::new(3);
        let mut agents = group(5, 600_000, 200_000);
        agents.extend(group(4, 800_000, 0).into_iter().map(|agent| Profile { group: 1, ..agent }));
        let mut more = group(6, 600_000, 200_000);
        more.extend(agents[5..].iter().cloned());
        for decision in 0..50 {
            let few = Opinions::new(&streams, &agents, 5).poll(decision);
            let many = Opinions::new(&streams, &more, 5).poll(decision);
            assert_eq!(few.truth, many.truth);
            assert_eq!(few.opinions[..5], many.opinions[..5]);
            assert_eq!(few.opinions[5..], many.opinions[6..]);
        }
    }

    #[test]
    fn wrong_opinions_and_truths_are_spread_over_the_options() {
        let agents = group(1, 0, 0);
        let streams = Streams::new(1);
        let opinions = Opinions::new(&streams, &agents, 3);
        let mut seen = synod_sim::collections::SortedSet::new();
        for decision in 0..200 {
            let poll = opinions.poll(decision);
            assert_ne!(poll.opinions[0], Some(poll.truth));
            seen.insert((poll.truth, poll.opinions[0].expect("it is reliable")));
        }
        assert_eq!(seen.len(), 6);
    }

    #[test]
    fn who_is_not_reliable_does_not_always_answer() {
        let agents = [Profile::of(Traits { reliability_ppm: 250_000, ..Traits::default() })];
        let streams = Streams::new(1);
        let opinions = Opinions::new(&streams, &agents, 2);
        let answers = (0..4_000).filter(|&decision| opinions.poll(decision).opinions[0].is_some()).count();
        assert!((890..1_110).contains(&answers), "{answers}");
    }
}
