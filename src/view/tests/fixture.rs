//! Sites and snapshots for the tests of the view and of the panels: a turbine in every state and quality.

use std::sync::Arc;

use twinscope_twin::prediction::{
    Body, Coverage, FailureProbability, FuturePath, Issue, Parameter, PredictionKey, Threshold,
};
use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{
    AlarmRow, AlarmRule, Asset, AssetRow, Condition, Part, PartRow, Protocol, Signal, SignalInput, SignalRow,
    SimulatorKind, Site, Source, SourceRow, TimeInput, TimeUnit, TopicInput,
};
use twinscope_twin::snapshot::{
    AlarmDetail, AlarmStatus, Counters, HealthDetail, LinkState, PartDetail, PartStatus, RollUp, SignalDetail,
    SignalStatus, Snapshot, SourceStatus,
};
use twinscope_twin::time::Now;
use twinscope_twin::value::{Provenance, Value};

/// The moment of all fixtures: 2026-11-22 14:02:11 UTC.
pub const NOW: Now = Now { wall_ms: 1_795_356_131_000, mono_ms: 1_000_000 };

/// A site under construction; parts keep their signals and alarms contiguous.
pub struct SiteBuilder {
    /// The site so far.
    pub site: Site,
}

impl Default for SiteBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl SiteBuilder {
    /// An empty site with one simulated source.
    pub fn new() -> Self {
        let source = Source {
            id: "plant".into(),
            url: "mqtt://127.0.0.1:41883".into(),
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
            max_topics: 1000,
            max_json_depth: 32,
            simulated: true,
        };
        let site =
            Site { id: "north-ridge".into(), name: "North Ridge".into(), sources: vec![source], ..Site::default() };
        Self { site }
    }

    /// Starts an asset; parts that follow belong to it.
    pub fn asset(&mut self, id: &str, name: &str) -> AssetRow {
        let row = AssetRow(self.site.assets.len() as u32);
        let first = self.site.parts.len() as u32;
        self.site.assets.push(Asset {
            id: id.into(),
            name: name.into(),
            type_id: "wind-turbine".into(),
            source: SourceRow(0),
            position: [0.0; 3],
            heading_deg: 270.0,
            model: "../models/wind_turbine.glb".into(),
            simulator: Some(SimulatorKind::WindTurbine),
            stand_in: None,
            time_lapse: 1.0,
            parts: first..first,
        });
        row
    }

    /// Adds a part to the last asset.
    pub fn part(&mut self, id: &str, name: &str, kind: &str, parent: Option<PartRow>) -> PartRow {
        let row = PartRow(self.site.parts.len() as u32);
        let asset = AssetRow(self.site.assets.len().saturating_sub(1) as u32);
        let (signals, alarms) = (self.site.signals.len() as u32, self.site.alarms.len() as u32);
        self.site.parts.push(Part {
            asset,
            id: id.into(),
            name: name.into(),
            kind: kind.into(),
            layer: None,
            node: format!("id:{id}"),
            parent,
            health: None,
            note: None,
            signals: signals..signals,
            alarms: alarms..alarms,
            motions: Vec::new(),
            crack: None,
            documents: Vec::new(),
        });
        if let Some(asset) = self.site.assets.last_mut() {
            asset.parts.end = row.0 + 1;
        }
        row
    }

    /// Adds a signal to the last part.
    pub fn signal(&mut self, name: &str, unit: &str, decimals: u8) -> SignalRow {
        let row = SignalRow(self.site.signals.len() as u32);
        let part = PartRow(self.site.parts.len().saturating_sub(1) as u32);
        let id = name.to_lowercase().replace(' ', "_");
        self.site.signals.push(Signal {
            part,
            id: id.clone(),
            name: name.into(),
            input: SignalInput::Topic(TopicInput {
                filter: "north-ridge/wt-01/high_speed_bearing".into(),
                path: Some(format!("/{id}")),
                time: Some(TimeInput { path: "/t".into(), unit: TimeUnit::Milliseconds }),
                quality: None,
                scale: 1.0,
                offset: 0.0,
            }),
            unit: unit.into(),
            decimals,
            range: Some([-40.0, 200.0]),
            stale_after_ms: Some(5000),
        });
        if let Some(part) = self.site.parts.last_mut() {
            part.signals.end = row.0 + 1;
        }
        row
    }

