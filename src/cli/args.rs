//! What can be typed.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;
use synod_campaign::{FaultClass, Filter, ObjectKind, Seeds, Shard, Task};
use synod_economics::answer::FileKind;
use synod_harness::SEED_MAX;
use synod_scenario::Access;
use synod_sim::units::{Share, Size};

/// A deterministic simulator and test harness for multi-agent coordination protocols.
///
/// A run is a pure function of scenario, seed and version: the digest that it prints can be reproduced anywhere.
#[derive(Debug, Parser)]
#[command(name = "synod", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(super) struct Synod {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colours; NO_COLOR is kept.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", env = "SYNOD_COLOR")]
    pub(super) color: Color,
}

const EXIT_CODES: &str = "\
Exit codes: 0 all held; 1 an expectation failed or an oracle was violated; 2 the input was wrong;
3 a bug in Synod; 4 nothing ran or nothing was compared; 5 not everything could be judged;
6 an output could not be written; 7 is reserved; 8 shards disagree; 130 interrupted. Of a campaign the first of
130, 3, 6, 1, 5 that applies.

To begin:  synod run scenarios/quickstart.yaml";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a scenario once: verdicts, key figures and the digest.
    Run(RunArgs),
    /// Run a repro file again and compare, or look at what an agent knows on the way.
    Replay(ReplayArgs),
    /// Name the first event at which two runs part.
    Diff(DiffArgs),
    /// Find the least that still fails.
    Shrink(ShrinkArgs),
    /// Run a scenario with many seeds, and keep what failed.
    Sweep(SweepArgs),
    /// Run a suite of benchmarks, and write its report.
    Bench(BenchArgs),
    /// Run a whole catalogue, and say whether what it shows is ready.
    Validate(ValidateArgs),
    /// Make the runs of a sweep, a suite or a catalogue in shards, on one machine or many, and merge them.
    Campaign(CampaignArgs),
    /// Check scenario files without running them.
    Check(CheckArgs),
    /// Judge a history of clients' calls, of a run or of a real system: is it linearizable?
    CheckHistory(CheckHistoryArgs),
    /// Tell what happened in a run, in words, as a diagram and as a page.
    Explain(ExplainArgs),
    /// Say which protocol suits a scenario's network, faults and size: by rule, and by trying.
    Select(SelectArgs),
    /// Say what a game, bids or orders come to, without a simulation: equilibria, winners and payments, prices and trades.
    Solve(SolveArgs),
    /// List what there is: protocols, oracles, metrics, coverage marks, scenarios, fault models.
    List(ListArgs),
    /// Print the JSON Schema of scenario files, for editors.
    Schema(SchemaArgs),
    /// Write a scenario to start from.
    New(NewArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The scenario file.
    pub(super) scenario: PathBuf,
    /// The seed, instead of the scenario's.
    #[arg(long, env = "SYNOD_SEED", value_parser = clap::value_parser!(u64).range(..=SEED_MAX))]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) overrides: Overrides,
    #[command(flatten)]
    pub(super) printing: Printing,
    /// Print the scenario with every default written out, and do not run it.
    #[arg(long)]
    pub(super) print_config: bool,
    /// Run twice and compare event by event.
    #[arg(long, conflicts_with_all = ["trace", "events", "history", "shiviz"])]
    pub(super) check_determinism: bool,
    #[command(flatten)]
    pub(super) recordings: Recordings,
    /// Write the run's figures to this file, as OpenMetrics text.
    #[arg(long, value_name = "FILE")]
    pub(super) metrics: Option<PathBuf>,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// The repro file; with --until and --state any scenario file.
    pub(super) file: PathBuf,
    /// Stop after the event of this number; 0 is before the first.
    #[arg(long, value_name = "EVENT", requires = "state")]
    pub(super) until: Option<u64>,
    /// Print what this agent knows then.
    #[arg(long, value_name = "AGENT", requires = "until", conflicts_with_all = ["trace", "events", "history", "shiviz"])]
    pub(super) state: Option<u32>,
    #[command(flatten)]
    pub(super) recordings: Recordings,
    #[command(flatten)]
    pub(super) printing: Printing,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A scenario or repro file.
    pub(super) first: PathBuf,
    /// Another one, or the same with another seed.
    pub(super) second: PathBuf,
    /// The seed of both runs, instead of the scenarios'. Given twice, the first run's and the second's.
    #[arg(long, value_parser = clap::value_parser!(u64).range(..=SEED_MAX))]
    pub(super) seed: Vec<u64>,
    #[command(flatten)]
    pub(super) printing: Printing,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
pub(super) struct ShrinkArgs {
    /// The repro file, or a scenario file that fails.
    pub(super) file: PathBuf,
    /// The file to write, which must not exist; NAME.shrunk.yaml beside the input if left out.
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) printing: Printing,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
pub(super) struct SelectArgs {
    /// The scenario file: its network, faults and size count, not its protocol.
    pub(super) scenario: PathBuf,
    #[command(flatten)]
    pub(super) overrides: Overrides,
    /// What is to be done.
    #[arg(long, default_value_t = Task::Standard, value_parser = one_of(&Task::ALL, Task::name, Task::about))]
    pub(super) task: Task,
    /// What agents may do, instead of what the scenario's faults make them do.
    #[arg(long, alias = "peril", value_parser = one_of(&FaultClass::ALL, FaultClass::name, FaultClass::about))]
    pub(super) fault_class: Option<FaultClass>,
    /// How many agents may be faulty, instead of those that the scenario's faults strike.
    #[arg(long, value_name = "N")]
    pub(super) faulty: Option<u32>,
    /// How many runs the candidates share; 0 to go by rule alone.
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub(super) runs: u64,
    /// Write a plot of what the runs have shown to this file, as SVG.
    #[arg(long, value_name = "FILE")]
    pub(super) plot: Option<PathBuf>,
    #[command(flatten)]
    pub(super) printing: Printing,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
pub(super) struct SweepArgs {
    /// The scenario file.
    pub(super) scenario: PathBuf,
    /// The seeds, such as 0..1000, without the last; or one seed.
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub(super) seeds: Seeds,
    /// How many threads work, 1,024 at most; 0 for as many as there are processors.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=1024))]
    pub(super) jobs: u16,
    #[command(flatten)]
    pub(super) overrides: Overrides,
    #[command(flatten)]
    pub(super) grid: Grid,
    /// End with the first failing seed.
    #[arg(long, conflicts_with = "max_failures")]
    pub(super) fail_fast: bool,
    /// End with this many failing seeds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_failures: Option<u64>,
    /// How many failures of each point of the grid are kept as repro files; the rest are counted.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) repros: u64,
    /// Go on with the sweep that the output folder holds.
    #[arg(long)]
    pub(super) resume: bool,
    /// Where repro files and the checkpoint go; synod-sweep/NAME if left out.
    #[arg(long, value_name = "FOLDER")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) printing: Printing,
    #[command(flatten)]
    pub(super) tables: SweepTables,
    #[command(flatten)]
    pub(super) reading: Reading,
}

/// Values to sweep over.
#[derive(Debug, Args)]
pub(super) struct Grid {
    /// Sweep with each of these values, such as agents=4,7,10. Can be given again: then with every combination.
    #[arg(long = "grid", value_name = "PATH=VALUES")]
    pub(super) axes: Vec<String>,
    /// The most points that a grid may have.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_points: u64,
}

/// What is written of a sweep besides what is printed.
#[derive(Debug, Args)]
pub(super) struct SweepTables {
    /// Write the result in JUnit's format to this file.
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Write the percentiles of all metrics to this file.
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Write the figures of the sweep to this file, as OpenMetrics text.
    #[arg(long, value_name = "FILE")]
    pub(super) metrics: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// The suite file.
    pub(super) suite: PathBuf,
    /// Run with the fewer seeds that the suite has for this.
    #[arg(long, conflicts_with = "seeds")]
    pub(super) quick: bool,
    /// Run every point with these seeds.
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub(super) seeds: Option<Seeds>,
    /// Run only the points of which this holds, such as 'protocol=pbft n<=13 silent'.
    #[arg(long, value_name = "EXPR")]
    pub(super) filter: Option<Filter>,
    /// How many threads work, 1,024 at most; 0 for as many as there are processors.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=1024))]
    pub(super) jobs: u16,
    /// Go on with the benchmark that the output folder holds.
    #[arg(long)]
    pub(super) resume: bool,
    /// Compare with the report in this folder; worse figures make the benchmark fail.
    #[arg(long, value_name = "FOLDER")]
    pub(super) baseline: Option<PathBuf>,
    /// By how much facts about the machine may differ from the baseline's.
    #[arg(long, value_name = "SHARE", default_value = "30%")]
    pub(super) noise: Share,
    /// Where the report goes; reports/NAME if left out.
    #[arg(long, value_name = "FOLDER")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) printing: Printing,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// Scenario files, and folders of them. Of suites among them, the one that says what ready means counts.
    #[arg(default_value = "scenarios")]
    pub(super) paths: Vec<PathBuf>,
    /// Measure with the fewer seeds that the suite has for this: too few to show everything.
    #[arg(long)]
    pub(super) quick: bool,
    /// Run every scenario with these seeds, instead of its own.
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub(super) seeds: Option<Seeds>,
    /// Run only the scenarios and points of which this holds, such as 'protocol=pbft n<=13 byzantine'.
    #[arg(long, value_name = "EXPR")]
    pub(super) filter: Option<Filter>,
    /// How many threads work, 1,024 at most; 0 for as many as there are processors.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=1024))]
    pub(super) jobs: u16,
    /// Where the report goes; reports/NAME if left out.
    #[arg(long, value_name = "FOLDER")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) printing: Printing,
    /// Write the result in JUnit's format to this file too.
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
pub(super) struct CampaignArgs {
    #[command(subcommand)]
    pub(super) verb: CampaignVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum CampaignVerb {
    /// Fix what is to run: a scenario and seeds, a suite, or a catalogue.
    Plan(PlanArgs),
    /// Make the runs of one shard; what was made before is not made again.
    Run(ShardArgs),
    /// Put the results of all shards together: the same as one process comes to.
    Merge(MergeArgs),
    /// Name the shards that have to run, or to go on.
    Missing(MissingArgs),
    /// Say how far the campaign is, and what has failed so far.
    Status(StatusArgs),
    /// Hand the campaign to a cluster.
    Submit(SubmitArgs),
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// A scenario to sweep, a suite to benchmark, or the files and folders of a catalogue to validate.
    #[arg(required = true)]
    pub(super) inputs: Vec<PathBuf>,
    /// The seeds, such as 0..1000, without the last; a suite and a catalogue have their own.
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub(super) seeds: Option<Seeds>,
    #[command(flatten)]
    pub(super) overrides: Overrides,
    #[command(flatten)]
    pub(super) grid: Grid,
    /// Run a suite with the fewer seeds that it has for this.
    #[arg(long, conflicts_with = "seeds")]
    pub(super) quick: bool,
    /// Run only the points of a suite or a catalogue of which this holds, such as 'protocol=pbft n<=13 silent'.
    #[arg(long, value_name = "EXPR")]
    pub(super) filter: Option<Filter>,
    /// The runs of a block, which is made as a whole or not at all: a power of two up to 1024. What takes about a minute,
    /// if left out. The result does not depend on it.
    #[arg(long, value_name = "RUNS", value_parser = block)]
    pub(super) block: Option<u64>,
    /// How many shards there are, where a cluster makes them. The result does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=i64::from(Shard::MOST)))]
    pub(super) shards: u32,
    /// How many failures of each point are kept as repro files; 100 of a sweep, and 3 of others, if left out.
    #[arg(long, value_name = "N")]
    pub(super) repros: Option<u64>,
    /// How many failures, the first of all, are shrunk.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) shrink: u64,
    /// The folder of the campaign, which every machine has to see.
    #[arg(long, value_name = "FOLDER")]
    pub(super) output: PathBuf,
    #[command(flatten)]
    pub(super) printing: Printing,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(super) struct ShardArgs {
    /// The folder of the campaign.
    pub(super) folder: PathBuf,
    /// Which shard, such as 0/8 for the first of eight.
    #[arg(long, value_name = "I/N", group = "which", allow_hyphen_values = true)]
    pub(super) shard: Option<Shard>,
    /// Which shard says the environment.
    #[arg(long, value_enum, value_name = "ENGINE", group = "which")]
    pub(super) shard_from: Option<Engine>,
    /// How many threads work, 1,024 at most; 0 for as many as there are processors.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(..=1024))]
    pub(super) jobs: u16,
    #[command(flatten)]
    pub(super) printing: Printing,
}

/// What tells a process which shard it is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Engine {
    /// A task of a Slurm job array: SLURM_ARRAY_TASK_ID, of as many shards as the plan has.
    Slurm,
    /// Any other: SYNOD_SHARD, such as 0/8.
    Env,
}

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// The folder of the campaign.
    pub(super) folder: PathBuf,
    #[command(flatten)]
    pub(super) printing: Printing,
    #[command(flatten)]
    pub(super) tables: SweepTables,
}

#[derive(Debug, Args)]
pub(super) struct MissingArgs {
    /// The folder of the campaign.
    pub(super) folder: PathBuf,
    /// How to print the shards.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: MissingFormat,
}

#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum MissingFormat {
    /// One on each line, such as 3/8.
    #[default]
    Human,
    /// One JSON object.
    Json,
    /// As the option --array of sbatch takes them, such as 1,4-6.
    Slurm,
}

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The folder of the campaign.
    pub(super) folder: PathBuf,
    #[command(flatten)]
    pub(super) printing: Printing,
}

#[derive(Debug, Args)]
pub(super) struct SubmitArgs {
    #[command(subcommand)]
    pub(super) cluster: Cluster,
}

#[derive(Debug, Subcommand)]
pub(super) enum Cluster {
    /// Slurm: a job array of the shards that are missing, and a job behind it that merges.
    Slurm(SlurmArgs),
}

#[derive(Debug, Args)]
pub(super) struct SlurmArgs {
    /// The folder of the campaign, where every node sees it.
    pub(super) folder: PathBuf,
    /// Write the scripts, say what would be submitted, and submit nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// The partition; the cluster's own, if left out.
    #[arg(long, value_name = "NAME")]
    pub(super) partition: Option<String>,
    /// How many shards run at once at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) throttle: Option<u32>,
    /// The time limit of a shard, as sbatch takes it, such as 2:00:00; one that meets it goes on when it is submitted again.
    #[arg(long, value_name = "TIME")]
    pub(super) time: Option<String>,
    /// Processors of a shard.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) cpus: u16,
}

/// Returns the runs of a block that `text` says.
fn block(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(block) if block.is_power_of_two() && block <= 1_024 => Ok(block),
        _ => Err("a block has 1, 2, 4, 8, 16, 32, 64, 128, 256, 512 or 1024 runs".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The scenario files.
    #[arg(required = true)]
    pub(super) scenarios: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) overrides: Overrides,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
#[command(after_help = HISTORY_EXIT_CODES)]
pub(super) struct CheckHistoryArgs {
    /// The history: JSON Lines if it is called .jsonl, .ndjson or .json, or else EDN as Jepsen writes it.
    pub(super) file: PathBuf,
    /// What the clients spoke to; guessed from the functions that they called, if left out.
    #[arg(long, value_parser = one_of(&ObjectKind::ALL, ObjectKind::name, ObjectKind::about))]
    pub(super) model: Option<ObjectKind>,
    #[command(flatten)]
    pub(super) printing: Printing,
}

const HISTORY_EXIT_CODES: &str = "\
Exit codes: 0 linearizable; 1 not linearizable; 2 the file is wrong; 5 unknown: the search was given up.";

/// Ends with 0 once it has told the story, whatever the run came to.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The scenario file, or a repro file.
    pub(super) file: PathBuf,
    /// The seed, instead of the file's.
    #[arg(long, env = "SYNOD_SEED", value_parser = clap::value_parser!(u64).range(..=SEED_MAX))]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) overrides: Overrides,
    /// Where to write explain.svg and explain.html; synod-explain/NAME beside the file, if left out.
    #[arg(long, value_name = "FOLDER")]
    pub(super) output: Option<PathBuf>,
    /// Show all that happened, not only what led to the violation or the last decision.
    #[arg(long)]
    pub(super) all: bool,
    /// Show these agents only, such as 0,3,4.
    #[arg(long, value_delimiter = ',', value_name = "NUMBERS")]
    pub(super) agents: Vec<u32>,
    #[command(flatten)]
    pub(super) printing: Printing,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Debug, Args)]
