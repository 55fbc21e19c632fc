use super::*;
use twinscope_twin::site::{Asset, Protocol, SimulatorKind, Source, SourceRow};

fn site(assets: &[&str]) -> Site {
    let source = Source {
        id: "demo".to_owned(),
        url: "sim:".to_owned(),
        protocol: Protocol::Auto,
        qos: 0,
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
        simulated: true,
    };
    let asset = |id: &&str| Asset {
        id: (*id).to_owned(),
        name: String::new(),
        type_id: "wind-turbine".to_owned(),
        source: SourceRow(0),
        position: [0.0; 3],
        heading_deg: 0.0,
        model: String::new(),
        simulator: Some(SimulatorKind::WindTurbine),
        stand_in: None,
        time_lapse: 1.0,
        parts: 0..0,
    };
    Site {
        id: "ridge".to_owned(),
        sources: vec![source],
        assets: assets.iter().map(asset).collect(),
        ..Site::default()
    }
}

fn feed(options: &Options) -> Feed {
    Feed::new(&site(&["wt-01", "wt-02"]), options, 1_000_000).expect("a feed")
}

#[test]
fn samples_come_at_the_rate_from_the_first_moment_on() {
    for rate_hz in 1..=10 {
        let mut feed = feed(&Options { rate_hz, ..Options::default() });
        let mut times: Vec<_> = feed.advance_to(1_000_000 + 10_000).iter().map(|sample| sample.t_ms).collect();
        times.dedup();
        assert_eq!(times.len(), 10 * rate_hz as usize + 1, "{rate_hz} Hz");
        assert_eq!(times.first(), Some(&1_000_000));
        assert_eq!(times.last(), Some(&1_010_000));
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_however_time_is_cut() {
    let options = Options::default();
    let mut at_once = feed(&options);
    let mut in_steps = feed(&options);
    let whole = at_once.advance_to(1_020_000);
    let mut pieces = Vec::new();
    for t in (1_000_000..=1_020_000).step_by(37) {
        pieces.extend(in_steps.advance_to(t));
    }
    pieces.extend(in_steps.advance_to(1_020_000));
    assert_eq!(whole, pieces);
}

#[test]
fn a_switch_is_turned_and_published_and_a_refusal_says_why() {
    let mut feed = feed(&Options::default());
    let topic = b"twinscope/v1/ridge/wt-01/command/operate";
    let pump = |feed: &mut Feed, t_ms| {
        let samples = feed.advance_to(t_ms);
        let sample = samples.into_iter().rev().find(|sample| sample.topic == "ridge/wt-01/gearbox").unwrap();
        serde_json::from_slice::<serde_json::Value>(&sample.payload).unwrap()
    };
    assert_eq!(pump(&mut feed, 1_001_000)["pump"], true);
    assert_eq!(feed.command(topic, br#"{"switch":"oil-pump","on":false}"#), Ok("wt-01: oil-pump off".to_owned()));
    let stopped = pump(&mut feed, 1_031_000);
    assert_eq!(stopped["pump"], false);
    assert!(stopped["oil_pressure"].as_f64().unwrap() < 0.1, "{stopped}");
    let lock = feed.command(topic, br#"{"switch":"rotor-lock","on":true}"#).unwrap_err().to_string();
    assert!(lock.contains("do not go in while the rotor turns"), "{lock}");
    for payload in [&br#"{"switch":"oil-pump"}"#[..], br#"{"switch":"drive-system","on":true}"#, b"7"] {
        assert!(matches!(feed.command(topic, payload), Err(CommandError::Payload { .. })));
    }
}

#[test]
fn every_payload_is_json_with_its_time_and_finite_numbers() {
    for sample in feed(&Options::default()).advance_to(1_005_000) {
        let json: serde_json::Value = serde_json::from_slice(&sample.payload).expect("JSON");
        let fields = json.as_object().expect("an object");
        assert_eq!(fields.get("t").and_then(serde_json::Value::as_i64), Some(sample.t_ms));
        assert!(fields.len() > 1 && fields.values().all(|value| !value.is_null()), "{json}");
        assert!(sample.topic.starts_with("ridge/wt-0"), "{}", sample.topic);
    }
}

#[test]
fn commands_reach_their_machine() {
    let mut feed = feed(&Options::default());
    let topic = |action: &str| format!("twinscope/v1/ridge/wt-02/command/{action}");
    let payload = br#"{"fault":"high-speed-bearing-wear","rate":2.0}"#;
    feed.command(topic("inject-fault").as_bytes(), payload).expect("carried out");
    let rates = |feed: &Feed, index: usize| -> Vec<f64> {
        feed.machines[index].machine.faults().iter().map(|fault| fault.rate).collect()
    };
    assert_eq!(rates(&feed, 0), Vec::<f64>::new());
    assert_eq!(rates(&feed, 1), [2.0]);
    feed.command(topic("clear-fault").as_bytes(), br#"{"fault":"high-speed-bearing-wear"}"#).expect("carried out");
    assert_eq!(rates(&feed, 1), Vec::<f64>::new());
}

#[test]
fn what_is_not_a_command_is_refused_with_its_reason() {
    let mut feed = feed(&Options::default());
    let inject = "twinscope/v1/ridge/wt-01/command/inject-fault";
    let good = br#"{"fault":"high-speed-bearing-wear"}"#.as_slice();
    let large = [b' '; 2_000];
    let cases: [(&[u8], &[u8], &str); 13] = [
        (b"", good, "not the topic"),
        (b"\xff/", good, "not the topic"),
        (b"twinscope/v1/ridge/wt-01/command", good, "not the topic"),
        (b"twinscope/v1/ridge/wt-01/command/inject-fault/more", good, "not the topic"),
        (b"twinscope/v1/other/wt-01/command/inject-fault", good, "not the topic"),
        (b"twinscope/v1/ridge/wt-99/command/inject-fault", good, "not the topic"),
        (b"twinscope/v1/ridge/wt-01/command/explode", good, "not the topic"),
        (inject.as_bytes(), b"", "not understood"),
        (inject.as_bytes(), b"high-speed-bearing-wear", "not understood"),
        (inject.as_bytes(), br#"{"fault":"rust"}"#, "high-speed-bearing-wear"),
        (inject.as_bytes(), br#"{"fault":"high-speed-bearing-wear","rate":-1}"#, "rate"),
        (inject.as_bytes(), br#"{"fault":"high-speed-bearing-wear","rate":1e400}"#, "not understood"),
        (inject.as_bytes(), &large, "2000 bytes"),
    ];
    for (topic, payload, part) in cases {
        let error = feed.command(topic, payload).expect_err(part).to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn options_out_of_range_are_refused() {
    let site = site(&["wt-01"]);
    let refused = |options: Options| Feed::new(&site, &options, 0).is_err();
    assert!(refused(Options { rate_hz: 0, ..Options::default() }));
    assert!(refused(Options { rate_hz: 11, ..Options::default() }));
    assert!(refused(Options { speed: 0.0, ..Options::default() }));
    assert!(refused(Options { speed: f64::NAN, ..Options::default() }));
    let fault = Fault::new(FaultKind::HighSpeedBearingWear, 1.0).expect("a fault");
    let unknown = StartFault { asset: Some("wt-99".to_owned()), fault };
    assert!(refused(Options { faults: vec![unknown], ..Options::default() }));
}

#[test]
fn a_site_without_assets_cannot_be_simulated() {
    assert_eq!(
        Feed::new(&site(&[]), &Options::default(), 0).expect_err("empty"),
        FeedError::NoAssets("ridge".to_owned())
    );
}

#[test]
fn an_asset_without_a_machine_is_left_out_and_named_if_there_is_no_other() {
    let mut site = site(&["wt-01", "wt-02"]);
    site.assets[0].simulator = None;
    let feed = Feed::new(&site, &Options::default(), 0).expect("the other one");
    assert_eq!(feed.assets().collect::<Vec<_>>(), ["wt-02"]);
    site.assets[1].simulator = None;
    let error = Feed::new(&site, &Options::default(), 0).expect_err("none").to_string();
    assert!(
        error.starts_with("wt-01 (a wind-turbine), wt-02 (a wind-turbine) cannot") && error.contains("simulator ="),
        "{error}"
    );
}

#[test]
fn after_a_pause_it_goes_on_from_now() {
    let mut feed = feed(&Options { rate_hz: 1, ..Options::default() });
    feed.advance_to(1_000_000);
    feed.skip_to(9_000_000);
    let mut times: Vec<_> = feed.advance_to(9_001_000).iter().map(|sample| sample.t_ms).collect();
    times.dedup();
    assert_eq!(times, [9_000_000, 9_001_000]);
}

#[test]
fn the_machines_live_as_much_faster_as_they_are_told() {
    for (rate_hz, speed) in [(1, 100.0), (10, 0.1), (4, 1.0), (1, 7.5)] {
        let mut feed = feed(&Options { rate_hz, speed, ..Options::default() });
        feed.advance_to(1_000_000 + 20_000);
        let lived_s = feed.machines[0].machine.time_s();
        assert!((lived_s - 20.0 * speed).abs() < 1e-6, "{rate_hz} Hz, {speed} times: {lived_s} s");
    }
}

#[test]
fn one_source_of_several_can_be_simulated_alone() {
    let mut site = site(&["wt-01", "wt-02"]);
    site.sources.push(site.sources[0].clone());
    site.assets[1].source = SourceRow(1);
    let options = Options { source: Some(SourceRow(1)), ..Options::default() };
    let mut feed = Feed::new(&site, &options, 0).expect("a feed");
    assert!(feed.advance_to(0).iter().all(|sample| sample.topic.starts_with("ridge/wt-02/")));
    assert_eq!(feed.machines.len(), 1);
}
