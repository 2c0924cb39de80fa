//! What can be wrong with a report.

synod_common::reasons! {
    /// What is wrong with a report, as far as whoever signed it answers for that.
    pub enum Misreport {
        /// It counts voters that are not under it.
        ForeignVoters = "it counts voters that are not under it",
        /// It names no option.
        NoOption = "it names no option",
        /// It carries votes of others.
        ForeignVotes = "it carries votes of others",
        /// It carries votes that do not count.
        UncountedVotes = "it carries votes that do not count",
        /// It carries votes that nobody has signed.
        UnsignedVotes = "it carries votes that nobody has signed",
        /// Its sums are not those of its votes.
        SumsOfOtherVotes = "its sums are not those of its votes",
        /// It says something else than was asked.
        NotAsked = "it says something else than was asked",
        /// Its sums are not those of its voters.
        SumsOfOtherVoters = "its sums are not those of its voters",
    }
}
