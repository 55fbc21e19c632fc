//! Why a part has its colour: message → value → rule → state, each with its age, as steps that a person reads from top
//! to bottom. Every state and quality has such a story; none is left without a reason.

use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{AlarmRule, Part, PartRow, Signal, SignalInput, SignalRow};
use twinscope_twin::snapshot::{AlarmDetail, PartDetail, SignalStatus};
use twinscope_twin::time::WallMs;

use super::alarms::condition_text;
use super::look::{self, Look};
use super::theme::{Mark, quality_word};
use super::words;

/// Which link of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Link {
    Message,
    Value,
    Rule,
    State,
}

impl Link {
    /// Its heading.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Message => "Message",
            Self::Value => "Value",
            Self::Rule => "Rule",
            Self::State => "State",
        }
    }
}

/// One step of the story.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyStep {
    /// Which link.
    pub link: Link,
    /// The fact, read first.
    pub fact: String,
    /// What explains it.
    pub detail: Option<String>,
    /// Something raw: a topic, an expression, the beginning of a payload.
    pub raw: Option<String>,
    /// How old, or since when.
    pub age: Option<String>,
    /// A mark, where the step decides something.
    pub mark: Option<Mark>,
}

impl WhyStep {
    fn new(link: Link, fact: impl Into<String>) -> Self {
        Self { link, fact: fact.into(), detail: None, raw: None, age: None, mark: None }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        self.detail = (!detail.is_empty()).then_some(detail);
        self
    }

    fn raw(mut self, raw: impl Into<String>) -> Self {
        self.raw = Some(raw.into());
        self
    }

    fn age(mut self, age: Option<String>) -> Self {
        self.age = age;
        self
    }

    const fn mark(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }
}

/// The story of the selected part.
#[must_use]
pub fn why(look: &Look<'_>, detail: &PartDetail) -> Vec<WhyStep> {
    let Some(part) = look.part(detail.part) else { return Vec::new() };
    let status = look.status(detail.part);
    let decisive = decisive_alarm(look, detail);
    let signal = decisive
        .and_then(|(rule, _)| rule.condition.signal())
        .or_else(|| worst_signal(look, part, status.quality))
        .filter(|row| part.signals.contains(&row.0) || look.signal(*row).is_some());
    let mut steps = Vec::with_capacity(4);
    match signal {
        Some(row) => {
            if let Some(signal) = look.signal(row) {
                let empty = SignalStatus::default();
                let signal_status = look.signal_status(row).unwrap_or(&empty);
                steps.push(message_step(look, detail, row, signal, signal_status));
                steps.push(value_step(look, signal, signal_status));
            }
        }
        None => steps.push(unmeasured_step(part)),
    }
    steps.push(rule_step(look, detail, decisive));
    steps.push(state_step(look, detail.part, decisive));
    steps
}

/// The active alarm that gives the part its state: highest priority, then the oldest.
#[must_use]
pub fn decisive_alarm<'a>(look: &Look<'a>, detail: &'a PartDetail) -> Option<(&'a AlarmRule, &'a AlarmDetail)> {
    detail
        .alarms
        .iter()
        .filter(|alarm| alarm.active)
        .filter_map(|alarm| Some((look.site().alarms.get(alarm.alarm.index())?, alarm)))
        .min_by_key(|(rule, alarm)| (std::cmp::Reverse(rule.priority), alarm.since_ms.unwrap_or(WallMs::MAX)))
}

/// The first signal whose quality is that of the part; it is the one that explains it.
fn worst_signal(look: &Look<'_>, part: &Part, quality: Quality) -> Option<SignalRow> {
    let rows = || part.signals.clone().map(SignalRow);
    rows()
        .find(|row| look.signal_status(*row).is_some_and(|status| status.quality == quality))
        .or_else(|| rows().next())
}

fn unmeasured_step(part: &Part) -> WhyStep {
    WhyStep::new(Link::Message, capital(QualityReason::NotMeasured.sentence()))
        .detail(part.note.clone().unwrap_or_default())
        .mark(Mark::quality(Quality::NoData))
}

fn message_step(
    look: &Look<'_>,
    detail: &PartDetail,
    row: SignalRow,
    signal: &Signal,
    status: &SignalStatus,
) -> WhyStep {
    let last = detail.signals.iter().find(|s| s.signal == row).and_then(|s| s.last_message.as_ref());
    let age = look.signal_age_ms(status).map(words::ago);
    match &signal.input {
        SignalInput::Expression(expression) => {
            WhyStep::new(Link::Message, "Derived from other signals").raw(words::cut(expression, 240)).age(age)
        }
        SignalInput::Topic(topic) => {
            let Some((heard_on, payload)) = last else {
                return WhyStep::new(Link::Message, "No message has arrived yet")
                    .detail("waiting on this topic")
                    .raw(words::cut(&topic.filter, 200));
            };
            let mut raw = words::cut(heard_on, 200).into_owned();
            if status.quality == Quality::Bad {
                raw.push('\n');
                raw.push_str(&words::cut(payload, 256));
            }
            let mut said = Vec::new();
            if let Some(path) = &topic.path {
                said.push(format!("field {path}"));
            }
            if status.source_ms != 0 && topic.time.is_some() {
                said.push(format!("its time {}", look.clock.time(status.source_ms)));
            }
            let source = look
                .part(signal.part)
                .and_then(|part| look.asset(part.asset))
                .and_then(|asset| look.site().sources.get(asset.source.index()));
            let fact =
                source.map_or_else(|| "Heard".to_owned(), |source| format!("From {}", words::cut(&source.id, 40)));
            WhyStep::new(Link::Message, fact).detail(said.join(" · ")).raw(raw).age(age)
        }
    }
}

