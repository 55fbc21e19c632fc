//! The past again: a recording or a table, published to a broker or put into a sink, at any speed.
//!
//! Times are shifted to now unless they are to be kept. A shift concerns when a message is sent, and the source times in
//! its payload where they are known: those that a table's mapping writes always, those of a recording only if their place
//! is named ([`Input::recording`]).

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
mod speed;
pub mod table;
pub mod time_text;

pub use input::{Input, InputError, TimeField, Timed};
pub use speed::{Speed, SpeedError};

/// Longest sleep in one piece, so that a stop is noticed.
const NAP: Duration = Duration::from_millis(100);

/// What times the replayed messages carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// As if it happened now.
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
    /// Messages sent.
    pub messages: u64,
    /// Original time of the last one, ms since the epoch.
    pub at_ms: WallMs,
    /// Messages that could not be sent.
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
/// The input cannot be read, or the broker takes nothing for 30 s.
pub fn to_broker(
    input: Input,
    link: &MqttLink,
    options: Options,
    stop: &AtomicBool,
    mut progress: impl FnMut(&Progress),
) -> Result<Progress, ReplayError> {
    let publisher = link.publisher();
    let mut stuck = None;
    let result = run(input, options, stop, &mut progress, |timed, payload| {
        let started = Instant::now();
        let mut delivered = publisher.outbox().delivered;
        let mut since = started;
        loop {
            match publisher.publish(&timed.topic, payload.clone(), timed.retained) {
                Ok(()) => return Sent::Yes,
                Err(PublishError::Full) => {
                    if stop.load(Ordering::Acquire) {
                        return Sent::Stop;
                    }
                    let now_delivered = publisher.outbox().delivered;
                    if now_delivered != delivered {
                        delivered = now_delivered;
                        since = Instant::now();
                    } else if since.elapsed() > PATIENCE {
                        stuck = Some(PATIENCE.as_secs());
                        return Sent::Stop;
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(PublishError::Stopped) => return Sent::Stop,
                Err(PublishError::TooLarge { .. } | PublishError::Topic(_)) => return Sent::No,
            }
        }
    })?;
    if let Some(seconds) = stuck {
        return Err(ReplayError::Stuck(seconds));
    }
    let until = Instant::now() + PATIENCE;
    while publisher.outbox().waiting > 0 && Instant::now() < until && !stop.load(Ordering::Acquire) {
        std::thread::sleep(Duration::from_millis(2));
    }
    let failed = result.failed + publisher.outbox().failed;
    Ok(Progress { failed, ..result })
}

/// Longest time without an acknowledgement.
const PATIENCE: Duration = Duration::from_secs(30);

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
    let start = Instant::now();
    let start_ms = clock.now().wall_ms;
    let mut first_ms = None;
    let mut state = Progress::default();
    while let Some(timed) = input.next_message()? {
        let first = *first_ms.get_or_insert(timed.t_ms);
        let offset_ms = timed.t_ms.saturating_sub(first).max(0).unsigned_abs();
        let due = start + options.speed.real_time(Duration::from_millis(offset_ms));
        if !sleep_until(due, stop) {
            break;
        }
        let shift_ms = match (options.times, options.speed) {
            (Times::Keep, _) => 0,
            // As fast as possible, the messages keep their distances, and the last one is not in the future.
            (Times::Shift, Speed::Max) => {
                start_ms.saturating_sub(first).min(clock.now().wall_ms.saturating_sub(timed.t_ms))
            }
            (Times::Shift, Speed::Times(_)) => clock.now().wall_ms.saturating_sub(timed.t_ms),
        };
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
