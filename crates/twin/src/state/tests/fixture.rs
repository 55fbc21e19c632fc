//! Small sites, and a twin with a clock that the test moves.

use std::sync::Arc;

use crate::command::Command;
use crate::quality::{Quality, QualityReason};
use crate::severity::Severity;
use crate::site::{
    AlarmRow, AlarmRule, Asset, AssetRow, Condition, Part, PartRow, Protocol, Signal, SignalInput, SignalRow, Site,
    Source, SourceRow, TimeInput, TimeUnit, TopicInput,
};
use crate::snapshot::{Counters, Snapshot};
use crate::state::{Changes, LinkEvent, Options, RawMessage, TwinState};
use crate::time::Now;
use crate::value::Value;

/// Wall clock at the start of each test.
pub const START_MS: i64 = 1_764_000_000_000;

/// Builds a site from the top: sources, assets, parts, signals and alarms of the part before.
pub struct Builder {
    pub site: Site,
}

/// A site with one simulated source and one asset, `wt-01`, without parts.
pub fn site() -> Builder {
    let mut site = Site { id: "north-ridge".to_owned(), ..Site::default() };
    site.sources.push(source("plant", true));
    site.assets.push(asset("wt-01", SourceRow(0)));
    Builder { site }
}

pub fn source(id: &str, simulated: bool) -> Source {
    Source {
        id: id.to_owned(),
        url: "mqtt://localhost".to_owned(),
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
        simulated,
    }
}

pub fn asset(id: &str, source: SourceRow) -> Asset {
    Asset {
        id: id.to_owned(),
        name: id.to_owned(),
        type_id: "wind-turbine".to_owned(),
        source,
        position: [0.0; 3],
        heading_deg: 0.0,
        model: "model.glb".to_owned(),
        simulator: None,
        stand_in: None,
        time_lapse: 1.0,
        parts: 0..0,
    }
}

impl Builder {
    /// A part of the last asset.
    pub fn part(mut self, id: &str) -> Self {
        let row = u32::try_from(self.site.parts.len()).unwrap();
        let (signals, alarms) = (self.signals(), self.alarms());
        let asset = AssetRow(u32::try_from(self.site.assets.len()).unwrap() - 1);
        let last = self.site.assets.last_mut().unwrap();
        if last.parts.is_empty() {
            last.parts = row..row;
        }
        last.parts.end = row + 1;
        self.site.parts.push(Part {
            asset,
            id: id.to_owned(),
            name: id.to_owned(),
            kind: String::new(),
            layer: None,
            node: String::new(),
            parent: None,
            health: None,
            note: None,
            signals: signals..signals,
            alarms: alarms..alarms,
            motions: Vec::new(),
            crack: None,
            documents: Vec::new(),
        });
        self
    }

    fn signals(&self) -> u32 {
        u32::try_from(self.site.signals.len()).unwrap()
    }

    fn alarms(&self) -> u32 {
        u32::try_from(self.site.alarms.len()).unwrap()
    }

    pub fn edit(mut self, edit: impl FnOnce(&mut Site)) -> Self {
        edit(&mut self.site);
        self
    }

    /// The last part.
    pub fn last_part(self, edit: impl FnOnce(&mut Part)) -> Self {
        self.edit(|site| edit(site.parts.last_mut().unwrap()))
    }

    /// The last signal.
    pub fn last_signal(self, edit: impl FnOnce(&mut Signal)) -> Self {
        self.edit(|site| edit(site.signals.last_mut().unwrap()))
    }

    /// The last alarm.
    pub fn last_alarm(self, edit: impl FnOnce(&mut AlarmRule)) -> Self {
        self.edit(|site| edit(site.alarms.last_mut().unwrap()))
    }

    /// A number at `/{id}` of `topic`, with its time in ms at `/t`, stale after 10 s.
    pub fn signal(self, id: &str, topic: &str) -> Self {
        let input = TopicInput {
            filter: topic.to_owned(),
            path: Some(format!("/{id}")),
            time: Some(TimeInput { path: "/t".to_owned(), unit: TimeUnit::Milliseconds }),
            quality: None,
            scale: 1.0,
            offset: 0.0,
        };
        self.any_signal(id, SignalInput::Topic(input), "1")
    }

    /// A whole payload of any kind, without a time.
    pub fn plain(self, id: &str, topic: &str) -> Self {
        let input =
            TopicInput { filter: topic.to_owned(), path: None, time: None, quality: None, scale: 1.0, offset: 0.0 };
        self.any_signal(id, SignalInput::Topic(input), "")
    }

    pub fn derived(self, id: &str, expression: &str) -> Self {
        self.any_signal(id, SignalInput::Expression(expression.to_owned()), "")
    }

