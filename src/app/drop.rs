//! Files dropped onto the window: models, put beside the machines of the site with all their parts, and taken away again.
//!
//! A file is read, checked and decoded on a thread of its own; a frame only asks whether it is done. What comes of it is
//! a command to the core like any other: the site grows at its end, and the model is spawned when the snapshot has it.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::camera::primitives::Aabb;
use bevy::prelude::*;
use bevy::window::FileDragAndDrop;
use crossbeam_channel::{Receiver, Sender};
use twinscope_twin::command::Command;
use twinscope_twin::site::{AssetRow, Site};

use super::camera::Orbit;
use super::far::FarMachines;
use super::models::{self, ModelOf, ModelStore, PartOf, Parts};
use super::panels::Panels;
use super::twin::Twin;
use crate::field::how_to_bind;
use crate::model::{Checked, Limits, asset_id, check, machine, printable};
use crate::session::ModelFiles;

/// Takes files that are dropped.
pub struct DropPlugin;

impl Plugin for DropPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Drops>()
            .add_message::<FileDragAndDrop>()
            // Before the systems that add to what is drawn: none of them meets an entity that is being taken away.
            .add_systems(PreUpdate, follow)
            .add_systems(Update, (hear, place, show).chain());
    }
}

/// Files that are read at a time: each may take a gigabyte while it is decoded.
const MOST_AT_ONCE: usize = 4;
/// Files that wait for those.
const MOST_WAITING: usize = 64;
/// What stands on the ground reaches down to this height, m.
const ON_GROUND: f32 = 0.5;

/// What became of a file.
struct Done {
    file: PathBuf,
    result: Result<Checked, String>,
}

/// Dropped files on their way.
#[derive(Resource)]
struct Drops {
    waiting: Vec<PathBuf>,
    reading: usize,
    said: (Sender<Done>, Receiver<Done>),
    /// Checked and sent to the core, not in a snapshot yet: the id of the asset, and the files.
    sent: Vec<(String, ModelFiles)>,
    /// In the scene, not looked at yet.
    shown: Option<AssetRow>,
    count: usize,
    /// East end of what was placed last, m: several files come in one frame, before any is in the scene.
    edge: Option<f32>,
}

impl Default for Drops {
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            reading: 0,
            said: crossbeam_channel::unbounded(),
            sent: Vec::new(),
            shown: None,
            count: 0,
            edge: None,
        }
    }
}

fn name_of(file: &Path) -> String {
    file.file_name().map_or_else(|| "the file".to_owned(), |name| printable(&name.to_string_lossy()))
}

/// Starts to read what was dropped.
fn hear(
    mut dropped: MessageReader<FileDragAndDrop>,
    mut drops: ResMut<Drops>,
    mut panels: ResMut<Panels>,
    waker: Option<Res<super::WakerSlot>>,
) {
    for event in dropped.read() {
        let FileDragAndDrop::DroppedFile { path_buf, .. } = event else { continue };
        if drops.waiting.len() >= MOST_WAITING {
            panels.notices.push(format!("{} is one file too many at once: drop it again later", name_of(path_buf)));
        } else {
            panels.notices.push(format!("Reading {} …", name_of(path_buf)));
            drops.waiting.push(path_buf.clone());
        }
    }
    while drops.reading < MOST_AT_ONCE && !drops.waiting.is_empty() {
        let file = drops.waiting.remove(0);
        let (say, waker) = (drops.said.0.clone(), waker.as_ref().map(|slot| slot.0.clone()));
        let path = file.clone();
        let started = std::thread::Builder::new().name("model".to_owned()).spawn(move || {
            let result = match std::panic::catch_unwind(AssertUnwindSafe(|| read(&path))) {
                Ok(result) => result,
                Err(_) => Err("the check failed inside; this is a defect, please report it".to_owned()),
            };
            // An error means that the window is gone.
            let _ = say.send(Done { file: path, result });
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        match started {
            Ok(_) => drops.reading += 1,
            Err(error) => panels.notices.push(format!("{} cannot be read: {error}", name_of(&file))),
        }
    }
}

/// Reads a model; the error says what is wrong and what to do.
fn read(path: &Path) -> Result<Checked, String> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        return Err(how_to_bind(path));
    }
    check(path, &Limits::default()).map_err(|error| format!("{}. {}", error.what, error.remedy))
}

/// Sends what was read to the core.
fn place(
    mut drops: ResMut<Drops>,
    mut panels: ResMut<Panels>,
    twin: Res<Twin>,
    drawn: Query<(&Aabb, &GlobalTransform), With<PartOf>>,
) {
    // Before the site is there, nothing can be put beside it.
    let Some(snapshot) = &twin.snapshot else { return };
    while let Ok(Done { file, result }) = drops.said.1.try_recv() {
        drops.reading = drops.reading.saturating_sub(1);
        let name = name_of(&file);
        panels.notices.retain(|notice| *notice != format!("Reading {name} …"));
        let checked = match result {
            Ok(checked) => checked,
            Err(reason) => {
                panels.notices.push(format!("{name} cannot be shown: {reason}"));
                continue;
            }
        };
        drops.count += 1;
        let id = free_id(&snapshot.site, &drops.sent, &asset_id(&name));
        let key = format!("dropped {}: {}", drops.count, file.display());
        let (position, edge) = beside(&drawn, drops.edge, checked.index.totals.bounds);
        drops.edge = Some(edge);
        let addition = machine(&checked.index, id.clone(), &name, key.clone(), position);
        panels.notices.extend(checked.warnings.iter().map(|warning| format!("{name}: {warning}")));
        if !twin.send(Command::Add(Arc::new(addition))) {
            panels.notices.push(format!("{name} was not taken: too many commands at once; drop it again"));
            continue;
        }
        let files = ModelFiles {
            key,
            assets: Vec::new(),
            scene: checked.index.scene,
            fields: checked.index.fields.clone(),
            index: Some(Arc::new(checked.index)),
            points: Vec::new(),
            files: Ok(checked.files),
        };
        drops.sent.push((id, files));
    }
}

