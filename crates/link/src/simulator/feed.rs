//! Simulated machines on a clock that someone else turns: the same seed and the same moments give the same bytes.

use std::io::Write as _;

use serde::Deserialize;
use twinscope_prognosis::faults::known_to;
use twinscope_prognosis::{Fault, FaultError, FaultKind, Machine, Reading, Switch};
use twinscope_twin::site::{Site, SourceRow};
use twinscope_twin::time::WallMs;

/// Largest command that is looked at, bytes.
const MAX_COMMAND: usize = 1_024;
/// Assets that can be simulated at a time: some thousand messages per second.
const MAX_ASSETS: usize = 1_000;

/// How a simulation runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Seed of everything random; each asset gets its own stream of it.
    pub seed: u64,
    /// Samples per second, 1 to 10.
    pub rate_hz: u32,
    /// How much faster than real time the machines live, 0.1 to 100. Messages keep their pace.
    pub speed: f64,
    /// Faults from the start.
    pub faults: Vec<StartFault>,
    /// Only the assets of this source; `None`: those of all simulated sources.
    pub source: Option<SourceRow>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, rate_hz: 4, speed: 1.0, faults: Vec::new(), source: None }
    }
}

/// A fault from the start.
#[derive(Clone, Debug, PartialEq)]
pub struct StartFault {
    /// Id of the asset; `None`: the first one whose machine can have it.
    pub asset: Option<String>,
    /// The fault.
    pub fault: Fault,
}

/// Why there is nothing to simulate.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FeedError {
    /// A number is out of its range.
    #[error("the simulation's {what} is {value}; it must lie between {least} and {most}")]
    Range {
        /// Its name.
        what: &'static str,
        /// What it is.
        value: f64,
        /// Smallest allowed.
        least: f64,
        /// Largest allowed.
        most: f64,
    },
    /// The site has no assets.
    #[error("site \"{0}\" has no asset to simulate; add an [[asset]] of a simulated source")]
    NoAssets(String),
    /// None of the assets has a machine.
    #[error(
        "{assets} cannot be simulated: the type names no machine that the simulator knows, such as \
         simulator = \"wind-turbine\" in assets/types/wind-turbine.toml"
    )]
    NoSimulator {
        /// Ids and types of the first of them, and how many more there are.
        assets: String,
    },
    /// The site has too many.
    #[error("site \"{site}\" has {count} assets to simulate; at most {MAX_ASSETS} can be")]
    TooMany {
        /// Id of the site.
        site: String,
        /// How many it has.
        count: usize,
    },
    /// A fault concerns an asset that is not simulated.
    #[error("there is no simulated asset \"{asset}\"; there are: {known}")]
    UnknownAsset {
        /// The id.
        asset: String,
        /// What there is.
        known: String,
    },
    /// The machine cannot have this fault.
    #[error("asset \"{asset}\": {error}")]
    Fault {
        /// Id of the asset.
        asset: String,
        /// Why not, and which it can have.
        error: FaultError,
    },
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The topic is not one of a command to a simulated asset.
    #[error("{0} is not the topic of a command to a simulated asset")]
    Topic(String),
    /// The payload is too large.
    #[error("the command to {asset} has {bytes} bytes; at most {MAX_COMMAND} are read")]
    TooLarge {
        /// Id of the asset.
        asset: String,
        /// Its size.
        bytes: usize,
    },
    /// The payload is not understood.
    #[error(
        "the command to {asset} is not understood: {reason}; expected is {{\"fault\":\"NAME\",\"rate\":1.0}}, or \
         {{\"switch\":\"NAME\",\"on\":true}}"
    )]
    Payload {
        /// Id of the asset.
        asset: String,
        /// Why.
        reason: String,
    },
}

/// One message of a simulated machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Topic.
    pub topic: String,
    /// JSON.
    pub payload: Vec<u8>,
    /// When it was measured, ms since the epoch.
    pub t_ms: WallMs,
}

/// The simulated machines of a site.
#[derive(Debug, Clone)]
pub struct Feed {
    site: String,
    machines: Vec<Simulated>,
    rate_hz: u32,
    speed: f64,
    seed: u64,
    start_ms: WallMs,
    /// Samples since `start_ms`.
    steps: u64,
    /// Simulated time runs only between samples.
    fresh: bool,
}

#[derive(Debug, Clone)]
struct Simulated {
    asset: String,
    machine: Machine,
}

impl Simulated {
    /// Lets time pass, in pieces that the physics takes.
    fn live(&mut self, dt_s: f64) {
        let mut left_s = dt_s;
        while left_s > 0.0 {
            self.machine.step(left_s.min(Machine::LONGEST_STEP_S));
            left_s -= Machine::LONGEST_STEP_S;
        }
    }
}

