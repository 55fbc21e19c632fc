//! Where the large things stand.
//!
//! The tables give hub, tower, overhang, tilt, shafts and generator; the rest follows common practice: a four-point
//! suspension, the gearbox hung on torque arms above the yaw bearing, the generator beside the main axis because the
//! parallel stage sets it off, converter and transformer in the rear.

use crate::math::{Place, V3, cos, sin, tan, v};
use crate::tables::{Stage, Tables};

/// Positions in metres. `_x` are along the drivetrain's axis; points are in the nacelle's frame.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Height of the tower top above the tower base.
    pub tower_top: f64,
    /// Tilt of the shaft in degrees, nose up.
    pub uptilt: f64,
    /// Height above the tower top at which the shaft crosses the tower axis.
    pub shaft_height: f64,
    /// Hub centre on the drivetrain's axis.
    pub hub_x: f64,
    /// Middle of the front main bearing.
    pub main_bearing_x: f64,
    /// Middle of the rear main bearing.
    pub main_bearing_rear_x: f64,
    /// Axis of the high-speed shaft in the drivetrain's frame (x is zero).
    pub high_speed_axis: V3,
    /// Rear face of the gearbox at the high-speed shaft.
    pub high_speed_face: f64,
    /// Middle of the brake disc.
    pub brake_x: f64,
    /// Middle of the coupling.
    pub coupling_x: f64,
    /// Length of the coupling.
    pub coupling_length: f64,
    /// Middle of the generator.
    pub generator_x: f64,
    /// From the generator's middle to its bearings.
    pub generator_bearing: f64,
    /// Gear stages, scaled to this turbine.
    pub stages: Vec<Stage>,
    /// Where converter, transformer, cooler, lubrication unit, control cabinet and wind vane stand.
    pub converter: V3,
    /// See `converter`.
    pub transformer: V3,
    /// See `converter`.
    pub oil_cooler: V3,
    /// See `converter`.
    pub lube_unit: V3,
    /// See `converter`.
    pub control_cabinet: V3,
    /// See `converter`.
    pub wind_vane: V3,
}

/// From the 5 MW gearbox to this one: the cube root of the ratio of their torques (3.37 MW at 11.8 rpm against 5 MW at
/// 12.1 rpm) is 0.885; another tenth off is what a decade of better steel and load sharing gives, and what lets the
/// gearbox fit between the given shaft height and the deck.
const GEAR_SCALE: f64 = 0.80;

/// Distance of the pitch bearings' seats from the hub centre: a bearing's height below the blade root.
#[must_use]
pub fn pitch_bearing_seat(tables: &Tables) -> f64 {
    tables.hub_diameter / 2.0 - PITCH_BEARING_HEIGHT
}

/// Height of a pitch bearing.
pub const PITCH_BEARING_HEIGHT: f64 = 0.18;

/// Rear face of the parallel stage's housing on the drivetrain's axis.
pub const GEARBOX_REAR: f64 = 2.42;

impl Layout {
    /// Derives the layout from the tables.
    #[must_use]
    pub fn new(tables: &Tables) -> Layout {
        let stages: Vec<Stage> = tables
            .stages
            .iter()
            .map(|s| Stage {
                module: s.module * GEAR_SCALE,
                face: s.face * GEAR_SCALE,
                centres: s.centres * GEAR_SCALE,
                ..*s
            })
            .collect();
        let offset = stages.last().map_or(0.0, |s| s.centres);
        let face = GEARBOX_REAR;
        let generator_front = face + tables.high_speed_length;
        Layout {
            tower_top: tables.hub_height - tables.tower_top_to_hub,
            uptilt: tables.uptilt,
            shaft_height: tables.tower_top_to_hub - tables.overhang * tan(tables.uptilt),
            hub_x: -tables.overhang / cos(tables.uptilt),
            main_bearing_x: -2.64,
            main_bearing_rear_x: -1.05,
            // To the side and a little up, so that the generator clears the deck.
            high_speed_axis: v(0.0, offset * sin(26.0), offset * cos(26.0)),
            high_speed_face: face,
            brake_x: face + 0.72,
            coupling_x: face + 1.14,
            coupling_length: 0.62,
            generator_x: generator_front + tables.generator_length / 2.0,
            generator_bearing: tables.generator_length / 2.0 - 0.03,
            stages,
            // In a row along the side, so that a corridor stays free between them and the generator.
            converter: v(4.7, FLOOR, -1.84),
            transformer: v(7.70, FLOOR, 0.0),
            oil_cooler: v(6.6, 3.42, 0.0),
            lube_unit: v(1.95, 0.42, -1.66),
            control_cabinet: v(6.55, FLOOR, -2.0),
            wind_vane: v(8.25, 3.40, 0.0),
        }
    }

    /// From the drivetrain's frame to the nacelle's.
    #[must_use]
    pub fn tilt(&self) -> Place {
        Place::about_z(-self.uptilt).moved(0.0, self.shaft_height, 0.0)
    }

    /// The four yaw drives, as angles about the tower's axis from +x towards +z.
    #[must_use]
    pub const fn yaw_drives() -> [f64; 4] {
        [180.0 - YAW_DRIVE, YAW_DRIVE, 180.0 + YAW_DRIVE, 360.0 - YAW_DRIVE]
    }
}

/// Upper face of the floor in the nacelle.
pub const FLOOR: f64 = 0.495;
/// How far the yaw drives stand from the nacelle's long axis, degrees: clear of gearbox and walkway.
const YAW_DRIVE: f64 = 56.0;
