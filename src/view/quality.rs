//! How much a picture may cost: three presets, one for each kind of machine.

/// Quality of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Preset {
    /// A processor draws: a cheap light, no shadows.
    #[default]
    Low,
    /// Graphics on the processor's chip: full light, shadows, smooth edges.
    Medium,
    /// A workstation, up to 4K: also contact shadows in every corner, and fine shadows.
    High,
}

impl Preset {
    /// From cheap to costly.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// What a person reads.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }

    /// What it gives, in a line.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Low => "For machines without a graphics card",
            Self::Medium => "Shadows and smooth edges",
            Self::High => "Also occlusion in corners, and fine shadows",
        }
    }

    /// The next one, around.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High => Self::Low,
        }
    }
}