    /// Adds an alarm above a limit to the last part.
    pub fn high(&mut self, signal: SignalRow, limit: f64, priority: Severity) -> AlarmRow {
        let row = AlarmRow(self.site.alarms.len() as u32);
        self.site.alarms.push(AlarmRule {
            part: PartRow(self.site.parts.len().saturating_sub(1) as u32),
            id: format!("high-{}", row.0),
            condition: Condition::High { signal, limit },
            deadband: 2.0,
            on_delay_ms: 10_000,
            off_delay_ms: 30_000,
            priority,
            cause: "Spalling of the raceway, or oil that is too hot to carry the load.".into(),
            consequence: "The bearing seizes within weeks; the gearbox goes with it.".into(),
            response: "Reduce power to 60 % and plan an endoscopy within a week.".into(),
        });
        if let Some(part) = self.site.parts.last_mut() {
            part.alarms.end = row.0 + 1;
        }
        row
    }
}

/// A snapshot in which nothing was heard.
pub fn silent(site: Site) -> Snapshot {
    let site = Arc::new(site);
    let nothing = RollUp { no_data: 1, ..RollUp::default() };
    Snapshot {
        now: NOW,
        lives: Vec::new(),
        cracks: Vec::new(),
        scenarios: Vec::new(),
        run: None,
        sources: vec![SourceStatus::default(); site.sources.len()],
        parts: site
            .parts
            .iter()
            .map(|part| PartStatus {
                reason: if part.signals.is_empty() { QualityReason::NotMeasured } else { QualityReason::NeverHeard },
                below: nothing,
                ..PartStatus::default()
            })
            .collect(),
        assets: vec![nothing; site.assets.len()],
        whole: nothing,
        signals: vec![
            SignalStatus { reason: QualityReason::NeverHeard, ..SignalStatus::default() };
            site.signals.len()
        ],
        alarms: Vec::new(),
        selected: None,
        counters: Counters::default(),
        commands: Vec::new(),
        site,
    }
}

/// Gives a signal a value of a quality that was received `age_ms` ago.
pub fn heard(
    snapshot: &mut Snapshot,
    signal: SignalRow,
    value: f64,
    quality: Quality,
    reason: QualityReason,
    age_ms: u64,
) {
    let received = Now { wall_ms: NOW.wall_ms - age_ms as i64, mono_ms: NOW.mono_ms.saturating_sub(age_ms) };
    if let Some(status) = snapshot.signals.get_mut(signal.index()) {
        *status = SignalStatus {
            value: Some(Value::Number(value)),
            quality,
            reason,
            provenance: Provenance::Simulated,
            source_ms: received.wall_ms - 12,
            received: Some(received),
        };
    }
}

/// Sets state and quality of a part.
pub fn set(snapshot: &mut Snapshot, part: PartRow, state: Severity, quality: Quality, reason: QualityReason) {
    if let Some(status) = snapshot.parts.get_mut(part.index()) {
        status.state = state;
        status.quality = quality;
        status.reason = reason;
    }
}

/// Sums the roll-ups anew.
pub fn roll_up(snapshot: &mut Snapshot) {
    let site = Arc::clone(&snapshot.site);
    let one = |status: &PartStatus| {
        let mut sum = RollUp::default();
        match status.quality {
            Quality::Good | Quality::Uncertain => {
                sum.worst = status.state;
                sum.by_state[status.state as usize] = 1;
            }
            Quality::Stale => sum.stale = 1,
            Quality::Bad => sum.bad = 1,
            Quality::NoData => sum.no_data = 1,
        }
        sum
    };
    let add = |sum: &mut RollUp, more: &RollUp| {
        sum.worst = sum.worst.max(more.worst);
        for (a, b) in sum.by_state.iter_mut().zip(more.by_state) {
            *a += b;
        }
        sum.stale += more.stale;
        sum.bad += more.bad;
        sum.no_data += more.no_data;
    };
    for status in &mut snapshot.parts {
        status.below = RollUp::default();
    }
    snapshot.whole = RollUp::default();
    snapshot.assets = vec![RollUp::default(); site.assets.len()];
    for row in 0..snapshot.parts.len() {
        let own = one(&snapshot.parts[row]);
        add(&mut snapshot.whole, &own);
        add(&mut snapshot.assets[site.parts[row].asset.index()], &own);
        let mut above = Some(PartRow(row as u32));
        while let Some(part) = above {
            add(&mut snapshot.parts[part.index()].below, &own);
            above = site.parts[part.index()].parent;
        }
    }
}

