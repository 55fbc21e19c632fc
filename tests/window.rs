//! The real window, used with mouse and keys as a person uses it, and looked at: xdotool acts, ImageMagick's `import`
//! takes the picture of the display.
//!
//! The machine turns while it is looked at, so nothing here compares two pictures as a whole: the outline of the
//! selection has a colour that no part has, and where it is says what was selected and how near it is.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use image::RgbImage;
use twinscope::view::theme;

use crate::cam02::delta_e;
use crate::support::{Display, Mosquitto, Outcome, Running, demo_copy, run, twinscope, wait_for};

/// A loaded machine that draws with its processor needs long for a frame.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// The scene between rail, inspector, bar and alarm line at 1280×720: left, top, right, bottom.
const SCENE: [u32; 4] = [52, 48, 956, 682];

/// The program on a display of its own, which it fills.
pub struct Window {
    display: Display,
    pub program: Running,
}

impl Window {
    /// The demo, with the pointer beside its scene. Returns when the scene is drawn.
    pub fn open(args: &[&str]) -> Self {
        let window = Self::of(&[&["demo", "--seed", "1", "--fault", "none"], args].concat());
        // Within it, it would sooner or later open the card of the part below.
        window.xdotool(&["mousemove", "640", "703"]);
        window
    }

    /// What `args` open. Returns when the scene is drawn.
    pub fn of(args: &[&str]) -> Self {
        Self::with(&mut twinscope(), args)
    }

    /// What `args` open in a program of one's own environment. Returns when the scene is drawn.
    fn with(program: &mut Command, args: &[&str]) -> Self {
        let mut window = Self::unseen_with(program, args);
        wait_for("the scene", PATIENCE, || {
            assert!(!ended(&mut window.program.0), "the program ended; its last lines say why");
            // The progress view has a handful of colours, sky and machine have thousands.
            (colours(&window.picture()) > 1_000).then_some(())
        });
        let id = window.xdotool(&["search", "--onlyvisible", "--name", "^twinscope$"]);
        window.xdotool(&["windowfocus", id.lines().next().expect("a window")]);
        window
    }

    /// What `args` open, before anything is drawn.
    pub fn unseen(args: &[&str]) -> Self {
        Self::unseen_with(&mut twinscope(), args)
    }

    fn unseen_with(program: &mut Command, args: &[&str]) -> Self {
        let display = Display::start();
        let program = program
            .args(args)
            .args(["--size", "1280x720"])
            .env("DISPLAY", &display.name)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { display, program: Running(program) }
    }

    pub fn xdotool(&self, args: &[&str]) -> String {
        let outcome = run(Command::new("xdotool").args(args).env("DISPLAY", &self.display.name));
        assert_eq!(outcome.code, Some(0), "xdotool {args:?} (apt-get install xdotool): {}", outcome.err);
        outcome.out
    }

    pub fn picture(&self) -> RgbImage {
        let output = Command::new("import")
            .args(["-silent", "-window", "root", "png:-"])
            .env("DISPLAY", &self.display.name)
            .output()
            .expect("import is missing: apt-get install imagemagick");
        assert!(output.status.success(), "import: {}", String::from_utf8_lossy(&output.stderr));
        image::load_from_memory(&output.stdout).unwrap().to_rgb8()
    }

    /// The outline of the selection, as it is now.
    pub fn outline(&self) -> Outline {
        outline(&self.picture())
    }

    /// Searches a part and goes to it.
    pub fn select(&self, text: &str) {
        self.xdotool(&["key", "slash"]);
        self.xdotool(&["type", text]);
        self.xdotool(&["key", "Return"]);
        wait_for("the outline of the part that was searched", PATIENCE, || self.outline().seen().then_some(()));
    }

    fn broker(&self) -> Option<String> {
        let id = self.program.0.id().to_string();
        let children = run(Command::new("pgrep").args(["-P", &id, "-f", "embedded-broker"]));
        Some(children.out.trim().to_owned()).filter(|broker| !broker.is_empty())
    }
}

/// A test that fails leaves what was on the screen.
impl Drop for Window {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
                .join(format!("window-{}.png", self.display.name.trim_start_matches(':')));
            let taken = Command::new("import")
                .args(["-silent", "-window", "root"])
                .arg(&file)
                .env("DISPLAY", &self.display.name)
                .status();
            eprintln!("on the screen: {} ({taken:?})", file.display());
        }
    }
}

