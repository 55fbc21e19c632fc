//! A screen without a presenter, in a real window: the tour plays, a key takes over, idleness brings it back, and a window
//! that dies is followed by another.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use image::RgbImage;
use twinscope::view::theme::DARK;

use crate::support::{demo_copy, run, wait_for};
use crate::window::{PATIENCE, Window};

/// Two stops of the demo's turbine, and a short patience.
const TOUR: &str = "schema = 1\nidle = \"4s\"\n\
    [[stop]]\nid = \"one\"\ntitle = \"The gearbox turns\"\ncaptions = [\"At {rotor.speed}, as it should.\"]\n\
    figures = [\"gearbox.oil_temperature\"]\nview = { part = \"gearbox\", room = 2.0 }\ntravel = \"1s\"\nstay = \"20s\"\n\
    [[stop]]\nid = \"two\"\ntitle = \"And the generator\"\nview = { part = \"generator\" }\ntravel = \"1s\"\nstay = \"20s\"\n";

fn kiosk(dir: &Path, args: &[&str]) -> Window {
    let assets = demo_copy(dir);
    let tour = dir.join("tour.toml");
    std::fs::write(&tour, TOUR).unwrap();
    let site = assets.join("sites/demo/site.toml");
    Window::of(&[&["view", site.to_str().unwrap(), "--kiosk", tour.to_str().unwrap()], args].concat())
}

/// The share of the pixels of some rows that have a colour.
fn share(picture: &RgbImage, rows: std::ops::Range<u32>, is: impl Fn([u8; 3]) -> bool) -> f64 {
    let all = u64::from(picture.width()) * u64::from(rows.end - rows.start);
    let found =
        rows.flat_map(|y| (0..picture.width()).map(move |x| (x, y))).filter(|&(x, y)| is(picture.get_pixel(x, y).0));
    found.count() as f64 / all as f64
}

/// The captions are there: the lower edge is their ground, there are large bright letters on it, and no panels.
fn captions(picture: &RgbImage) -> bool {
    let ground = |[r, g, b]: [u8; 3]| r < 60 && g < 64 && b < 70;
    let letters = |pixel: [u8; 3]| pixel.iter().all(|&channel| channel > 190);
    !panels(picture) && share(picture, 700..712, ground) > 0.95 && share(picture, 560..690, letters) > 0.01
}

/// The panels are there: the bar at the top has the colour of panels.
fn panels(picture: &RgbImage) -> bool {
    let [r, g, b, _] = DARK.panel;
    share(picture, 4..12, |pixel| pixel.iter().zip([r, g, b]).all(|(&a, b)| a.abs_diff(b) < 3)) > 0.6
}

fn window_of(window: &Window) -> Option<String> {
    let id = window.program.0.id().to_string();
    let found = run(Command::new("pgrep").args(["-P", &id, "-f", "tour-from"])).out;
    Some(found.trim().to_owned()).filter(|child| !child.is_empty())
}

#[test]
fn a_tour_plays_a_key_takes_over_and_idleness_brings_it_back() {
    let dir = tempfile::tempdir().unwrap();
    let window = kiosk(dir.path(), &[]);
    wait_for("captions", PATIENCE, || captions(&window.picture()).then_some(()));
    window.xdotool(&["key", "Tab"]);
    wait_for("panels", PATIENCE, || panels(&window.picture()).then_some(()));
    wait_for("captions again, after four seconds without a touch", PATIENCE, || {
        captions(&window.picture()).then_some(())
    });
}

#[test]
fn a_mouse_takes_over_when_it_is_moved_and_not_when_the_table_is_bumped() {
    let dir = tempfile::tempdir().unwrap();
    let window = kiosk(dir.path(), &[]);
    wait_for("captions", PATIENCE, || captions(&window.picture()).then_some(()));
    window.xdotool(&["mousemove_relative", "2", "1"]);
    window.xdotool(&["mousemove_relative", "1", "2"]);
    // As many pictures as a person who watches needs to be sure; the panels come within one.
    for _ in 0..5 {
        assert!(!panels(&window.picture()), "a few pixels are no person");
    }
    for x in [440, 480, 520] {
        window.xdotool(&["mousemove", &x.to_string(), "320"]);
    }
    wait_for("panels", PATIENCE, || panels(&window.picture()).then_some(()));
}

#[test]
fn a_window_that_dies_is_followed_by_another_and_sigterm_ends_both() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = kiosk(dir.path(), &[]);
    wait_for("captions", PATIENCE, || captions(&window.picture()).then_some(()));
    let first = wait_for("the window's process", PATIENCE, || window_of(&window));
    // As a lost graphics device ends it, or a driver that crashes.
    assert_eq!(run(Command::new("kill").args(["-9", &first])).code, Some(0));
    let second = wait_for("another process", PATIENCE, || window_of(&window).filter(|child| *child != first));
    wait_for("captions of the second window", PATIENCE, || captions(&window.picture()).then_some(()));
    window.program.signal("TERM");
    let within = Duration::from_secs(30);
    wait_for("the end of the program", within, || window.program.0.try_wait().unwrap());
    assert_eq!(window.program.0.wait().unwrap().code(), Some(0));
    wait_for("the end of its window", within, || {
        (run(Command::new("kill").args(["-0", &second])).code != Some(0)).then_some(())
    });
}

#[test]
fn a_screen_with_the_alarms_only_has_no_scene() {
    let dir = tempfile::tempdir().unwrap();
    let assets = demo_copy(dir.path());
    let site = assets.join("sites/demo/site.toml");
    let window = Window::unseen(&["view", site.to_str().unwrap(), "--kiosk", "--show", "alarms"]);
    let [r, g, b, _] = DARK.panel;
    wait_for("a list on the ground of panels", PATIENCE, || {
        let picture = window.picture();
        let ground = |pixel: [u8; 3]| pixel.iter().zip([r, g, b]).all(|(&a, b)| a.abs_diff(b) < 3);
        (share(&picture, 0..720, ground) > 0.7 && share(&picture, 30..200, |p| p[1] > 190) > 0.002).then_some(())
    });
}
