//! Site file, type files and models → [`Site`]: rows counted through, topics filled in, nodes found, parents known.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::bind::{Bound, bind};
use super::file::{AssetFile, SiteFile, SourceFile, TypeFile, join};
use super::problem::{Problem, Problems};
use super::shape::bound;
use super::suggest::nearest;
use super::template::fill;
use super::url::{Address, Scheme};
use super::{
    AlarmRule, Asset, AssetRow, Condition, Estimator, ModelNodes, Motion, Part, PartRow, Signal, SignalInput,
    SignalRow, SimulatorKind, Site, Source, SourceRow,
};

/// Makes the tables of a site.
///
/// `types` by id, `models` by [`TypeFile::model_key`]; a type or a model that is missing is the caller's to
/// report, and its assets, or the checks on its nodes, are left out. Problems of the files themselves were reported
/// when they were parsed: a site is fit to run if neither there nor here is an error.
#[must_use]
pub fn resolve(
    site: &SiteFile,
    types: &BTreeMap<String, TypeFile>,
    models: &BTreeMap<String, ModelNodes>,
) -> (Site, Vec<Problem>) {
    let mut problems = Problems::new(Arc::clone(&site.text));
    let mut bound_types: BTreeMap<&str, Bound<'_>> = BTreeMap::new();
    for id in site.assets.iter().map(|asset| asset.type_id.value.as_str()) {
        if let Some(file) = types.get(id)
            && !bound_types.contains_key(id)
        {
            bound_types.insert(id, bind(id, file, models));
        }
    }
    let mut resolved = Site {
        id: site.id.value.clone(),
        name: site.name.clone(),
        currency: site.currency.clone(),
        stage: site.stage,
        hour: site.hour,
        economics: site.economics.clone(),
        operations: site.operations.clone(),
        sources: site.sources.iter().map(source).collect(),
        ..Site::default()
    };
    resolved.fields = bound_types.values().flat_map(|kind| kind.file.fields()).collect();
    let mut weight = 0;
    for asset in &site.assets {
        let Some(kind) = bound_types.get_mut(asset.type_id.value.as_str()) else { continue };
        let tables = &kind.file.tables;
        let full = [
            resolved.parts.len() + tables.parts.len(),
            resolved.signals.len() + tables.signals.len(),
            resolved.alarms.len() + tables.alarms.len(),
        ];
        if full.iter().any(|rows| *rows > bound::ROWS) {
            problems.error(&asset.span, format!("a site has at most {} parts, signals and alarms each", bound::ROWS));
            break;
        }
        weight += tables.weight;
        if weight > bound::SITE_MEMORY {
            problems.error(&asset.span, "the site is too large: its assets make too much of their types");
            break;
        }
        add(&mut resolved, site, asset, kind);
        check_simulator(&resolved, asset, kind.file, &mut problems);
    }
    resolved.starts = super::start::resolve(site, &resolved, &mut problems);
    resolved.viewpoints = super::viewpoint::resolve(site, &resolved, &mut problems);
    let mut all = problems.finish();
    all.extend(bound_types.into_values().flat_map(|kind| kind.problems.finish()));
    (resolved, all)
}

fn source(file: &SourceFile) -> Source {
    let text = |value: &Option<super::Spanned<String>>| value.as_ref().map(|text| text.value.clone());
    let scheme = Address::parse(&file.url).map(|address| address.scheme);
    Source {
        id: file.id.value.clone(),
        url: file.url.value.clone(),
        protocol: file.protocol,
        qos: file.qos,
        keep_alive_s: file.keep_alive_s,
        username: text(&file.username),
        password_file: text(&file.password_file),
        password_env: text(&file.password_env),
        ca_file: text(&file.ca_file),
        client_cert: text(&file.client_cert),
        client_key: text(&file.client_key),
        alpn: file.alpn.iter().map(|protocol| protocol.value.clone()).collect(),
        max_packet: file.max_packet,
        max_topics: file.max_topics,
        max_json_depth: file.max_json_depth,
        simulated: file.simulated.as_ref().map_or(scheme == Ok(Scheme::Sim), |simulated| simulated.value),
    }
}