/// Pixels of the scene in the colour of the selection.
pub struct Outline {
    pixels: usize,
    pub left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Outline {
    /// A few pixels may be a coincidence of a blue sky; an outline has hundreds.
    fn seen(&self) -> bool {
        self.pixels > 200
    }

    fn height(&self) -> u32 {
        self.bottom.saturating_sub(self.top)
    }
}

fn outline(picture: &RgbImage) -> Outline {
    let [r, g, b, _] = theme::DARK.accent;
    let mut found = Outline { pixels: 0, left: u32::MAX, top: u32::MAX, right: 0, bottom: 0 };
    for (x, y, pixel) in scene(picture) {
        // The difference of colours takes long: only for those that are near at all.
        let near = pixel.iter().zip([r, g, b]).all(|(&a, b)| a.abs_diff(b) < 24);
        if near && delta_e(pixel, [r, g, b]) < 3.0 {
            found.pixels += 1;
            found.left = found.left.min(x);
            found.right = found.right.max(x);
            found.top = found.top.min(y);
            found.bottom = found.bottom.max(y);
        }
    }
    found
}

pub fn scene(picture: &RgbImage) -> impl Iterator<Item = (u32, u32, [u8; 3])> {
    let [left, top, right, bottom] = SCENE;
    (top..bottom).flat_map(move |y| (left..right).map(move |x| (x, y, picture.get_pixel(x, y).0)))
}

fn colours(picture: &RgbImage) -> usize {
    scene(picture).map(|(.., pixel)| pixel).collect::<std::collections::HashSet<_>>().len()
}

/// What `read` gives once it has stayed within `near` of one value for three seconds.
pub fn at_rest(what: &str, near: u32, mut read: impl FnMut() -> u32) -> u32 {
    let mut since = (read(), Instant::now());
    wait_for(&format!("the end of {what}"), PATIENCE, || {
        let now = read();
        if now.abs_diff(since.0) > near {
            since = (now, Instant::now());
        }
        (since.1.elapsed() > Duration::from_secs(3)).then_some(now)
    })
}

fn ended(program: &mut Child) -> bool {
    program.try_wait().unwrap().is_some()
}

#[test]
fn a_click_selects_the_part_under_the_cursor() {
    let window = Window::open(&[]);
    assert!(!window.outline().seen(), "nothing is selected at the start");
    // The transformer, in the story that the camera starts with: nothing before it turns, and no label covers it.
    let (x, y) = (758, 365);
    window.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
    window.xdotool(&["click", "1"]);
    wait_for("an outline around the place of the click", PATIENCE, || {
        let around = window.outline();
        let inside = (around.left..around.right).contains(&x) && (around.top..around.bottom).contains(&y);
        (around.seen() && inside).then_some(())
    });
}

fn accent(pixel: &[u8; 3]) -> bool {
    let [r, g, b, _] = theme::DARK.accent;
    pixel.iter().zip([r, g, b]).all(|(&a, b)| a.abs_diff(b) < 16)
}

/// How far down on the map of a walk the colour of the walker and of the starts reaches; `None`: there is no map.
fn map_reaches(picture: &RgbImage) -> Option<u32> {
    let [_, _, right, bottom] = SCENE;
    let (left, top) = (right - 230, bottom - 230);
    let on_map = scene(picture).filter(|(x, y, _)| *x > left && *y > top);
    let coloured = on_map.filter(|(.., pixel)| accent(pixel));
    // The arrow in the middle has about a hundred pixels.
    let rows: Vec<u32> = coloured.map(|(_, y, _)| y).collect();
    rows.iter().max().copied().filter(|_| rows.len() > 40)
}

#[test]
fn somebody_walks_through_the_door_of_the_tower_and_is_back_outside_after_escape() {
    let window = Window::open(&["--quality", "low"]);
    wait_for("the map of a walk", PATIENCE, || {
        let reaches = map_reaches(&window.picture());
        if reaches.is_none() {
            window.xdotool(&["key", "w"]);
        }
        reaches
    });
    let before = map_reaches(&window.picture()).expect("the arrow");
    window.xdotool(&["mousemove", "504", "365"]);
    // The start stays behind: north is up on the map, and the tower is north of it. A metre is 12 pixels. The door of the
    // tower is five metres away.
    window.xdotool(&["keydown", "w"]);
    wait_for("the start six metres behind on the map", PATIENCE, || {
        map_reaches(&window.picture()).filter(|reaches| *reaches > before + 66)
    });
    window.xdotool(&["keyup", "w"]);
    wait_for("the view from outside", PATIENCE, || {
        window.xdotool(&["key", "Escape"]);
        map_reaches(&window.picture()).is_none().then_some(())
    });
}

#[test]
fn who_walks_finds_together_what_was_taken_apart() {
    let window = Window::open(&["--quality", "low"]);
    // The tower, before the start left of its door.
    let white = |picture: &RgbImage| {
        let beside = scene(picture).filter(|(x, y, _)| (300..420).contains(x) && (100..320).contains(y));
        beside.filter(|(.., pixel)| pixel.iter().all(|&channel| channel > 190)).count()
    };
    window.xdotool(&["key", "e"]);
    wait_for("the tool in use, on the strip at the left edge", PATIENCE, || {
        let picture = window.picture();
        let used = scene(&picture).filter(|(x, _, pixel)| *x < 100 && accent(pixel)).count();
        (used > 20).then_some(())
    });
    window.xdotool(&["key", "w"]);
    wait_for("the tower", PATIENCE, || {
        let picture = window.picture();
        (map_reaches(&picture).is_some() && white(&picture) > 10_000).then_some(())
    });
}

#[test]
fn a_searched_part_is_outlined_until_escape() {
    let window = Window::open(&[]);
    window.select("high-speed bearing");
    wait_for("no outline after Escape", PATIENCE, || {
        // The first empties the search, the second the selection; two within one slow frame count once.
        window.xdotool(&["key", "Escape"]);
        (!window.outline().seen()).then_some(())
    });
}

#[test]
fn the_wheel_zooms_in_and_out() {
    let window = Window::open(&[]);
    window.select("tower");
    let before = at_rest("the flight to the tower", 3, || window.outline().height());
    window.xdotool(&["mousemove", "504", "365"]);
    wait_for("a taller tower", PATIENCE, || {
        window.xdotool(&["click", "4"]);
        (window.outline().height() * 10 > before * 13).then_some(())
    });
    wait_for("a lower tower", PATIENCE, || {
        window.xdotool(&["click", "--repeat", "2", "5"]);
        let outline = window.outline();
        (outline.seen() && outline.height() * 10 < before * 9).then_some(())
    });
}

#[test]
fn a_drag_with_the_right_button_moves_the_view_with_the_cursor() {
    let window = Window::open(&[]);
    window.select("tower");
    let before = at_rest("the flight to the tower", 0, || window.outline().left);
    // Beside the tower, so that the whole of it stays in the picture.
    window.xdotool(&["mousemove", "300", "365"]);
    window.xdotool(&["mousedown", "3"]);
    for x in [320, 350, 380, 400] {
        window.xdotool(&["mousemove", &x.to_string(), "365"]);
    }
    let moved = wait_for("the tower beside where it was", PATIENCE, || {
        let outline = window.outline();
        (outline.seen() && outline.left > before + 60).then_some(outline)
    });
    window.xdotool(&["mouseup", "3"]);
    let by = moved.left - before;
    assert!((60..=140).contains(&by), "dragged by 100 pixels, the tower moved by {by}");
}

#[test]
fn a_window_without_its_model_opens_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let assets = demo_copy(dir.path());
    std::fs::write(assets.join("models/wind_turbine.glb"), "this is a shopping list").unwrap();
    // Opens only if the stage is drawn.
    let mut window = Window::of(&["view", assets.join("sites/demo/site.toml").to_str().unwrap()]);
    assert!(!ended(&mut window.program.0));
}