#[command(after_help = SOLVE_EXIT_CODES)]
pub(super) struct SolveArgs {
    /// The file: a game of Gambit's (.nfg, .efg), bids of CATS' (.cats, .txt), a table of bids or of orders (.csv).
    pub(super) file: PathBuf,
    /// What it is, where its name and its first line do not say so.
    #[arg(long, value_parser = one_of(&FileKind::ALL, FileKind::name, FileKind::about))]
    pub(super) kind: Option<FileKind>,
    /// The rule; second-price for bids on one item, vcg for bids on bundles and uniform for orders, if left out.
    #[arg(long, value_enum)]
    pub(super) rule: Option<SolveRule>,
    /// The least bid on one item that counts.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    pub(super) reserve: String,
    /// The most steps of a search for the best bids on bundles. With fewer than are needed nothing is proven, and it is said so.
    #[arg(long, value_name = "N", default_value_t = 100_000_000)]
    pub(super) steps: u64,
    /// Where the price of orders lies between the lowest and the highest that clear.
    #[arg(long, value_name = "SHARE", default_value = "50%")]
    pub(super) k: Share,
    /// How many digits of an amount in a table stand behind its point.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(..=9))]
    pub(super) decimals: u32,
    #[command(flatten)]
    pub(super) printing: Printing,
}

