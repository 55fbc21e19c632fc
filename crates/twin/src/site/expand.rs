//! The parts of a type file, repeats written out, as tables; and everything that can be wrong with them apart from
//! the model and the assets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::check_site::unique;
use super::node::Node;
use super::problem::{Problems, Spanned};
use super::references::References;
use super::shape::bound;
use super::tables::{TypePart, TypeSignal, TypeTables};
use super::template;
use super::{
    AlarmRule, AssetRow, Condition, Medium, Motion, MotionKind, Part, PartRow, QualityInput, Signal, SignalInput,
    SignalRow, TimeInput, TimeUnit, TopicInput,
};
use crate::severity::Severity;

/// Which repeat of which part of the file a part of the tables is.
struct Instance<'a> {
    node: &'a Node,
    repeat: Repeat,
    row: u32,
}

/// Fills in `{n}`.
#[derive(Clone, Copy)]
pub(crate) struct Repeat(Option<i64>);

impl Repeat {
    /// What does not repeat.
    pub const NONE: Self = Self(None);

    pub fn fill(self, text: &str) -> String {
        match self.0 {
            Some(n) if text.contains("{n}") => text.replace("{n}", &n.to_string()),
            _ => text.to_owned(),
        }
    }
}

/// Makes the tables; what is broken is reported and left out.
pub(crate) fn expand(nodes: &[Node], problems: &mut Problems) -> TypeTables {
    let mut tables = TypeTables::default();
    let mut instances = Vec::new();
    let mut ids: HashMap<String, (u32, usize)> = HashMap::new();
    let (mut signals, mut alarms) = (0_usize, 0_usize);
    'parts: for node in nodes {
        let Some(id) = node.text("id") else { continue };
        check_part(node, &id, problems);
        let documents = node.tables("document").iter();
        tables.documents.extend(documents.filter_map(|d| Some((d.plain("title")?, d.text("file")?))));
        let crack = super::crack::crack(node, problems);
        let count = node.integer("count").map_or(1, |count| count.value);
        let repeats = node.integer("count").is_some() && id.contains("{n}");
        let mut said = false;
        // All repeats at once, before the first is made.
        let times = if repeats { usize::try_from(count).unwrap_or(usize::MAX) } else { 1 };
        tables.weight = tables.weight.saturating_add(node.weight().saturating_mul(times));
        signals = times.saturating_mul(node.tables("signal").len()).saturating_add(signals);
        alarms = times.saturating_mul(node.tables("alarm").len()).saturating_add(alarms);
        if tables.weight > bound::TYPE_MEMORY || signals.max(alarms) > bound::ROWS {
            problems.error_with(&node.span, "the type is too large: its repeats make too much of it", "lower `count`");
            break;
        }
        for n in 1..=if repeats { count } else { 1 } {
            if tables.parts.len() >= bound::PARTS {
                problems.error(&node.span, format!("a type has at most {} parts, repeats counted", bound::PARTS));
                break 'parts;
            }
            let repeat = Repeat(repeats.then_some(n));
            let row = u32::try_from(tables.parts.len()).unwrap_or(u32::MAX);
            let mut part = part(node, repeat, &id, row, &mut tables);
            part.part.crack.clone_from(&crack);
            if let Some((_, first)) = ids.get(&part.part.id) {
                if !said {
                    let message = format!("part \"{}\" is already defined in line {first}", part.part.id);
                    problems.error(&id.span, message);
                }
                said = true;
            } else {
                ids.insert(part.part.id.clone(), (row, problems.text().line(id.span.start)));
            }
            tables.parts.push(part);
            instances.push(Instance { node, repeat, row });
        }
    }
    let ids: HashMap<String, u32> = ids.into_iter().map(|(id, (row, _))| (id, row)).collect();
    clashes(&tables, &ids, problems);
    references(&mut tables, &ids, &instances, problems);
    tables
}

