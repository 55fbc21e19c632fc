//! A screen that is left alone for weeks: this process opens no window itself, it starts one as a child, listens to its
//! pulse, and starts another when that one is gone or stands still: after a lost graphics device (Bevy ends the program
//! then), a driver that crashed, a display that was away. The tour goes on where it was.
//!
//! How often is bounded; a window that never came up is not tried for ever: whoever started it is told why.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::Failure;
use crate::app::kiosk::BEAT_PREFIX;

/// Between an end and the next start; doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const MOST_WAIT: Duration = Duration::from_secs(60);
/// Whatever lived so long was no false start.
const SOUND: Duration = Duration::from_secs(300);
/// A window that says nothing for so long stands still. One frame of a busy machine without a graphics card takes seconds.
const SILENCE: Duration = Duration::from_secs(90);
/// The same before its first word: it reads models and compiles shaders.
const FIRST_SILENCE: Duration = Duration::from_secs(600);
/// How long a window may take to close.
const FAREWELL: Duration = Duration::from_secs(10);

/// When to start again.
#[derive(Debug, PartialEq, Eq)]
struct Restarts {
    wait: Duration,
}

impl Restarts {
    const fn new() -> Self {
        Self { wait: FIRST_WAIT }
    }

    /// How long to wait after a life of this length.
    fn after(&mut self, life: Duration) -> Duration {
        if life >= SOUND {
            self.wait = FIRST_WAIT;
        }
        let wait = self.wait;
        self.wait = (self.wait * 2).min(MOST_WAIT);
        wait
    }
}

/// What is heard of the window.
enum Heard {
    /// Frames are drawn; the tour is at this stop.
    Beat(usize),
    /// It has closed its output: it ends.
    End,
    /// A person or the system ends this process.
    Stop,
}

/// How a window ended.
enum End {
    /// A person wanted it.
    Wanted,
    /// By itself, or because it stood still.
    Lost(String, Option<i32>),
}

/// Keeps a window running with the arguments that this process got.
///
/// # Errors
/// The first window never came up, or the system starts no processes.
pub fn supervise(args: &[OsString]) -> Result<(), Failure> {
    let (tell, told) = crossbeam_channel::unbounded();
    let stop = tell.clone();
    ctrlc::set_handler(move || {
        // An error means that nobody listens any more: this process is ending.
        let _ = stop.send(Heard::Stop);
    })
    .map_err(|error| Failure::new(format!("signals cannot be received: {error}")))?;
    let (mut at, mut beaten) = (0, false);
    let mut restarts = Restarts::new();
    loop {
        let started = Instant::now();
        // One channel a window: what a former one said last is not heard of this one.
        let (window, says) = crossbeam_channel::unbounded();
        let mut child = start(args, at, window)?;
        let end = watch(&mut child, &says, &told, &mut at, &mut beaten);
        farewell(&mut child);
        let reason = match end {
            End::Wanted => return Ok(()),
            End::Lost(reason, code) if !beaten => {
                let message = format!("the window did not come up: {reason}; the lines above say why");
                return Err(Failure { message, code: code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1) });
            }
            End::Lost(reason, _) => reason,
        };
        let wait = restarts.after(started.elapsed());
        eprintln!("twinscope: {reason}; a new window in {} s", wait.as_secs());
        if let Ok(Heard::Stop) | Err(RecvTimeoutError::Disconnected) = told.recv_timeout(wait) {
            return Ok(());
        }
    }
}

/// Starts the window at a stop of the tour; a thread reads what it says until it ends.
fn start(args: &[OsString], at: usize, tell: Sender<Heard>) -> Result<Child, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("the window could not be started: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut child = Command::new(program)
        .args(args)
        .arg(format!("--tour-from={at}"))
        // It ends when this closes, however this process ends.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let Some(out) = child.stdout.take() else { return Ok(child) };
    std::thread::Builder::new()
        .name("kiosk pulse".to_owned())
        .spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                match line.strip_prefix(BEAT_PREFIX).map(str::parse) {
                    Some(Ok(stop)) => drop(tell.send(Heard::Beat(stop))),
                    _ => super::print(&format!("{line}\n")),
                }
            }
            let _ = tell.send(Heard::End);
        })
        .map_err(failed)?;
    Ok(child)
}

/// Follows a window until it ends, stands still, or is not wanted any more.
fn watch(child: &mut Child, says: &Receiver<Heard>, told: &Receiver<Heard>, at: &mut usize, beaten: &mut bool) -> End {
    let mut heard = Instant::now();
    let mut alive = false;
    loop {
        let patience = if alive { SILENCE } else { FIRST_SILENCE };
        let left = patience.saturating_sub(heard.elapsed());
        crossbeam_channel::select! {
            recv(told) -> _ => return End::Wanted,
            recv(says) -> said => match said {
                Ok(Heard::Beat(stop)) => {
                    (*at, *beaten, alive, heard) = (stop, true, true, Instant::now());
                }
                _ => return ended(child),
            },
            default(left) => {
                return End::Lost(format!("the window has drawn nothing for {} s", patience.as_secs()), None);
            }
        }
    }
}

/// How a child that has closed its output ended.
fn ended(child: &mut Child) -> End {
    let status = patient(child).or_else(|| {
        // It says no more and does not end. Errors mean that it is gone.
        let _ = child.kill();
        child.wait().ok()
    });
    match status {
        Some(status) if status.success() => End::Wanted,
        Some(status) => End::Lost(format!("the window ended ({status})"), status.code()),
        None => End::Lost("the window ended".to_owned(), None),
    }
}

/// Waits for the end of a child for as long as it may take.
fn patient(child: &mut Child) -> Option<ExitStatus> {
    let until = Instant::now() + FAREWELL;
    while Instant::now() < until {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

/// Ends a child: politely, and then not.
fn farewell(child: &mut Child) {
    drop(child.stdin.take());
    if patient(child).is_none() {
        // Errors mean that it is gone.
        let _ = child.kill();
        let _ = child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_dies_at_once_is_started_at_most_once_a_minute() {
        let mut restarts = Restarts::new();
        let waits: Vec<u64> = (0..9).map(|_| restarts.after(Duration::from_secs(2)).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn after_a_long_life_the_next_window_comes_at_once() {
        let mut restarts = Restarts::new();
        for _ in 0..9 {
            restarts.after(Duration::from_secs(2));
        }
        assert_eq!(restarts.after(Duration::from_secs(86_400)), FIRST_WAIT);
        assert_eq!(restarts.after(Duration::from_secs(2)), FIRST_WAIT * 2);
    }
}
