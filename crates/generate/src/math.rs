//! Vectors and rigid placements in double precision.
//!
//! Not a linear algebra library: only what the model needs. All trigonometry goes through `libm`, so that the
//! generated file is the same byte for byte on every machine.

use std::ops::{Add, Mul, Neg, Sub};

/// A point or direction in metres, y up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct V3 {
    /// Along the shaft, downwind positive.
    pub x: f64,
    /// Up.
    pub y: f64,
    /// To the side, right-handed.
    pub z: f64,
}

/// Shorthand for a vector.
#[must_use]
pub const fn v(x: f64, y: f64, z: f64) -> V3 {
    V3 { x, y, z }
}

impl Add for V3 {
    type Output = V3;
    fn add(self, o: V3) -> V3 {
        v(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}
impl Sub for V3 {
    type Output = V3;
    fn sub(self, o: V3) -> V3 {
        v(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}
impl Mul<f64> for V3 {
    type Output = V3;
    fn mul(self, k: f64) -> V3 {
        v(self.x * k, self.y * k, self.z * k)
    }
}
impl Neg for V3 {
    type Output = V3;
    fn neg(self) -> V3 {
        self * -1.0
    }
}

impl V3 {
    /// Scalar product.
    #[must_use]
    pub fn dot(self, o: V3) -> f64 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
    /// Vector product.
    #[must_use]
    pub fn cross(self, o: V3) -> V3 {
        v(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }
    /// Euclidean length.
    #[must_use]
    pub fn length(self) -> f64 {
        self.dot(self).sqrt()
    }
    /// The same direction with length one; the zero vector stays zero.
    #[must_use]
    pub fn unit(self) -> V3 {
        let length = self.length();
        if length > 0.0 { self * (1.0 / length) } else { self }
    }
    /// The point at `t` between `self` (0) and `o` (1).
    #[must_use]
    pub fn lerp(self, o: V3, t: f64) -> V3 {
        self + (o - self) * t
    }
}

/// Sine of an angle in degrees.
#[must_use]
pub fn sin(degrees: f64) -> f64 {
    libm::sin(degrees.to_radians())
}
/// Cosine of an angle in degrees.
#[must_use]
pub fn cos(degrees: f64) -> f64 {
    libm::cos(degrees.to_radians())
}
/// Tangent of an angle in degrees.
#[must_use]
pub fn tan(degrees: f64) -> f64 {
    libm::tan(degrees.to_radians())
}
/// Angle of the direction (x, y), in degrees.
#[must_use]
pub fn angle(y: f64, x: f64) -> f64 {
    libm::atan2(y, x).to_degrees()
}
/// Linear interpolation of numbers.
#[must_use]
pub fn mix(a: f64, b: f64, t: f64) -> f64 {
    a + (b - a) * t
}
/// Piecewise linear lookup in a table of (x, y) sorted by x; constant beyond its ends, zero when it is empty.
#[must_use]
pub fn lookup(table: &[(f64, f64)], x: f64) -> f64 {
    for pair in table.windows(2) {
        if let [(x0, y0), (x1, y1)] = *pair
            && x < x1
        {
            return mix(y0, y1, ((x - x0) / (x1 - x0)).clamp(0.0, 1.0));
        }
    }
    table.last().map_or(0.0, |&(_, y)| y)
}

/// A placement: three axes and an origin. Mirrors are allowed; shapes turn their faces then.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Where the x, y and z axes go.
    pub axes: [V3; 3],
    /// Where the origin goes.
    pub origin: V3,
}

impl Place {
    /// Leaves everything where it is.
    pub const IDENTITY: Place =
        Place { axes: [v(1.0, 0.0, 0.0), v(0.0, 1.0, 0.0), v(0.0, 0.0, 1.0)], origin: v(0.0, 0.0, 0.0) };
    /// x to y, y to z, z to x: what was made about the x axis then stands upright.
    pub const UPRIGHT: Place =
        Place { axes: [v(0.0, 1.0, 0.0), v(0.0, 0.0, 1.0), v(1.0, 0.0, 0.0)], origin: v(0.0, 0.0, 0.0) };
    /// x to z, y to x, z to y: what was made about the x axis then lies across the shaft.
    pub const ACROSS: Place =
        Place { axes: [v(0.0, 0.0, 1.0), v(1.0, 0.0, 0.0), v(0.0, 1.0, 0.0)], origin: v(0.0, 0.0, 0.0) };
    /// The mirror image with z reversed.
    pub const MIRROR_Z: Place =
        Place { axes: [v(1.0, 0.0, 0.0), v(0.0, 1.0, 0.0), v(0.0, 0.0, -1.0)], origin: v(0.0, 0.0, 0.0) };

    /// A shift.
    #[must_use]
    pub const fn shift(x: f64, y: f64, z: f64) -> Place {
        Place { axes: Place::IDENTITY.axes, origin: v(x, y, z) }
    }
    /// A turn about x, from y towards z.
    #[must_use]
    pub fn about_x(degrees: f64) -> Place {
        let (s, c) = (sin(degrees), cos(degrees));
        Place { axes: [v(1.0, 0.0, 0.0), v(0.0, c, s), v(0.0, -s, c)], origin: v(0.0, 0.0, 0.0) }
    }
    /// A turn about y, from z towards x.
    #[must_use]
    pub fn about_y(degrees: f64) -> Place {
        let (s, c) = (sin(degrees), cos(degrees));
        Place { axes: [v(c, 0.0, -s), v(0.0, 1.0, 0.0), v(s, 0.0, c)], origin: v(0.0, 0.0, 0.0) }
    }
    /// A turn about z, from x towards y.
    #[must_use]
    pub fn about_z(degrees: f64) -> Place {
        let (s, c) = (sin(degrees), cos(degrees));
        Place { axes: [v(c, s, 0.0), v(-s, c, 0.0), v(0.0, 0.0, 1.0)], origin: v(0.0, 0.0, 0.0) }
    }
    /// A direction, turned.
    #[must_use]
    pub fn turn(&self, p: V3) -> V3 {
        let [x, y, z] = self.axes;
        x * p.x + y * p.y + z * p.z
    }
    /// A point, placed.
    #[must_use]
    pub fn point(&self, p: V3) -> V3 {
        self.turn(p) + self.origin
    }
    /// First `self`, then `next`.
    #[must_use]
    pub fn then(&self, next: &Place) -> Place {
        let [x, y, z] = self.axes;
        Place { axes: [next.turn(x), next.turn(y), next.turn(z)], origin: next.point(self.origin) }
    }
    /// First `self`, then a shift.
    #[must_use]
    pub fn moved(&self, x: f64, y: f64, z: f64) -> Place {
        self.then(&Place::shift(x, y, z))
    }
    /// Whether it mirrors.
    #[must_use]
    pub fn mirrors(&self) -> bool {
        let [x, y, z] = self.axes;
        x.cross(y).dot(z) < 0.0
    }
}

/// A unit quaternion (x, y, z, w) for a turn about a unit axis.
#[must_use]
pub fn quaternion(axis: V3, degrees: f64) -> [f64; 4] {
    let s = sin(degrees / 2.0);
    [axis.x * s, axis.y * s, axis.z * s, cos(degrees / 2.0)]
}

/// The turn `second ∘ first` of two quaternions.
#[must_use]
pub fn quaternion_product(second: [f64; 4], first: [f64; 4]) -> [f64; 4] {
    let [ax, ay, az, aw] = second;
    let [bx, by, bz, bw] = first;
    [
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    ]
}

/// The placement that a node with this rotation and translation gives to its content.
#[must_use]
pub fn place_of(rotation: [f64; 4], translation: V3) -> Place {
    let [x, y, z, w] = rotation;
    Place {
        axes: [
            v(1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z), 2.0 * (x * z - w * y)),
            v(2.0 * (x * y - w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z + w * x)),
            v(2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y)),
        ],
        origin: translation,
    }
}
