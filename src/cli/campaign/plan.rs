//! `synod campaign plan`: what is to run, once and for all.

use super::source;
use crate::args::{Format, PlanArgs};
use crate::common::of_campaign;
use crate::exit::{Exit, Failure};
use crate::{output, run};
use synod_campaign::{CampaignFolder, CampaignPlan, PlanOptions};
use synod_harness::Registry;
use synod_report::{plan_object, plan_page};

pub(super) fn plan(registry: &Registry, arguments: &PlanArgs) -> Result<Exit, Failure> {
    let (source, found) = source::find(registry, arguments)?;
    let options = PlanOptions {
        block: arguments.block,
        shards: arguments.shards,
        kept: arguments.repros.unwrap_or(source.kept()),
        shrunk: arguments.shrink,
    };
    let plan = CampaignPlan::new(source, &found.points(), &options).map_err(of_campaign)?;
    let folder =
        CampaignFolder::create(&arguments.output, plan, arguments.block.is_none()).map_err(of_campaign)?;
    match arguments.printing.format {
        Format::Json => output::json(&plan_object(&folder))?,
        Format::Human => {
            let name = run::quoted(&arguments.output.display().to_string());
            output::page(&plan_page(&folder, &output::program(), &name))?;
        }
    }
    Ok(Exit::Held)
}
