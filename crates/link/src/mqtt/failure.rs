//! Why a connection ended, in words for a person, and what to do about it.

use std::io;

use rumqttc::v5;

/// Why a connection could not be made, or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Worth another try soon.
    Lost(String),
    /// The other side hung up or said nothing; worth another try, before the welcome perhaps with the other version.
    Silent(String),
    /// Trying again with the same settings will not help.
    Refused(String),
    /// The broker does not speak this version of MQTT, or not well.
    Protocol(String),
    /// The broker switches keep-alive off; the library would ping without pause.
    KeepAliveOff,
    /// A message is larger than we take, and the connection ended over it.
    Oversized {
        /// Announced size, bytes.
        bytes: usize,
    },
}

impl Failure {
    pub(crate) fn from_v311(error: &rumqttc::ConnectionError) -> Self {
        use rumqttc::mqttbytes::Error as Bytes;
        use rumqttc::{ConnectReturnCode as Code, ConnectionError as Error, StateError as State};
        match error {
            Error::NetworkTimeout | Error::FlushTimeout => Self::Silent("the broker does not answer".to_owned()),
            Error::Tls(error) => from_tls(error),
            Error::Io(error) => from_io(error),
            Error::MqttState(State::Io(error)) | Error::MqttState(State::Deserialization(Bytes::Io(error))) => {
                from_io(error)
            }
            Error::MqttState(State::Deserialization(Bytes::PayloadSizeLimitExceeded(bytes))) => {
                Self::Oversized { bytes: *bytes }
            }
            Error::MqttState(State::AwaitPingResp) => Self::Lost("the broker no longer answers pings".to_owned()),
            Error::MqttState(State::ConnectionAborted) => Self::Silent("the broker closed the connection".to_owned()),
            Error::ConnectionRefused(code) => match code {
                Code::RefusedProtocolVersion => Self::Protocol("the broker does not speak MQTT 3.1.1".to_owned()),
                Code::BadClientId => Self::Refused("the broker does not accept our client id".to_owned()),
                Code::BadUserNamePassword => bad_password(),
                Code::NotAuthorized => not_authorised(),
                Code::ServiceUnavailable | Code::Success => {
                    Self::Lost("the broker says that it is not available".to_owned())
                }
            },
            Error::NotConnAck(_) => Self::Protocol("what answers there does not speak MQTT 3.1.1".to_owned()),
            other => Self::Lost(other.to_string()),
        }
    }

    pub(crate) fn from_v5(error: &v5::ConnectionError) -> Self {
        use v5::mqttbytes::Error as Bytes;
        use v5::mqttbytes::v5::{ConnectReturnCode as Code, DisconnectReasonCode as Reason};
        use v5::{ConnectionError as Error, StateError as State};
        match error {
            Error::Timeout(_) => Self::Silent("the broker does not answer".to_owned()),
            Error::Tls(error) => from_tls(error),
            Error::Io(error) => from_io(error),
            Error::MqttState(State::Io(error)) | Error::MqttState(State::Deserialization(Bytes::Io(error))) => {
                from_io(error)
            }
            Error::MqttState(State::Deserialization(Bytes::PayloadSizeLimitExceeded { pkt_size, .. }))
            | Error::MqttState(State::IncomingPacketTooLarge { pkt_size, .. }) => Self::Oversized { bytes: *pkt_size },
            // A broker without version 5 answers in the words of 3.1.1, with the code 1.
            Error::MqttState(State::Deserialization(
                Bytes::InvalidConnectReturnCode(_)
                | Bytes::MalformedPacket
                | Bytes::InvalidProtocol
                | Bytes::InvalidProtocolLevel(_),
            ))
            | Error::NotConnAck(_) => Self::Protocol("what answers there does not speak MQTT 5".to_owned()),
            Error::MqttState(State::AwaitPingResp) => Self::Lost("the broker no longer answers pings".to_owned()),
            Error::MqttState(State::ConnectionAborted) => Self::Silent("the broker closed the connection".to_owned()),
            Error::MqttState(State::ServerDisconnect { reason_code, reason_string }) => {
                let said = reason_string.as_deref().map(|text| format!(" ({})", clip(text))).unwrap_or_default();
                match reason_code {
                    Reason::SessionTakenOver => {
                        Self::Lost(format!("another client took our client id{said}; give each its own"))
                    }
                    Reason::NotAuthorized => not_authorised(),
                    Reason::PacketTooLarge => Self::Lost(format!("the broker says that a packet was too large{said}")),
                    other => Self::Lost(format!("the broker ended the connection: {other:?}{said}")),
                }
            }
            Error::ConnectionRefused(code) => match code {
                Code::UnsupportedProtocolVersion | Code::RefusedProtocolVersion => {
                    Self::Protocol("the broker does not speak MQTT 5".to_owned())
                }
                Code::BadUserNamePassword => bad_password(),
                Code::NotAuthorized => not_authorised(),
                Code::BadClientId | Code::ClientIdentifierNotValid => {
                    Self::Refused("the broker does not accept our client id".to_owned())
                }
                Code::Banned => Self::Refused("the broker has banned us; ask its operator".to_owned()),
                Code::BadAuthenticationMethod => {
                    Self::Refused("the broker wants a kind of login that is not supported".to_owned())
                }
                Code::ServerUnavailable | Code::ServiceUnavailable | Code::ServerBusy => {
                    Self::Lost("the broker says that it is not available".to_owned())
                }
                other => Self::Lost(format!("the broker refused the connection: {other:?}")),
            },
            other => Self::Lost(other.to_string()),
        }
    }
}