/// Ends at once, politely.
#[track_caller]
fn not_possible_here(outcome: &Outcome, says: &str) {
    assert_eq!(outcome.code, Some(2), "{}", outcome.err);
    assert!(outcome.err.contains(says) && !outcome.err.contains("panicked"), "{}", outcome.err);
}

#[test]
fn a_display_of_somebody_else_refuses_us_and_the_code_is_2() {
    let dir = tempfile::tempdir().unwrap();
    let cookies = dir.path().join("cookies");
    let mut xauth = Command::new("xauth");
    xauth.arg("-f").arg(&cookies).args(["add", ":0", ".", "0123456789abcdef0123456789abcdef"]);
    assert_eq!(run(&mut xauth).code, Some(0), "xauth (apt-get install xauth)");
    let display = Display::start_with(&["-auth", cookies.to_str().unwrap()]);
    let mut demo = twinscope();
    demo.arg("demo").env("DISPLAY", &display.name).env("XAUTHORITY", "/nonexistent").env_remove("WAYLAND_DISPLAY");
    not_possible_here(&run(&mut demo), "refuses us");
}

#[test]
fn a_display_without_a_driver_is_not_opened_and_the_code_is_2() {
    let display = Display::start();
    let mut demo = twinscope();
    demo.arg("demo").env("DISPLAY", &display.name);
    for variable in ["VK_ICD_FILENAMES", "VK_DRIVER_FILES"] {
        demo.env(variable, "/nonexistent.json");
    }
    not_possible_here(&run(&mut demo), "mesa-vulkan-drivers");
}

