//! What a window needs, asked before Bevy asks for it: a display that answers, and a graphics driver.
//! Bevy panics where these are missing; a person deserves one sentence and the remedy.

use std::time::Duration;

use x11rb::errors::ConnectError;

/// A display on another host may be some milliseconds away; one that is there answers within them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Something that the machine lacks. Its text is for the person who started the program.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Missing {
    /// No display.
    #[error(
        "there is no display: {0}\n  On a desktop, start twinscope from a terminal of that desktop.\n  \
         Over ssh, use `ssh -X`, or on a machine without a screen: xvfb-run -a twinscope demo\n  \
         Pictures need no display: twinscope render SITE.toml -o out.png"
    )]
    Display(String),
    /// A library that the window needs.
    #[error("the library {0} is missing.\n  Install what windows need: sudo apt-get install {1}")]
    Library(&'static str, &'static str),
    /// No Vulkan driver.
    #[error(
        "there is no graphics driver: no Vulkan device was found.\n  \
         Install a driver, or the software one: sudo apt-get install mesa-vulkan-drivers libvulkan1"
    )]
    Driver,
}

/// Asks the X server named by `DISPLAY` for a connection.
///
/// # Errors
/// There is no display, or it does not answer.
pub fn display() -> Result<(), Missing> {
    display_named(std::env::var("DISPLAY").ok().as_deref(), std::env::var_os("WAYLAND_DISPLAY").is_some())?;
    libraries()
}

/// Opens the libraries that the window system opens: it panics where one is missing.
#[cfg(target_os = "linux")]
fn libraries() -> Result<(), Missing> {
    use x11_dl::{xcursor::Xcursor, xinput2::XInput2, xlib::Xlib, xlib_xcb::Xlib_xcb};
    let there = [
        (Xlib::open().is_ok(), "libX11.so.6", "libx11-6"),
        (Xlib_xcb::open().is_ok(), "libX11-xcb.so.1", "libx11-xcb1"),
        (Xcursor::open().is_ok(), "libXcursor.so.1", "libxcursor1"),
        (XInput2::open().is_ok(), "libXi.so.6", "libxi6"),
        (xkbcommon_dl::xkbcommon_option().is_some(), "libxkbcommon.so.0", "libxkbcommon0"),
        (xkbcommon_dl::x11::xkbcommon_x11_option().is_some(), "libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ];
    match there.into_iter().find(|(there, ..)| !there) {
        Some((_, library, package)) => Err(Missing::Library(library, package)),
        None => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn libraries() -> Result<(), Missing> {
    Ok(())
}

fn display_named(display: Option<&str>, wayland: bool) -> Result<(), Missing> {
    let name = match display {
        Some(name) if !name.is_empty() => name,
        _ if wayland => {
            return Err(Missing::Display(
                "this is a Wayland session without Xwayland, which twinscope needs".to_owned(),
            ));
        }
        _ => return Err(Missing::Display("DISPLAY is not set".to_owned())),
    };
    let refuse = |why: &str| Missing::Display(format!("the display {name} {why}"));
    // X11 over TCP listens on port 6000 and the number; the library takes the sum for granted.
    let number = name.rsplit(':').next().and_then(|end| end.split('.').next()?.parse::<u16>().ok());
    if number.and_then(|number| number.checked_add(6_000)).is_none() {
        return Err(refuse("is not a name like :0"));
    }
    // The whole greeting, with the cookie of the session: a server may answer and refuse us. In a thread, because a host
    // that is not there answers only after minutes.
    let (tell, told) = std::sync::mpsc::channel();
    let asked = name.to_owned();
    let asking = std::thread::Builder::new().name("display".to_owned()).spawn(move || {
        // Nobody waits any more: it took too long.
        let _ = tell.send(x11rb::connect(Some(&asked)).map(drop));
    });
    if asking.is_err() {
        return Err(refuse("could not be asked: the system is out of threads"));
    }
    match told.recv_timeout(PATIENCE) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(ConnectError::DisplayParsingError(_))) => Err(refuse("is not a name like :0")),
        Ok(Err(ConnectError::SetupFailed(setup))) => {
            let reason = String::from_utf8_lossy(&setup.reason);
            Err(refuse(&format!("belongs to somebody else and refuses us ({})", reason.trim())))
        }
        Ok(Err(ConnectError::SetupAuthenticate(_))) => Err(refuse("belongs to somebody else and refuses us")),
        Ok(Err(_)) | Err(_) => Err(refuse("does not answer")),
    }
}

/// Vulkan (Metal on a Mac). Not OpenGL: it lacks the storage buffer that parts are coloured by.
const BACKENDS: wgpu::Backends = wgpu::Backends::PRIMARY;

/// What Bevy is told to draw with: the same as is asked for here.
pub fn render_plugin(synchronous_pipeline_compilation: bool) -> bevy::render::RenderPlugin {
    let settings = bevy::render::settings::WgpuSettings { backends: Some(BACKENDS), ..Default::default() };
    bevy::render::RenderPlugin {
        render_creation: settings.into(),
        synchronous_pipeline_compilation,
        ..Default::default()
    }
}

/// Asks for a graphics adapter, as Bevy will.
///
/// # Errors
/// There is none.
pub fn driver() -> Result<(), Missing> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = BACKENDS;
    let instance = wgpu::Instance::new(descriptor);
    let adapters = bevy::tasks::block_on(instance.enumerate_adapters(BACKENDS));
    if adapters.is_empty() { Err(Missing::Driver) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(display: Option<&str>, wayland: bool, says: &str) {
        let error = display_named(display, wayland).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn a_missing_display_says_so_and_what_to_do() {
        refused(None, false, "DISPLAY is not set");
        refused(Some(""), false, "xvfb-run");
    }

    #[test]
    fn wayland_alone_names_xwayland() {
        refused(None, true, "Xwayland");
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        refused(Some("zero"), false, "not a name like :0");
        refused(Some(":x"), false, "not a name like :0");
        refused(Some("localhost:65000"), false, "not a name like :0");
    }

    #[test]
    fn a_display_that_is_not_there_does_not_answer() {
        refused(Some(":59001"), false, "does not answer");
    }
}