/// An id that no asset has.
fn free_id(site: &Site, sent: &[(String, ModelFiles)], wanted: &str) -> String {
    let taken = |id: &str| site.standing().any(|(_, a)| a.id == id) || sent.iter().any(|(other, _)| other == id);
    let mut id = wanted.to_owned();
    let mut n = 1;
    while taken(&id) {
        n += 1;
        id = format!("{wanted}-{n}");
    }
    id
}

/// Where the origin of a model goes so that it stands on the ground east of everything that does, and where it then ends.
fn beside(
    drawn: &Query<(&Aabb, &GlobalTransform), With<PartOf>>,
    edge: Option<f32>,
    bounds: Option<[[f64; 3]; 2]>,
) -> ([f64; 3], f32) {
    let (mut east, mut south) = (edge, None);
    for (aabb, transform) in drawn {
        let affine = transform.affine();
        let centre = affine.transform_point3a(aabb.center);
        let half = affine.matrix3.abs() * aabb.half_extents;
        // A blade that turns high up takes no ground.
        if centre.y - half.y <= ON_GROUND {
            east = Some(east.map_or(centre.x + half.x, |have| have.max(centre.x + half.x)));
            south = Some(south.map_or(centre.z, |have: f32| have.max(centre.z)));
        }
    }
    let [min, max] = bounds.unwrap_or_default();
    let size = (0..3).map(|k| max.get(k).zip(min.get(k)).map_or(0.0, |(max, min)| max - min)).fold(0.0, f64::max);
    let gap = (size * 0.2).max(0.2);
    let west = east.map_or(-(max[0] - min[0]) * 0.5, |east| f64::from(east) + gap);
    let position = [west - min[0], -min[1], f64::from(south.unwrap_or(0.0)) - (min[2] + max[2]) * 0.5];
    (position, (west + max[0] - min[0]) as f32)
}

/// Spawns the models of assets that the core has taken in, and takes away those that it has taken out.
fn follow(
    mut commands: Commands,
    mut drops: ResMut<Drops>,
    mut parts: ResMut<Parts>,
    mut store: ResMut<ModelStore>,
    mut far: ResMut<FarMachines>,
    models: Query<(Entity, &ModelOf)>,
    server: Res<AssetServer>,
    twin: Res<Twin>,
) {
    let Some(site) = twin.snapshot.as_ref().map(|snapshot| &snapshot.site) else { return };
    let Some(have) = parts.site.clone().filter(|have| !Arc::ptr_eq(have, site)) else { return };
    // A snapshot from before the site that the window has; nothing is ever taken off the lists.
    if have.parts.len() > site.parts.len() || (have.parts.len(), &have.removed) == (site.parts.len(), &site.removed) {
        return;
    }
    parts.extend(Arc::clone(site));
    for (key, files) in std::mem::take(&mut drops.sent) {
        // By the model: ids are given again.
        match site.assets.iter().zip(0..).find(|(asset, _)| asset.model == files.key) {
            None => drops.sent.push((key, files)),
            Some((_, row)) if site.removed.contains(&AssetRow(row)) => {}
            Some((_, row)) => {
                models::spawn_model(&mut store, &server, &mut parts, AssetRow(row), &files);
                drops.shown = Some(AssetRow(row));
            }
        }
    }
    for &asset in site.removed.difference(&have.removed) {
        models::remove_model(&mut commands, &mut store, &mut parts, &mut far, &models, asset);
        drops.shown = drops.shown.filter(|shown| *shown != asset);
    }
}

/// Turns the camera to what came last, when it is there.
fn show(
    mut drops: ResMut<Drops>,
    mut orbit: ResMut<Orbit>,
    parts: Res<Parts>,
    bounds: Query<(&Aabb, &GlobalTransform)>,
) {
    let Some(row) = drops.shown.filter(|_| parts.pending == 0) else { return };
    let rows = parts.site.as_ref().and_then(|site| site.assets.get(row.index())).map(|asset| asset.parts.clone());
    let rows = rows.into_iter().flatten().filter_map(|part| parts.primitives.get(part as usize));
    let primitives: Vec<Entity> = rows.flatten().copied().collect();
    if let Some((centre, radius)) = models::bounds(&primitives, &bounds) {
        let pose = orbit.framing(centre, radius * 1.3, None);
        orbit.fly(pose);
        (drops.shown, drops.edge) = (None, None);
    } else if primitives.is_empty() {
        drops.shown = None;
    }
}

#[cfg(test)]
mod tests;
