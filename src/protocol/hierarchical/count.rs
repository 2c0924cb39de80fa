//! The aggregate of a cell in one session: votes and reports received, and their result.

use super::bug::{Merging, Reported};
use super::config::{Config, Mode};
use super::message::{Partial, ReportBody};
use super::misreport::Misreport;
use super::tree::{CellId, Epoch};
use super::voters::Voters;
use std::ops::Range;
use std::rc::Rc;
use synod_sim::Signed;
use synod_sim::collections::TreeMap;
use synod_vote::weighted::{VOTE, Vote};
use synod_vote::{Cast, Snapshot, Sums, Tally, TallyResult};

/// The aggregate of one cell.
#[derive(Debug)]
pub(super) struct Count {
    config: Rc<Config>,
    cell: CellId,
    /// Votes received directly: of the cell's members or, where representatives may lie, of the whole subtree.
    tally: Tally,
    /// First vote of each voter, by position.
    votes: TreeMap<u32, Signed<Vote>>,
    /// Latest report of each child, where reports are trusted.
    reports: TreeMap<CellId, ChildReport>,
}

#[derive(Debug)]
struct ChildReport {
    epoch: Epoch,
    voters: Voters,
    body: ReportBody,
}

impl Count {
    pub(super) fn new(config: &Rc<Config>, cell: CellId) -> Count {
        let tally = tally(config, &covered(config, cell));
        Count { config: Rc::clone(config), cell, tally, votes: TreeMap::new(), reports: TreeMap::new() }
    }

    /// Counts a vote, if this cell counts its voter directly.
    pub(super) fn cast(&mut self, vote: &Signed<Vote>) -> Cast {
        let position = self.config.tree.position(vote.signer());
        let covered = covered(&self.config, self.cell);
        if !covered.contains(&position) {
            return Cast::Invalid;
        }
        let cast = self.tally.cast((position - covered.start) as usize, vote.ballot);
        if cast == Cast::Counted {
            self.votes.entry(position).or_insert_with(|| vote.clone());
        }
        cast
    }

    /// The vote of whoever is at `position` that counts, if it has been seen.
    pub(super) fn vote(&self, position: u32) -> Option<&Signed<Vote>> {
        self.votes.get(&position)
    }

    /// The votes seen, by position.
    pub(super) fn votes(&self) -> impl Iterator<Item = &Signed<Vote>> {
        self.votes.values()
    }

    /// Replaces a child's report by a later one, of a later epoch or with more voters; returns false if it is not
    /// later.
    pub(super) fn merge(&mut self, partial: &Partial) -> bool {
        let (cell, epoch) = (partial.certificate.cell, partial.certificate.epoch);
        let before = self.reports.get(&cell);
        let is_news = before
            .is_none_or(|before| (before.epoch, before.voters.count()) < (epoch, partial.voters.count()))
            || self.config.rules().heeds_stale_epochs;
        if !is_news {
            return false;
        }
        let merging = self.config.rules().merging;
        let body = match (&partial.body, before.map(|before| &before.body)) {
            (ReportBody::Sums(sums), Some(ReportBody::Sums(others))) if merging == Merging::Adds => {
                let mut both = sums.clone();
                both.absorb(&others.closed());
                ReportBody::Sums(both)
            }
            (ReportBody::Sums(sums), _) if merging == Merging::CountsOnce => ReportBody::Sums(one_vote(sums)),
            (body, _) => body.clone(),
        };
        let after = ChildReport { epoch, voters: partial.voters.clone(), body };
        let before = self.reports.insert(cell, after);
        let is_later = before.is_none_or(|before| before.epoch <= epoch);
        assert!(is_later || self.config.rules().heeds_stale_epochs, "epochs only rise");
        assert!(
            self.heard() as usize <= self.config.tree.cell(self.cell).subtree.len(),
            "each voter is heard once"
        );
        true
    }

    /// Returns true if a child has reported.
    pub(super) fn has_reported(&self, child: CellId) -> bool {
        self.reports.contains_key(&child)
    }

    /// Number of voters heard.
    pub(super) fn heard(&self) -> u32 {
        let reported: u32 = self.reports.values().map(|report| report.voters.count()).sum();
        // Votes that reports carry are in the tally.
        self.tally.votes() + if self.config.is_certified() { 0 } else { reported }
    }

