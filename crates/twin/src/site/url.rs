//! Addresses of sources: `mqtt`, `mqtts`, `sim:`, `file:`.
//!
//! Not a general URL parser: what a link needs is a host and a port.

use super::rule::{Fault, remedy};

/// The parts of a source's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What it speaks.
    pub scheme: Scheme,
    /// Host name or IP address (IPv6 without brackets); empty for `sim` and `file`.
    pub host: String,
    /// Port: the scheme's own where the address names none; 0 for `sim` and `file`.
    pub port: u16,
    /// The file of a recording; empty for all others.
    pub path: String,
}

/// What a source speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// MQTT over TCP.
    Mqtt,
    /// MQTT over TLS.
    Mqtts,
    /// Our simulator.
    Sim,
    /// A recording.
    File,
}

impl Scheme {
    /// Whether the link is encrypted.
    #[must_use]
    pub const fn tls(self) -> bool {
        matches!(self, Self::Mqtts)
    }

    /// Whether there is a broker to connect to.
    #[must_use]
    pub const fn broker(self) -> bool {
        !matches!(self, Self::Sim | Self::File)
    }
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// One sentence on what is wrong. It never repeats what may be a password.
    pub fn parse(url: &str) -> Result<Self, String> {
        parse(url).map_err(|(message, _)| message)
    }

    /// Whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let ip = self.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        ip || self.host.eq_ignore_ascii_case("localhost")
    }
}

/// Whether `url` is an address that a source can have.
pub(crate) fn check(url: &str) -> Result<(), Fault> {
    parse(url).map(|_| ())
}

fn parse(url: &str) -> Result<Address, Fault> {
    let fail = |message: String, hint: &str| remedy(message, hint).err().unwrap_or_default();
    const SCHEMES: &str = "use mqtt:// or mqtts:// with a host, or sim: or file:recording.mcap";
    const LISTENERS: &str = "use the broker's mqtt:// or mqtts:// listener";
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(fail("is not an address".to_owned(), SCHEMES));
    };
    let (scheme, port) = match scheme {
        "mqtt" => (Scheme::Mqtt, 1883),
        "mqtts" => (Scheme::Mqtts, 8883),
        "ws" | "wss" => {
            return Err(fail(format!("{scheme}:// (MQTT over WebSocket) is not built in yet"), LISTENERS));
        }
        "sim" => (Scheme::Sim, 0),
        "file" => (Scheme::File, 0),
        other => {
            let hint = match other.to_ascii_lowercase().as_str() {
                "tcp" => "MQTT over TCP is mqtt://",
                "ssl" | "tls" | "mqtt+ssl" | "tcps" => "MQTT over TLS is mqtts://",
                "http" | "https" => LISTENERS,
                _ => SCHEMES,
            };
            // Only a word can be repeated safely: `user:password@host` has a "scheme" too.
            let word = other.len() <= 12 && rest.starts_with("//") && !other.contains('@');
            let message =
                if word { format!("`{other}` is not a scheme of a source") } else { "is not an address".into() };
            return Err(fail(message, hint));
        }
    };
    if scheme == Scheme::Sim {
        if !rest.is_empty() {
            return Err(fail("a simulated source has no address".to_owned(), "write \"sim:\""));
        }
        return Ok(Address { scheme, host: String::new(), port, path: String::new() });
    }
    if scheme == Scheme::File {
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.is_empty() {
            return Err(fail("names no file".to_owned(), "write \"file:recording.mcap\""));
        }
        return Ok(Address { scheme, host: String::new(), port, path: path.to_owned() });
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return Err(fail("is not an address".to_owned(), SCHEMES));
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if authority.contains('@') || path.contains('@') {
        return Err(fail(
            "a user or password does not belong into the address".to_owned(),
            "use `username`, and `password_file` or `password_env`",
        ));
    }
    if rest.contains(['?', '#']) {
        return Err(fail("an address has no query and no fragment".to_owned(), SCHEMES));
    }
    if path.len() > 1 {
        return Err(fail("has a path, which MQTT does not use".to_owned(), "write the host and the port only"));
    }
    let (host, port) = split_port(authority, port).ok_or_else(|| {
        fail("has no valid host and port".to_owned(), "such as mqtts://broker.example:8883 or mqtt://[::1]:1883")
    })?;
    Ok(Address { scheme, host, port, path: String::new() })
}

fn split_port(authority: &str, default: u16) -> Option<(String, u16)> {
    let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
        let (host, after) = inner.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = match port {
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse::<u16>().ok().filter(|port| *port > 0)?,
        Some(_) => return None,
        None => default,
    };
    let plausible = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    (!host.is_empty() && host.len() <= 253 && host.chars().all(plausible)).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn good(url: &str, scheme: Scheme, host: &str, port: u16, path: &str) {
        let address = Address { scheme, host: host.into(), port, path: path.into() };
        assert_eq!(Address::parse(url), Ok(address));
    }

    #[test]
    fn addresses_that_are_read() {
        good("mqtt://broker", Scheme::Mqtt, "broker", 1883, "");
        good("mqtts://broker.example:8884", Scheme::Mqtts, "broker.example", 8884, "");
        good("mqtt://127.0.0.1:1883/", Scheme::Mqtt, "127.0.0.1", 1883, "");
        good("mqtt://[::1]:1884", Scheme::Mqtt, "::1", 1884, "");
        good("sim:", Scheme::Sim, "", 0, "");
        good("file:day.mcap", Scheme::File, "", 0, "day.mcap");
        good("file://day.mcap", Scheme::File, "", 0, "day.mcap");
    }

    #[track_caller]
    fn bad(url: &str, message: &str) {
        let error = Address::parse(url).unwrap_err();
        assert!(error.contains(message), "{url}: {error}");
    }

    #[test]
    fn addresses_that_are_refused() {
        bad("", "is not an address");
        bad("broker", "is not an address");
        bad("http://broker", "`http` is not a scheme");
        bad("tcp://broker", "`tcp` is not a scheme");
        bad("ws://broker:9001/mqtt", "ws:// (MQTT over WebSocket) is not built in yet");
        bad("wss://broker/mqtt", "wss:// (MQTT over WebSocket) is not built in yet");
        bad("mqtt:broker", "is not an address");
        bad("mqtt://", "no valid host");
        bad("mqtt://:1883", "no valid host");
        bad("mqtt://broker:0", "no valid host");
        bad("mqtt://broker:65536", "no valid host");
        bad("mqtt://broker:+83", "no valid host");
        bad("mqtt://broker:18 83", "no valid host");
        bad("mqtt://[::1", "no valid host");
        bad("mqtt://broker/path", "has a path");
        bad("mqtt://broker?x=1", "no query");
        bad("sim:x", "no address");
        bad("file:", "names no file");
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for url in ["mqtt://viewer:hunter2@broker", "mqtt://broker/x:hunter2@y", "viewer:hunter2@broker"] {
            let error = Address::parse(url).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
        bad("mqtt://viewer:hunter2@broker", "does not belong");
    }

    #[test]
    fn loopback_is_known() {
        let at = |url: &str| Address::parse(url).unwrap().is_loopback();
        assert!(at("mqtt://localhost") && at("mqtt://127.0.0.1") && at("mqtt://[::1]"));
        assert!(!at("mqtt://broker") && !at("mqtt://10.0.0.1"));
    }
}
