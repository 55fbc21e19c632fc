//! The electric vehicle: a skateboard with pack, drive, axles and thermal loop, and a hatchback body over it.
//!
//! Lengths in metres, y up; the car faces -x, its left side is +z; the origin lies on the ground below the middle of the
//! wheelbase. A generic machine around public dimensions (`dimensions`), for looking at and for binding signals to.

mod body;
mod cabin;
mod chassis;
mod corner;
pub mod dimensions;
mod drive;
mod electrics;
mod pack;
mod panel;
mod surface;
mod thermal;

use crate::math::v;
use crate::scene::{Meshes, Node, Scene};

/// The whole vehicle.
#[must_use]
pub fn electric_vehicle() -> Scene {
    let mut meshes = Meshes::default();
    let children = vec![
        body::body(&mut meshes),
        cabin::cabin(&mut meshes),
        pack::pack(&mut meshes),
        drive::drive(&mut meshes),
        electrics::electrics(&mut meshes),
        thermal::thermal(&mut meshes),
        chassis::chassis(&mut meshes),
    ];
    let root = Node::group("Vehicle", "Electric vehicle", "vehicle").at(v(0.0, 0.0, 0.0)).holds(children);
    Scene {
        name: "electric_vehicle",
        credit: "Generic vehicle around published dimensions; see assets/CREDITS.md",
        meshes: meshes.0,
        root,
    }
}
