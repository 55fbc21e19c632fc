//! What a link needs to know to connect: address, protocol, credentials, certificates, bounds.
//!
//! Checked here and once, so that a link cannot fail on its settings later: rumqttc panics on a keep-alive below 5 s and
//! connects in clear text when a WebSocket URL and a TLS transport meet.
//! Secrets are read from files or the environment, and no `Debug` output, error or log shows them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use twinscope_twin::site::{Protocol, Source};

pub mod address;
pub mod tls;

pub use address::Address;

/// How large a file with a secret or a certificate may be: chains of certificates are some kilobytes.
const MAX_FILE: u64 = 1 << 20;

/// Everything that a link needs.
#[derive(Clone)]
pub struct Settings {
    /// Where the broker is.
    pub address: Address,
    /// Protocol versions to try.
    pub protocol: Protocol,
    /// Quality of service of subscriptions: 0 or 1.
    pub qos: u8,
    /// Keep-alive, seconds; 5 to 3,600.
    pub keep_alive_s: u16,
    /// Largest message that is taken, bytes: packet, so topic and payload.
    pub max_packet: u32,
    /// Topic filters per SUBSCRIBE packet (AWS takes 8).
    pub filters_per_subscribe: usize,
    /// Who we are to the broker.
    pub session: Session,
    /// What the broker publishes when we vanish.
    pub will: Option<Will>,
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// How long a message may wait in the outbox.
    pub outbox_deadline: Duration,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

/// Who we are to the broker, and what it keeps for us while we are away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// A viewer: a client id of its own at each start (two viewers with one id throw each other out for ever), a clean
    /// session, subscribed anew on every connection.
    Clean,
    /// A recorder or worker: the broker keeps what we miss.
    Persistent {
        /// Client id, stable over restarts.
        client_id: String,
        /// How long the broker keeps the session, seconds (MQTT 5; 3.1.1 has no limit).
        expiry_s: u32,
        /// Acknowledge messages only when their [`crate::sink::Receipt`] is confirmed.
        manual_acks: bool,
    },
}

/// A message that the broker publishes when we vanish, retained, with QoS 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Will {
    /// Topic.
    pub topic: String,
    /// Payload.
    pub payload: Vec<u8>,
}

/// Waiting times between attempts: full jitter over a ceiling that doubles from `first` to `most`
/// (Brooker, "Exponential Backoff and Jitter", 2015).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// First ceiling.
    pub first: Duration,
    /// Highest ceiling.
    pub most: Duration,
    /// A connection that lasted this long starts again at `first`.
    pub stable: Duration,
    /// Between attempts when the broker has refused us for good: often enough to notice a mended password file, too
    /// seldom to be an attack or to lock an account.
    pub refused: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(250),
            most: Duration::from_secs(30),
            stable: Duration::from_secs(30),
            refused: Duration::from_secs(300),
        }
    }
}

/// User name and password.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub username: String,
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.address)
            .field("protocol", &self.protocol)
            .field("qos", &self.qos)
            .field("keep_alive_s", &self.keep_alive_s)
            .field("max_packet", &self.max_packet)
            .field("session", &self.session)
            .field("credentials", &self.credentials)
            .field("tls", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}

/// Why settings cannot be used: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The address is not one of a broker that we can reach.
    #[error("source \"{source_id}\": {reason}")]
    Address {
        /// Id of the source.
        source_id: String,
        /// What is wrong with it, and what to do.
        reason: address::AddressError,
    },
    /// A number is out of its range.
    #[error("source \"{source_id}\": {what} is {value}; it must lie between {least} and {most}")]
    Range {
        /// Id of the source.
        source_id: String,
        /// Name of the setting.
        what: &'static str,
        /// What it is.
        value: u64,
        /// Smallest allowed.
        least: u64,
        /// Largest allowed.
        most: u64,
    },
    /// A file cannot be read.
    #[error(
        "source \"{source_id}\": {what} {path}: {reason}; check the path (relative to the site file) and its permissions"
    )]
    File {
        /// Id of the source.
        source_id: String,
        /// Name of the setting.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file was read but holds nothing usable.
    #[error("source \"{source_id}\": {what} {path}: {reason}")]
    Content {
        /// Id of the source.
        source_id: String,
        /// Name of the setting.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// An environment variable is not set.
    #[error(
        "source \"{source_id}\": the environment variable {variable} (password_env) is not set; export it before starting"
    )]
    Environment {
        /// Id of the source.
        source_id: String,
        /// Its name.
        variable: String,
    },
    /// Two settings exclude or need each other.
    #[error("source \"{source_id}\": {reason}")]
    Combination {
        /// Id of the source.
        source_id: String,
        /// What does not fit, and what to do.
        reason: &'static str,
    },
    /// The system has no certificates to trust.
    #[error(
        "source \"{source_id}\": no trusted certificates were found on this system ({reason}); \
         install them (Debian: apt install ca-certificates) or name the broker's authority with ca_file"
    )]
    NoRoots {
        /// Id of the source.
        source_id: String,
        /// Why.
        reason: String,
    },
}

