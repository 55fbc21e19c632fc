//! The screens: where they are, how large, and how high in metres. The window library knows pixels only.

use x11rb::connection::Connection as _;
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _};

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

impl Screen {
    /// Height of a pixel, m.
    pub fn pixel_m(&self) -> Option<f32> {
        self.height_m.map(|height_m| height_m / self.size[1].max(1) as f32)
    }
}

/// What an X server says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Display {
    /// The screens, the primary one first; none if the server does not say.
    pub screens: Vec<Screen>,
    /// A window manager is there (Extended Window Manager Hints 1.5, `_NET_SUPPORTING_WM_CHECK`).
    pub managed: bool,
}

/// Asks the X server named by `DISPLAY`.
pub fn display() -> Display {
    ask().unwrap_or(Display { screens: Vec::new(), managed: true })
}

fn ask() -> Option<Display> {
    let (connection, number) = x11rb::connect(None).ok()?;
    let root = connection.setup().roots.get(number)?.root;
    let mut monitors = connection.randr_get_monitors(root, true).ok()?.reply().ok()?.monitors;
    monitors.sort_by_key(|monitor| !monitor.primary);
    let screen = |monitor: &x11rb::protocol::randr::MonitorInfo| Screen {
        at: [i32::from(monitor.x), i32::from(monitor.y)],
        size: [u32::from(monitor.width), u32::from(monitor.height)],
        height_m: Some(monitor.height_in_millimeters as f32 / 1_000.0).filter(|m| *m > 0.0),
    };
    let screens = monitors.iter().map(screen).collect();
    let check = connection.intern_atom(true, b"_NET_SUPPORTING_WM_CHECK").ok()?.reply().ok()?.atom;
    let owner = connection.get_property(false, root, check, AtomEnum::WINDOW, 0, 1).ok()?.reply();
    Some(Display { screens, managed: check != 0 && owner.is_ok_and(|owner| owner.value_len > 0) })
}