    fn any_signal(mut self, id: &str, input: SignalInput, unit: &str) -> Self {
        let part = PartRow(u32::try_from(self.site.parts.len()).unwrap() - 1);
        self.site.signals.push(Signal {
            part,
            id: id.to_owned(),
            name: id.to_owned(),
            input,
            unit: unit.to_owned(),
            decimals: 1,
            range: None,
            stale_after_ms: Some(10_000),
        });
        let end = self.signals();
        self.last_part(|part| part.signals.end = end)
    }

    /// A limit on the last signal, without delays.
    pub fn high(self, limit: f64) -> Self {
        let signal = SignalRow(self.signals() - 1);
        self.alarm(Condition::High { signal, limit })
    }

    pub fn alarm(mut self, condition: Condition) -> Self {
        self.site.alarms.push(AlarmRule {
            part: PartRow(u32::try_from(self.site.parts.len()).unwrap() - 1),
            id: format!("alarm-{}", self.site.alarms.len()),
            condition,
            deadband: 0.0,
            on_delay_ms: 0,
            off_delay_ms: 0,
            priority: Severity::High,
            cause: String::new(),
            consequence: String::new(),
            response: String::new(),
        });
        let end = self.alarms();
        self.last_part(|part| part.alarms.end = end)
    }

    pub fn twin(self) -> Twin {
        self.twin_with(Options::default())
    }

    pub fn twin_with(self, options: Options) -> Twin {
        Twin { state: TwinState::new(Arc::new(self.site), options), now: Now { wall_ms: START_MS, mono_ms: 50_000 } }
    }
}

/// A twin and the moment.
pub struct Twin {
    pub state: TwinState,
    pub now: Now,
}

impl Twin {
    /// A live message on the first source, received now.
    pub fn hear(&mut self, topic: &str, payload: impl AsRef<[u8]>) -> Changes {
        let message = self.message(topic.as_bytes(), payload.as_ref());
        self.state.messages(SourceRow(0), [message], self.now)
    }

    pub fn hear_retained(&mut self, topic: &str, payload: impl AsRef<[u8]>) -> Changes {
        let message = RawMessage { retained: true, ..self.message(topic.as_bytes(), payload.as_ref()) };
        self.state.messages(SourceRow(0), [message], self.now)
    }

    /// Several payloads in one batch.
    pub fn hear_all(&mut self, topic: &str, payloads: &[&str]) -> Changes {
        let messages: Vec<_> =
            payloads.iter().map(|payload| self.message(topic.as_bytes(), payload.as_bytes())).collect();
        self.state.messages(SourceRow(0), messages, self.now)
    }

    pub fn message<'a>(&self, topic: &'a [u8], payload: &'a [u8]) -> RawMessage<'a> {
        RawMessage { topic, payload, received: self.now, retained: false }
    }

    /// `{"x":value,"t":now}` on `topic`.
    pub fn measure(&mut self, topic: &str, id: &str, value: f64) -> Changes {
        let payload = format!(r#"{{"{id}":{value},"t":{}}}"#, self.now.wall_ms);
        self.hear(topic, payload)
    }

    pub fn link(&mut self, event: LinkEvent) -> Changes {
        self.state.link(SourceRow(0), event, self.now)
    }

    pub fn lose_link(&mut self) -> Changes {
        self.link(LinkEvent::Lost { reason: "connection reset".to_owned() })
    }

    pub fn command(&mut self, command: Command) -> Changes {
        self.state.command(command, self.now)
    }

    /// Lets time pass in steps of 250 ms, as the core does.
    pub fn wait(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        while self.now.mono_ms < end {
            self.now = self.now.plus_ms(250.min(end - self.now.mono_ms));
            self.state.tick(self.now);
        }
    }

    pub fn snapshot(&self) -> Snapshot {
        self.state.snapshot(self.now)
    }

    pub fn counters(&self) -> Counters {
        self.snapshot().counters
    }

    pub fn value(&self, signal: u32) -> Option<Value> {
        self.snapshot().signals[signal as usize].value.clone()
    }

    pub fn number(&self, signal: u32) -> Option<f64> {
        self.value(signal).and_then(|value| value.as_number())
    }

    pub fn quality(&self, signal: u32) -> (Quality, QualityReason) {
        let status = &self.snapshot().signals[signal as usize];
        (status.quality, status.reason)
    }

    /// `(active, acknowledged)` of an alarm on the list, or nothing.
    pub fn alarm(&self, alarm: u32) -> Option<(bool, bool)> {
        let snapshot = self.snapshot();
        let found = snapshot.alarms.iter().find(|status| status.alarm == AlarmRow(alarm));
        found.map(|status| (status.active, status.acknowledged))
    }
}
