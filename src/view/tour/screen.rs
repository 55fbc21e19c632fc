//! How large a screen must write to be read from where people stand, and what keeps it from burning in.
//!
//! ISO 9241-303:2011, 5.5.4, recommends that capital letters are 20 to 22 minutes of arc high, and at least 16.

/// What a screen shows of the layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Show {
    /// The scene, with the tour.
    #[default]
    Scene,
    /// The list of alarms.
    Alarms,
    /// The inspector of the part that wants attention most.
    Inspector,
    /// The fleet by risk.
    Fleet,
}

/// Height of the capital letters of Inter by the size of the font (2048 units an em, capitals 1490).
const CAPITALS: f32 = 0.7275;
/// How high capital letters should be seen, minutes of arc.
pub const WANTED_ARCMIN: f32 = 20.0;
/// Height of a picture whose screen does not say its size, m: a wide screen of 55 inches.
const USUAL_HEIGHT_M: f32 = 0.685;
/// Smallest and largest size of running text, by the shorter side of the picture: below it nobody reads it from anywhere,
/// above it a caption has no room.
const SHARE: [f32; 2] = [0.026, 0.060];
/// The size of running text in points, before the scale.
pub const TEXT_PT: f32 = 16.0;

/// How a screen writes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Pixels of a point while the tour is told.
    pub told: f32,
    /// Pixels of a point when a person stands before it.
    pub used: f32,
    /// From how far the running text is read well, m.
    pub legible_m: f32,
}

/// The sizes for a picture of so many pixels that is so high, m, and is read from so far, m.
#[must_use]
pub fn sizes(pixels: [f32; 2], height_m: Option<f32>, distance_m: f32) -> Sizes {
    let shorter = pixels[0].min(pixels[1]).max(1.0);
    // A screen that says nothing of itself, or nonsense.
    let height_m = height_m.filter(|m| (0.02..100.0).contains(m)).unwrap_or(USUAL_HEIGHT_M);
    let pixel_m = height_m / pixels[1].max(1.0);
    // Of the running text, m at one metre.
    let at_one_m = 2.0 * (WANTED_ARCMIN / 60.0 / 2.0).to_radians().tan() / CAPITALS;
    let wanted = at_one_m * distance_m.clamp(0.1, 200.0) / pixel_m;
    let text = wanted.clamp(SHARE[0] * shorter, SHARE[1] * shorter);
    Sizes {
        // In steps, so that letters are not drawn anew for a pixel.
        told: ((text / TEXT_PT) * 20.0).round().max(1.0) / 20.0,
        used: (shorter / 720.0).clamp(1.0, 4.0),
        legible_m: text * pixel_m / at_one_m,
    }
}

/// How often the picture moves against burn-in, ms.
pub const SHIFT_EVERY_MS: u64 = 60_000;
/// How far it moves from its middle at most, pixels.
pub const SHIFT_PX: i32 = 4;

/// Where the picture is after so many ms, pixels from its middle: round a square, a pixel at a time, which nobody sees.
#[must_use]
pub fn shift(mono_ms: u64) -> [i32; 2] {
    let side = 2 * SHIFT_PX;
    let at = i32::try_from(mono_ms / SHIFT_EVERY_MS % (4 * side as u64)).unwrap_or(0);
    let (edge, along) = (at / side, at % side - SHIFT_PX);
    match edge {
        0 => [along, -SHIFT_PX],
        1 => [SHIFT_PX, along],
        2 => [-along, SHIFT_PX],
        _ => [-SHIFT_PX, -along],
    }
}

/// Where the clock of the night is, shares of the free width and height: it wanders, and is nowhere for long.
#[must_use]
pub fn wander(mono_ms: u64) -> [f32; 2] {
    // In steps of a second: a picture that changes with every frame keeps the screen awake for nothing. The periods have no
    // common measure below a day, so that the way does not repeat.
    let t = (mono_ms / 1_000 % (86_400 * 7)) as f64;
    let triangle = |period: f64| {
        let at = (t / period).fract();
        (1.0 - (2.0 * at - 1.0).abs()) as f32
    };
    [triangle(1_147.0), triangle(811.0)]
}

/// Share of each side that stays free of text: broadcast's safe area, and what the frames of old screens cover.
pub const MARGIN: f32 = 0.05;
