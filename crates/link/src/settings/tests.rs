use super::*;

fn source() -> Source {
    Source {
        id: "plant".to_owned(),
        url: "mqtt://localhost".to_owned(),
        protocol: Protocol::Auto,
        qos: 1,
        keep_alive_s: 15,
        username: None,
        password_file: None,
        password_env: None,
        ca_file: None,
        client_cert: None,
        client_key: None,
        alpn: Vec::new(),
        max_packet: 1 << 20,
        max_topics: 1,
        max_json_depth: 1,
        simulated: false,
    }
}

fn settings(change: impl FnOnce(&mut Source)) -> Result<Settings, SettingsError> {
    let mut source = source();
    change(&mut source);
    Settings::from_source(&source, Path::new("/nonexistent"))
}

#[track_caller]
fn refused(part: &str, change: impl FnOnce(&mut Source)) {
    let error = settings(change).expect_err(part).to_string();
    assert!(error.contains(part), "{error}");
    assert!(error.contains("plant"), "{error}");
}

#[test]
fn a_plain_source_is_taken_as_it_is() {
    let settings = settings(|_| {}).expect("valid");
    assert_eq!((settings.qos, settings.keep_alive_s, settings.max_packet), (1, 15, 1 << 20));
    assert!(settings.tls.is_none() && settings.credentials.is_none());
}

#[test]
fn numbers_out_of_range_are_refused() {
    refused("keep_alive", |s| s.keep_alive_s = 4);
    refused("keep_alive", |s| s.keep_alive_s = 3_601);
    refused("qos", |s| s.qos = 2);
    refused("limits.packet", |s| s.max_packet = 0);
}

#[test]
fn settings_that_need_each_other() {
    refused("mqtts", |s| s.ca_file = Some("ca.pem".to_owned()));
    refused("username", |s| s.password_env = Some("PATH".to_owned()));
    refused("exclude", |s| {
        s.password_env = Some("PATH".to_owned());
        s.password_file = Some("secret".to_owned());
    });
}

#[test]
fn a_missing_variable_or_file_is_named() {
    refused("TWINSCOPE_TEST_UNSET", |s| {
        s.username = Some("me".to_owned());
        s.password_env = Some("TWINSCOPE_TEST_UNSET".to_owned());
    });
    refused("/nonexistent/secret", |s| {
        s.username = Some("me".to_owned());
        s.password_file = Some("secret".to_owned());
    });
    refused("/nonexistent/ca.pem", |s| {
        s.url = "mqtts://localhost".to_owned();
        s.ca_file = Some("ca.pem".to_owned());
    });
}

#[test]
fn a_password_file_is_one_line_and_never_printed() {
    let folder = tempfile::tempdir().expect("folder");
    for (content, password) in [("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), (" s3 cret", " s3 cret")] {
        std::fs::write(folder.path().join("secret"), content).expect("written");
        let mut source = source();
        source.username = Some("me".to_owned());
        source.password_file = Some("secret".to_owned());
        let settings = Settings::from_source(&source, folder.path()).expect("valid");
        assert_eq!(settings.credentials.as_ref().map(|c| c.password.as_str()), Some(password));
        let printed = format!("{settings:?}");
        assert!(printed.contains("me") && !printed.contains("cret"), "{printed}");
    }
}

#[test]
fn a_secret_that_is_a_folder_or_too_large_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("large"), vec![b'x'; 2 << 20]).expect("written");
    for file in [".", "large"] {
        let mut source = source();
        source.username = Some("me".to_owned());
        source.password_file = Some(file.to_owned());
        let error = Settings::from_source(&source, folder.path()).expect_err(file).to_string();
        assert!(error.contains("password_file"), "{error}");
    }
}

#[test]
fn a_ca_file_without_certificates_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    for content in ["", "hello", "-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n"] {
        std::fs::write(folder.path().join("ca.pem"), content).expect("written");
        let mut source = source();
        source.url = "mqtts://localhost".to_owned();
        source.ca_file = Some("ca.pem".to_owned());
        let error = Settings::from_source(&source, folder.path()).expect_err("refused").to_string();
        assert!(error.contains("ca.pem") && error.contains("PEM"), "{error}");
    }
}