/// The payload of a command.
#[derive(Deserialize)]
struct FaultCommand {
    fault: String,
    #[serde(default = "one")]
    rate: f64,
}

/// The payload of `operate`.
#[derive(Deserialize)]
struct SwitchCommand {
    switch: String,
    on: bool,
}

const fn one() -> f64 {
    1.0
}

impl Feed {
    /// The machines of [`Options::source`], or of the site's simulated sources, or all of them if none is simulated; the
    /// first samples are those of `start_ms`.
    ///
    /// # Errors
    /// Options out of range, or nothing to simulate.
    pub fn new(site: &Site, options: &Options, start_ms: WallMs) -> Result<Self, FeedError> {
        let range = |what, value: f64, least: f64, most: f64| {
            if (least..=most).contains(&value) { Ok(()) } else { Err(FeedError::Range { what, value, least, most }) }
        };
        range("rate (Hz)", f64::from(options.rate_hz), 1.0, 10.0)?;
        range("speed", options.speed, 0.1, 100.0)?;
        let simulated = |row: usize| site.sources.get(row).is_some_and(|source| source.simulated);
        let some = site.assets.iter().any(|asset| simulated(asset.source.index()));
        let wanted = site.assets.iter().filter(|asset| match options.source {
            Some(source) => asset.source == source,
            None => !some || simulated(asset.source.index()),
        });
        if wanted.clone().next().is_none() {
            return Err(FeedError::NoAssets(site.id.clone()));
        }
        let strangers = wanted.clone().map(|asset| format!("{} (a {})", asset.id, asset.type_id));
        // An asset without a machine is reported where the site is checked; the others live.
        let wanted: Vec<_> = wanted.filter_map(|asset| Some((asset, asset.simulator?))).collect();
        if wanted.is_empty() {
            return Err(FeedError::NoSimulator { assets: some_of(strangers) });
        }
        if wanted.len() > MAX_ASSETS {
            return Err(FeedError::TooMany { site: site.id.clone(), count: wanted.len() });
        }
        let mut machines: Vec<Simulated> = wanted
            .into_iter()
            .zip(0_u64..)
            .map(|((asset, kind), number)| {
                // The golden ratio spreads neighbouring numbers over all bits (splitmix64, Steele et al. 2014).
                let seed = options.seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
                let mut machine = Machine::new(kind, seed);
                machine.set_time_lapse(asset.time_lapse);
                Simulated { asset: asset.id.clone(), machine }
            })
            .collect();
        for start in &options.faults {
            let known = machines.iter().map(|machine| machine.asset.as_str()).collect::<Vec<_>>().join(", ");
            let asset = start.asset.clone().unwrap_or_default();
            let chosen = match &start.asset {
                // Where none can have it, the first one says why.
                None => machines.iter().position(|one| start.fault.kind.concerns(one.machine.kind())).or(Some(0)),
                Some(id) => machines.iter().position(|one| one.asset == *id),
            };
            let one = chosen.and_then(|row| machines.get_mut(row)).ok_or(FeedError::UnknownAsset { asset, known })?;
            one.machine.inject(start.fault).map_err(|error| FeedError::Fault { asset: one.asset.clone(), error })?;
        }
        Ok(Self {
            site: site.id.clone(),
            machines,
            rate_hz: options.rate_hz,
            speed: options.speed,
            seed: options.seed,
            start_ms,
            steps: 0,
            fresh: true,
        })
    }

    /// Ids of the assets whose machines these are.
    pub fn assets(&self) -> impl Iterator<Item = &str> {
        self.machines.iter().map(|machine| machine.asset.as_str())
    }

    /// When the next samples are due, ms since the epoch.
    #[must_use]
    pub fn next_ms(&self) -> WallMs {
        let offset = self.steps.saturating_mul(1_000) / u64::from(self.rate_hz.max(1));
        self.start_ms.saturating_add_unsigned(offset)
    }

    /// Lets the machines run until `t_ms` and gives everything that they publish until then, that moment included, in
    /// order. The caller bounds the span: an hour at 4 Hz are 170,000 messages of each machine.
    pub fn advance_to(&mut self, t_ms: WallMs) -> Vec<Sample> {
        let mut samples = Vec::new();
        while self.next_ms() <= t_ms {
            let now = self.next_ms();
            let dt_s = self.speed / f64::from(self.rate_hz.max(1));
            for one in &mut self.machines {
                if !self.fresh {
                    one.live(dt_s);
                }
                for (tail, fields) in one.machine.messages() {
                    samples.push(Sample {
                        topic: format!("{}/{}/{tail}", self.site, one.asset),
                        payload: payload(now, &fields),
                        t_ms: now,
                    });
                }
            }
            self.fresh = false;
            self.steps += 1;
        }
        samples
    }

