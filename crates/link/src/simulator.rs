//! The simulated machines of a site, as one more device: they publish telemetry and take commands.
//!
//! The physics is `twinscope_prognosis`; here it gets a pace, topics and payloads.
//! [`Feed`] is the machines without clock or network, for tests and for pictures without a window.
//! [`Simulator`] runs a feed in real time, over MQTT like any other device, or straight into a [`Sink`] when there is no
//! broker.

use std::panic::AssertUnwindSafe;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use twinscope_twin::command::Outgoing;
use twinscope_twin::site::{Site, SourceRow};
use twinscope_twin::state::LinkEvent;

use crate::clock::Clock;
use crate::mqtt::{self, MqttLink};
use crate::settings::{Settings, Will};
use crate::sink::{self, Item, Limits, Message, Received, Receiver, Sink};

mod feed;

pub use feed::{CommandError, Feed, FeedError, Options, Sample, StartFault};

/// Behind or ahead by more than this (the machine slept, the clock was set), the simulation goes on from now.
const JUMP_MS: i64 = 2_000;

/// Where the telemetry goes.
#[derive(Debug)]
pub enum Target {
    /// To a broker, like any device.
    Broker(Box<Settings>),
    /// Straight to the core.
    Direct {
        /// The core's sink.
        sink: Sink,
        /// The source that the simulation stands for.
        source: SourceRow,
        /// Why there is no broker, in words; shown on screen.
        reason: String,
    },
}

/// What a simulation tells whoever started it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// How its connection is doing.
    Link(LinkEvent),
    /// A command was carried out.
    Done(String),
    /// A command was not understood.
    Refused(String),
    /// It has ended by a defect: nothing is simulated any more.
    Failed(String),
}

/// Why a simulation could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The site or the options do not make a simulation.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The link could not be started.
    #[error(transparent)]
    Link(#[from] mqtt::SpawnError),
    /// The system gives no thread.
    #[error("the simulator's thread could not be started: {0}; the system is out of threads or memory")]
    Thread(#[from] std::io::Error),
}

/// A running simulation. Dropping it ends the thread.
#[derive(Debug)]
pub struct Simulator {
    inbox: Sink,
    /// Without a broker: where a message goes that a broker would have kept and handed to everybody.
    echo: Option<(Sink, SourceRow)>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a simulation of the site's simulated assets. `report` is called from its thread.
    ///
    /// # Errors
    /// The options are out of range, nothing in the site can be simulated, or the system gives no thread.
    pub fn spawn(
        target: Target,
        site: &Site,
        options: &Options,
        mut report: impl FnMut(Report) + Send + 'static,
    ) -> Result<Self, SimulatorError> {
        let clock = Clock::new();
        let feed = Feed::new(site, options, clock.now().wall_ms)?;
        let echo = match &target {
            Target::Direct { sink, source, .. } => Some((sink.clone(), *source)),
            Target::Broker(_) => None,
        };
        let (inbox, receiver) = sink::channel(Limits { batches: 256, bytes: 1 << 20, commands: 0 });
        let out = match target {
            Target::Direct { sink, source, reason } => {
                sink.event(source, LinkEvent::Direct { reason });
                Out::Direct { sink, source }
            }
            Target::Broker(mut settings) => {
                let status = feed.status_topic();
                // A command is sent once: with QoS 0 the broker may let it go.
                settings.qos = 1;
                settings.will = Some(Will { topic: status.clone(), payload: offline() });
                let link = mqtt::spawn(*settings, feed.command_filters(), inbox.clone(), SourceRow(0))?;
                Out::Broker { link, status }
            }
        };
        let thread = std::thread::Builder::new().name("simulator".to_owned()).spawn(move || {
            let run = AssertUnwindSafe(|| run(feed, &out, &receiver, clock, &mut report));
            if std::panic::catch_unwind(run).is_err() {
                tracing::error!("the simulator failed and has ended; please report this");
                report(Report::Failed("the simulator failed inside; this is a defect, please report it".to_owned()));
            }
            if let Out::Broker { link, status } = &out {
                let _ = link.publish(status, offline(), true);
            }
        })?;
        Ok(Self { inbox, echo, thread: Some(thread) })
    }

    /// Where commands to a simulation without a broker go; give it to [`crate::core::CoreHandle::on_outgoing`]. What is
    /// to be retained is no command: it goes back to the core, which is all that hears it.
    #[must_use]
    pub fn route(&self) -> crate::core::Route {
        let (inbox, echo) = (self.inbox.clone(), self.echo.clone());
        Box::new(move |outgoing: Outgoing| {
            let retain = outgoing.retain;
            let message = Message {
                topic: Bytes::from(outgoing.topic),
                payload: Bytes::from(outgoing.payload),
                received: Clock::new().now(),
                retained: false,
            };
            let taken = match echo.as_ref().filter(|_| retain) {
                Some((sink, source)) => sink.messages(*source, vec![message]),
                None => inbox.messages(SourceRow(0), vec![message]),
            };
            if taken { Ok(()) } else { Err("the simulator has ended, or too many messages wait already".to_owned()) }
        })
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.inbox.close();
        if let Some(thread) = self.thread.take() {
            // A panic in it has been reported.
            let _ = thread.join();
        }
    }
}

enum Out {
    Direct { sink: Sink, source: SourceRow },
    Broker { link: MqttLink, status: String },
}

fn run(mut feed: Feed, out: &Out, inbox: &Receiver, clock: Clock, report: &mut impl FnMut(Report)) {
    let publisher = match out {
        Out::Broker { link, .. } => Some(link.publisher()),
        Out::Direct { .. } => None,
    };
    loop {
        let now = clock.now();
        let next = feed.next_ms();
        if (now.wall_ms - next).abs() > JUMP_MS {
            feed.skip_to(now.wall_ms);
        }
        let samples = feed.advance_to(now.wall_ms);
        match out {
            Out::Direct { sink, source } => {
                let received = clock.now();
                let message = |sample: Sample| Message {
                    topic: Bytes::from(sample.topic),
                    payload: Bytes::from(sample.payload),
                    received,
                    retained: false,
                };
                sink.messages(*source, samples.into_iter().map(message).collect());
            }
            Out::Broker { .. } => {
                for sample in samples {
                    if let Some(publisher) = &publisher {
                        // Without a connection it is lost, and counted by the link; the next sample replaces it.
                        let _ = publisher.publish_now(&sample.topic, sample.payload, false);
                    }
                }
            }
        }
        let wait = feed.next_ms().saturating_sub(clock.now().wall_ms).clamp(0, 1_000);
        match inbox.recv(Duration::from_millis(wait.unsigned_abs())) {
            Received::Nothing => {}
            Received::Closed => break,
            Received::Item(Item::Messages { messages, .. }) => {
                // A command that the broker had kept is an old one.
                for message in messages.iter().filter(|message| !message.retained) {
                    report(match feed.command(&message.topic, &message.payload) {
                        Ok(done) => Report::Done(done),
                        Err(error) => Report::Refused(error.to_string()),
                    });
                }
            }
            Received::Item(Item::Link { event, .. }) => {
                if let (Out::Broker { link, status }, LinkEvent::Live) = (out, &event) {
                    // The outbox has room: nothing else is put into it.
                    let _ = link.publish(status, feed.online(clock.now().wall_ms), true);
                }
                report(Report::Link(event));
            }
            Received::Item(Item::Command(_)) => {}
        }
    }
}

fn offline() -> Vec<u8> {
    br#"{"state":"offline"}"#.to_vec()
}
