//! The scene before it becomes a file: materials, parts, and the node tree.

use crate::math::{Place, V3, v};
use crate::mesh::Shape;

/// The few surfaces that all parts share. Calm greys: saturated colour is the viewer's, for states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Material {
    /// Tower, blades, nacelle, spinner.
    WhitePaint,
    /// Frames and beams.
    GreyPaint,
    /// Gearbox castings.
    GearboxPaint,
    /// Bearing housings, hub.
    CastIron,
    /// Motors, calipers, bolts.
    DarkSteel,
    /// Shafts, bearing rings, gears, discs.
    MachinedSteel,
    /// Cooling fins.
    Aluminium,
    /// Windings and bus bars.
    Copper,
    /// Cast resin around windings.
    Resin,
    /// Hoses, mounts, seals.
    Rubber,
    /// Cabinets and covers.
    Cabinet,
    /// Foundation.
    Concrete,
    /// Turbine blades, cast and ground.
    NickelAlloy,
    /// Cooling air, drawn as a body.
    Coolant,
}

/// Looks and substance of a material.
#[derive(Clone, Copy, Debug)]
pub struct Surface {
    /// Name in the file.
    pub name: &'static str,
    /// What lies under the surface, for people.
    pub substance: &'static str,
    /// Of the substance, kg/m³. Steel and copper: the turbine's table (`rho_Fes`, `rho_Copper` in `iea3p4.yaml`); cast
    /// iron, aluminium, reinforced concrete: EN 1991-1-1:2002, tables A.1 and A.4; resin and rubber: usual values;
    /// nickel alloy: IN-738LC (Inco 1981, data sheet).
    pub density: f64,
    /// Linear red, green, blue.
    pub colour: [f64; 3],
    /// 0 dielectric, 1 metal.
    pub metallic: f64,
    /// 0 mirror, 1 matt.
    pub roughness: f64,
}

impl Material {
    /// All of them, in the order of the file.
    pub const ALL: [Material; 14] = [
        Material::WhitePaint,
        Material::GreyPaint,
        Material::GearboxPaint,
        Material::CastIron,
        Material::DarkSteel,
        Material::MachinedSteel,
        Material::Aluminium,
        Material::Copper,
        Material::Resin,
        Material::Rubber,
        Material::Cabinet,
        Material::Concrete,
        Material::NickelAlloy,
        Material::Coolant,
    ];

    /// What it looks like and weighs.
    #[must_use]
    pub fn surface(self) -> Surface {
        let (name, colour, metallic, roughness, substance, density) = match self {
            Material::WhitePaint => ("WhitePaint", [0.72, 0.73, 0.74], 0.0, 0.42, "structural steel", 7_850.0),
            Material::GreyPaint => ("GreyPaint", [0.30, 0.315, 0.33], 0.0, 0.5, "structural steel", 7_850.0),
            Material::GearboxPaint => ("GearboxPaint", [0.19, 0.225, 0.255], 0.0, 0.42, "cast iron", 7_125.0),
            Material::CastIron => ("CastIron", [0.26, 0.27, 0.28], 0.0, 0.55, "cast iron", 7_125.0),
            Material::DarkSteel => ("DarkSteel", [0.10, 0.105, 0.115], 0.3, 0.45, "steel", 7_850.0),
            Material::MachinedSteel => ("MachinedSteel", [0.56, 0.57, 0.58], 1.0, 0.3, "steel", 7_850.0),
            Material::Aluminium => ("Aluminium", [0.50, 0.51, 0.52], 0.7, 0.45, "aluminium", 2_700.0),
            Material::Copper => ("Copper", [0.46, 0.29, 0.20], 0.9, 0.42, "copper", 8_900.0),
            Material::Resin => ("Resin", [0.20, 0.185, 0.17], 0.0, 0.5, "cast resin", 1_800.0),
            Material::Rubber => ("Rubber", [0.022, 0.023, 0.025], 0.0, 0.75, "rubber", 1_200.0),
            Material::Cabinet => ("Cabinet", [0.45, 0.46, 0.46], 0.0, 0.5, "sheet steel", 7_850.0),
            Material::NickelAlloy => ("NickelAlloy", [0.70, 0.685, 0.66], 0.85, 0.3, "nickel alloy", 8_110.0),
            Material::Coolant => ("Coolant", [0.24, 0.32, 0.38], 0.0, 0.55, "air", 2.5),
            Material::Concrete => ("Concrete", [0.36, 0.355, 0.34], 0.0, 0.9, "reinforced concrete", 2_500.0),
        };
        Surface { name, substance, density, colour, metallic, roughness }
    }
}