/// What can be wrong with one `[[part]]` as it is written.
fn check_part(node: &Node, id: &Spanned<String>, problems: &mut Problems) {
    if node.integer("count").is_some() && !id.contains("{n}") {
        problems.error_with(&id.span, "the part repeats: its id needs {n}", format!("such as \"{}_{{n}}\"", id.value));
    }
    if node.integer("count").is_none() {
        let mut fields: Vec<Spanned<String>> =
            ["id", "name", "node", "parent", "health"].iter().filter_map(|key| node.text(key)).collect();
        for signal in node.tables("signal") {
            fields.extend(["topic", "expr", "path"].iter().filter_map(|key| signal.text(key)));
        }
        for alarm in node.tables("alarm") {
            fields.extend(["signal", "when"].iter().filter_map(|key| alarm.text(key)));
        }
        fields.extend(node.tables("motion").iter().filter_map(|motion| motion.text("signal")));
        for field in fields.iter().filter(|field| field.contains("{n}")) {
            let at = field.find("{n}").unwrap_or(0);
            let span = problems.text().within(&field.span, field, at..at + 3);
            problems.error_with(
                &span,
                "{n} counts repeats, and the part has no `count`",
                "add `count`, or write the number",
            );
        }
    }
    let ids = |key: &str| node.tables(key).iter().filter_map(|node| node.text("id")).collect::<Vec<_>>();
    unique("signal", ids("signal").iter(), problems);
    unique("alarm", ids("alarm").iter(), problems);
    for signal in node.tables("signal") {
        check_signal(signal, problems);
    }
}

/// What can be wrong with one `[[part.signal]]` as it is written.
fn check_signal(signal: &Node, problems: &mut Problems) {
    if let Some(topic) = signal.text("topic") {
        if let Err(fault) = template::check_filter(&topic) {
            let span = problems.text().within(&topic.span, &topic, fault.at);
            problems.error(&span, format!("topic: {}", fault.message));
        }
    } else if signal.text("expr").is_some() {
        for key in ["path", "time", "quality"] {
            if let Some(span) = signal.span_of(key) {
                problems.error(&span, format!("`{key}` reads a payload: it has no effect on `expr`"));
            }
        }
    }
    if let Some(scale) = signal.number("scale").filter(|scale| scale.value == 0.0) {
        problems.error(&scale.span, "`scale` is 0: every value would be the same");
    }
    if let Some(quality) = signal.table("quality") {
        let mut seen = BTreeSet::new();
        let keys = ["good", "uncertain", "bad"];
        let lists = keys.map(|key| quality.texts(key));
        if keys.iter().all(|key| quality.span_of(key).is_none()) {
            problems.error(&quality.span, "`quality` needs one of good, uncertain, bad");
        }
        for word in lists.iter().flatten() {
            if !seen.insert(word.value.clone()) {
                problems.error(&word.span, format!("`{}` is already in a list", word.value));
            }
        }
    }
}

fn part(node: &Node, repeat: Repeat, id: &Spanned<String>, row: u32, tables: &mut TypeTables) -> TypePart {
    let id = repeat.fill(id);
    let address = node.text("node").unwrap_or_default();
    let parent_span = node.text("parent").map_or_else(|| address.span.clone(), |parent| parent.span);
    let first = len(&tables.signals);
    let filled = |key: &str| node.plain(key).map(|text| repeat.fill(&text));
    let mut seen = BTreeSet::new();
    for signal in node.tables("signal") {
        tables.signals.extend(self::signal(signal, repeat, row).filter(|s| seen.insert(s.signal.id.clone())));
    }
    let documents =
        node.tables("document").iter().filter_map(|d| Some((d.plain("title")?, d.plain("file")?))).collect();
    let part = Part {
        asset: AssetRow(0),
        name: filled("name").unwrap_or_else(|| spaced(&id)),
        id,
        kind: node.plain("kind").unwrap_or_default(),
        layer: node.plain("layer"),
        node: repeat.fill(&address),
        parent: None,
        health: filled("health"),
        note: filled("note"),
        signals: first..len(&tables.signals),
        alarms: 0..0,
        motions: Vec::new(),
        crack: None,
        documents,
    };
    TypePart { part, node_span: address.span, parent_span }
}

