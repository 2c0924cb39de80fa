//! `synod campaign status` and `synod campaign missing`: how far a campaign is, and what is left of it.

use super::{open, unmerged};
use crate::args::{Format, MissingArgs, MissingFormat, StatusArgs};
use crate::exit::{Exit, Failure};
use crate::{output, run};
use std::path::Path;
use synod_campaign::{CampaignFolder, CampaignStatus, Point, array_of, status};
use synod_harness::Registry;
use synod_report::{missing_object, status_object, status_page};

pub(super) fn tell(registry: &Registry, arguments: &StatusArgs) -> Result<Exit, Failure> {
    let (folder, points, status) = look(registry, &arguments.folder)?;
    match arguments.printing.format {
        Format::Json => output::json(&status_object(&folder, &points, &status))?,
        Format::Human => {
            let name = run::quoted(&arguments.folder.display().to_string());
            output::page(&status_page(&folder, &points, &status, &output::program(), &name))?;
        }
    }
    Ok(Exit::Held)
}

pub(super) fn missing(registry: &Registry, arguments: &MissingArgs) -> Result<Exit, Failure> {
    let (_, _, status) = look(registry, &arguments.folder)?;
    let shards = status.missing.map_or_else(Vec::new, |missing| missing.shards);
    match arguments.format {
        MissingFormat::Human => {
            output::page(&shards.iter().map(|shard| format!("{shard}\n")).collect::<String>())?
        }
        MissingFormat::Json => output::json(&missing_object(&shards))?,
        MissingFormat::Slurm if shards.is_empty() => {}
        MissingFormat::Slurm => output::page_line(&array_of(&shards))?,
    }
    Ok(Exit::Held)
}

/// Opens a campaign, and looks how far it is.
pub(super) fn look(
    registry: &Registry,
    path: &Path,
) -> Result<(CampaignFolder, Vec<Point>, CampaignStatus), Failure> {
    let folder = open(path)?;
    let points = folder.plan().points(registry)?;
    let status = status(&folder, &points).map_err(|error| unmerged(error, path))?;
    Ok((folder, points, status))
}