const SOLVE_EXIT_CODES: &str = "\
Exit codes: 0 answered; 2 the file is wrong; 5 answered, and not all is told or proven: a degenerate game, a game of three
players, a search that was given up.";

/// A rule by which bids win or orders trade.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SolveRule {
    /// The highest bid wins and is paid.
    FirstPrice,
    /// The highest bid wins and pays the next one.
    SecondPrice,
    /// The bids win that are worth most together, and winners pay what they cost others.
    Vcg,
    /// Bids win in the order of amount over the root of their size, and winners pay the least with which they had won.
    Greedy,
    /// All trade at one price.
    Uniform,
    /// McAfee's double auction, of single lots.
    Mcafee,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// What to list; everything if left out.
    #[arg(value_enum)]
    pub(super) what: Option<Listed>,
    /// Where to look for scenarios.
    #[arg(long, default_value = "scenarios", value_name = "FOLDER")]
    pub(super) folder: PathBuf,
    /// Where to look for fault models; beside the scenarios, if left out.
    #[arg(long, value_name = "FOLDER")]
    pub(super) models: Option<PathBuf>,
    #[command(flatten)]
    pub(super) reading: Reading,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Listed {
    Protocols,
    Oracles,
    Metrics,
    Marks,
    Scenarios,
    Models,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// The version of JSON Schema; editors' YAML servers read 07.
    #[arg(long, value_enum, default_value_t)]
    pub(super) draft: DraftName,
    /// That of suites of benchmarks instead.
    #[arg(long)]
    pub(super) suite: bool,
    /// That of fault models instead.
    #[arg(long, conflicts_with = "suite")]
    pub(super) model: bool,
    /// That of the lines that `run --events` writes instead.
    #[arg(long, conflicts_with_all = ["suite", "model"])]
    pub(super) events: bool,
}