    /// Returns true if all have.
    pub(super) fn is_complete(&self) -> bool {
        self.heard() as usize == self.config.tree.cell(self.cell).subtree.len()
    }

    /// The voters heard.
    pub(super) fn voters(&self) -> Voters {
        let tree = &self.config.tree;
        let Range { start, end } = tree.cell(self.cell).subtree;
        let mut voters = Voters::none(end - start);
        self.votes.keys().for_each(|position| {
            voters.insert(position - start);
        });
        for (&child, report) in &self.reports {
            voters.absorb(tree.cell(child).subtree.start - start, &report.voters);
        }
        voters
    }

    /// Sums of the votes heard; the others are open.
    pub(super) fn sums(&self) -> Sums {
        let all = self.added_up();
        let (Sums { cast, open, .. }, whole) =
            (&all, self.config.weight(self.config.tree.cell(self.cell).subtree.clone()));
        let is_whole = cast + open <= whole || self.config.rules().merging != Merging::Replaces;
        assert!(is_whole, "{cast} cast, {open} open of {whole}");
        all
    }

    fn added_up(&self) -> Sums {
        let mut all = self.tally.sums().clone();
        if self.config.is_certified() {
            return all;
        }
        for &child in &self.config.tree.cell(self.cell).children {
            match self.reports.get(&child).map(|report| &report.body) {
                Some(ReportBody::Sums(sums) | ReportBody::Votes(sums, _)) => all.absorb(sums),
                Some(ReportBody::Delegated(_)) => {}
                None => all.open += self.config.weight(self.config.tree.cell(child).subtree.clone()),
            }
        }
        all
    }

    /// The body of the next report.
    pub(super) fn report_body(&self) -> ReportBody {
        let sums = self.sums();
        match self.config.mode {
            Mode::Delegated => ReportBody::Delegated(match self.closed() {
                TallyResult::Accepted(option) => Some(option),
                TallyResult::Undecided(_) => None,
            }),
            Mode::Tally if self.config.is_certified() => {
                ReportBody::Votes(sums, self.votes().cloned().collect())
            }
            Mode::Tally => ReportBody::Sums(match self.config.rules().reported {
                Reported::Heard => sums,
                Reported::Own => self.own_for_all(sums),
            }),
        }
    }

    /// The result, if no open vote can change it.
    pub(super) fn verdict(&self) -> Option<TallyResult> {
        match self.is_complete() {
            true => Some(self.closed()),
            false if !self.config.vote.early => None,
            false => match self.config.mode {
                Mode::Tally => self.judge(&self.sums(), false),
                Mode::Delegated => self.delegated_result(false),
            },
        }
    }

    /// The result if no more votes come.
    pub(super) fn closed(&self) -> TallyResult {
        let verdict = match self.config.mode {
            Mode::Tally => self.judge(&self.sums(), true),
            Mode::Delegated => self.delegated_result(true),
        };
        verdict.expect("with nothing open there is an outcome")
    }

    fn judge(&self, sums: &Sums, is_closing: bool) -> Option<TallyResult> {
        let weight = self.config.weight(self.config.tree.cell(self.cell).subtree.clone());
        let terms = self.config.vote.terms(weight);
        if is_closing { Some(terms.close(sums)) } else { terms.judge(sums) }
    }

    /// The result of the highest cluster that the cell leads: on each level, the result of the level below is one vote
    /// beside those of the children.
    fn delegated_result(&self, is_closing: bool) -> Option<TallyResult> {
        let cell = self.config.tree.cell(self.cell);
        let verdict = |sums: &Sums, total: u64| {
            let terms = self.config.vote.terms(total);
            let is_done = is_closing || sums.open == 0;
            if is_done {
                Some(terms.close(sums))
            } else {
                terms.judge(sums).filter(|_| self.config.vote.early)
            }
        };
        let members = self.config.weight(cell.members.clone());
        let mut own = verdict(self.tally.sums(), members);
        for level in 1..cell.rank {
            let peers = cell.children.iter().filter(|&&child| self.config.tree.cell(child).rank == level);
            let voices = peers.map(|child| match self.reports.get(child).map(|report| &report.body) {
                Some(ReportBody::Delegated(voice)) => Some(*voice),
                _ => None,
            });
            let own_voice = own.map(|verdict| match verdict {
                TallyResult::Accepted(option) => Some(option),
                TallyResult::Undecided(_) => None,
            });
            let (mut sums, mut total) = (Sums::default(), 0);
            for voice in voices.chain([own_voice]) {
                total += VOTE;
                sums.open += VOTE;
                match voice {
                    Some(Some(option)) => sums.cast(option, VOTE, VOTE),
                    Some(None) => sums.open -= VOTE,
                    None => {}
                }
            }
            own = verdict(&sums, total);
        }
        own
    }

