//! Saved viewpoints in the window: flown to, gone through, and one more written into the site file.
//!
//! The file is read again, added to at its end and put in the place of the old one on a thread of its own: what a person
//! has written into it meanwhile stays, and no half of a file is ever seen.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender};
use twinscope_twin::site::{Aim, MOST_VIEWPOINTS, Site, Viewpoint, append_viewpoint};

use super::camera::{Orbit, Pose, with_surroundings};
use super::explode::AtRest;
use super::models::{self, Parts};
use super::panels::{self, Panels};
use super::section;
use crate::view::sight::Sight;
use crate::view::viewpoints::{ViewpointAction, Viewpoints as Told, name_and_id, showing, sight_of};

/// Goes to viewpoints and saves them.
pub struct ViewpointsPlugin {
    /// The file that a viewpoint is written into, or why none is.
    pub file: Result<PathBuf, String>,
}

impl Plugin for ViewpointsPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(Viewpoints {
            told: Told { not_kept: self.file.clone().err(), ..Told::default() },
            file: self.file.clone().ok(),
            taken: false,
            wanted: Vec::new(),
            arrived: None,
            said: crossbeam_channel::unbounded(),
        })
        .add_systems(Update, (hear, go).chain().after(panels::act));
    }
}

/// The viewpoints of the window.
#[derive(Resource)]
pub struct Viewpoints {
    /// What the view is told.
    pub told: Told,
    /// What was asked for and is not done yet.
    pub wanted: Vec<ViewpointAction>,
    /// Those of the site are in the list.
    taken: bool,
    file: Option<PathBuf>,
    /// Where the last one leads.
    arrived: Option<Pose>,
    said: (Sender<String>, Receiver<String>),
}

/// Where the camera is at a viewpoint; `None`: nothing of what it looks at is in the scene. `bounds`: middle and radius of
/// primitives, m.
pub fn pose_of(
    view: &Viewpoint,
    orbit: &Orbit,
    parts: &Parts,
    bounds: impl Fn(&[Entity]) -> Option<(Vec3, f32)>,
) -> Option<Pose> {
    let (yaw_deg, pitch_deg) = (view.yaw_deg as f32, view.pitch_deg as f32);
    let side = Some((yaw_deg, pitch_deg));
    let everything = || parts.primitives.iter().flatten().copied().collect::<Vec<_>>();
    let whole =
        |primitives: &[Entity]| bounds(primitives).map(|(centre, radius)| orbit.framing(centre, radius * 0.8, side));
    let pose = match view.aim {
        Aim::Everything => whole(&everything()),
        Aim::Asset(row) => {
            let rows = parts.site.as_ref()?.assets.get(row.index())?.parts.clone();
            let of = rows.filter_map(|row| parts.primitives.get(row as usize)).flatten().copied();
            whole(&of.collect::<Vec<_>>())
        }
        Aim::Part(row) => bounds(&parts.primitives_of(row)).map(|(centre, radius)| {
            let around = bounds(&everything()).map_or(0.0, |(_, radius)| radius);
            orbit.framing(centre, with_surroundings(radius, around), side)
        }),
        Aim::Place(place) => {
            let target = Vec3::from_array(place.map(|m| m as f32));
            Some(Pose { target, yaw_deg, pitch_deg, distance: 0.0 })
        }
    };
    pose.map(|pose| Pose { distance: view.distance.map_or(pose.distance, |distance| distance as f32), ..pose })
}

/// Whether two poses show the same picture.
fn same(a: &Pose, b: &Pose) -> bool {
    let turned = (a.yaw_deg - b.yaw_deg + 180.0).rem_euclid(360.0) - 180.0;
    let far = a.distance.max(b.distance);
    turned.abs().max((a.pitch_deg - b.pitch_deg).abs()) < 0.01
        && a.target.distance(b.target).max((a.distance - b.distance).abs()) < 1e-3 * far
}

/// The viewpoints of a site that has come, and what became of a file.
fn hear(mut views: ResMut<Viewpoints>, parts: Res<Parts>, mut panels: ResMut<Panels>) {
    if !views.taken
        && let Some(site) = &parts.site
    {
        views.taken = true;
        views.told.list = Arc::new(site.viewpoints.clone());
    }
    for told in views.said.1.try_iter() {
        panels.notices.retain(|notice| !notice.starts_with("View "));
        panels.notices.push(told);
    }
}

