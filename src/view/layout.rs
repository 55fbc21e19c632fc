//! Sizes of the panels for a window: the scene keeps at least 60 % of the width.

use super::state::UiState;

/// Below this width the tree is a rail of marks, and the alarm list one line.
const COMPACT_WIDTH: f32 = 1600.0;

/// Sizes in points; 0 for a panel that is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Layout {
    /// Height of the bar.
    pub bar: f32,
    /// Width that the tree takes from the scene.
    pub tree: f32,
    /// The tree is a rail of marks.
    pub rail: bool,
    /// Width of the tree when it lies over the scene.
    pub tree_over: f32,
    /// Width of the inspector.
    pub inspector: f32,
    /// Height of the alarm list.
    pub alarms: f32,
    /// The alarm list is one line.
    pub alarms_line: bool,
    /// A small window.
    pub compact: bool,
}

/// Height of the line of alarms.
pub const ALARM_LINE: f32 = 34.0;

/// Height of one row of the alarm list.
pub const ALARM_ROW: f32 = 28.0;

impl Layout {
    /// The sizes for a window of `size` points.
    #[must_use]
    pub fn of(size: [f32; 2], ui: &UiState) -> Self {
        let [width, height] = size;
        let compact = width < COMPACT_WIDTH || height < 800.0;
        let rail = compact;
        let panels = ui.panels;
        let inspector: f32 = if compact { 320.0 } else { 380.0 };
        let line = if compact { !ui.alarms_over } else { !ui.alarms_open };
        Self {
            bar: if panels.bar { 44.0 } else { 0.0 },
            tree: match (panels.tree, rail) {
                (false, _) => 0.0,
                (true, true) => 48.0,
                (true, false) => 260.0,
            },
            rail,
            tree_over: if panels.tree && rail && ui.tree_over { 280.0_f32.min(width * 0.4) } else { 0.0 },
            // A window that is narrower still shows the scene: the inspector takes at most 40 % of it.
            inspector: if panels.inspector { inspector.min(width * 0.4) } else { 0.0 },
            alarms: match (panels.alarms, line) {
                (false, _) => 0.0,
                (true, true) => ALARM_LINE,
                (true, false) => ALARM_LINE + 4.0 * ALARM_ROW + 4.0,
            },
            alarms_line: line,
            compact,
        }
    }
}
