//! Which part of a campaign a process makes.

use std::fmt;
use std::str::FromStr;

/// A part of a campaign: `3/8` is the one of number 3 of eight, from 0 on.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    of: u32,
    index: u32,
}

impl Shard {
    /// The most shards that a campaign has.
    pub const MOST: u32 = 100_000;

    /// Shard `index` of so many.
    ///
    /// # Errors
    /// If there is none of that number.
    pub fn new(index: u32, of: u32) -> Result<Shard, String> {
        if of == 0 || of > Shard::MOST {
            return Err(format!("{of} shards: a campaign has 1 to {}", Shard::MOST));
        }
        if index >= of {
            let shards = if of == 1 {
                "there is one shard, 0/1".to_owned()
            } else {
                format!("they are 0/{of} to {}/{of}", of - 1)
            };
            return Err(format!("there is no shard {index}/{of}: {shards}"));
        }
        Ok(Shard { of, index })
    }

    /// Returns its number.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Returns how many there are.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Returns the name of its result and of the folder of its repro files.
    pub(super) fn name(self) -> String {
        format!("shard-{:05}-of-{:05}", self.index, self.of)
    }
}

/// What tells a process which shard it is to make.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ShardFrom {
    /// The number of a task of a Slurm job array, `SLURM_ARRAY_TASK_ID`. How many shards there are is the plan's: an array
    /// that is submitted again for what is missing has fewer tasks.
    Slurm,
    /// `SYNOD_SHARD`, such as 3/8.
    Environment,
}

/// The variable that names a shard, for any engine.
const NAMED: &str = "SYNOD_SHARD";

/// The variable that holds the number of a task in a Slurm job array.
const SLURM_TASK: &str = "SLURM_ARRAY_TASK_ID";

impl Shard {
    /// Returns the shard that the environment names, of which `variable` tells values; there are `planned` of them where
    /// only a number is named.
    ///
    /// # Errors
    /// If it names none, or two different ones.
    pub fn of_environment(
        from: ShardFrom,
        planned: u32,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Shard, String> {
        let named = Shard::named(&variable)?;
        let task = variable(SLURM_TASK).map(|text| {
            let number =
                text.trim().parse::<u32>().map_err(|_| format!("{SLURM_TASK}: {text:?} is no number"))?;
            Ok::<_, String>((number, text))
        });
        match (from, named, task.transpose()?) {
            (ShardFrom::Slurm, named, Some((number, _))) => {
                let shard = Shard::new(number, planned)
                    .map_err(|error| format!("{SLURM_TASK}: {error}, by the plan"))?;
                shard.unless_named(named)
            }
            (ShardFrom::Slurm, _, None) => {
                Err(format!("{SLURM_TASK} is not set: this is no task of a job array"))
            }
            (ShardFrom::Environment, Some(named), None) => Ok(named),
            (ShardFrom::Environment, Some(named), Some((number, text))) if number != named.index => {
                Err(format!("{NAMED} names shard {named}, and {SLURM_TASK} is {text}: unset one of them"))
            }
            (ShardFrom::Environment, Some(named), Some(_)) => Ok(named),
            (ShardFrom::Environment, None, _) => {
                Err(format!("{NAMED} is not set; write {NAMED}=0/{planned}"))
            }
        }
    }

    /// Returns the shard, unless another one is `named` by the environment.
    ///
    /// # Errors
    /// If it is.
    pub fn unless_named(self, named: Option<Shard>) -> Result<Shard, String> {
        match named {
            Some(named) if named != self => Err(format!(
                "{NAMED} names shard {named}, and this is to be {self}: unset it, or use --shard-from env"
            )),
            _ => Ok(self),
        }
    }

    /// Returns the shard that `SYNOD_SHARD` names, of which `variable` tells the value.
    ///
    /// # Errors
    /// If it is no shard.
    pub fn named(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Shard>, String> {
        variable(NAMED).map(|text| text.parse().map_err(|error| format!("{NAMED}: {error}"))).transpose()
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let number = |text: &str| text.trim().parse::<u32>();
        match text.split_once('/').map(|(index, of)| (number(index), number(of))) {
            Some((Ok(index), Ok(of))) => Shard::new(index, of),
            _ => Err(format!("{text:?} is no shard; write 0/8 for the first of eight")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_a_number_below_how_many_there_are() {
        let shard: Shard = "3/8".parse().expect("it is one");
        assert_eq!((shard.index(), shard.of(), shard.to_string()), (3, 8, "3/8".to_owned()));
        for (text, part) in [
            ("8/8", "they are 0/8 to 7/8"),
            ("1/1", "there is one shard, 0/1"),
            ("0/0", "a campaign has 1 to 100000"),
            ("0/100001", "a campaign has 1 to 100000"),
            ("3", "is no shard"),
            ("-1/3", "is no shard"),
            ("a/b", "is no shard"),
        ] {
            assert!(text.parse::<Shard>().expect_err("it is none").contains(part), "{text}");
        }
    }

    #[test]
    fn the_environment_names_one_shard_or_none() {
        let of = |from, variables: &[(&str, &str)]| {
            let variable = |name: &str| {
                variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
            };
            Shard::of_environment(from, 8, variable).map(|shard| shard.to_string())
        };
        let slurm = |variables| of(ShardFrom::Slurm, variables);
        let named = |variables| of(ShardFrom::Environment, variables);
        assert_eq!(slurm(&[(SLURM_TASK, "3"), ("SLURM_ARRAY_TASK_COUNT", "2")]), Ok("3/8".to_owned()));
        assert_eq!(named(&[(NAMED, "3/16")]), Ok("3/16".to_owned()));
        assert_eq!(named(&[(NAMED, "3/16"), (SLURM_TASK, "3")]), Ok("3/16".to_owned()));
        for (found, part) in [
            (slurm(&[]), "no task of a job array"),
            (slurm(&[("SLURM_PROCID", "0")]), "no task of a job array"),
            (slurm(&[(SLURM_TASK, "8")]), "they are 0/8 to 7/8, by the plan"),
            (slurm(&[(SLURM_TASK, "4294967294")]), "they are 0/8 to 7/8, by the plan"),
            (slurm(&[(SLURM_TASK, "x")]), "is no number"),
            (slurm(&[(SLURM_TASK, "3"), (NAMED, "4/8")]), "names shard 4/8"),
            (named(&[]), "SYNOD_SHARD is not set"),
            (named(&[(NAMED, "9/8")]), "SYNOD_SHARD: there is no shard 9/8"),
            (named(&[(NAMED, "3/8"), (SLURM_TASK, "4")]), "unset one of them"),
        ] {
            assert!(found.as_ref().is_err_and(|error| error.contains(part)), "{found:?}");
        }
    }
}