/// Does what was asked for.
fn go(
    mut views: ResMut<Viewpoints>,
    mut orbit: ResMut<Orbit>,
    parts: Res<Parts>,
    rest: AtRest,
    mut panels: ResMut<Panels>,
    waker: Res<super::WakerSlot>,
) {
    if views.told.at.is_some() && views.arrived.is_none_or(|pose| !same(&pose, &orbit.destination())) {
        views.told.at = None;
    }
    if views.wanted.is_empty() {
        return;
    }
    let as_it_is = |primitives: &[Entity]| models::bounds(primitives, &rest.boxes);
    for action in std::mem::take(&mut views.wanted) {
        let place = match action {
            ViewpointAction::Asset(row) => {
                let Pose { yaw_deg, pitch_deg, .. } = orbit.pose;
                let (yaw_deg, pitch_deg) = (yaw_deg.into(), pitch_deg.into());
                let (id, name) = (String::new(), String::new());
                let view = Viewpoint { id, name, aim: Aim::Asset(row), yaw_deg, pitch_deg, distance: None, show: None };
                if let Some(pose) = pose_of(&view, &orbit, &parts, as_it_is) {
                    orbit.go(pose);
                }
                None
            }
            ViewpointAction::Fly(place) => Some(place),
            ViewpointAction::Step { back } => {
                let step = views.told.step(back);
                if step.is_none() {
                    panels.notices.retain(|notice| !notice.starts_with("View "));
                    panels.notices.push("View none yet: the menu of viewpoints in the bar saves this one.".to_owned());
                }
                step
            }
            ViewpointAction::Save(typed) => {
                let said = save(&mut views, &orbit, &panels.ui.sight, &parts, &typed, waker.0.clone());
                panels.notices.retain(|notice| !notice.starts_with("View "));
                panels.notices.extend(said);
                None
            }
        };
        let Some((place, view)) = place.and_then(|place| Some((place, views.told.list.get(place)?.clone()))) else {
            continue;
        };
        // What is apart comes together where the viewpoint says what is shown.
        let pose = match view.show {
            Some(_) => pose_of(&view, &orbit, &parts, |primitives| rest.bounds(primitives)),
            None => pose_of(&view, &orbit, &parts, as_it_is),
        };
        match pose {
            Some(pose) => {
                orbit.go(pose);
                views.arrived = Some(orbit.destination());
                views.told.at = Some(place);
                if let Some(show) = &view.show {
                    let placed = |part, cut| section::placed(cut, &rest.place(parts.node(part)?)?);
                    panels.ui.sight = sight_of(show, &panels.ui.sight, placed);
                }
                // What is shown there and the flight are one step.
                panels.ui.history.follow(orbit.take_gone(), orbit.moving());
            }
            None => {
                panels.notices.retain(|notice| !notice.starts_with("View "));
                panels.notices.push(format!("View {:?}: what it looks at is not in the scene.", view.name));
            }
        }
    }
}

/// Takes what the camera sees into the list, and starts to write it. What to say at once.
fn save(
    views: &mut Viewpoints,
    orbit: &Orbit,
    sight: &Sight,
    parts: &Parts,
    typed: &str,
    waker: super::Waker,
) -> Option<String> {
    if views.told.list.len() >= MOST_VIEWPOINTS {
        return Some(format!("View not saved: there are {MOST_VIEWPOINTS} already; delete some in the site file."));
    }
    let (name, id) = name_and_id(typed, &views.told.list);
    let Pose { target, yaw_deg, pitch_deg, distance } = orbit.pose;
    let view = Viewpoint {
        id,
        name: name.clone(),
        aim: Aim::Place(target.to_array().map(f64::from)),
        yaw_deg: yaw_deg.into(),
        pitch_deg: pitch_deg.into(),
        distance: Some(distance.into()),
        show: Some(showing(sight)),
    };
    let mut list = Vec::clone(&views.told.list);
    list.push(view.clone());
    views.told.at = Some(list.len() - 1);
    views.told.list = Arc::new(list);
    views.arrived = Some(orbit.pose);
    let (Some(file), Some(site)) = (views.file.clone(), parts.site.clone()) else {
        let why = views.told.not_kept.as_deref().unwrap_or("the site is not there yet");
        return Some(format!("View {name:?} is kept until this window closes: {why}"));
    };
    let say = views.said.0.clone();
    let started = std::thread::Builder::new().name("viewpoint".to_owned()).spawn(move || {
        let told = told(&file, &site, &view);
        // An error means that the window is gone.
        let _ = say.send(told);
        waker.wake();
    });
    started.err().map(|error| format!("View {name:?} is kept until this window closes: {error}"))
}

