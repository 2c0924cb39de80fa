//! Slurm: the script of a job array in which each task makes a shard, and of the job behind it that merges.

use super::Shard;
use std::path::Path;

/// How a campaign is handed to Slurm.
#[derive(Clone, Debug)]
pub struct SlurmJob<'a> {
    /// The program, where every node finds it.
    pub program: &'a Path,
    /// The folder of the campaign, where every node finds it.
    pub folder: &'a Path,
    /// What the jobs are called.
    pub name: &'a str,
    /// The shards that are to be made: numbers of the plan's.
    pub shards: &'a [Shard],
    /// The partition, if not the cluster's own.
    pub partition: Option<&'a str>,
    /// How many shards run at once at most.
    pub throttle: Option<u32>,
    /// The time limit of a shard, as `sbatch` takes it.
    pub time: Option<&'a str>,
    /// Processors of a shard.
    pub cpus: u16,
}

/// Returns these shards as the option `--array` of `sbatch` takes them, such as `0-3,7`.
pub fn array_of(shards: &[Shard]) -> String {
    let mut numbers: Vec<u32> = shards.iter().map(|shard| shard.index()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let runs = numbers.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
        [only] => only.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => unreachable!("no run is empty"),
    });
    runs.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successive_shards_are_a_range() {
        let of = |numbers: &[u32]| {
            let shards: Vec<Shard> =
                numbers.iter().map(|&index| Shard::new(index, 100).expect("it is one")).collect();
            array_of(&shards)
        };
        assert_eq!(of(&[0, 1, 2, 3, 7]), "0-3,7");
        assert_eq!(of(&[5]), "5");
        assert_eq!(of(&[9, 8, 1]), "1,8-9");
        assert_eq!(of(&[]), "");
    }
}