    /// A mutant's: ignores the votes of others.
    fn own_for_all(&self, sums: Sums) -> Sums {
        let own = self.votes.values().next().map_or(0, |vote| vote.ballot.option);
        Sums { options: [(own, sums.cast)].into(), ..sums }
    }

    pub(super) fn retained_bytes(&self) -> usize {
        let reports = self.reports.values().map(|report| 48 + report.voters.bytes());
        64 + 24 * self.votes.len() + reports.sum::<usize>()
    }
}

/// Positions of the voters that a cell counts directly.
fn covered(config: &Config, cell: CellId) -> Range<u32> {
    let cell = config.tree.cell(cell);
    if config.is_certified() { cell.subtree.clone() } else { cell.members.clone() }
}

/// A tally of the voters at `positions`, who have not voted.
fn tally(config: &Config, positions: &Range<u32>) -> Tally {
    let weights: Vec<u64> = positions.clone().map(|position| config.weight_at(position)).collect();
    let snapshot = Snapshot::new(weights);
    Tally::new(config.vote.terms(snapshot.total()), snapshot)
}

/// A mutant's: a cluster, however large, as one voter.
fn one_vote(sums: &Sums) -> Sums {
    match sums.leader() {
        Some((option, _)) => {
            let mut one = Sums { open: sums.open + VOTE, ..Sums::default() };
            one.cast(option, VOTE, VOTE);
            one
        }
        None => sums.clone(),
    }
}

/// The fault in a child's report for which its signer is responsible: it does not add up.
pub(super) fn fault(config: &Config, partial: &Partial) -> Option<Misreport> {
    let cell = config.tree.cell(partial.certificate.cell);
    let Partial { session, voters, body, .. } = partial;
    if voters.size() as usize != cell.subtree.len() || !voters.is_sound() {
        return Some(Misreport::ForeignVoters);
    }
    let sums = match (body, config.mode, config.is_certified()) {
        (ReportBody::Delegated(voice), Mode::Delegated, false) => {
            return voice.is_some_and(|option| option >= config.vote.options).then_some(Misreport::NoOption);
        }
        (ReportBody::Sums(sums), Mode::Tally, false) => sums,
        (ReportBody::Votes(sums, votes), Mode::Tally, true) => {
            let mut own = Voters::none(voters.size());
            let mut recount = tally(config, &cell.subtree);
            for vote in votes {
                let is_of_session =
                    (vote.session, vote.snapshot) == (*session, config.vote.weighing.snapshot.digest());
                let Some(place) = config.place(vote.signer(), &cell.subtree).filter(|_| is_of_session) else {
                    return Some(Misreport::ForeignVotes);
                };
                let is_counted = recount.cast(place as usize, vote.ballot) == Cast::Counted;
                if !own.insert(place) || !is_counted {
                    return Some(Misreport::UncountedVotes);
                }
            }
            return (own != *voters || recount.sums() != sums).then_some(Misreport::SumsOfOtherVotes);
        }
        _ => return Some(Misreport::NotAsked),
    };
    let silent: u64 = voters.absent().map(|place| config.weight_at(cell.subtree.start + place)).sum();
    let heard = config.weight(cell.subtree.clone()) - silent;
    let cast: u128 = sums.options.values().copied().map(u128::from).sum();
    let is_cast = u128::from(sums.cast) == cast
        && if config.vote.confidence { sums.cast <= heard } else { sums.cast == heard };
    let is_valid = sums.open == silent && is_cast;
    let names_options = sums.options.keys().all(|&option| option < config.vote.options);
    (!is_valid || !names_options).then_some(Misreport::SumsOfOtherVoters)
}