/// A turbine: most parts well, the high-speed bearing worn, one part stale, one bad, several without data.
/// The bearing is selected.
pub fn turbine() -> Snapshot {
    let mut b = SiteBuilder::new();
    b.asset("wt-01", "Turbine 1");
    let mut values: Vec<(SignalRow, f64)> = Vec::new();
    b.part("foundation", "Foundation", "structure", None);
    let tower = b.part("tower", "Tower", "structure", None);
    values.push((b.signal("Acceleration", "m/s2", 3), 0.041));
    b.part("tower_door", "Tower door", "structure", Some(tower));
    let yaw = b.part("yaw_system", "Yaw system", "yaw", None);
    values.push((b.signal("Heading", "deg", 1), 271.4));
    values.push((b.signal("Yaw error", "deg", 1), -3.2));
    b.part("yaw_bearing", "Yaw bearing", "bearing", Some(yaw));
    for n in 1..=4 {
        b.part(&format!("yaw_drive_{n}"), &format!("Yaw drive {n}"), "drive", Some(yaw));
    }
    let nacelle = b.part("nacelle", "Nacelle", "structure", None);
    b.part("nacelle_housing", "Nacelle housing", "structure", Some(nacelle));
    b.part("bedplate", "Bedplate", "structure", Some(nacelle));
    let drivetrain = b.part("drivetrain", "Drivetrain", "group", Some(nacelle));
    b.part("main_bearing", "Main bearing", "bearing", Some(drivetrain));
    values.push((b.signal("Temperature", "degC", 1), 41.2));
    values.push((b.signal("Vibration", "mm/s", 2), 0.82));
    let gearbox = b.part("gearbox", "Gearbox", "gearbox", Some(drivetrain));
    let oil = b.signal("Oil temperature", "degC", 1);
    b.high(oil, 75.0, Severity::Medium);
    values.push((oil, 76.3));
    values.push((b.signal("Oil pressure", "bar", 2), 3.41));
    b.part("planet_stage_1", "Planet stage 1", "gear", Some(gearbox));
    b.part("planet_stage_2", "Planet stage 2", "gear", Some(gearbox));
    b.part("high_speed_stage", "High-speed stage", "gear", Some(gearbox));
    let bearing = b.part("high_speed_bearing", "High-speed bearing", "bearing", Some(gearbox));
    let temperature = b.signal("Temperature", "degC", 1);
    let vibration = b.signal("Vibration", "mm/s", 2);
    let kurtosis = b.signal("Kurtosis", "1", 1);
    let warning = b.high(temperature, 85.0, Severity::Medium);
    let alarm = b.high(temperature, 92.0, Severity::High);
    b.high(vibration, 7.1, Severity::Critical);
    values.extend([(temperature, 94.6), (vibration, 5.83), (kurtosis, 6.4)]);
    b.part("high_speed_shaft", "High-speed shaft", "shaft", Some(drivetrain));
    let brake = b.part("brake", "Brake", "brake", Some(drivetrain));
    let pad = b.signal("Pad", "mm", 1);
    let generator = b.part("generator", "Generator", "generator", Some(drivetrain));
    values.push((b.signal("Speed", "rpm", 0), 1163.0));
    values.push((b.signal("Winding temperature", "degC", 1), 88.1));
    let de = b.part("generator_bearing_de", "Bearing, drive end", "bearing", Some(generator));
    let de_t = b.signal("Temperature", "degC", 1);
    b.part("generator_bearing_nde", "Bearing, far end", "bearing", Some(generator));
    values.push((b.signal("Temperature", "degC", 1), 58.9));
    let rotor = b.part("rotor", "Rotor", "rotor", Some(drivetrain));
    values.push((b.signal("Speed", "rpm", 2), 11.63));
    values.push((b.signal("Torque", "kN.m", 0), 2410.0));
    for n in 1..=3 {
        b.part(&format!("blade_{n}"), &format!("Blade {n}"), "blade", Some(rotor));
        values.push((b.signal("Pitch", "deg", 1), 4.1));
    }
    let converter = b.part("converter", "Converter", "converter", Some(nacelle));
    let power = b.signal("Power", "kW", 0);
    values.push((power, 2874.0));
    let transformer = b.part("transformer", "Transformer", "transformer", Some(nacelle));
    let hot = b.signal("Temperature", "degC", 1);
    b.part("oil_cooler", "Oil cooler", "cooler", Some(nacelle));
    if let Some(part) = b.site.parts.get_mut(bearing.index()) {
        part.health = Some("1.0 - (temperature - 60.0) / 60.0".into());
        part.documents.push(("Bearing inspection by endoscope".into(), "../docs/hs-bearing.md".into()));
    }
    if let Some(part) = b.site.parts.get_mut(converter.index()) {
        part.note = Some("power is measured at the grid side".into());
    }
    let mut s = silent(b.site);
    s.sources[0] = SourceStatus {
        link: LinkState::Live,
        messages: 48_211,
        rate_per_s: 118.4,
        dropped: 0,
        delay_ms: Some(12.0),
        trouble: None,
    };
    s.counters = Counters { messages: 48_211, samples: 101_220, late: 3, unbound: 12, ..Counters::default() };
    for (signal, value) in values {
        heard(&mut s, signal, value, Quality::Good, QualityReason::None, 340);
        let part = s.site.signals[signal.index()].part;
        set(&mut s, part, Severity::Normal, Quality::Good, QualityReason::None);
    }
    set(&mut s, bearing, Severity::High, Quality::Good, QualityReason::None);
    set(&mut s, gearbox, Severity::Medium, Quality::Good, QualityReason::None);
    heard(&mut s, de_t, 61.3, Quality::Stale, QualityReason::TooOld, 184_000);
    set(&mut s, de, Severity::Normal, Quality::Stale, QualityReason::TooOld);
    heard(&mut s, hot, 431.0, Quality::Bad, QualityReason::OutOfRange, 900);
    set(&mut s, transformer, Severity::Normal, Quality::Bad, QualityReason::OutOfRange);
    set(&mut s, brake, Severity::Normal, Quality::NoData, QualityReason::NeverHeard);
    let _ = pad;
    if let Some(status) = s.parts.get_mut(bearing.index()) {
        status.health = Some(0.42);
    }
    roll_up(&mut s);
    let active =
        |alarm: AlarmRow, part: PartRow, severity: Severity, ago_s: i64, value: f64, acknowledged: bool| AlarmStatus {
            alarm,
            part,
            severity,
            active: true,
            acknowledged,
            since_ms: NOW.wall_ms - ago_s * 1000,
            value: Some(value),
        };
    s.alarms = vec![
        active(alarm, bearing, Severity::High, 134, 92.1, false),
        active(AlarmRow(0), gearbox, Severity::Medium, 96, 75.2, false),
        active(warning, bearing, Severity::Medium, 402, 85.3, true),
    ];
    select(&mut s, bearing);
    s
}

