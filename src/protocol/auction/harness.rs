//! Auctions in scenario files.

use crate::{Auction, Bug, Config, Limit, Mark, Participant, Price, Strategy, Terms, oracle};
use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::rc::Rc;
use synod_economics::auction::TermsError;
use synod_economics::{Amount, Bidder};
use synod_harness::metric::Unit;
use synod_harness::series::{self, param};
use synod_harness::{Entry, Harness, Instance, OwnMetric, Path, Problem, Scenario, Tolerance, entry};
use synod_sim::units::{Span, plural};
use synod_sim::{CoverageMark, Duration, GroundTruth, Oracle, Purpose, Streams, Time};

/// Auctions under the harness.
#[derive(Debug)]
pub enum AuctionHarness {}

/// Returns the protocols of this crate.
pub fn entries() -> Vec<Box<dyn Entry>> {
    vec![entry::<AuctionHarness>()]
}

/// An auction's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuctionParams {
    /// Who wins, and what is paid.
    pub price: Price,
    /// The least bid that counts, in minor units.
    pub reserve: u64,
    /// How long bids are taken, by the auctioneer's clock.
    pub deadline: Span,
    /// After what time without an answer something is sent again.
    pub resend: Span,
    /// How many entries the log takes of one bidder.
    pub limit: LimitShape,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

/// How many entries the log takes of one bidder.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitShape {
    /// At most so many,
    pub most: u32,
    /// in a sliding window of this length.
    pub window: Span,
}

impl Default for LimitShape {
    fn default() -> LimitShape {
        LimitShape { most: 10, window: Span(Duration::from_secs(60)) }
    }
}

impl Default for AuctionParams {
    fn default() -> AuctionParams {
        AuctionParams {
            price: Price::Second,
            reserve: 0,
            deadline: Span(Duration::from_secs(120)),
            resend: Span(Duration::from_millis(500)),
            limit: LimitShape::default(),
            bug: None,
        }
    }
}

/// What is sold, what it is worth to each bidder, and how they bid. Agent 0 is the auctioneer, all others bid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuctionWorkload {
    /// What is sold: any text, which the outcome carries along.
    pub item: String,
    /// What the item is worth to each bidder.
    pub values: ValuesShape,
    /// How bidders bid, unless `strategies` says otherwise.
    pub strategy: Strategy,
    /// How some bidders bid.
    pub strategies: Vec<StrategyOf>,
    /// When the auction opens, by the auctioneer's clock.
    pub at: Span,
}

impl Default for AuctionWorkload {
    fn default() -> AuctionWorkload {
        AuctionWorkload {
            item: "item".to_owned(),
            values: ValuesShape::default(),
            strategy: Strategy::Truthful,
            strategies: Vec::new(),
            at: Span::default(),
        }
    }
}

/// What the item is worth to each bidder, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValuesShape {
    /// To agent 1, to agent 2 and so on.
    Given(Vec<u64>),
    /// Drawn from the seed for each bidder by itself.
    Uniform(UniformShape),
}

impl Default for ValuesShape {
    fn default() -> ValuesShape {
        ValuesShape::Uniform(UniformShape { low: 1, high: 1_000_000 })
    }
}

/// All whole numbers of a range alike.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UniformShape {
    /// The lowest.
    pub low: u64,
    /// The highest.
    pub high: u64,
}

/// How some bidders bid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StrategyOf {
    /// The bidders, by the numbers of their agents.
    pub bidders: Vec<u32>,
    /// How they bid.
    pub by: Strategy,
}

type File = Scenario<AuctionParams, AuctionWorkload>;

const METRICS: [OwnMetric; 6] = OwnMetric::of(
    AuctionHarness::NAME,
    [
        OwnMetric::figure("auction.revenue", "revenue", "What the seller gets, in minor units."),
        OwnMetric::figure("auction.surplus", "surplus", "The winner's value less the price, in minor units."),
        OwnMetric::figure(
            "auction.efficiency",
            "efficiency",
            "The winner's value, of the highest value; there is none where nothing is of value.",
        )
        .in_unit(Unit::PartsPerMillion),
        OwnMetric::hits("auction.bids", &[Mark::Entered.declared()], "Bids that were entered into the log."),
        OwnMetric::hits(
            "auction.late_bids",
            &[Mark::RefusedTooLate.declared()],
            "Bids that came after CLOSE.",
        ),
        OwnMetric::hits(
            "auction.excess_bids",
            &[Mark::RefusedTooMany.declared()],
            "Bids that were one too many of their bidder.",
        ),
    ],
);

impl Harness for AuctionHarness {
    type Protocol = Auction;
    type Params = AuctionParams;
    type Workload = AuctionWorkload;

    const NAME: &'static str = "auction";
    const ABOUT: &'static str =
        "An auction by sealed bids: a trusted auctioneer's log, first, second or weighted second price";
    const ORACLES: &'static [&'static str] = oracle::NAMES;
    const METRICS: &'static [OwnMetric] = &METRICS;
    const MARKS: &'static [CoverageMark] = Mark::ALL;

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Auction>, Problem> {
        Ok(Instance { config: config(scenario, streams)?, clients: 0, operations: 1 })
    }

    /// Whatever bidders do, the others have their auction. The auctioneer is trusted.
    fn tolerance(scenario: &File) -> Option<Tolerance> {
        let bidders = scenario.world.agents.saturating_sub(1);
        Some(Tolerance {
            faulty: bidders,
            byzantine: bidders,
            trusted: Some(Config::AUCTIONEER),
            overlap: scenario.world.agents,
            timer: scenario.params.resend,
        })
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Auction>>> {
        oracle::all(config, ground_truth)
    }
}

