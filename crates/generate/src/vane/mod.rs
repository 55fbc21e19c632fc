//! The gas turbine blade: the airfoil of the NASA C3X vane with its ten cooling passages, on a platform and root of ours.
//!
//! Frame of the model: x along the chord from the leading to the trailing edge, y along the span, z away from the
//! suction side; the fixture stands on y = 0. True to size: the airfoil is 145 mm along its chord and 76.2 mm high.

mod airfoil;
mod profile;
mod root;
mod section;
mod tables;

pub use airfoil::{
    DIFFERENCE, HEAT_TRANSFER, OnWall, PRESSURE, PRESSURE_CFD, SPAN, Slice, TEMPERATURE, TEMPERATURE_CFD, WallFields,
};
pub use profile::{PRESSURE_ARC, Profile, SUCTION_ARC, arc_of, to_chord};
pub use section::{Corner, On, Region, Section};
pub use tables::{Passage, Sample, Station, Vane, read};

use crate::math::{V3, v};
use crate::mesh::P2;
use crate::scene::{Material, Meshes, Meta, Node, Part, Scene};

/// Middle of root and platform in the section's (V, U), m.
const CENTRE: P2 = (0.072_5, 0.017_5);

/// Cast nickel alloy of such blades; the C3X itself was of a stainless steel.
const ALLOY: &str = "cast nickel alloy (IN-738LC in the simulation)";

/// Name of the file of [`measured_csv`].
pub const MEASURED_CSV: &str = "c3x-run145-measured.csv";

/// The measured wall temperatures and heat transfer coefficients as points, in the model's frame: an example of a field
/// that comes from a file.
#[must_use]
pub fn measured_csv(vane: &Vane) -> String {
    let profile = Profile::new(vane);
    let mut text = String::from(
        "# NASA C3X vane, run 145 (code 4512): wall temperature and heat transfer coefficient at half span.\n\
         # Source: Hylton et al. (1983), NASA CR-168015, appendix A, p. 180; transcription by Mehdi Chabane, MIT licence\n\
         # (crates/generate/data/c3x). Places are in the frame of models/turbine_blade.glb: x along the chord, z away from\n\
         # the suction side. The values hold along the span, y. Made by twinscope-generate.\n\
         side,s_over_arc,x_mm,z_mm,temperature_K,heat_transfer_W_m2K\n",
    );
    for (heat, transfer) in vane.temperature.iter().zip(&vane.heat_transfer) {
        let side = if heat.share < 0.0 { "pressure" } else { "suction" };
        let p = place(profile.at(arc_of(heat)), 0.0) * 1000.0;
        let (share, t, h) = (heat.share.abs(), heat.value, transfer.value);
        text.push_str(&format!("{side},{share:.4},{:.3},{:.3},{t:.3},{h:.3}\n", p.x, p.z));
    }
    text
}

/// A place of the section at a height above the foot of the airfoil, in the model's frame but for its height.
fn place((v_along, u): P2, height: f64) -> V3 {
    v(v_along - CENTRE.0, height, CENTRE.1 - u)
}

/// Builds the blade from the tables.
#[must_use]
pub fn turbine_blade(vane: &Vane) -> Scene {
    let profile = Profile::new(vane);
    let section = Section::new(vane, &profile);
    let fields = WallFields::new(vane, &profile);
    let mut meshes = Meshes::default();
    let metal = |slice| {
        let mut part = Part::new();
        part.add(Material::NickelAlloy, airfoil::solid(&section, &fields, slice));
        part
    };
    let mut leaf = |name: &str, id: &str, label: &str, kind, part: Part, meta: Meta| {
        let mesh = meshes.keep(name, part);
        Node::part(name, id, label, kind).shows(mesh).with(meta)
    };
    let cast = Meta::by("Example Castings").of(ALLOY);
    let wall = |region| metal(Slice::Below(region));
    let mut airfoil = vec![
        leaf("LeadingEdge", "leading_edge", "Leading edge", "wall", wall(Region::LeadingEdge), cast),
        leaf("SuctionSide", "suction_side", "Suction side", "wall", wall(Region::Suction), cast),
        leaf("PressureSide", "pressure_side", "Pressure side", "wall", wall(Region::Pressure), cast),
        leaf("TrailingEdge", "trailing_edge", "Trailing edge", "wall", wall(Region::TrailingEdge), cast),
        leaf("Tip", "tip", "Tip", "wall", metal(Slice::Tip), cast),
    ];
    for (number, passage) in (1..).zip(&vane.passages) {
        let mut part = Part::new();
        part.add(Material::Coolant, airfoil::coolant(passage));
        let mesh = meshes.keep(&format!("Passage{number}"), part);
        let (id, label) = (format!("passage_{number}"), format!("Cooling passage {number}"));
        airfoil.push(Node::part(&format!("Passage{number}"), &id, &label, "passage").shows(mesh));
    }
    let mut leaf = |name: &str, id: &str, label: &str, kind, part: Part, meta: Meta| {
        let mesh = meshes.keep(name, part);
        Node::part(name, id, label, kind).shows(mesh).with(meta)
    };
    let platform = leaf("Platform", "platform", "Platform", "platform", root::platform(&profile), cast);
    let foot = leaf("Root", "root", "Root", "root", root::root(), cast);
    let fixture = leaf(
        "Fixture",
        "fixture",
        "Fixture",
        "fixture",
        root::fixture(),
        Meta::by("Example Toolmakers").of("tool steel"),
    );
    let blade = Node::part("Blade", "blade", "Blade", "blade").with(cast).holds(vec![
        Node::part("Airfoil", "airfoil", "Airfoil", "system").holds(airfoil),
        platform,
        foot,
    ]);
    let stand = Node::group("Stand", "Blade on its fixture", "group").at(v(0.0, -root::GROUND, 0.0));
    Scene {
        name: "turbine_blade",
        credit: "Airfoil, passages and fields: NASA C3X vane, NASA CR-168015, transcription and computation under MIT; \
                 platform and root are this project's; see assets/CREDITS.md",
        meshes: meshes.0,
        root: stand.holds(vec![blade, fixture]),
    }
}
