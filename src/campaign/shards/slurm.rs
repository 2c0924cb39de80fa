//! Slurm: the script of a job array in which each task makes a shard, and of the job behind it that merges.

use super::Shard;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The folder within a campaign's in which scripts and what jobs print are.
const FOLDER: &str = "slurm";

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

/// The scripts of a campaign, where they go and what is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlurmScripts {
    /// The folder, which has to be there before they are submitted, since what jobs print goes there too.
    pub folder: PathBuf,
    /// The job array: each task makes a shard.
    pub array: (PathBuf, String),
    /// The job behind it, which merges.
    pub merge: (PathBuf, String),
}

impl SlurmJob<'_> {
    /// Returns the scripts.
    ///
    /// # Panics
    /// Never: writing to a string cannot fail.
    pub fn scripts(&self) -> SlurmScripts {
        let folder = self.folder.join(FOLDER);
        let [array, merge] = ["shards.sh", "merge.sh"].map(|name| folder.join(name));
        SlurmScripts { array: (array, self.array()), merge: (merge, self.merge()), folder }
    }

    fn array(&self) -> String {
        let throttle = self.throttle.map_or_else(String::new, |most| format!("%{most}"));
        let mut options = self.options("shards", "shard-%a.log");
        options.push(format!("array={}{throttle}", array_of(self.shards)));
        options.push(format!("cpus-per-task={}", self.cpus));
        options.extend(self.time.map(|time| format!("time={time}")));
        // A partition has a limit of its own.
        options.push("signal=B:USR1@60".to_owned());
        let about = "# Each task makes the shard of its number. One that is requeued goes on where it was.";
        let command = format!("run {} --shard-from slurm --jobs {}", quoted(self.folder), self.cpus);
        self.script(&options, about, &command)
    }

    fn merge(&self) -> String {
        let about = "# Puts together what all shards came to, and says what is missing.";
        self.script(&self.options("merge", "merge.log"), about, &format!("merge {}", quoted(self.folder)))
    }

    fn options(&self, what: &str, log: &str) -> Vec<String> {
        // A percent sign would begin one of Slurm's own placeholders.
        let folder = self.folder.join(FOLDER).display().to_string().replace('%', "%%");
        let mut options = vec![
            format!("job-name={}-{what}", self.name),
            format!("output=\"{folder}/{log}\""),
            "open-mode=append".to_owned(),
            "requeue".to_owned(),
            // All paths are absolute, and a folder may be missing on a node.
            "chdir=/".to_owned(),
            "ntasks=1".to_owned(),
        ];
        options.extend(self.partition.map(|partition| format!("partition={partition}")));
        options
    }

    fn script(&self, options: &[String], about: &str, command: &str) -> String {
        let mut script = "#!/bin/sh\n".to_owned();
        for option in options {
            writeln!(script, "#SBATCH --{option}").expect("a string takes everything");
        }
        // In the shell's place, so that signals reach the program itself.
        writeln!(script, "{about}\nexec {} campaign {command}", quoted(self.program))
            .expect("a string takes everything");
        script
    }
}

/// Returns a path as a shell reads it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
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
