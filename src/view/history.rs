//! Undo and redo of what is seen and selected. A step is made when a change has come to rest: a slider that is dragged is
//! one step.

use twinscope_twin::site::PartRow;

use super::sight::Sight;
use super::tools::Awaited;

/// Most steps that are kept.
const MOST_STEPS: usize = 200;

/// What a step restores.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moment {
    /// What is seen.
    pub sight: Sight,
    /// The part in the inspector.
    pub selected: Option<PartRow>,
}

/// The steps that were made, and those that were undone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    last: Moment,
    undo: Vec<Moment>,
    redo: Vec<Moment>,
    /// A selection that was asked for with a step and is not confirmed yet.
    awaited: Option<Awaited>,
}

impl History {
    /// Hears how things stand in this frame; `resting`: nothing is being dragged.
    pub fn note(&mut self, sight: &Sight, selected: Option<PartRow>, resting: bool) {
        // Until it comes, or something else comes between.
        self.awaited = self.awaited.filter(|awaited| selected == awaited.before && selected != awaited.wanted);
        let selected = self.awaited.map_or(selected, |awaited| awaited.wanted);
        if !resting || (self.last.sight == *sight && self.last.selected == selected) {
            return;
        }
        let now = Moment { sight: sight.clone(), selected };
        self.undo.push(std::mem::replace(&mut self.last, now));
        if self.undo.len() > MOST_STEPS {
            self.undo.remove(0);
        }
        self.redo.clear();
    }

    /// The moment before the last step.
    pub fn undo(&mut self) -> Option<Moment> {
        let moment = self.undo.pop()?;
        self.redo.push(self.last.clone());
        Some(self.restore(moment))
    }

    /// The moment after the step that was undone last.
    pub fn redo(&mut self) -> Option<Moment> {
        let moment = self.redo.pop()?;
        self.undo.push(self.last.clone());
        Some(self.restore(moment))
    }

    fn restore(&mut self, moment: Moment) -> Moment {
        self.awaited = Some(Awaited { wanted: moment.selected, before: self.last.selected });
        self.last = moment.clone();
        moment
    }

    /// Whether there is a step to undo.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Whether there is a step to redo.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(edges: bool, xray: bool) -> Sight {
        Sight { edges, xray, ..Sight::default() }
    }

    #[test]
    fn steps_are_undone_and_redone_in_their_order() {
        let mut history = History::default();
        history.note(&sight(true, false), None, true);
        history.note(&sight(true, true), None, true);
        assert_eq!(history.undo().map(|moment| moment.sight), Some(sight(true, false)));
        assert_eq!(history.undo().map(|moment| moment.sight), Some(sight(false, false)));
        assert!(!history.can_undo());
        assert_eq!(history.redo().map(|moment| moment.sight), Some(sight(true, false)));
        assert_eq!(history.redo().map(|moment| moment.sight), Some(sight(true, true)));
        assert!(!history.can_redo());
    }

    #[test]
    fn a_change_that_is_still_being_dragged_is_one_step() {
        let mut history = History::default();
        for _ in 0..10 {
            history.note(&sight(true, false), None, false);
        }
        assert!(!history.can_undo());
        history.note(&sight(true, true), None, true);
        assert_eq!(history.undo().map(|moment| moment.sight), Some(Sight::default()));
    }

    #[test]
    fn a_new_step_ends_what_could_be_redone() {
        let mut history = History::default();
        history.note(&sight(true, false), None, true);
        history.undo();
        history.note(&sight(false, true), None, true);
        assert!(!history.can_redo());
    }

    #[test]
    fn a_selection_is_a_step_and_its_undoing_is_none() {
        let (sight, bearing) = (Sight::default(), Some(PartRow(3)));
        let mut history = History::default();
        history.note(&sight, bearing, true);
        assert_eq!(history.undo().map(|moment| moment.selected), Some(None));
        // The core still says the old one for some frames.
        history.note(&sight, bearing, true);
        history.note(&sight, None, true);
        assert!(!history.can_undo() && history.can_redo());
    }

    #[test]
    fn a_selection_that_came_between_is_a_step_of_its_own() {
        let (sight, bearing, tower) = (Sight::default(), Some(PartRow(3)), Some(PartRow(4)));
        let mut history = History::default();
        history.note(&sight, bearing, true);
        history.undo();
        // Somebody clicked on the tower before the core had said anything.
        history.note(&sight, tower, true);
        assert_eq!(history.undo().map(|moment| moment.selected), Some(None));
    }

    #[test]
    fn the_oldest_steps_are_forgotten_first() {
        let mut history = History::default();
        for part in 0..300 {
            history.note(&Sight::default(), Some(PartRow(part)), true);
        }
        let steps = std::iter::from_fn(|| history.undo()).count();
        assert_eq!(steps, 200);
    }
}
