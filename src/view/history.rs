//! Undo and redo of what is seen and selected, and of flights of the camera that were asked for. A step is made when a
//! change has come to rest: a slider that is dragged is one step, and so is a search that selects a part and flies to it.
//! Turning the view by hand is none; undoing a flight leads back to where it began.

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

/// Where the camera looks from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaze {
    /// What it looks at, m.
    pub target: [f32; 3],
    /// Direction from what is looked at to the camera, degrees: 0 from +z, 90 from +x.
    pub yaw_deg: f32,
    /// Height over the horizon, degrees.
    pub pitch_deg: f32,
    /// From the camera to what it looks at, m.
    pub distance: f32,
}

/// One step: the moment on its other side, and the flight that belongs to it, from where and to where.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    other: Moment,
    flight: Option<[Gaze; 2]>,
}

/// The steps that were made, and those that were undone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    last: Moment,
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// A flight that is no step yet; whether the camera is on the way.
    flight: Option<[Gaze; 2]>,
    moving: bool,
    /// A selection that was asked for with a step and is not confirmed yet.
    awaited: Option<Awaited>,
}

impl History {
    /// Hears of a flight that was asked for, from where and to where, and whether the camera is on the way.
    pub fn follow(&mut self, asked: Option<[Gaze; 2]>, moving: bool) {
        if let Some([from, to]) = asked.filter(|[from, to]| from != to) {
            self.flight = Some([self.flight.map_or(from, |[from, _]| from), to]);
        }
        self.moving = moving;
    }

    /// Whether a flight that was asked for has not arrived.
    #[must_use]
    pub const fn on_the_way(&self) -> bool {
        self.moving && self.flight.is_some()
    }

    /// Hears how things stand in this frame; `resting`: nothing is being dragged.
    pub fn note(&mut self, sight: &Sight, selected: Option<PartRow>, resting: bool) {
        // Until it comes, or something else comes between.
        self.awaited = self.awaited.filter(|awaited| selected == awaited.before && selected != awaited.wanted);
        let selected = self.awaited.map_or(selected, |awaited| awaited.wanted);
        if !resting || (self.last.sight == *sight && self.last.selected == selected && self.flight.is_none()) {
            return;
        }
        let now = Moment { sight: sight.clone(), selected };
        let other = std::mem::replace(&mut self.last, now);
        self.undo.push(Step { other, flight: self.flight.take() });
        if self.undo.len() > MOST_STEPS {
            self.undo.remove(0);
        }
        self.redo.clear();
    }

    /// The moment before the last step, and where its flight began.
    pub fn undo(&mut self) -> Option<(Moment, Option<Gaze>)> {
        let Step { other, flight } = self.undo.pop()?;
        self.redo.push(Step { other: self.last.clone(), flight });
        Some((self.restore(other), flight.map(|[from, _]| from)))
    }

    /// The moment after the step that was undone last, and where its flight led.
    pub fn redo(&mut self) -> Option<(Moment, Option<Gaze>)> {
        let Step { other, flight } = self.redo.pop()?;
        self.undo.push(Step { other: self.last.clone(), flight });
        Some((self.restore(other), flight.map(|[_, to]| to)))
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
        assert_eq!(history.undo().map(|(moment, _)| moment.sight), Some(sight(true, false)));
        assert_eq!(history.undo().map(|(moment, _)| moment.sight), Some(sight(false, false)));
        assert!(!history.can_undo());
        assert_eq!(history.redo().map(|(moment, _)| moment.sight), Some(sight(true, false)));
        assert_eq!(history.redo().map(|(moment, _)| moment.sight), Some(sight(true, true)));
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
        assert_eq!(history.undo().map(|(moment, _)| moment.sight), Some(Sight::default()));
    }

    #[test]
    fn a_new_step_ends_what_could_be_redone() {
        let mut history = History::default();
        history.note(&sight(true, false), None, true);
        history.undo();
        history.note(&sight(false, true), None, true);
        assert!(!history.can_redo());
    }

    fn gaze(distance: f32) -> Gaze {
        Gaze { target: [0.0; 3], yaw_deg: 0.0, pitch_deg: 0.0, distance }
    }

    #[test]
    fn a_flight_is_undone_to_where_it_began_and_redone_to_where_it_led() {
        let mut history = History::default();
        history.follow(Some([gaze(9.0), gaze(1.0)]), true);
        history.follow(None, false);
        history.note(&Sight::default(), None, true);
        assert_eq!(history.undo().map(|(_, gaze)| gaze), Some(Some(gaze(9.0))));
        assert_eq!(history.redo().map(|(_, gaze)| gaze), Some(Some(gaze(1.0))));
    }

    #[test]
    fn a_search_that_selects_and_flies_is_one_step() {
        let mut history = History::default();
        history.follow(Some([gaze(9.0), gaze(1.0)]), true);
        history.note(&Sight::default(), None, !history.on_the_way());
        history.note(&Sight::default(), Some(PartRow(3)), !history.on_the_way());
        history.follow(None, false);
        history.note(&Sight::default(), Some(PartRow(3)), !history.on_the_way());
        assert_eq!(history.undo(), Some((Moment::default(), Some(gaze(9.0)))));
        assert!(!history.can_undo());
    }

    #[test]
    fn a_flight_on_the_way_to_another_is_one_step_with_it() {
        let mut history = History::default();
        history.follow(Some([gaze(9.0), gaze(1.0)]), true);
        history.follow(Some([gaze(1.0), gaze(4.0)]), true);
        history.note(&Sight::default(), None, true);
        assert_eq!(history.undo().map(|(_, gaze)| gaze), Some(Some(gaze(9.0))));
    }

    #[test]
    fn what_moves_no_camera_is_undone_without_moving_it() {
        let mut history = History::default();
        history.note(&sight(true, false), None, true);
        assert_eq!(history.undo().map(|(_, gaze)| gaze), Some(None));
    }

    #[test]
    fn a_selection_is_a_step_and_its_undoing_is_none() {
        let (sight, bearing) = (Sight::default(), Some(PartRow(3)));
        let mut history = History::default();
        history.note(&sight, bearing, true);
        assert_eq!(history.undo().map(|(moment, _)| moment.selected), Some(None));
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
        assert_eq!(history.undo().map(|(moment, _)| moment.selected), Some(None));
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
