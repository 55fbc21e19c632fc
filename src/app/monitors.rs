//! The screens: where they are, how large, and how high in metres. The window library knows pixels only.

use x11rb::connection::Connection as _;
use x11rb::protocol::randr::ConnectionExt as _;

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Screen {
    /// Its upper left corner, pixels.
    pub at: [i32; 2],
    /// Its size, pixels.
    pub size: [u32; 2],
    /// Its height, m, if it says so.
    pub height_m: Option<f32>,
}

/// The screens in the order of the X server, the primary one first. None if the server does not say.
pub fn screens() -> Vec<Screen> {
    ask().unwrap_or_default()
}

fn ask() -> Option<Vec<Screen>> {
    let (connection, number) = x11rb::connect(None).ok()?;
    let root = connection.setup().roots.get(number)?.root;
    let mut monitors = connection.randr_get_monitors(root, true).ok()?.reply().ok()?.monitors;
    monitors.sort_by_key(|monitor| !monitor.primary);
    let screen = |monitor: &x11rb::protocol::randr::MonitorInfo| Screen {
        at: [i32::from(monitor.x), i32::from(monitor.y)],
        size: [u32::from(monitor.width), u32::from(monitor.height)],
        height_m: Some(monitor.height_in_millimeters as f32 / 1_000.0).filter(|m| *m > 0.0),
    };
    Some(monitors.iter().map(screen).collect())
}