/// Selects a part, with its history and rules.
pub fn select(s: &mut Snapshot, part: PartRow) {
    let site = Arc::clone(&s.site);
    let Some(p) = site.parts.get(part.index()) else { return };
    let history = |now: f64| {
        (0..600)
            .map(|i| {
                let t = f64::from(i) - 600.0;
                let wave = (t * 0.11).sin() * 0.6 + (t * 0.031).cos() * 0.9;
                let value = if (240..260).contains(&i) { f64::NAN } else { now + t * 0.02 * now / 94.0 + wave };
                [NOW.wall_ms as f64 + t * 1000.0, value]
            })
            .collect::<Vec<_>>()
    };
    let signals = p.signals.clone().map(|row| {
        let status = &s.signals[row as usize];
        SignalDetail {
            signal: SignalRow(row),
            last_message: status.received.map(|_| {
                (
                    "north-ridge/wt-01/high_speed_bearing".to_owned(),
                    "{\"t\":1795356130660,\"temperature\":94.6,\"vibration\":5.83,\"kurtosis\":6.4}".to_owned(),
                )
            }),
            history: match &status.value {
                Some(Value::Number(v)) if status.quality < Quality::NoData => history(*v),
                _ => Vec::new(),
            },
            error: None,
        }
    });
    let alarms = p.alarms.clone().map(|row| {
        let standing = s.alarms.iter().find(|a| a.alarm.0 == row);
        AlarmDetail {
            alarm: AlarmRow(row),
            active: standing.is_some(),
            condition: standing.is_some(),
            acknowledged: standing.is_some_and(|a| a.acknowledged),
            since_ms: standing.map(|a| a.since_ms),
            held: false,
            error: None,
        }
    });
    let bearing = p.id == "high_speed_bearing";
    let detail = PartDetail {
        part,
        signals: signals.collect(),
        alarms: alarms.collect(),
        health: p.health.as_ref().map(|from| HealthDetail { from: from.clone(), value: Some(0.42), error: None }),
        predictions: if bearing { predictions(part) } else { Vec::new() },
        more_predictions: 0,
        rul_history: Vec::new(),
        records: Vec::new(),
        advice: Vec::new(),
    };
    s.selected = Some(detail);
}