/// What one node shows: closed solids, each of one material.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// In the order in which they were added.
    pub solids: Vec<(Material, Shape)>,
}

impl Part {
    /// A part without solids.
    #[must_use]
    pub fn new() -> Part {
        Part::default()
    }
    /// Adds a solid.
    pub fn add(&mut self, material: Material, shape: Shape) {
        self.solids.push((material, shape));
    }
    /// How many triangles its solids have.
    #[must_use]
    pub fn triangles(&self) -> usize {
        self.solids.iter().map(|(_, shape)| shape.faces.len()).sum()
    }
    /// Adds all solids of another part.
    pub fn join(&mut self, other: Part) {
        self.solids.extend(other.solids);
    }
    /// The part somewhere else.
    #[must_use]
    pub fn placed(self, place: &Place) -> Part {
        Part { solids: self.solids.into_iter().map(|(m, s)| (m, s.placed(place))).collect() }
    }
    /// The part, shifted.
    #[must_use]
    pub fn moved(self, x: f64, y: f64, z: f64) -> Part {
        self.placed(&Place::shift(x, y, z))
    }
}

/// What a type plate says. The makers are fictional, and their names and numbers say so ("Example Bearings", "EX-…").
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meta {
    /// Where a source gives it, kg. `None`: volume times density of all closed solids that the node and its children
    /// show, taken when the file is written.
    pub mass_kg: Option<f64>,
    /// What it is made of, for people. `None`: the substance with the greatest share of the mass.
    pub material: Option<&'static str>,
    /// Fictional maker.
    pub supplier: &'static str,
}

impl Meta {
    /// Mass and material from the solids.
    #[must_use]
    pub const fn by(supplier: &'static str) -> Meta {
        Meta { mass_kg: None, material: None, supplier }
    }
    /// With a mass that a source gives, kg.
    #[must_use]
    pub const fn weighs(mut self, mass_kg: f64) -> Meta {
        self.mass_kg = Some(mass_kg);
        self
    }
    /// With a material in words.
    #[must_use]
    pub const fn of(mut self, material: &'static str) -> Meta {
        self.material = Some(material);
        self
    }
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// CamelCase name.
    pub name: String,
    /// Identity that sites bind to; `None` for a plain group or a detail of its parent.
    pub part_id: Option<String>,
    /// What a person calls it.
    pub label: String,
    /// What sort of thing it is, for icons and filters.
    pub kind: &'static str,
    /// Its type plate.
    pub meta: Option<Meta>,
    /// Axis about which the part turns, in its own frame, in the sense in which its signal grows.
    pub axis: Option<V3>,
    /// Where its frame lies in its parent's, m.
    pub translation: V3,
    /// Unit quaternion x, y, z, w.
    pub rotation: [f64; 4],
    /// What it shows; shared by index, so that equal parts are stored once.
    pub mesh: Option<usize>,
    /// Nodes that move with it.
    pub children: Vec<Node>,
}

