//! What egui is told of the keyboard: only what is news, and each key with the modifiers that were held when it was struck.

use bevy::input::ButtonState;
use bevy::input::keyboard::{Key, KeyboardFocusLost, KeyboardInput};
use bevy::prelude::*;
use bevy_egui::EguiInput;
use bevy_egui::helpers::{bevy_to_egui_key, bevy_to_egui_physical_key};
use bevy_egui::input::ModifierKeysState;
use egui::{Event, Modifiers};

use super::Panels;
use crate::app::kiosk::Kiosk;

/// What is heard is told to the panels, or kept from them.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct QuietInput;

/// bevy_egui 0.42 tells egui the modifier keys in every frame, and egui answers every event with another frame: nothing
/// would ever come to rest. And it gives all keys of a frame the modifiers that are held at its end: on a slow screen
/// Ctrl Z would be a Z.
pub(super) fn quiet_input(
    mut inputs: Query<&mut EguiInput>,
    kiosk: Option<Res<Kiosk>>,
    mut panels: ResMut<Panels>,
    mut last: Local<Modifiers>,
    mut keys: MessageReader<KeyboardInput>,
    mut focus: MessageReader<KeyboardFocusLost>,
    mut state: Local<ModifierKeysState>,
) {
    let held = kiosk.is_some_and(|kiosk| kiosk.swallows());
    if panels.held != held {
        panels.held = held;
    }
    if focus.read().count() > 0 {
        *state = ModifierKeysState::default();
    }
    let struck: Vec<_> = keys.read().filter_map(|key| strike(key, &mut state)).collect();
    for mut input in &mut inputs {
        if held {
            input.events.clear();
        }
        only_news(&mut input.events, &mut last);
        if !struck.is_empty() {
            with_their_modifiers(&mut input.events, &struck);
        }
    }
}

/// Leaves out what the modifier keys are where they are as before.
fn only_news(events: &mut Vec<Event>, last: &mut Modifiers) {
    events.retain(|event| match event {
        Event::ModifiersChanged(now) => std::mem::replace(last, *now) != *now,
        _ => true,
    });
}

/// A key as egui hears it, with the modifiers that are held then, and whether it writes.
#[derive(Clone, Copy, Debug)]
struct Struck {
    key: egui::Key,
    pressed: bool,
    modifiers: Modifiers,
    writes: bool,
}

/// Follows the modifier keys; what egui hears of another one.
fn strike(input: &KeyboardInput, state: &mut ModifierKeysState) -> Option<Struck> {
    let pressed = input.state == ButtonState::Pressed;
    match input.logical_key {
        Key::Shift => state.shift = pressed,
        Key::Control => state.ctrl = pressed,
        Key::Alt => state.alt = pressed,
        Key::Super | Key::Meta => state.win = pressed,
        _ => {}
    }
    let key = bevy_to_egui_key(&input.logical_key).or_else(|| bevy_to_egui_physical_key(&input.key_code))?;
    Some(Struck { key, pressed, modifiers: state.to_egui_modifiers(), writes: state.text_input_is_allowed() })
}

/// Gives each key its own modifiers; what was struck with Ctrl held writes nothing.
fn with_their_modifiers(events: &mut Vec<Event>, struck: &[Struck]) {
    let mut struck = struck.iter();
    let mut kept: Vec<Event> = Vec::with_capacity(events.len());
    for mut event in events.drain(..) {
        if let Event::Key { key, pressed, modifiers, .. } = &mut event
            && let Some(own) = struck.find(|own| (own.key, own.pressed) == (*key, *pressed))
        {
            *modifiers = own.modifiers;
            if own.pressed && !own.writes && matches!(kept.last(), Some(Event::Text(_))) {
                kept.pop();
            }
        }
        kept.push(event);
    }
    *events = kept;
}

#[cfg(test)]
mod tests {
    use bevy::input::keyboard::KeyCode;
    use egui::RawInput;

    use super::*;

    fn key(key_code: KeyCode, logical_key: Key, state: ButtonState) -> KeyboardInput {
        KeyboardInput { key_code, logical_key, state, text: None, repeat: false, window: Entity::PLACEHOLDER }
    }

    /// What bevy_egui makes of a Z that was struck while Ctrl was held, when Ctrl is up again within the frame.
    #[test]
    fn a_key_has_the_modifiers_that_were_held_when_it_was_struck() {
        let z = || Key::Character("z".into());
        let heard = [
            key(KeyCode::ControlLeft, Key::Control, ButtonState::Pressed),
            key(KeyCode::KeyZ, z(), ButtonState::Pressed),
            key(KeyCode::KeyZ, z(), ButtonState::Released),
            key(KeyCode::ControlLeft, Key::Control, ButtonState::Released),
        ];
        let mut state = ModifierKeysState::default();
        let struck: Vec<Struck> = heard.iter().filter_map(|key| strike(key, &mut state)).collect();
        let event = |pressed| Event::Key {
            key: egui::Key::Z,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let mut events = vec![Event::Text("z".to_owned()), event(true), event(false)];
        with_their_modifiers(&mut events, &struck);
        let held: Vec<_> = events
            .iter()
            .map(|event| match event {
                Event::Key { modifiers, .. } => Some(modifiers.ctrl),
                _ => None,
            })
            .collect();
        assert_eq!(held, [Some(true), Some(true)], "and nothing is written");
    }

    #[test]
    fn what_stays_as_it_was_asks_for_no_further_frame() {
        let (ctx, mut last) = (egui::Context::default(), Modifiers::NONE);
        for frame in 0..10 {
            let mut events = vec![Event::ModifiersChanged(Modifiers::NONE)];
            only_news(&mut events, &mut last);
            let output = ctx.run_ui(RawInput { events, ..RawInput::default() }, |_| {});
            let wish = output.viewport_output.values().map(|viewport| viewport.repaint_delay).min();
            output.drop_without_applying_deltas();
            // The first frames load fonts.
            assert!(frame < 5 || wish.is_some_and(|wish| !wish.is_zero()), "frame {frame}: {wish:?}");
        }
    }

    #[test]
    fn a_modifier_key_that_changes_is_told_once() {
        let (shift, mut last) = (Modifiers::SHIFT, Modifiers::NONE);
        let mut told = |now| {
            let mut events = vec![Event::ModifiersChanged(now), Event::PointerGone];
            only_news(&mut events, &mut last);
            events.len() == 2
        };
        assert_eq!([shift, shift, Modifiers::NONE, Modifiers::NONE].map(&mut told), [true, false, true, false]);
    }
}