/// A full prediction, and a bare one.
pub fn predictions(part: PartRow) -> Vec<(PredictionKey, Issue, usize)> {
    let key = |model: &str, quantity: &str| PredictionKey {
        part,
        quantity: quantity.into(),
        model: model.into(),
        scenario: "baseline".into(),
    };
    let hours: Vec<f64> = (0..60).map(|i| f64::from(i) * 24.0).collect();
    let course = |slope: f64| hours.iter().map(|h| (0.62 - slope * h * h / 1e6).max(0.0)).collect::<Vec<_>>();
    let full = Body {
        issued_at: Some(NOW.wall_ms - 190_000),
        data_until: Some(NOW.wall_ms - 200_000),
        valid_until: Some(NOW.wall_ms + 86_400_000),
        version: Some("1.3.0".into()),
        provenance: Some("predicted".into()),
        prior: Some("generic".into()),
        in_range: Some(true),
        failure_mode: Some("spalling of the high-speed bearing".into()),
        threshold: Some(Threshold {
            quantity: "spall_size".into(),
            value: 4.0,
            unit: "mm".into(),
            source: "ISO 15243".into(),
        }),
        unit: "h".into(),
        quantiles: [("0.05", 430.0), ("0.1", 610.0), ("0.5", 1010.0), ("0.9", 1980.0), ("0.95", 2290.0)]
            .into_iter()
            .map(|(p, v)| (p.to_owned(), v))
            .collect(),
        value: None,
        beyond_horizon: Some(0.02),
        pof: vec![FailureProbability { in_h: 720.0, p: 0.12 }, FailureProbability { in_h: 2160.0, p: 0.71 }],
        path: Some(FuturePath {
            quantity: "health".into(),
            unit: String::new(),
            in_h: hours.clone(),
            p05: course(0.55),
            p50: course(0.29),
            p95: course(0.14),
        }),
        parameters: [(
            "bearing_wear".to_owned(),
            Parameter {
                p05: Some(0.16),
                p50: Some(0.21),
                p95: Some(0.27),
                unit: "1".into(),
                prior_p50: Some(0.05),
                ..Parameter::default()
            },
        )]
        .into_iter()
        .collect(),
        coverage: Some(Coverage { level: 0.9, held: 37, of: 40 }),
        ..Body::default()
    };
    let bare = Body { unit: "h".into(), value: Some(300.0), valid_until: Some(NOW.wall_ms - 1), ..Body::default() };
    let issue = |body: Body| Issue { body, received: NOW, retained: false };
    vec![(key("bearing-life", "rul"), issue(full), 12), (key("notebook", "rul"), issue(bare), 1)]
}
