//! `synod campaign`: runs in shards, on any number of machines that share a folder.

mod merge;
mod plan;
mod shard;
mod source;
mod status;
mod submit;

use super::args::{CampaignArgs, CampaignVerb, Cluster};
use super::exit::{Exit, Failure};
use std::path::Path;
use synod_campaign::{CampaignFolder, MergeError};
use synod_harness::Registry;

pub(super) fn campaign(registry: &Registry, arguments: &CampaignArgs) -> Result<Exit, Failure> {
    match &arguments.verb {
        CampaignVerb::Plan(arguments) => plan::plan(registry, arguments),
        CampaignVerb::Run(arguments) => shard::run_one(registry, arguments),
        CampaignVerb::Merge(arguments) => merge::merge_all(registry, arguments),
        CampaignVerb::Missing(arguments) => status::missing(registry, arguments),
        CampaignVerb::Status(arguments) => status::tell(registry, arguments),
        CampaignVerb::Submit(arguments) => match &arguments.cluster {
            Cluster::Slurm(arguments) => submit::slurm(registry, arguments),
        },
    }
}

/// Opens the folder of a campaign.
fn open(folder: &Path) -> Result<CampaignFolder, Failure> {
    CampaignFolder::open(folder).map_err(super::common::of_campaign)
}

/// Returns the failure of shards that cannot be put together.
fn unmerged(error: MergeError, folder: &Path) -> Failure {
    match error {
        MergeError::Sweep(error) => super::common::of_campaign(error),
        MergeError::Missing(missing) => {
            let program = super::output::program();
            let folder = folder.display();
            Failure::input(format_args!(
                "{folder}: {}\n = help: {program} campaign missing {} names them all",
                MergeError::Missing(missing),
                super::run::quoted(&folder.to_string()),
            ))
        }
        error @ MergeError::Disagreement(_) => Failure::disagreed(error),
    }
}