impl Settings {
    /// Settings for a plain connection without credentials, for the embedded broker and for tests.
    ///
    /// # Errors
    /// The URL is not `mqtt://host[:port]`.
    pub fn plain(url: &str) -> Result<Self, SettingsError> {
        let address =
            Address::parse(url).map_err(|reason| SettingsError::Address { source_id: url.to_owned(), reason })?;
        if address.tls {
            let reason = "mqtts needs the settings of a site file";
            return Err(SettingsError::Combination { source_id: url.to_owned(), reason });
        }
        Ok(Self {
            address,
            protocol: Protocol::Auto,
            qos: 0,
            keep_alive_s: 15,
            max_packet: 1 << 20,
            filters_per_subscribe: 8,
            session: Session::Clean,
            will: None,
            backoff: Backoff::default(),
            outbox_deadline: Duration::from_secs(30),
            credentials: None,
            tls: None,
        })
    }

    /// Settings of a source of a site file. Reads the files that it names, relative to `base_dir`.
    ///
    /// # Errors
    /// Anything that would keep the link from connecting and can be known now.
    pub fn from_source(source: &Source, base_dir: &Path) -> Result<Self, SettingsError> {
        let source_id = || source.id.clone();
        let address =
            Address::parse(&source.url).map_err(|reason| SettingsError::Address { source_id: source_id(), reason })?;
        let range = |what, value: u64, least, most| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(SettingsError::Range { source_id: source_id(), what, value, least, most })
            }
        };
        range("qos", u64::from(source.qos), 0, 1)?;
        range("keep_alive (seconds)", u64::from(source.keep_alive_s), 5, 3_600)?;
        // 256 MiB is the largest packet that MQTT knows.
        range("limits.packet (bytes)", u64::from(source.max_packet), 1_024, 256 << 20)?;
        let credentials = credentials(source, base_dir)?;
        let tls = if address.tls {
            Some(tls::client_config(source, base_dir)?)
        } else if source.ca_file.is_some() || source.client_cert.is_some() || source.client_key.is_some() {
            let reason = "ca_file, client_cert and client_key need TLS: write mqtts:// in url";
            return Err(SettingsError::Combination { source_id: source_id(), reason });
        } else {
            None
        };
        Ok(Self {
            address,
            protocol: source.protocol,
            qos: source.qos,
            keep_alive_s: source.keep_alive_s,
            max_packet: source.max_packet,
            credentials,
            tls,
            ..Self::plain("mqtt://localhost")?
        })
    }
}

fn credentials(source: &Source, base_dir: &Path) -> Result<Option<Credentials>, SettingsError> {
    let source_id = || source.id.clone();
    let combination = |reason| SettingsError::Combination { source_id: source_id(), reason };
    let password = match (&source.password_file, &source.password_env) {
        (Some(_), Some(_)) => return Err(combination("password_file and password_env exclude each other")),
        (Some(file), None) => {
            let bytes = read_file(source, "password_file", base_dir, file)?;
            let text = String::from_utf8(bytes).map_err(|_| SettingsError::Content {
                source_id: source_id(),
                what: "password_file",
                path: base_dir.join(file),
                reason: "is not UTF-8 text; write the password as one line of text".to_owned(),
            })?;
            // Editors end the last line; a password does not.
            Some(text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t)).to_owned())
        }
        (None, Some(variable)) => Some(
            std::env::var(variable)
                .map_err(|_| SettingsError::Environment { source_id: source_id(), variable: variable.clone() })?,
        ),
        (None, None) => None,
    };
    match (&source.username, password) {
        (Some(username), password) => {
            Ok(Some(Credentials { username: username.clone(), password: password.unwrap_or_default() }))
        }
        // 3.1.1 forbids a password without a user name [MQTT-3.1.2-22].
        (None, Some(_)) => Err(combination("a password needs a username")),
        (None, None) => Ok(None),
    }
}

/// Reads a small regular file.
fn read_file(source: &Source, what: &'static str, base_dir: &Path, file: &str) -> Result<Vec<u8>, SettingsError> {
    use std::io::Read as _;
    let path = base_dir.join(file);
    let fail = |reason: String| SettingsError::File { source_id: source.id.clone(), what, path: path.clone(), reason };
    let metadata = std::fs::metadata(&path).map_err(|error| fail(error.to_string()))?;
    if !metadata.is_file() {
        return Err(fail("is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&path).map_err(|error| fail(error.to_string()))?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| fail(error.to_string()))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(fail(format!("is larger than {MAX_FILE} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
