//! Colour scales for fields: equal steps of the value look like equal steps of the colour.
//!
//! Sequential: cividis (J. R. Nuñez, C. R. Anderton, R. S. Renslow, "Optimizing colormaps with consideration for color
//! vision deficiency", PLOS ONE 13 (2018) e0199239) and viridis (S. van der Walt, N. Smith, 2015; CC0), both every eighth
//! of the 256 colours that matplotlib has. Diverging, for what lies on both sides of zero: blue, grey, orange, lightest
//! in the middle, after K. Moreland, "Diverging color maps for scientific visualization", ISVC (2009). No rainbow.

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Scale {
    #[default]
    Cividis,
    Viridis,
    /// For signed values; zero is in the middle.
    Diverging,
}

const CIVIDIS: [u32; 33] = [
    0x00224E, 0x00285B, 0x002E6A, 0x043371, 0x1A386F, 0x273E6E, 0x32436D, 0x3B496C, 0x434E6C, 0x4B546C, 0x52596D,
    0x5A5F6E, 0x61656F, 0x686A71, 0x6F7073, 0x757676, 0x7C7B78, 0x848179, 0x8B8778, 0x938D78, 0x9B9376, 0xA39A75,
    0xABA072, 0xB3A670, 0xBBAD6C, 0xC3B469, 0xCCBA64, 0xD4C15F, 0xDDC958, 0xE6D051, 0xEFD748, 0xF8DF3C, 0xFEE838,
];

const VIRIDIS: [u32; 33] = [
    0x440154, 0x470D60, 0x48186A, 0x482374, 0x472D7B, 0x453681, 0x424086, 0x3F4989, 0x3B528B, 0x375A8D, 0x33638D,
    0x2F6A8E, 0x2C728E, 0x297A8E, 0x26818E, 0x23898E, 0x21908C, 0x1F988B, 0x1F9F88, 0x21A685, 0x28AE80, 0x31B57B,
    0x3EBC74, 0x4CC26C, 0x5DC963, 0x6ECE58, 0x82D34C, 0x96D83F, 0xABDC32, 0xC0DF24, 0xD5E21A, 0xEAE51A, 0xFDE725,
];

const DIVERGING: [u32; 9] = [0x1B4F8F, 0x4A78AE, 0x7C9FC6, 0xACC2D6, 0xD3D4D3, 0xDDBC93, 0xCF9656, 0xB36F26, 0x8A4C0B];

impl Scale {
    /// Name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cividis => "cividis",
            Self::Viridis => "viridis",
            Self::Diverging => "diverging",
        }
    }

    /// The sRGB colour at `t`, 0 to 1; beyond it, that of the end.
    #[must_use]
    pub fn colour(self, t: f32) -> [u8; 3] {
        let stops: &[u32] = match self {
            Self::Cividis => &CIVIDIS,
            Self::Viridis => &VIRIDIS,
            Self::Diverging => &DIVERGING,
        };
        let at = if t.is_finite() { t.clamp(0.0, 1.0) } else { 0.0 } * (stops.len() - 1) as f32;
        let stop = |n: usize| stops.get(n).or(stops.last()).copied().unwrap_or_default();
        let (low, high) = (stop(at as usize), stop(at as usize + 1));
        let between = |shift: u32| {
            let [a, b] = [low, high].map(|rgb| f32::from((rgb >> shift) as u8));
            (a + (b - a) * at.fract()).round() as u8
        };
        [between(16), between(8), between(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::tests::colours::cam02::delta_e;

    const STEPS: u32 = 16;

    fn colours(scale: Scale) -> Vec<[u8; 3]> {
        (0..=STEPS).map(|n| scale.colour(n as f32 / STEPS as f32)).collect()
    }

    #[test]
    fn equal_steps_of_the_value_are_about_equal_steps_of_the_colour() {
        // A rainbow (jet) has steps that differ by more than a factor of four.
        for (scale, most) in [(Scale::Cividis, 2.0), (Scale::Viridis, 2.0), (Scale::Diverging, 2.0)] {
            let colours = colours(scale);
            let steps: Vec<f64> = colours.windows(2).map(|pair| delta_e(pair[0], pair[1])).collect();
            let (low, high) =
                steps.iter().fold((f64::MAX, 0.0_f64), |(low, high), &step| (low.min(step), high.max(step)));
            assert!(high / low <= most, "{}: steps of {low:.1} to {high:.1}", scale.name());
        }
    }

    #[test]
    fn a_sequential_scale_is_brighter_the_higher_the_value() {
        let luma = |[r, g, b]: [u8; 3]| 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b);
        for scale in [Scale::Cividis, Scale::Viridis] {
            let colours = colours(scale);
            assert!(colours.windows(2).all(|pair| luma(pair[0]) < luma(pair[1])), "{}", scale.name());
        }
    }

    #[test]
    fn both_sides_of_a_diverging_scale_weigh_the_same() {
        let middle = Scale::Diverging.colour(0.5);
        for t in [0.125, 0.25, 0.375, 0.5] {
            let [below, above] = [0.5 - t, 0.5 + t].map(|t| delta_e(Scale::Diverging.colour(t), middle));
            assert!((below - above).abs() <= 0.2 * below, "{t}: {below:.1} below, {above:.1} above");
        }
    }

    #[test]
    fn beyond_its_ends_a_scale_has_the_colours_of_its_ends() {
        assert_eq!(Scale::Viridis.colour(-3.0), [0x44, 0x01, 0x54]);
        assert_eq!(Scale::Viridis.colour(1.5), [0xFD, 0xE7, 0x25]);
    }
}
