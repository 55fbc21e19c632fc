//! What a window says of mouse and fingers, taken in its order: one press and its release a frame.

use bevy::input::touch::{TouchInput, TouchPhase};
use bevy::prelude::*;
use bevy::window::WindowEvent;

use super::Pointer;

/// What a window says of the pointer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Heard {
    Moved(Vec2),
    Pressed(MouseButton),
    Released(MouseButton),
    /// Two fingers moved apart, in notches of a wheel.
    Pinched(f32),
    Left,
    Unfocused,
}

impl Heard {
    fn of(event: &WindowEvent) -> Option<Self> {
        Some(match event {
            WindowEvent::CursorMoved(moved) => Self::Moved(moved.position),
            WindowEvent::MouseButtonInput(input) if input.state.is_pressed() => Self::Pressed(input.button),
            WindowEvent::MouseButtonInput(input) => Self::Released(input.button),
            WindowEvent::CursorLeft(_) => Self::Left,
            WindowEvent::WindowFocused(focus) if !focus.focused => Self::Unfocused,
            _ => return None,
        })
    }
}

/// Two fingers that end twice as far apart zoom as far as so many notches of a wheel.
const PINCH: f32 = 4.6;

/// Places of one frame that are kept.
const TRAIL: usize = 256;

impl Pointer {
    pub(super) fn hear(&mut self, event: &WindowEvent) {
        if let WindowEvent::TouchInput(touch) = event {
            self.touches = true;
            return self.touch(touch);
        }
        let waiting = self.heard.len();
        if let Some(heard) = Heard::of(event) {
            self.touches &= !matches!(heard, Heard::Moved(_));
            if heard == Heard::Unfocused {
                self.fingers.clear();
            }
            // A program that is held up hears a mouse a thousand times a second: where it went matters less than each press.
            match (heard, self.heard.back_mut()) {
                (Heard::Moved(_), Some(last @ Heard::Moved(_))) if waiting > TRAIL => *last = heard,
                _ => self.heard.push_back(heard),
            }
        }
    }

    /// One finger is the left button; two pan as the right one does, and zoom.
    fn touch(&mut self, touch: &TouchInput) {
        let middle = |fingers: &[(u64, Vec2)]| match fingers {
            [(_, a), (_, b), ..] => Some((a.midpoint(*b), a.distance(*b).max(1.0))),
            _ => None,
        };
        let before = middle(&self.fingers);
        let fingers = self.fingers.len();
        self.fingers.retain(|(id, _)| *id != touch.id);
        match touch.phase {
            TouchPhase::Started => {
                self.fingers.push((touch.id, touch.position));
                match middle(&self.fingers) {
                    None => self.heard.extend([Heard::Moved(touch.position), Heard::Pressed(MouseButton::Left)]),
                    // What one finger began is no click any more.
                    Some((at, _)) if self.fingers.len() == 2 => {
                        self.heard.extend([Heard::Unfocused, Heard::Moved(at), Heard::Pressed(MouseButton::Right)]);
                    }
                    Some(_) => {}
                }
            }
            TouchPhase::Moved => {
                self.fingers.push((touch.id, touch.position));
                self.fingers.sort_by_key(|(id, _)| *id);
                match (before, middle(&self.fingers)) {
                    (Some((_, before)), Some((at, now))) => {
                        self.heard.extend([Heard::Pinched((now / before).log2() * PINCH), Heard::Moved(at)]);
                    }
                    _ if self.down.contains(&MouseButton::Right) => {}
                    _ => self.heard.push_back(Heard::Moved(touch.position)),
                }
            }
            TouchPhase::Ended | TouchPhase::Canceled => match fingers {
                2 => self.heard.push_back(Heard::Released(MouseButton::Right)),
                1 if touch.phase == TouchPhase::Canceled => self.heard.extend([Heard::Unfocused, Heard::Left]),
                1 => self.heard.extend([Heard::Released(MouseButton::Left), Heard::Left]),
                _ => {}
            },
        }
    }