impl Node {
    /// A node with an identity.
    #[must_use]
    pub fn part(name: &str, part_id: &str, label: &str, kind: &'static str) -> Node {
        Node { part_id: Some(part_id.to_owned()), ..Node::group(name, label, kind) }
    }
    /// A node without one.
    #[must_use]
    pub fn group(name: &str, label: &str, kind: &'static str) -> Node {
        Node {
            name: name.to_owned(),
            part_id: None,
            label: label.to_owned(),
            kind,
            meta: None,
            axis: None,
            translation: v(0.0, 0.0, 0.0),
            rotation: [0.0, 0.0, 0.0, 1.0],
            mesh: None,
            children: Vec::new(),
        }
    }
    /// With a type plate.
    #[must_use]
    pub fn with(mut self, meta: Meta) -> Node {
        self.meta = Some(meta);
        self
    }
    /// With something to show.
    #[must_use]
    pub fn shows(mut self, mesh: usize) -> Node {
        self.mesh = Some(mesh);
        self
    }
    /// With its frame at this place.
    #[must_use]
    pub fn at(mut self, p: V3) -> Node {
        self.translation = p;
        self
    }
    /// With its frame turned.
    #[must_use]
    pub fn turned(mut self, rotation: [f64; 4]) -> Node {
        self.rotation = rotation;
        self
    }
    /// With an axis to turn about.
    #[must_use]
    pub fn turns_about(mut self, axis: V3) -> Node {
        self.axis = Some(axis);
        self
    }
    /// With these children.
    #[must_use]
    pub fn holds(mut self, children: Vec<Node>) -> Node {
        self.children.extend(children);
        self
    }
}

/// The whole model.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Name of the scene, and of the file without its ending.
    pub name: &'static str,
    /// Whose work the geometry follows, for the file's copyright line.
    pub credit: &'static str,
    /// What nodes show, by index; each with a name.
    pub meshes: Vec<(String, Part)>,
    /// The tree.
    pub root: Node,
}

/// Collects meshes while the tree is built.
#[derive(Debug, Default)]
pub struct Meshes(pub Vec<(String, Part)>);

impl Meshes {
    /// Keeps a part and gives its index.
    pub fn keep(&mut self, name: &str, part: Part) -> usize {
        self.0.push((name.to_owned(), part));
        self.0.len() - 1
    }
}

impl Scene {
    /// Calls `visit` for each node with the placement of its frame in the world.
    pub fn walk(&self, visit: &mut dyn FnMut(&Node, &Place)) {
        fn down(node: &Node, parent: &Place, visit: &mut dyn FnMut(&Node, &Place)) {
            let here = crate::math::place_of(node.rotation, node.translation).then(parent);
            visit(node, &here);
            for child in &node.children {
                down(child, &here, visit);
            }
        }
        down(&self.root, &Place::IDENTITY, visit);
    }

    /// Mass of the closed solids that a node and its children show, kg, by substance in the order of its share. Where
    /// solids overlap (a bolt in its flange) they count twice.
    #[must_use]
    pub fn masses(&self, node: &Node) -> Vec<(&'static str, f64)> {
        let mut masses: Vec<(&'static str, f64)> = Vec::new();
        let mut add = |substance: &'static str, mass: f64| match masses.iter_mut().find(|(s, _)| *s == substance) {
            Some((_, sum)) => *sum += mass,
            None => masses.push((substance, mass)),
        };
        for (material, shape) in self.part_of(node).iter().flat_map(|part| &part.solids) {
            let surface = material.surface();
            add(surface.substance, shape.volume() * surface.density);
        }
        for (substance, mass) in node.children.iter().flat_map(|child| self.masses(child)) {
            add(substance, mass);
        }
        masses.sort_by(|a, b| b.1.total_cmp(&a.1));
        masses
    }

    /// How many triangles are drawn: each mesh once for every node that shows it.
    #[must_use]
    pub fn triangles(&self) -> usize {
        let mut total = 0;
        self.walk(&mut |node, _| total += self.part_of(node).map_or(0, Part::triangles));
        total
    }

    /// What a node shows.
    #[must_use]
    pub fn part_of(&self, node: &Node) -> Option<&Part> {
        self.meshes.get(node.mesh?).map(|(_, part)| part)
    }
}
