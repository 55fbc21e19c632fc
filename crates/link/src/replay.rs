//! The past again: a recording or a table, published to a broker or put into a sink, at any speed.
//!
//! Times are shifted to now unless they are to be kept. A shift concerns when a message is sent, and the source times in
//! its payload: those that a table's mapping writes, and those of a recording at the places that the site knows
//! ([`TimePlaces`]).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use twinscope_twin::site::SourceRow;
use twinscope_twin::state::LinkEvent;
use twinscope_twin::time::WallMs;

use crate::clock::Clock;
use crate::mqtt::{MqttLink, PublishError};
use crate::sink::{Message, Sink};

mod input;
pub(crate) mod payload_time;
mod speed;
pub mod table;
pub mod time_text;

pub use input::{Input, InputError, Timed};
pub use payload_time::{TimePlaceError, TimePlaces};
pub use speed::{Speed, SpeedError};

/// Longest sleep in one piece, so that a stop is noticed.
const NAP: Duration = Duration::from_millis(100);

/// What times the replayed messages carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// As if it happened now: each message at the moment at which it is sent. As fast as possible ([`Speed::Max`]) the
    /// messages keep their distances instead, and the last one happened when the replay began.
    #[default]
    Shift,
    /// As they were.
    Keep,
}

/// How a replay runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// How fast.
    pub speed: Speed,
    /// What times the messages carry.
    pub times: Times,
}

/// How a replay is doing, or how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Messages sent; at the end those that arrived.
    pub messages: u64,
    /// Original time of the last one, ms since the epoch.
    pub at_ms: WallMs,
    /// Messages that could not be sent, or at the end did not arrive.
    pub failed: u64,
    /// The input ended before its end: why, in words.
    pub cut_off: Option<String>,
}

/// A replay could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The input cannot be read further.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The broker does not take the messages.
    #[error("the broker has taken no message for {0} s; is it connected? The last link event says more")]
    Stuck(u64),
}

/// Publishes an input through a link, with QoS 1, as fast as `options` and the broker allow; waits for the last
/// acknowledgement. `progress` is called after each message.
///
/// # Errors
/// The input cannot be read, or the broker takes nothing for as long as a message may wait
/// ([`crate::Settings::outbox_deadline`]).
pub fn to_broker(
    input: Input,
    link: &MqttLink,
    options: Options,
    stop: &AtomicBool,
    mut progress: impl FnMut(&Progress),
) -> Result<Progress, ReplayError> {
    let publisher = link.publisher();
    let patience = publisher.deadline();
    let failed_before = publisher.outbox().failed;
    // Since when there is no room, and what the broker had taken then. Kept from message to message: letters that are given
    // up make room too, and a broker that is gone would pass for a slow one.
    let mut blocked: Option<(Instant, u64)> = None;
    let mut stuck = false;
    let result = run(input, options, stop, &mut progress, |timed, payload| {
        loop {
            match publisher.publish(&timed.topic, payload.clone(), timed.retained) {
                Ok(()) => return Sent::Yes,
                Err(PublishError::Full) => {
                    if stop.load(Ordering::Acquire) {
                        return Sent::Stop;
                    }
                    let delivered = publisher.outbox().delivered;
                    match blocked {
                        Some((since, then)) if then == delivered => {
                            if since.elapsed() > patience {
                                stuck = true;
                                return Sent::Stop;
                            }
                        }
                        _ => blocked = Some((Instant::now(), delivered)),
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(PublishError::Stopped) => return Sent::Stop,
                Err(PublishError::TooLarge { .. } | PublishError::Topic(_)) => return Sent::No,
            }
        }
    })?;
    if stuck {
        return Err(ReplayError::Stuck(patience.as_secs()));
    }
    let ended = Instant::now();
    while publisher.outbox().waiting > 0 {
        let patience = if stop.load(Ordering::Acquire) { FAREWELL } else { patience };
        if ended.elapsed() > patience {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let outbox = publisher.outbox();
    let lost = outbox.failed - failed_before + outbox.waiting as u64;
    Ok(Progress { messages: result.messages.saturating_sub(lost), failed: result.failed + lost, ..result })
}

/// How long somebody who stops a replay waits for what is on its way.
const FAREWELL: Duration = Duration::from_secs(2);

/// Puts an input into a sink, as a source without a broker. `reason` is shown as the reason why there is none.
///
/// # Errors
/// The input cannot be read.
pub fn to_sink(
    input: Input,
    sink: &Sink,
    source: SourceRow,
    reason: &str,
    options: Options,
    stop: &AtomicBool,
) -> Result<Progress, ReplayError> {
    let clock = Clock::new();
    sink.event(source, LinkEvent::Direct { reason: reason.to_owned() });
    let result = run(input, options, stop, &mut |_| {}, |timed, payload| {
        let message = Message {
            topic: Bytes::from(timed.topic.clone()),
            payload,
            received: clock.now(),
            retained: timed.retained,
        };
        if sink.messages(source, vec![message]) { Sent::Yes } else { Sent::No }
    });
    let reason = match &result {
        Ok(Progress { cut_off: Some(why), .. }) => format!("the recording ends early: {why}"),
        Ok(_) => "the recording has ended".to_owned(),
        Err(error) => error.to_string(),
    };
    sink.event(source, LinkEvent::Lost { reason });
    result
}

enum Sent {
    Yes,
    No,
    Stop,
}

/// Plays an input in its own pace.
fn run(
    mut input: Input,
    options: Options,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(&Progress),
    mut send: impl FnMut(&Timed, Bytes) -> Sent,
) -> Result<Progress, ReplayError> {
    let clock = Clock::new();
    let shift_of_all_ms = match (options.times, options.speed) {
        (Times::Keep, _) => Some(0),
        (Times::Shift, Speed::Max) => {
            let last_ms = last_ms(input.again()?, stop)?;
            Some(last_ms.map_or(0, |last_ms| clock.now().wall_ms.saturating_sub(last_ms)))
        }
        (Times::Shift, Speed::Times(_)) => None,
    };
    let start = Instant::now();
    let mut first_ms = None;
    let mut state = Progress::default();
    while let Some(timed) = input.next_message()? {
        let first = *first_ms.get_or_insert(timed.t_ms);
        let offset_ms = timed.t_ms.saturating_sub(first).max(0).unsigned_abs();
        let due = start + options.speed.real_time(Duration::from_millis(offset_ms));
        if !sleep_until(due, stop) {
            break;
        }
        let shift_ms = shift_of_all_ms.unwrap_or_else(|| clock.now().wall_ms.saturating_sub(timed.t_ms));
        match send(&timed, timed.payload(shift_ms)) {
            Sent::Yes => state.messages += 1,
            Sent::No => state.failed += 1,
            Sent::Stop => break,
        }
        state.at_ms = timed.t_ms;
        progress(&state);
    }
    state.cut_off = input.cut_off();
    Ok(state)
}

/// When the latest message of an input happened; `None`: it has none, or we were told to stop.
fn last_ms(mut input: Input, stop: &AtomicBool) -> Result<Option<WallMs>, InputError> {
    let mut last = None;
    while let Some(timed) = input.next_message()? {
        if stop.load(Ordering::Acquire) {
            return Ok(None);
        }
        last = last.max(Some(timed.t_ms));
    }
    Ok(last)
}

/// `false`: told to stop.
fn sleep_until(due: Instant, stop: &AtomicBool) -> bool {
    loop {
        if stop.load(Ordering::Acquire) {
            return false;
        }
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(NAP));
    }
}