fn bad_password() -> Failure {
    Failure::Refused("user name or password is wrong; check username and password_file (or password_env)".to_owned())
}

fn not_authorised() -> Failure {
    Failure::Refused(
        "the broker does not let us in: user name, password or client certificate are missing or wrong; \
         check username, password_file and client_cert"
            .to_owned(),
    )
}

fn from_tls(error: &rumqttc::TlsError) -> Failure {
    match error {
        rumqttc::TlsError::Io(error) => from_io(error),
        rumqttc::TlsError::TLS(error) => from_rustls(error),
        rumqttc::TlsError::DNSName(_) => {
            Failure::Refused("the host name in url cannot stand in a certificate; use the broker's DNS name".to_owned())
        }
        other => Failure::Lost(format!("TLS: {other}")),
    }
}

fn from_io(error: &io::Error) -> Failure {
    // TLS errors travel inside of I/O errors.
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return from_rustls(inner);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Failure::Lost("nothing listens there; is the broker running?".to_owned()),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Failure::Silent("the connection was cut".to_owned())
        }
        io::ErrorKind::UnexpectedEof => Failure::Silent("the broker closed the connection".to_owned()),
        // The resolver has no error kind of its own.
        _ if error.to_string().starts_with("failed to lookup address") => Failure::Lost(
            "the host name cannot be resolved; is it right, and is this machine on the network?".to_owned(),
        ),
        io::ErrorKind::TimedOut => Failure::Lost("the network does not answer".to_owned()),
        _ => Failure::Lost(error.to_string()),
    }
}

fn from_rustls(error: &rustls::Error) -> Failure {
    use rustls::{AlertDescription as Alert, CertificateError as Certificate, Error};
    let refused = |text: &str| Failure::Refused(text.to_owned());
    match error {
        Error::InvalidCertificate(reason) => match reason {
            Certificate::UnknownIssuer | Certificate::BadSignature => refused(
                "the broker's certificate is not signed by an authority that we trust; \
                 name the right one with ca_file",
            ),
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                refused("the broker's certificate is for another host name; use the name that it was made for in url")
            }
            Certificate::Expired | Certificate::ExpiredContext { .. } => {
                refused("the broker's certificate has expired; renew it (or set this machine's clock)")
            }
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                refused("the broker's certificate is not valid yet; is this machine's clock right?")
            }
            Certificate::Revoked => refused("the broker's certificate has been revoked"),
            other => Failure::Refused(format!("the broker's certificate cannot be accepted: {other:?}")),
        },
        Error::AlertReceived(alert) => match alert {
            Alert::CertificateRequired | Alert::HandshakeFailure => {
                refused("the broker wants a client certificate; set client_cert and client_key")
            }
            Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::DecryptError
            | Alert::AccessDenied => {
                Failure::Refused(format!("the broker does not accept our client certificate ({alert:?})"))
            }
            Alert::NoApplicationProtocol => refused("the broker accepts none of the protocols in alpn"),
            Alert::ProtocolVersion => refused("the broker speaks only TLS versions older than 1.2"),
            other => Failure::Lost(format!("the broker ended TLS: {other:?}")),
        },
        Error::InvalidMessage(_) => refused("what answers there does not speak TLS; is it the port for mqtts?"),
        other => Failure::Lost(format!("TLS: {other}")),
    }
}

/// What a broker says is quoted, but not at any length.
fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}