fn signal(node: &Node, repeat: Repeat, part: u32) -> Option<TypeSignal> {
    let id = node.plain("id")?;
    let number = |key: &str, default: f64| node.number(key).map_or(default, |number| number.value);
    let (input, input_span) = if let Some(topic) = node.text("topic") {
        let input = SignalInput::Topic(TopicInput {
            filter: repeat.fill(&topic),
            path: node.plain("path").map(|path| repeat.fill(&path)),
            time: node.table("time").and_then(|node| time(node, repeat)),
            quality: node.table("quality").and_then(|node| quality(node, repeat)),
            scale: number("scale", 1.0),
            offset: number("offset", 0.0),
        });
        (input, topic.span)
    } else {
        let expr = node.text("expr")?;
        (SignalInput::Expression(repeat.fill(&expr)), expr.span)
    };
    let signal = Signal {
        part: PartRow(part),
        name: node.plain("name").map_or_else(|| spaced(&id), |name| repeat.fill(&name)),
        id,
        input,
        unit: node.plain("unit").unwrap_or_default(),
        decimals: node.integer("decimals").and_then(|d| u8::try_from(d.value).ok()).unwrap_or(1),
        range: node.numbers::<2>("range").map(|range| range.value),
        stale_after_ms: node.millis("stale_after"),
    };
    Some(TypeSignal { signal, input_span })
}

fn time(node: &Node, repeat: Repeat) -> Option<TimeInput> {
    let unit = match node.plain("unit").as_deref() {
        Some("s") => TimeUnit::Seconds,
        Some("us") => TimeUnit::Microseconds,
        Some("ns") => TimeUnit::Nanoseconds,
        Some("rfc3339") => TimeUnit::Rfc3339,
        _ => TimeUnit::Milliseconds,
    };
    Some(TimeInput { path: repeat.fill(&node.plain("path")?), unit })
}

fn quality(node: &Node, repeat: Repeat) -> Option<QualityInput> {
    let list = |key: &str| node.texts(key).into_iter().map(|text| text.value).collect();
    let path = repeat.fill(&node.plain("path")?);
    Some(QualityInput { path, good: list("good"), uncertain: list("uncertain"), bad: list("bad") })
}