#[test]
fn without_a_broker_the_machine_turns_all_the_same() {
    let window = Window::open(&["--no-broker"]);
    assert_eq!(window.broker(), None);
    let before = window.picture();
    wait_for("a turned rotor", PATIENCE, || {
        let now = window.picture();
        let changed = scene(&before).zip(scene(&now)).filter(|((.., a), (.., b))| delta_far(*a, *b)).count();
        (changed > 10_000).then_some(())
    });
}

/// Far apart, also to somebody who does not look closely.
fn delta_far(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).any(|(&a, b)| a.abs_diff(b) > 32)
}

#[test]
fn sigterm_ends_it_and_its_broker() {
    let mut window = Window::open(&[]);
    let broker = window.broker().expect("a broker");
    window.program.signal("TERM");
    let within = Duration::from_secs(15);
    wait_for("the end of the program", within, || ended(&mut window.program.0).then_some(()));
    assert_eq!(window.program.0.wait().unwrap().code(), Some(0), "whoever ends it so has not seen it fail");
    wait_for("the end of the broker", within, || {
        (run(Command::new("kill").args(["-0", &broker])).code != Some(0)).then_some(())
    });
}

/// Pixels of the scene in the colour of what lies over it: plates of labels, legend, compass.
fn plates(picture: &RgbImage) -> u32 {
    let [r, g, b, _] = theme::DARK.glass;
    let plate = |pixel: [u8; 3]| pixel.iter().zip([r, g, b]).all(|(&a, b)| a.abs_diff(b) < 14);
    scene(picture).map(|(.., pixel)| u32::from(plate(pixel))).sum()
}

#[test]
fn a_key_labels_everything_in_view_and_takes_the_labels_away_again() {
    let window = Window::open(&[]);
    let before = plates(&window.picture());
    window.xdotool(&["key", "l"]);
    // A label is some 100 by 19 pixels; of the parts of the drivetrain dozens are in view.
    wait_for("plates of labels", PATIENCE, || (plates(&window.picture()) > before + 20_000).then_some(()));
    window.xdotool(&["key", "l"]);
    wait_for("no more plates than before", PATIENCE, || (plates(&window.picture()) < before + 5_000).then_some(()));
}

#[test]
fn a_picture_of_the_scene_is_saved_with_its_caption() {
    let dir = tempfile::tempdir().unwrap();
    let window = Window::open(&["--pictures", dir.path().to_str().unwrap()]);
    window.xdotool(&["key", "F12"]);
    // It is there from its first byte on: waited for is one that can be read.
    let (picture, said) = wait_for("a picture", PATIENCE, || {
        let file = std::fs::read_dir(dir.path()).unwrap().next()?.unwrap().path();
        let bytes = std::fs::read(file).unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().ok()?;
        let said = reader.info().utf8_text.first()?.get_text().ok()?;
        Some((image::load_from_memory(&bytes).ok()?.to_rgb8(), said))
    });
    // Between rail (48), inspector (320), bar (44) and line of alarms (34), and 28 for the caption.
    assert_eq!(picture.dimensions(), (1280 - 48 - 320, 720 - 44 - 34 + 28));
    for what in ["North Ridge demo", " UTC", "data ", "SIMULATED", "twinscope"] {
        assert!(said.contains(what), "{said}");
    }
    let of_caption = |y: u32| (0..picture.width()).filter(|&x| picture.get_pixel(x, y)[0] > 150).count();
    assert!((0..28).map(|y| of_caption(picture.height() - 1 - y)).sum::<usize>() > 500, "the caption is written");
    let sky = picture.pixels().take(100_000).collect::<std::collections::HashSet<_>>().len();
    assert!(sky > 100, "the scene is in it: {sky} colours");
}

