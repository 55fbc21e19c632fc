//! `mqtt://host:port`, read strictly: what cannot be honoured is an error, not a guess.

use std::fmt;

/// Where a broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// TLS (`mqtts`).
    pub tls: bool,
}

/// Why an address cannot be used, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum AddressError {
    #[error("\"{0}\" is not a URL; write mqtt://host:1883 or mqtts://host:8883")]
    NoScheme(String),
    #[error("{0}:// (MQTT over WebSocket) is not built in yet; use the broker's mqtt:// or mqtts:// listener")]
    WebSocket(String),
    #[error("{0}: is not the address of a broker")]
    NotABroker(String),
    #[error("unknown scheme {0}://; use mqtt:// or mqtts://")]
    Scheme(String),
    #[error("the URL holds a user or a password; write username and password_file (or password_env) instead")]
    Credentials,
    #[error("the URL has no host name; write mqtt://host:1883")]
    NoHost,
    #[error("\"{0}\" is not a host name or an address")]
    Host(String),
    #[error("\"{0}\" is not a port; it is a number from 1 to 65535")]
    Port(String),
    #[error("the URL goes on after host and port (\"{0}\"); MQTT over TCP has no path")]
    Path(String),
    #[error("mqtts with a bare IPv6 address cannot be checked against a certificate; use the host name")]
    TlsIpv6,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// Whatever is not `mqtt://host[:port]` or `mqtts://host[:port]`.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(match url.split_once(':') {
                Some((scheme @ ("sim" | "file"), _)) => AddressError::NotABroker(scheme.to_owned()),
                _ => AddressError::NoScheme(clip(url)),
            });
        };
        let (tls, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "mqtt" => (false, 1883),
            "mqtts" => (true, 8883),
            "ws" | "wss" => return Err(AddressError::WebSocket(clip(scheme))),
            "sim" | "file" => return Err(AddressError::NotABroker(clip(scheme))),
            _ => return Err(AddressError::Scheme(clip(scheme))),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(AddressError::Credentials);
        }
        if !matches!(path, "" | "/") {
            return Err(AddressError::Path(clip(path)));
        }
        let (host, port, ipv6) = if let Some(inside) = authority.strip_prefix('[') {
            let (host, port) = inside.split_once(']').ok_or_else(|| AddressError::Host(clip(authority)))?;
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return Err(AddressError::Host(clip(host)));
            }
            let port = match port {
                "" => None,
                _ => Some(port.strip_prefix(':').ok_or_else(|| AddressError::Port(clip(port)))?),
            };
            (host, port, true)
        } else {
            match authority.rsplit_once(':') {
                Some((host, port)) => (host, Some(port), false),
                None => (authority, None, false),
            }
        };
        if host.is_empty() {
            return Err(AddressError::NoHost);
        }
        let plausible = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !ipv6 && (host.len() > 253 || !host.chars().all(plausible)) {
            return Err(AddressError::Host(clip(host)));
        }
        if ipv6 && tls {
            return Err(AddressError::TlsIpv6);
        }
        let port = match port {
            None => default_port,
            Some(text) => match text.parse::<u16>() {
                Ok(port) if port > 0 => port,
                _ => return Err(AddressError::Port(clip(text))),
            },
        };
        Ok(Self { host: host.to_owned(), port, tls })
    }

    /// Host as the socket library wants it: IPv6 in brackets.
    pub(crate) fn socket_host(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        write!(f, "{scheme}://{}:{}", self.socket_host(), self.port)
    }
}

/// What is quoted in a message stays short.
fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, host: &str, port: u16, tls: bool) {
        assert_eq!(Address::parse(url), Ok(Address { host: host.to_owned(), port, tls }), "{url}");
    }

    #[test]
    fn addresses_of_brokers() {
        check("mqtt://localhost", "localhost", 1883, false);
        check("mqtt://10.0.0.7:1884", "10.0.0.7", 1884, false);
        check("mqtts://broker.example", "broker.example", 8883, true);
        check("MQTTS://broker.example:443/", "broker.example", 443, true);
        check("mqtt://[::1]:1883", "::1", 1883, false);
        check("mqtt://[fe80::1]", "fe80::1", 1883, false);
    }

    #[test]
    fn what_is_not_an_address_is_refused_with_its_reason() {
        let cases = [
            ("", "not a URL"),
            ("localhost:1883", "not a URL"),
            ("ws://host", "not built in"),
            ("wss://host/mqtt", "not built in"),
            ("sim:", "not the address"),
            ("file:a.mcap", "not the address"),
            ("file:///a.mcap", "not the address"),
            ("http://host", "unknown scheme"),
            ("mqtt://", "no host"),
            ("mqtt://:1883", "no host"),
            ("mqtt://host:", "not a port"),
            ("mqtt://host:0", "not a port"),
            ("mqtt://host:65536", "not a port"),
            ("mqtt://host:-1", "not a port"),
            ("mqtt://ho st", "not a host"),
            ("mqtt://höst", "not a host"),
            ("mqtt://[::1", "not a host"),
            ("mqtt://[host]", "not a host"),
            ("mqtt://[::1]1883", "not a port"),
            ("mqtt://a:b:c", "not a host"),
            ("mqtt://host/topic", "no path"),
            ("mqtt://host?client_id=1", "no path"),
            ("mqtts://[::1]", "IPv6"),
        ];
        for (url, part) in cases {
            let error = Address::parse(url).expect_err(url).to_string();
            assert!(error.contains(part), "{url}: {error}");
        }
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        let error = Address::parse("mqtt://me:s3cret@host").expect_err("refused").to_string();
        assert!(error.contains("password_file"));
        assert!(!error.contains("s3cret"));
    }
}
