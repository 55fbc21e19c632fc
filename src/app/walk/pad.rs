//! Gamepads, heard on a thread of their own from the first walk on: the window sleeps while nothing moves, and they wake it.
//! Sticks and buttons as Linux names them (its "Gamepad Specification"); one gamepad at a time, the next one when it is
//! pulled out.

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;

use crate::app::Waker;

/// What a gamepad says now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Held {
    /// To the right, and forward, −1 to 1.
    pub go: Vec2,
    /// To the right, and up, −1 to 1.
    pub look: Vec2,
    pub run: bool,
    pub crouch: bool,
    /// The walk is to end.
    pub leave: bool,
}

/// The gamepads of the machine as one.
#[derive(Default)]
pub struct Pad(Option<Arc<Mutex<Held>>>);

impl Pad {
    /// Begins to listen, once.
    pub fn listen(&mut self, waker: Waker) {
        if self.0.is_some() {
            return;
        }
        let held = Arc::new(Mutex::new(Held::default()));
        self.0 = Some(Arc::clone(&held));
        #[cfg(target_os = "linux")]
        {
            let thread = std::thread::Builder::new().name("gamepad".to_owned());
            if let Err(error) = thread.spawn(move || linux::listen(&held, &waker)) {
                warn!("no gamepads: {error}");
            }
        }
        #[cfg(not(target_os = "linux"))]
        drop((held, waker));
    }

    /// What is held now; what asks to leave is told once.
    pub fn held(&self) -> Held {
        let Some(held) = &self.0 else { return Held::default() };
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = *held;
        held.leave = false;
        now
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use bevy::log::debug;
    use evdev::{AbsInfo, AbsoluteAxisCode as Axis, Device, EventSummary, KeyCode as Button};

    use super::Held;
    use crate::app::Waker;

    /// How often it is looked for one that was plugged in.
    const LOOK: Duration = Duration::from_secs(2);
    /// Less is a stick that hangs a little: a share of its way.
    const SLACK: f32 = 0.12;

    /// What can be held in two hands: a button below the right thumb, and a stick.
    fn is_pad(device: &Device) -> bool {
        device.supported_keys().is_some_and(|keys| keys.contains(Button::BTN_SOUTH))
            && device.supported_absolute_axes().is_some_and(|axes| axes.contains(Axis::ABS_X))
    }

    pub(super) fn listen(held: &Mutex<Held>, waker: &Waker) -> ! {
        loop {
            if let Some((path, pad)) = evdev::enumerate().find(|(_, device)| is_pad(device)) {
                let name = pad.name().unwrap_or_default().to_owned();
                debug!("gamepad {name:?} at {}", path.display());
                hear(pad, held, waker);
                *held.lock().unwrap_or_else(PoisonError::into_inner) = Held::default();
                waker.wake();
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Until it is pulled out.
    fn hear(mut pad: Device, held: &Mutex<Held>, waker: &Waker) {
        let Ok(axes) = pad.get_absinfo().map(Iterator::collect::<Vec<_>>) else { return };
        while let Ok(events) = pad.fetch_events() {
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            events.for_each(|event| held.hear(event.destructure(), &axes));
            drop(held);
            waker.wake();
        }
    }

    /// How far a stick leans, −1 to 1.
    fn lean(value: i32, axis: &AbsInfo) -> f32 {
        let [low, high, value] = [axis.minimum(), axis.maximum(), value].map(|number| number as f32);
        let lean = (2.0 * (value - low) / (high - low).max(1.0) - 1.0).clamp(-1.0, 1.0);
        lean.signum() * (lean.abs() - SLACK).max(0.0) / (1.0 - SLACK)
    }

    impl Held {
        pub(super) fn hear(&mut self, event: EventSummary, axes: &[(Axis, AbsInfo)]) {
            match event {
                EventSummary::AbsoluteAxis(_, axis, value) => {
                    let Some((_, info)) = axes.iter().find(|(known, _)| *known == axis) else { return };
                    let lean = lean(value, info);
                    match axis {
                        Axis::ABS_X => self.go.x = lean,
                        // Forward is up on the stick, and small numbers.
                        Axis::ABS_Y => self.go.y = -lean,
                        Axis::ABS_RX => self.look.x = lean,
                        Axis::ABS_RY => self.look.y = -lean,
                        _ => {}
                    }
                }
                EventSummary::Key(_, button, value) => match button {
                    Button::BTN_SOUTH => self.run = value != 0,
                    Button::BTN_EAST => self.crouch = value != 0,
                    // Until it is taken: a press between two frames counts.
                    Button::BTN_START => self.leave |= value == 1,
                    _ => {}
                },
                _ => {}
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use bevy::math::Vec2;
        use evdev::{AbsoluteAxisEvent, KeyEvent};

        use super::*;
        use crate::app::walk::pad::Pad;

        fn axes() -> Vec<(Axis, AbsInfo)> {
            let info = AbsInfo::new(0, -32_768, 32_767, 16, 128, 0);
            [Axis::ABS_X, Axis::ABS_Y, Axis::ABS_RX, Axis::ABS_RY].map(|axis| (axis, info)).into()
        }

        fn leans(held: &mut Held, axis: Axis, value: i32) {
            held.hear(EventSummary::AbsoluteAxis(AbsoluteAxisEvent::new(axis, value), axis, value), &axes());
        }

        fn presses(held: &mut Held, button: Button, value: i32) {
            held.hear(EventSummary::Key(KeyEvent::new(button, value), button, value), &axes());
        }

        #[test]
        fn the_left_stick_goes_and_the_right_one_looks() {
            let mut held = Held::default();
            leans(&mut held, Axis::ABS_Y, -32_768);
            leans(&mut held, Axis::ABS_RX, 32_767);
            assert_eq!((held.go, held.look), (Vec2::Y, Vec2::X));
        }

        #[test]
        fn a_stick_that_hangs_a_little_moves_nobody() {
            let mut held = Held::default();
            leans(&mut held, Axis::ABS_X, 3_000);
            assert_eq!(held.go, Vec2::ZERO);
        }

        #[test]
        fn a_runs_and_b_stoops_while_held() {
            let mut held = Held::default();
            presses(&mut held, Button::BTN_SOUTH, 1);
            presses(&mut held, Button::BTN_EAST, 1);
            presses(&mut held, Button::BTN_SOUTH, 0);
            assert_eq!((held.run, held.crouch), (false, true));
        }

        #[test]
        fn a_short_press_of_start_leaves_once() {
            let pad = Pad(Some(Default::default()));
            for value in [1, 0] {
                presses(&mut pad.0.as_ref().unwrap().lock().unwrap(), Button::BTN_START, value);
            }
            assert!(pad.held().leave && !pad.held().leave);
        }
    }
}
