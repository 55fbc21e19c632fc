//! The numbers of the electric vehicle, in metres, from public sources; shapes and names of makers stay out.
//!
//! Sources as in `crates/generate/data/ev_skateboard.yaml`: the pack's housing (1820 × 1450 × 140 mm), 12 modules of 24
//! cells and 82/77 kWh, 493 kg are published for a common platform (newsroom and platform pages of its maker and its
//! users, 2019 to 2021); the wheelbase of 2770 mm and the rear motor of 150 kW and 310 N·m with a fixed speed of about
//! 11.5 to 1 too. Track, length, width and height are those of a compact hatchback, from memory. \[E\] marks what is laid
//! out after common practice.

/// Between the axles, m.
pub const WHEELBASE: f64 = 2.770;
/// Between the middles of the tyres of an axle, m.
pub const TRACK: f64 = 1.536;
/// From bumper to bumper, m.
pub const LENGTH: f64 = 4.261;
/// Without mirrors, m.
pub const WIDTH: f64 = 1.809;
/// To the roof, m.
pub const HEIGHT: f64 = 1.568;
/// Foremost point, m: the overhang in front of the axle is 838 mm \[E\].
pub const NOSE: f64 = -WHEELBASE / 2.0 - 0.838;
/// Rearmost point, m.
pub const TAIL: f64 = NOSE + LENGTH;
/// Rolling diameter of a tyre 215/55 R18, m.
pub const TYRE: f64 = 0.693;
/// Width of that tyre, m.
pub const TYRE_WIDTH: f64 = 0.215;
/// The pack's housing: length, width, height, m.
pub const PACK: (f64, f64, f64) = (1.820, 1.450, 0.140);
/// Lower side of the pack above the ground, m \[E\].
pub const PACK_BOTTOM: f64 = 0.165;
/// Mass of the pack with 12 modules, kg.
pub const PACK_KG: f64 = 493.0;
/// Modules in the pack, and cells in a module.
pub const MODULES: u32 = 12;
/// Cells in a module.
pub const CELLS: u32 = 24;

/// Teeth of the four wheels of the reduction: on the motor's shaft, on the intermediate shaft (two), on the
/// differential \[E\]. One fixed speed, in two meshes: (56 / 21) · (82 / 19) = 11.51.
pub const TEETH: [u32; 4] = [21, 56, 19, 82];
/// Module of the teeth of the first and of the second mesh, m \[E\].
pub const TOOTH_MODULE: [f64; 2] = [0.002, 0.0025];

/// Turns of the motor for one of the wheels.
#[must_use]
pub fn reduction() -> f64 {
    let [pinion, first, second, wheel] = TEETH.map(f64::from);
    first / pinion * wheel / second
}
