//! Two proofs for two outcomes: what a lying coordinator tries where decisions need certificates.

use super::super::{Message, Outcome, Report, SessionId, Vote, Weighted};
use super::coalition::{Hand, Insiders};
use crate::Ballot;
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_common::coalition::Scheme;
use synod_sim::fault::{Copy, Verdict};
use synod_sim::{NodeId, Signed};

/// On safety: the victims are shown a certificate for the strongest other option, in which every insider has voted as
/// well. It is shown as soon as it weighs as much as the insiders can make it, whether or not that is enough: a voter
/// that took it would break agreement.
#[derive(Debug)]
pub(super) struct Two {
    /// What correct voters have told an insider.
    heard: BTreeMap<SessionId, BTreeMap<NodeId, Signed<Vote>>>,
}

impl Two {
    pub(super) fn new() -> Two {
        Two { heard: BTreeMap::new() }
    }

    /// The best proof that there is for another option than `option`.
    fn other(&self, hand: &Hand<'_, '_>, report: &Report, option: u64) -> Option<Report> {
        let heard = self.heard.get(&report.session)?;
        let weights = hand.coalition.config.weighing.snapshot.weights();
        let mut sums: BTreeMap<u64, u64> = BTreeMap::new();
        for (voter, vote) in heard {
            *sums.entry(vote.ballot.option).or_default() += weights[voter.index()];
        }
        sums.remove(&option);
        let (&other, _) = sums.iter().max_by_key(|&(_, &weight)| weight)?;
        let mut certificate: Vec<Signed<Vote>> =
            heard.values().filter(|vote| vote.ballot.option == other).cloned().collect();
        let example = certificate.first()?.clone();
        let ballot = Ballot { option: other, ..example.ballot };
        for &insider in hand.coalition.insiders() {
            certificate.push(hand.sign(Vote { ballot, ..(*example).clone() }, insider));
        }
        Some(Report { session: report.session, outcome: Outcome::Decided(other), certificate })
    }
}

impl Scheme<Weighted> for Two {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let Message::Result(report) = copy.message else { return Verdict::Pass };
        let Outcome::Decided(option) = report.outcome else { return Verdict::Pass };
        let correct = hand.coalition.correct();
        let victims = hand.coalition.part(correct.len() as u64) as usize;
        if !correct[correct.len() - victims..].contains(&copy.to) {
            return Verdict::Pass;
        }
        match self.other(hand, report, option) {
            Some(other) => Verdict::Replace(Message::Result(Rc::new(other))),
            None => Verdict::Withhold,
        }
    }

    fn hear(&mut self, _: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        if let Message::Vote(vote) = copy.message {
            self.heard.entry(vote.session).or_default().entry(vote.signer()).or_insert_with(|| vote.clone());
        }
        Verdict::Pass
    }
}