/// An id as a name: `oil_temperature` is "Oil temperature".
pub(crate) fn spaced(id: &str) -> String {
    let text = id.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn len<T>(rows: &[T]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

/// A signal with the id of a part: in an expression, `x` and `x.y` could not be told apart.
fn clashes(tables: &TypeTables, ids: &HashMap<String, u32>, problems: &mut Problems) {
    let mut said = BTreeSet::new();
    for signal in &tables.signals {
        if ids.contains_key(&signal.signal.id) && said.insert(signal.input_span.start) {
            let message =
                format!("signal \"{}\" has the id of a part: expressions could not tell them apart", signal.signal.id);
            problems.error(&signal.input_span, message);
        }
    }
}

/// Everything that names a part or a signal: parents, alarms, motions, expressions.
fn references(
    tables: &mut TypeTables,
    ids: &HashMap<String, u32>,
    instances: &[Instance<'_>],
    problems: &mut Problems,
) {
    let mut said = BTreeSet::new();
    let mut checked = HashMap::new();
    let mut parts = Vec::new();
    let mut alarms = Vec::new();
    let mut uses: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for instance in instances {
        let mut refs = References {
            tables,
            ids,
            row: instance.row,
            repeat: instance.repeat,
            said: &mut said,
            checked: &mut checked,
            problems,
        };
        let parent = refs.parent(instance.node);
        if let Some(health) = instance.node.text("health") {
            refs.expression(&health);
        }
        let first = len(&alarms);
        for node in instance.node.tables("alarm") {
            alarms.extend(alarm(node, instance, &mut refs));
        }
        let motions: Vec<Motion> =
            instance.node.tables("motion").iter().filter_map(|node| motion(node, &mut refs)).collect();
        for node in instance.node.tables("signal") {
            if let (Some(id), Some(expr)) = (node.plain("id"), node.text("expr")) {
                let inputs = refs.expression(&expr);
                if let Some(row) = refs.own_signal(&id) {
                    uses.insert(row, inputs);
                }
            }
        }
        parts.push((parent, first..len(&alarms), motions));
    }
    for (part, (parent, alarms, motions)) in tables.parts.iter_mut().zip(parts) {
        part.part.parent = parent.map(PartRow);
        part.part.alarms = alarms;
        part.part.motions = motions;
    }
    tables.alarms = alarms;
    super::references::cycles(tables, &uses, problems);
}

fn alarm(node: &Node, instance: &Instance<'_>, refs: &mut References<'_>) -> Option<AlarmRule> {
    let signal = node.text("signal");
    let number = |key: &str| node.number(key);
    let deadband = number("deadband").map_or(0.0, |deadband| deadband.value);
    if let Some(span) = node.span_of("deadband")
        && ["rate", "stale", "when"].iter().any(|key| node.span_of(key).is_some())
    {
        refs.once(&span, "`deadband` has no effect here", "only `high` and `low` have one");
    }
    let condition = if let Some(when) = node.text("when") {
        if let Some(signal) = &signal {
            refs.once(&signal.span, "`when` names its signals itself: `signal` has no effect", "leave `signal` out");
        }
        refs.expression(&when);
        Condition::When(instance.repeat.fill(&when))
    } else {
        let Some(signal) = signal else {
            refs.once(&node.span, "an alarm needs `signal`, unless it has `when`", "the id of a signal of the part");
            return None;
        };
        let row = refs.signal(&signal)?;
        let signal = SignalRow(row);
        if let Some(limit) = number("high") {
            refs.limit(row, &limit, -deadband);
            Condition::High { signal, limit: limit.value }
        } else if let Some(limit) = number("low") {
            refs.limit(row, &limit, deadband);
            Condition::Low { signal, limit: limit.value }
        } else if let Some(rate) = number("rate") {
            if rate.value <= 0.0 {
                refs.once(&rate.span, "`rate` must be above 0", "units of the signal per second");
            }
            Condition::Rate { signal, per_s: rate.value }
        } else if node.flag("stale").is_some() {
            Condition::Stale { signal }
        } else {
            return None;
        }
    };
    Some(AlarmRule {
        part: PartRow(instance.row),
        id: node.plain("id")?,
        condition,
        deadband,
        on_delay_ms: node.millis("on_delay").unwrap_or(0),
        off_delay_ms: node.millis("off_delay").unwrap_or(0),
        priority: match node.plain("priority")?.as_str() {
            "critical" => Severity::Critical,
            "high" => Severity::High,
            "medium" => Severity::Medium,
            _ => Severity::Low,
        },
        cause: node.plain("cause").unwrap_or_default(),
        consequence: node.plain("consequence").unwrap_or_default(),
        response: node.plain("response").unwrap_or_default(),
    })
}

fn motion(node: &Node, refs: &mut References<'_>) -> Option<Motion> {
    let signal = node.text("signal")?;
    let kind = match node.plain("kind")?.as_str() {
        "spin" => MotionKind::Spin,
        "turn" => MotionKind::Turn,
        "flow" => MotionKind::Flow(match node.plain("medium").as_deref() {
            Some("coolant") => Medium::Coolant,
            Some("energy") => Medium::Energy,
            _ => Medium::Oil,
        }),
        _ => MotionKind::Slide,
    };
    let flows = matches!(kind, MotionKind::Flow(_));
    for (key, wanted) in [("axis", !flows), ("offset", !flows), ("medium", flows)] {
        if let Some(span) = node.span_of(key).filter(|_| !wanted) {
            refs.once(
                &span,
                format!("`{key}` has no effect here"),
                "`medium` is for a flow, `axis` and `offset` for the others",
            );
        }
    }
    let axis = match node.plain("axis")?.as_str() {
        "x" => 0,
        "y" => 1,
        _ => 2,
    };
    let scale = node.number("scale")?;
    if scale.value == 0.0 {
        refs.once(&scale.span, "`scale` is 0: nothing would move", "-1 turns the other way");
    }
    let row = refs.signal(&signal)?;
    refs.motion_unit(kind, row, &signal.span, scale.value);
    Some(Motion {
        kind,
        axis,
        signal: SignalRow(row),
        scale: scale.value,
        offset: node.number("offset").map_or(0.0, |offset| offset.value),
        derived: node.flag("derived").is_some_and(|derived| derived.value),
    })
}