fn config(scenario: &File, streams: &Streams) -> Result<Config, Problem> {
    let (params, workload) = (&scenario.params, &scenario.workload);
    let bug = series::mutant(AuctionHarness::NAME, params.bug, cfg!(feature = "mutants"))?;
    let parameter = |field: &str| param(AuctionHarness::NAME, field);
    let bidders = scenario.world.agents - 1;
    if bidders == 0 {
        return Err(Problem::new(
            Path::of(["agents"]),
            "agent 0 is the auctioneer: somebody else has to bid",
        ));
    }
    for (field, span) in [("deadline", params.deadline), ("resend", params.resend)] {
        if span.0.is_zero() {
            return Err(Problem::new(parameter(field), "waiting takes time"));
        }
    }
    let opens = Time::ZERO + workload.at.0;
    let closes = opens + params.deadline.0;
    if closes.since(Time::ZERO) >= scenario.world.horizon.0 {
        let message = format!(
            "bids are due {} after the start, and the run ends after {}",
            Span(closes.since(Time::ZERO)),
            scenario.world.horizon
        );
        return Err(Problem::new(parameter("deadline"), message).help("bids are due before the horizon"));
    }
    let LimitShape { most, window } = params.limit;
    if most == 0 || window.0.is_zero() {
        return Err(Problem::new(parameter("limit"), TermsError::EmptyLimit.to_string()));
    }
    let profiles = scenario.world.profiles();
    let weights = profiles[1..].iter().map(|profile| u32::try_from(profile.weight));
    let weights = weights.collect::<Result<Vec<u32>, _>>();
    let weights = weights.map_err(|_| {
        Problem::new(Path::of(["groups"]), format!("a bidder's weight is at most {}", u32::MAX))
    })?;
    let terms = Terms {
        item: workload.item.clone(),
        price: params.price,
        reserve: amount(params.reserve, || parameter("reserve"))?,
        weights,
        closes,
    };
    terms.check().map_err(|error| Problem::new(Path::of(["groups"]), error.to_string()))?;
    let values = values(&workload.values, bidders, streams)?;
    let strategies = strategies(workload, bidders)?;
    let participants = values.into_iter().zip(strategies);
    Ok(Config {
        terms: Rc::new(terms),
        opens,
        resend: params.resend.0,
        limit: Limit { most, window: window.0 },
        participants: participants.map(|(value, strategy)| Participant { value, strategy }).collect(),
        bug,
        life: 0,
    })
}

fn amount(units: u64, path: impl Fn() -> Path) -> Result<Amount, Problem> {
    Amount::of_wide(units.into()).map_err(|error| Problem::new(path(), error.to_string()))
}

/// Returns what the item is worth to each bidder.
fn values(shape: &ValuesShape, bidders: u32, streams: &Streams) -> Result<Vec<Amount>, Problem> {
    let here = Path::of(["workload", "values"]);
    match shape {
        ValuesShape::Given(given) => {
            let path = here.to("given");
            if given.len() != bidders as usize {
                let message = format!(
                    "{} for {}",
                    plural(given.len() as u64, "value"),
                    plural(bidders.into(), "bidder")
                );
                return Err(Problem::new(path, message).help("agent 0 is the auctioneer, and has none"));
            }
            let units = given.iter().enumerate();
            units.map(|(place, &units)| amount(units, || here.to("given").to(place))).collect()
        }
        ValuesShape::Uniform(UniformShape { low, high }) => {
            let path = || Path::of(["workload", "values", "uniform"]);
            if low > high {
                return Err(Problem::new(path().to("low"), format!("the highest is {high}, which is lower")));
            }
            amount(*high, || path().to("high"))?;
            let draw = |bidder| {
                let units = streams.stream(Purpose::Opinion, u64::from(bidder)).random_range(*low..=*high);
                amount(units, path)
            };
            (1..=bidders).map(draw).collect()
        }
    }
}

/// Returns how each bidder bids.
fn strategies(workload: &AuctionWorkload, bidders: u32) -> Result<Vec<Strategy>, Problem> {
    let mut all = vec![workload.strategy; bidders as usize];
    let mut named = BTreeSet::new();
    let strategy = (Path::of(["workload", "strategy"]), &workload.strategy);
    let others = workload.strategies.iter().enumerate();
    let others = others.map(|(place, of)| (Path::of(["workload", "strategies"]).to(place).to("by"), &of.by));
    for (path, strategy) in std::iter::once(strategy).chain(others) {
        if let Strategy::Flooding(flooding) = strategy
            && (flooding.bids == 0 || flooding.every.0.is_zero())
        {
            return Err(Problem::new(
                path.to("flooding"),
                "a flood has at least 1 bid, and time between bids",
            ));
        }
    }
    for (place, StrategyOf { bidders: listed, by }) in workload.strategies.iter().enumerate() {
        for (index, &bidder) in listed.iter().enumerate() {
            let path = Path::of(["workload", "strategies"]).to(place).to("bidders").to(index);
            if !(1..=bidders).contains(&bidder) {
                let message = format!("there is no bidder {bidder}: they are 1 to {bidders}");
                return Err(Problem::new(path, message));
            }
            if !named.insert(Bidder(bidder)) {
                return Err(Problem::new(path, TermsError::RepeatedBidder(Bidder(bidder)).to_string()));
            }
            all[bidder as usize - 1] = *by;
        }
    }
    Ok(all)
}