    /// Goes on at `t_ms`, without letting the machines live through what lies between.
    pub fn skip_to(&mut self, t_ms: WallMs) {
        self.start_ms = t_ms;
        self.steps = 0;
    }

    /// The topics on which the machines take commands.
    #[must_use]
    pub fn command_filters(&self) -> Vec<String> {
        vec![
            format!("twinscope/v1/{}/+/command/inject-fault", self.site),
            format!("twinscope/v1/{}/+/command/clear-fault", self.site),
            format!("twinscope/v1/{}/+/command/operate", self.site),
        ]
    }

    /// Carries out a command; says what was done.
    ///
    /// # Errors
    /// It is not a command to one of these machines, or not understood.
    pub fn command(&mut self, topic: &[u8], payload: &[u8]) -> Result<String, CommandError> {
        let unknown = || CommandError::Topic(String::from_utf8_lossy(topic).chars().take(120).collect());
        let text = std::str::from_utf8(topic).map_err(|_| unknown())?;
        let levels: Vec<&str> = text.split('/').take(7).collect();
        let &["twinscope", "v1", site, asset, "command", action] = levels.as_slice() else { return Err(unknown()) };
        if site != self.site {
            return Err(unknown());
        }
        let one = self.machines.iter_mut().find(|one| one.asset == asset).ok_or_else(unknown)?;
        if !matches!(action, "inject-fault" | "clear-fault" | "operate") {
            return Err(unknown());
        }
        if payload.len() > MAX_COMMAND {
            return Err(CommandError::TooLarge { asset: asset.to_owned(), bytes: payload.len() });
        }
        let not_understood = |reason: String| CommandError::Payload { asset: asset.to_owned(), reason };
        if action == "operate" {
            let command: SwitchCommand =
                serde_json::from_slice(payload).map_err(|error| not_understood(error.to_string()))?;
            let turned = command.switch.parse::<Switch>().and_then(|switch| one.machine.operate(switch, command.on));
            turned.map_err(|error| not_understood(format!("{:?}: {error}", command.switch)))?;
            return Ok(format!("{asset}: {} {}", command.switch, if command.on { "on" } else { "off" }));
        }
        let command: FaultCommand =
            serde_json::from_slice(payload).map_err(|error| not_understood(error.to_string()))?;
        let kind: FaultKind = command.fault.parse().map_err(|_| {
            not_understood(format!(
                "there is no fault {:?}; {asset} knows: {}",
                command.fault,
                known_to(one.machine.kind())
            ))
        })?;
        if action == "inject-fault" {
            Fault::new(kind, command.rate)
                .and_then(|fault| one.machine.inject(fault))
                .map_err(|error| not_understood(error.to_string()))?;
            Ok(format!("{asset}: {kind} injected at rate {}", command.rate))
        } else {
            one.machine.clear(kind).map_err(|error| not_understood(error.to_string()))?;
            Ok(format!("{asset}: {kind} cleared"))
        }
    }

    /// Where the simulator says that it runs (retained).
    pub(super) fn status_topic(&self) -> String {
        format!("twinscope/v1/{}/simulator/status", self.site)
    }

    /// That it runs.
    pub(super) fn online(&self, t_ms: WallMs) -> Vec<u8> {
        let assets: Vec<_> = self.machines.iter().map(|machine| machine.asset.as_str()).collect();
        serde_json::json!({ "state": "online", "t": t_ms, "seed": self.seed, "rate_hz": self.rate_hz, "assets": assets })
            .to_string()
            .into_bytes()
    }
}

/// The first few of a list, and how many more there are.
fn some_of(names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

/// `{"t":…,"speed":9.81,"cell_1":3.7012}`; numbers to four decimals, which is finer than any of these sensors.
fn payload(t_ms: WallMs, fields: &[(&str, Reading)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    // Writing into a vector cannot fail.
    let _ = write!(bytes, "{{\"t\":{t_ms}");
    for (name, reading) in fields {
        match reading {
            Reading::Flag(flag) => {
                let _ = write!(bytes, ",\"{name}\":{flag}");
            }
            Reading::Number(number) => {
                let _ = write!(bytes, ",\"{name}\":");
                write_number(&mut bytes, *number);
            }
            Reading::Numbers(numbers) => {
                for (row, number) in numbers.iter().enumerate() {
                    let _ = write!(bytes, ",\"{name}_{}\":", row + 1);
                    write_number(&mut bytes, *number);
                }
            }
        }
    }
    bytes.push(b'}');
    bytes
}

fn write_number(bytes: &mut Vec<u8>, number: f64) {
    // Writing into a vector cannot fail. Adding zero turns -0 into 0.
    let _ = if number.is_finite() {
        write!(bytes, "{}", (number * 1e4).round() / 1e4 + 0.0)
    } else {
        write!(bytes, "null")
    };
}

#[cfg(test)]
mod tests;