/// Saves a viewpoint, without what is shown there if only that cannot be written. What to say of it.
fn told(file: &Path, site: &Site, view: &Viewpoint) -> String {
    let (name, saved_in) = (&view.name, format!("saved in {}", file.display()));
    let why = match write(file, site, view) {
        Ok(()) => return format!("View {name:?} {saved_in}"),
        Err(why) => why,
    };
    match write(file, site, &Viewpoint { show: None, ..view.clone() }) {
        Ok(()) => format!("View {name:?} {saved_in}, but not what is hidden and cut there: {why}"),
        Err(_) => format!("View {name:?} is kept until this window closes: {why}"),
    }
}

/// Adds a viewpoint to a site file: a new file beside it takes its place, with its permissions.
fn write(file: &Path, site: &Site, view: &Viewpoint) -> Result<(), String> {
    /// Largest file that is read, bytes: as much as a site file may have.
    const MOST: u64 = 4 << 20;
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    // A link stays one: what it leads to is written.
    let file = &file.canonicalize().map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.permissions().readonly() {
        return Err(format!("{} is write-protected", file.display()));
    }
    if about.len() > MOST {
        return Err(format!("{} is larger than 4 MiB", file.display()));
    }
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let text = append_viewpoint(&text, site, view).map_err(|why| format!("{}: {why}", file.display()))?;
    let beside = file.with_extension(format!("toml.{}.new", std::process::id()));
    let written = (|| {
        let mut new = std::fs::File::create_new(&beside)?;
        new.write_all(text.as_bytes())?;
        new.set_permissions(about.permissions())?;
        new.sync_all()?;
        std::fs::rename(&beside, file)
    })();
    written.map_err(|error| {
        // Nothing of it stays; that it cannot be removed either changes nothing for the person.
        let _ = std::fs::remove_file(&beside);
        format!("{} cannot be written: {error}", file.display())
    })
}

#[cfg(test)]
mod tests {
    use twinscope_twin::site::{PartRow, Showing};

    use super::*;

    fn view() -> Viewpoint {
        Viewpoint {
            id: "here".to_owned(),
            name: "Here".to_owned(),
            aim: Aim::Place([1.0, 2.0, 3.0]),
            yaw_deg: 10.0,
            pitch_deg: 5.0,
            distance: Some(4.0),
            show: None,
        }
    }

    const TEXT: &str = "# mine\nschema = 1\n[site]\nid = \"s\"   # kept\n";

    #[test]
    fn a_viewpoint_is_added_to_the_file_and_nothing_else_changes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("site.toml");
        std::fs::write(&file, TEXT).unwrap();
        write(&file, &Site::default(), &view()).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with(TEXT), "{text}");
        assert!(text.contains("[[viewpoint]]\nid = \"here\""), "{text}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn the_permissions_of_the_file_and_a_link_to_it_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("site.toml"), dir.path().join("link.toml"));
        std::fs::write(&file, TEXT).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, &Site::default(), &view()).unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert!(std::fs::read_to_string(&file).unwrap().contains("here"));
    }

    #[test]
    fn a_view_whose_hidden_parts_cannot_be_written_is_saved_without_them() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("site.toml");
        std::fs::write(&file, TEXT).unwrap();
        let show = Some(Showing { hide: [PartRow(7)].into(), ..Showing::default() });
        let said = told(&file, &Site::default(), &Viewpoint { show, ..view() });
        assert!(said.contains("but not what is hidden and cut there: ") && said.contains("not in the site"), "{said}");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("id = \"here\"") && !text.contains("show"), "{text}");
    }

    #[test]
    fn a_file_that_is_protected_missing_or_not_good_is_left_alone_and_said_so() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("site.toml");
        assert!(write(&file, &Site::default(), &view()).unwrap_err().contains("site.toml"));
        std::fs::write(&file, "schema = ").unwrap();
        assert!(write(&file, &Site::default(), &view()).unwrap_err().contains("not valid TOML"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "schema = ");
        let mut protected = file.metadata().unwrap().permissions();
        protected.set_readonly(true);
        std::fs::set_permissions(&file, protected).unwrap();
        assert!(write(&file, &Site::default(), &view()).unwrap_err().ends_with("is write-protected"));
    }
}
