//! Raw messages to and from MCAP files (<https://mcap.dev>).
//!
//! One channel per topic, a second one for what the broker had kept (`retained = true` in its metadata). The metadata also
//! says where payloads tell their times (`time:/t = ms`), so that a replay can shift them. `log_time` is the time of
//! receipt. Chunks are small and finished often, so that a recording that is cut off loses little: a message is
//! acknowledged to the broker only when its chunk is on disk. A file that was cut off is read as far as it goes.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use mcap::records::MessageHeader;
use mcap::sans_io::LinearReaderOptions;
use mcap::{Compression, McapError, WriteOptions, Writer};
use twinscope_twin::routing::{Frontier, Router};
use twinscope_twin::site::{SourceRow, TimeInput};
use twinscope_twin::state::LinkEvent;
use twinscope_twin::time::WallMs;

use crate::mqtt;
use crate::replay::TimePlaces;
use crate::replay::payload_time::{unit_name, unit_named};
use crate::settings::{Session, Settings};
use crate::sink::{self, Item, Limits, Message, Receipt, Received};

/// Uncompressed size at which a chunk is finished, bytes.
const CHUNK: u64 = 256 << 10;
/// Channels of a file: the format numbers them with 16 bits.
const CHANNELS: usize = 60_000;
/// Largest record that is read, bytes; a message is never larger than its packet.
const RECORD: usize = 64 << 20;
/// Messages that need no acknowledgement wait this long for the disk.
const SYNC: Duration = Duration::from_secs(1);
/// Key of the channel metadata that marks what the broker had kept.
const RETAINED: &str = "retained";
/// Before a JSON Pointer, a key of the channel metadata that says where payloads tell their time; the value is its unit.
const TIME: &str = "time:";
/// Times in one payload that are read back; a file may claim any number of them.
const TIMES: usize = 16;
/// Written into the file's header.
const LIBRARY: &str = concat!("twinscope ", env!("CARGO_PKG_VERSION"));

/// Why a recording cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file is there already.
    #[error("{0} exists already; give the recording another name")]
    Exists(PathBuf),
    /// The file cannot be made, read or written.
    #[error("{path}: {source}; check the path, its permissions and the space left")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be written as MCAP.
    #[error("{path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: McapError,
    },
    /// The file is not an MCAP file.
    #[error("{path} is not a recording (MCAP): {reason}")]
    NotARecording {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The link could not be started.
    #[error(transparent)]
    Link(#[from] mqtt::SpawnError),
}

/// How a recording is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Messages on disk, or on their way to it.
    pub messages: u64,
    /// Their topics and payloads, bytes.
    pub bytes: u64,
    /// Different topics.
    pub topics: u64,
    /// Messages that came faster than the disk took them.
    pub dropped: u64,
    /// Messages that cannot be recorded: a topic that is not UTF-8, or too many topics.
    pub skipped: u64,
    /// Messages that an earlier session of our name had asked for, and this one has not.
    pub foreign: u64,
    /// What the link told last.
    pub link: Option<LinkEvent>,
}

/// Writes messages into a file.
pub struct Recorder {
    path: PathBuf,
    writer: Writer<BufWriter<File>>,
    file: File,
    channels: HashMap<(Bytes, bool), u16>,
    times: TimePlaces,
    progress: Progress,
}

