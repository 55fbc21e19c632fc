//! Which machine the simulator runs for an asset: the names that type files use.

use std::fmt;

/// A kind of machine that can be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SimulatorKind {
    /// A geared wind turbine.
    WindTurbine,
    /// A cooled rotor blade of a gas turbine.
    TurbineBlade,
}

impl SimulatorKind {
    /// Every kind with its name in type files, in the order in which they are listed to people.
    const NAMES: [(Self, &'static str); 2] =
        [(Self::WindTurbine, "wind-turbine"), (Self::TurbineBlade, "turbine-blade")];

    /// The names, for the reader and the schema.
    pub(crate) const WORDS: [&'static str; Self::NAMES.len()] = {
        let mut words = [""; Self::NAMES.len()];
        let mut row = 0;
        while row < words.len() {
            words[row] = Self::NAMES[row].1;
            row += 1;
        }
        words
    };

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::NAMES.into_iter().map(|(kind, _)| kind)
    }

    /// The name in type files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, known)| *known == name).map(|(kind, _)| kind)
    }
}

impl fmt::Display for SimulatorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in SimulatorKind::all() {
            assert_eq!(SimulatorKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(SimulatorKind::from_name("toaster"), None);
    }
}
