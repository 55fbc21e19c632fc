//! TLS against mosquitto, with an authority made by openssl for each test run.

use std::path::Path;
use std::process::Command;

use twinscope_link::{Settings, SettingsError};
use twinscope_twin::site::{Protocol, Source};

use crate::support::mosquitto::Mosquitto;
use crate::support::probe::Probe;
use crate::support::{VERSIONS, quick, source, tool};

fn openssl(folder: &Path, command: &str) {
    let output = Command::new(tool("openssl", "openssl"))
        .args(command.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("openssl runs");
    assert!(output.status.success(), "openssl {command}: {}", String::from_utf8_lossy(&output.stderr));
}

const NEW_KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

fn authority(folder: &Path, name: &str) {
    openssl(folder, &format!("req -x509 {NEW_KEY} -days 30 -subj /CN={name} -keyout {name}.key -out {name}.pem"));
}

/// A certificate for `localhost` by the authority `ca`.
fn certificate(folder: &Path, name: &str) {
    openssl(folder, &format!("req {NEW_KEY} -subj /CN={name} -keyout {name}.key -out {name}.csr"));
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").expect("written");
    openssl(
        folder,
        &format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out {name}.pem"
        ),
    );
}

/// A certificate that ended years ago.
fn expired_certificate(folder: &Path, name: &str) {
    openssl(folder, &format!("req {NEW_KEY} -subj /CN={name} -keyout {name}.key -out {name}.csr"));
    let config = "[ca]\ndefault_ca=d\n[d]\ndir=.\ndatabase=index\nserial=number\nnew_certs_dir=.\ndefault_md=sha256\n\
                  policy=p\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=DNS:localhost\n";
    std::fs::write(folder.join("ca.conf"), config).expect("written");
    std::fs::write(folder.join("index"), "").expect("written");
    std::fs::write(folder.join("number"), "1000\n").expect("written");
    openssl(
        folder,
        &format!(
            "ca -batch -config ca.conf -cert ca.pem -keyfile ca.key -startdate 20200101000000Z \
             -enddate 20200201000000Z -in {name}.csr -out {name}.pem -notext"
        ),
    );
}

fn prepare(folder: &Path) {
    authority(folder, "ca");
    authority(folder, "other");
    certificate(folder, "server");
    certificate(folder, "viewer");
}

const SERVER: &str =
    "allow_anonymous true\ncafile {folder}/ca.pem\ncertfile {folder}/server.pem\nkeyfile {folder}/server.key\n";

fn link(broker: &Mosquitto, host: &str, change: impl FnOnce(&mut Source)) -> Probe {
    let mut source = source(&format!("mqtts://{host}:{}", broker.port));
    source.ca_file = Some("ca.pem".to_owned());
    change(&mut source);
    let mut settings = Settings::from_source(&source, broker.folder()).expect("settings");
    settings.backoff = quick();
    Probe::start(settings, &["#"])
}

#[test]
fn an_authority_of_ones_own_is_trusted() {
    let broker = Mosquitto::start(SERVER, prepare);
    for protocol in VERSIONS {
        let mut probe = link(&broker, "localhost", |source| source.protocol = protocol);
        probe.until_live(1);
        let ca = broker.folder().join("ca.pem");
        let ca = ca.to_str().expect("text");
        // The certificate is for localhost, and mosquitto_pub checks it too.
        broker.publish("a", "1", &["--cafile", ca, "--insecure"]);
        probe.until_messages(1);
    }
}

#[test]
fn another_authority_is_refused_and_said() {
    let broker = Mosquitto::start(SERVER, prepare);
    for protocol in [Protocol::V311, Protocol::V5, Protocol::Auto] {
        let reason = link(&broker, "localhost", |source| {
            source.protocol = protocol;
            source.ca_file = Some("other.pem".to_owned());
        })
        .until_refused();
        assert!(reason.contains("ca_file"), "{protocol:?}: {reason}");
    }
}

#[test]
fn the_authorities_of_the_system_do_not_know_ours() {
    let broker = Mosquitto::start(SERVER, prepare);
    let mut source = source(&format!("mqtts://localhost:{}", broker.port));
    source.ca_file = None;
    match Settings::from_source(&source, broker.folder()) {
        Ok(settings) => {
            let reason = Probe::start(settings, &[]).until_refused();
            assert!(reason.contains("ca_file"), "{reason}");
        }
        // A machine without any: that must be said, with the remedy.
        Err(error) => {
            assert!(matches!(error, SettingsError::NoRoots { .. }), "{error}");
            assert!(error.to_string().contains("ca-certificates"), "{error}");
        }
    }
}

#[test]
fn another_host_name_is_refused_and_said() {
    let broker = Mosquitto::start(SERVER, prepare);
    for protocol in VERSIONS {
        let reason = link(&broker, "127.0.0.1", |source| source.protocol = protocol).until_refused();
        assert!(reason.contains("host name"), "{protocol:?}: {reason}");
    }
}

#[test]
fn an_expired_certificate_is_refused_and_said() {
    let broker = Mosquitto::start(SERVER, |folder| {
        authority(folder, "ca");
        expired_certificate(folder, "server");
    });
    for protocol in VERSIONS {
        let reason = link(&broker, "localhost", |source| source.protocol = protocol).until_refused();
        assert!(reason.contains("expired"), "{protocol:?}: {reason}");
    }
}

#[test]
fn a_client_certificate_is_shown_where_it_is_wanted() {
    let broker = Mosquitto::start(&format!("{SERVER}require_certificate true\n"), prepare);
    for protocol in VERSIONS {
        let mut probe = link(&broker, "localhost", |source| {
            source.protocol = protocol;
            source.client_cert = Some("viewer.pem".to_owned());
            source.client_key = Some("viewer.key".to_owned());
        });
        probe.until_live(1);
        let reason = link(&broker, "localhost", |source| source.protocol = protocol).until_refused();
        assert!(reason.contains("client_cert"), "{protocol:?}: {reason}");
    }
}

#[test]
fn a_key_that_does_not_fit_its_certificate_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("folder");
    prepare(folder.path());
    let mut source = source("mqtts://localhost");
    source.ca_file = Some("ca.pem".to_owned());
    source.client_cert = Some("viewer.pem".to_owned());
    source.client_key = Some("server.key".to_owned());
    let error = Settings::from_source(&source, folder.path()).expect_err("refused").to_string();
    assert!(error.contains("client_cert viewer.pem"), "{error}");
    source.client_key = None;
    assert!(Settings::from_source(&source, folder.path()).is_err());
}

#[test]
fn plain_mqtt_on_a_tls_port_and_tls_on_a_plain_port_do_not_get_through() {
    let tls = Mosquitto::start(SERVER, prepare);
    let mut plain = Probe::start(crate::support::settings(tls.port, Protocol::V311), &[]);
    plain.until_lost();
    assert_eq!(plain.live(), 0);

    let open = Mosquitto::start("allow_anonymous true\n", prepare);
    let mut probe = link(&open, "localhost", |source| source.protocol = Protocol::V311);
    let said = |probe: &Probe| probe.events.len() >= 2;
    probe.until("refused or lost", said);
    assert_eq!(probe.live(), 0);
}