impl Recorder {
    /// Makes a new file.
    ///
    /// # Errors
    /// It exists already, or cannot be made.
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        let path = path.to_owned();
        let file = File::create_new(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => RecordError::Exists(path.clone()),
            _ => RecordError::File { path: path.clone(), source },
        })?;
        let fail = |source| RecordError::File { path: path.clone(), source };
        let for_sync = file.try_clone().map_err(fail)?;
        let writer = WriteOptions::new()
            .library(LIBRARY)
            .chunk_size(Some(CHUNK))
            .compression(Some(Compression::Zstd))
            .compression_threads(0)
            .create(BufWriter::new(file))
            .map_err(|source| RecordError::Write { path: path.clone(), source })?;
        let channels = HashMap::new();
        Ok(Self { path, writer, file: for_sync, channels, times: TimePlaces::default(), progress: Progress::default() })
    }

    /// Writes down where payloads tell their times.
    #[must_use]
    pub fn with_times(self, times: TimePlaces) -> Self {
        Self { times, ..self }
    }

    /// Appends a message. It is safe after the next [`Recorder::sync`].
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, message: &Message) -> Result<(), RecordError> {
        let Some(channel_id) = self.channel(message)? else {
            self.progress.skipped += 1;
            return Ok(());
        };
        let log_time = u64::try_from(message.received.wall_ms).unwrap_or(0).saturating_mul(1_000_000);
        let sequence = u32::try_from(self.progress.messages & 0xffff_ffff).unwrap_or(0);
        let header = MessageHeader { channel_id, sequence, log_time, publish_time: log_time };
        self.writer
            .write_to_known_channel(&header, &message.payload)
            .map_err(|source| RecordError::Write { path: self.path.clone(), source })?;
        self.progress.messages += 1;
        self.progress.bytes += (message.topic.len() + message.payload.len()) as u64;
        Ok(())
    }

    fn channel(&mut self, message: &Message) -> Result<Option<u16>, RecordError> {
        if let Some(id) = self.channels.get(&(message.topic.clone(), message.retained)) {
            return Ok(Some(*id));
        }
        let Ok(topic) = std::str::from_utf8(&message.topic) else { return Ok(None) };
        if self.channels.len() >= CHANNELS {
            return Ok(None);
        }
        let places = self.times.of_topic(topic);
        let mut metadata: BTreeMap<String, String> =
            places.iter().map(|place| (format!("{TIME}{}", place.path), unit_name(place.unit).to_owned())).collect();
        if message.retained {
            metadata.insert(RETAINED.to_owned(), "true".to_owned());
        }
        let id = self
            .writer
            .add_channel(0, topic, "", &metadata)
            .map_err(|source| RecordError::Write { path: self.path.clone(), source })?;
        if !self.channels.contains_key(&(message.topic.clone(), !message.retained)) {
            self.progress.topics += 1;
        }
        // A copy: the topic is a slice of a larger buffer, which it would keep alive.
        self.channels.insert((Bytes::copy_from_slice(&message.topic), message.retained), id);
        Ok(Some(id))
    }

    /// Brings everything so far to the disk.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn sync(&mut self) -> Result<(), RecordError> {
        self.writer.flush().map_err(|source| RecordError::Write { path: self.path.clone(), source })?;
        self.file.sync_data().map_err(|source| RecordError::File { path: self.path.clone(), source })
    }

    /// Ends the file with its index.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn finish(mut self) -> Result<Progress, RecordError> {
        self.writer.finish().map_err(|source| RecordError::Write { path: self.path.clone(), source })?;
        let path = self.path.clone();
        self.writer.into_inner().flush().map_err(|source| RecordError::File { path: path.clone(), source })?;
        self.file.sync_all().map_err(|source| RecordError::File { path, source })?;
        Ok(self.progress)
    }
}

/// Settings of a recorder: the broker keeps what it misses for an hour, and messages are acknowledged when they are on
/// disk. What the broker keeps after the end of a recording is the beginning of the next one with this client id.
#[must_use]
pub fn recorder_settings(settings: Settings, client_id: &str) -> Settings {
    let session = Session::Persistent { client_id: client_id.to_owned(), expiry_s: 3_600, manual_acks: true };
    Settings { session, qos: 1, ..settings }
}

/// What is recorded.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Topic filters.
    pub filters: Vec<String>,
    /// Where payloads tell their times.
    pub times: TimePlaces,
    /// Not more messages than that.
    pub most: Option<u64>,
}

/// Records until `stop` is set, or there is enough. `progress` is called about once a second, and when the link tells
/// something. If the broker refuses us before the first message, no file is left.
///
/// # Errors
/// The file or the link cannot be had, or the disk is full: what was written until then is kept and readable.
pub fn record(
    settings: Settings,
    wanted: Wanted,
    path: &Path,
    stop: &AtomicBool,
    mut progress: impl FnMut(&Progress),
) -> Result<Progress, RecordError> {
    let mut recorder = Recorder::create(path)?.with_times(wanted.times);
    let (sink, receiver) = sink::channel(Limits::default());
    let mut router = Router::default();
    for filter in &wanted.filters {
        router.add(filter);
    }
    let (mut frontier, mut found) = (Frontier::default(), Vec::new());
    let link = mqtt::spawn(settings, wanted.filters, sink.clone(), SourceRow(0))?;
    let mut receipts: Vec<Receipt> = Vec::new();
    let mut last_sync = Instant::now();
    loop {
        let enough = wanted.most.is_some_and(|most| recorder.progress.messages >= most);
        if enough || stop.load(Ordering::Acquire) {
            // The link hands over what it has and waits for our receipts; then the queue is closed behind it.
            link.ask_to_stop();
            if link.has_ended() {
                sink.close();
            }
        }
        // Acknowledgements wait for the disk, and the broker waits for them: sync as soon as nothing more is ready.
        let patience = if receipts.is_empty() { Duration::from_millis(50) } else { Duration::ZERO };
        match receiver.recv(patience) {
            Received::Item(Item::Messages { messages, receipt, .. }) => {
                for message in &messages {
                    // The broker may still hold what an earlier session of this name was subscribed to.
                    found.clear();
                    router.matches(&message.topic, &mut frontier, &mut found);
                    if found.is_empty() {
                        recorder.progress.foreign += 1;
                    } else if wanted.most.is_none_or(|most| recorder.progress.messages < most) {
                        recorder.write(message)?;
                    }
                }
                // What there is no room for is done with too: it would only begin the next recording.
                receipts.extend(receipt);
                if receipts.len() < 64 {
                    continue;
                }
            }
            Received::Item(Item::Link { event, .. }) => {
                if let LinkEvent::Dropped { messages } = event {
                    recorder.progress.dropped += messages;
                } else {
                    recorder.progress.link = Some(event);
                }
                progress(&recorder.progress);
                continue;
            }
            Received::Item(Item::Command(_)) | Received::Nothing => {}
            Received::Closed => break,
        }
        if !receipts.is_empty() || last_sync.elapsed() >= SYNC {
            recorder.sync()?;
            receipts.drain(..).for_each(Receipt::confirm);
            if last_sync.elapsed() >= SYNC {
                last_sync = Instant::now();
                progress(&recorder.progress);
            }
        }
    }
    let refused = matches!(recorder.progress.link, Some(LinkEvent::Refused { .. }));
    let progress = recorder.finish()?;
    if refused && progress.messages == 0 {
        // In the way of the next attempt, which has the right password. An error leaves an empty recording.
        let _ = std::fs::remove_file(path);
    }
    Ok(progress)
}