/// Adds an asset with the rows of its type.
fn add(resolved: &mut Site, site: &SiteFile, asset: &AssetFile, kind: &mut Bound<'_>) {
    let tables = Arc::clone(&kind.file.tables);
    let first = First { part: len(&resolved.parts), signal: len(&resolved.signals), alarm: len(&resolved.alarms) };
    let row = AssetRow(len(&resolved.assets));
    for (part, parent) in tables.parts.iter().zip(&kind.parents) {
        let part = &part.part;
        let documents = part.documents.iter();
        resolved.parts.push(Part {
            asset: row,
            parent: parent.map(|parent| PartRow(first.part + parent)),
            signals: shift(&part.signals, first.signal),
            alarms: shift(&part.alarms, first.alarm),
            motions: part
                .motions
                .iter()
                .map(|motion| Motion { signal: first.signal(motion.signal), ..*motion })
                .collect(),
            documents: documents
                .map(|(title, file)| (title.clone(), join(&kind.file.folder_from_site, file)))
                .collect(),
            ..part.clone()
        });
    }
    for type_signal in &tables.signals {
        let signal = &type_signal.signal;
        let mut input = signal.input.clone();
        if let SignalInput::Topic(topic) = &mut input {
            let part = tables.parts.get(signal.part.index()).map_or("", |part| part.part.id.as_str());
            topic.filter = match filter(&topic.filter, site, asset, part) {
                Ok(filter) => filter,
                Err(fault) => {
                    if let Some((message, hint, at)) = fault
                        && kind.said.insert(type_signal.input_span.start)
                    {
                        let span = kind.problems.text().within(&type_signal.input_span, &topic.filter, at);
                        kind.problems.error_with(&span, message, hint);
                    }
                    String::new()
                }
            };
        }
        resolved.signals.push(Signal { part: PartRow(first.part + signal.part.0), input, ..signal.clone() });
    }
    for alarm in &tables.alarms {
        let condition = first.condition(&alarm.condition);
        resolved.alarms.push(AlarmRule { part: PartRow(first.part + alarm.part.0), condition, ..alarm.clone() });
    }
    resolved.estimators.extend(kind.file.estimators.iter().map(|estimator| Estimator {
        asset: row,
        parts: estimator.parts.iter().map(|(role, part)| (role.clone(), PartRow(first.part + part.0))).collect(),
        inputs: estimator.inputs.iter().map(|(input, signal)| (input.clone(), first.signal(*signal))).collect(),
        folder_from_site: kind.file.folder_from_site.clone(),
        ..estimator.clone()
    }));
    resolved.procedures.extend(kind.file.procedures().map(|procedure| (row, procedure)));
    let source = match &asset.source {
        Some(id) => site.sources.iter().position(|source| source.id.value == id.value),
        None => Some(0),
    };
    resolved.assets.push(Asset {
        id: asset.id.value.clone(),
        name: asset.name.clone(),
        type_id: asset.type_id.value.clone(),
        simulator: kind.file.simulator,
        source: SourceRow(source.and_then(|row| u32::try_from(row).ok()).unwrap_or(0)),
        position: asset.position,
        heading_deg: asset.heading_deg,
        model: kind.model.clone(),
        stand_in: asset.stand_in.clone(),
        time_lapse: asset.time_lapse.value,
        parts: first.part..len(&resolved.parts),
    });
}

/// Reports the asset added last if its source simulates it and nothing knows how.
fn check_simulator(resolved: &Site, asset: &AssetFile, kind: &TypeFile, problems: &mut Problems) {
    let source = resolved.assets.last().and_then(|added| resolved.sources.get(added.source.index()));
    // A broker marked `simulated` has a simulator of its own behind it.
    let simulated = source.is_some_and(|source| source.url.starts_with("sim:"));
    if simulated && kind.simulator.is_none() {
        let id = &asset.type_id.value;
        let known: Vec<_> = SimulatorKind::all().map(|kind| format!("simulator = \"{kind}\"")).collect();
        problems.error_with(
            &asset.type_id.span,
            format!("nothing simulates asset \"{}\": its type \"{id}\" names no simulator", asset.id.value),
            format!(
                "add {} to {id}.toml, or give the asset a source that is a broker or a recording",
                known.join(" or ")
            ),
        );
    }
}

/// What is wrong with a topic, what to do, and where in the template; `None`: it was reported with the type file.
type TopicFault = Option<(String, String, Range<usize>)>;

/// A topic with the asset's values.
fn filter(template: &str, site: &SiteFile, asset: &AssetFile, part: &str) -> Result<String, TopicFault> {
    let value = |name: &str| match name {
        "site" => Some(site.id.value.as_str()),
        "asset" => Some(asset.id.value.as_str()),
        "part" => Some(part),
        name => asset.vars.get(name).map(String::as_str),
    };
    match fill(template, value) {
        Ok(filled) if filled.len() <= bound::TOPIC => Ok(filled),
        Ok(_) => {
            let message = format!("the topic has more than {} bytes for asset \"{}\"", bound::TOPIC, asset.id.value);
            Err(Some((message, "shorten it, or the vars in it".to_owned(), 0..template.len())))
        }
        Err((None, _)) => Err(None),
        Err((Some(name), _)) if name == "n" => Err(None),
        Err((Some(name), fault)) => {
            let known = ["site", "asset", "part"].into_iter().chain(asset.vars.keys().map(String::as_str));
            let meant = nearest(&name, known).map(|near| format!("; did you mean {{{near}}}?")).unwrap_or_default();
            let message = format!("topic: nothing is known for {{{name}}} at asset \"{}\"{meant}", asset.id.value);
            Err(Some((message, format!("add vars = {{ {name} = \"…\" }} to the asset"), fault.at)))
        }
    }
}

/// The first rows of an asset.
struct First {
    part: u32,
    signal: u32,
    alarm: u32,
}

impl First {
    const fn signal(&self, row: SignalRow) -> SignalRow {
        SignalRow(self.signal + row.0)
    }

    fn condition(&self, condition: &Condition) -> Condition {
        match condition {
            Condition::High { signal, limit } => Condition::High { signal: self.signal(*signal), limit: *limit },
            Condition::Low { signal, limit } => Condition::Low { signal: self.signal(*signal), limit: *limit },
            Condition::Rate { signal, per_s } => Condition::Rate { signal: self.signal(*signal), per_s: *per_s },
            Condition::Stale { signal } => Condition::Stale { signal: self.signal(*signal) },
            Condition::When(when) => Condition::When(when.clone()),
        }
    }
}

const fn shift(rows: &Range<u32>, by: u32) -> Range<u32> {
    rows.start + by..rows.end + by
}

fn len<T>(rows: &[T]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}