    /// Takes what was heard, in its order, as far as one press and its release: a slow frame hears more than one click.
    pub(super) fn follow(&mut self) {
        let mut before = self.at;
        let mut left = false;
        self.trail.clear();
        self.drew = false;
        self.pressed = None;
        self.pinched = 0.0;
        while let Some(heard) = self.heard.pop_front() {
            match heard {
                Heard::Moved(place) => {
                    self.at = Some(place);
                    if self.trail.len() < TRAIL {
                        self.trail.push(place);
                    }
                }
                Heard::Pressed(button) => {
                    self.down.push(button);
                    if self.press.is_none() && self.pressed.is_none() {
                        self.pressed = Some((button, self.at));
                        before = self.at;
                        self.trail.clear();
                        self.trail.extend(before);
                    }
                }
                Heard::Released(button) => {
                    self.down.retain(|down| *down != button);
                    let begun = self.pressed.map(|(button, _)| button);
                    if begun.or(self.press.as_ref().map(|press| press.button)) == Some(button) {
                        break;
                    }
                }
                Heard::Pinched(notches) => self.pinched += notches,
                Heard::Left => left = true,
                Heard::Unfocused => {
                    self.press = None;
                    self.pressed = None;
                    self.down.clear();
                }
            }
        }
        if left && self.press.is_none() {
            self.at = None;
        }
        self.went = match (before, self.at) {
            (Some(before), Some(now)) => now - before,
            _ => Vec2::ZERO,
        };
    }
}

#[cfg(test)]
mod tests {
    use bevy::window::CursorMoved;

    use super::*;

    #[test]
    fn two_clicks_that_one_frame_hears_are_taken_one_after_the_other() {
        let [here, there] = [Vec2::new(10.0, 20.0), Vec2::new(90.0, 20.0)];
        let left = MouseButton::Left;
        let click = |at| [Heard::Moved(at), Heard::Pressed(left), Heard::Released(left)];
        let mut pointer = Pointer { heard: [click(here), click(there)].concat().into(), ..Pointer::default() };
        pointer.follow();
        assert_eq!((pointer.pressed, pointer.at), (Some((left, Some(here))), Some(here)));
        pointer.follow();
        assert_eq!((pointer.pressed, pointer.at), (Some((left, Some(there))), Some(there)));
        pointer.follow();
        assert_eq!(pointer.pressed, None);
    }

    fn finger(id: u64, phase: TouchPhase, x: f32) -> TouchInput {
        TouchInput { phase, position: Vec2::new(x, 20.0), window: Entity::PLACEHOLDER, force: None, id }
    }

    #[test]
    fn a_finger_is_the_left_button_where_it_touches() {
        let mut pointer = Pointer::default();
        pointer.touch(&finger(7, TouchPhase::Started, 10.0));
        pointer.follow();
        assert_eq!(pointer.pressed, Some((MouseButton::Left, Some(Vec2::new(10.0, 20.0)))));
        pointer.touch(&finger(7, TouchPhase::Ended, 10.0));
        pointer.follow();
        assert_eq!(pointer.down, []);
    }

    #[test]
    fn two_fingers_that_move_apart_zoom_and_click_nothing() {
        let mut pointer = Pointer::default();
        for (id, x) in [(1, 10.0), (2, 30.0)] {
            pointer.touch(&finger(id, TouchPhase::Started, x));
        }
        pointer.touch(&finger(2, TouchPhase::Moved, 50.0));
        pointer.follow();
        assert_eq!((pointer.down.as_slice(), pointer.pinched), ([MouseButton::Right].as_slice(), PINCH));
        assert_eq!(pointer.at, Some(Vec2::new(30.0, 20.0)));
        for id in [1, 2] {
            pointer.touch(&finger(id, TouchPhase::Ended, 10.0));
        }
        pointer.follow();
        assert_eq!(pointer.down, []);
    }

    #[test]
    fn however_long_a_frame_the_press_in_it_is_heard_where_it_was() {
        let mut pointer = Pointer::default();
        let moved = |x: u16| {
            let position = Vec2::new(f32::from(x), 0.0);
            WindowEvent::CursorMoved(CursorMoved { window: Entity::PLACEHOLDER, position, delta: None })
        };
        (0..5_000).for_each(|x| pointer.hear(&moved(x)));
        pointer.heard.push_back(Heard::Pressed(MouseButton::Left));
        (0..5_000).for_each(|_| pointer.hear(&moved(9_999)));
        pointer.follow();
        assert_eq!(pointer.pressed, Some((MouseButton::Left, Some(Vec2::new(4_999.0, 0.0)))));
    }
}