/// Pixels in a colour of a person. The largest areas: a disc with initials, a stroke, the frame while following.
fn person_pixels(picture: &RgbImage, of: impl Fn(u32, u32) -> bool) -> usize {
    let persons: Vec<[u8; 3]> = (0..8).map(theme::person_colour).map(|[r, g, b, _]| [r, g, b]).collect();
    let near = |pixel: &[u8; 3]| persons.iter().any(|one| one.iter().zip(pixel).all(|(a, b)| a.abs_diff(*b) <= 3));
    picture.enumerate_pixels().filter(|(x, y, pixel)| of(*x, *y) && near(&pixel.0)).count()
}

#[test]
fn who_follows_sees_what_the_other_sees_until_they_move_the_view() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Mosquitto::start(dir.path());
    let site = demo_copy(dir.path()).join("sites/demo/site.toml");
    let text = std::fs::read_to_string(&site).unwrap();
    std::fs::write(&site, text.replace("\"sim:\"", &format!("\"{}\"", broker.url()))).unwrap();
    let open = |person: &str| {
        let args = ["view", site.to_str().unwrap(), "--room", "Gearbox", "--room-as", person, "--quality", "low"];
        Window::with(twinscope().env("TWINSCOPE_ROOM_PASSPHRASE", "correct horse battery staple"), &args)
    };
    let (technician, expert) = (open("Tom"), open("Eva"));
    for window in [&technician, &expert] {
        // The corner beside the compass.
        wait_for("a disc with initials", PATIENCE, || {
            (person_pixels(&window.picture(), |x, y| (700..SCENE[2]).contains(&x) && y < 110) > 200).then_some(())
        });
    }
    expert.xdotool(&["key", "shift+r"]);
    // Along the left edge of the scene, beside the rail.
    let frame = |x: u32, y: u32| x < SCENE[0] && y > 200;
    wait_for("the frame of who follows", PATIENCE, || (person_pixels(&expert.picture(), frame) > 200).then_some(()));
    technician.select("high-speed bearing");
    wait_for("the same part from the same place", PATIENCE, || {
        let (a, b) = (technician.outline(), expert.outline());
        let near = |a: u32, b: u32| a.abs_diff(b) <= 6;
        let same = near(a.left, b.left) && near(a.right, b.right) && near(a.top, b.top) && near(a.bottom, b.bottom);
        (a.seen() && b.seen() && same).then_some(())
    });
    // Drawn across the part by the one, and seen by the other.
    let before = person_pixels(&expert.picture(), |x, y| (300..700).contains(&x) && (200..600).contains(&y));
    let part = technician.outline();
    let (x, mut y) = ((part.left + part.right) / 2, (part.top + part.bottom) / 2 - 24);
    // The search field lets go of the keys.
    technician.xdotool(&["key", "Escape"]);
    std::thread::sleep(Duration::from_millis(500));
    technician.xdotool(&["key", "b"]);
    wait_for("a stroke on the part", PATIENCE, || {
        // Not always at one place: a label may lie there.
        y += 8;
        technician.xdotool(&["mousemove", &(x - 20).to_string(), &y.to_string()]);
        technician.xdotool(&["mousedown", "1"]);
        for step in 0..8 {
            technician.xdotool(&["mousemove", &(x - 20 + 5 * step).to_string(), &(y + step).to_string()]);
        }
        technician.xdotool(&["mouseup", "1"]);
        let now = person_pixels(&expert.picture(), |x, y| (300..700).contains(&x) && (200..600).contains(&y));
        (now > before + 40).then_some(())
    });
    expert.xdotool(&["mousemove", "504", "365"]);
    expert.xdotool(&["click", "4"]);
    wait_for("no frame after a turn of the wheel", PATIENCE, || {
        (person_pixels(&expert.picture(), frame) == 0).then_some(())
    });
}

/// The first record below a folder, as it stands.
fn record(folder: &std::path::Path) -> Option<serde_json::Value> {
    let inside = |folder: &std::path::Path| std::fs::read_dir(folder).ok()?.next()?.ok().map(|entry| entry.path());
    let mut at = folder.join("twinscope/procedures");
    while at.is_dir() {
        at = inside(&at)?;
    }
    serde_json::from_slice(&std::fs::read(at).ok()?).ok()
}