fn value_step(look: &Look<'_>, signal: &Signal, status: &SignalStatus) -> WhyStep {
    let name = look::signal_name(signal);
    let figure = status
        .value
        .as_ref()
        .map(|value| words::join_unit(&words::value(value, signal.decimals), &words::unit(&signal.unit)));
    let fact = match (&figure, status.quality) {
        (Some(figure), Quality::Good | Quality::Uncertain) => format!("{name} {figure}"),
        (Some(figure), _) => format!("{name}: last readable {figure}"),
        (None, _) => format!("{name}: no value"),
    };
    let reason = status.reason.sentence();
    let detail = match status.reason {
        QualityReason::TooOld => match signal.stale_after_ms {
            Some(limit) => format!("stale: none came for longer than {}", words::span(limit)),
            None => "stale: none came for longer than three times its usual interval".to_owned(),
        },
        QualityReason::OutOfRange => match signal.range {
            Some([low, high]) => format!(
                "bad: {reason}, {} to {}",
                words::number(low, signal.decimals),
                words::with_unit(high, signal.decimals, &signal.unit)
            ),
            None => format!("bad: {reason}"),
        },
        QualityReason::None => reason.to_owned(),
        _ => format!("{}: {reason}", quality_word(status.quality)),
    };
    let age = match status.quality {
        Quality::Stale => status.received.map(|received| look.clock.since(received.wall_ms)),
        _ => None,
    };
    let step = WhyStep::new(Link::Value, fact).detail(detail).age(age);
    if status.quality == Quality::Good { step } else { step.mark(Mark::quality(status.quality)) }
}

fn rule_step(look: &Look<'_>, detail: &PartDetail, decisive: Option<(&AlarmRule, &AlarmDetail)>) -> WhyStep {
    if let Some((rule, alarm)) = decisive {
        let mut text = rule_settings(rule);
        if alarm.held {
            text.push_str(" · held: bad data neither raises nor clears it");
        }
        return WhyStep::new(Link::Rule, condition_text(look.site(), rule))
            .detail(text)
            .age(alarm.since_ms.map(|ms| look.clock.since(ms)))
            .mark(Mark::state(rule.priority));
    }
    let rules = detail.alarms.len();
    if rules == 0 {
        return WhyStep::new(Link::Rule, "No alarm rule").detail("nothing here can raise its state");
    }
    let waiting = detail.alarms.iter().filter(|alarm| alarm.condition).count();
    let failed = detail.alarms.iter().filter(|alarm| alarm.error.is_some()).count();
    let mut parts = Vec::new();
    if waiting > 0 {
        parts.push(format!("{waiting} holding, its delay still runs"));
    }
    if failed > 0 {
        parts.push(format!("{failed} could not be evaluated"));
    }
    let fact = if rules == 1 {
        "Its alarm rule does not stand".to_owned()
    } else {
        format!("None of {rules} alarm rules stands")
    };
    WhyStep::new(Link::Rule, fact).detail(parts.join(" · "))
}

/// Deadband and delays in words; nothing if there are none.
#[must_use]
pub fn rule_settings(rule: &AlarmRule) -> String {
    let mut parts = vec![rule.priority.word().to_owned()];
    if rule.deadband > 0.0 {
        parts.push(format!("deadband {}", rule.deadband));
    }
    if rule.on_delay_ms > 0 {
        parts.push(format!("on after {}", words::span(rule.on_delay_ms)));
    }
    if rule.off_delay_ms > 0 {
        parts.push(format!("off after {}", words::span(rule.off_delay_ms)));
    }
    // Each setting stays in one piece where the line wraps.
    parts.iter().map(|part| part.replace(' ', "\u{A0}")).collect::<Vec<_>>().join(" · ")
}

fn state_step(look: &Look<'_>, row: PartRow, decisive: Option<(&AlarmRule, &AlarmDetail)>) -> WhyStep {
    let status = look.status(row);
    let mark = Mark::of(&status);
    let below = look::known(&status.below);
    let fact = match (status.state, status.quality) {
        (Severity::Normal, Quality::NoData) => "Not known".to_owned(),
        _ => capital(mark.words()),
    };
    let detail = match status.quality {
        Quality::Good => decisive.map(|(rule, _)| rule.consequence.clone()).unwrap_or_default(),
        Quality::Uncertain => "the state holds, its data is doubtful".to_owned(),
        Quality::Stale => "what it is now is not known".to_owned(),
        Quality::Bad => "the data cannot be used: its state is not known".to_owned(),
        Quality::NoData if below > 0 => {
            format!("of the parts below, {below} known, worst {}", status.below.worst.word())
        }
        Quality::NoData => "never shown as healthy".to_owned(),
    };
    let age = decisive.and_then(|(_, alarm)| alarm.since_ms).map(|ms| words::ago(look.clock.wall_age_ms(ms)));
    WhyStep::new(Link::State, fact).detail(detail).age(age).mark(mark)
}

/// With a capital first letter.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
