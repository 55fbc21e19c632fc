//! The tools that look into a machine, in a real window: what they do to the picture, and that undo takes it back.

use std::time::Duration;

use image::RgbImage;

use crate::support::{demo_copy, wait_for};
use crate::window::{PATIENCE, Window, at_rest, scene};

/// Pixels of the scene beside the rotor that are far from what they were: labels and cards are some 10,000.
fn changed(before: &RgbImage, now: &RgbImage) -> usize {
    let far = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).any(|(&a, b)| a.abs_diff(b) > 32);
    let pairs = scene(before).zip(scene(now)).filter(|((x, ..), _)| *x > 340);
    pairs.filter(|((.., a), (.., b))| far(*a, *b)).count()
}

/// An eighth of them; a machine that is isolated, cut or apart changes more.
const MUCH: usize = 48_000;

/// The demo with the housing of its gearbox selected, when the camera has come to rest.
fn at_the_gearbox() -> (Window, RgbImage) {
    let window = Window::open(&["--quality", "low"]);
    let still = select_gearbox(&window);
    (window, still)
}

/// Goes to the housing of the gearbox. The picture when the camera has come to rest.
fn select_gearbox(window: &Window) -> RgbImage {
    window.select("gearbox housing");
    window.xdotool(&["key", "Escape"]);
    at_rest("the flight to the gearbox", 0, || window.outline().left);
    window.picture()
}

/// A key with another held, as slowly as a person presses them.
fn press(window: &Window, held: &str, key: &str) {
    window.xdotool(&["keydown", held]);
    std::thread::sleep(Duration::from_millis(500));
    window.xdotool(&["key", key]);
    std::thread::sleep(Duration::from_millis(500));
    window.xdotool(&["keyup", held]);
}

fn comes_back(window: &Window, what: &str, before: &RgbImage) {
    press(window, "ctrl", "z");
    wait_for(what, PATIENCE, || (changed(before, &window.picture()) < MUCH / 2).then_some(()));
}

#[test]
fn a_part_is_isolated_and_undo_shows_the_others_again() {
    let (window, before) = at_the_gearbox();
    press(&window, "shift", "i");
    wait_for("the gearbox alone", PATIENCE, || (changed(&before, &window.picture()) > MUCH).then_some(()));
    comes_back(&window, "the others again", &before);
}

#[test]
fn a_section_cuts_the_machine_and_undo_makes_it_whole() {
    let (window, before) = at_the_gearbox();
    window.xdotool(&["key", "c"]);
    wait_for("a cut", PATIENCE, || (changed(&before, &window.picture()) > MUCH).then_some(()));
    comes_back(&window, "the machine whole again", &before);
}

#[test]
fn a_gearbox_is_taken_apart_and_undo_puts_it_together() {
    let (window, _) = at_the_gearbox();
    let together = window.outline().left;
    window.xdotool(&["key", "e"]);
    wait_for("its housing aside", PATIENCE, || (window.outline().left.abs_diff(together) > 30).then_some(()));
    press(&window, "ctrl", "z");
    wait_for("the gearbox together", PATIENCE, || (window.outline().left.abs_diff(together) < 8).then_some(()));
}

#[test]
fn a_viewpoint_shows_what_was_kept_with_it_and_one_undo_takes_all_of_it_back() {
    let dir = tempfile::tempdir().unwrap();
    let site = demo_copy(dir.path()).join("sites/demo/site.toml");
    let mut text = std::fs::read_to_string(&site).unwrap();
    let cut = "housings = \"solid\"\nsection = { at = [0.0, 109.5, 0.0], normal = [0.0, 1.0, 0.0] }\n";
    for (id, show) in [("whole", ""), ("cut", cut)] {
        let from = "part = \"gearbox\"\nyaw_deg = 28.0\npitch_deg = 30.0\ndistance = 12.0";
        text.push_str(&format!("[[viewpoint]]\nid = \"{id}\"\n{from}\n[viewpoint.show]\n{show}"));
    }
    std::fs::write(&site, text).unwrap();
    let window = Window::of(&["view", site.to_str().unwrap(), "--quality", "low"]);
    window.xdotool(&["mousemove", "640", "703"]);
    let before = select_gearbox(&window);
    let moved = || changed(&before, &window.picture()) as u32;
    press(&window, "shift", "v");
    wait_for("the flight to the last viewpoint", PATIENCE, || (moved() > MUCH as u32).then_some(()));
    at_rest("that flight", 3_000, moved);
    press(&window, "shift", "v");
    at_rest("the change to the one before", 3_000, moved);
    let whole = window.picture();
    press(&window, "ctrl", "z");
    wait_for("the cut again", PATIENCE, || (changed(&whole, &window.picture()) > MUCH).then_some(()));
    comes_back(&window, "the machine whole, from where it was seen", &before);
}

#[test]
fn two_clicks_measure_a_distance_also_when_one_frame_hears_both() {
    let (window, _) = at_the_gearbox();
    // Bright letters where the card of distances lists them; before there is one it says where to click.
    let letters = |picture: &RgbImage| {
        let card = (120..380).flat_map(|x| (85..125).map(move |y| (x, y)));
        card.filter(|&(x, y)| picture.get_pixel(x, y).0.iter().all(|&channel| channel > 190)).count()
    };
    window.xdotool(&["key", "m"]);
    let asked = wait_for("the card of distances", PATIENCE, || {
        let picture = window.picture();
        let panel = picture.get_pixel(130, 105).0.iter().all(|&channel| channel < 60);
        panel.then(|| letters(&picture))
    });
    // A program that is held up hears both in one frame.
    window.program.signal("STOP");
    for (x, y) in [("470", "365"), ("540", "365")] {
        window.xdotool(&["mousemove", x, y, "click", "1"]);
    }
    window.program.signal("CONT");
    wait_for("a distance in the list", PATIENCE, || (letters(&window.picture()) > asked + 40).then_some(()));
}
