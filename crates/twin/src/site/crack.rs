//! Where a crack of a part is drawn: `[part.crack]`. How long it is says a prediction.

use super::node::Node;
use super::problem::Problems;
use super::shape::{Kind, Shape};
use super::shape_type::{ID, required};

const PLACE: Kind = Kind::Numbers { len: 3, min: -1e6, max: 1e6 };

/// `[part.crack]`.
pub(super) static CRACK: Shape = Shape {
    name: "a crack",
    definition: "crack",
    doc: "Where a crack is drawn, as long as a prediction says.",
    keys: &[
        required("from", PLACE, "Where it begins on the surface of the part, m, in the frame of the part's node."),
        required("direction", PLACE, "Where it runs, into the part, in the same frame; of any length but 0."),
        required("normal", PLACE, "Across its faces: the direction of the stress that opens it."),
        required("prediction", ID, "The quantity whose prediction is its length: crack_length."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

/// Where a crack of a part is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Crack {
    /// Where it begins on the surface, m, in the frame of the part's node.
    pub from: [f64; 3],
    /// Where it runs, a unit vector.
    pub direction: [f64; 3],
    /// Across its faces, a unit vector at right angles to `direction`.
    pub normal: [f64; 3],
    /// The quantity whose prediction is its length.
    pub quantity: String,
}

/// The crack of a part as it is written, if it has one.
pub(super) fn crack(part: &Node, problems: &mut Problems) -> Option<Crack> {
    let node = part.table("crack")?;
    let (from, direction, normal) = (node.numbers("from")?, node.numbers("direction")?, node.numbers("normal")?);
    let quantity = node.plain("prediction")?;
    let Some(along) = unit(direction.value) else {
        problems.error(&direction.span, "`direction` is 0 in length");
        return None;
    };
    let share: f64 = along.iter().zip(normal.value).map(|(a, b)| a * b).sum();
    let [a, b, c] = along;
    let [x, y, z] = normal.value;
    let across = unit([x - share * a, y - share * b, z - share * c]).filter(|_| {
        // What is left of it at right angles must be more than rounding.
        let length = normal.value.iter().map(|v| v * v).sum::<f64>().sqrt();
        share.abs() < 0.99 * length
    });
    let Some(across) = across else {
        problems.error_with(
            &normal.span,
            "`normal` runs along `direction`: the crack would have no faces",
            "at right angles to `direction`, along the stress that opens the crack",
        );
        return None;
    };
    Some(Crack { from: from.value, direction: along, normal: across, quantity })
}

fn unit(v: [f64; 3]) -> Option<[f64; 3]> {
    let length = v.iter().map(|v| v * v).sum::<f64>().sqrt();
    (length > 1e-12).then(|| v.map(|v| v / length))
}