/// One message of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// When it was received, ms since the epoch.
    pub t_ms: WallMs,
    /// Topic.
    pub topic: String,
    /// Payload.
    pub payload: Vec<u8>,
    /// The broker had kept it.
    pub retained: bool,
    /// Where the payload tells its times, as far as the recorder knew.
    pub times: Vec<TimeInput>,
}

/// How the reading of a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Not yet.
    Not,
    /// At its end.
    Complete,
    /// The file is cut off or damaged; everything before was read.
    Early {
        /// Messages that were read.
        messages: u64,
        /// Why it ended there.
        reason: String,
    },
}

/// The messages of a recording, in the order in which they were received.
pub struct Recording {
    reader: mcap::io::MessageReader<BufReader<File>>,
    messages: u64,
    ended: Ended,
}

/// Opens a recording.
///
/// # Errors
/// It cannot be read, or is not an MCAP file.
pub fn replay_mcap(path: &Path) -> Result<Recording, RecordError> {
    let fail = |source| RecordError::File { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(fail)?;
    if !metadata.is_file() {
        let reason = "it is not a regular file".to_owned();
        return Err(RecordError::NotARecording { path: path.to_owned(), reason });
    }
    let mut file = File::open(path).map_err(fail)?;
    let mut magic = [0; 8];
    let starts_right = std::io::Read::read_exact(&mut file, &mut magic).is_ok() && magic == *mcap::MAGIC;
    if !starts_right {
        let reason = "it does not begin like one".to_owned();
        return Err(RecordError::NotARecording { path: path.to_owned(), reason });
    }
    let options = LinearReaderOptions::default()
        .with_skip_start_magic(true)
        .with_validate_chunk_crcs(true)
        .with_record_length_limit(RECORD);
    let reader = mcap::io::MessageReader::new_with_options(BufReader::new(file), options);
    Ok(Recording { reader, messages: 0, ended: Ended::Not })
}

impl Recording {
    /// How the reading ended.
    #[must_use]
    pub const fn ended(&self) -> &Ended {
        &self.ended
    }
}

impl Iterator for Recording {
    type Item = Recorded;

    fn next(&mut self) -> Option<Recorded> {
        if self.ended != Ended::Not {
            return None;
        }
        match self.reader.next() {
            Some(Ok(message)) => {
                self.messages += 1;
                let metadata = &message.channel.metadata;
                let place = |(key, unit): (&String, &String)| {
                    Some(TimeInput { path: key.strip_prefix(TIME)?.to_owned(), unit: unit_named(unit)? })
                };
                Some(Recorded {
                    t_ms: i64::try_from(message.log_time / 1_000_000).unwrap_or(i64::MAX),
                    topic: message.channel.topic.clone(),
                    payload: message.data.into_owned(),
                    retained: metadata.get(RETAINED).is_some_and(|value| value == "true"),
                    times: metadata.iter().filter_map(place).take(TIMES).collect(),
                })
            }
            Some(Err(error)) => {
                self.ended = Ended::Early { messages: self.messages, reason: error.to_string() };
                None
            }
            None => {
                self.ended = Ended::Complete;
                None
            }
        }
    }
}