/// A pixel of the window has this colour.
fn is(window: &Window, x: u32, y: u32, [r, g, b, _]: theme::Rgba) -> Option<()> {
    (window.picture().get_pixel(x, y).0 == [r, g, b]).then_some(())
}

/// Presses a button of the panel. It hears a click once it has felt the pointer, and shows that.
fn press(window: &Window, x: u32, y: u32) {
    window.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
    wait_for("a button below the pointer", PATIENCE, || is(window, x, y + 11, theme::DARK.line));
    window.xdotool(&["click", "1"]);
}

/// A button that can be pressed has bright words.
fn bright(window: &Window, left: u32, top: u32, right: u32, bottom: u32) -> Option<()> {
    let picture = window.picture();
    let mut places = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
    places.any(|(x, y)| picture.get_pixel(x, y).0.iter().all(|&c| c > 200)).then_some(())
}

/// Opens the procedure, says who one is, and presses the first button. The panel stands where the inspector is; the field for
/// the name and the buttons are at its foot.
fn open_procedure(window: &Window) {
    window.xdotool(&["key", "p"]);
    wait_for("the field for the name", PATIENCE, || is(window, 1_240, 580, theme::DARK.bg));
    window.xdotool(&["mousemove", "1100", "580"]);
    wait_for("the focus in the field", PATIENCE, || {
        window.xdotool(&["click", "1"]);
        // Its edge.
        (565..=568).find_map(|y| is(window, 1_100, y, theme::DARK.accent))
    });
    window.xdotool(&["type", "N. N."]);
    wait_for("the button that begins or goes on", PATIENCE, || bright(window, 1_000, 604, 1_040, 624));
    press(window, 1_010, 614);
}

#[test]
fn a_procedure_is_begun_a_step_offered_and_confirmed_and_the_record_is_a_file() {
    let state = tempfile::tempdir().unwrap();
    let mut program = twinscope();
    program.env("XDG_STATE_HOME", state.path());
    let window = Window::with(&mut program, &["demo", "--seed", "1", "--fault", "none"]);
    let step = |number: usize, key: &str| record(state.path()).map(|json| json["steps"][number - 1][key].clone());
    open_procedure(&window);
    let json = wait_for("the record", PATIENCE, || record(state.path()));
    assert_eq!((&json["by"], &json["state"]), (&"N. N.".into(), &"running".into()));
    wait_for("step 1, which is offered: the wind is weak enough", PATIENCE, || bright(&window, 1_000, 616, 1_040, 634));
    // The file follows what is shown.
    wait_for("the offer in the record", PATIENCE, || {
        record(state.path())?["events"].to_string().contains("offered").then_some(())
    });
    press(&window, 1_010, 625);
    wait_for("step 1 confirmed", PATIENCE, || (step(1, "state")? == "done").then_some(()));
    assert_eq!(step(1, "by"), Some("N. N.".into()));
    assert_eq!(step(2, "state"), Some("open".into()), "nobody has stopped the turbine");
    // What a technician does at a real machine, the simulator does for the demo.
    wait_for("the button that stops the turbine", PATIENCE, || bright(&window, 1_070, 618, 1_130, 636));
    press(&window, 1_080, 627);
    wait_for("step 2 done by its condition: the turbine stands", 3 * PATIENCE, || {
        (step(2, "state")? == "done").then_some(())
    });
    let values = step(2, "values").unwrap();
    let speed = values.as_array().unwrap().iter().find(|value| value["signal"] == "rotor.speed").unwrap();
    assert_eq!(speed["quality"], "good");
    assert!(speed["value"].as_f64().unwrap() < 1.1, "{speed}");
}

#[test]
fn a_procedure_goes_on_in_its_record_after_the_program_was_killed() {
    let state = tempfile::tempdir().unwrap();
    let open = || {
        let args = ["demo", "--seed", "1", "--fault", "none", "--quality", "low"];
        Window::with(twinscope().env("XDG_STATE_HOME", state.path()), &args)
    };
    let window = open();
    open_procedure(&window);
    let begun = wait_for("the record", PATIENCE, || record(state.path()));
    window.program.signal("KILL");
    drop(window);
    let window = open();
    open_procedure(&window);
    let events = wait_for("who went on, in the record", PATIENCE, || {
        let events = record(state.path())?["events"].clone();
        events.to_string().contains("resumed").then_some(events)
    });
    assert_eq!(events[0], begun["events"][0], "it is the record that was begun");
}