#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DraftName {
    #[default]
    #[value(name = "07")]
    Draft07,
    #[value(name = "2020-12")]
    Draft2020,
}

#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// The file to write; an existing one is never overwritten.
    pub(super) file: PathBuf,
    /// How many agents.
    #[arg(long, default_value_t = 4)]
    pub(super) agents: u32,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct Overrides {
    /// Override a value of the scenario, such as network.loss=5%. Can be given again.
    #[arg(long, value_name = "PATH=VALUE")]
    pub(super) set: Vec<String>,
}

/// Which files scenarios may name.
#[derive(Copy, Clone, Debug, Args)]
pub(super) struct Reading {
    /// Let scenario files name files anywhere; else they have to lie in the scenario's folder or in its catalogue.
    #[arg(long)]
    pub(super) allow_outside: bool,
}

impl Reading {
    /// Returns how far the references of files go.
    pub(super) fn access(self) -> Access {
        if self.allow_outside { Access::Anywhere } else { Access::Own }
    }
}

/// What is written of a run while it goes on.
#[derive(Debug, Args)]
pub(super) struct Recordings {
    /// Write a timeline of the run to this file, in the format of ui.perfetto.dev.
    #[arg(long, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
    /// Write the run's events to this file, one JSON object a line; `synod schema --events` says what is in them.
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
    /// Write what clients asked and were told to this file, for checkers of histories: JSON Lines if it is called
    /// .jsonl, or else EDN.
    #[arg(long, value_name = "FILE")]
    pub(super) history: Option<PathBuf>,
    /// Write the run to this file as a log with vector clocks, which ShiViz draws.
    #[arg(long, value_name = "FILE")]
    pub(super) shiviz: Option<PathBuf>,
    /// The largest that each of these files becomes; what comes later is left out, and it is said how much. An event
    /// takes some 400 bytes of --events, and 500 of --trace.
    #[arg(long, value_name = "SIZE", default_value = "1GiB")]
    pub(super) recording_limit: Size,
}

#[derive(Debug, Args)]
pub(super) struct Printing {
    /// How to print the result.
    #[arg(long, value_enum, default_value_t, env = "SYNOD_FORMAT")]
    pub(super) format: Format,
}

#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A page for people.
    #[default]
    Human,
    /// One JSON object.
    Json,
}

#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes this the choice for all that is printed.
    pub(super) fn apply(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::AlwaysAnsi,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// One of `all`, by its name; help tells what each is.
fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
    about: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let values = all.iter().map(|&each| PossibleValue::new(name(each)).help(about(each)));
    PossibleValuesParser::new(values)
        .map(move |typed| *all.iter().find(|&&each| name(each) == typed).expect("it is one of these"))
}
